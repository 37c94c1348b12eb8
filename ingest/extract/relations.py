"""Statements by patterns: two entities of one sentence with a verb of relation between them, in English and Chinese.

Knows verbs and negation. A statement always has its sentence; hedged ones score lower. It does not guess across sentences.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from kgrag.types import Mention, Passage, Sentence, Statement

MAX_GAP = 48
PLAIN_SCORE, HEDGED_SCORE = 0.8, 0.5

_ADVERB = r"(?:(?:also|then|thus|further|\w{3,}ly)\s+)*"
_BE = r"(?:is|are|was|were|be|been|being)"
_VERBS = {
    "inhibits": r"inhibit(?:s|ed|ing)?|block(?:s|ed)|suppress(?:es|ed)?",
    "increases": r"increas(?:es?|ed|ing)|enhanc(?:es?|ed)|promot(?:es?|ed)|up-?regulat(?:es?|ed)",
    "reduces": r"reduc(?:es?|ed|ing)|decreas(?:es?|ed)|lower(?:s|ed)|down-?regulat(?:es?|ed)|attenuat(?:es?|ed)",
    "causes": r"caus(?:es?|ed|ing)|induc(?:es?|ed|ing)|trigger(?:s|ed)|lead(?:s)? to|led to|result(?:s|ed) in",
    "prevents": r"prevent(?:s|ed|ing)?|protect(?:s|ed)? against",
    "treats": r"treats|cures",
    "predicts": r"predict(?:s|ed)",
    "encodes": r"encod(?:es?|ed|ing)",
    "binds": r"bind(?:s)?(?: to)?|bound to|interact(?:s|ed)? with",
    "regulates": r"regulat(?:es?|ed)|modulat(?:es?|ed)|mediat(?:es?|ed)|activat(?:es?|ed)",
    "infects": r"infect(?:s|ed)|transmit(?:s|ted)",
    "outperforms": r"outperform(?:s|ed)",
    "is associated with": rf"{_BE} {_ADVERB}(?:associated|correlated|linked) with|correlat(?:es|ed) with",
}
_PASSIVE = {"inhibits": "inhibited|blocked|suppressed", "causes": "caused|induced|triggered", "reduces": "reduced|decreased|attenuated", "increases": "increased|enhanced",
            "treats": "treated with|treated", "prevents": "prevented", "regulates": "regulated|modulated|mediated|activated", "encodes": "encoded", "infects": "infected|transmitted"}
_CHINESE = {"inhibits": "抑制|阻断", "increases": "提高|促进|增强|增加", "reduces": "降低|减少|减轻", "causes": "导致|引起|诱发|诱导", "treats": "治疗", "prevents": "预防|防止"}
_NOT = r"(?:did not|does not|do not|was not|were not|is not|are not|cannot|could not|not|never|failed to|neither)"
_MAY = r"(?:may|might|could|can|would|seems? to|appears? to|is thought to)"

_PREPOSITION = re.compile(r"\b(?:in|of|with|by|from|at|on|for|to|between|and|or|than)\s+(?:the |a |an )?$", re.I)
"""A name behind a preposition is not the subject: in "loss of A reduced B" it is the loss that reduced."""

_ACTIVE = [(name, re.compile(rf"^\s*(?:that |which |, which )?(?P<may>{_MAY}\s+)?(?P<no>{_NOT}\s+)?(?:have |has |had )?{_ADVERB}(?:{verbs})\s+(?:the |a |an |its |their )?[\w\s-]{{0,24}}$"))
           for name, verbs in _VERBS.items()]
_BY = [(name, re.compile(rf"^\s*(?P<may>{_MAY}\s+)?(?:{_BE}|has been|have been)\s+(?P<no>not\s+)?{_ADVERB}(?:{verbs})\s+by\s+(?:the |a |an )?[\w\s-]{{0,16}}$")) for name, verbs in _PASSIVE.items()]
_ZH = [(name, re.compile(rf"^(?P<may>可能|可以|可|能够|能)?(?P<no>不能|未能|不|未)?(?:显著|明显|有效)?(?:{verbs})(?:了)?[\u4e00-\u9fff]{{0,6}}$")) for name, verbs in _CHINESE.items()]


def find_statements(passage: Passage, mentions: Sequence[Mention]) -> Iterator[Statement]:
    """Statements of one passage.

    Args:
        passage: with its sentences.
        mentions: of this passage, in order of their starts.

    Returns:
        In the order of the text; ids are stable for equal text.
    """
    for sentence in passage.sentences:
        inside = _outermost([m for m in mentions if sentence.start <= m.start and m.end <= sentence.end])
        for left, right in itertools.pairwise(inside):
            found = _between(passage.text[left.end : right.start])
            if found is not None and left.entity_id != right.entity_id and not _PREPOSITION.search(passage.text[sentence.start : left.start]):
                yield _statement(passage, sentence, left, right, *found)


def _outermost(mentions: Sequence[Mention]) -> list[Mention]:
    """Mentions that lie in no longer one, in order; of equal spans the first."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _between(gap: str) -> tuple[str, bool, bool, bool] | None:
    """(predicate, reversed, negative, hedged) of the words between two mentions."""
    if len(gap) > MAX_GAP:
        return None
    for patterns, backwards in ((_BY, True), (_ACTIVE, False), (_ZH, False)):
        for name, pattern in patterns:
            if match := pattern.match(gap):
                return name, backwards, bool(match.group("no")), bool(match.group("may"))
    return None


def _statement(passage: Passage, sentence: Sentence, left: Mention, right: Mention, predicate: str, backwards: bool, negative: bool, hedged: bool) -> Statement:
    subject, object_ = (right, left) if backwards else (left, right)
    return Statement(
        id=f"s:{passage.id}/{left.start}-{right.end}", subject=subject.entity_id, predicate=predicate, object=object_.entity_id, passage_id=passage.id,
        start=sentence.start, end=sentence.end, polarity="negative" if negative else "positive", method="pattern",
        score=HEDGED_SCORE if hedged else PLAIN_SCORE)
