"""Computes what the ranker sees of each candidate passage: how well it fits by meaning, by words and by its
place in the graph.

Knows arrays and texts of one question's candidates. Does not know where they come from, or the ranker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kgrag.language.names import fold, without_qualifier
from kgrag.language.words import content_words_unstemmed as content_words
from kgrag.language.words import word_stem

Floats = NDArray[np.float64]
FIRST_HOPS = 6
RARE_SHARE = 0.01
"""An entity in at most this share of the passages (or in ten) is rare enough for a link between two
passages.
"""

TEXT_NAMES = (
    "dense_z",
    "dense_gap",
    "dense_rank",
    "dense",
    "words_rel",
    "words_gap",
    "words_rank",
    "hybrid",
    "hybrid_gap",
    "hybrid_rank",
    "prf",
    "prf_gap",
    "prf_rank",
    "coverage",
    "title_coverage",
    "length",
    "n_words",
)
GRAPH_NAMES = (
    "entity_log",
    "entity_rel",
    "entity_rank",
    "walk_log",
    "walk_rel",
    "walk_rank",
    "entity_cover",
    "title_entity",
    "rest_cover",
    "forward",
    "backward",
    "shared",
    "pair",
    "pair_linked",
    "forward_named",
    "backward_named",
    "n_forward",
    "n_entities",
    "n_titled",
    "n_linked",
    "compares",
    "dense_best",
    "hybrid_lead",
)
NAMES = TEXT_NAMES + GRAPH_NAMES


@dataclass(frozen=True)
class Candidates:
    """One question's candidates; all arrays have n rows, in the order of ``keys``.

    Attributes:
        text: the question; ``side_by_side`` whether it sets things side by side.
        entity_names: normalised names of the question's entities.
        query: float64 (dim,), the question's vector.
        vectors: float64 (n, dim), the passages' vectors.
        dense: cosines; ``dense_z`` the same in deviations from the library's mean for this question.
        words: BM25 divided by the best BM25, 0 … 1.
        hybrid: the fused score of both.
        prf: cosine to the question moved toward its first hits.
        entity_walk, walk: PageRank restarted at the question's entities, and at these with the first hits.
        mentions: (n, m) how each passage mentions each entity of interest, 0 or 1.
        about: (n, m) 1 where the passage's document is named by the entity.
        rarity: (m,) of the entities; ``rare`` (m,) 1 where an entity may link passages.
        asked: (m,) 1 where the question names the entity.
        texts, titles: of the passages.
    """

    text: str
    side_by_side: bool
    entity_names: tuple[str, ...]
    query: Floats
    vectors: Floats
    dense: Floats
    dense_z: Floats
    words: Floats
    hybrid: Floats
    prf: Floats
    entity_walk: Floats
    walk: Floats
    mentions: sparse.csr_matrix
    about: sparse.csr_matrix
    rarity: Floats
    rare: Floats
    asked: Floats
    texts: Sequence[str]
    titles: Sequence[str | None]

    @cached_property
    def folded(self) -> list[str]:
        """The texts as ``fold`` gives them."""
        return [fold(text) for text in self.texts]


def text_features(c: Candidates) -> Floats:
    """(n, len(TEXT_NAMES)): all that needs no graph."""
    words = [word_stem(word) for word in dict.fromkeys(content_words(c.text))]
    columns = [
        c.dense_z,
        _gap(c.dense_z),
        _rank(c.dense),
        c.dense,
        c.words,
        c.words.max(initial=0) - c.words,
        _rank(c.words),
        c.hybrid,
        _gap(c.hybrid),
        _rank(c.hybrid),
        c.prf,
        _gap(c.prf),
        _rank(c.prf),
        _coverage(words, c.folded),
        _title_coverage(words, c.titles),
        np.log1p([len(text) for text in c.texts]),
        np.full(len(c.texts), float(len(words))),
    ]
    return np.stack(columns, axis=1)


def graph_features(c: Candidates) -> Floats:
    """(n, len(GRAPH_NAMES)): walks, entities, and links from the passages a first hop leads to."""
    n = len(c.texts)
    titled = c.about @ c.asked
    rest = _rest_words(c)
    linked = _links(c, titled)
    total = float(c.asked @ c.rarity)
    cover = c.mentions @ (c.asked * c.rarity) / (total or 1.0)
    n_linked = float(near_links(c, linked))
    constant = [
        float(c.asked.sum()),
        float((titled > 0).sum()),
        n_linked,
        float(c.side_by_side),
        float(c.dense_z.max(initial=0)),
        _lead(c.hybrid),
    ]
    columns = [
        *_walk_columns(c.entity_walk),
        *_walk_columns(c.walk),
        cover,
        titled,
        _coverage(rest, c.folded),
        *linked,
        *(np.full(n, value) for value in constant),
    ]
    return np.stack(columns, axis=1)


def near_links(c: Candidates, linked: Sequence[Floats]) -> int:
    """How many of the twenty best hybrid candidates are linked to a first hop."""
    best = np.argsort(-c.hybrid, kind="stable")[:20]
    return int(((linked[0] > 0) | (linked[1] > 0))[best].sum())


def _links(c: Candidates, titled: Floats) -> list[Floats]:
    """Forward, backward, shared, pair, pair_linked, forward_named, backward_named, n_forward; each (n,)."""
    n = len(c.texts)
    named = [i for i in np.argsort(-titled, kind="stable")[:FIRST_HOPS] if titled[i] > 0]
    first = list(dict.fromkeys([*named, *np.argsort(-c.hybrid, kind="stable")[:FIRST_HOPS]]))
    lead = c.hybrid.max(initial=0)
    forward, backward, shared, pair, pair_linked, forward_named, backward_named, n_forward = (
        np.zeros(n) for _ in range(8)
    )
    weighted = c.rarity * c.rare
    for f in first:
        trust = 1.0 if titled[f] > 0 else max(0.0, 1 - (lead - c.hybrid[f]) / 4)
        its_entities, its_names = c.mentions[f].toarray().ravel(), c.about[f].toarray().ravel()
        ahead, behind, common = (
            c.about @ (its_entities * weighted),
            c.mentions @ (its_names * weighted),
            c.mentions @ (its_entities * weighted),
        )
        together = _together(c, f) - c.dense[f]
        for column in (ahead, behind, common, together):
            column[f] = 0.0
        np.maximum(forward, (ahead > 0) * trust, out=forward)
        np.maximum(backward, (behind > 0) * trust, out=backward)
        np.maximum(shared, common * trust, out=shared)
        np.maximum(pair, together, out=pair)
        np.maximum(
            pair_linked, np.where((ahead > 0) | (behind > 0), together + c.dense[f], 0), out=pair_linked
        )
        n_forward += (ahead > 0) * trust
        if titled[f] > 0:
            np.maximum(forward_named, ahead, out=forward_named)
            np.maximum(backward_named, behind, out=backward_named)
    return [forward, backward, shared, pair, pair_linked, forward_named, backward_named, n_forward]


def _together(c: Candidates, f: int) -> Floats:
    """Cosine of the question with each passage and passage f taken together."""
    both = c.vectors + c.vectors[f]
    together: Floats = both @ c.query / np.maximum(np.linalg.norm(both, axis=1), 1e-9)
    return together


def _walk_columns(scores: Floats) -> list[Floats]:
    best = scores.max(initial=0)
    return [
        np.log(scores + 1e-6),
        scores / (best or 1.0),
        _rank(scores) if best > 0 else np.full(len(scores), 6.0),
    ]


def _rest_words(c: Candidates) -> list[str]:
    """Stems of the question's words that no entity of it explains: what is asked about them."""
    named = {word for name in c.entity_names for word in name.split()}
    return [word_stem(word) for word in dict.fromkeys(content_words(c.text)) if word not in named]


def _coverage(stems: Sequence[str], folded: Sequence[str]) -> Floats:
    """Share of the stems found in each text, each weighted by its rarity among the texts."""
    if not stems or not folded:
        return np.zeros(len(folded))
    found = np.array([[stem in text for stem in stems] for text in folded], float)
    weight = np.log1p(len(folded) / (1.0 + found.sum(axis=0)))
    covered: Floats = found @ weight / weight.sum()
    return covered


def _title_coverage(stems: Sequence[str], titles: Sequence[str | None]) -> Floats:
    """Share of each title's words that the question has."""
    asked = set(stems)
    shares = []
    for title in titles:
        words = [word_stem(word) for word in content_words(without_qualifier(title))] if title else []
        shares.append(sum(word in asked for word in words) / len(words) if words else 0.0)
    return np.array(shares)


def _rank(scores: Floats) -> Floats:
    """log(1 + rank), ranks from 0, ties in order."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    logged: Floats = np.log1p(ranks)
    return logged


def _gap(scores: Floats) -> Floats:
    """Distance to the best."""
    gap: Floats = scores.max(initial=-np.inf) - scores if len(scores) else scores
    return gap


def _lead(scores: Floats) -> float:
    """How far the best is before the third."""
    best = np.sort(scores)[::-1]
    return float(best[0] - best[2]) if len(best) > 2 else 0.0
