"""Finds the quote that a short answer (a number, *none*, a name) was taken from, verified against the
question.

Knows words only. A short answer says too little to be judged alone; the quote that holds it and speaks of
what is asked says the same, in the paper's own words.
"""

from __future__ import annotations

from collections.abc import Sequence

from kgrag.language.facts import negations, numbers
from kgrag.language.words import content_words
from kgrag.types import Evidence

MAX_WORDS = 8
ABOUT_IT = 0.2
"""Share of the question's content words that the quote of a short answer must have."""


def is_short(answer: str) -> bool:
    """Whether an answer is too short to be judged alone."""
    return len(answer.split()) <= MAX_WORDS


def quote_that_holds(
    answer: str, question: str, given: Sequence[Evidence], evidence: Sequence[Evidence]
) -> Evidence | None:
    """The quote that holds the answer's numbers and words, denies where it denies, and speaks of what is
    asked; None where none does.

    Args:
        answer: a few words.
        question: what was asked.
        given: the quotes cited for it; they break ties.
        evidence: all the quotes.
    """
    asked = set(content_words(question))
    said = set(content_words(answer)) - asked - _NONE
    figures, denies = numbers(answer) - numbers(question), _denies(answer)
    if not (said or figures or denies):
        return None
    holding = []
    for place, item in enumerate(evidence):
        words = set(content_words(item.quote))
        about = len(asked & words) / (len(asked) or 1)
        holds = said <= words and figures <= numbers(item.quote) and (not denies or _denies(item.quote))
        if holds and about >= ABOUT_IT:
            holding.append((about, item in given, item.chance, -place, item))
    return max(holding, key=lambda found: found[:4])[-1] if holding else None


_NONE = frozenset({"none", "no", "zero", "nobody", "nothing", "neither", "0"})


def _denies(text: str) -> bool:
    return negations(text) > 0 or bool(_NONE & set(content_words(text))) or 0.0 in numbers(text)
