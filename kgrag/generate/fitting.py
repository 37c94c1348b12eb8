"""Puts sentences that can answer what is asked first: definitions where something is to be defined, figures
where one asks how many or when.

Of sentences beside others that name the thing to be defined as one, those that only hold its words apart are
left out: they are about something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial

from kgrag.language.modality import asks
from kgrag.language.wanted import holds_figure
from kgrag.language.words import content_words, has_han
from kgrag.types import Evidence, QuestionForm, Understood

FINDINGS = ("conclusion", "result")
_NOT_SAID = 2
_AIMED = re.compile(
    r"\b(?:aim|purpose|objective|goal|hypothes|questions|investigat|studied|unknown|unclear)|目的|假设|未知",
    re.I,
)
"""A question for what a paper asks: *What was the aim of …?*"""
_SHORT_NAME = re.compile(r"[a-z]?[A-Z][A-Za-z0-9-]{1,11}")


def fitting(form: QuestionForm, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence in its order, those before the others that define what the question asks for, or hold the
    number or date it asks for.

    To a question for yes or no only results and conclusions answer, where there are any: what was asked,
    tried or known before says neither.
    """
    if form.verdict:
        return [item for item in evidence if item.role in FINDINGS] or list(evidence)
    if not form.defined:
        return sorted(evidence, key=lambda item: not holds_figure(form, item.quote))
    return sorted(_naming(form.defined, evidence), key=partial(_says_what_it_is, form.defined))


def telling(question: Understood, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence without what a paper only asks, aims at or supposes, unless it is all there is, or the
    question is for such: that something was studied answers no question about it.
    """
    if _AIMED.search(question.text):
        return list(evidence)
    thing = question.form.defined
    return [
        item for item in evidence if not _only_asks(item) or (thing and defines(thing, item.quote))
    ] or list(evidence)


def _only_asks(item: Evidence) -> bool:
    if item.role in FINDINGS:
        return False
    return item.role == "question" or asks(item.quote)


def definition(form: QuestionForm, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The first of the evidence, as a list, where it says what the thing is that the question wants defined;
    else an empty list.
    """
    thing = form.defined
    return (
        list(evidence[:1]) if thing and evidence and _says_what_it_is(thing, evidence[0]) < _NOT_SAID else []
    )


def _says_what_it_is(thing: str, item: Evidence) -> int:
    """0 for a definition, 1 for a short name spelled out, 2 for neither."""
    return 0 if defines(thing, item.quote) else 1 if spells_out(thing, item.quote) else _NOT_SAID


def _naming(thing: str, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """The sentences that name the thing as one; where none does, those that hold all its words; where none
    does, all.
    """
    if has_han(thing):
        return [item for item in evidence if thing in item.quote] or evidence
    name = content_words(thing)
    said = [content_words(item.quote) for item in evidence]
    as_one = [
        item
        for item, words in zip(evidence, said, strict=True)
        if any(words[i : i + len(name)] == name for i in range(len(words))) or spells_out(thing, item.quote)
    ]
    return (
        as_one
        or [item for item, words in zip(evidence, said, strict=True) if set(name) <= set(words)]
        or evidence
    )


def spells_out(thing: str, sentence: str) -> bool:
    """Whether a short name stands in brackets after a long one, or before the long one in brackets, which
    begins with its first letter; in Chinese after a word.
    """
    if _SHORT_NAME.fullmatch(thing) is None:
        return False
    name, first = re.escape(thing), re.escape(thing[0])
    pattern = rf"""
        \b{first}\w+(?:[\s-]\w+){{1,8}}\s*[(（]{name}s?[)）]      # World Health Organization (WHO)
      | \b{name}s?\s*[(（]\s*{first}\w+(?:[\s-]\w+){{1,8}}\s*[)）]  # WHO (World Health Organization)
      | [\u4e00-\u9fff]{{2,}}\s*[(（]{name}[)）]                     # 世界卫生组织(WHO)
    """
    return re.search(pattern, sentence, re.IGNORECASE | re.VERBOSE) is not None


def defines(thing: str, sentence: str) -> bool:
    """Whether a sentence opens with the thing, or its long form with the thing in brackets, and says what it
    is.
    """
    return _definition(thing).match(sentence.strip()) is not None


@lru_cache(maxsize=256)
def _definition(thing: str) -> re.Pattern[str]:
    name = r"\s+".join(map(re.escape, thing.split()))
    return re.compile(
        rf"""
          ^(?:(?:an?|the|in\s+\w+,)\s+)?[\"“]?
          (?:
              {name}s?[\"”]?(?:\s*[(（][^)）]*[)）])?  # "Graphene" (a form of carbon)
            | [^.。]{{3,80}}[(（]{name}[)）]  # personalised PageRank (PPR)
          )
          (?:,[^,.]{{1,80}},)?\s*
          (?:
              (?:is|are|was|were)\s+(?:an?|the|one|defined|any|when)\b  # is a sheet of
            | refers?\s+to\b | means\b | denotes?\b | describes?\b
            | 是(?:一|指|对|由|将|把) | 指的?是 | 即  # 石墨烯是一种
          )
        """,
        re.I | re.X,
    )
