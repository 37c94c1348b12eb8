"""Makes the answer from the chosen draft: claims with their chains, what stands beside them, the verdict.

Knows the answer's parts and the graph. Does not choose the draft, and stores nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from kgrag.answer.chain import find_chain
from kgrag.answer.judge import Ruled, Shown, contradicted
from kgrag.answer.sense import sense_of
from kgrag.answer.statements import align
from kgrag.ask.loaded import Loaded
from kgrag.catalogue.visible import documents_of_passages, is_visible, visible_entities
from kgrag.holdings.knowledge.concepts import asked
from kgrag.types import (
    Answer,
    AnswerStatus,
    Candidate,
    Chain,
    Claim,
    Document,
    Entity,
    Evidence,
    Hit,
    Understood,
)
from kgrag.verify.yesno import conclude

NOTICES = {
    "retraction": ("a retraction notice", "撤稿声明"),
    "correction": ("a correction", "更正"),
    "concern": ("an expression of concern", "关注声明"),
}
"""Kinds of documents that are notices of other works, in both languages."""


@dataclass(frozen=True)
class Composer:
    """Makes the answer to one question.

    Args:
        loaded: the library and its models.
        understood: the question.
        hits: the passages found.
        threshold: from which score a claim is shown; ``alpha`` the share it was made for.
        hidden: keys of collections that the person may not see.
    """

    loaded: Loaded
    understood: Understood
    hits: Sequence[Hit]
    threshold: float
    alpha: float
    hidden: Sequence[int]

    def answer(
        self, ruled: Sequence[Ruled], order: Sequence[tuple[int, float]], reason: str | None
    ) -> Answer:
        """The best draft of which something is shown, as an answer.

        Args:
            ruled: the drafts.
            order: their indices with their rewards, best first.
            reason: why another generator answered; None where none did.
        """
        best = next((i for i, _ in order if ruled[i].shown), order[0][0])
        text, claims = self._claims(ruled[best].shown)
        withheld = _withheld(ruled, best)
        status: AnswerStatus = "abstained" if not claims else "partial" if withheld else "answered"
        if not claims and reason is None:
            reason = "No sentence of any draft is supported well enough by the library."
        rewards = dict(order)
        return Answer(
            id="",
            question=self.understood.question,
            language=self.understood.language,
            status=status,
            reason=reason or self._notice(claims),
            text=text,
            claims=tuple(claims),
            withheld=withheld,
            documents=_documents(claims),
            candidates=tuple(
                _candidate(item, rewards[i], i == best and bool(claims)) for i, item in enumerate(ruled)
            ),
            models=self.loaded.identities(),
            timings_ms={},
            retrieved=tuple(self.hits),
            understood=self.understood,
        )

    def beside(self, answer: Answer, evidence: Sequence[Evidence]) -> Answer:
        """Each claim with the graph's statements about its things, said in documents that were found, and
        with the quote that contradicts it.
        """
        found = list(dict.fromkeys(hit.document.id for hit in answer.retrieved))
        against = contradicted(answer.claims, evidence, self.loaded.verifier)
        catalogue = self.loaded.library.catalogue
        claims = [
            replace(claim, statements=align(catalogue, claim.text, found), contradicted_by=quote)
            for claim, quote in zip(answer.claims, against, strict=True)
        ]
        return replace(answer, claims=tuple(claims))

    def concluded(self, answer: Answer) -> Answer:
        """The answer with the verdict where the question asks for yes or no."""
        found = conclude(self.understood, answer.claims, self.loaded.yesno)
        if found is None:
            return answer
        return replace(answer, verdict=found, models={**answer.models, "verdict": self.loaded.yesno.identity})

    def _notice(self, claims: Sequence[Claim]) -> str | None:
        """What the reader must know of the works that the claims rest on: that one is itself a notice."""
        works = {item.document.id: item.document for claim in claims for item in claim.evidence}
        told = [NOTICES[work.record.kind] for work in works.values() if work.record.kind in NOTICES]
        if not told:
            return None
        english, chinese = told[0]
        if self.understood.language == "zh":
            return f"此回答所依据的文献本身是{chinese}：请查看它所涉及的原文。"
        return f"This rests on {english}: read what it says of the work that it is about."

    def _claims(self, shown: Sequence[Shown]) -> tuple[str, list[Claim]]:
        text, claims = "", []
        entities = self._named()
        sees = partial(self._visible, self.hidden) if self.hidden else None
        for number, (sentence, verdict, evidence) in enumerate(shown, start=1):
            text += " " if text else ""
            chain = find_chain(self.loaded.library.graph, entities, evidence[0], sees)
            claims.append(
                Claim(
                    f"c{number}",
                    sentence,
                    len(text),
                    len(text) + len(sentence),
                    verdict,
                    self.threshold,
                    self.alpha,
                    evidence,
                    chain,
                    sense=sense_of(evidence[0]),
                )
            )
            text += sentence
        return text, claims

    def _named(self) -> list[Entity]:
        """Concepts from which a chain may start: those that the question names."""
        catalogue = self.loaded.library.catalogue
        return visible_entities(catalogue, asked(catalogue, self.understood.text), self.hidden)

    def _visible(self, hidden: Sequence[int], chain: Chain) -> bool:
        """Whether every step of a path stands in documents outside hidden collections, under a name that one
        of those gives it.
        """
        catalogue = self.loaded.library.catalogue
        passages = [node.id for node in chain.nodes if node.kind == "Passage"]
        documents = [node.id for node in chain.nodes if node.kind == "Document"]
        documents += documents_of_passages(catalogue, passages)
        entities = [Entity(node.id, node.name) for node in chain.nodes if node.kind in ("Concept", "Entity")]
        return (
            is_visible(catalogue, documents, hidden)
            and visible_entities(catalogue, entities, hidden) == entities
            and not any(node.kind == "Statement" for node in chain.nodes)
        )


def _candidate(ruled: Ruled, reward: float, chosen: bool) -> Candidate:
    judged = ruled.judged
    return Candidate(judged.draft.text, reward, judged.supported, chosen, judged.draft.maker)


def _withheld(ruled: Sequence[Ruled], best: int) -> tuple[tuple[str, str], ...]:
    """What is withheld of the draft shown; where another generator stood in, of all that it stood in for."""
    first = ruled[0].maker
    if ruled[best].maker == first:
        return ruled[best].withheld
    return tuple(dict.fromkeys(entry for item in ruled if item.maker == first for entry in item.withheld))


def _documents(claims: Sequence[Claim]) -> tuple[Document, ...]:
    found = {item.document.id: item.document for claim in claims for item in claim.evidence}
    return tuple(found.values())
