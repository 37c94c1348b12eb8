"""Computes measures of a ranking against judgements, in plain arithmetic.

Knows lists of ids and their grades. Source: Järvelin & Kekäläinen 2002 (nDCG); checked against ir-measures in
the tests.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

RECALL_AT = (1, 2, 5, 10, 100)


def measures(ranking: Sequence[str], relevant: Mapping[str, int]) -> dict[str, float]:
    """nDCG@10, average precision, recall at several depths, and whether all of up to five relevant ones are
    in the first five.

    Args:
        ranking: ids, best first, no repeats.
        relevant: grade above 0 of each relevant id.
    """
    found = [relevant.get(item, 0) for item in ranking]
    hits = [grade > 0 for grade in found]
    figures = {
        "ndcg@10": _dcg(found[:10]) / _dcg(sorted(relevant.values(), reverse=True)[:10]),
        "map": _average_precision(hits, len(relevant)),
    }
    figures |= {f"recall@{k}": sum(hits[:k]) / len(relevant) for k in RECALL_AT}
    return figures | {"perfect@5": float(sum(hits[:5]) >= min(5, len(relevant)))}


def _dcg(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 2) for rank, grade in enumerate(grades))


def _average_precision(hits: Sequence[bool], n_relevant: int) -> float:
    total, seen = 0.0, 0
    for rank, hit in enumerate(hits, start=1):
        if hit:
            seen += 1
            total += seen / rank
    return total / n_relevant
