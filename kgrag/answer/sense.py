"""What a quoted sentence is in its paper: its role, whose finding it tells, and how it is said.

Knows the kept roles of sentences, the names of sections, marks of citation and the phrases in
``data/sense.toml``. Source of the distinctions: argumentative zoning (Teufel & Moens 2002), BioScope
(Szarvas et al. 2008) for hedges and negation.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import get_args

from kgrag.answer.cues import any_of, has_cue
from kgrag.types import Evidence, Modality, Sense, SentenceRole, Voice

_BY_PHRASE: tuple[SentenceRole, ...] = ("conclusion", "aim", "result", "method", "background")
"""Roles that a phrase tells, in the order in which one outweighs another."""
_CITES = re.compile(
    r"""
      \[\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\]                     # [3], [4–6]
    | \([^()]*?\b[A-Z][\w'-]+                               # (Lo 2009), (Lo and Bo, 2009)
      (?:\ et\ al\.?|\ (?:and|&)\ [A-Z][\w'-]+)?,?\ (?:19|20)\d\d[a-z]?[^()]*\)
    | \b[A-Z][\w'-]+\ et\ al\b                               # Lo et al
    """,
    re.X,
)
_SECTIONS: tuple[tuple[SentenceRole, re.Pattern[str]], ...] = (
    ("limitation", re.compile(r"limitation|局限", re.I)),
    ("background", re.compile(r"introduction|background|引言|背景|绪论|前言", re.I)),
    ("method", re.compile(r"method|material|design|方法|材料|设计", re.I)),
    ("conclusion", re.compile(r"conclu|summary|结论|结语|总结", re.I)),
    ("result", re.compile(r"result|finding|结果", re.I)),
)
_OWN: tuple[SentenceRole, ...] = ("aim", "method", "result", "conclusion", "limitation", "data")
_KEPT: dict[str, SentenceRole] = {"question": "aim"}
"""The kept role of a research question is the aim of the paper; a sentence that asks is a question."""


def sense_of(item: Evidence) -> Sense:
    """The role, voice and modality of a quote, as its paper has it.

    A role that nothing tells is None. *Own* is what the paper itself did, found or thinks; *cited* is told of
    others' work; *common* is said without a source.
    """
    role = _role(item)
    return Sense(role, _voice(item, role), modality_of(item.quote, role))


def modality_of(sentence: str, role: SentenceRole | None = None) -> Modality:
    """How a sentence is said; the first phrase that tells it decides, as it governs what follows."""
    if role in ("question", "hypothesis", "aim") or sentence.rstrip().endswith(("?", "？")):
        return "asked"
    plain = _phrases()["emphatic"].sub("", sentence)
    places: list[tuple[int, Modality]] = [
        (match.start(), name)
        for name in get_args(Modality)
        if name in _phrases() and (match := _phrases()[name].search(plain))
    ]
    return min(places)[1] if places else "asserted"


def _role(item: Evidence) -> SentenceRole | None:
    quote = item.quote
    if quote.rstrip().endswith(("?", "？")):
        return "question"
    if re.search(r"\bhypothesi[sz]|假设", quote) and has_cue("aim", quote):
        return "hypothesis"
    if has_cue("limitation", quote) and _named(item, "limitation"):
        return "limitation"
    if item.role is not None:
        return _KEPT.get(item.role, item.role)
    by_section = next((role for role, pattern in _SECTIONS if _section(item, pattern)), None)
    by_phrase = next((role for role in _BY_PHRASE if has_cue(role, quote)), None)
    if by_section == "background":
        return by_phrase if by_phrase == "aim" else "background"
    return by_section or by_phrase


def _named(item: Evidence, role: SentenceRole) -> bool:
    pattern = dict(_SECTIONS)[role]
    return _section(item, pattern) or pattern.search(item.quote) is not None


def _section(item: Evidence, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(name) for name in item.passage.section[-1:])


def _voice(item: Evidence, role: SentenceRole | None) -> Voice:
    own = _phrases()["own"].search(item.quote) is not None or role == "method"
    if _CITES.search(item.quote) is not None:
        return "own" if own and role in _OWN else "cited"
    if not own and _phrases()["cited"].search(item.quote) is not None:
        return "cited"
    return "own" if own or role in _OWN else "common"


@cache
def _phrases() -> dict[str, re.Pattern[str]]:
    return {name: any_of(part["phrases"]) for name, part in lists().items()}


@cache
def lists() -> dict[str, dict[str, list[str]]]:
    """The lists of phrases by name, each with ``examples`` and ``counters``."""
    text = files("kgrag.answer").joinpath("data", "sense.toml").read_text("utf-8")
    return tomllib.loads(text)


def marks(name: str, sentence: str) -> bool:
    """Whether a phrase of the list stands in a sentence."""
    return _phrases()[name].search(sentence) is not None
