"""Claims judged together: where their scores split, and what a lower threshold never does."""

from __future__ import annotations

import numpy as np
import pytest

from kgrag.types import Verdict
from kgrag.verify.model import label_of
from kgrag.verify.together import FEWEST, HIGHEST, LOWEST, judged_together, split_of


def scores(*groups: tuple[float, int], seed: int = 7) -> list[float]:
    """Probabilities around some log-odds, so many each."""
    chance = np.random.default_rng(seed)
    return [
        float(1 / (1 + np.exp(-value))) for centre, n in groups for value in chance.normal(centre, 0.2, n)
    ]


def verdict(probability: float | None, score: float, contradiction: float = 0.0) -> Verdict:
    return Verdict(
        label_of(score, contradiction), score, contradiction=contradiction, probability=probability
    )


def test_the_split_lies_between_the_groups() -> None:
    """Two groups below one half are told apart; where they stand on either side of it, or above, one half
    stays.
    """
    assert 0.3 < split_of(scores((-1.2, 80), (-0.1, 80))) < 0.4
    assert split_of(scores((-2.0, 30), (2.0, 90))) == pytest.approx(0.5, abs=0.1)
    assert split_of(scores((0.5, 80), (3.0, 80))) == HIGHEST
    assert split_of(scores((-6.0, 80), (-3.0, 80))) == LOWEST


def test_few_claims_keep_one_half() -> None:
    """With fewer claims than tell their kind, the threshold is that of a claim alone."""
    assert split_of(scores((-2.0, FEWEST // 2), (-0.3, FEWEST // 2 - 1))) == HIGHEST
    assert split_of([]) == HIGHEST


def test_the_order_of_claims_does_not_matter() -> None:
    """Each claim is called the same wherever it stands; what one half calls supported stays so."""
    found = [verdict(p, p) for p in scores((-2.0, 50), (-0.3, 40), (2.0, 10))]
    labels = [v.label for v in judged_together(found)]
    assert labels == [v.label for v in judged_together(found[::-1])][::-1]
    assert labels.count("supported") == 50
    assert all(
        after == "supported"
        for before, after in zip(found, labels, strict=True)
        if before.label == "supported"
    )


def test_what_never_becomes_supported() -> None:
    """A changed fact (no probability) and what is rather contradicted keep their labels; scores and
    everything else stay.
    """
    many = [verdict(p, p) for p in scores((-2.0, 50), (-0.3, 50))]
    changed, against = verdict(None, 0.4, 0.6), verdict(0.42, 0.42, 0.5)
    out = judged_together([*many, changed, against])
    assert [v.label for v in out[-2:]] == ["contradicted", "contradicted"]
    assert [(v.score, v.probability, v.contradiction) for v in out] == [
        (v.score, v.probability, v.contradiction) for v in [*many, changed, against]
    ]
