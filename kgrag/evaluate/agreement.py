"""Measures how far raters agree: Cohen's kappa for two, Fleiss' for many, and agreement over pairs of ranked
answers.

Knows: the formulas (Cohen 1960; Fleiss 1971). Does not know who the raters are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any


def cohen_kappa(a: Sequence[Hashable], b: Sequence[Hashable]) -> float | None:
    """Agreement of two raters on the same items beyond chance: 1 perfect, 0 chance; None where chance agrees
    always.
    """
    if len(a) != len(b):
        raise ValueError(f"{len(a)} ratings against {len(b)}")
    if not a:
        return None
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
    left, right = Counter(a), Counter(b)
    chance = sum(left[kind] * right[kind] for kind in left) / len(a) ** 2
    return (observed - chance) / (1 - chance) if chance < 1 else None


def fleiss_kappa(items: Sequence[Sequence[Hashable]]) -> float | None:
    """Agreement of many raters, each item with the same number (two or more) of ratings; None where chance
    agrees always.
    """
    sizes = {len(item) for item in items}
    if len(sizes) != 1 or min(sizes) < 2:
        raise ValueError("every item needs the same number of ratings, two or more")
    n = sizes.pop()
    counts = [Counter(item) for item in items]
    observed = sum((sum(c * c for c in count.values()) - n) / (n * (n - 1)) for count in counts) / len(items)
    total = Counter[Hashable]()
    for count in counts:
        total.update(count)
    chance = sum((c / (n * len(items))) ** 2 for c in total.values())
    return (observed - chance) / (1 - chance) if chance < 1 else None


def ranking_agreement(rankings: Sequence[Sequence[int]]) -> tuple[int, float | None]:
    """Over all pairs of raters who ranked the same answers (indices, best first): number of answer pairs,
    share ordered alike.
    """
    same = n_pairs = 0
    for i, first in enumerate(rankings):
        for second in rankings[i + 1 :]:
            place = {answer: rank for rank, answer in enumerate(second)}
            for x, better in enumerate(first):
                for worse in first[x + 1 :]:
                    if better in place and worse in place:
                        n_pairs += 1
                        same += place[better] < place[worse]
    return n_pairs, same / n_pairs if n_pairs else None


def pairwise_kappa(ratings: Sequence[Mapping[Any, Hashable]]) -> tuple[int, float | None]:
    """Cohen's kappa of every two raters on what both rated, weighed by how much that is.

    Args:
        ratings: for each rater, item to rating.

    Returns:
        The number of items rated twice (an item of three raters counts three times), and the mean; None where
        no two raters can be compared.
    """
    found = []
    for i, first in enumerate(ratings):
        for second in ratings[i + 1 :]:
            both = [item for item in first if item in second]
            kappa = cohen_kappa([first[item] for item in both], [second[item] for item in both])
            found += [(len(both), kappa)] if both else []
    compared = [(n, kappa) for n, kappa in found if kappa is not None]
    total = sum(n for n, _ in compared)
    return sum(n for n, _ in found), sum(n * kappa for n, kappa in compared) / total if total else None
