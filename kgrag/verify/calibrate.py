"""Computes the threshold for α, at which at most that share of the shown claims is unsupported, by
split-conformal risk control.

Knows: scores with labels of calibration sets in, a threshold out; what ships is calibrated over sets, since a
library's claims are of no set that calibrates. Does not know which verifier made the scores. Sources:
Angelopoulos, Bates, Fisch, Lei, Schuster 2022 (conformal risk control: the +1 term); Jin, Candès 2023
(selection by prediction with conformal p-values: the share among the *selected*); Angelopoulos, Bates,
Candès, Jordan, Lei 2021 (Learn then Test: fixed-sequence testing, for risks that are not monotone, as the
share among the shown is not).
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

    ``threshold`` above 1 shows nothing: no threshold keeps the promise on these data. ``shown`` and
    ``unsupported`` are shares, the second among the shown.
    """

    alpha: float
    threshold: float
    n: int
    shown: float
    unsupported: float


Counts = NDArray[np.float64]
NOTHING, QUOTES_ONLY = 1.01, 0.999
"""Thresholds that no score reaches, and that only the score 1 of a word-for-word quote reaches."""
FEWEST, FEW = 10, 30
"""Shown claims from which a set has a say, and from which a level can be taken."""
OWN = -1
"""The number of a library's own claims among the sets."""
SHIPPED = Path(__file__).parents[1] / "models" / "data" / "verifier" / "calibration.npz"


def calibrate(
    scores: Sequence[float], supported: Sequence[bool], alpha: float, delta: float | None = None
) -> Calibration:
    """The lowest threshold at which at most α of the shown claims are unsupported.

    Args:
        scores: the verifier's probability of support, one a calibration claim.
        supported: what people say of each claim.
        alpha: the share of unsupported claims among the shown that is accepted, in (0, 1).
        delta: None: in expectation, by conformal risk control with its finite-sample term (unsupported + 1) /
            (shown + 1); a number: with probability 1 − delta, by exact binomial bounds tested in order from
            the strictest threshold that could hold.

    Returns:
        The calibration; with no data, or none good enough, nothing is shown.

    Raises:
        ValueError: alpha or delta outside (0, 1), or scores and labels of different number.
    """
    if not 0 < alpha < 1 or (delta is not None and not 0 < delta < 1):
        raise ValueError(f"alpha {alpha} and delta {delta} must lie between 0 and 1")
    if len(scores) != len(supported):
        raise ValueError(f"{len(scores)} scores for {len(supported)} labels")
    values, bad = np.asarray(scores, np.float64), ~np.asarray(supported, bool)
    levels = np.unique(values)[::-1]
    n_shown, n_bad = _counts(values, bad, levels)
    bounds = (n_bad + 1) / (n_shown + 1) if delta is None else _binomial_bound(n_bad, n_shown, delta)
    kept = _last_kept(bounds <= alpha, None if delta is None else _first_testable(n_shown, alpha, delta))
    if kept is None:
        return Calibration(alpha, NOTHING, len(values), 0.0, 0.0)
    return Calibration(
        alpha,
        float(levels[kept]),
        len(values),
        float(n_shown[kept] / n_shown[-1]),
        float(n_bad[kept] / n_shown[kept]),
    )


def calibrate_over_sets(
    scores: Sequence[float],
    supported: Sequence[bool],
    sets: Sequence[int],
    alpha: float,
    *,
    own_scores: Sequence[float] = (),
    own_supported: Sequence[bool] = (),
    own_share: float = 0.0,
) -> Calibration:
    """The lowest threshold at which at most α of the shown claims are unsupported on average over the worse
    half of the sets.

    A library's claims are of no set that calibrates. Pooled, the easy sets pay for the hard ones, and a set
    that was left out often broke the promise; with the worse half it seldom does (the verifier's card has the
    figures).

    Args:
        scores: the verifier's score, one a calibration claim.
        supported: whether each is supported.
        sets: the number of the set that each is from.
        alpha: as for ``calibrate``.
        own_scores: of a library's own claims, on which people have their word.
        own_supported: that word.
        own_share: how much the own claims count beside the sets, in [0, 1].

    Returns:
        The calibration; sets of which fewer than ``FEWEST`` claims are shown say nothing at a level, and a
        level with fewer than ``FEW`` in all is not taken.
    """
    values, of = np.asarray([*scores, *own_scores], np.float64), np.asarray([*sets, *[OWN] * len(own_scores)])
    bad = ~np.asarray([*supported, *own_supported], bool)
    if not len(values):
        return Calibration(alpha, NOTHING, 0, 0.0, 0.0)
    levels = np.unique(values)[::-1]
    parts = {int(one): _counts(values[of == one], bad[of == one], levels) for one in np.unique(of)}
    shown, wrong = (np.stack([part[i] for part in parts.values()]) for i in (0, 1))
    total = shown.sum(axis=0)
    shares = [
        np.where(n >= FEWEST, n_wrong / np.maximum(n, 1), np.nan)
        for one, (n, n_wrong) in parts.items()
        if one != OWN
    ]
    risks = _worse_half(np.stack(shares or [np.full(len(levels), np.nan)]))
    if OWN in parts:
        n, n_wrong = parts[OWN]
        share = own_share * np.minimum(n / FEWEST, 1.0)
        risks = share * n_wrong / np.maximum(n, 1) + (1 - share) * risks
    kept = _last_kept((risks + 1 / (total + 1) <= alpha) & (total >= FEW), None)
    if kept is None:
        return Calibration(alpha, NOTHING, len(values), 0.0, 0.0)
    return Calibration(
        alpha,
        float(levels[kept]),
        len(values),
        float(total[kept] / len(values)),
        float(wrong[:, kept].sum() / total[kept]),
    )


def _counts(
    values: NDArray[np.float64], bad: NDArray[np.bool_], levels: NDArray[np.float64]
) -> tuple[Counts, Counts]:
    """How many of a set are at or above each level, and how many of these are unsupported."""
    ordered, wrong = np.sort(values), np.sort(values[bad])
    return len(ordered) - np.searchsorted(ordered, levels).astype(np.float64), len(wrong) - np.searchsorted(
        wrong, levels
    ).astype(np.float64)


def _worse_half(risks: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each column the mean of the higher half of what is known in it; 1 where nothing is."""
    n_known = (~np.isnan(risks)).sum(axis=0)
    n_half = np.maximum((n_known + 1) // 2, 1)
    sums = np.cumsum(np.nan_to_num(-np.sort(-risks, axis=0)), axis=0)
    out: NDArray[np.float64] = np.where(
        n_known > 0, sums[n_half - 1, np.arange(risks.shape[1])] / n_half, 1.0
    )
    return out


def curve(scores: Sequence[float], supported: Sequence[bool], alphas: Sequence[float]) -> list[Calibration]:
    """A calibration for each α, for showing what a choice costs."""
    return [calibrate(scores, supported, alpha) for alpha in alphas]


@lru_cache(maxsize=64)
def threshold_for(alpha: float) -> float:
    """The shipped verifier's threshold for α, from held-out claims that ship with it (see its card).

    Args:
        alpha: the share of unsupported claims among the shown that is accepted, in (0, 1).

    Returns:
        A score in [0, ``QUOTES_ONLY``]; at ``QUOTES_ONLY`` no threshold keeps the promise, and only claims
        that stand word for word in their evidence (score 1) pass.
    """
    return min(shipped_calibration(alpha).threshold, QUOTES_ONLY)


def shipped_calibration(alpha: float) -> Calibration:
    """What the claims that ship say of α, over their sets."""
    return calibrate_over_sets(*shipped_claims(), alpha)


@lru_cache(maxsize=1)
def shipped_claims() -> tuple[list[float], list[bool], list[int]]:
    """The held-out claims that ship: the verifier's scores, whether each is supported, and the number of the
    set it is from.
    """
    with np.load(SHIPPED, allow_pickle=False) as held:
        return held["scores"].tolist(), held["supported"].tolist(), held["sets"].tolist()


def _binomial_bound(n_bad: Counts, n_shown: Counts, delta: float) -> NDArray[np.float64]:
    """Clopper–Pearson upper bounds of the share at confidence 1 − delta."""
    from scipy.stats import beta

    upper: NDArray[np.float64] = np.where(
        n_bad < n_shown, beta.ppf(1 - delta, n_bad + 1, np.maximum(n_shown - n_bad, 1)), 1.0
    )
    return upper


def _last_kept(holds: NDArray[np.bool_], first: int | None) -> int | None:
    """The lowest level that holds; with ``first``: the last of those that hold without a gap from that level
    on.
    """
    if first is None:
        held = np.flatnonzero(holds)
        return int(held[-1]) if len(held) else None
    failed = np.flatnonzero(~holds[first:])
    n_held = int(failed[0]) if len(failed) else len(holds) - first
    return first + n_held - 1 if n_held > 0 else None


def _first_testable(n_shown: Counts, alpha: float, delta: float) -> int:
    """The strictest level with so many shown that none unsupported would prove α; it depends on no label, so
    the test stays valid.
    """
    return int(np.searchsorted(n_shown, np.log(delta) / np.log(1 - alpha)))
