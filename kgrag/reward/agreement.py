"""How far raters agree: Cohen's kappa for two, Fleiss' for many, and agreement over pairs of ranked answers.

Knows: the formulas (Cohen 1960; Fleiss 1971). Does not know who the raters are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence


def cohen_kappa(a: Sequence[Hashable], b: Sequence[Hashable]) -> float | None:
    """Agreement of two raters on the same items beyond chance: 1 perfect, 0 chance; None where chance agrees always."""
    if len(a) != len(b):
        raise ValueError(f"{len(a)} ratings against {len(b)}")
    if not a:
        return None
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
    left, right = Counter(a), Counter(b)
    chance = sum(left[kind] * right[kind] for kind in left) / len(a) ** 2
    return (observed - chance) / (1 - chance) if chance < 1 else None


def fleiss_kappa(items: Sequence[Sequence[Hashable]]) -> float | None:
    """Agreement of many raters, each item with the same number (two or more) of ratings; None where chance agrees always."""
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
    """Over all pairs of raters who ranked the same answers (indices, best first): number of answer pairs, share ordered alike."""
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
