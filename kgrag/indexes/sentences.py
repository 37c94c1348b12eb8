"""Keeps vectors of single sentences, so that a question need not embed them again: makes them in idle time,
reads them when evidence is chosen.

Knows passages by key and the embedder's identity. It is a memory, not a follower: where a passage is not in
it, its sentences are embedded as before, and the answer is the same to the bit (vectors are rounded to 16
bits on both ways). What is deleted from the library is forgotten on ``forget``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from sqlalchemy import (
    Column,
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
)

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import chunks, make_engine, write_transaction
from kgrag.errors import Damaged
from kgrag.models import reads
from kgrag.protocols import Embedder, Vectors
from kgrag.types import Passage

logger = logging.getLogger(__name__)
_metadata = MetaData()
_state = Table(
    "state", _metadata, Column("name", String, primary_key=True), Column("value", Text, nullable=False)
)
_sentences = Table(
    "sentences",
    _metadata,
    Column("passage_key", Integer, primary_key=True),
    Column("vectors", LargeBinary, nullable=False),
)

FILE = "sentences.sqlite"
HEAL = "It is begun anew: kgrag doctor --repair"
MAX_PASSAGES = 50_000
"""Of a larger library the newest: 300,000 sentences are 230 MB and half an hour of one core."""
A_STEP = 4
PAUSE_S = 0.02


def rounded(vectors: Vectors) -> Vectors:
    """Vectors as they are after being kept: 16 bits a number."""
    return vectors.astype(np.float16).astype(np.float32)


class SentenceVectors:
    """See the module.

    Args:
        folder: of the vectors.
        catalogue: of the library.
        embedder: in use; vectors of another are thrown away.
    """

    def __init__(self, folder: Path, catalogue: Catalogue, embedder: Embedder) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.catalogue, self.embedder, self.folder = catalogue, embedder, folder
        try:
            self._open()
        except Damaged as error:
            logger.warning("%s It is begun anew.", error)
            self.begin_anew()

    def begin_anew(self) -> None:
        """Throw all away; what is needed is made again."""
        self._engine.dispose()
        for path in self.folder.glob(f"{FILE}*"):
            path.unlink(missing_ok=True)
        self._open()

    def _open(self) -> None:
        embedder = self.embedder
        self._engine = make_engine(f"sqlite:///{self.folder / FILE}", "sentences", HEAL)
        with write_transaction(self._engine) as connection:
            _metadata.create_all(connection)
            if (
                connection.execute(select(_state.c.value).where(_state.c.name == "embedder")).scalar()
                != embedder.identity
            ):
                connection.execute(delete(_sentences))
                connection.execute(delete(_state))
                connection.execute(insert(_state).values(name="embedder", value=embedder.identity))

    def close(self) -> None:
        """Give the database's connections back."""
        self._engine.dispose()

    def of(self, keys: Iterable[int]) -> dict[int, Vectors]:
        """float32 (n_sentences, dim) by passage key, rows in the order of the sentences; passages without are
        left out.
        """
        try:
            return dict(self._read(keys))
        except (Damaged, ValueError) as error:  # a memory that fails is no reason to fail
            logger.warning("%s It is begun anew; the question embeds its sentences itself.", error)
            self.begin_anew()
            return {}

    def _read(self, keys: Iterable[int]) -> Iterator[tuple[int, Vectors]]:
        with self._engine.connect() as connection:
            for some in chunks(keys):
                for row in connection.execute(select(_sentences).where(_sentences.c.passage_key.in_(some))):
                    kept = np.frombuffer(row.vectors, np.float16).reshape(-1, self.embedder.dim)
                    yield row.passage_key, kept.astype(np.float32)

    def missing(self) -> list[int]:
        """Keys of passages that have no vectors yet and are in a language the embedder reads, newest
        first.
        """
        with self._engine.connect() as connection:
            there = set(connection.execute(select(_sentences.c.passage_key)).scalars())
        query = (
            select(t.passages.c.key, t.documents.c.language)
            .join(t.documents)
            .where(t.passages.c.kind != "table")  # their rows are chosen by their cells
            .order_by(t.passages.c.key.desc())
            .limit(MAX_PASSAGES)
        )
        return [
            row.key
            for row in self.catalogue.rows(query)
            if row.key not in there and reads(self.embedder, row.language or "en")
        ]

    def fill(self, go_on: Callable[[], bool], idle: Callable[[], bool]) -> int:
        """Make what is missing, a few passages at a time and only in idle time; returns how many passages
        were done.

        Args:
            go_on: looked at before each step; False ends it.
            idle: whether nobody waits for an answer just now.
        """
        done, keys = 0, self.missing()
        for start in range(0, len(keys), A_STEP):
            while go_on() and not idle():
                time.sleep(10 * PAUSE_S)
            if not go_on():
                return done
            done += self._make(keys[start : start + A_STEP])
            time.sleep(PAUSE_S)
        return done

    def forget(self) -> int:
        """Throw away what belongs to passages that are no longer in the library; returns how many those
        were.
        """
        with self._engine.connect() as connection:
            there = list(connection.execute(select(_sentences.c.passage_key)).scalars())
        alive = set(self.catalogue.passages_alive(there))
        gone = [key for key in there if key not in alive]
        with write_transaction(self._engine) as connection:
            for some in chunks(gone):
                connection.execute(delete(_sentences).where(_sentences.c.passage_key.in_(some)))
        return len(gone)

    def count(self) -> int:
        """How many passages have vectors."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(_sentences)).scalar_one())

    def _make(self, keys: list[int]) -> int:
        found = {key: passage for key, (passage, _) in self.catalogue.passages_by_key(keys).items()}
        rows = [
            {"passage_key": key, "vectors": self._vectors(passage).astype(np.float16).tobytes()}
            for key, passage in found.items()
        ]
        with write_transaction(self._engine) as connection:
            connection.execute(delete(_sentences).where(_sentences.c.passage_key.in_(list(found))))
            if rows:
                connection.execute(insert(_sentences), rows)
        return len(rows)

    def _vectors(self, passage: Passage) -> Vectors:
        return self.embedder.embed_passages([passage.text[s.start : s.end] for s in passage.sentences])
