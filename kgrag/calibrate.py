"""The threshold for α: at most that share of the shown claims is unsupported, by split-conformal risk control.

Knows: scores with labels of a calibration set in, a threshold out. Does not know which verifier made the scores.
Sources: Angelopoulos, Bates, Fisch, Lei, Schuster 2022 (conformal risk control: the +1 term); Jin, Candès 2023 (selection by
prediction with conformal p-values: the share among the *selected*); Angelopoulos, Bates, Candès, Jordan, Lei 2021 (Learn then
Test: fixed-sequence testing, for risks that are not monotone, as the share among the shown is not).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold for α with what it does on the calibration set.

    ``threshold`` above 1 shows nothing: no threshold keeps the promise on these data. ``shown`` and ``unsupported`` are shares,
    the second among the shown.
    """

    alpha: float
    threshold: float
    n: int
    shown: float
    unsupported: float


Counts = NDArray[np.float64]
NOTHING, QUOTES_ONLY = 1.01, 0.999
"""Thresholds that no score reaches, and that only the score 1 of a word-for-word quote reaches."""
SHIPPED = Path(__file__).parent / "models" / "data" / "verifier" / "calibration.npz"


def calibrate(scores: Sequence[float], supported: Sequence[bool], alpha: float, delta: float | None = None, weights: Sequence[float] | None = None) -> Calibration:
    """The lowest threshold at which at most α of the shown claims are unsupported.

    Args:
        scores: the verifier's probability of support, one a calibration claim.
        supported: what people say of each claim.
        alpha: the share of unsupported claims among the shown that is accepted, in (0, 1).
        delta: None: in expectation, by conformal risk control with its finite-sample term (unsupported + 1) / (shown + 1);
            a number: with probability 1 − delta, by exact binomial bounds tested in order from the strictest threshold that could hold.
        weights: how much each claim counts beside a new one, which counts 1 (none of them more than that); all the same by default. Not with ``delta``.

    Returns:
        The calibration; with no data, or none good enough, nothing is shown.

    Raises:
        ValueError: alpha or delta outside (0, 1), or scores and labels of different number.
    """
    if not 0 < alpha < 1 or (delta is not None and not 0 < delta < 1):
        raise ValueError(f"alpha {alpha} and delta {delta} must lie between 0 and 1")
    if len(scores) != len(supported):
        raise ValueError(f"{len(scores)} scores for {len(supported)} labels")
    if weights is not None and (delta is not None or len(weights) != len(scores)):
        raise ValueError(f"{len(weights)} weights for {len(scores)} scores, delta {delta}")
    values, bad = np.asarray(scores, np.float64), ~np.asarray(supported, bool)
    levels, n_shown, n_bad = _by_level(values, bad, np.ones(len(values)) if weights is None else np.asarray(weights, np.float64))
    bounds = (n_bad + 1) / (n_shown + 1) if delta is None else _binomial_bound(n_bad, n_shown, delta)
    kept = _last_kept(bounds <= alpha, None if delta is None else _first_testable(n_shown, alpha, delta))
    if kept is None:
        return Calibration(alpha, NOTHING, len(values), 0.0, 0.0)
    return Calibration(alpha, float(levels[kept]), len(values), float(n_shown[kept] / n_shown[-1]), float(n_bad[kept] / n_shown[kept]))


def curve(scores: Sequence[float], supported: Sequence[bool], alphas: Sequence[float]) -> list[Calibration]:
    """A calibration for each α, for showing what a choice costs."""
    return [calibrate(scores, supported, alpha) for alpha in alphas]


@lru_cache(maxsize=64)
def threshold_for(alpha: float) -> float:
    """The shipped verifier's threshold for α, from held-out claims that ship with it (see its card).

    Args:
        alpha: the share of unsupported claims among the shown that is accepted, in (0, 1).

    Returns:
        A score in [0, ``QUOTES_ONLY``]; at ``QUOTES_ONLY`` no threshold keeps the promise, and only claims that stand word for
        word in their evidence (score 1) pass.
    """
    return min(calibrate(*shipped_claims(), alpha).threshold, QUOTES_ONLY)


@lru_cache(maxsize=1)
def shipped_claims() -> tuple[list[float], list[bool]]:
    """The held-out claims that ship: the verifier's scores, and whether each is supported."""
    with np.load(SHIPPED, allow_pickle=False) as held:
        return held["scores"].tolist(), held["supported"].tolist()


def _by_level(values: NDArray[np.float64], bad: NDArray[np.bool_], weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], Counts, Counts]:
    """Distinct scores from the highest down, and how much is shown and unsupported at or above each, by weight."""
    order = np.argsort(-values, kind="stable")
    ordered = values[order]
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], len(ordered) > 0))
    return ordered[last], np.cumsum(weights[order])[last], np.cumsum((weights * bad)[order])[last]


def _binomial_bound(n_bad: Counts, n_shown: Counts, delta: float) -> NDArray[np.float64]:
    """Clopper–Pearson upper bounds of the share at confidence 1 − delta."""
    from scipy.stats import beta

    upper: NDArray[np.float64] = np.where(n_bad < n_shown, beta.ppf(1 - delta, n_bad + 1, np.maximum(n_shown - n_bad, 1)), 1.0)
    return upper


def _last_kept(holds: NDArray[np.bool_], first: int | None) -> int | None:
    """The lowest level that holds; with ``first``: the last of those that hold without a gap from that level on."""
    if first is None:
        held = np.flatnonzero(holds)
        return int(held[-1]) if len(held) else None
    failed = np.flatnonzero(~holds[first:])
    n_held = int(failed[0]) if len(failed) else len(holds) - first
    return first + n_held - 1 if n_held > 0 else None


def _first_testable(n_shown: Counts, alpha: float, delta: float) -> int:
    """The strictest level with so many shown that none unsupported would prove α; it depends on no label, so the test stays valid."""
    return int(np.searchsorted(n_shown, np.log(delta) / np.log(1 - alpha)))
