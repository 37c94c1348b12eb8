"""Unites the records of a review's sets: what one set after another brought, and what was there before.

Knows titles and identifiers. Records are one where they share a DOI or PMID, or have the same title and year
and no two different identifiers of one kind; the same title otherwise (a preprint and its article) makes a
group, and nothing is taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kgrag.language.names import plain

IDENTIFIERS = ("doi", "pmid", "document")
SHORTEST = 15
"""Letters of a title that tells a work; *Editorial* does not."""


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """A record to decide on. ``sets`` are the numbers of the sets that brought it."""

    id: str
    title: str
    abstract: str
    year: int | None
    venue: str
    authors: tuple[str, ...]
    identifiers: Mapping[str, str]
    sets: tuple[int, ...] = ()


@dataclass(slots=True, eq=False, weakref_slot=True)
class United:
    """The records of all sets so far, and how many each set brought that were there; equal only to itself.

    ``records`` by id, in the order they came.
    """

    records: dict[str, ReviewRecord]
    _by_key: dict[str, str]

    @classmethod
    def empty(cls) -> United:
        """Before the first set."""
        return cls({}, {})

    def copied(self) -> United:
        """One that may take more without the other."""
        return United(dict(self.records), dict(self._by_key))

    def take(self, number: int, rows: Iterable[Mapping[str, Any]]) -> int:
        """Take the records of a set in; returns how many of them were there already, or twice in it."""
        again = 0
        for row in rows:
            record = _record(row, number, f"r{len(self.records) + 1}")
            known = self._known(record)
            if known is not None:
                again += 1
                record = _one(known, record)
            self.records[record.id] = record
            for key in _keys(record):
                self._by_key.setdefault(key, record.id)
        return again

    def groups(self) -> list[list[str]]:
        """Ids of records with one title that are not one record, as groups."""
        by_title: dict[str, list[str]] = {}
        for record in self.records.values():
            if len(title := plain(record.title)) >= SHORTEST:
                by_title.setdefault(title, []).append(record.id)
        return [ids for ids in by_title.values() if len(ids) > 1]

    def _known(self, record: ReviewRecord) -> ReviewRecord | None:
        for key in _keys(record):
            known = self.records.get(self._by_key.get(key, ""))
            if known is not None and (not key.startswith("title:") or _agree(known, record)):
                return known
        return None


def _keys(record: ReviewRecord) -> list[str]:
    keys = [
        f"{kind}:{record.identifiers[kind].lower()}" for kind in IDENTIFIERS if record.identifiers.get(kind)
    ]
    title = plain(record.title)
    return [*keys, f"title:{record.year}:{title}"] if len(title) >= SHORTEST else keys


def _agree(one: ReviewRecord, other: ReviewRecord) -> bool:
    return all(
        one.identifiers[kind].lower() == other.identifiers[kind].lower()
        for kind in IDENTIFIERS
        if one.identifiers.get(kind) and other.identifiers.get(kind)
    )


def _one(known: ReviewRecord, new: ReviewRecord) -> ReviewRecord:
    """One record of two: what the first lacks comes from the other."""
    return ReviewRecord(
        known.id,
        known.title or new.title,
        known.abstract or new.abstract,
        known.year if known.year is not None else new.year,
        known.venue or new.venue,
        known.authors or new.authors,
        {**new.identifiers, **known.identifiers},
        tuple(dict.fromkeys((*known.sets, *new.sets))),
    )


def _record(row: Mapping[str, Any], number: int, identifier: str) -> ReviewRecord:
    return ReviewRecord(
        identifier,
        row.get("title") or "",
        row.get("abstract") or "",
        row.get("year"),
        row.get("venue") or "",
        tuple(row.get("authors") or ()),
        {kind: str(value) for kind, value in (row.get("identifiers") or {}).items() if value},
        (number,),
    )
