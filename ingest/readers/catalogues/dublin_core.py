"""Dublin Core: alone, in a list, or in an answer to OAI-PMH.

Knows unqualified Dublin Core, and how DSpace and others fill it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, year_of
from ingest.readers.catalogues.marc_fields import place_in_host
from ingest.readers.catalogues.oai import withdrawn
from ingest.readers.exports.fields import to_record
from ingest.readers.xml import Element, local, root_name, stream, text_of
from kgrag.errors import ReadError
from kgrag.types import Record


class DublinCoreReader:
    """Records of Dublin Core: alone, in a list, or in an answer to OAI-PMH."""

    name = "dublin-core"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where Dublin Core's namespace stands in an XML head that is no page and no MARC."""
        text = decoded_head(head)
        root = root_name(text)
        if not root or root.lower() == "html" or "loc.gov/MARC21" in text:
            return 0.0
        return (
            0.9
            if "purl.org/dc/" in text and re.search(r"<(?:\w+:)?(?:title|identifier|creator)\b", text)
            else 0.6
            if root == "OAI-PMH"
            else 0.0
        )

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file; one that was deleted at its source is broken.

        Raises:
            ReadError: without any record.
        """
        number = -1
        names = ("record", "dc", "qualifieddc", "metadata", "Description")
        for number, item in enumerate(stream(path, *names)):
            yield _dublin(item, path, number)
        if number < 0:
            raise ReadError(f"{path.name} holds no Dublin Core record.")


_DC = {
    "title": "title",
    "creator": "author",
    "description": "abstract",
    "abstract": "abstract",
    "date": "year",
    "issued": "year",
    "publisher": "publisher",
    "language": "language",
    "type": "kind",
    "subject": "keyword",
    "rights": "licence",
    "license": "licence",
    "source": "source_text",
    "isPartOf": "venue",
    "bibliographicCitation": "citation",
    "contributor": "contributor",
    "relation": "relation",
    "format": "format",
}


def _dublin(item: Element, path: Path, number: int) -> Record | BrokenRecord:
    values: dict[str, list[str]] = {}
    issued: list[str] = []
    for part in item.iter():
        text = text_of(part) if len(part) == 0 else ""
        name = local(part)
        if not text:
            continue
        if name == "identifier":
            _identifier(text, values, in_header="OAI" in str(part.tag))
        elif name == "issued":
            issued.append(text)
        elif name in _DC and "purl.org/dc" in str(part.tag):
            values.setdefault(_DC[name], []).append(text)
    values["year"] = issued or _published(values.get("year", []))
    if venue := _source_title(values):
        values.setdefault("venue", [venue])
    _place(values)
    if not (values.get("title") or values.get("abstract")):
        return withdrawn(item, path, number) or BrokenRecord(
            path, number, f"Record {number} of {path.name} has neither title nor description."
        )
    return to_record(values, path, DublinCoreReader.name, number)


def _published(dates: list[str]) -> list[str]:
    """The date of publication first.

    DSpace writes the days of deposit too, with their time: a date without one is the work's own, and of
    several the earliest, for a work is deposited after it was made.
    """
    own = [date for date in dates if not re.search(r"\dT\d", date)] or dates
    return sorted(own, key=lambda date: year_of(date) or 9999)


def _identifier(text: str, values: dict[str, list[str]], in_header: bool) -> None:
    lower = text.lower()
    if in_header:
        values.setdefault("oai", []).append(text)
    if re.search(r"\bdoi\b|doi\.org", lower) or text.startswith("10."):
        values.setdefault("doi", []).append(text)
    elif lower.startswith("oai:") and not in_header:
        values.setdefault("oai", []).append(text)
    elif "isbn" in lower or re.fullmatch(r"97[89][\d-]{10,14}", text):
        values.setdefault("isbn", []).append(text)
    elif "issn" in lower:
        values.setdefault("issn", []).append(text)
    elif not in_header:
        address = re.match(r"(?:https?|ftp)://\S+$|(?:hdl|urn|ark|handle):?\S+$", text, re.I)
        values.setdefault("url" if address else "citation", []).append(text)


def _place(values: dict[str, list[str]]) -> None:
    """Volume, issue and pages, as source or citation tells them (``Title; Vol 5 No 2 (1987); 1-9``)."""
    for text in [*values.get("source_text", []), *values.get("citation", [])]:
        place = place_in_host(text)
        if not {"volume", "issue"} & set(place):
            continue
        if last := re.search(r";\s*([A-Za-z]?\d+\s*[-–]\s*[A-Za-z]?\d+)\s*$", text):
            place.setdefault("pages", last[1])
        for name in ("volume", "issue", "pages"):
            if name in place:
                values.setdefault(name, [place[name]])


def _source_title(values: dict[str, list[str]]) -> str | None:
    first = next(iter(values.get("source_text", [])), "")
    found = re.match(r"([^;,]+?)(?:;|,|\s+vol\b|$)", first, re.I)
    return found.group(1).strip() if found and not first.startswith("http") else None
