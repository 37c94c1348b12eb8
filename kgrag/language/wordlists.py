"""Reads the word lists of the code from the data files beside it.

Knows the form of these files: one or several words a line, after ``#`` the source or the reason; a line that
begins with ``"`` is one phrase in quotes. Does not know what a list is for.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=128)
def word_list(name: str, beside: str = __file__) -> frozenset[str]:
    """The words of a list.

    Args:
        name: of the file in ``data``, without its ending.
        beside: a module in the room that the list belongs to, as its ``__file__``.
    """
    return frozenset(ordered_words(name, beside))


@lru_cache(maxsize=128)
def ordered_words(name: str, beside: str = __file__) -> tuple[str, ...]:
    """The words of a list in the file's order, which means something there.

    Args:
        name: of the file in ``data``, without its ending.
        beside: a module in the room that the list belongs to, as its ``__file__``.
    """
    lines = (Path(beside).parent / "data" / f"{name}.txt").read_text("utf-8").splitlines()
    return tuple(word for line in lines for word in _words(line))


def _words(line: str) -> list[str]:
    if line.startswith('"'):
        return [line[1 : line.rindex('"')]]
    return line.partition("#")[0].split()
