"""Follows the catalogue with vectors kept beside it, in PostgreSQL with pgvector.

Knows the catalogue's database: a vector goes with its passage in one transaction, so that no search finds
what is deleted. Half-precision vectors, compared one by one while they are few and through an HNSW graph when
they are many. Selections (filters and rights) are compared one by one where they are small, and else limit an
iterative scan of the graph. Scores are always those of the stored vectors, never the graph's.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from kgrag.catalogue import Catalogue
from kgrag.catalogue.engine import write_transaction
from kgrag.errors import DiskFull, IndexMismatch, UsageError
from kgrag.indexes import pgvector_sql as sql
from kgrag.indexes.vectors import DOCUMENTS_A_STEP, embedded_text, moments_of, other_embedder
from kgrag.protocols import DenseIndex, Embedder, Vectors
from kgrag.settings import Settings
from kgrag.types import Change

logger = logging.getLogger(__name__)
INDEXED = 10_000
"""Vectors from which the graph is built; comparing fewer one by one takes some milliseconds."""
LEAST_VERSION = (0, 8)
"""The first with iterative scans, without which a narrow filter finds too few."""
EXACT_SHARE = 20
"""A selection of s among n is compared one by one while s² is at most this times top_k · n: the graph visits
about top_k · n / s vectors before it has top_k of the selection, each at about twenty times the price.
"""
EF_SEARCH, MOST_EF = 200, 1000
"""Candidates that a search of the graph holds, at least, and the most that pgvector takes."""
SCANNED = 20_000
"""Vectors that an iterative scan visits at most (pgvector's default), unless the selection needs more."""
BUILD_MEMORY_MB = 2048
"""Memory that building a graph may take; one that does not fit is built many times slower."""


class PgVectorIndex(DenseIndex):
    """See the module.

    Raises:
        IndexMismatch: the stored vectors were made by another embedder.
        UsageError: the catalogue is not in PostgreSQL, or the server has no pgvector of version 0.8 or newer.
    """

    name = "vectors"

    def __init__(self, catalogue: Catalogue, embedder: Embedder) -> None:
        _require_postgresql(catalogue)
        self.catalogue, self.embedder = catalogue, embedder
        self._engine = catalogue.engine
        self._moments: tuple[int, NDArray[np.float64], NDArray[np.float64]] | None = None
        with write_transaction(self._engine) as connection:
            self.version = _extension(connection)
            for statement in sql.tables(embedder.dim):
                connection.execute(text(statement))
            _claim(connection, embedder)

    @classmethod
    def open(cls, settings: Settings, catalogue: Catalogue, embedder: Embedder) -> PgVectorIndex:
        """The index of a library, as its settings say."""
        return cls(catalogue, embedder)

    @staticmethod
    def discard(settings: Settings, catalogue: Catalogue) -> None:
        """Remove every vector without opening the index, so that those of another model go too."""
        _require_postgresql(catalogue)
        with write_transaction(catalogue.engine) as connection:
            for statement in sql.DROP:
                connection.execute(text(statement))

    def close(self) -> None:
        """Nothing to give back: the connections are the catalogue's."""

    def applied_seq(self) -> int:
        """The last change of the feed whose vectors are stored."""
        with self._engine.connect() as connection:
            return _applied(connection)

    def catch_up(self) -> int:
        """Embed what is new, a few documents a transaction; returns the new applied_seq."""
        applied = self.applied_seq()
        while changes := self.catalogue.changes(applied, DOCUMENTS_A_STEP):
            applied = self._apply(applied, changes)
        self._build_graph()
        return applied

    def clear(self) -> None:
        """Forget all vectors and adopt the embedder in use."""
        with write_transaction(self._engine) as connection:
            for statement in (*sql.DROP, *sql.tables(self.embedder.dim)):
                connection.execute(text(statement))
            _claim(connection, self.embedder)
        self._moments = None

    def search(
        self, vector: Vectors, top_k: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Nearest passages: (passage key, cosine), best first, ties by key; only among ``allowed`` where it
        is given.

        Args:
            vector: float32, (dim,), unit length.
            top_k: how many, at most.
            allowed: passage keys to choose from; None for all.
        """
        if not np.any(vector) or (allowed is not None and not len(allowed)):
            return []
        values = {"asked": sql.as_text(vector), "k": top_k}
        if allowed is not None:
            values["allowed"] = sql.as_array(allowed)
        with self._engine.connect() as connection:
            n = _in_graph(connection)
            if n is not None and _is_walked(n, top_k, allowed):
                connection.execute(text(sql.SETTINGS), _scan(n, top_k, allowed))
                query = sql.ALL_WALKED if allowed is None else sql.ALLOWED_WALKED
                values["rounded"] = values["asked"]
            else:
                query = sql.ALL_COMPARED if allowed is None else sql.ALLOWED_COMPARED
            rows = connection.execute(text(query), values).all()
        found = [(int(row.passage_key), float(row.score)) for row in rows]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:top_k]

    def matrix_of(self, keys: Sequence[int]) -> Vectors:
        """Vectors, float32 (n_keys, dim), in the order of the keys; zeros where a key is unknown."""
        matrix = np.zeros((len(keys), self.embedder.dim), np.float32)
        held = self._stored(sql.SOME, keys)
        for row, key in enumerate(keys):
            if int(key) in held:
                matrix[row] = held[int(key)]
        return matrix

    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean (dim,) and covariance (dim, dim) of the vectors (of the first 20,000): with them a cosine can
        be told from chance.
        """
        applied = self.applied_seq()
        if self._moments is None or self._moments[0] != applied:
            held = self._stored(sql.FIRST)
            self._moments = (applied, *moments_of([v.tobytes() for v in held.values()], self.embedder.dim))
        return self._moments[1:]

    def described(self) -> str:
        """How the index is searched, for the doctor and the record of a search."""
        with self._engine.connect() as connection:
            n = _in_graph(connection)
        version = ".".join(map(str, self.version))
        return f"pgvector {version}, " + ("exact" if n is None else f"HNSW halfvec ef_search {EF_SEARCH}")

    def contents(self) -> dict[int, bytes]:
        """Every stored vector (float16) by passage key (doctor and tests)."""
        return {key: vector.tobytes() for key, vector in self._stored(sql.EVERY).items()}

    def _stored(self, query: str, keys: Sequence[int] | None = None) -> dict[int, NDArray[np.float16]]:
        values = {} if keys is None else {"keys": sql.as_array(keys)}
        with self._engine.connect() as connection:
            return {row.passage_key: sql.halves(row.sent) for row in connection.execute(text(query), values)}

    def _apply(self, applied: int, changes: list[Change]) -> int:
        """Embed outside the transaction; write only if no other process was faster. What is deleted went with
        its passages.
        """
        rows = self._embed(changes)
        with write_transaction(self._engine) as connection:
            if _applied(connection) != applied:
                return _applied(connection)
            if rows:
                connection.execute(text(sql.INSERT), rows)
            connection.execute(text(sql.SET_STATE), {"name": "applied_seq", "value": str(changes[-1].seq)})
        return changes[-1].seq

    def _embed(self, changes: list[Change]) -> list[dict[str, Any]]:
        """Rows for the passages of the documents put that have no vector yet: a passage's key never changes
        its text.
        """
        texts = {
            key: embedded_text(passage, item.record.title)
            for item in self.catalogue.indexable([c.document_id for c in changes if c.kind == "put"])
            for key, passage in item.passages
        }
        with self._engine.connect() as connection:
            known = connection.execute(text(sql.KNOWN), {"keys": sql.as_array(list(texts))}).scalars()
            missing = {key: texts[key] for key in texts.keys() - set(known)}
        keys = sorted(missing)
        made = self.embedder.embed_passages([missing[key] for key in keys]).astype(np.float16)
        return [{"key": key, "vector": sql.as_text(vector)} for key, vector in zip(keys, made, strict=True)]

    def _build_graph(self) -> None:
        """Build the graph of many vectors where there is none; readers and writers go on meanwhile. Where the
        server cannot, vectors are compared one by one as before.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if _in_graph(connection) is not None or not _begin_build(connection):
                return
            try:
                if connection.execute(text(sql.COUNT)).scalar_one() >= INDEXED:
                    connection.execute(text(f"SET maintenance_work_mem = '{BUILD_MEMORY_MB}MB'"))
                    for statement in sql.BUILD:  # the remains of a build that broke off go first
                        connection.execute(text(statement))
            except (DBAPIError, DiskFull) as error:
                logger.warning("the graph of the vectors could not be built: %s", error)
            finally:
                connection.execute(text(sql.END_BUILD), sql.BUILD_LOCK)
                connection.execute(text("RESET maintenance_work_mem"))


def _begin_build(connection: Connection) -> bool:
    """Whether nobody else builds the graph just now."""
    return bool(connection.execute(text(sql.TRY_BUILD), sql.BUILD_LOCK).scalar_one())


def _require_postgresql(catalogue: Catalogue) -> None:
    if catalogue.engine.dialect.name != "postgresql":
        raise UsageError(
            "Vectors in pgvector need the catalogue in PostgreSQL. Set catalogue_url, or vectors = 'faiss'."
        )


def _extension(connection: Connection) -> tuple[int, ...]:
    """The version of pgvector, made part of the database where it is not.

    Raises:
        UsageError: there is none, the account may not make it so, or it is too old.
    """
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    except (ProgrammingError, OperationalError) as error:
        raise UsageError(
            "This PostgreSQL server has no pgvector, or this account may not add it to the database. Install"
            " it, and let an admin of the database say: CREATE EXTENSION vector"
        ) from error
    found = str(connection.execute(text(sql.VERSION)).scalar_one())
    version = tuple(int(part) for part in found.split("."))
    if version < LEAST_VERSION:
        raise UsageError(
            f"pgvector {found} is too old (0.8 or newer). Install it and say: ALTER EXTENSION vector UPDATE"
        )
    return version


def _claim(connection: Connection, embedder: Embedder) -> None:
    """Write the embedder's identity into an empty index, or check it."""
    found = connection.execute(text(sql.STATE), {"name": "embedder"}).scalar()
    if found is None:
        for name, value in (("embedder", embedder.identity), ("applied_seq", "0")):
            connection.execute(text(sql.SET_STATE), {"name": name, "value": value})
    elif found != embedder.identity:
        raise IndexMismatch(other_embedder(found, embedder))


def _applied(connection: Connection) -> int:
    return int(connection.execute(text(sql.STATE), {"name": "applied_seq"}).scalar_one())


def _in_graph(connection: Connection) -> int | None:
    """About how many vectors the graph holds; None where there is none yet."""
    found = connection.execute(text(sql.IN_GRAPH)).scalar()
    return None if found is None else max(int(found), INDEXED)


def _is_walked(n: int, top_k: int, allowed: Sequence[int] | None) -> bool:
    """Whether walking the graph costs less than comparing one by one."""
    if 4 * top_k > n:
        return False
    return allowed is None or len(allowed) ** 2 > EXACT_SHARE * top_k * n


def _scan(n: int, top_k: int, allowed: Sequence[int] | None) -> dict[str, str]:
    """How widely the graph is walked."""
    needed = 4 * top_k * (1 if allowed is None else n // len(allowed) + 1)
    return {"ef": str(min(MOST_EF, max(EF_SEARCH, 2 * top_k))), "scanned": str(max(SCANNED, needed))}
