"""A record from the fields of MARC 21 or UNIMARC, whatever carries them, with its linked fields in place.

Knows how to tell the two apart and how a field is linked to the same in another script (880). What fields
mean is in ``marc_fields`` and ``unimarc``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ingest.readers.base import BrokenRecord
from ingest.readers.catalogues.marc_fields import MarcField, marc_field, sub
from ingest.readers.catalogues.unimarc import unimarc_field
from ingest.readers.exports.fields import to_record
from kgrag.types import Record

_LINK = re.compile(r"^(\d{3})-(\d\d)")


def marc_record(fields: Sequence[MarcField], path: Path, reader: str, number: int) -> Record | BrokenRecord:
    """A record from the fields of MARC 21 or UNIMARC, whatever their carrier."""
    values: dict[str, list[str]] = {}

    def put(name: str, value: str) -> None:
        if value:
            values.setdefault(name, []).append(value)

    meaning = unimarc_field if is_unimarc([tag for tag, _, _ in fields]) else marc_field
    for tag, _, parts in in_own_script(fields):
        meaning(tag, parts, put)
    values["author"] = values.pop("main_author", []) + values.get("author", [])
    if not values.get("title"):
        values["title"] = values.pop("title_uniform", [])
    if not values["title"]:
        reason = f"Record {number} of {path.name} has no title (field 245, or 200 in UNIMARC)."
        return BrokenRecord(path, number, reason)
    values["kind"] = [_kind(values)]
    return to_record({name: items for name, items in values.items() if items}, path, reader, number)


def _kind(values: Mapping[str, list[str]]) -> str:
    """What the record describes, as its own fields and its host's tell."""
    if values.get("venue"):
        return "chapter" if values.get("container_isbn") and not values.get("issn") else "article-journal"
    if values.get("thesis_note"):
        return "thesis"
    return "book" if values.get("isbn") else ""


def is_unimarc(tags: Sequence[str]) -> bool:
    """Whether a record with these tags is UNIMARC: its title is in 200, that of MARC 21 in 245."""
    return "200" in tags and "245" not in tags


def in_own_script(fields: Sequence[MarcField]) -> Iterator[MarcField]:
    """The fields; where one is linked to the same in another script (880), that one in its place, and behind
    it the romanised form under the tag ``~TAG``.
    """
    linked = {}
    for tag, second, parts in fields:
        if tag == "880" and (match := _LINK.match(sub(parts, "6"))):
            linked[match.groups()] = (match[1], second, parts)
    for tag, second, parts in fields:
        match = _LINK.match(sub(parts, "6"))
        if tag != "880" and match and (other := linked.pop((tag, match[2]), None)):
            yield other
            yield f"~{tag}", second, parts
        elif tag != "880":
            yield tag, second, parts
    yield from linked.values()
