"""EndNote's XML export.

Knows its elements. Does not know the %-tags of the same program (``tagged_formats``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head
from ingest.readers.exports.dialects import KINDS
from ingest.readers.exports.fields import to_record
from ingest.readers.xml import Element, child, descendants, root_name, stream, text_of
from kgrag.types import Record

_PLACES = {
    "title": ("titles", "title"),
    "venue_short": ("periodical", "abbr-1"),
    "volume": ("volume",),
    "issue": ("number",),
    "pages": ("pages",),
    "publisher": ("publisher",),
    "sn": ("isbn",),
    "doi": ("electronic-resource-num",),
    "language": ("language",),
    "abstract": ("abstract",),
    "year": ("dates", "year"),
    "accession": ("accession-num",),
    "database": ("remote-database-name",),
    "note": ("notes",),
    "work_type": ("work-type",),
    "place": ("pub-location",),
    "edition": ("edition",),
    "series": ("titles", "tertiary-title"),
    "article_number": ("custom7",),
    "pmcid": ("custom2",),
    "affiliation": ("auth-address",),
}
"""Our fields by where EndNote's elements hold them."""
_LISTS = (
    ("author", ("contributors", "authors"), "author"),
    ("editor", ("contributors", "secondary-authors"), "author"),
    ("keyword", ("keywords",), "keyword"),
    ("url", ("urls",), "url"),
)
"""Our fields of several values: the elements around them and their own name."""


class EndNoteXmlReader:
    """EndNote's XML export."""

    name = "endnote-xml"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where EndNote's records open the file."""
        text = decoded_head(head)
        return (
            0.97
            if root_name(text) in {"xml", "records"}
            and re.search(r"<records?>\s*<record>|<ref-type\b|<source-app\b", text)
            else 0.0
        )

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file."""
        for number, item in enumerate(stream(path, "record")):
            fields = _fields(item)
            if fields.get("title") or fields.get("author") or fields.get("editor") or fields.get("abstract"):
                yield to_record(fields, path, self.name, number)
            else:
                yield BrokenRecord(
                    path, number, f"Record {number} of {path.name} has neither title, authors nor abstract."
                )


def _fields(item: Element) -> dict[str, list[str]]:
    """The record's fields that are not empty, by our names."""
    fields = {name: [text_of(child(item, *steps))] for name, steps in _PLACES.items()}
    for name, steps, many in _LISTS:
        fields[name] = [text_of(one) for one in descendants(child(item, *steps), many)]
    venue = text_of(child(item, "periodical", "full-title"))
    fields["venue"] = [venue or text_of(child(item, "titles", "secondary-title"))]
    kind = child(item, "ref-type")
    if kind is not None:
        name = kind.get("name") or ""
        fields["kind"] = [KINDS.get(name.lower(), name)]
        fields["edited"] = ["yes"] if name.lower() == "edited book" else []
    fields = {name: kept for name, values in fields.items() if (kept := [value for value in values if value])}
    if _of_pubmed(fields):
        fields["pmid"] = fields["accession"]
    return fields


def _of_pubmed(fields: dict[str, list[str]]) -> bool:
    """Whether the accession number is PubMed's: the database says so, or its form does."""
    numbers = fields.get("accession", [])
    database = re.search("PubMed|Medline|NLM", " ".join(fields.get("database", [])))
    return bool(numbers) and bool(database or re.fullmatch(r"\d{7,8}", " ".join(numbers)))
