"""Marks in a sentence which words mean the intervention, the comparator and the outcome.

Knows words only. What both interventions share marks neither.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from kgrag.language.words import content_words, short_stem

INTERVENTION, COMPARATOR, OUTCOME, NUMBER = "III", "CCC", "OOO", "NUM"
_TOKEN = re.compile(r"[A-Za-z][A-Za-z-]*|\d+(?:[.,·]\d+)*|[^\sA-Za-z0-9]")
_ACRONYM = re.compile(r"\b[A-Z][A-Za-z]*[A-Z0-9][A-Za-z0-9]*\b")


@dataclass(frozen=True, slots=True)
class Compared:
    """What a trial compares: an outcome under an intervention against a comparator, each in any words."""

    intervention: str
    comparator: str
    outcome: str

    def turned(self) -> Compared:
        """The same comparison seen from the other side."""
        return Compared(self.comparator, self.intervention, self.outcome)


@cache
def word_list(name: str) -> tuple[str, ...]:
    """A list of ``data/direction.toml``."""
    text = files("kgrag.verify").joinpath("data", "direction.toml").read_text("utf-8")
    words: list[str] = tomllib.loads(text)[name]
    return tuple(words)


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """Stems of the words that name a thing, without those that name any group of people."""
    groups = word_list("groups")
    return frozenset(short_stem(word) for word in content_words(text) if word not in groups)


@lru_cache(maxsize=4096)
def _own(thing: str, other: str) -> frozenset[str]:
    """Stems that only the one of two names has; words for groups only where nothing else tells them apart
    (*treated* and *untreated*).
    """
    every, others = (frozenset(map(short_stem, content_words(text))) for text in (thing, other))
    return stems(thing) - stems(other) or every - others


@lru_cache(maxsize=4096)
def acronyms(text: str) -> frozenset[str]:
    """What a text may be called for short, in lower case: its acronyms and the first letters of its words."""
    names = {name.lower() for name in _ACRONYM.findall(text)}
    first = [word[0].lower() for word in re.findall(r"[A-Za-z]+", text) if len(word) > 3]
    return frozenset(names | ({"".join(first)} if len(first) > 1 else set()))


def marked(sentence: str, compared: Compared) -> list[str]:
    """The sentence's tokens in lower case, with ``III``, ``CCC``, ``OOO`` and ``NUM`` in the place of what
    names the intervention, the comparator, the outcome, and of numbers; runs of one mark become one.
    """
    ours = _own(compared.intervention, compared.comparator)
    theirs = _own(compared.comparator, compared.intervention)
    short, other = acronyms(compared.intervention), acronyms(compared.comparator)
    short, other = short - other, other - short
    outcome = (stems(compared.outcome) - ours - theirs) | acronyms(compared.outcome)
    tokens: list[str] = []
    for token in _TOKEN.findall(sentence):
        low = token.lower()
        stem = short_stem(low)
        if low in short or stem in ours:
            mark = INTERVENTION
        elif low in other or stem in theirs or low in word_list("compared"):
            mark = COMPARATOR
        elif stem in outcome or low in outcome:
            mark = OUTCOME
        else:
            mark = NUMBER if token[0].isdigit() else low
        if mark not in (INTERVENTION, COMPARATOR, OUTCOME) or tokens[-1:] != [mark]:
            tokens.append(mark)
    return tokens
