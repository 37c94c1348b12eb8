"""What a quoted sentence is in its paper: its role, whose finding it tells, and how it is said.

Knows the kept roles of sentences, the names of sections, marks of citation and phrases. Source of the
distinctions: argumentative zoning (Teufel & Moens 2002).
"""

from __future__ import annotations

import re

from kgrag.answer.cues import has_cue
from kgrag.language.modality import asks, marks, modality_of
from kgrag.language.section_names import section_kind
from kgrag.types import Evidence, Sense, SentenceRole, Voice

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
_LIMITS = re.compile(r"\blimitation|局限", re.I)
_OWN: tuple[SentenceRole, ...] = ("aim", "method", "result", "conclusion", "limitation", "data")
_OF_SECTION: dict[str, SentenceRole] = {"method": "method", "result": "result", "conclusion": "conclusion"}
_KEPT: dict[str, SentenceRole] = {"question": "aim"}
"""The kept role of a research question is the aim of the paper; a sentence that asks is a question."""


def sense_of(item: Evidence) -> Sense:
    """The role, voice and modality of a quote, as its paper has it.

    A role that nothing tells is None. *Own* is what the paper itself did, found or thinks; *cited* is told of
    others' work; *common* is said without a source.
    """
    role = _role(item)
    asks = role in ("question", "hypothesis", "aim")
    return Sense(role, _voice(item, role), "asked" if asks else modality_of(item.quote))


def _role(item: Evidence) -> SentenceRole | None:
    quote = item.quote
    if quote.rstrip().endswith(("?", "？")):
        return "question"
    told = item.role in ("result", "conclusion")
    if not told and re.search(r"\bhypothesi[sz]|假设", quote) and has_cue("aim", quote):
        return "hypothesis"
    kind = section_kind(item.passage.section)
    if kind == "limitation" or (has_cue("limitation", quote) and _LIMITS.search(quote)):
        return "limitation"
    kept = item.role and _KEPT.get(item.role, item.role)
    by_phrase = _by_phrase(quote)
    if kind in ("discussion", "aside", None) and item.passage.kind != "abstract":
        return _in_discussion(quote, kept or by_phrase)
    if kind == "background":
        return kept or (by_phrase if by_phrase == "aim" else "background")
    return kept or _OF_SECTION.get(kind or "") or by_phrase


def _by_phrase(quote: str) -> SentenceRole | None:
    """What a phrase tells; one that asks (*to evaluate whether …, as studies suggest*) concludes nothing."""
    if has_cue("aim", quote) and asks(quote):
        return "aim"
    return next((role for role in _BY_PHRASE if has_cue(role, quote)), None)


def _in_discussion(quote: str, role: SentenceRole | None) -> SentenceRole | None:
    """A discussion tells others' results beside its own: those told without a word of its own are
    background.
    """
    others = _CITES.search(quote) is not None or marks("cited", quote)
    return "background" if role in ("result", "method") and others and not marks("own", quote) else role


def _voice(item: Evidence, role: SentenceRole | None) -> Voice:
    own = marks("own", item.quote) or role == "method"
    if _CITES.search(item.quote) is not None:
        return "own" if own and role in _OWN else "cited"
    if not own and marks("cited", item.quote):
        return "cited"
    return "own" if own or role in _OWN else "common"
