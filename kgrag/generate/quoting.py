"""Finds the quotes of a prompt in a model's reply, word for word, whatever numbers, marks and punctuation
stand around them.

Knows words only. What is found is shown in the quote's own letters, so that a lost comma, bracket or sign of
the reply is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

CITATION = re.compile(r"[\[【(]\s*(\d{1,4}(?:\s*[,，、;–-]\s*\d{1,4})*)\s*[\]】)]")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
MIN_WORDS, MIN_CUT = 3, 6
"""Words of a quote that is looked for, and of the beginning of one with which a reply is cut off."""


@dataclass(frozen=True, slots=True)
class Found:
    """A quote in a reply: ``reply[start:end]`` are its words, ``quote`` its place among the quotes."""

    start: int
    end: int
    quote: int


def quotes_in(reply: str, quotes: Sequence[str]) -> list[Found]:
    """The quotes that stand in a reply, in its order, none inside another; the last may be cut off where the
    reply ends.
    """
    said = _words(reply)
    found: list[tuple[int, int, int]] = []
    known = [[word for word, _, _ in _words(quote)] for quote in quotes]
    for number in sorted(range(len(known)), key=lambda n: (-len(known[n]), n)):
        for first in _places([word for word, _, _ in said], known[number]):
            last = first + len(known[number])
            if not any(first < end and start < last for start, end, _ in found):
                found.append((first, last, number))
    if cut := _cut(said, known, max((end for _, end, _ in found), default=0)):
        found.append(cut)
    return [Found(said[a][1], said[b - 1][2], number) for a, b, number in sorted(found)]


def _words(text: str) -> list[tuple[str, int, int]]:
    """Folded words with their spans; numbers in brackets, which are a paper's references or a model's
    citations, are none.
    """
    blank = CITATION.sub(lambda match: " " * len(match.group()), text)
    return [(match.group().casefold(), match.start(), match.end()) for match in _WORD.finditer(blank)]


def _places(words: Sequence[str], sought: Sequence[str]) -> list[int]:
    n = len(sought)
    if n < MIN_WORDS:
        return [] if not n or list(words) != list(sought) else [0]
    return [i for i in range(len(words) - n + 1) if words[i] == sought[0] and words[i : i + n] == sought]


def _cut(
    said: Sequence[tuple[str, int, int]], known: Sequence[Sequence[str]], after: int
) -> tuple[int, int, int] | None:
    """The quote whose beginning is the reply's end."""
    words = [word for word, _, _ in said]
    for first in range(after, len(words) - MIN_CUT + 1):
        for number, quote in enumerate(known):
            if len(quote) > len(words) - first and list(quote[: len(words) - first]) == words[first:]:
                return first, len(words), number
    return None
