"""Issue N: nearest vectors on a GPU beside the CPU of the same machine.

Run: ``python -m tests.bench.gpu [VECTORS]`` (default 1,000,000 of 384 numbers; some minutes) where FAISS was
installed for a GPU (``make setup-gpu``). Both answer from one snapshot of the same vectors; ids are compared
with those of comparing all of them. Prints one JSON object; where there is no GPU it says so.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from kgrag.indexes import nearest
from kgrag.indexes.device import gpus
from tests.bench.scaled.pgvector import DIM, N_QUESTIONS, TOP_K, Floats, made_up, parts

Ids = list[list[int]]


def asked(index: nearest.Nearest, questions: Floats) -> tuple[Ids, float]:
    """Ids of the nearest ten for each question, and milliseconds a question."""
    index.search(questions[0], TOP_K)
    started = time.perf_counter()
    ids = [[key for key, _ in index.search(question, TOP_K)] for question in questions]
    return ids, (time.perf_counter() - started) / len(questions) * 1000


def compare(n: int) -> dict[str, Any]:
    """Build once on each, search on each."""
    vectors, questions = made_up(n, 2), made_up(N_QUESTIONS, 3)
    exact = (np.argsort(-(questions @ vectors.T), axis=1)[:, :TOP_K] + 1).tolist()
    figures: dict[str, Any] = {"vectors": n, "gpus": gpus()}
    with tempfile.TemporaryDirectory() as place:
        for gpu in (False, True):
            started = time.perf_counter()
            nearest.take_snapshot(Path(place), lambda: parts(vectors), n, 1, DIM, gpu=gpu)
            built = time.perf_counter()
            index, _ = nearest.opened(Path(place), DIM, gpu=gpu)
            opened = time.perf_counter()
            ids, ms = asked(index, questions)
            figures["gpu" if gpu else "cpu"] = {
                "build_s": round(built - started, 1),
                "open_s": round(opened - built, 2),
                "ms": round(ms, 3),
                "same_ids_as_comparing_all": sum(a == b for a, b in zip(ids, exact, strict=True)),
                "of": len(questions),
            }
    figures["times_faster"] = round(figures["cpu"]["ms"] / figures["gpu"]["ms"], 1)
    return figures


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description="Nearest vectors on a GPU beside the CPU.")
    parser.add_argument("vectors", nargs="?", type=int, default=1_000_000)
    n = parser.parse_args().vectors
    print(json.dumps(compare(n) if gpus() else {"not_run": "FAISS finds no GPU"}, indent=1))


if __name__ == "__main__":
    main()
