"""Drafts without a model: composes the evidence's own sentences in K different ways.

Knows ways to choose and order sentences. Every sentence it writes is a quote, so nothing can be made up;
which of the compositions answers best is for the reward model to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kgrag.generate.fitting import definition, fitting, telling
from kgrag.language.words import content_words
from kgrag.types import Draft, Evidence, FormKind, Understood

SAME = 0.7
"""Two sentences that share this part of their words say the same."""

UNLIKELY = 0.4
"""A quote with less than this part of the best quote's chance to answer is left out of every composition."""

LENGTHS: dict[FormKind, int] = {
    "fact": 4,
    "definition": 3,
    "number": 3,
    "date": 3,
    "name": 3,
    "verdict": 4,
    "reason": 4,
    "comparison": 5,
    "list": 6,
    "summary": 5,
}
"""Sentences of the first composition by the form of the question, at most."""

Composition = Callable[[Sequence[Evidence]], list[Evidence]]


class ExtractiveGenerator:
    """See the module. Implements ``Generator``."""

    identity = "extractive"

    def draft(self, question: Understood, evidence: Sequence[Evidence], n_candidates: int) -> list[Draft]:
        """Up to n_candidates different drafts; fewer where the evidence has no more to say."""
        likely = sorted(evidence, key=lambda item: (-item.chance, -item.score))
        likely = telling(question, likely)
        near = [item for item in likely if item.chance >= UNLIKELY * likely[0].chance]
        distinct = _distinct(fitting(question.form, near))
        drafts: dict[tuple[tuple[str, int], ...], Draft] = {}
        opening = definition(question.form, distinct)
        for composed in _compositions(distinct, LENGTHS.get(question.form.kind, 4)):
            chosen = opening + [item for item in composed if item not in opening]
            key = tuple((e.passage.id, e.start) for e in chosen)
            if chosen and key not in drafts:
                drafts[key] = Draft(tuple((e.quote.strip(), (e,)) for e in chosen), self.identity)
            if len(drafts) == n_candidates:
                break
        return list(drafts.values())


def _compositions(evidence: Sequence[Evidence], length: int) -> Iterator[list[Evidence]]:
    yield list(evidence[:length])
    ways: tuple[Composition, ...] = (
        _most_direct,
        _findings_first,
        _one_a_document,
        _along_the_path,
        _one_passage,
    )
    for way in ways:
        yield way(evidence)
    for shorter in (2, 3, 5):
        yield list(evidence[:shorter])
    for start in range(1, len(evidence)):
        yield list(evidence[start : start + 3])


def _most_direct(evidence: Sequence[Evidence]) -> list[Evidence]:
    return list(evidence[:1])


def _findings_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Conclusions, then results, then the rest; only among the better half."""
    order = {"conclusion": 0, "result": 1}
    better = evidence[: max(3, len(evidence) // 2)]
    return sorted(better, key=lambda e: order.get(e.role or "", 2))[:3]


def _one_a_document(evidence: Sequence[Evidence]) -> list[Evidence]:
    first: dict[str, Evidence] = {}
    for item in evidence:
        first.setdefault(item.document.id, item)
    return list(first.values())[:4]


def _along_the_path(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The best sentence, then the sentence of another passage that shares most with it: a second hop."""
    if len(evidence) < 2:
        return []
    first = evidence[0]
    told = set(content_words(first.quote))
    others = [e for e in evidence[1:] if e.passage.id != first.passage.id]
    if not others:
        return []
    second = max(others, key=lambda e: (len(told & set(content_words(e.quote))), e.score))
    return [first, second]


def _one_passage(evidence: Sequence[Evidence]) -> list[Evidence]:
    """What the best passage says, in its own order."""
    return (
        sorted((e for e in evidence if e.passage.id == evidence[0].passage.id), key=lambda e: e.start)[:4]
        if evidence
        else []
    )


def _distinct(evidence: Sequence[Evidence]) -> list[Evidence]:
    kept: list[tuple[frozenset[str], Evidence]] = []
    for item in evidence:
        terms = frozenset(content_words(item.quote))
        if terms and not any(len(terms & other) >= SAME * min(len(terms), len(other)) for other, _ in kept):
            kept.append((terms, item))
    return [item for _, item in kept]
