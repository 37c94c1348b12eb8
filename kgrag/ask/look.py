"""What the library holds for a question: passages, records, evidence, a plan, and whether these answer it.

Knows the order in which these are looked for, and that a question without an answer in its own language is
looked for in the library's other one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kgrag.answer.abstain import asks_for_works
from kgrag.answer.answerable import can_answer
from kgrag.ask.clock import Clock
from kgrag.ask.loaded import Loaded
from kgrag.ask.plans import Plan, plan_for
from kgrag.ask.reading import evidence_of, readable
from kgrag.ask.records import records_for
from kgrag.search.across import in_other_language
from kgrag.search.record import kept_search
from kgrag.types import Evidence, Filters, Hit, RecordFact, Understood

MOST, NEARLY_ALL, LIKELY = 0.6, 0.75, 0.9
"""Shares of the question that must have been found in the other language for an answer: where the judge of
answerability says that there is one, and where it does not, as words without grammar are strange to it, but a
quote is likely to answer.
"""
Found = Callable[[Sequence[Hit]], None]


@dataclass(frozen=True)
class Looked:
    """What was found for a question as it was understood.

    Args:
        search: id of the record of the search.
        records: what the catalogue answers, and the sentence above it; where it does, nothing else is read.
        answers: whether records, or quotes, answer the question.
        missing: words of the question for which papers in the other language have none.
    """

    understood: Understood
    hits: tuple[Hit, ...]
    search: str
    records: tuple[tuple[RecordFact, ...], str] | None = None
    evidence: tuple[Evidence, ...] = ()
    plan: Plan | None = None
    answers: bool = True
    missing: tuple[str, ...] = ()

    @property
    def needs_plan(self) -> bool:
        """Whether only a plan answers: things are compared, or the question has parts."""
        return bool(self.understood.form.others or self.understood.form.parts)


def look(loaded: Loaded, understood: Understood, filters: Filters, clock: Clock, found: Found) -> Looked:
    """What the library holds for a question, in its own language or else in the library's other one."""
    own = _look(loaded, understood, filters, clock, found)
    if own.answers or (other := in_other_language(understood, loaded.library, filters)) is None:
        return own
    across = _look(loaded, other.understood, other.filters, clock, found, other.holds)
    likely = max((item.chance for item in across.evidence), default=0.0) >= LIKELY
    if other.share >= (MOST if across.answers else NEARLY_ALL if likely else 1.01):
        return replace(across, answers=True, missing=other.missing)
    return own if own.hits else replace(across, answers=False, records=None)


def _look(
    loaded: Loaded,
    understood: Understood,
    filters: Filters,
    clock: Clock,
    found: Found,
    may_tell: Callable[[Evidence], bool] = lambda item: True,
) -> Looked:
    with clock("retrieve"):
        top_k = loaded.library.settings.top_k
        record, search = kept_search(loaded.retriever, understood, top_k, "full", filters)
        hits = tuple(readable(loaded, understood, search.hits, filters))
        records = records_for(loaded, understood, hits, filters)
    found(hits)
    if records:
        return Looked(understood, hits, record, records)
    with clock("evidence"):
        evidence = tuple(filter(may_tell, evidence_of(loaded, understood, hits)))
        plan = plan_for(loaded, understood, evidence, hits, filters)
    if understood.form.others or understood.form.parts:
        answers = plan is not None
    else:
        answers = bool(plan and plan.sure) or can_answer(understood, evidence, hits)
    answers = answers and not asks_for_works(understood.form)
    return Looked(understood, hits, record, None, evidence, plan, answers)
