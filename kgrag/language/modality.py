"""How a sentence is said, and by whom, as its phrases tell it: asserted, negated, hedged or asked.

Knows the phrases in ``data/sense.toml``, English and Chinese. Source: BioScope (Szarvas et al. 2008) for
hedges and negation.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import get_args

from kgrag.language.words import has_han
from kgrag.types import Modality


def modality_of(sentence: str) -> Modality:
    """How a sentence is said; the first phrase that tells it decides, as it governs what follows."""
    if sentence.rstrip().endswith(("?", "？")):
        return "asked"
    plain = _phrases()["emphatic"].sub("", sentence)
    places: list[tuple[int, Modality]] = [
        (match.start(), name)
        for name in get_args(Modality)
        if name in _phrases() and (match := _phrases()[name].search(plain))
    ]
    return min(places)[1] if places else "asserted"


def asks(sentence: str) -> bool:
    """Whether a sentence asks, as ``modality_of`` says; most hold no such phrase and cost one look."""
    phrase = sentence.rstrip().endswith(("?", "？")) or marks("asked", sentence)
    return phrase and modality_of(sentence) == "asked"


def marks(name: str, sentence: str) -> bool:
    """Whether a phrase of the list stands in a sentence."""
    return _phrases()[name].search(sentence) is not None


@cache
def lists() -> dict[str, dict[str, list[str]]]:
    """The lists of phrases by name, each with ``examples`` and ``counters``."""
    text = files("kgrag.language").joinpath("data", "sense.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _phrases() -> dict[str, re.Pattern[str]]:
    return {name: any_of(part["phrases"]) for name, part in lists().items()}


def any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    """Any of the phrases: whole words, ``*`` the rest of one; Chinese anywhere."""
    parts = []
    for phrase in phrases:
        word = re.escape(phrase)
        parts.append(word if has_han(phrase) else rf"\b{word.replace(chr(92) + '*', chr(92) + 'w*')}(?!\w)")
    return re.compile("|".join(parts), re.IGNORECASE)
