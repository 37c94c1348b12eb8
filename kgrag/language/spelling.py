"""Mends slips of the keyboard in English questions: a word that neither English nor the library has, one
letter from a word that the library has.

Knows letters, not meanings: one letter missing, too many, wrong or out of order, and never the first. Words
with capitals are names and stay; the repair is told, as every repair is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from kgrag.language.chinese_typing import Repair

SHORTEST, MIN_COUNT = 6, 3
"""Shorter words have too many neighbours; a word that the library holds less often may itself be a slip."""
_WORD = re.compile(rf"(?<![\w-])[a-z]{{{SHORTEST},}}(?![\w-])")


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """How often texts hold each word that is long enough."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_WORD.findall(text.lower()))
    return Counter({word: n for word, n in counts.items() if n >= MIN_COUNT})


def respelled(
    text: str,
    is_english: Callable[[str], bool],
    is_held: Callable[[str], bool],
    counts: Callable[[], Counter[str]],
) -> tuple[str, tuple[Repair, ...]]:
    """A question with its slips mended, and the repairs made.

    Args:
        text: the question.
        is_english: whether a word is a common English one.
        is_held: whether the library has a word.
        counts: how often it has each; asked for only where a word is strange.
    """
    made: list[Repair] = []
    for written in dict.fromkeys(_WORD.findall(text)):
        if not is_english(written) and not is_held(written) and (meant := _nearest(written, counts())):
            text = re.sub(rf"(?<![\w-]){written}(?![\w-])", meant, text)
            made.append((written, meant, "one letter off"))
    return text, tuple(made)


def _nearest(written: str, counts: Counter[str]) -> str | None:
    """The most frequent word one letter away that begins alike, the first in the alphabet of equal ones."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    choices = [word for word in counts if word[0] == written[0] and abs(len(word) - len(written)) <= 1]
    near = process.extract(written, choices, scorer=OSA.distance, score_cutoff=1, limit=None)
    return min((word for word, _, _ in near), key=lambda word: (-counts[word], word), default=None)
