"""The word lists of this room, and the plain forms of verbs that they know.

Knows the lists only.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@cache
def known_verbs() -> frozenset[str]:
    """Verbs of the indicators and of the words of stance."""
    found: set[str] = set()
    for name in ("more_indicators", "indicators"):
        for line in (DATA / f"{name}.tsv").read_text("utf-8").splitlines():
            word, _, rest = line.partition("\t")
            if rest.startswith("verb"):
                found.add(word)
    for name in ("ask", "hedge", "deny", "find"):
        found |= words(name)
    return frozenset(found)


@cache
def words(name: str) -> frozenset[str]:
    """A list of ``data/words.toml``."""
    return frozenset(tomllib.loads((DATA / "words.toml").read_text("utf-8"))[name])
