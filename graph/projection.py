"""The passage–entity graph as arrays, for PageRank: read from either store, walked by ``graph.pagerank``.

Knows arrays and weights. A mention edge weighs log(1 + mentions) times the entity's rarity, so that an entity
in every passage leads nowhere; two entities of one statement are joined directly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from graph.pagerank import personalised_pagerank, push

Ints = NDArray[np.int64]
LARGE = 600_000
"""Entries of the matrix from which a local push is faster than twelve steps over all of it (about 60,000
passages).
"""
TOLERANCE = 5e-7
"""Of the push.

Over a million passages 2e-7 costs twice as much and finds the same passages (84% of the best fifty, 90% of
the best hundred of 2e-8, either way).
"""


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
    def mentioned(self) -> sparse.csr_matrix:
        """How often each passage mentions each entity, (n_passages, n_entities)."""
        rows = np.searchsorted(self.passage_keys, self.passages)
        columns = np.searchsorted(self.entity_keys, self.entities)
        shape = (len(self.passage_keys), len(self.entity_keys))
        return sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), shape=shape).tocsr()

    @cached_property
    def degree(self) -> Ints:
        """Number of passages that mention each entity, (n_entities,)."""
        return np.bincount(self.mentioned.indices, minlength=len(self.entity_keys)).astype(np.int64)

    @cached_property
    def rarity(self) -> NDArray[np.float64]:
        """log(1 + passages / degree) of each entity, (n_entities,)."""
        return np.log1p(len(self.passage_keys) / np.maximum(self.degree, 1))

    @cached_property
    def _leads_on(self) -> NDArray[np.bool_]:
        """Entities that join two nodes; the walk leaves out the others, three quarters of all edges."""
        joined = self.degree > 1
        joined[np.searchsorted(self.entity_keys, self.pairs.ravel())] = True
        return joined

    @cached_property
    def adjacency(self) -> sparse.csr_matrix:
        """The walk's symmetric weights over passages, then entities."""
        weights = self.mentioned.copy()
        weights.data = np.log1p(weights.data) * (self.rarity * self._leads_on)[weights.indices]
        weights.eliminate_zeros()
        n_entities = len(self.entity_keys)
        left, right = (np.searchsorted(self.entity_keys, self.pairs[:, i]) for i in (0, 1))
        stated = sparse.coo_matrix(
            (np.ones(len(left)), (left, right)), shape=(n_entities, n_entities)
        ).tocsr()
        n = sum(self.mentioned.shape)
        if n == 0:
            return sparse.csr_matrix((0, 0))
        blocks: Any = [[None, weights], [weights.T, stated + stated.T]]
        return sparse.csr_matrix(sparse.bmat(blocks))

    @cached_property
    def out(self) -> NDArray[np.float64]:
        """Row sums of ``adjacency``."""
        sums: NDArray[np.float64] = np.asarray(self.adjacency.sum(axis=1), np.float64).ravel()
        return sums

    def rank(
        self, passages: Mapping[int, float], entities: Mapping[int, float], damping: float
    ) -> tuple[Ints, NDArray[np.float64]]:
        """Scores of all passages for a restart at weighted passages and entities (by key; unknown keys are
        ignored).

        Returns:
            (passage_keys, scores), both (n_passages,), in the order of the keys.
        """
        restart = self.restart(passages, entities)
        if not restart.any():
            return self.passage_keys[:0], restart[:0]
        return (
            self.passage_keys,
            personalised_pagerank(self.adjacency, restart, damping)[: len(self.passage_keys)],
        )

    def rank_many(self, restarts: Sequence[NDArray[np.float64]], damping: float) -> NDArray[np.float64]:
        """Scores of all passages, (n_passages, n_restarts), for several restarts (see ``restart``); by local
        push where the graph is large.
        """
        if self.adjacency.nnz > LARGE:
            scores = np.stack(
                [push(self.adjacency, self.out, restart, damping, TOLERANCE) for restart in restarts], axis=1
            )
        else:
            scores = personalised_pagerank(
                self.adjacency, np.stack(restarts, axis=1), damping, n_steps=12, tolerance=0.0, out=self.out
            )
        return scores[: len(self.passage_keys)]

    def restart(self, passages: Mapping[int, float], entities: Mapping[int, float]) -> NDArray[np.float64]:
        """Weights of nodes, (n_passages + n_entities,).

        An entity of one passage hands its weight to that passage.
        """
        n_passages = len(self.passage_keys)
        restart = np.zeros(n_passages + len(self.entity_keys))
        for keys, weights, shift in (
            (self.passage_keys, passages, 0),
            (self.entity_keys, entities, n_passages),
        ):
            found, values = _positions(keys, weights)
            restart[found + shift] = values
        ends = np.flatnonzero((restart[n_passages:] > 0) & ~self._leads_on)
        if len(ends):
            restart[:n_passages] += (self._columns[:, ends] > 0) @ restart[n_passages + ends]
            restart[n_passages + ends] = 0.0
        return restart

    def save(self, folder: Path) -> None:
        """Write what the walk needs, so that other processes map it instead of making it again."""
        parts = {
            "passage_keys": self.passage_keys,
            "entity_keys": self.entity_keys,
            "degree": self.degree,
            "leads_on": self._leads_on,
            "out": self.out,
        }
        for name, matrix in (("mentioned", self.mentioned), ("adjacency", self.adjacency)):
            parts |= {
                f"{name}.data": matrix.data.astype(np.float32),
                f"{name}.indices": matrix.indices.astype(np.int32),
                f"{name}.indptr": matrix.indptr.astype(np.int64),
            }
        for name, array in parts.items():
            np.save(folder / f"{name}.npy", array)

    @classmethod
    def mapped(cls, folder: Path, passages: Ints, entities: Ints, pairs: Ints) -> Projection:
        """The projection that ``save`` wrote, its arrays mapped from the files."""
        made = cls(passages, entities, pairs)
        held = {path.name.removesuffix(".npy"): np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
        shapes = {
            "mentioned": (len(held["passage_keys"]), len(held["entity_keys"])),
            "adjacency": (len(held["out"]),) * 2,
        }
        for name, shape in shapes.items():
            made.__dict__[name] = sparse.csr_matrix(
                (held[f"{name}.data"], held[f"{name}.indices"], held[f"{name}.indptr"]),
                shape=shape,
                copy=False,
            )
        made.__dict__.update(
            {
                "passage_keys": held["passage_keys"],
                "entity_keys": held["entity_keys"],
                "degree": held["degree"],
                "_leads_on": held["leads_on"],
                "out": held["out"],
            }
        )
        return made

    @cached_property
    def _columns(self) -> sparse.csc_matrix:
        return self.mentioned.tocsc()

    def rows_of(self, passages: Sequence[int]) -> Ints:
        """Row of each passage key; -1 where the graph does not know it."""
        wanted = np.asarray(passages, np.int64)
        if not len(self.passage_keys):
            return np.full(len(wanted), -1, np.int64)
        places = np.minimum(np.searchsorted(self.passage_keys, wanted), len(self.passage_keys) - 1)
        return np.where(self.passage_keys[places] == wanted, places, -1)

    def columns_of(self, entities: Sequence[int]) -> Ints:
        """Column of each entity key; -1 where the graph does not know it."""
        wanted = np.asarray(entities, np.int64)
        if not len(self.entity_keys):
            return np.full(len(wanted), -1, np.int64)
        places = np.minimum(np.searchsorted(self.entity_keys, wanted), len(self.entity_keys) - 1)
        return np.where(self.entity_keys[places] == wanted, places, -1)


def _positions(keys: Ints, weights: Mapping[int, float]) -> tuple[Ints, NDArray[np.float64]]:
    wanted = np.fromiter(weights, np.int64, len(weights))
    values = np.fromiter(weights.values(), np.float64, len(weights))
    places = np.searchsorted(keys, wanted)
    known = (
        (places < len(keys)) & (keys[np.minimum(places, max(len(keys) - 1, 0))] == wanted)
        if len(keys)
        else np.zeros(len(wanted), bool)
    )
    return places[known], values[known]


def best(ids: Sequence[str], scores: NDArray[np.float64], top_k: int) -> list[tuple[str, float]]:
    """The top_k ids by score, best first, ties (to 12 digits) by id."""
    order = sorted(zip(ids, scores, strict=True), key=lambda pair: (-round(pair[1], 12), pair[0]))
    return [(node, float(score)) for node, score in order[:top_k]]
