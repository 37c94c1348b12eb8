"""What a question's form tells before anything is searched: its content words, and whether it compares
things.

Knows English function words only; a question in another language keeps all its words.
"""

from __future__ import annotations

import re

from kgrag.names import fold

FUNCTION_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "by",
        "with",
        "and",
        "or",
        "but",
        "as",
        "if",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "not",
        "no",
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "that",
        "this",
        "these",
        "those",
        "it",
        "its",
        "he",
        "she",
        "his",
        "her",
        "they",
        "their",
        "there",
        "than",
        "then",
    ]
)
_WORD = re.compile(r"\w+")
_COMPARES = re.compile(r"\b(or|both|same|older|younger|first|earlier|later|more recently)\b", re.IGNORECASE)


def content_words(text: str) -> list[str]:
    """Folded words that carry meaning, in order, repeats kept; all words if there are only function words."""
    words = _WORD.findall(fold(text))
    return [word for word in words if word not in FUNCTION_WORDS] or words


def compares(text: str) -> bool:
    """Whether the question sets things side by side (``Which film is older, A or B?``)."""
    return _COMPARES.search(text) is not None


def word_stem(word: str) -> str:
    """The word without its likely ending, for coverage by prefix: ``directors`` and ``directed`` both begin
    with ``direct``.
    """
    return word if len(word) < 5 else word[: max(4, len(word) - 2)]
