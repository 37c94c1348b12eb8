"""Decides which phrases of a document are concepts, and trims what is before them that says nothing.

Knows three word lists (how common words are in several fields at once; adjectives that only value or compare;
nouns that only point), packaged names, and where a phrase stands. Does not know predicates or other
documents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingest.concepts.phrases import MAX_WORDS, NOUNS, Phrase, phrase_of
from kgrag.language.phrase_keys import is_short_form, phrase_key, singular
from kgrag.language.wordlists import word_list
from kgrag.models.kinds import UNKNOWN, named_kind

COMMON, VERY_COMMON = -6.6, -5.6
"""Mean log share of texts: a word that is more common than the second says little before or as a head."""
RARE, EVERYWHERE = -7.4, -5.2
SENTENCES, OFTEN = 2, 3
SURE_KIND = 0.6
_COUNTING = ("JJR", "JJS", "CD", "RBR", "RBS", "VBG")
_OF_AGE = frozenset(("older", "younger", "elder"))
"""Comparatives that do not compare: *older adults* are a population."""
_THINGS = frozenset(
    (
        "disease",
        "chemical",
        "gene_or_protein",
        "organism",
        "anatomy_or_cell",
        "population",
        "place",
        "software",
    )
)
"""Kinds whose everyday words are concepts too: *cancer*, *mice*, *students*."""
_MARKS = re.compile(
    r"https?:|www\.|[()\[\]{}<>=±×°@#$%^*\\|~]|^\W|[\W_]$|^(?:\d+[a-zA-Z]|S\d+\w*|[A-Z]\d?)$"
    r"|^[nNpPtT]\s?[=<>]|(?:^|\s)[^\W\d](?:\.|$)|^[a-zα-ω]\s"
    r"|(?:^|/)(?:mol|m[lL]|mg|kg|μ[gLlM]|µ[gLlM]|min|bp|sec|hr?|day|cm|mm|dL)(?:/|$)"
)
"""Addresses, brackets, labels of figures, units, letters that stand for numbers."""


@dataclass(slots=True)
class Candidate:
    """A phrase of a document while it is counted: the forms it is written in, the sentences that hold it."""

    key: str
    forms: dict[str, int] = field(default_factory=dict)
    sentences: set[int] = field(default_factory=set)
    alone: int = 0
    prominent: bool = False
    capital: int = 0
    defined: bool = False

    @property
    def name(self) -> str:
        """The form most used; ties go to the one without a capital, then the shorter."""
        return min(self.forms, key=lambda form: (-self.forms[form], form[:1].isupper(), len(form), form))


def trimmed(doc: Any, phrase: Phrase) -> Phrase | None:
    """The phrase without leading words that only value, compare or count; None where nothing is left."""
    first = phrase.first
    while first < phrase.head and _says_nothing(doc[first]):
        first += 1
        while first < phrase.head and not any(c.isalnum() for c in doc[first].text):
            first += 1
    if first == phrase.head and doc[first].pos_ not in NOUNS:
        return None
    while phrase.head - first + 1 > MAX_WORDS + 2:
        first += 1
    return phrase if first == phrase.first else phrase_of(doc, first, phrase.head)


def _says_nothing(token: Any) -> bool:
    low = token.lower_
    if token.pos_ in NOUNS and not low.endswith("most"):
        return False
    if low in _OF_AGE:
        return False
    joined = token.i + 1 < len(token.doc) and not token.whitespace_ and token.nbor().text in ("-", "–")
    if joined or is_short_form(token.text):
        return False
    return low in word_list("vague_modifiers", __file__) or token.tag_ in _COUNTING


def is_concept(candidate: Candidate, kind: tuple[str, float], names: frozenset[str]) -> bool:
    """Whether a candidate is worth a node.

    Args:
        candidate: with all its places.
        kind: what the classifier says of its name, with its score.
        names: keys of the family names of authors and cited authors.
    """
    words = candidate.key.split()
    if not words or len(words) > MAX_WORDS or len(candidate.key) < 2 or candidate.key.lower() in names:
        return False
    listed = named_kind(candidate.name) not in (None, UNKNOWN)  # vitamin D, hepatitis B
    if (_MARKS.search(candidate.name) and not listed) or words[-1] in word_list("vague_heads", __file__):
        return False
    n_sentences = len(candidate.sentences)
    if not (candidate.prominent or candidate.defined or n_sentences >= SENTENCES):
        return False
    if candidate.defined:
        return True
    if len(words) == 1:
        return _single(candidate, words[0], kind)
    if named_kind(candidate.name) not in (None, UNKNOWN):
        return True
    if kind[0] == UNKNOWN and not candidate.prominent and n_sentences < OFTEN:
        return False
    return _tells(words, n_sentences)


def _tells(words: Sequence[str], n_sentences: int) -> bool:
    """Whether several words together say more than each: one of them is rare enough, or they recur."""
    before, head = min(commonness(word) for word in words[:-1]), commonness(words[-1])
    if head > VERY_COMMON:
        return before <= COMMON or (before <= VERY_COMMON and n_sentences > OFTEN)
    if head > COMMON:
        return before <= VERY_COMMON or n_sentences >= OFTEN
    return True


def _single(candidate: Candidate, word: str, kind: tuple[str, float]) -> bool:
    n_sentences = len(candidate.sentences)
    if is_short_form(candidate.name):
        return len(word) > 1 and n_sentences >= SENTENCES
    common = commonness(word)
    if len(word) < 3 or word in word_list("vague_alone", __file__):
        return False
    known = kind[0] != UNKNOWN and kind[1] >= SURE_KIND
    if common > COMMON:
        listed = named_kind(candidate.name) in _THINGS
        return listed and n_sentences >= OFTEN and (common <= EVERYWHERE or kind[0] == "population")
    if known and (kind[0] in _THINGS or common <= RARE):
        return n_sentences >= SENTENCES or named_kind(candidate.name) is not None
    named = candidate.capital > 0.7 * candidate.alone
    return (named and n_sentences >= OFTEN) or (common <= RARE and n_sentences > OFTEN)


@lru_cache(maxsize=1 << 15)
def commonness(word: str) -> float:
    """Mean log share of texts of several fields that hold the word, as singular or plural."""
    table = _common_words()
    return max(table.get(word, RARE), table.get(word + "s", RARE), table.get(singular(word), RARE))


@lru_cache(maxsize=1)
def _common_words() -> dict[str, float]:
    lines = (Path(__file__).parent / "data" / "common_words.tsv").read_text("utf-8").splitlines()
    return {word: float(score) for word, score in (line.split() for line in lines if line[:1] != "#")}


def family_names(names: Sequence[str | None]) -> frozenset[str]:
    """Keys of family names, each the last word of an author's name."""
    return frozenset(
        phrase_key(part).lower()
        for name in names
        if name
        for part in (name.split(",")[0].split() or [""])[-1:]
    )
