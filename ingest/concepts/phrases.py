"""Cuts the noun phrases out of a tagged sentence.

Knows parts of speech. A phrase is a run of nouns with the adjectives, participles and numbers before them;
articles, pronouns and what follows a preposition are no part of it. Does not know which phrases mean
something: that is ``ingest.concepts.gate``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.concepts.parse import TEXT

NOUNS = ("NOUN", "PROPN")
_BEFORE = (*NOUNS, "ADJ", "NUM")
_GLUE = ("-", "–", "‐", "/", "−")
_LATIN = ("situ", "vivo", "vitro", "silico", "novo", "mortem")
MAX_WORDS = 6


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: its tokens ``first`` to ``head`` inclusive, and its span in the sentence's text."""

    first: int
    head: int
    start: int
    end: int
    text: str


def noun_phrases(doc: Any) -> Iterator[Phrase]:
    """Every longest noun phrase, in order; none overlapping another."""
    n, i = len(doc), 0
    while i < n:
        if not _can_begin(doc[i]):
            i += 1
            continue
        last = _run(doc, i)
        head = last
        while head >= i and doc[head].pos_ not in NOUNS:
            head -= 1
        if head >= i and not _is_cut(doc, head):
            yield phrase_of(doc, _begun(doc, i), head)
        i = max(last, i) + 1


def phrase_of(doc: Any, first: int, head: int) -> Phrase:
    """The phrase of these tokens."""
    start, end = doc[first].idx, doc[head].idx + len(doc[head])
    return Phrase(first, head, start, end, doc.user_data[TEXT][start:end])


def _can_begin(token: Any) -> bool:
    return (token.pos_ in (*NOUNS, "ADJ") or _is_participle(token)) and any(c.isalpha() for c in token.text)


def _is_participle(token: Any) -> bool:
    """A participle before its noun, as in *randomized trial*; behind *was* or *have* it is a verb."""
    doc, i = token.doc, token.i
    return (
        token.tag_ == "VBN"
        and i + 1 < len(doc)
        and doc[i + 1].pos_ in NOUNS
        and (i == 0 or doc[i - 1].pos_ in ("DET", "ADP", "ADJ", "CCONJ", "PUNCT"))
    )


def _run(doc: Any, first: int) -> int:
    """The last token of the run that begins here."""
    i = first
    while i + 1 < len(doc):
        following = doc[i + 1]
        if (following.text in _GLUE and i + 2 < len(doc) and _touch(doc, i + 1) and _joins(doc[i + 2])) or (
            following.tag_ == "POS" and doc[i].pos_ == "PROPN" and i + 2 < len(doc) and _goes_on(doc[i + 2])
        ):
            i += 2
        elif _goes_on(following):
            i += 1
        else:
            return i
    return i


def _goes_on(token: Any) -> bool:
    return (token.pos_ in _BEFORE and any(c.isalnum() for c in token.text)) or (
        token.tag_ == "VBN" and token.i + 1 < len(token.doc) and token.nbor().pos_ in NOUNS
    )


def _joins(token: Any) -> bool:
    """What may stand behind a hyphen: *placebo-controlled*, *T-cell*, *IL-6*."""
    return token.pos_ in (*_BEFORE, "VERB", "X", "ADV") and token.text[:1].isalnum()


def _touch(doc: Any, i: int) -> bool:
    """Whether a sign stands between its neighbours without spaces."""
    return not doc[i - 1].whitespace_ and not doc[i].whitespace_


def _begun(doc: Any, first: int) -> int:
    """Where the phrase really begins: before what a hyphen joins to it (*two-dimensional*, *just-in-time*),
    and before the Latin of *in vitro*.
    """
    while (
        first >= 2
        and doc[first - 1].text in _GLUE
        and _touch(doc, first - 1)
        and doc[first - 2].text.isalnum()
    ):
        first -= 2
    if first and doc[first].lower_ in _LATIN and doc[first - 1].lower_ in ("in", "ex", "de", "post"):
        first -= 1
    return first


def _is_cut(doc: Any, head: int) -> bool:
    """Whether a hyphen joins the head to a word that is no part of the phrase."""
    return (
        head + 1 < len(doc)
        and not doc[head].whitespace_
        and doc[head + 1].text in _GLUE
        and not doc[head + 1].whitespace_
    )
