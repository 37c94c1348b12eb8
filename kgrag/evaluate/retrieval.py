"""``kgrag eval retrieval``: puts a BEIR folder through the real pipeline, in a library of its own, and
measures what a search finds.

Knows the BEIR layout (corpus.jsonl, queries.jsonl, qrels/test.tsv). Does not know how a search works.
"""

from __future__ import annotations

import csv
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kgrag.backends import load_backend
from kgrag.errors import UsageError
from kgrag.evaluate.metrics import measures
from kgrag.library import Library
from kgrag.search import MODES, Retriever
from kgrag.search.understand import understand
from kgrag.types import Record, Source

DEPTH = 1000


@dataclass(frozen=True, slots=True)
class Collection:
    """Queries with their judgements; grades above 0 only."""

    queries: Mapping[str, str]
    judged: Mapping[str, Mapping[str, int]]


def evaluate_retrieval(folder: Path, mode: str = "full") -> dict[str, Any]:
    """Ingest a BEIR folder into a temporary library and measure a mode on its queries.

    Args:
        folder: with corpus.jsonl, queries.jsonl and qrels/test.tsv.
        mode: one of ``kgrag.search.MODES``.

    Returns:
        queries, metrics (means over the judged queries, 0 … 1), latency_ms, index_seconds, llm_tokens.

    Raises:
        UsageError: no such mode, or a file of the layout is missing.
    """
    return evaluate_modes(folder, [mode])[mode]


def evaluate_modes(folder: Path, modes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The same for several modes over one ingest; figures by mode.

    Raises:
        UsageError: as ``evaluate_retrieval``.
    """
    if unknown := [mode for mode in modes if mode not in MODES]:
        raise UsageError(f"No mode '{unknown[0]}' (found: {', '.join(MODES)}).")
    collection = read_collection(folder)
    with (
        tempfile.TemporaryDirectory(prefix="kgrag-eval-", ignore_cleanup_errors=True) as place,
        Library.open(place, create=True) as library,
    ):
        started = time.perf_counter()
        names = ingest_corpus(library, folder)
        cost = {"index_seconds": round(time.perf_counter() - started, 2), "llm_tokens": 0}
        return {mode: measure(library, collection, names, mode) | cost for mode in modes}


def read_collection(folder: Path) -> Collection:
    """The queries that have at least one relevant document, and their judgements."""
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        if not (folder / name).is_file():
            raise UsageError(
                f"{folder} has no {name}. A BEIR folder holds corpus.jsonl, queries.jsonl and qrels/test.tsv."
            )
    judged: dict[str, dict[str, int]] = {}
    with (folder / "qrels/test.tsv").open(encoding="utf-8", newline="") as file:
        for row in list(csv.reader(file, delimiter="\t"))[1:]:
            if int(row[2]) > 0:
                judged.setdefault(row[0], {})[row[1]] = int(row[2])
    queries = {row["_id"]: row["text"] for row in _lines(folder / "queries.jsonl") if row["_id"] in judged}
    return Collection(queries, judged)


def ingest_corpus(library: Library, folder: Path) -> dict[str, list[str]]:
    """The corpus as records through the pipeline that every file goes through, then into all followers.

    Returns:
        The corpus ids of each document; equal texts are one document.
    """
    prepare = load_backend("ingest", "prepare")
    names: dict[str, list[str]] = {}
    for number, row in enumerate(_lines(folder / "corpus.jsonl")):
        source = Source(str(folder / "corpus.jsonl"), str(row["_id"]), "beir", number)
        parcel = prepare(Record(source, title=row.get("title") or None, abstract=row["text"]))
        if parcel.document.id not in names:
            library.catalogue.put(parcel)
        names.setdefault(parcel.document.id, []).append(str(row["_id"]))
    library.catch_up()
    return names


def measure(
    library: Library, collection: Collection, names: Mapping[str, Sequence[str]], mode: str
) -> dict[str, Any]:
    """Means of the measures and the latency of one search after another, understanding included."""
    retriever = Retriever(library)
    retriever.search(understand("warm up", library), mode=mode)
    rows, seconds = [], []
    for query, text in collection.queries.items():
        started = time.perf_counter()
        hits = retriever.search(understand(text, library), top_k=10, mode=mode)
        seconds.append(time.perf_counter() - started)
        if len(hits) >= 10:
            hits = retriever.search(understand(text, library), top_k=DEPTH, mode=mode)
        rows.append(measures(_documents([hit.document.id for hit in hits], names), collection.judged[query]))
    metrics = (
        {name: round(float(np.mean([row[name] for row in rows])), 5) for name in rows[0]} if rows else {}
    )
    p50, p95 = np.percentile(seconds, [50, 95]) * 1000 if seconds else (0.0, 0.0)
    return {
        "queries": len(rows),
        "metrics": metrics,
        "latency_ms": {"p50": round(float(p50), 1), "p95": round(float(p95), 1)},
    }


def _documents(ids: Sequence[str], names: Mapping[str, Sequence[str]]) -> list[str]:
    """Corpus ids in the order of their documents' best passages."""
    return [name for document in dict.fromkeys(ids) for name in names[document]]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())
