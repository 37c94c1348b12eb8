"""What a sentence does in its paper, by the phrases that tell it: aim, method, result, limitation …

Knows the phrases in ``data/cues.toml``, English and Chinese. A cue is a sign, not a verdict: the models that
read cues have learned what each is worth.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from kgrag.language.words import has_han

CUES = (
    "aim",
    "background",
    "method",
    "result",
    "conclusion",
    "limitation",
    "hedge",
    "cause",
    "opener",
    "cited",
)
"""The cues that the learned models read, in their order."""
OPENING = 40
"""Letters within which a sentence opens."""


def has_cue(name: str, text: str) -> bool:
    """Whether a sentence holds a phrase of the cue; an opener only where the sentence begins."""
    return _patterns()[name].search(text[:OPENING] if name == "opener" else text) is not None


def found_cues(name: str, text: str) -> set[str]:
    """The phrases of the cue that a text holds, in lower case."""
    return {match.group().casefold() for match in _patterns()[name].finditer(text)}


def n_cues(name: str, text: str) -> int:
    """How many phrases of the cue a text holds."""
    return len(_patterns()[name].findall(text))


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    text = files("kgrag.answer").joinpath("data", "cues.toml").read_text("utf-8")
    phrases = tomllib.loads(text)
    return {name: _any_of(listed) for name, listed in phrases.items()}


def _any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    """Any of the phrases: whole words, ``*`` the rest of one; Chinese anywhere."""
    parts = []
    for phrase in phrases:
        word = re.escape(phrase)
        parts.append(word if has_han(phrase) else rf"\b{word.replace(chr(92) + '*', chr(92) + 'w*')}(?!\w)")
    return re.compile("|".join(parts), re.IGNORECASE)
