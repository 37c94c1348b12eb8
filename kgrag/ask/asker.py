"""Answers a question so that every sentence points to its evidence. Read this first.

Each step takes and returns values: understand → retrieve → evidence → draft → verify (rule) → reward →
choose and compose with chains → verdict → keep. Knows the order of the steps; each step's knowledge is in its
own module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from kgrag.answer.abstain import abstention, asks_for_works
from kgrag.answer.answerable import probability
from kgrag.answer.by_record import record_facts, works_on
from kgrag.answer.compare import about, compared, table_of
from kgrag.answer.evidence import find_evidence, gives_orders
from kgrag.answer.recorded import record_told, recorded, size_told, works_selected, works_told
from kgrag.ask.clock import Clock
from kgrag.ask.compose import Composer
from kgrag.ask.drafts import drafts_of, ordered, ruled_drafts
from kgrag.ask.loaded import Loaded
from kgrag.catalogue.answers import answer_id, store_answer
from kgrag.errors import UsageError
from kgrag.holdings.select import selected, works_titled
from kgrag.library import Library
from kgrag.people.pseudonyms import pseudonym
from kgrag.render.as_json import answer_to_json
from kgrag.search.record import kept_search
from kgrag.search.understand import understand
from kgrag.types import Answer, Evidence, Filters, Hit, RecordFact, Understood
from kgrag.verify.library_threshold import library_threshold

Progress = Callable[[str], None]
Found = Callable[[Sequence[Hit]], None]
Number = TypeVar("Number", int, float)
ANSWERABLE, MIN_ALPHA = 0.5, 0.001
N_EVIDENCE, DEEPER, N_FOR_WORKS = 16, 8, 300


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
        with clock("retrieve"):
            record, search = kept_search(self.retriever, understood, settings.top_k, "full", filters)
            hits = self._readable(understood, search.hits, filters)
            records = self._records(understood, hits, filters)
        found(hits)
        if records:
            answer = recorded(understood, *records, hits, self.identities(), clock.timings_ms)
            return self._keep(answer, record, filters)
        with clock("evidence"):
            evidence = self.evidence(understood, hits)
            sides = self._sides(understood, filters)
            comparison = compared(understood.form, sides) if sides else None
        if not comparison and (
            asks_for_works(understood.form) or probability(understood, evidence, hits) < ANSWERABLE
        ):
            silent = abstention(understood, hits, evidence, self.identities(), clock.timings_ms)
            return self._keep(silent, record, filters)
        with clock("draft"):
            drafts, instead = drafts_of(self, understood, evidence, n)
            drafts = [comparison, *drafts] if comparison else drafts
        with clock("verify"):
            threshold = library_threshold(self.library.folder, alpha, self.verifier)
            ruled, unsupported = ruled_drafts(self, understood, evidence, drafts, threshold, n)
        with clock("reward"):
            order = ordered(self, understood, evidence, ruled)
            order.sort(key=lambda pair: not (comparison and pair[0] == 0))
        with clock("chains"):
            composer = Composer(self, understood, hits, threshold, alpha, filters.hidden)
            answer = composer.beside(composer.answer(ruled, order, unsupported or instead), evidence)
        if comparison and answer.claims:
            answer = replace(answer, table=table_of(understood.form, answer.claims, sides))
        if answer.claims and understood.form.verdict:
            with clock("verdict"):
                answer = composer.concluded(answer)
        return self._keep(replace(answer, timings_ms=dict(clock.timings_ms)), record, filters)

    def evidence(self, understood: Understood, hits: Sequence[Hit]) -> list[Evidence]:
        """Quotes of documents that stand: what is retracted supports nothing."""
        standing = [hit for hit in hits if hit.document.retracted is None]
        catalogue = self.library.catalogue
        keys = catalogue.passage_keys([hit.passage.id for hit in standing])
        remembered = self.library.sentences.of(keys.values())
        known = {name: remembered[key] for name, key in keys.items() if key in remembered}
        objects = catalogue.objects_of(keys.values())
        return find_evidence(understood.text, standing, self.library.embedder, objects, N_EVIDENCE, known)

    def _sides(self, understood: Understood, filters: Filters) -> list[list[Evidence]]:
        """The evidence about each of the things that are compared; empty where none are."""
        things = understood.form.others
        rest = understood.text
        for thing in things:
            rest = rest.replace(thing, " ")
        sides = []
        for thing, other in zip(things, reversed(things), strict=True):
            asked = f"{thing} {rest}" if understood.form.wanted else thing
            side = understand(asked, self.library, filters.hidden)
            hits = self.retriever.search(side, top_k=self.library.settings.top_k, filters=filters)
            sides.append(about(thing, other, self.evidence(side, self._readable(side, hits, filters))))
        return sides

    def _readable(self, understood: Understood, hits: list[Hit], filters: Filters) -> list[Hit]:
        """The passages to read: in the place of those that give orders to a model the next ones, so that they
        push nothing out either.
        """
        if not any(gives_orders(hit) for hit in hits):
            return hits
        deeper = self.retriever.search(understood, top_k=DEEPER * len(hits), filters=filters)
        return [hit for hit in deeper if not gives_orders(hit)][: len(hits)]

    def _records(
        self, understood: Understood, hits: Sequence[Hit], filters: Filters
    ) -> tuple[tuple[RecordFact, ...], str] | None:
        """What the catalogue's records answer, and the sentence above it; None where they do not."""
        form, catalogue = understood.form, self.library.catalogue
        if form.records and (works := selected(catalogue, form.records, filters)) is not None:
            return works_selected(form.records, works, understood.language)
        if form.kind == "size":
            return (), size_told(catalogue.size(filters.hidden)[0], understood.language)
        if form.kind == "works" and (facts := self._works(understood, hits, filters)):
            return facts, works_told(facts, form.thing, understood.language)
        if form.kind == "record":
            named = works_titled(catalogue, form.thing, filters)
            facts = record_facts(form, [*named, *(hit.document for hit in hits)])
            return (facts, record_told(understood.language)) if facts else None
        return None

    def _works(self, understood: Understood, hits: Sequence[Hit], filters: Filters) -> tuple[RecordFact, ...]:
        """The works on a subject; looked for by the subject's own words, deeper than passages are read."""
        subject = understand(understood.form.thing, self.library, filters.hidden)
        more = self.retriever.search(subject, top_k=N_FOR_WORKS, mode="words", filters=filters)
        return works_on(understood.form, subject.text, [*hits, *more])

    def _keep(self, answer: Answer, record: str, filters: Filters) -> Answer:
        """Store the answer with its search record; answers that may differ in what they were found among are
        kept apart by what stands for the hidden collections.
        """
        hidden = repr(filters.hidden)
        sight = pseudonym(self.library.folder, hidden, "sight") if filters.hidden else None
        answer = replace(answer, search=record, sight=sight)
        named = replace(answer, id=answer_id(answer_to_json(answer)))
        store_answer(self.library.catalogue, answer_to_json(named))
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
