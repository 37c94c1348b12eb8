"""Reads the labelled data for training, and decides which part of it a model may see.

Knows: the JSONL layout of claims, and how a line is assigned to *train* or *held* by its claim or document,
so that no claim is on both sides. Does not know any model. Only sets whose licence lets weights ship are in
``CLAIM_SETS``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLAIM_SETS = {
    "scifact_train": 0.35,
    "wice_dev": 0.35,
    "expertqa": 0.30,
    "begin": 0.15,
    "climate_fever": 0.15,
    "fever_dev": 0.08,
    "mnli_dev": 0.05,
    "snli_dev": 0.05,
}
"""Set name → the share that is held out of the encoder's training (the stacker is fitted and checked
there).
"""

TWO_WAY = frozenset({"wice_dev", "expertqa", "begin", "fever_dev"})
"""Sets that say *unsupported* for both kinds of failure."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A claim, its evidence texts and its label; ``group`` is shared by lines that must stay together."""

    claim: str
    evidence: tuple[str, ...]
    label: str
    source: str
    group: str
    two_way: bool = False


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file in order."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def read_claims(path: Path) -> list[Labelled]:
    """A file of ``claim``, ``evidence``, ``label`` lines."""
    name = path.stem
    return [
        Labelled(
            str(row["claim"]),
            texts_of(row["evidence"]),
            str(row["label"]),
            name,
            _group(name, row),
            name in TWO_WAY,
        )
        for row in read_jsonl(path)
    ]


def texts_of(value: object) -> tuple[str, ...]:
    """A list of texts as a tuple."""
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def is_held(example: Labelled) -> bool:
    """Whether the example is kept out of the encoder's training; decided by a hash of its group alone."""
    return share_of(example.source + "|" + example.group) < CLAIM_SETS.get(example.source, 0.0)


def share_of(key: str) -> float:
    """A number in [0, 1) that depends on the key only."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:12], 16) / 16**12


def _group(name: str, row: dict[str, object]) -> str:
    if name == "wice_dev":
        return str(row["id"]).rsplit("-", 1)[0]
    if name == "expertqa":
        return str(row.get("question"))
    if name in {"mnli_dev", "snli_dev", "begin"}:
        return re.sub(r"\s+", " ", str(row["evidence"]))
    return str(row["claim"])
