"""From a question to an answer in which every sentence points to its evidence. Read this first.

Each step takes and returns values: understand → retrieve → evidence → draft → claims and verdicts → reward →
choose → chains → answer. Knows the order of the steps; each step's knowledge is in its own module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from kgrag.answer.abstain import abstention
from kgrag.answer.answerable import probability
from kgrag.answer.by_record import record_facts, works_on
from kgrag.answer.chain import find_chain
from kgrag.answer.evidence import find_evidence, gives_orders
from kgrag.answer.judge import Judged, Shown, any_shown, contradicted, divide, judge, relevance
from kgrag.answer.recombine import recombined
from kgrag.answer.statements import align
from kgrag.ask.clock import Clock
from kgrag.backends import load_backend, open_verifier
from kgrag.catalogue.answers import answer_id, store_answer
from kgrag.catalogue.visible import documents_of_passages, is_visible, visible_entities
from kgrag.errors import ServiceUnavailable, UsageError
from kgrag.generate.extractive import ExtractiveGenerator
from kgrag.generate.replies import PROMPT
from kgrag.language.questions import asks_for_verdict, asks_for_works, subject_asked
from kgrag.library import Library
from kgrag.models.minilm import MiniLM
from kgrag.people.pseudonyms import pseudonym
from kgrag.protocols import Generator, RewardModel, Verifier
from kgrag.render.as_json import answer_to_json
from kgrag.reward.plain import MostSupportedFirst
from kgrag.reward.versions import current
from kgrag.search import Retriever
from kgrag.search.record import kept_search
from kgrag.search.understand import find_entities, look_up, understand
from kgrag.types import (
    Answer,
    AnswerStatus,
    Candidate,
    Chain,
    Claim,
    Document,
    Draft,
    Entity,
    Evidence,
    Filters,
    Hit,
    RecordFact,
    Understood,
)
from kgrag.verify.library_threshold import library_threshold
from kgrag.verify.model import DefaultVerifier
from kgrag.verify.yesno import YesNo, conclude

Progress = Callable[[str], None]
Found = Callable[[Sequence[Hit]], None]
Number = TypeVar("Number", int, float)
ANSWERABLE = 0.5
MIN_ALPHA = 0.001
N_EVIDENCE, DEEPER, N_FOR_WORKS = 16, 8, 300
RELEVANCE_WEIGHT = 2.0
"""The reward model has learned from general answers, not from this library's ranking of its own evidence:
both count.
"""


@dataclass
class Asker:
    """Answers questions over one library; keeps the models warm between questions.

    Args:
        library: an open library.
    """

    library: Library
    _reward: tuple[dict[str, Path], RewardModel] | None = field(default=None, init=False, repr=False)

    @cached_property
    def retriever(self) -> Retriever:
        """The retrieval channels."""
        return Retriever(self.library)

    @cached_property
    def generator(self) -> Generator:
        """The language model of the settings, or the extractive generator."""
        if self.library.settings.llm is None:
            return ExtractiveGenerator()
        made: Generator = load_backend("generator", "llm")(self.library.settings)
        return made

    @cached_property
    def verifier(self) -> Verifier:
        """The claim verifier of the settings."""
        made: Verifier = open_verifier(self.library.settings.verifier)
        return made

    @cached_property
    def yesno(self) -> YesNo:
        """The model of yes, no and maybe; it shares the shipped models."""
        return YesNo(
            embedder=self._shared,
            verifier=self.verifier if isinstance(self.verifier, DefaultVerifier) else None,
        )

    @property
    def reward(self) -> RewardModel:
        """The reward model of the settings, the library's own version where one is promoted; `off`: the plain
        rule.
        """
        name = self.library.settings.reward
        promoted = {"path": current(self.library.folder)} if name == "default" else {}
        if self._reward is None or self._reward[0] != promoted:
            self._reward = (
                promoted,
                (
                    MostSupportedFirst()
                    if name == "off"
                    else load_backend("reward", name)(embedder=self._shared, **promoted)
                ),
            )
        return self._reward[1]

    @property
    def _shared(self) -> MiniLM | None:
        """The library's embedder, where the shipped models can share it."""
        return self.library.embedder if isinstance(self.library.embedder, MiniLM) else None

    def warm_up(self) -> None:
        """Load the models, so that the first question is fast."""
        self.library.embedder.embed_query("warm")
        self.verifier.verify(["The library is open."], [["The library is open today."]])
        self.reward.score("Is the library open?", ["The library is open."], [])

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
            facts, works = record_facts(understood.question, hits), self._works(understood, hits, filters)
        found(hits)
        with clock("evidence"):
            evidence = self.evidence(understood, hits)
        if works or asks_for_works(understood.text) or probability(understood, evidence, hits) < ANSWERABLE:
            silent = abstention(
                understood,
                hits,
                evidence,
                self._models(),
                clock.timings_ms,
                works or facts,
                self.library.catalogue.size(filters.hidden)[0],
            )
            return self._keep(replace(silent, search=record, sight=self._sight(filters)))
        with clock("draft"):
            drafts, reason = self._drafts(understood, evidence, n)
        with clock("verify"):
            threshold = library_threshold(self.library.folder, alpha, self.verifier)
            judged = judge(drafts, evidence, self.verifier)
            if not any_shown(judged, threshold):
                judged, reason = self._quoted_instead(understood, evidence, n, judged, reason)
            if settings.recombine and (more := recombined(judged, threshold)):
                judged = [*judged, more]
        with clock("reward"):
            order = self._order(understood, judged, evidence)
        with clock("chains"):
            answer = self._compose(understood, hits, judged, order, alpha, reason, filters.hidden)
            answer = self._beside(answer, evidence)
        if answer.claims and asks_for_verdict(question):
            with clock("verdict"):
                answer = self._concluded(answer)
        return self._keep(
            replace(
                answer,
                timings_ms=dict(clock.timings_ms),
                search=record,
                record=facts,
                sight=self._sight(filters),
            )
        )

    def _readable(self, understood: Understood, hits: list[Hit], filters: Filters) -> list[Hit]:
        """The passages to read: in the place of those that give orders to a model the next ones, so that they
        push nothing out either.
        """
        if not any(gives_orders(hit) for hit in hits):
            return hits
        deeper = self.retriever.search(understood, top_k=DEEPER * len(hits), filters=filters)
        return [hit for hit in deeper if not gives_orders(hit)][: len(hits)]

    def evidence(self, understood: Understood, hits: Sequence[Hit]) -> list[Evidence]:
        """Quotes of documents that stand: what is retracted supports nothing."""
        standing = [hit for hit in hits if hit.document.retracted is None]
        catalogue = self.library.catalogue
        keys = catalogue.passage_keys([hit.passage.id for hit in standing])
        remembered = self.library.sentences.of(keys.values())
        known = {name: remembered[key] for name, key in keys.items() if key in remembered}
        return find_evidence(
            understood.text,
            standing,
            self.library.embedder,
            catalogue.objects_of(keys.values()),
            N_EVIDENCE,
            known,
        )

    def _drafts(
        self, understood: Understood, evidence: Sequence[Evidence], n: int
    ) -> tuple[list[Draft], str | None]:
        try:
            drafts = self.generator.draft(understood, evidence, n)
        except ServiceUnavailable as error:
            return (
                ExtractiveGenerator().draft(understood, evidence, n),
                f"{error} The extractive generator answered.",
            )
        if not drafts:
            return (
                ExtractiveGenerator().draft(understood, evidence, n),
                "The model gave no usable draft. The extractive generator answered.",
            )
        return drafts, None

    def _quoted_instead(
        self,
        understood: Understood,
        evidence: Sequence[Evidence],
        n: int,
        judged: list[Judged],
        reason: str | None,
    ) -> tuple[list[Judged], str | None]:
        """Where nothing that a model wrote is supported: the library's own sentences beside its drafts, and
        the reason that is shown.
        """
        if all(item.draft.maker == ExtractiveGenerator.identity for item in judged):
            return judged, reason
        quotes = judge(ExtractiveGenerator().draft(understood, evidence, n), evidence, self.verifier)
        return (
            judged + quotes,
            (
                f"Nothing that '{self.generator.identity}' wrote is supported by the library. The extractive"
                " generator answered."
            ),
        )

    def _order(
        self, understood: Understood, judged: Sequence[Judged], evidence: Sequence[Evidence]
    ) -> list[tuple[int, float]]:
        """Indices of the drafts with their rewards, best first; ties go to the earlier draft."""
        texts = [item.draft.text for item in judged]
        scores = self.reward.score(
            understood.text, texts, [e.quote for e in evidence], [item.verdicts for item in judged]
        )
        total = [
            reward + RELEVANCE_WEIGHT * relevance(item) for reward, item in zip(scores, judged, strict=True)
        ]
        return sorted(enumerate(total), key=lambda pair: (-pair[1], pair[0]))

    def _compose(
        self,
        understood: Understood,
        hits: Sequence[Hit],
        judged: Sequence[Judged],
        order: Sequence[tuple[int, float]],
        alpha: float,
        reason: str | None,
        hidden: Sequence[int],
    ) -> Answer:
        threshold = library_threshold(self.library.folder, alpha, self.verifier)
        best = next((i for i, _ in order if any_shown([judged[i]], threshold)), order[0][0])
        shown, withheld = divide(judged[best], threshold)
        if judged[best].draft.maker != judged[0].draft.maker:
            withheld = list(
                dict.fromkeys(
                    entry
                    for item in judged
                    if item.draft.maker == judged[0].draft.maker
                    for entry in divide(item, threshold)[1]
                )
            )
        text, claims = self._claims(understood, shown, threshold, alpha, hidden)
        status: AnswerStatus = "abstained" if not claims else "partial" if withheld else "answered"
        rewards = dict(order)
        return Answer(
            id="",
            question=understood.question,
            language=understood.language,
            status=status,
            reason=reason
            or (None if claims else "No sentence of any draft is supported well enough by the library."),
            text=text,
            claims=tuple(claims),
            withheld=tuple(withheld),
            documents=_documents(claims),
            candidates=tuple(
                Candidate(
                    item.draft.text, rewards[i], item.supported, i == best and bool(claims), item.draft.maker
                )
                for i, item in enumerate(judged)
            ),
            models=self._models(),
            timings_ms={},
            retrieved=tuple(hits),
            understood=understood,
        )

    def _claims(
        self,
        understood: Understood,
        shown: Sequence[Shown],
        threshold: float,
        alpha: float,
        hidden: Sequence[int],
    ) -> tuple[str, list[Claim]]:
        text, claims = "", []
        entities = self._named(understood, hidden)
        sees = partial(self._visible, hidden) if hidden else None
        for number, (sentence, verdict, evidence) in enumerate(shown, start=1):
            text += " " if text else ""
            chain = find_chain(self.library.graph, entities, evidence[0], sees)
            claims.append(
                Claim(
                    f"c{number}",
                    sentence,
                    len(text),
                    len(text) + len(sentence),
                    verdict,
                    threshold,
                    alpha,
                    evidence,
                    chain,
                )
            )
            text += sentence
        return text, claims

    def _beside(self, answer: Answer, evidence: Sequence[Evidence]) -> Answer:
        """Each claim with the graph's statements about its things, said in documents that were found, and
        with the quote that contradicts it.
        """
        found = list(dict.fromkeys(hit.document.id for hit in answer.retrieved))
        against = contradicted(answer.claims, evidence, self.verifier)
        return replace(
            answer,
            claims=tuple(
                replace(
                    claim, statements=align(self.library.catalogue, claim.text, found), contradicted_by=quote
                )
                for claim, quote in zip(answer.claims, against, strict=True)
            ),
        )

    def _concluded(self, answer: Answer) -> Answer:
        """With the verdict where the question asks for yes or no."""
        found = conclude(answer.question, answer.claims, self.yesno)
        return (
            answer
            if found is None
            else replace(answer, verdict=found, models={**answer.models, "verdict": self.yesno.identity})
        )

    def _named(self, understood: Understood, hidden: Sequence[int]) -> list[Entity]:
        """Entities from which a chain may start: those with capitals first, then any words that the library
        knows as a name.
        """
        loose = find_entities(
            understood.text, understood.language, look_up(self.library, hidden), capitals=False
        )
        return list({entity.id: entity for entity in (*understood.entities, *loose)}.values())

    def _visible(self, hidden: Sequence[int], chain: Chain) -> bool:
        """Whether every step of a path stands in documents outside hidden collections, under a name that one
        of those gives it.
        """
        catalogue = self.library.catalogue
        documents = [n.id for n in chain.nodes if n.kind == "Document"] + documents_of_passages(
            catalogue, [n.id for n in chain.nodes if n.kind == "Passage"]
        )
        entities = [Entity(n.id, n.name) for n in chain.nodes if n.kind == "Entity"]
        return (
            is_visible(catalogue, documents, hidden)
            and visible_entities(catalogue, entities, hidden) == entities
            and not any(n.kind == "Statement" for n in chain.nodes)
        )

    def _works(self, understood: Understood, hits: Sequence[Hit], filters: Filters) -> tuple[RecordFact, ...]:
        """The works on a subject, where the question asks for works; looked for by the subject's own words,
        deeper than passages are read.
        """
        if (asked := subject_asked(understood.text)) is None:
            return ()
        subject = understand(asked[1], self.library, filters.hidden)
        more = self.retriever.search(subject, top_k=N_FOR_WORKS, mode="words", filters=filters)
        return works_on(understood.text, asked[0], subject.text, [*hits, *more])

    def _models(self) -> dict[str, str]:
        return {
            "embedder": self.library.embedder.identity,
            "generator": self.generator.identity,
            "verifier": self.verifier.identity,
            "reward": self.reward.identity,
            **({"prompt": PROMPT} if self.library.settings.llm else {}),
        }

    def _sight(self, filters: Filters) -> str | None:
        """What stands for the collections hidden from who asked: answers that may differ in what they were
        found among are kept apart.
        """
        return pseudonym(self.library.folder, repr(filters.hidden), "sight") if filters.hidden else None

    def _keep(self, answer: Answer) -> Answer:
        named = replace(answer, id=answer_id(answer_to_json(answer)))
        store_answer(self.library.catalogue, answer_to_json(named))
        return named


def _documents(claims: Sequence[Claim]) -> tuple[Document, ...]:
    found: dict[str, Any] = {e.document.id: e.document for claim in claims for e in claim.evidence}
    return tuple(found.values())


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
