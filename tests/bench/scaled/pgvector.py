"""Issue N: vectors in PostgreSQL beside FAISS, over the same vectors in one run.

Run: ``python -m tests.bench.scaled.pgvector [VECTORS]`` (default 100,000 of 384 numbers; 1,000,000 takes half
an hour on two cores). Vectors are random around 500 topics, their noise falling off as it does in real
embeddings (a third of the spread in the first 16 directions). Recall@10 is against comparing all in NumPy.
CPU is that of the asking process and, for PostgreSQL, of the server's process for that connection. Selections
are a random twentieth and a random five-hundredth of the passages. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from kgrag.catalogue import Catalogue
from kgrag.indexes import nearest
from kgrag.indexes.pgvector import PgVectorIndex
from kgrag.indexes.pgvector_sql import as_text
from kgrag.testing import HashEmbedder
from tests.service import postgres

DIM, N_TOPICS, N_QUESTIONS, TOP_K, STEP = 384, 500, 200, 10, 10_000
SHARES = {"all": 1.0, "a twentieth": 0.05, "a five-hundredth": 0.002}
Floats = NDArray[np.float32]
Search = Callable[[Floats, int, Sequence[int] | None], list[tuple[int, float]]]


def made_up(n: int, seed: int) -> Floats:
    """Unit vectors in half precision, float32 (n, 384); questions and passages have the same topics."""
    topics = np.random.default_rng(1).normal(size=(N_TOPICS, DIM)).astype(np.float32)
    chance = np.random.default_rng(seed)
    spread = (1.0 + np.arange(DIM) / 8.0) ** -0.5
    noise = chance.normal(size=(n, DIM)).astype(np.float32) * (spread * DIM**0.5 / np.linalg.norm(spread))
    made = topics[chance.integers(N_TOPICS, size=n)] + noise
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)


def parts(vectors: Floats) -> Iterator[tuple[NDArray[np.int64], Floats]]:
    """Keys from 1 on and vectors, some at a time."""
    for start in range(0, len(vectors), STEP):
        some = vectors[start : start + STEP]
        yield np.arange(start + 1, start + 1 + len(some), dtype=np.int64), some


def fill(catalogue: Catalogue, index: PgVectorIndex, vectors: Floats) -> None:
    """One document with so many passages, each with its vector."""
    with catalogue.writing() as connection:
        connection.execute(
            text("INSERT INTO documents (key, id, record, text, sha256) VALUES (1, 'doc:1', '{}', '', '')")
        )
        connection.execute(
            text(
                'INSERT INTO passages (key, document_key, id, ordinal, kind, start, "end", text, section,'
                " sentences) SELECT i, 1, 'doc:1#' || i, i, 'text', 0, 1, 'a', '[]', '[]'"
                " FROM generate_series(1, :n) AS i"
            ),
            {"n": len(vectors)},
        )
        with connection.connection.cursor().copy(
            "COPY passage_vectors (passage_key, vector) FROM STDIN"
        ) as copy:
            for keys, some in parts(vectors):
                for key, vector in zip(keys.tolist(), some, strict=True):
                    copy.write_row((key, as_text(vector)))


def server_cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def own_cpu_s() -> float:
    """Seconds of CPU that this process has taken."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(
    search: Search, questions: Floats, vectors: Floats, cpu_s: Callable[[], float]
) -> dict[str, dict[str, float]]:
    """Recall@10 and milliseconds of wall and CPU a search, by selection."""
    found: dict[str, dict[str, float]] = {}
    for name, share in SHARES.items():
        chosen = np.flatnonzero(np.random.default_rng(9).random(len(vectors)) < share)
        allowed = None if share == 1.0 else (chosen + 1).tolist()
        exact = np.argsort(-(questions @ vectors[chosen].T), axis=1)[:, :TOP_K]
        search(questions[0], TOP_K, allowed)
        wall, cpu, hits = time.perf_counter(), cpu_s(), 0
        for question, best in zip(questions, exact, strict=True):
            keys = {key for key, _ in search(question, TOP_K, allowed)}
            hits += len(keys & set((chosen[best] + 1).tolist()))
        n = len(questions)
        found[name] = {
            "recall": round(hits / (n * TOP_K), 4),
            "ms": round((time.perf_counter() - wall) / n * 1000, 2),
            "cpu_ms": round((cpu_s() - cpu) / n * 1000, 2),
        }
    return found


def of_faiss(vectors: Floats, questions: Floats) -> dict[str, Any]:
    """The embedded index: built, and measured."""
    with tempfile.TemporaryDirectory() as place:
        started = time.perf_counter()
        nearest.take_snapshot(Path(place), lambda: parts(vectors), len(vectors), 1, DIM)
        seconds = time.perf_counter() - started
        size = sum(path.stat().st_size for path in Path(place).iterdir())
        index, _ = nearest.opened(Path(place), DIM)
        return {
            "build_s": round(seconds, 1),
            "bytes_a_vector": round(size / len(vectors)),
            **measure(index.search, questions, vectors, own_cpu_s),
        }


def of_pgvector(vectors: Floats, questions: Floats) -> dict[str, Any]:
    """pgvector beside a catalogue: filled, built, and measured."""
    with postgres.running(vectors=True) as server, tempfile.TemporaryDirectory() as place:
        catalogue = Catalogue(Path(place), server.url)
        index = PgVectorIndex(catalogue, HashEmbedder(DIM))
        started = time.perf_counter()
        fill(catalogue, index, vectors)
        filled = time.perf_counter()
        index.catch_up()
        built = time.perf_counter()
        with catalogue.engine.connect() as connection:
            connection.execute(text("ANALYZE passage_vectors"))
            connection.commit()
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            size = connection.execute(text("SELECT pg_total_relation_size('passage_vectors')")).scalar_one()
        figures = {
            "fill_s": round(filled - started, 1),
            "build_s": round(built - filled, 1),
            "bytes_a_vector": round(size / len(vectors)),
            "described": index.described(),
            **measure(index.search, questions, vectors, lambda: own_cpu_s() + server_cpu_s(pid)),
        }
        catalogue.close()
    return figures


def main() -> None:
    """Make the vectors, measure both, print."""
    parser = argparse.ArgumentParser(description="pgvector beside FAISS on the same vectors.")
    parser.add_argument("vectors", nargs="?", type=int, default=100_000)
    n = parser.parse_args().vectors
    if missing := postgres.available(vectors=True):
        print(json.dumps({"not_run": missing}))
        return
    vectors, questions = made_up(n, 2), made_up(N_QUESTIONS, 3)
    print(
        json.dumps(
            {
                "vectors": n,
                "faiss": of_faiss(vectors, questions),
                "pgvector": of_pgvector(vectors, questions),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
