"""Reads words: the content words of a text, their stems, its script, and whether a question compares things.

Knows English function words only; a question in another language keeps all its words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from kgrag.language.names import fold
from kgrag.language.wordlists import word_list

_SHORT = 5
"""Letters by which two forms of a word are taken for one (``inhibited``, ``inhibition``)."""


@lru_cache(maxsize=1 << 16)
def short_stem(word: str) -> str:
    return word if has_han(word) or any(c.isdigit() for c in word) or len(word) <= _SHORT else word[:_SHORT]


_STOP = word_list("stop_words")


def content_words(text: str) -> list[str]:
    """Words that carry meaning, in order, folded to a crude stem so that plural and singular meet."""
    return [_stem(word) for word in words(text) if word not in _STOP]


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    for ending, rest in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if len(word) > 4 and word.endswith(ending) and not word.endswith("ss"):
            return word[: -len(ending)] + rest
    return word


FUNCTION_WORDS = word_list("function_words")


def content_words_unstemmed(text: str) -> list[str]:
    """Folded words that carry meaning, in order, repeats kept; all words if there are only function words."""
    words = _WORD.findall(fold(text))
    return [word for word in words if word not in FUNCTION_WORDS] or words


def word_stem(word: str) -> str:
    """The word without its likely ending, for coverage by prefix: ``directors`` and ``directed`` both begin
    with ``direct``.
    """
    return word if len(word) < 5 else word[: max(4, len(word) - 2)]


_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


_WORD = re.compile(r"\w+", re.UNICODE)


def has_han(text: str) -> bool:
    """Whether the text holds a Chinese character."""
    return _HAN.search(text) is not None


def is_chinese(text: str) -> bool:
    """Whether Chinese characters carry the text: at least one for every four other letters."""
    n_han = len(_HAN.findall(text))
    n_other = sum(1 for char in text if char.isalpha()) - n_han
    return n_han > 0 and n_han * 4 >= n_other


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """Chinese in simplified characters, for comparing; other text unchanged."""
    converted: str = _simplifier().convert(text) if has_han(text) else text
    return converted


@lru_cache(maxsize=1)
def _segmenter() -> Any:
    import rjieba

    return rjieba


def without_surrogates(text: str) -> str:
    """The text without halves of characters, which no encoder, index or database takes."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def words(text: str) -> list[str]:
    """Lower-case words in order; Chinese cut by rjieba."""
    lowered = without_surrogates(text).casefold()
    if not has_han(lowered):
        return _WORD.findall(lowered)
    pieces: list[str] = _segmenter().cut(lowered)
    return [word for piece in pieces for word in _WORD.findall(piece)]
