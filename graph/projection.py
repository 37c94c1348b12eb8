"""The passage–entity graph as arrays, for PageRank: read from either store, walked by ``graph.pagerank``.

Knows arrays and weights. A mention edge weighs log(1 + mentions) times the entity's rarity, so that an entity in every
passage leads nowhere; two entities of one statement are joined directly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from graph.pagerank import personalised_pagerank, transition

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Projection:
    """Edges between passages and entities.

    Attributes:
        passages: int64 (n_mentions,), the passage of each mention, as any integer key.
        entities: int64 (n_mentions,), the entity of each mention.
        pairs: int64 (n_statements, 2), entities joined by a statement.
    """

    passages: Ints
    entities: Ints
    pairs: Ints

    @cached_property
    def passage_keys(self) -> Ints:
        """Distinct passages, ascending; the first rows of the matrix."""
        return np.unique(self.passages)

    @cached_property
    def entity_keys(self) -> Ints:
        """Distinct entities, ascending; the rows after the passages."""
        return np.unique(np.concatenate([self.entities, self.pairs.ravel()]))

    @cached_property
    def walk(self) -> sparse.csr_matrix:
        """The walk's matrix over passages, then entities."""
        n_passages, n = len(self.passage_keys), len(self.passage_keys) + len(self.entity_keys)
        rows = np.searchsorted(self.passage_keys, self.passages)
        columns = np.searchsorted(self.entity_keys, self.entities) + n_passages
        counts = sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n)).tocsr()
        degree = np.maximum(np.diff(counts.tocsc().indptr), 1)
        rarity = np.log1p(n_passages / degree)
        counts.data = np.log1p(counts.data) * rarity[counts.indices]
        left, right = (np.searchsorted(self.entity_keys, self.pairs[:, i]) + n_passages for i in (0, 1))
        stated = sparse.coo_matrix((np.ones(len(left)), (left, right)), shape=(n, n)).tocsr()
        edges = counts + stated
        return transition(sparse.csr_matrix(edges + edges.T))

    def rank(self, passages: Mapping[int, float], entities: Mapping[int, float], damping: float) -> tuple[Ints, NDArray[np.float64]]:
        """Scores of all passages for a restart at weighted passages and entities (by key; unknown keys are ignored).

        Returns:
            (passage_keys, scores), both (n_passages,), in the order of the keys.
        """
        n_passages = len(self.passage_keys)
        restart = np.zeros(n_passages + len(self.entity_keys))
        for keys, weights, shift in ((self.passage_keys, passages, 0), (self.entity_keys, entities, n_passages)):
            found, values = _positions(keys, weights)
            restart[found + shift] = values
        if not restart.any():
            return self.passage_keys[:0], restart[:0]
        return self.passage_keys, personalised_pagerank(self.walk, restart, damping)[:n_passages]


def _positions(keys: Ints, weights: Mapping[int, float]) -> tuple[Ints, NDArray[np.float64]]:
    wanted = np.fromiter(weights, np.int64, len(weights))
    values = np.fromiter(weights.values(), np.float64, len(weights))
    places = np.searchsorted(keys, wanted)
    known = (places < len(keys)) & (keys[np.minimum(places, max(len(keys) - 1, 0))] == wanted) if len(keys) else np.zeros(len(wanted), bool)
    return places[known], values[known]


def best(ids: Sequence[str], scores: NDArray[np.float64], top_k: int) -> list[tuple[str, float]]:
    """The top_k ids by score, best first, ties (to 12 digits) by id."""
    order = sorted(zip(ids, scores, strict=True), key=lambda pair: (-round(pair[1], 12), pair[0]))
    return [(node, float(score)) for node, score in order[:top_k]]
