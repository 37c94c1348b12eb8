"""Statements by patterns: two entities of one sentence with a verb of relation between them, in English and
Chinese.

Knows verbs and negation. A statement always has its sentence; hedged ones score lower. It does not guess
across sentences.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from kgrag.types import Mention, Passage, Sentence, Statement

MAX_GAP = 60
PLAIN_SCORE, HEDGED_SCORE = 0.8, 0.5

_ADVERB = r"(?:(?:also|then|thus|further|\w{3,}ly)\s+)*"
_BE = r"(?:is|are|was|were|be|been|being)"
_SPACE = r"\ "
"""A space of a verb, in a pattern that is written over lines."""
_VERBS = {
    "inhibits": r"inhibit(?:s|ed|ing)?|block(?:s|ed)|suppress(?:es|ed)?",
    "increases": r"increas(?:es?|ed|ing)|enhanc(?:es?|ed)|promot(?:es?|ed)|up-?regulat(?:es?|ed)",
    "reduces": (
        r"reduc(?:es?|ed|ing)|decreas(?:es?|ed)|lower(?:s|ed)|down-?regulat(?:es?|ed)|attenuat(?:es?|ed)"
    ),
    "causes": (
        r"caus(?:es?|ed|ing)|induc(?:es?|ed|ing)|trigger(?:s|ed)|lead(?:s)? to|led to|result(?:s|ed) in"
    ),
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
_PASSIVE = {
    "inhibits": "inhibited|blocked|suppressed",
    "causes": "caused|induced|triggered",
    "reduces": "reduced|decreased|attenuated",
    "increases": "increased|enhanced",
    "treats": "treated with|treated",
    "prevents": "prevented",
    "regulates": "regulated|modulated|mediated|activated",
    "encodes": "encoded",
    "infects": "infected|transmitted",
}
_CHINESE = {
    "inhibits": "抑制|阻断",
    "increases": "提高|促进|增强|增加",
    "reduces": "降低|减少|减轻",
    "causes": "导致|引起|诱发|诱导",
    "treats": "治疗",
    "prevents": "预防|防止",
}
_NOT = r"""(?:
    did\ not | does\ not | do\ not | was\ not | were\ not | is\ not | are\ not | cannot
  | could\ not | not | never | failed\ to | neither
)"""
_MAY = r"(?:may|might|could|can|would|seems?\ to|appears?\ to|is\ thought\ to)"

_JOINS = re.compile(r"\s(?:and|with|on|for|in|to|from|by)\s")
_PREPOSITION = re.compile(
    r"\b(?:in|of|with|by|from|at|on|for|to|between|and|or|than)\s+(?:the |a |an )?$", re.I
)
"""A name behind a preposition is not the subject: in "loss of A reduced B" it is the loss that reduced."""

_FILL = r"""(?!of\b|by\b)(?:(?!\b(?:
    in | among | with | by | for | from | to | at | on | and | or | than | after | during | when | that
  | which | but | as | were | was | is | are
)\b)[\w\s-])"""
"""Words between the verb and its object; a preposition or another verb would make something else the object
("reduced mortality in A"), and "causes of" is a noun.
"""

_ACTIVE = [
    (
        name,
        re.compile(
            rf"""
              ^\s*(?:that\ |which\ |,\ which\ )?
              (?P<may>{_MAY}\s+)?(?P<no>{_NOT}\s+)?(?:have\ |has\ |had\ )?{_ADVERB}
              (?:{verbs.replace(" ", _SPACE)})
              \s+(?:the\ |a\ |an\ |its\ |their\ )?{_FILL}{{0,28}}$
            """,
            re.X,
        ),
    )
    for name, verbs in _VERBS.items()
]
_BY = [
    (
        name,
        re.compile(
            rf"""
              ^\s*(?P<may>{_MAY}\s+)?(?:(?:{_BE}|has\ been|have\ been)\s+)?(?P<no>not\s+)?{_ADVERB}
              (?:{verbs.replace(" ", _SPACE)})
              \s+by\s+(?:the\ |a\ |an\ )?[\w\s-]{{0,16}}$
            """,
            re.X,
        ),
    )
    for name, verbs in _PASSIVE.items()
]
_ZH = [
    (
        name,
        re.compile(
            rf"""
              ^(?P<may>可能|可以|可|能够|能)?(?P<no>不能|未能|不|未)?(?:显著|明显|有效)?
              (?:{verbs})(?:了)?[\u4e00-\u9fff]{{0,6}}$  # 可能显著抑制了炎症
            """,
            re.X,
        ),
    )
    for name, verbs in _CHINESE.items()
]

_PLAIN = r"(?P<may>)(?P<no>)"
_NOMINAL: tuple[tuple[str, bool, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        "is associated with",
        False,
        re.compile(r"\b(?:association|correlation|relationship|link)s? (?:between|of) (?:the )?$", re.I),
        re.compile(rf"^ (?:and|with) (?:the |an? )?(?:\w+ )?{_PLAIN}$"),
    ),
    (
        "affects",
        False,
        re.compile(r"\b(?:effects?|impact|influence) of (?:the |an? )?$", re.I),
        re.compile(rf"^ (?:\w+ )?on (?:the )?(?:\w+ (?:of )?)?{_PLAIN}$"),
    ),
    (
        "treats",
        True,
        re.compile(r"\b(?:treatment|therapy|management) (?:of|for) (?:the )?$", re.I),
        re.compile(rf"^ (?:patients )?(?:with|using) (?:the |an? )?{_PLAIN}$"),
    ),
    (
        "treats",
        False,
        re.compile(""),
        re.compile(rf"^ (?:\w+ ){{0,3}}(?:in|for) the (?:treatment|management) of (?:\w+ )?{_PLAIN}$"),
    ),
    (
        "prevents",
        False,
        re.compile(""),
        re.compile(rf"^ (?:\w+ ){{0,3}}(?:in|for) the prevention of (?:\w+ )?{_PLAIN}$"),
    ),
    (
        "increases the risk of",
        False,
        re.compile(""),
        re.compile(
            rf"""
              ^\ (?P<may>{_MAY}\ )?
              (?:
                  {_BE}\ (?P<no>not\ )?an?\ (?:\w+\ )?risk\ factors?\ for  # is a major risk factor for
                | increase[sd]?\ the\ risk\ (?:of|for)  # increased the risk of
              )
              \ (?:\w+\ )?$
            """,
            re.X,
        ),
    ),
    ("causes", False, re.compile(""), re.compile(rf"^-induced (?:\w+ )?{_PLAIN}$")),
    (
        "is associated with",
        False,
        re.compile(""),
        re.compile(rf"^-(?:associated|related) (?:\w+ )?{_PLAIN}$"),
    ),
    ("is a", True, re.compile(""), re.compile(rf"^,? such as (?:the )?{_PLAIN}$")),
)
"""Relations named by nouns: (predicate, reversed, what stands before the first name, what stands between)."""

_ASKED = re.compile(
    r"""
      \b(?:
          whether | supposed | proposed | putative | hypothe\w+ | null
        | no\ (?:\w+\ )?(?:association|evidence|effect)  # no significant association
        | further\ (?:research|studies)  # further studies on
        | (?:to|will|should)\ (?:evaluate|examine|investigate|determine|assess|test|explore)  # to examine
        | wanted\ to | spurious | unclear | unknown
      )\b
    | \?
    """,
    re.I | re.X,
)
"""Sentences that ask, plan or doubt state no relation by their nouns."""
_NOT_HEAD = re.compile(r"\b(?:with|in|as|of|than|by|for|from|on)\b[^,;]*$", re.I)
"""The name before "such as" is then only a part of what the example is an example of."""


_RELATES = re.compile(
    rf"(?:\b(?:{'|'.join(f'(?:{verbs})' for verbs in _VERBS.values())}"
    r"|associat(?:ion|ed)|correlation|relationship|effects? of|impact of|influence of|risk factors?|treatment"
    rf"|prevention|therapy|used|uses|part of|such as)\b|{'|'.join(_CHINESE.values())}|与|相关)",
    re.I,
)


def tells_relation(sentence: str) -> bool:
    """Whether a sentence has a verb or noun of relation at all."""
    return _RELATES.search(sentence) is not None


def find_statements(passage: Passage, mentions: Sequence[Mention]) -> Iterator[Statement]:
    """Statements of one passage.

    Args:
        passage: with its sentences.
        mentions: of this passage, in order of their starts.

    Returns:
        In the order of the text; ids are stable for equal text.
    """
    for sentence in passage.sentences:
        inside = _outermost(
            [
                m
                for m in mentions
                if sentence.start <= m.start and m.end <= sentence.end and not _is_joined(passage, m)
            ]
        )
        for left, right in itertools.pairwise(inside):
            if left.entity_id == right.entity_id or any(
                _is_common(passage, sentence, mention) for mention in (left, right)
            ):
                continue
            gap, before = passage.text[left.end : right.start], passage.text[sentence.start : left.start]
            found = _by_nouns(before, gap, passage.text[sentence.start : sentence.end]) or (
                None if _PREPOSITION.search(before) else _between(gap)
            )
            if found is not None:
                yield _statement(passage, sentence, left, right, *found)


def _is_joined(passage: Passage, mention: Mention) -> bool:
    """Names that form alone joined by "and" or "with": their parts are mentions too, and what is between them
    may be a relation.
    """
    return mention.method == "name" and _JOINS.search(passage.text, mention.start, mention.end) is not None


def _is_common(passage: Passage, sentence: Sentence, mention: Mention) -> bool:
    """A single word that is capital only because it begins the sentence."""
    text = passage.text[mention.start : mention.end]
    return (
        mention.method == "name"
        and mention.start == sentence.start
        and " " not in text
        and text[1:].islower()
    )


def _by_nouns(before: str, gap: str, sentence: str) -> tuple[str, bool, bool, bool] | None:
    """As ``_between``, for relations named by nouns; nothing where the sentence only asks or doubts."""
    if len(gap) > MAX_GAP or _ASKED.search(sentence):
        return None
    for name, backwards, left, between in _NOMINAL:
        if (
            (match := between.match(gap))
            and left.search(before)
            and not (name == "is a" and _NOT_HEAD.search(before[-28:]))
        ):
            return name, backwards, bool(match.group("no")), bool(match.group("may"))
    return None


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


def _statement(
    passage: Passage,
    sentence: Sentence,
    left: Mention,
    right: Mention,
    predicate: str,
    backwards: bool,
    negative: bool,
    hedged: bool,
) -> Statement:
    subject, object_ = (right, left) if backwards else (left, right)
    return Statement(
        id=f"s:{passage.id}/{left.start}-{right.end}",
        subject=subject.entity_id,
        predicate=predicate,
        object=object_.entity_id,
        passage_id=passage.id,
        start=sentence.start,
        end=sentence.end,
        polarity="negative" if negative else "positive",
        method="pattern",
        score=HEDGED_SCORE if hedged else PLAIN_SCORE,
    )
