"""The one record made of several that describe the same work, and which source gave each of its fields.

Knows records and how well the formats are structured. Which records are the same is for ``sameness`` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from ingest.works.fields import venues_alike
from kgrag.language.wordlists import ordered_words
from kgrag.types import Record

_STRUCTURED = ordered_words("readers_by_structure", __file__)
_APART = ("source", "blocks", "extra", "identifiers", "notices")
"""Fields of a record that are united in ways of their own."""
PLACE = ("venue", "volume", "issue", "pages", "publisher", "kind", "editors")
"""Where a work appeared. These come from one source, so that no record says what none of them did."""


def merge(records: Iterable[Record]) -> Record:
    """One record of several that describe the same work.

    Args:
        records: at least one.

    Returns:
        Bibliographic fields from the most structured source that has each, those of ``PLACE`` only from
        sources that name the same venue; blocks, the text of the paper, from the record that holds the
        longest text; ``source`` from the one that gave the text. ``extra["from:FIELD"]`` names the source of
        each field that does not come from there, ``extra["merged"]`` all sources.
    """
    listed = in_order(records)
    body = max(listed, key=lambda record: sum(len(block.text) for block in record.blocks))
    if len(listed) == 1:
        return body
    values: dict[str, Any] = {}
    came_from: dict[str, str] = {}
    for item in fields(Record):
        giver = None if item.name in _APART else giver_of(item.name, listed)
        if giver is not None:
            values[item.name] = getattr(giver, item.name)
            if giver is not body:
                came_from[f"from:{item.name}"] = source_name(giver)
    extra = _united(record.extra for record in listed)
    merged = {"merged": " | ".join(dict.fromkeys(source_name(record) for record in listed))}
    return replace(
        body,
        **values,
        identifiers=_united(record.identifiers for record in listed),
        notices=tuple(dict.fromkeys(notice for record in listed for notice in record.notices)),
        extra={**extra, **came_from, **merged},
    )


def in_order(records: Iterable[Record]) -> list[Record]:
    """The most structured source first; the same whatever order they came in."""
    return sorted(
        records, key=lambda record: (_rank(record), record.source.path, record.source.record_number)
    )


def giver_of(name: str, listed: Sequence[Record]) -> Record | None:
    """The record whose value of a field the united record has; None where none has one."""
    if name in PLACE:
        host = next((record for record in listed if record.venue), listed[0])
        listed = [host, *(each for each in listed if each is not host and _one_venue(host, each))]
    return next((record for record in listed if getattr(record, name) not in (None, (), "")), None)


def _one_venue(host: Record, record: Record) -> bool:
    return not host.venue or not record.venue or venues_alike(host, record)


def _rank(record: Record) -> int:
    reader = record.source.reader
    return _STRUCTURED.index(reader) if reader in _STRUCTURED else len(_STRUCTURED)


def source_name(record: Record) -> str:
    """A source as people read it: file, number in the file, reader."""
    return f"{record.source.path}#{record.source.record_number} ({record.source.reader})"


def _united(mappings: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """All keys; of equal ones the first value."""
    out: dict[str, str] = {}
    for mapping in mappings:
        for key, value in mapping.items():
            out.setdefault(key, value)
    return out
