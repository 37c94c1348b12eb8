"""What is wrong with a claim that its evidence does not support: a number, an entity, a negation, the scope,
or nothing like that.

Knows the words of both sides only (``kgrag.language.facts`` and the words that widen or narrow a statement).
The first kind that is found names the claim; *unsupported* is what is left. Does not know any model, nor
whether the claim is in fact wrong: that is people's word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kgrag.language.facts import Checks, check
from kgrag.language.sentences import split_sentences
from kgrag.language.words import content_words

KINDS = ("number", "entity", "negation", "scope", "unsupported")
_ALL = re.compile(
    r"""
      \b(?:
          all | always | every | each | any | never | none | only | most | entirely | completely
        | everyone | universal\w* | must
        | the\ (?:first|best|main|primary|leading)  # the main cause
      )\b
    | 所有 | 全部 | 总是 | 从不 | 唯一 | 大多数 | 必须 | 首要
    """,
    re.I | re.X,
)
_SOME = re.compile(
    r"""
      \b(?:
          may | might | could | can | some | sometimes | often | suggest\w* | possibl\w+
        | probabl\w+ | likely | appear\w* | seem\w* | partial\w* | several | few
        | in\ (?:mice|rats|vitro)  # said of animals, claimed of people
      )\b
    | 可能 | 有些 | 部分 | 或许 | 往往 | 小鼠 | 体外
    """,
    re.I | re.X,
)
MAX_SENTENCES = 200


def kind_of(claim: str, evidence: Sequence[str]) -> str:
    """One of ``KINDS`` for a claim that is not supported by its evidence."""
    best = nearest(claim, evidence)
    checked = check(claim, " ".join(evidence), best)
    return _by_check(checked) or ("scope" if wider(claim, best) else "unsupported")


def nearest(claim: str, evidence: Sequence[str]) -> str:
    """The sentence of the evidence that shares most words with the claim; the first of equals."""
    sentences = [text[a:b] for text in evidence for a, b in split_sentences(text)][:MAX_SENTENCES]
    said = set(content_words(claim))
    return max(sentences, key=lambda sentence: len(said & set(content_words(sentence))), default="")


def wider(claim: str, sentence: str) -> bool:
    """Whether a claim says more than the sentence: a word for all where the sentence has none, or the
    sentence's reserve left out.
    """
    return bool(
        (_ALL.search(claim) and not _ALL.search(sentence))
        or (_SOME.search(sentence) and not _SOME.search(claim))
    )


def _by_check(checked: Checks) -> str | None:
    if checked.numbers_missing or checked.units_missing:
        return "number"
    if checked.names_missing:
        return "entity"
    return "negation" if checked.negation or checked.opposites else None
