"""Feeds of Atom that describe works: arXiv's answers, and others with authors and summaries.

Knows Atom's elements and those that arXiv adds. Source: RFC 4287; arXiv API user's manual.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, author_of, decoded_head
from ingest.readers.exports.fields import to_record
from ingest.readers.exports.markup import strip_tags
from ingest.readers.xml import Element, child, children, descendants, root_name, stream, text_of
from ingest.text import identifiers
from kgrag.errors import ReadError
from kgrag.types import Author, Record

_PLACES = {
    "title": "title",
    "summary": "abstract",
    "content": "abstract",
    "published": "year",
    "updated": "year",
    "doi": "doi",
    "journal_ref": "venue_text",
    "comment": "comment",
    "rights": "licence",
}
"""Our fields by the local names of elements."""
_JOURNAL = re.compile(r"^(?P<venue>\D*?[^\W\d_][.)]?)[\s,]+(?:vol\.?\s*)?(?P<volume>\d+)\b", re.I)
_PAGES = re.compile(r"(?<![\d-])([A-Za-z]?\d+)\s*[-–]+\s*([A-Za-z]?\d+)(?!\d)")


class AtomReader:
    """Entries of a feed."""

    name = "atom"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where a feed or an entry of Atom opens the file."""
        text = decoded_head(head)
        return 0.95 if root_name(text) in {"feed", "entry"} and "www.w3.org/2005/Atom" in text else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each entry of the feed.

        Raises:
            ReadError: without any entry.
        """
        number = -1
        for number, item in enumerate(stream(path, "entry")):
            yield _record(item, path, number)
        if number < 0:
            raise ReadError(f"{path.name} is a feed without any entry.")


def _record(item: Element, path: Path, number: int) -> Record | BrokenRecord:
    fields: dict[str, list[str]] = {}
    for name, field in _PLACES.items():
        values = [strip_tags(text_of(one)) for one in children(item, name)]
        fields.setdefault(field, []).extend(filter(None, values))
    if not fields["title"]:
        return BrokenRecord(path, number, f"Entry {number} of {path.name} has no title.")
    name = text_of(child(item, "id"))
    address = [name, *(link.get("href") or "" for link in children(item, "link"))]
    fields["arxiv"] = [name] if "arxiv.org/" in name else []
    fields["url"] = [one for one in address if one.startswith("http")][:1]
    fields["doi"] += [one for one in address if "doi.org/" in one]
    fields["heading"] = [one.get("term") or "" for one in children(item, "category") if one.get("term")]
    fields["kind"] = ["preprint"] if fields["arxiv"] and not fields["venue_text"] else []
    fields.update(_journal(fields.pop("venue_text")))
    fields = {field: values for field, values in fields.items() if values}
    authors = filter(None, map(_author, children(item, "author")))
    return to_record(fields, path, AtomReader.name, number, authors=authors)


def _author(item: Element) -> Author | None:
    name, address = text_of(child(item, "name")), text_of(child(item, "uri"))
    where = "; ".join(text_of(one) for one in descendants(item, "affiliation"))
    return author_of(name, identifiers.orcid(address), where or None)


def _journal(texts: list[str]) -> dict[str, list[str]]:
    """``Queue Lett. 5 (2021) 1-9`` as journal, volume and pages; the text as it stands where it has no such
    form.
    """
    text = " ".join(texts)
    match = _JOURNAL.match(text)
    if not match:
        return {"venue": [text]} if text else {}
    found = {name: [value.strip(" ,")] for name, value in match.groupdict().items()}
    pages = _PAGES.search(text, match.end())
    return {**found, "pages": [f"{pages[1]}-{pages[2]}"]} if pages else found
