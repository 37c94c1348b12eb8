"""Declares the plug-in points: what a backend must offer. Each is small; ``backends.py`` maps names to them.

Knows only ``types``. An implementation imports its heavy library inside its constructor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kgrag.types import (
    Chain,
    Document,
    Draft,
    Edge,
    Entity,
    Evidence,
    Extraction,
    Filters,
    Node,
    Passage,
    Understood,
    Verdict,
)

Vectors = NDArray[np.float32]
Keys = NDArray[np.int64]


class Extractor(Protocol):
    """Finds entities, mentions, statements and knowledge objects in one document; pure and picklable."""

    def extract(self, document: Document, passages: Sequence[Passage]) -> Extraction:
        """Everything found; equal input gives equal output."""
        ...


class Embedder(Protocol):
    """Texts to unit vectors. Empty text gives zeros; a batch equals its single texts."""

    identity: str
    dim: int

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """float32, (n_texts, dim), unit rows."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """float32, (dim,), unit length."""
        ...


class Follower(Protocol):
    """What is made from the catalogue and follows its feed of changes; it can be made anew at any time."""

    name: str

    def applied_seq(self) -> int:
        """The last change of the feed that is in the follower."""
        ...

    def catch_up(self) -> int:
        """Apply what the feed has and the follower has not; returns the new applied_seq."""
        ...

    def clear(self) -> None:
        """Forget everything (a rebuild is ``clear`` and ``catch_up``)."""
        ...


class DenseIndex(Follower, Protocol):
    """Finds passages by vector. Keys are the catalogue's passage keys."""

    def search(
        self, vector: Vectors, top_k: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """(passage key, cosine), best first, ties by key; only among ``allowed`` where it is given."""
        ...

    def matrix_of(self, keys: Sequence[int]) -> Vectors:
        """float32, (n_keys, dim), in the order of the keys; zeros where a key is unknown."""
        ...

    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean (dim,) and covariance (dim, dim) of the vectors, by which a cosine is told from chance."""
        ...

    def described(self) -> str:
        """How the index is searched, for the doctor and the record of a search."""
        ...

    def contents(self) -> Mapping[int, bytes]:
        """Every stored vector (float16) by passage key, for the doctor."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


class WordIndex(Follower, Protocol):
    """Finds passages by their words."""

    def search(self, text: str, top_k: int, filters: Filters = ...) -> list[tuple[int, float]]:
        """(passage key, score), best first, ties by key, among the passages that pass the filters."""
        ...

    def contents(self) -> set[int]:
        """Every passage key in the index, for the doctor."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


class GraphArrays(Protocol):
    """The passage–entity graph in the catalogue's keys; rows are passages, columns entities (see
    ``graph.projection``).
    """

    @property
    def passage_keys(self) -> Keys:
        """int64 (n_passages,), ascending."""
        ...

    @property
    def mentioned(self) -> Any:
        """Sparse (n_passages, n_entities): how often each passage mentions each entity."""
        ...

    @property
    def degree(self) -> Keys:
        """int64 (n_entities,): passages that mention the entity."""
        ...

    @property
    def rarity(self) -> NDArray[np.float64]:
        """float64 (n_entities,): log(1 + passages / degree)."""
        ...

    def restart(self, passages: Mapping[int, float], entities: Mapping[int, float]) -> NDArray[np.float64]:
        """A restart vector from weights by key; unknown keys are ignored."""
        ...

    def rank_many(self, restarts: Sequence[NDArray[np.float64]], damping: float) -> NDArray[np.float64]:
        """Personalised PageRank of all passages, (n_passages, n_restarts)."""
        ...

    def rows_of(self, passages: Sequence[int]) -> Keys:
        """Row of each passage key; -1 where unknown."""
        ...

    def columns_of(self, entities: Sequence[int]) -> Keys:
        """Column of each entity key; -1 where unknown."""
        ...


class GraphStore(Follower, Protocol):
    """The graph follower: embedded or Neo4j, equal by contract. Node ids are those of ``types``."""

    def find(self, names: Sequence[str]) -> list[Entity]:
        """Entities whose normalised name or alias equals one of the names; ordered by id."""
        ...

    def neighbours(self, node_id: str, limit: int = 50) -> list[Edge]:
        """Edges that touch the node; ordered by (type, source, target)."""
        ...

    def paths(self, source: str, target: str, k: int = 3, max_hops: int = 6) -> list[Chain]:
        """Up to k shortest simple paths, shortest first, ties by node ids."""
        ...

    def nodes(self, ids: Iterable[str]) -> dict[str, Node]:
        """Nodes by id; ids that do not exist are left out."""
        ...

    def pagerank(
        self, restart: Mapping[str, float], top_k: int = 100, damping: float = 0.85
    ) -> list[tuple[str, float]]:
        """Personalised PageRank over passages and entities: passage ids, best first, ties by id."""
        ...

    def projection(self) -> GraphArrays:
        """The graph as arrays, as of ``applied_seq``."""
        ...

    def counts(self) -> dict[str, int]:
        """Number of nodes of each label and edges of each type."""
        ...


class Verifier(Protocol):
    """Decides whether evidence supports a claim."""

    identity: str

    def verify(self, claims: Sequence[str], evidence: Sequence[Sequence[str]]) -> list[Verdict]:
        """One verdict a claim against its own list of evidence texts; the order of claims is kept."""
        ...


class Generator(Protocol):
    """Drafts candidate answers from evidence."""

    identity: str

    def draft(self, question: Understood, evidence: Sequence[Evidence], n_candidates: int) -> list[Draft]:
        """Up to n_candidates different drafts, best guess first."""
        ...


class RewardModel(Protocol):
    """Scores candidate answers to one question; higher is better."""

    identity: str

    def score(
        self,
        question: str,
        answers: Sequence[str],
        evidence: Sequence[str],
        verdicts: Sequence[Sequence[Verdict]] | None = None,
    ) -> list[float]:
        """One score an answer.

        ``verdicts`` holds each answer's per-sentence verdicts where they are known.
        """
        ...
