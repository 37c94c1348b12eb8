"""Reads a review from its trail: sets, records, the team, decisions and what they come to.

Knows what each kind of event means; no table and no person's rights. The same trail gives the same review.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from kgrag.errors import NotFound
from kgrag.review.project.records import ReviewRecord, United
from kgrag.review.project.trail import Event

Stage = Literal["abstract", "full"]
Verdict = Literal["include", "exclude", "maybe"]
STAGES: tuple[Stage, ...] = ("abstract", "full")
VERDICTS: tuple[Verdict, ...] = ("include", "exclude", "maybe")
ROLES = ("lead", "screener", "reader")


@dataclass(frozen=True, slots=True)
class RecordSet:
    """Records that came together: from a file, a database's search, a harvest."""

    number: int
    name: str
    origin: str
    query: str
    at: str
    records: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's word on a record at a stage."""

    seq: int
    person: str
    record: str
    stage: Stage
    verdict: Verdict
    reason: str
    at: str


@dataclass(slots=True)
class Review:
    """A review as its trail tells it. ``screeners``: how many must agree on a record."""

    id: str
    question: str = ""
    kind: str = "free"
    protocol: Mapping[str, Any] = field(default_factory=dict)
    screeners: int = 1
    begun: str = ""
    team: dict[str, str] = field(default_factory=dict)
    sets: list[RecordSet] = field(default_factory=list)
    united: United = field(default_factory=United.empty)
    decisions: dict[tuple[Stage, str, str], Decision] = field(default_factory=dict)
    settled: dict[tuple[Stage, str], Decision] = field(default_factory=dict)
    not_retrieved: set[str] = field(default_factory=set)

    @property
    def records(self) -> dict[str, ReviewRecord]:
        """All records by id, duplicates united."""
        return self.united.records

    def record(self, identifier: str) -> ReviewRecord:
        """One record.

        Raises:
            NotFound: the review has none of that id.
        """
        if identifier not in self.records:
            raise NotFound(
                f"Review '{self.id}' has no record '{identifier}'; they are r1 to r{len(self.records)}."
            )
        return self.records[identifier]

    def of(self, stage: Stage, record: str) -> list[Decision]:
        """What was said of a record at a stage, in the order of saying."""
        said = [d for (s, _, r), d in self.decisions.items() if s == stage and r == record]
        return sorted(said, key=lambda one: one.seq)

    def said(self, stage: Stage) -> dict[str, list[Decision]]:
        """What was said of each record at a stage, in the order of saying; a lead's last word is the last."""
        found: dict[str, list[Decision]] = {}
        for (its_stage, _, record), decision in self.decisions.items():
            if its_stage == stage:
                found.setdefault(record, []).append(decision)
        for decisions in found.values():
            decisions.sort(key=lambda one: one.seq)
        for (its_stage, record), decision in self.settled.items():
            if its_stage == stage:
                found.setdefault(record, []).append(decision)
        return found

    def outcome(self, stage: Stage, record: str) -> Verdict | Literal["conflict"] | None:
        """What a record came to at a stage; None while too few have decided."""
        return self.outcomes(stage).get(record)

    def outcomes(self, stage: Stage) -> dict[str, Verdict | Literal["conflict"]]:
        """What each record came to at a stage; those that too few have decided on are not there.

        A lead's word settles; else so many must have said the same. *Maybe* is kept as it is.
        """
        said: dict[str, list[Verdict]] = {}
        for (its_stage, _, record), decision in self.decisions.items():
            if its_stage == stage:
                said.setdefault(record, []).append(decision.verdict)
        found: dict[str, Verdict | Literal["conflict"]] = {}
        for record, verdicts in said.items():
            if len(verdicts) >= self.screeners:
                found[record] = verdicts[0] if len(set(verdicts)) == 1 else "conflict"
        for (its_stage, record), decision in self.settled.items():
            if its_stage == stage:
                found[record] = decision.verdict
        return found

    def at_stage(self, stage: Stage) -> list[str]:
        """Ids of the records that are to be decided on at a stage."""
        if stage == "abstract":
            return list(self.records)
        passed = self.outcomes("abstract")
        return [r for r in self.records if passed.get(r) == "include" and r not in self.not_retrieved]

    def reasons(self, stage: Stage) -> Counter[str]:
        """Why records were excluded at a stage: for each its settling reason, or the first given."""
        why: Counter[str] = Counter()
        for record, outcome in self.outcomes(stage).items():
            if outcome == "exclude":
                settled = self.settled.get((stage, record))
                given = [settled] if settled else self.of(stage, record)
                why[next((d.reason for d in given if d.reason), "no reason given")] += 1
        return why


def read(review: str, events: Iterable[Event]) -> Review:
    """The review that a trail tells."""
    state = Review(review)
    undone = set()
    events = list(events)
    for event in events:
        if event.kind == "undone":
            undone.add(int(event.body["seq"]))
    for event in events:
        if event.seq not in undone:
            apply(state, event)
    return state


def apply(state: Review, event: Event) -> None:
    """Take one more event in; one that takes another back is for ``read`` alone."""
    _MEANINGS.get(event.kind, _nothing)(state, event)


def copied(review: Review) -> Review:
    """A review that may be changed without the other."""
    return replace(
        review,
        team=dict(review.team),
        sets=list(review.sets),
        decisions=dict(review.decisions),
        settled=dict(review.settled),
        not_retrieved=set(review.not_retrieved),
    )


def _nothing(state: Review, event: Event) -> None:
    """Events that only tell (exports, notes)."""


def _created(state: Review, event: Event) -> None:
    state.question, state.kind = event.body["question"], event.body.get("kind", "free")
    state.protocol, state.screeners = event.body.get("protocol", {}), int(event.body.get("screeners", 1))
    state.begun = event.at
    state.team[event.person] = "lead"


def _member(state: Review, event: Event) -> None:
    state.team[event.body["person"]] = event.body["role"]


def _set(state: Review, event: Event) -> None:
    number, rows = len(state.sets) + 1, event.body["records"]
    state.united = state.united.copied()
    again = state.united.take(number, rows)
    state.sets.append(
        RecordSet(
            number,
            event.body["name"],
            event.body["origin"],
            event.body.get("query", ""),
            event.at,
            len(rows),
            again,
        )
    )


def _decision(event: Event) -> Decision:
    body = event.body
    return Decision(
        event.seq,
        event.person,
        body["record"],
        body["stage"],
        body["verdict"],
        body.get("reason", ""),
        event.at,
    )


def _decided(state: Review, event: Event) -> None:
    decision = _decision(event)
    state.decisions[decision.stage, decision.person, decision.record] = decision


def _settled(state: Review, event: Event) -> None:
    decision = _decision(event)
    state.settled[decision.stage, decision.record] = decision


def _not_retrieved(state: Review, event: Event) -> None:
    state.not_retrieved.add(event.body["record"])


_MEANINGS = {
    "created": _created,
    "member": _member,
    "set": _set,
    "decided": _decided,
    "settled": _settled,
    "not-retrieved": _not_retrieved,
}
