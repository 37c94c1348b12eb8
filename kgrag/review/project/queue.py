"""Chooses the record a screener reads next, and tells how far the screening is.

Knows a review and the ranker. What others said is not shown to who has not decided (blind). Until there is an
included and an excluded record, those come first that share most words with the question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypedDict
from weakref import WeakKeyDictionary

from kgrag.language.words import content_words
from kgrag.review.project.records import United
from kgrag.review.project.state import Review, Stage
from kgrag.review.screening.ranker import Ranker, text_of
from kgrag.review.screening.stopping import Stopping

_RANKERS: WeakKeyDictionary[United, Ranker] = WeakKeyDictionary()


class Progress(TypedDict):
    """How far a stage is. ``missing_*`` are None before anything is included."""

    records: int
    decided: int
    included: int
    excluded: int
    maybe: int
    conflicts: int
    left: int
    missing_expected: int | None
    missing_at_most: int | None
    stop_advised: bool


def queue(review: Review, stage: Stage, person: str) -> list[str]:
    """Ids of the records this person has yet to decide on at a stage, the likeliest to be included first;
    ties in the order they came.
    """
    outcomes = review.outcomes(stage)
    mine = {record for (its_stage, who, record) in review.decisions if its_stage == stage and who == person}
    said = Counter(record for (its_stage, _, record) in review.decisions if its_stage == stage)
    settled = {record for (its_stage, record) in review.settled if its_stage == stage}
    open_ones = [
        record
        for record in review.at_stage(stage)
        if record not in mine and record not in settled and said[record] < review.screeners
    ]
    if not open_ones:
        return []
    ids = list(review.records)
    scores = dict(zip(ids, _scores(review, ids, outcomes), strict=True))
    return sorted(open_ones, key=lambda record: -scores[record])  # stable: ties in the order they came


def progress(review: Review, stage: Stage) -> Progress:
    """Counts of a stage and the advice on stopping; nobody but a person excludes."""
    outcomes, wanted = review.outcomes(stage), review.at_stage(stage)
    counts = {name: sum(outcomes.get(r) == name for r in wanted) for name in ("include", "exclude", "maybe")}
    stopping = Stopping(len(wanted))
    for record in _in_order(review, stage, wanted):
        stopping.note(outcomes[record] == "include")
    missing = stopping.missing() if counts["include"] else None
    return {
        "records": len(wanted),
        "decided": sum(r in outcomes for r in wanted),
        "included": counts["include"],
        "excluded": counts["exclude"],
        "maybe": counts["maybe"],
        "conflicts": sum(outcomes.get(r) == "conflict" for r in wanted),
        "left": sum(r not in outcomes for r in wanted),
        "missing_expected": missing.expected if missing else None,
        "missing_at_most": missing.most if missing else None,
        "stop_advised": bool(wanted) and stopping.advises(),
    }


def _scores(review: Review, ids: Sequence[str], outcomes: dict[str, Any]) -> list[float]:
    """A number a record: learnt from the outcomes, or shared words with the question before there are any."""
    decided = {
        row: outcomes[record] == "include"
        for row, record in enumerate(ids)
        if outcomes.get(record) in ("include", "exclude")
    }
    if len(set(decided.values())) == 2:
        return [float(score) for score in _ranker(review).scores(decided)]
    asked = set(content_words(review.question))
    return [float(len(asked & set(content_words(text)))) for text in _texts(review)]


def _ranker(review: Review) -> Ranker:
    """The features of a review's records, made once as long as no set comes."""
    ranker = _RANKERS.get(review.united)
    if ranker is None:
        ranker = _RANKERS[review.united] = Ranker(_texts(review))
    return ranker


def _texts(review: Review) -> list[str]:
    return [text_of(record.title, record.abstract) for record in review.records.values()]


def _in_order(review: Review, stage: Stage, wanted: Sequence[str]) -> list[str]:
    """Decided records of a stage in the order of their first decision."""
    outcomes = review.outcomes(stage)
    first: dict[str, int] = {}
    for decision in sorted(review.decisions.values(), key=lambda one: one.seq):
        if decision.stage == stage:
            first.setdefault(decision.record, decision.seq)
    return sorted((r for r in wanted if r in outcomes), key=lambda r: first.get(r, 1 << 62))
