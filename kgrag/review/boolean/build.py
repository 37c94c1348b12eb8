"""Builds a search strategy from a question and a few papers that it must find.

Knows records and terms. A ranking learnt from question and seeds says how much each record matters; blocks of
terms are then chosen one by one, so that a block holds what matters and leaves out the rest, until the blocks
together are small enough. Every seed stays found where terms can find it. Nothing is drawn by chance without
a fixed seed, so the same input gives the same strategy.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kgrag.errors import UsageError
from kgrag.language.words import content_words_unstemmed, has_han, word_stem
from kgrag.review.boolean.match import Searcher, as_array
from kgrag.review.boolean.query import Query, Term, joined
from kgrag.review.screening.ranker import Ranker, text_of

MOST = 0.095
"""Share of the records that a strategy may find at most; a set of 200 and fewer has nothing to narrow."""
FEW = 200
N_TERMS = 25
N_CANDIDATES = 400
PRICES = (0.4, 0.2, 0.1, 0.05, 0.02)
"""What each record that a term of a block adds must matter on average, tried in turn."""
PRIOR = 20
STEM = 5
SEED_SHARE = 0.015
"""Of all that matters: what a seed adds to it."""
Weights = NDArray[np.float64]
Terms = dict[Term, NDArray[np.bool_]]
"""Candidates with the records that have them."""


@dataclass(frozen=True, slots=True)
class Block:
    """Alternatives that one block joins by OR."""

    terms: tuple[Term, ...]

    @property
    def query(self) -> Query:
        """The block as a query."""
        return joined("OR", self.terms)


def build(question: str, seeds: Sequence[int], searcher: Searcher) -> tuple[Block, ...]:
    """Blocks of a strategy, the widest first.

    Args:
        question: in words; may be a title.
        seeds: numbers of records of the searcher that must be found; may be empty.
        searcher: of the records that counts are taken from.

    Raises:
        UsageError: the question has no word, or there are no records.
    """
    if not content_words_unstemmed(question):
        raise UsageError("The question has no word to search for. Write what the review is about.")
    if not searcher.records:
        raise UsageError("The library holds no record to count in. First: kgrag ingest PATH")
    matters = _matters(question, seeds, searcher)
    terms = _candidates(question, seeds, searcher, matters)
    if not terms:
        return (Block(tuple(Term(word, "title_abstract") for word in _plain(question))),)
    most = max(FEW, round(MOST * len(searcher.records)))
    tried = list(_strategies(terms, matters, most))
    best = max(tried, key=lambda one: (_held(one, matters, most), -len(one.blocks)))
    return best.blocks


@dataclass(frozen=True, slots=True)
class _Strategy:
    blocks: tuple[Block, ...]
    found: NDArray[np.bool_]


def _strategies(terms: Terms, matters: Weights, most: int) -> Iterator[_Strategy]:
    """Strategies of one block and more, for several prices of what a block adds: a low price makes a block
    wide, and one more block narrow it.
    """
    everything = np.ones(len(matters), dtype=bool)
    firsts = [
        one for price in PRICES if (one := _with_block(terms, _Strategy((), everything), matters, price))
    ]
    yield from firsts
    wide = [one for one in firsts if one.found.sum() > most]
    for first in wide:
        for price in PRICES[1:]:
            second = _with_block(terms, first, matters, price)
            if second is not None:
                yield second


def _held(strategy: _Strategy, matters: Weights, most: int) -> float:
    """How much of what matters a strategy finds; of one that finds too much, less the more it finds."""
    gain = float(matters[strategy.found].sum())
    n = int(strategy.found.sum())
    return gain if n <= most else gain * (most / n) ** 4


def _with_block(terms: Terms, so_far: _Strategy, matters: Weights, price: float) -> _Strategy | None:
    used = {stem for block in so_far.blocks for term in block.terms for stem in _stems(term)}
    unlike = {term: rows for term, rows in terms.items() if not _stems(term) & used}
    block = _block(unlike, so_far.found, matters, price)
    if block is None:
        return None
    found = so_far.found & np.logical_or.reduce([terms[term] for term in block.terms])
    return _Strategy((*so_far.blocks, block), found)


def _matters(question: str, seeds: Sequence[int], searcher: Searcher) -> Weights:
    """How much each record matters, from 0 to 1, seeds more: by its place in a ranking that takes question
    and seeds for included and others, drawn once, for excluded.
    """
    records = searcher.records
    texts = [text_of(r.title, r.abstract) for r in records]
    others = [row for row in range(len(records)) if row not in set(seeds)]
    drawn = random.Random(0).sample(others, min(500, len(others)))
    decided = {len(texts): True, **dict.fromkeys(seeds, True), **dict.fromkeys(drawn, False)}
    scores = Ranker([*texts, question]).scores(decided)[:-1]
    places = np.empty(len(texts))
    places[np.argsort(-scores, kind="stable")] = np.arange(len(texts))
    weights = np.exp(-places / max(10.0, 0.04 * len(texts)))
    weights[weights < 0.1] = 0
    weights[list(seeds)] = SEED_SHARE * max(weights.sum(), 1.0)
    return weights


def _plain(question: str) -> list[str]:
    return list(dict.fromkeys(content_words_unstemmed(question)))


def _candidates(question: str, seeds: Sequence[int], searcher: Searcher, matters: Weights) -> Terms:
    """Terms worth trying, with the records that have them: words, words cut short, and pairs of words of the
    question, the seeds and the records that matter most.
    """
    top = [int(row) for row in np.argsort(-matters, kind="stable")[:60] if matters[row] > 0]
    counts: Counter[Term] = Counter()
    for row in dict.fromkeys([*seeds, *top]):
        record = searcher.records[row]
        weight = 3 if row in seeds else 1
        for term in _terms_in(f"{record.title}. {record.abstract}"):
            counts[term] += weight
    for term in _terms_in(question):
        counts[term] += 10
    kept = [term for term, n in sorted(counts.items(), key=lambda c: (-c[1], c[0].text)) if n > 1]
    size = len(searcher.records)
    found = {term: as_array(searcher.find(term), size) for term in kept[:N_CANDIDATES]}
    return {term: rows for term, rows in found.items() if 0 < rows.sum() < max(size // 2, FEW)}


def _terms_in(text: str) -> set[Term]:
    found = set()
    for sentence in text.split(". "):
        cut = [w for w in content_words_unstemmed(sentence) if len(w) > 2 or has_han(w)]
        found |= {Term(word, "title_abstract") for word in cut if not word.isdigit()}
        found |= {
            Term(word_stem(word) + "*", "title_abstract") for word in cut if len(word) > 6 and word.isalpha()
        }
        found |= {
            Term(f"{one} {other}", "title_abstract", exact=True)
            for one, other in pairwise(cut)
            if f"{one} {other}" in sentence.casefold()
        }
    return found


def _block(terms: Terms, within: NDArray[np.bool_], matters: Weights, price: float) -> Block | None:
    """The terms of one block: each time the one that adds most of what matters for what it adds besides, as
    long as it is worth its price.
    """
    if not terms:
        return None
    columns = np.flatnonzero(within)
    names, has = list(terms), np.array([rows[columns] for rows in terms.values()], dtype=np.float32)
    weights, ones = matters[columns].astype(np.float32), np.ones(len(columns), dtype=np.float32)
    chosen: list[Term] = []
    while len(chosen) < N_TERMS:
        n, gain = has @ ones, has @ weights
        worth = np.where(gain > price * n, gain * gain / (n + PRIOR), 0.0)
        best = int(worth.argmax())
        if worth[best] <= 0:
            break
        chosen.append(names[best])
        fresh = has[best] == 0
        weights, ones = weights * fresh, ones * fresh
    return Block(tuple(chosen)) if chosen else None


def _stems(term: Term) -> set[str]:
    return {word.rstrip("*")[:STEM] for word in term.text.split()}
