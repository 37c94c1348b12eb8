"""Judges the claims of one text together: the threshold lies where their scores split.

How high a supported claim scores depends on how closely claims are worded after their evidence, which differs
between kinds of text more than the order of the scores does. No label is used. Knows scores, not where claims
come from; a claim judged alone keeps the threshold of one half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kgrag.types import Verdict

FEWEST = 60
"""Claims from which a split is looked for; fewer tell too little of their kind."""
LOWEST, HIGHEST = 0.3, 0.5
"""The thresholds between which a split may lie: what one half calls supported stays so, and below the lowest
nothing is.
"""
_NARROW = 1e-4


def split_of(probabilities: Sequence[float]) -> float:
    """The threshold for claims of one kind: where the variance of the log-odds within the two sides is least
    (Otsu 1979), between ``LOWEST`` and ``HIGHEST``.

    Args:
        probabilities: of *supported*, in [0, 1], (n,); one half where there are fewer than ``FEWEST``.
    """
    if len(probabilities) < FEWEST:
        return HIGHEST
    odds = np.sort(_log_odds(np.asarray(probabilities, np.float64)))
    below = np.arange(1, len(odds))
    sums = np.cumsum(odds)
    between = (
        below * (len(odds) - below) * (sums[:-1] / below - (sums[-1] - sums[:-1]) / (len(odds) - below)) ** 2
    )
    place = int(between.argmax())
    middle = (odds[place] + odds[place + 1]) / 2
    return float(np.clip(1 / (1 + np.exp(-middle)), LOWEST, HIGHEST))


def threshold_of(verdicts: Sequence[Verdict]) -> float:
    """The threshold for claims that are judged together: of their probabilities, as far as they have one."""
    return split_of([verdict.probability for verdict in verdicts if verdict.probability is not None])


def judged_together(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The same verdicts, those called supported too that lie above where the set's scores split and are less
    likely contradicted than supported.

    Verdicts without a ``probability`` (claims that change a fact of their evidence, other verifiers) keep
    their label; every score stays.
    """
    threshold = threshold_of(verdicts)
    return [
        (
            replace(verdict, label="supported")
            if verdict.probability is not None
            and verdict.probability >= max(threshold, verdict.contradiction)
            else verdict
        )
        for verdict in verdicts
    ]


def _log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(probabilities, _NARROW, 1 - _NARROW)
    out: NDArray[np.float64] = np.log(inside / (1 - inside))
    return out
