"""Sentences that can answer what is asked come first, whatever else mentions it more often: definitions where something is to be defined, figures where one asks how many or when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from kgrag.asked import figure_held
from kgrag.types import Evidence

LONGEST = 6
_ASKS = re.compile(
    r"^(?:what|who)(?:\s+(?:is|are|was|were)|['’]s)\s+(?:(?:an?|the|meant\s+by)\s+)?(?P<what>[^?]+?)\s*\??$|^(?:define|what\s+does)\s+(?P<term>[^?]+?)(?:\s+mean)?\s*\??$"
    r"|^什么(?:是|叫|叫做)(?P<first>[^？?]+)[？?]?$|^(?P<last>[^？?]+?)(?:是什么|指什么|是指什么|是什么意思)[？?]?$", re.I)


def fitting_first(question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence in its order, those before the others that define what the question asks for, or hold the number or date it asks for."""
    thing = thing_asked(question)
    return sorted(evidence, key=lambda item: not defines(thing, item.quote) if thing else not figure_held(question, item.quote))


def thing_asked(question: str) -> str | None:
    """What a question wants defined: *open access* of “What is open access?”; None for other questions."""
    match = _ASKS.match(question.strip())
    found = next((part.strip() for part in match.groups() if part), None) if match else None
    return found if found and len(found.split()) <= LONGEST else None


def defines(thing: str, sentence: str) -> bool:
    """Whether a sentence opens with the thing, or its long form with the thing in brackets, and says what it is."""
    return _definition(thing).match(sentence.strip()) is not None


@lru_cache(maxsize=256)
def _definition(thing: str) -> re.Pattern[str]:
    name = r"\s+".join(map(re.escape, thing.split()))
    return re.compile(
        rf"^(?:(?:an?|the|in\s+\w+,)\s+)?[\"“]?(?:{name}s?[\"”]?(?:\s*[(（][^)）]*[)）])?|[^.。]{{3,80}}[(（]{name}[)）])(?:,[^,.]{{1,80}},)?\s*"
        r"(?:(?:is|are|was|were)\s+(?:an?|the|one|defined|any|when)\b|refers?\s+to\b|means\b|denotes?\b|describes?\b|是(?:一|指|对|由|将|把)|指的?是|即)", re.I)
