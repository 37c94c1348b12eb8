"""Calibration: the promise of α holds on fresh data, and where nothing can be promised nothing is shown."""

from __future__ import annotations

import numpy as np
import pytest

from kgrag.verify.calibrate import NOTHING, QUOTES_ONLY, calibrate, calibrate_over_sets, curve, threshold_for


def sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    scores = rng.random(n)
    return scores, rng.random(n) < scores


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_shown_claims_are_unsupported_at_most_alpha_on_fresh_data(alpha: float) -> None:
    """Over 200 draws the mean share of unsupported among the shown stays under α, within a point."""
    rng = np.random.default_rng(1)
    shares = []
    for _ in range(200):
        found = calibrate(*sample(rng, 300), alpha)
        scores, supported = sample(rng, 2000)
        shown = scores >= found.threshold
        shares.append(float((~supported[shown]).mean()) if shown.any() else 0.0)
    assert np.mean(shares) <= alpha + 0.01


def test_with_delta_the_promise_fails_at_most_delta_of_the_time() -> None:
    """Learn-then-Test: in at most a tenth of 200 draws is the true share above α."""
    rng = np.random.default_rng(2)
    broken = 0
    for _ in range(200):
        threshold = calibrate(*sample(rng, 300), 0.2, delta=0.1).threshold
        broken += (
            threshold < 1 and (1 - threshold) / 2 > 0.2
        )  # uniform scores: the true share above t is (1 − t) / 2
    assert broken <= 25


def test_without_data_or_without_hope_nothing_is_shown() -> None:
    """No label, or only bad ones: the threshold lies above every score."""
    assert calibrate([], [], 0.1).threshold == NOTHING
    assert calibrate([0.9] * 50, [False] * 50, 0.1).threshold == NOTHING


def test_tied_scores_are_shown_together_or_not_at_all() -> None:
    """A threshold never cuts between equal scores."""
    found = calibrate([0.9] * 30 + [0.5] * 30, [True] * 30 + [True, False] * 15, 0.1)
    assert (found.threshold, found.shown, found.unsupported) == (0.9, 0.5, 0.0)


def test_a_larger_alpha_never_shows_less() -> None:
    """The curve is monotone."""
    scores, supported = sample(np.random.default_rng(4), 500)
    shares = [point.shown for point in curve(scores.tolist(), supported.tolist(), (0.05, 0.1, 0.2, 0.4))]
    assert shares == sorted(shares)


def test_wrong_arguments_are_refused() -> None:
    """α must lie between 0 and 1, and each score has a label."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibrate([0.5], [True], 1.0)
    with pytest.raises(ValueError, match="1 scores for 2 labels"):
        calibrate([0.5], [True, False], 0.1)


def test_easy_sets_do_not_pay_for_hard_ones() -> None:
    """Three large sets without a fault and one whose every second claim is unsupported: pooled all are shown,
    over the sets the hard one is not.
    """
    scores = [0.9] * 300 + [0.6] * 40
    supported = [True] * 300 + [True, False] * 20
    sets = [0] * 100 + [1] * 100 + [2] * 100 + [3] * 40
    assert calibrate(scores, supported, 0.1).threshold == 0.6
    found = calibrate_over_sets(scores, supported, sets, 0.1)
    assert (found.threshold, found.unsupported) == (0.9, 0.0)
    assert calibrate_over_sets(scores, supported, sets, 0.3).threshold == 0.6


def test_over_sets_the_promise_holds_for_a_set_that_was_left_out() -> None:
    """Sets that differ in how much their scores overstate: the one left out breaks α by three points in fewer
    than a fifth of the draws.
    """
    rng = np.random.default_rng(5)
    broken = n_drawn = 0
    for _ in range(60):
        harm = rng.uniform(0.0, 0.35, 8)
        scores = rng.random((8, 400))
        supported = rng.random((8, 400)) < np.clip(scores - harm[:, None] * (1 - scores), 0, 1)
        threshold = calibrate_over_sets(
            scores[1:].ravel().tolist(),
            supported[1:].ravel().tolist(),
            np.repeat(np.arange(7), 400).tolist(),
            0.2,
        ).threshold
        shown = scores[0] >= threshold
        if shown.sum() >= 30:
            n_drawn += 1
            broken += float((~supported[0][shown]).mean()) > 0.23
    assert n_drawn >= 50
    assert broken <= n_drawn / 5


def test_too_few_claims_say_nothing() -> None:
    """Below thirty shown claims no level is taken, however good."""
    assert calibrate_over_sets([0.9] * 29, [True] * 29, [0] * 29, 0.1).threshold == NOTHING
    assert calibrate_over_sets([], [], [], 0.1).threshold == NOTHING


def test_the_shipped_threshold_falls_as_alpha_grows_and_lets_quotes_pass() -> None:
    """A looser promise never asks for more, and a word-for-word quote (score 1) passes at every α."""
    thresholds = [threshold_for(alpha) for alpha in (0.01, 0.05, 0.1, 0.2, 0.4)]
    assert thresholds == sorted(thresholds, reverse=True)
    assert all(0 <= threshold <= QUOTES_ONLY < 1 for threshold in thresholds)
