"""Measures screening on a review whose decisions are known: reads as the ranker says, and looks how soon the
included records come and when the advice to stop does.

Knows JSON Lines of records (title, abstract, included). A run starts with one included and one excluded
record, drawn by its seed; both count as read. The ranker learns after every decision, or every few.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, TypedDict

import numpy as np

from kgrag.errors import UsageError
from kgrag.evaluate.lines import read_lines
from kgrag.review.screening.ranker import Ranker, Vectors, text_of
from kgrag.review.screening.stopping import Stopping

N_RUNS = 5
TARGET = 0.95
FIRST = 0.1
WORK = 50_000
"""Records times decisions that one learning is worth: of few records it learns after each decision, of
thousands after every few.
"""


class Stopped(TypedDict):
    """Where a run would have ended by the advice."""

    recall: float
    screened_share: float


class Run(TypedDict):
    """One run's figures, as ``evaluate_screening`` gives their means."""

    wss95: float
    recall_at_10pct: float
    atd: float
    stop: Stopped


def evaluate_screening(file: Path, vectors: Vectors | None = None) -> dict[str, Any]:
    """Means over five runs.

    Args:
        file: JSON Lines; each has title, abstract (or null) and included (1 or 0).
        vectors: a row a line, or None: words alone.

    Returns:
        ``records``, ``included``; ``wss95``: share of the records left unread when 95% of the included are
        found, less 5%; ``recall_at_10pct``: share of the included among the first tenth; ``atd``: mean place
        of the included, as a share of the records; ``stop``: recall and share of records read when the
        advice says to stop.

    Raises:
        NotFound: no such file.
        UsageError: a line is wrong, or not both verdicts occur.
    """
    rows = read_lines(file, ("title", "abstract", "included"))
    verdicts = [_verdict(row["included"], file, number) for number, row in enumerate(rows, 1)]
    if len(set(verdicts)) < 2:
        raise UsageError(f"'{file}' needs included records and excluded ones; all are alike.")
    ranker = Ranker([text_of(row["title"], row["abstract"]) for row in rows], vectors)
    runs = [_measured(verdicts, order_of_reading(ranker, verdicts, seed)) for seed in range(N_RUNS)]
    return {
        "records": len(rows),
        "included": sum(verdicts),
        "wss95": _mean(run["wss95"] for run in runs),
        "recall_at_10pct": _mean(run["recall_at_10pct"] for run in runs),
        "atd": _mean(run["atd"] for run in runs),
        "stop": {
            "recall": _mean(run["stop"]["recall"] for run in runs),
            "screened_share": _mean(run["stop"]["screened_share"] for run in runs),
        },
    }


def order_of_reading(ranker: Ranker, verdicts: Sequence[bool], seed: int) -> list[int]:
    """Rows in the order in which a screener who follows the ranker reads them, all of them."""
    decided = {row: verdicts[row] for row in first_two(verdicts, seed)}
    while len(decided) < len(verdicts):
        scores = ranker.scores(decided)
        unread = [int(row) for row in np.argsort(-scores, kind="stable") if int(row) not in decided]
        for row in unread[: max(1, len(decided) * len(verdicts) // WORK)]:
            decided[row] = verdicts[row]
    return list(decided)


def first_two(verdicts: Sequence[bool], seed: int) -> tuple[int, int]:
    """The rows a run starts with: an included one and an excluded one."""
    drawn = random.Random(seed)
    included = [row for row, verdict in enumerate(verdicts) if verdict]
    excluded = [row for row, verdict in enumerate(verdicts) if not verdict]
    return drawn.choice(included), drawn.choice(excluded)


def _measured(verdicts: Sequence[bool], order: Sequence[int]) -> Run:
    found = np.cumsum([verdicts[row] for row in order])
    n, total = len(order), int(found[-1])
    at_target = int(np.searchsorted(found, np.ceil(TARGET * total - 1e-9))) + 1
    places = np.flatnonzero(np.diff(found, prepend=0)) + 1
    return {
        "wss95": 1 - at_target / n - (1 - TARGET),
        "recall_at_10pct": float(found[max(1, round(FIRST * n)) - 1]) / total,
        "atd": float(places.mean()) / n,
        "stop": _stopped(verdicts, order),
    }


def _stopped(verdicts: Sequence[bool], order: Sequence[int]) -> Stopped:
    stopping, found, read = Stopping(len(order)), 0, 0
    for row in order:
        found, read = found + verdicts[row], read + 1
        stopping.note(verdicts[row])
        if stopping.advises():
            break
    return {"recall": found / sum(verdicts), "screened_share": read / len(order)}


def _verdict(value: Any, file: Path, number: int) -> bool:
    if value in (0, 1):
        return bool(value)
    raise UsageError(f"'{file}' line {number}: included is {value!r}; it is 1 or 0.")


def _mean(values: Iterator[float]) -> float:
    return round(fmean(values), 4)
