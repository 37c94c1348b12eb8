"""Small text rules that ingest, graph and question side must share: script checks, words.

Knows nothing of documents or stores.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

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
def _segmenter() -> object:
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
    pieces: list[str] = _segmenter().cut(lowered)  # type: ignore[attr-defined]  # rjieba ships no stubs
    return [word for piece in pieces for word in _WORD.findall(piece)]
