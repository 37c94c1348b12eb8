"""Answers a question so that every sentence points to its evidence. Read this first.

Each step takes and returns values: understand → retrieve → evidence → draft → verify (rule) → reward →
choose and compose with chains → verdict → keep. Knows the order of the steps; each step's knowledge is in its
own module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from kgrag.answer.abstain import abstention
from kgrag.answer.recorded import recorded
from kgrag.ask.clock import Clock
from kgrag.ask.compose import Composer
from kgrag.ask.drafts import drafts_of, leads_with_quotes, ordered, planned, ruled_drafts, written
from kgrag.ask.loaded import Loaded
from kgrag.ask.look import Found, Looked, look
from kgrag.ask.reading import evidence_of
from kgrag.catalogue.answers import answer_id, store_answer
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.people.history import remember
from kgrag.people.pseudonyms import pseudonym
from kgrag.people.rights import Person
from kgrag.render.as_json import answer_to_json
from kgrag.search.understand import understand
from kgrag.types import Answer, Evidence, Filters, Hit, Understood
from kgrag.verify.library_threshold import library_threshold

Progress = Callable[[str], None]
Number = TypeVar("Number", int, float)
MIN_ALPHA = 0.001


@dataclass
class Asker(Loaded):
    """Answers questions over one library; keeps the models warm between questions.

    Args:
        library: an open library.
    """

    def ask(
        self,
        question: str,
        *,
        candidates: int | None = None,
        alpha: float | None = None,
        filters: Filters = Filters(),
        progress: Progress = lambda step: None,
        found: Found = lambda hits: None,
        stopped: Callable[[], bool] = lambda: False,
        person: Person | None = None,
    ) -> Answer:
        """Answer a question, or abstain and say why; the answer is stored.

        Args:
            question: any text, English or Chinese.
            candidates: drafts compared, 1 … 9; None: the settings' number.
            alpha: share of unsupported claims tolerated, between 0 and 1; None: the settings' share.
            filters: limits to part of the library.
            progress: told each step's name as it starts.
            found: told the passages as soon as they are found.
            stopped: looked at between steps; once it says so, nothing more is done or kept.
            person: in whose history the answer is noted as it is stored; None: in nobody's.

        Raises:
            Stopped: ``stopped`` said so.
            UsageError: ``candidates`` or ``alpha`` outside its range.
        """
        settings = self.library.settings
        n = _within("candidates", settings.candidates if candidates is None else candidates, 1, 9)
        alpha = _within("alpha", settings.alpha if alpha is None else alpha, MIN_ALPHA, 1 - MIN_ALPHA)
        clock = Clock(progress, stopped)
        with clock("understand"):
            understood = understand(question, self.library, filters.hidden)
        looked = self.look(understood, filters, clock, found)
        if looked.records:
            answer = recorded(
                looked.understood, *looked.records, looked.hits, self.identities(), clock.timings_ms
            )
        elif not looked.answers:
            answer = abstention(
                looked.understood, looked.hits, looked.evidence, self.identities(), clock.timings_ms
            )
        else:
            answer = self._compose(looked, n, alpha, filters, clock)
        missing = (*answer.missing, *looked.missing)
        answer = replace(answer, language=understood.language, missing=missing)
        return self._keep(answer, looked.search, filters, person)

    def _compose(self, looked: Looked, n: int, alpha: float, filters: Filters, clock: Clock) -> Answer:
        """The best of the drafts, with the claims of it that may be shown."""
        understood, evidence, plan = looked.understood, looked.evidence, looked.plan
        with clock("draft"):
            drafted = drafts_of(self, understood, evidence, n, clock.stopped)
            drafts = planned(plan.draft if plan else None, drafted.drafts, whole=looked.needs_plan)
            if not leads_with_quotes(drafts):
                plan = None
            leads = plan is not None or (written(drafts) and leads_with_quotes(drafts))
        with clock("verify"):
            threshold = library_threshold(self.library.folder, alpha, self.verifier)
            ruled, unsupported = ruled_drafts(
                self, understood, evidence, drafts, threshold, n, drafted.written
            )
        with clock("reward"):
            order = ordered(self, understood, evidence, ruled)
            if leads:
                order.sort(key=lambda pair: pair[0] != 0)
        with clock("chains"):
            composer = Composer(self, understood, looked.hits, threshold, alpha, filters.hidden)
            answer = composer.beside(composer.answer(ruled, order, unsupported or drafted.reason), evidence)
        if plan:
            answer = replace(
                answer,
                table=plan.table(understood, answer.claims),
                missing=plan.missing,
                sections=plan.sections(answer.claims),
            )
        if answer.claims and understood.form.verdict:
            with clock("verdict"):
                answer = composer.concluded(answer)
        return replace(answer, timings_ms=dict(clock.timings_ms), cost=drafted.cost)

    def look(self, understood: Understood, filters: Filters, clock: Clock, found: Found) -> Looked:
        """What the library holds for the question; see ``kgrag.ask.look``."""
        return look(self, understood, filters, clock, found)

    def evidence(self, understood: Understood, hits: Sequence[Hit]) -> list[Evidence]:
        """Quotes of documents that stand, best first; see ``kgrag.ask.reading``."""
        return evidence_of(self, understood, hits)

    def _keep(self, answer: Answer, record: str, filters: Filters, person: Person | None) -> Answer:
        """Store the answer with its search record and the line in its asker's history, in one transaction;
        answers that may differ in what they were found among are kept apart by what stands for the hidden
        collections.
        """
        hidden = repr(filters.hidden)
        sight = pseudonym(self.library.folder, hidden, "sight") if filters.hidden else None
        answer = replace(answer, search=record, sight=sight)
        named = replace(answer, id=answer_id(answer_to_json(answer)))
        with self.library.catalogue.writing():
            store_answer(self.library.catalogue, answer_to_json(named))
            if person is not None:
                remember(self.library, person, named.id)
        return named


def _within(name: str, value: Number, low: Number, high: Number) -> Number:
    """The value, where it lies in its range; 0 is no other way to ask for the default."""
    if low <= value <= high:
        return value
    raise UsageError(
        f"{name} is {value}; it must be between {low} and {high}. Leave it out for the settings' value."
    )


def ask(question: str, library: Library, **options: Any) -> Answer:
    """One question, one answer; see ``Asker.ask`` for the options."""
    return Asker(library).ask(question, **options)
