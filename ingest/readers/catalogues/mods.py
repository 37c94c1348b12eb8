"""MODS, the Library of Congress's record of works in XML, alone, in a collection or in an answer to OAI-PMH.

Knows its elements. Source: MODS 3 user guidelines.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, author_of, decoded_head, head_of
from ingest.readers.catalogues.marc_fields import role_field
from ingest.readers.catalogues.oai import oai_name, withdrawn
from ingest.readers.exports.fields import to_record
from ingest.readers.xml import Element, child, children, descendants, root_name, stream, text_of
from kgrag.errors import ReadError
from kgrag.types import Author, Record

_ORIGIN = (
    ("publisher", ("publisher",)),
    ("place", ("place", "placeTerm")),
    ("edition", ("edition",)),
)
_DATES = ("dateIssued", "copyrightDate", "dateCreated")
_DETAILS = {"volume": "volume", "issue": "issue", "number": "issue"}
_SUBJECTS = ("topic", "geographic", "temporal", "genre")
_KINDS = {
    "thesis": "thesis",
    "dissertation": "thesis",
    "article": "article-journal",
    "journal article": "article-journal",
    "academic journal": "article-journal",
    "conference publication": "paper-conference",
    "book": "book",
    "report": "report",
    "newspaper": "article-newspaper",
}


class ModsReader:
    """Records of MODS."""

    name = "mods"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where MODS opens the file or its namespace stands in an answer to OAI-PMH."""
        text = decoded_head(head)
        root = root_name(text)
        inside = root in {"OAI-PMH", "records", "collection"} and "loc.gov/mods" in text
        return 0.98 if root in {"mods", "modsCollection"} or inside else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file.

        Raises:
            ReadError: without any record.
        """
        number = -1
        inside = root_name(decoded_head(head_of(path))) == "OAI-PMH"
        for number, item in enumerate(stream(path, "record" if inside else "mods")):
            yield withdrawn(item, path, number) or _record(item, path, number)
        if number < 0:
            raise ReadError(f"{path.name} holds no record of MODS.")


def _record(item: Element, path: Path, number: int) -> Record | BrokenRecord:
    work = next(descendants(item, "mods"), item)
    fields = {name: kept for name, values in _fields(work).items() if (kept := [v for v in values if v])}
    if name := oai_name(item):
        fields["oai"] = [name]
    people = _people(work)
    if not (fields.get("title") or fields.get("abstract") or people["author"]):
        reason = f"Record {number} of {path.name} has neither title, abstract nor names."
        return BrokenRecord(path, number, reason)
    authors, editors = people["author"], people["editor"]
    return to_record(fields, path, ModsReader.name, number, authors=authors, editors=editors)


def _fields(work: Element) -> dict[str, list[str]]:
    origin, host = child(work, "originInfo"), _host(work)
    fields = {name: [text_of(child(origin, *steps))] for name, steps in _ORIGIN}
    fields["title"] = [_title(one) for one in children(work, "titleInfo") if not one.get("type")][:1]
    fields["abstract"] = [text_of(one) for one in children(work, "abstract")]
    fields["year"] = [
        text_of(date)
        for place in (origin, child(host, "originInfo"), child(host, "part"))
        for name in (*_DATES, "date")
        for date in children(place, name)
    ]
    fields["language"] = [text_of(one) for one in descendants(child(work, "language"), "languageTerm")]
    fields["kind"] = [_KINDS.get(text.lower(), text) for text in map(text_of, children(work, "genre"))][:1]
    fields["heading"] = [
        "--".join(filter(None, (text_of(part) for part in descendants(one, *_SUBJECTS))))
        for one in children(work, "subject")
    ]
    fields["note"] = [text_of(one) for one in children(work, "note")]
    fields["licence"] = [text_of(one) for one in children(work, "accessCondition")]
    fields["url"] = [text_of(one) for one in descendants(child(work, "location"), "url")]
    for one in children(work, "identifier"):
        fields.setdefault((one.get("type") or "other_id").lower(), []).append(text_of(one))
    return {**fields, **_of_host(host), **_part(host), **_part(work)}


def _host(work: Element) -> Element | None:
    """The work of which this one is a part."""
    return next((one for one in children(work, "relatedItem") if one.get("type") == "host"), None)


def _of_host(host: Element | None) -> dict[str, list[str]]:
    if host is None:
        return {}
    named = {
        (one.get("type") or "").lower(): text_of(one) for one in children(host, "identifier") if text_of(one)
    }
    venue = _title(child(host, "titleInfo"))
    found = {"venue": venue, "issn": named.get("issn", ""), "container_isbn": named.get("isbn", "")}
    return {name: [value] for name, value in found.items() if value}


def _part(item: Element | None) -> dict[str, list[str]]:
    """Volume, issue and pages, from the element ``part`` of the work or of its host."""
    part = child(item, "part")
    found: dict[str, list[str]] = {}
    for detail in children(part, "detail"):
        if (name := _DETAILS.get((detail.get("type") or "").lower())) and text_of(child(detail, "number")):
            found[name] = [text_of(child(detail, "number"))]
    extent = child(part, "extent")
    for name, place in (("page_first", "start"), ("page_last", "end"), ("pages", "list")):
        if value := text_of(child(extent, place)):
            found[name] = [value]
    return found


def _title(info: Element | None) -> str:
    """``The`` + title + part: subtitle."""
    parts = {name: text_of(child(info, name)) for name in ("nonSort", "title", "subTitle", "partName")}
    title = " ".join(filter(None, (parts["nonSort"], parts["title"])))
    for value in (parts["subTitle"], parts["partName"]):
        title = f"{title}: {value}" if value and title else title or value
    return title


def _people(work: Element) -> dict[str, list[Author]]:
    found: dict[str, list[Author]] = {"author": [], "editor": [], "contributor": []}
    for name in children(work, "name"):
        role = " ".join(text_of(one) for one in descendants(name, "roleTerm"))
        if author := _author(name):
            found[role_field(role, "author")].append(author)
    return found


def _author(name: Element) -> Author | None:
    parts = {(part.get("type") or ""): text_of(part) for part in children(name, "namePart")}
    where = text_of(child(name, "affiliation")) or None
    if name.get("type") == "corporate":
        whole = " ".join(text_of(part) for part in children(name, "namePart"))
        return Author(literal=whole, affiliation=where) if whole else None
    if parts.get("family"):
        return Author(parts["family"], parts.get("given") or None, affiliation=where)
    return author_of(parts.get("") or text_of(child(name, "displayForm")), affiliation=where)
