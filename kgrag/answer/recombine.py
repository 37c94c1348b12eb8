"""Makes one more candidate from the best supported sentences of several drafts.

Knows judged drafts. Each sentence keeps the evidence and the verdict that it has, so the candidate is never
less supported than the drafts; whether it answers better is the reward model's to say. Quotes that an
extractive draft composed are left alone: its other drafts are such combinations already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kgrag.answer.judge import RECOMBINED, Judged, claims_of, is_shown
from kgrag.generate.extractive import SAME, ExtractiveGenerator
from kgrag.language.facts import negations, opposed
from kgrag.language.words import content_words
from kgrag.types import Draft, Evidence, Verdict

MAX_SENTENCES, MAX_CANDIDATES = 4, 9


@dataclass(frozen=True, slots=True)
class _Part:
    """A sentence that may be shown, and the number of the draft it is from."""

    draft: int
    text: str
    verdict: Verdict
    evidence: tuple[Evidence, ...]

    @property
    def worth(self) -> float:
        """How surely it is supported, times how near its evidence is to the question."""
        return self.verdict.score * self.evidence[0].score


def recombined(judged: Sequence[Judged], threshold: float) -> Judged | None:
    """The candidate, judged; None where fewer than two drafts of a language model give sentences, or where a
    draft says just that.

    Args:
        judged: the drafts; ``MAX_CANDIDATES`` of them leave no room for another.
        threshold: what a sentence must reach to be shown.
    """
    if len(judged) >= MAX_CANDIDATES:
        return None
    chosen = _chosen(sorted(_parts(judged, threshold), key=lambda part: (-part.worth, part.draft, part.text)))
    if len({part.draft for part in chosen}) < 2 or {part.text for part in chosen} in [
        {text for text, _, _ in item.claims} for item in judged
    ]:
        return None
    draft = Draft(tuple((part.text, part.evidence) for part in chosen), RECOMBINED)
    return Judged(
        draft,
        tuple(claims_of(draft)),
        tuple(part.verdict for part in chosen),
        tuple(part.evidence for part in chosen),
    )


def _parts(judged: Sequence[Judged], threshold: float) -> list[_Part]:
    return [
        _Part(number, text, verdict, evidence)
        for number, item in enumerate(judged)
        if item.draft.maker != ExtractiveGenerator.identity
        for (text, _, _), verdict, evidence in zip(item.claims, item.verdicts, item.evidence, strict=True)
        if evidence and is_shown(verdict, threshold)
    ]


def _chosen(parts: Sequence[_Part]) -> list[_Part]:
    """The best in order; what says the same as one before it, or the contrary, is left out."""
    kept: list[_Part] = []
    for part in parts:
        if len(kept) < MAX_SENTENCES and not any(_clash(part.text, other.text) for other in kept):
            kept.append(part)
    return kept


def _clash(text: str, other: str) -> bool:
    """Whether two sentences say the same, or are about the same and say the contrary."""
    mine, theirs = set(content_words(text)), set(content_words(other))
    shared = len(mine & theirs) / max(min(len(mine), len(theirs)), 1)
    return shared >= SAME or (
        shared >= SAME / 2
        and (opposed(text, other) or opposed(other, text) or negations(text) % 2 != negations(other) % 2)
    )
