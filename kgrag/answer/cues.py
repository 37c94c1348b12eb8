"""What a sentence does in its paper, by the phrases that tell it: aim, method, result, limitation …

Knows the phrases in ``data/cues.toml``, English and Chinese. A cue is a sign, not a verdict: the models that
read cues have learned what each is worth.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from kgrag.language.modality import any_of

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
    return {name: any_of(listed) for name, listed in phrases.items()}
