"""What a batch did, counted by files and by records, and its report.

Knows figures and what is told. Does not know how a file is read.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ingest.works.unite import Outcome
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.system.names import shown

OUTCOMES: tuple[Outcome, ...] = ("new", "united", "unchanged", "changed")
MANY_TOLD = 500
"""Unions that a report tells one by one; the rest is in ``kgrag duplicates list``."""


@dataclass
class Tally:
    """What a batch did so far; the JSON of ``kgrag ingest`` is made from it."""

    documents: int = 0
    passages: int = 0
    skipped: int = 0
    files: int = 0
    new: int = 0
    united: int = 0
    unchanged: int = 0
    changed: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    unions: list[dict[str, Any]] = field(default_factory=list)
    left: list[dict[str, Any]] = field(default_factory=list)
    quarantined: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def records(self) -> dict[str, int]:
        """Records by what became of them."""
        return {name: getattr(self, name) for name in OUTCOMES}

    def count(self, outcome: Outcome, n: int = 1) -> None:
        """Some records more of an outcome."""
        setattr(self, outcome, getattr(self, outcome) + n)

    def tells_more(self) -> bool:
        """Whether one more union is told by itself."""
        return len(self.unions) < MANY_TOLD

    def quarantine(self, path: str, reason: str, record: int | None = None) -> None:
        """Name a file, or a record of it (by its number from 0), that could not be read."""
        reason = shown(reason)
        place = path if record is None else f"{path}#{record}"
        self.quarantined.append({"path": place, "reason": reason})
        self.refused.append({"path": path, "record": record, "reason": reason})


def report(catalogue: Catalogue, tally: Tally) -> dict[str, Any]:
    """The object of ``kgrag ingest --json``."""
    counts = {
        name: catalogue.count(table)
        for name, table in (("passages", t.passages), ("entities", t.entities), ("statements", t.statements))
    }
    return {
        "documents": tally.documents,
        **counts,
        "skipped": tally.skipped,
        **tally.records,
        "refused": tally.refused,
        "unions": tally.unions,
        "left": tally.left,
        "quarantined": tally.quarantined,
        "warnings": [*tally.warnings, *tally.notes],
        "seconds": round(tally.seconds, 3),
    }
