"""Orders drafts that point to quotes: the likeliest reply first, then what most replies point to.

Knows drafts of whole quotes. Nothing can be made up here: what is put together are quotes.
"""

from __future__ import annotations

from collections.abc import Sequence

from kgrag.types import Draft, Evidence

MAX_QUOTES = 3
"""Quotes that the votes choose."""
NEAR = 0.5
"""Part of the best quote's votes from which another one stands beside it."""


def votes_to_drafts(pointed: Sequence[Draft], maker: str) -> list[Draft]:
    """The likeliest reply where it points at all, then the quotes that most replies point to, then the other
    replies; none twice.

    Of a small model the likeliest reply points better than the votes of sampled ones (decisions/050).

    Args:
        pointed: a draft for each reply, the likeliest reply's first; its first quote has one vote, the next
            one half of that, and so on; ties go to the quote named first.
        maker: the model.
    """
    together = _voted(pointed, maker)
    drafts: dict[frozenset[str], Draft] = {}
    for draft in (*pointed[:1], together, *pointed[1:]):
        if draft.sentences:
            drafts.setdefault(frozenset(text for text, _ in draft.sentences), draft)
    return list(drafts.values())


def _voted(pointed: Sequence[Draft], maker: str) -> Draft:
    votes: dict[str, float] = {}
    sentences: dict[str, tuple[str, tuple[Evidence, ...]]] = {}
    for draft in pointed:
        for rank, (text, given) in enumerate(draft.sentences):
            votes[text] = votes.get(text, 0.0) + 1 / (1 + rank)
            sentences.setdefault(text, (text, given))
    ranked = sorted(votes, key=lambda text: -votes[text])
    chosen = [text for text in ranked if votes[text] >= NEAR * votes[ranked[0]]][:MAX_QUOTES]
    return Draft(tuple(sentences[text] for text in chosen), maker)
