"""Counts the votes of drafts that point to quotes.

Knows drafts of whole quotes. Nothing can be made up here: what is put together are quotes.
"""

from __future__ import annotations

from collections.abc import Sequence

from kgrag.types import Draft, Evidence

MAX_QUOTES = 3
"""Quotes of the first draft."""
NEAR = 0.5
"""Part of the best quote's votes from which another one stands beside it."""


def votes_to_drafts(pointed: Sequence[Draft], maker: str) -> list[Draft]:
    """The quotes that most drafts point to as the first draft, then the drafts themselves, none twice.

    A draft gives its first quote one vote, the next one half of that, and so on; ties go to the quote named
    first.
    """
    votes: dict[str, float] = {}
    sentences: dict[str, tuple[str, tuple[Evidence, ...]]] = {}
    for draft in pointed:
        for rank, (text, given) in enumerate(draft.sentences):
            votes[text] = votes.get(text, 0.0) + 1 / (1 + rank)
            sentences.setdefault(text, (text, given))
    if not votes:
        return []
    ranked = sorted(votes, key=lambda text: -votes[text])
    chosen = [text for text in ranked if votes[text] >= NEAR * votes[ranked[0]]][:MAX_QUOTES]
    together = Draft(tuple(sentences[text] for text in chosen), maker)
    drafts = {frozenset(text for text, _ in draft.sentences): draft for draft in (together, *pointed)}
    return [draft for draft in drafts.values() if draft.sentences]
