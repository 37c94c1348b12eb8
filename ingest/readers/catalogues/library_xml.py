"""XML of libraries and repositories: MARCXML, Dublin Core (OAI-PMH answers too).

Knows the slim MARC schema and unqualified Dublin Core. Binary MARC is read in marc.py with the same table of
fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ingest.readers.base import BrokenRecord, Withdrawn, decoded_head
from ingest.readers.exports.fields import to_record
from ingest.readers.xml import Element, children, descendants, local, root_name, stream, text_of
from kgrag.errors import ReadError
from kgrag.types import Record

MarcField = tuple[str, str, list[tuple[str, str]]]
"""Tag, second indicator, subfields (code, value); a control field has one subfield with code ''."""


class MarcXmlReader:
    """MARC21 in XML."""

    name = "marcxml"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the MARC schema or its leader stands in the head."""
        text = decoded_head(head)
        return (
            0.98
            if root_name(text) in {"collection", "record", "OAI-PMH"}
            and ("loc.gov/MARC21" in text or re.search(r"<(?:\w+:)?leader>", text))
            else 0.0
        )

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file."""
        number = -1
        for number, item in enumerate(stream(path, "record")):
            yield _withdrawn(item, path, number) or marc_record(
                [*_fields(item), *_oai(item)], path, self.name, number
            )
        if number < 0:
            raise ReadError(f"{path.name} holds no MARC record.")


def _fields(item: Element) -> list[MarcField]:
    out: list[MarcField] = []
    for field in descendants(item, "controlfield", "datafield"):
        if local(field) == "controlfield":
            out.append((field.get("tag") or "", "", [("", text_of(field))]))
        else:
            out.append(
                (
                    field.get("tag") or "",
                    field.get("ind2") or "",
                    [(part.get("code") or "", text_of(part)) for part in children(field, "subfield")],
                )
            )
    return out


def marc_record(fields: Sequence[MarcField], path: Path, reader: str, number: int) -> Record | BrokenRecord:
    """A record from MARC fields, whatever their carrier."""
    values: dict[str, list[str]] = {}

    def add(name: str, value: str) -> None:
        if value:
            values.setdefault(name, []).append(value)

    for tag, _, parts in fields:
        _marc_field(tag, parts, add)
    values["author"] = values.pop("main_author", []) + values.get("author", [])
    if not values.get("title"):
        return BrokenRecord(path, number, f"Record {number} of {path.name} has no title (field 245).")
    return to_record({name: items for name, items in values.items() if items}, path, reader, number)


def _marc_field(tag: str, parts: list[tuple[str, str]], put: Callable[[str, str], None]) -> None:
    """Hands the values of one field to ``put`` under the names of ``to_record``."""

    def sub(codes: str) -> str:
        return " ".join(value for code, value in parts if code in codes).strip()

    if tag == "245":
        put("title", re.sub(r"\s+([:;,.])", r"\1", _end(sub("abnp"))))
    elif tag in {"100", "110", "111"}:
        put("main_author", _end(sub("abq" if tag != "100" else "a")))
    elif tag in {"700", "710"} and not sub("t"):
        role = sub("e4").lower()
        put("editor" if re.search(r"edt|editor|hrsg|主编", role) else "author", _end(sub("a")))
    elif tag in {"260", "264"}:
        put("publisher", _end(sub("b")))
        put("year", sub("c"))
        put("place", _end(sub("a")))
    elif tag == "OAI":
        put("oai", sub(""))
    elif tag == "008":
        control = "".join(value for _, value in parts)
        put("year", control[7:11] if control[7:11].isdigit() else "")
        put("language", control[35:38] if control[35:38].isalpha() else "")
    elif tag == "020":
        put("isbn", sub("a"))
    elif tag == "022":
        put("issn", sub("a"))
    elif tag == "024":
        put("doi" if sub("2").lower() == "doi" or sub("a").startswith("10.") else "other_id", sub("a"))
    elif tag == "041":
        put("language", sub("a")[:3])
    elif tag == "001":
        put("control_number", "".join(value for _, value in parts))
    elif tag == "520":
        put("abstract", sub("ab"))
    elif tag in {"650", "651", "600", "610", "630", "655"}:
        put("heading", "--".join(_end(value) for code, value in parts if code in "abcdvxyz"))
    elif tag == "653":
        for code, value in parts:
            if code == "a":
                put("keyword", _end(value))
    elif tag == "773":
        put("venue", _end(sub("t")))
        found = re.search(r"(?:p|pp|S)\.?\s*(\d+\s*[-–]\s*\d+)", sub("g"))
        put("pages", found.group(1) if found else "")
    elif tag == "856":
        put("url", sub("u"))
    elif tag == "300":
        put("extent", sub("abc"))
    elif tag == "250":
        put("edition", sub("a"))
    elif tag in {"490", "830"}:
        put("series", sub("av"))
    elif tag in {"540", "506"}:
        put("licence", sub("u") or sub("a"))
    elif tag == "500":
        put("note", sub("a"))


def _end(text: str) -> str:
    """Without the punctuation that MARC puts between fields; the point of an initial stays."""
    text = text.strip().rstrip(" /:;,=")
    return (
        text[:-1]
        if text.endswith(".") and not re.search(r"(?:\b\w|\b(?:Jr|Sr|etc|Inc|Ltd|Co))\.$", text)
        else text
    )


def _header(item: Element) -> Element | None:
    """The header of OAI-PMH, where the record has one."""
    return next((part for part in descendants(item, "header") if "OAI" in str(part.tag)), None)


def _withdrawn(item: Element, path: Path, number: int) -> Withdrawn | None:
    """A record whose header says that it was deleted."""
    header = _header(item)
    if header is None or header.get("status") != "deleted":
        return None
    return Withdrawn(
        path,
        number,
        f"Record {number} of {path.name} was deleted at its source.",
        text_of(next(descendants(header, "identifier"), None)),
    )


def _oai(item: Element) -> list[MarcField]:
    """The record's name at its source, as a field of its own."""
    header = _header(item)
    name = text_of(next(descendants(header, "identifier"), None)) if header is not None else ""
    return [("OAI", "", [("", name)])] if name else []


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
    for part in item.iter():
        text = text_of(part) if len(part) == 0 else ""
        name = local(part)
        if not text:
            continue
        if name == "identifier":
            _identifier(text, values, in_header="OAI" in str(part.tag))
        elif name in _DC and "purl.org/dc" in str(part.tag):
            values.setdefault(_DC[name], []).append(text)
    if venue := _source_title(values):
        values.setdefault("venue", [venue])
    if not (values.get("title") or values.get("abstract")):
        return _withdrawn(item, path, number) or BrokenRecord(
            path, number, f"Record {number} of {path.name} has neither title nor description."
        )
    return to_record(values, path, DublinCoreReader.name, number)


def _identifier(text: str, values: dict[str, list[str]], in_header: bool) -> None:
    lower = text.lower()
    if in_header:
        values.setdefault("oai", []).append(text)
    if "doi" in lower or text.startswith("10."):
        values.setdefault("doi", []).append(text)
    elif lower.startswith("oai:") and not in_header:
        values.setdefault("oai", []).append(text)
    elif "isbn" in lower or re.fullmatch(r"97[89][\d-]{10,14}", text):
        values.setdefault("isbn", []).append(text)
    elif "issn" in lower:
        values.setdefault("issn", []).append(text)
    elif not in_header:
        values.setdefault("url", []).append(text)


def _source_title(values: dict[str, list[str]]) -> str | None:
    first = next(iter(values.get("source_text", [])), "")
    found = re.match(r"([^;,]+?)(?:;|,|\s+vol\b|$)", first, re.I)
    return found.group(1).strip() if found and not first.startswith("http") else None
