"""Zotero's export in RDF: works that refer to their journals, collections and notes by address.

Knows its vocabularies (bib, foaf, prism, dc). Attachments, notes and collections are no works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head
from ingest.readers.exports.fields import to_record
from ingest.readers.exports.kinds import ZOTERO_KINDS
from ingest.readers.xml import Element, attribute, child, children, descendants, local, stream, text_of
from kgrag.errors import ReadError
from kgrag.types import Author, Record

_PLACES = {
    "title": "title",
    "abstract": "abstract",
    "date": "year",
    "pages": "pages",
    "volume": "volume",
    "number": "issue",
    "language": "language",
    "rights": "licence",
    "shortTitle": "title_short",
    "libraryCatalog": "database",
    "extra": "note",
    "description": "note",
    "edition": "edition",
}
"""Our fields by the local names of elements with text."""
_CONTAINERS = frozenset({"Journal", "Series", "Book", "Document", "Collection", "Article", "Conference"})
_NO_WORKS = frozenset({"attachment", "note", "annotation"})
_NO_RECORDS = frozenset({"Attachment", "Memo", "Collection", "AutomaticTag", "Journal", "Series", "UserItem"})


class ZoteroRdfReader:
    """Zotero RDF."""

    name = "zotero-rdf"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where RDF opens the file and Zotero's or its bibliographic namespace stands in it."""
        text = decoded_head(head)
        zotero = "www.zotero.org/namespaces/export" in text or "purl.org/net/biblio#" in text
        return 0.97 if zotero and re.search(r"<(?:\w+:)?RDF\b", text) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each work of the file; containers are read with the works that name them.

        Raises:
            ReadError: without any work.
        """
        items = [item for root in stream(path, "RDF") for item in map(deepcopy, root)]
        containers = {attribute(item, "about"): item for item in items if attribute(item, "about")}
        number = 0
        for item in items:
            if _is_work(item):
                yield _record(item, containers, path, number)
                number += 1
        if not number:
            raise ReadError(f"{path.name} is Zotero's RDF and holds no work.")


def _is_work(item: Element) -> bool:
    kind = text_of(child(item, "itemType"))
    return (
        bool(local(item))
        and local(item) not in _NO_RECORDS
        and kind not in _NO_WORKS
        and bool(kind or child(item, "authors") is not None)
    )


def _record(
    item: Element, containers: Mapping[str | None, Element], path: Path, number: int
) -> Record | BrokenRecord:
    fields = _fields(item)
    for part in children(item, "isPartOf"):
        container = next(iter(part), None) if len(part) else containers.get(attribute(part, "resource"))
        if container is not None:
            _add_container(fields, container)
    kind = text_of(child(item, "itemType"))
    fields["kind"] = [ZOTERO_KINDS.get(kind, kind)]
    authors, editors = _people(item, "authors"), _people(item, "editors")
    if not (fields.get("title") or authors or fields.get("doi")):
        reason = f"Record {number} of {path.name} has neither title, author nor DOI."
        return BrokenRecord(path, number, reason)
    return to_record(fields, path, ZoteroRdfReader.name, number, authors=authors, editors=editors)


def _fields(item: Element) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for part in item:
        if (name := _PLACES.get(local(part))) and text_of(part):
            fields.setdefault(name, []).append(text_of(part))
    fields["publisher"] = [text_of(one) for one in descendants(child(item, "publisher"), "name")]
    fields["place"] = [text_of(one) for one in descendants(child(item, "publisher"), "locality")]
    fields["keyword"] = [text_of(one) for one in children(item, "subject")]
    _add_identifiers(fields, item)
    return {name: kept for name, values in fields.items() if (kept := [value for value in values if value])}


def _add_identifiers(fields: dict[str, list[str]], item: Element) -> None:
    """``DOI 10.…``, ``ISSN 1234-5679``, and addresses."""
    for one in children(item, "identifier"):
        value = text_of(one)
        kind = value.split(" ", 1)[0].lower()
        fields.setdefault(kind if kind in ("doi", "issn", "isbn") else "url", []).append(
            value.split(" ", 1)[-1] if kind in ("doi", "issn", "isbn") else value
        )


def _add_container(fields: dict[str, list[str]], container: Element) -> None:
    """The journal's or book's title, numbers and identifiers; Zotero writes an article's DOI there."""
    inner = _fields(container)
    series = local(container) == "Series"
    for name, values in inner.items():
        if name == "title":
            fields.setdefault("series" if series else "venue", []).extend(values)
        elif name == "isbn":
            fields.setdefault("container_isbn", []).extend(values)
        elif name in ("volume", "issue", "issn", "doi", "publisher"):
            fields.setdefault(name, []).extend(values)


def _people(item: Element, name: str) -> list[Author]:
    found = []
    for person in descendants(child(item, name), "Person", "Organization"):
        family, given = text_of(child(person, "surname")), text_of(child(person, "givenName"))
        if family and given:
            found.append(Author(family, given))
        elif whole := family or given or text_of(child(person, "name")):
            found.append(Author(literal=whole))
    return found
