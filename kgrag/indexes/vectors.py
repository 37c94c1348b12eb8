"""Follows the catalogue with vectors: finds passages by meaning, with FAISS over vectors kept in a small
database of its own.

Knows vectors, passage keys and the embedder's identity. The database (``vectors/vectors.sqlite``) holds each
vector and ``applied_seq``, written in one transaction; every process builds its FAISS index from it (and from
the snapshot of a large one, see ``nearest``) and refreshes by seq.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from kgrag.catalogue import Catalogue
from kgrag.catalogue.engine import make_engine, write_transaction
from kgrag.errors import IndexMismatch
from kgrag.indexes.device import Wanted, on_gpu
from kgrag.indexes.nearest import (
    LARGE,
    RECALL_AT,
    SHARE_OF_NEWS,
    Nearest,
    empty,
    forget,
    opened,
    read_snapshot,
    take_snapshot,
)
from kgrag.protocols import DenseIndex, Embedder, Keys, Vectors
from kgrag.settings import Settings
from kgrag.types import Change, Passage

_metadata = MetaData()
_state = Table(
    "state", _metadata, Column("name", String, primary_key=True), Column("value", Text, nullable=False)
)
_vectors = Table(
    "vectors",
    _metadata,
    Column("passage_key", Integer, primary_key=True),
    Column("document_id", Text, nullable=False, index=True),
    Column("seq", BigInteger, nullable=False, index=True),
    Column("vector", LargeBinary, nullable=False),
)
_removed = Table(
    "removed",
    _metadata,
    Column("passage_key", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False, index=True),
)

FILE, HEAL = "vectors.sqlite", "Make them anew: kgrag rebuild vectors"
DOCUMENTS_A_STEP = 32
CHUNK = 20_000


def embedded_text(passage: Passage, title: str | None) -> str:
    """What is embedded for a passage: its document's title before its text, unless the text opens with it;
    rows of a table come behind their caption.
    """
    if passage.kind == "table":
        return "\n".join(filter(None, (title, *passage.section[-1:], passage.text)))
    if not title or passage.text.startswith(title):
        return passage.text
    return f"{title}\n{passage.text}"


class VectorIndex(DenseIndex):
    """See the module.

    Raises:
        IndexMismatch: the stored vectors were made by another embedder.
    """

    name = "vectors"

    def __init__(
        self, folder: Path, catalogue: Catalogue, embedder: Embedder, device: Wanted = "cpu"
    ) -> None:
        self._gpu = on_gpu(device)
        folder.mkdir(parents=True, exist_ok=True)
        self.catalogue, self.embedder = catalogue, embedder
        self._engine = make_engine(f"sqlite:///{folder / FILE}", "vectors", HEAL)
        self._lock = threading.Lock()
        self.folder = folder
        self._seen = 0
        self._nearest: Nearest | None = None
        self._moments: tuple[int, NDArray[np.float64], NDArray[np.float64]] | None = None
        with write_transaction(self._engine) as connection:
            _metadata.create_all(connection)
            _claim(connection, embedder)

    @classmethod
    def open(cls, settings: Settings, catalogue: Catalogue, embedder: Embedder) -> VectorIndex:
        """The index of a library, as its settings say."""
        return cls(settings.library / "vectors", catalogue, embedder, settings.index_device)

    @staticmethod
    def discard(settings: Settings, catalogue: Catalogue) -> None:
        """Remove the files without opening them, so that neither damage nor another model's vectors keep them
        from being made anew.
        """
        for pattern in (FILE + "*", "nearest*"):
            for path in (settings.library / "vectors").glob(pattern):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the database's connections back."""
        self._engine.dispose()

    def applied_seq(self) -> int:
        """The last change of the feed whose vectors are stored."""
        with self._engine.connect() as connection:
            return _applied(connection)

    def catch_up(self) -> int:
        """Embed what is new, a few documents a transaction; returns the new applied_seq."""
        applied = before = self.applied_seq()
        while changes := self.catalogue.changes(applied, DOCUMENTS_A_STEP):
            applied = self._apply(applied, changes)
        if applied != before or read_snapshot(self.folder) is None:
            self._renew_snapshot()
        return applied

    def clear(self) -> None:
        """Forget all vectors and adopt the embedder in use."""
        with write_transaction(self._engine) as connection:
            for table in (_vectors, _removed, _state):
                connection.execute(delete(table))
            _claim(connection, self.embedder)
        with self._lock:
            forget(self.folder)
            self._nearest, self._seen = None, 0

    def search(
        self, vector: Vectors, top_k: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Nearest passages.

        Args:
            vector: float32, (dim,), unit length.
            top_k: how many, at most.
            allowed: passage keys to choose from; None for all.

        Returns:
            (passage key, cosine), best first, ties by key.
        """
        nearest = self._refreshed()
        return nearest.search(vector, top_k, allowed) if np.any(vector) else []

    def matrix_of(self, keys: Sequence[int]) -> Vectors:
        """Vectors, float32 (n_keys, dim), in the order of the keys; zeros where a key is unknown."""
        return (self._nearest or self._refreshed()).matrix_of(keys, self.embedder.dim)

    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean (dim,) and covariance (dim, dim) of the vectors (of the first 20,000): with them a cosine can
        be told from chance.
        """
        self._nearest or self._refreshed()
        seen = self._seen
        if self._moments is None or self._moments[0] != seen:
            with self._engine.connect() as connection:
                rows = connection.execute(
                    select(_vectors.c.vector).order_by(_vectors.c.passage_key).limit(20_000)
                ).all()
            self._moments = (seen, *moments_of([row.vector for row in rows], self.embedder.dim))
        return self._moments[1:]

    def described(self) -> str:
        """How the index is searched, for the doctor and the record of a search."""
        snapshot = read_snapshot(self.folder)
        if snapshot is None:
            return "exact"
        device = "on the GPU, flat; narrow selections " if self._gpu else ""
        return (
            f"{device}IVF{snapshot.lists},SQ8 nprobe {snapshot.probes}"
            f" (recall@{RECALL_AT} {snapshot.recall:.3f} measured on {snapshot.n} vectors)"
        )

    def contents(self) -> dict[int, bytes]:
        """Every stored vector by passage key (doctor and tests)."""
        with self._engine.connect() as connection:
            return {
                row.passage_key: row.vector
                for row in connection.execute(select(_vectors.c.passage_key, _vectors.c.vector))
            }

    def _apply(self, applied: int, changes: list[Change]) -> int:
        """Embed outside the transaction; write only if no other process was faster."""
        rows = self._embed(changes)
        with write_transaction(self._engine) as connection:
            if _applied(connection) != applied:
                return _applied(connection)
            for change in changes:
                _forget_document(connection, change)
            if rows:
                connection.execute(insert(_vectors), rows)
            connection.execute(
                update(_state).where(_state.c.name == "applied_seq").values(value=str(changes[-1].seq))
            )
        return changes[-1].seq

    def _embed(self, changes: list[Change]) -> list[dict[str, Any]]:
        """Rows of ``vectors`` for the passages of the documents put, embedded in one call."""
        seqs = {change.document_id: change.seq for change in changes if change.kind == "put"}
        found = [
            (item, key, passage)
            for item in self.catalogue.indexable(list(seqs))
            for key, passage in item.passages
        ]
        known = self._known([key for _, key, _ in found])
        texts = {
            key: embedded_text(passage, item.record.title) for item, key, passage in found if key not in known
        }
        made = self.embedder.embed_passages(list(texts.values())).astype(np.float16)
        known |= {key: vector.tobytes() for key, vector in zip(texts, made, strict=True)}
        return [
            {"passage_key": key, "document_id": item.id, "seq": seqs[item.id], "vector": known[key]}
            for item, key, _ in found
        ]

    def _known(self, keys: list[int]) -> dict[int, bytes]:
        """Vectors that are stored already: a passage's key never changes its text, whatever else changed in
        its document.
        """
        found: dict[int, bytes] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(keys), 500):
                rows = connection.execute(
                    select(_vectors.c.passage_key, _vectors.c.vector).where(
                        _vectors.c.passage_key.in_(keys[start : start + 500])
                    )
                )
                found.update((row.passage_key, row.vector) for row in rows)
        return found

    def _refreshed(self) -> Nearest:
        """The FAISS index with every stored change in it."""
        with self._lock, self._engine.connect() as connection:
            applied = _applied(connection)
            if self._nearest is None or applied < self._seen:
                self._nearest, self._seen = opened(self.folder, self.embedder.dim, gpu=self._gpu)
                if applied < self._seen:  # the snapshot of a database that is gone
                    forget(self.folder)
                    self._nearest, self._seen = empty(self.embedder.dim), 0
            if applied > self._seen:
                self._nearest = self._nearest.changed(*self._news(connection, self._seen))
                self._seen = applied
            return self._nearest

    def _news(self, connection: Connection, seen: int) -> tuple[Keys, Keys, Vectors]:
        """Keys that went since a seq, keys that came, and their vectors."""
        gone = np.array(
            [
                row.passage_key
                for row in connection.execute(select(_removed.c.passage_key).where(_removed.c.seq > seen))
            ],
            np.int64,
        )
        query = (
            select(_vectors.c.passage_key, _vectors.c.vector)
            .where(_vectors.c.seq > seen)
            .order_by(_vectors.c.passage_key)
        )
        keys, matrix = _as_arrays(connection.execute(query).all(), self.embedder.dim)
        return gone, keys, matrix

    def _renew_snapshot(self) -> None:
        """Make the snapshot of a large index where there is none, or where too much came or went since."""
        with self._engine.connect() as connection:
            if (connection.execute(select(func.max(_vectors.c.passage_key))).scalar() or 0) < LARGE:
                return
            n, applied = (
                connection.execute(select(func.count()).select_from(_vectors)).scalar_one(),
                _applied(connection),
            )
            snapshot = read_snapshot(self.folder)
            since = snapshot.seq if snapshot else 0
            news = sum(
                connection.execute(
                    select(func.count()).select_from(table).where(table.c.seq > since)
                ).scalar_one()
                for table in (_vectors, _removed)
            )
        if n >= LARGE and (snapshot is None or applied < since or news > SHARE_OF_NEWS * n):
            take_snapshot(self.folder, self._chunks, n, applied, self.embedder.dim, gpu=self._gpu)
            with self._lock:
                self._nearest, self._seen = None, 0

    def _chunks(self) -> Iterator[tuple[Keys, Vectors]]:
        with self._engine.connect() as connection:
            rows = connection.execution_options(yield_per=CHUNK).execute(
                select(_vectors.c.passage_key, _vectors.c.vector).order_by(_vectors.c.passage_key)
            )
            for part in rows.partitions():
                yield _as_arrays(part, self.embedder.dim)


def _as_arrays(rows: Sequence[Any], dim: int) -> tuple[Keys, Vectors]:
    keys: Keys = np.fromiter((row.passage_key for row in rows), np.int64, len(rows))
    return keys, np.frombuffer(b"".join(row.vector for row in rows), np.float16).reshape(-1, dim).astype(
        np.float32
    )


def moments_of(vectors: list[bytes], dim: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (dim,) and covariance (dim, dim) of vectors in half precision."""
    if not vectors:
        return np.zeros(dim), np.eye(dim)
    matrix = np.frombuffer(b"".join(vectors), np.float16).reshape(-1, dim).astype(np.float64)
    mean = matrix.mean(axis=0)
    return mean, matrix.T @ matrix / len(matrix) - np.outer(mean, mean)


def _applied(connection: Connection) -> int:
    return int(connection.execute(select(_state.c.value).where(_state.c.name == "applied_seq")).scalar_one())


def _claim(connection: Connection, embedder: Embedder) -> None:
    """Write the embedder's identity into an empty index, or check it."""
    found = connection.execute(select(_state.c.value).where(_state.c.name == "embedder")).scalar()
    if found is None:
        values = (("embedder", embedder.identity), ("dim", str(embedder.dim)), ("applied_seq", "0"))
        connection.execute(insert(_state), [{"name": name, "value": value} for name, value in values])
    elif found != embedder.identity:
        raise IndexMismatch(other_embedder(found, embedder))


def other_embedder(found: str, embedder: Embedder) -> str:
    """What is said where stored vectors are another model's."""
    return (
        f"The vectors of this library were made by '{found}', the embedder in use is"
        f" '{embedder.identity}'. Set the old embedder again, or build them anew: kgrag rebuild vectors"
    )


def _forget_document(connection: Connection, change: Change) -> None:
    of_document = _vectors.c.document_id == change.document_id
    gone = [row.passage_key for row in connection.execute(select(_vectors.c.passage_key).where(of_document))]
    if gone:
        connection.execute(delete(_removed).where(_removed.c.passage_key.in_(gone)))
        connection.execute(insert(_removed), [{"passage_key": key, "seq": change.seq} for key in gone])
        connection.execute(delete(_vectors).where(of_document))
