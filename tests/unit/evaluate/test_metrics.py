"""The measures agree with ir-measures, whatever the ranking."""

from __future__ import annotations

import random

import ir_measures
import pytest
from ir_measures import AP, R, nDCG

from kgrag.evaluate.metrics import measures


@pytest.mark.parametrize("seed", range(20))
def test_measures_equal_an_independent_implementation(seed: int) -> None:
    """nDCG@10, average precision and recall are those of ir-measures."""
    chance = random.Random(seed)
    pool = [f"d{i}" for i in range(300)]
    relevant = {name: chance.randint(1, 3) for name in chance.sample(pool, chance.randint(1, 30))}
    ranking = chance.sample(pool, chance.randint(1, 200))
    run = {"q": {name: float(len(ranking) - rank) for rank, name in enumerate(ranking)}}
    theirs = ir_measures.calc_aggregate([nDCG @ 10, AP, R @ 5, R @ 100], {"q": relevant}, run)
    ours = measures(ranking, relevant)
    expected = {
        "ndcg@10": theirs[nDCG @ 10],
        "map": theirs[AP],
        "recall@5": theirs[R @ 5],
        "recall@100": theirs[R @ 100],
    }
    assert {name: ours[name] for name in expected} == pytest.approx(expected)


def test_perfect_needs_every_relevant_one_among_the_first_five() -> None:
    """One relevant document missed is not perfect; more than five relevant ones need five."""
    assert measures(["a", "b", "x"], {"a": 1, "b": 1})["perfect@5"] == 1.0
    assert measures(["a", "x", "y", "z", "w", "b"], {"a": 1, "b": 1})["perfect@5"] == 0.0
    assert measures(list("abcdef"), dict.fromkeys("abcdefg", 1))["perfect@5"] == 1.0
