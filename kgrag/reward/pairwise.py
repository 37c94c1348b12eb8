"""Fits weights by the pairwise loss over rankings, for answers and for extracted terms alike: features in,
weights out.

Knows: groups of rows with a score each, all pairs of unequal score in a group, and −mean log σ(r(better) −
r(worse)) (Bradley–Terry; Ouyang et al. 2022 weigh a group's pairs by their number, as here). Does not know
what a row stands for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.errors import UsageError


def scores_of(row: Mapping[str, Any]) -> NDArray[np.float64]:
    """People's scores of a line's answers: ``scores``, or from ``ranking``; an answer the ranking leaves out
    is last.

    Raises:
        UsageError: neither is there, or they do not fit the answers.
    """
    n_answers = len(row["answers"])
    if row.get("scores") is not None:
        if len(row["scores"]) != n_answers:
            raise UsageError(f"{len(row['scores'])} scores for {n_answers} answers to '{row['question']}'.")
        return np.array(row["scores"], np.float64)
    ranking = row.get("ranking")
    if ranking is None or any(not isinstance(i, int) or not 0 <= i < n_answers for i in ranking):
        raise UsageError(
            f"ranking {ranking} does not name the {n_answers} answers to '{row['question']}' by index from 0,"
            " best first."
        )
    scores = np.full(n_answers, -float(n_answers))
    for place, answer in enumerate(ranking):
        scores[answer] = -float(place)
    return scores


Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """The rows that were ranked together, (n_rows, n_features), and each row's score; equal scores are
    ties.
    """

    features: Floats
    scores: Floats

    def pairs(self) -> Iterator[tuple[int, int]]:
        """(better, worse) for every pair of unequal score."""
        for i, a in enumerate(self.scores):
            for j, b in enumerate(self.scores):
                if a > b:
                    yield i, j


@dataclass(frozen=True, slots=True)
class Scorer:
    """r(row) = weight · clip((row − mean) / deviation, ±4)."""

    mean: Floats
    deviation: Floats
    weight: Floats

    def __call__(self, features: NDArray[Any]) -> Floats:
        """Rewards, float64 (n_rows,); higher is better."""
        return self.standardised(features) @ self.weight

    def standardised(self, features: NDArray[Any]) -> Floats:
        """Features in deviations from the mean, clipped to ±4."""
        out: Floats = np.clip((features - self.mean) / self.deviation, -4.0, 4.0)
        return out


def differences(groups: Sequence[Group]) -> tuple[Floats, Floats]:
    """better − worse of every pair, (n_pairs, n_features), and weights by which each group counts the
    same.
    """
    rows, weights = [], []
    for group in groups:
        pairs = list(group.pairs())
        rows += [group.features[i] - group.features[j] for i, j in pairs]
        weights += [1.0 / max(len(pairs), 1)] * len(pairs)
    n_features = groups[0].features.shape[1] if groups else 0
    return np.array(rows).reshape(-1, n_features), np.array(weights)


def train_pairwise(
    groups: Sequence[Group],
    penalty: float = 0.02,
    weights: Sequence[float] | None = None,
    positive: Sequence[int] = (),
    negative: Sequence[int] = (),
    base: Scorer | None = None,
) -> Scorer:
    """Minimises the mean of −log σ(r(better) − r(worse)) plus ``penalty``·|w − w₀|², w₀ the weights of
    ``base`` or zero.

    Args:
        groups: rankings; a group without unequal scores teaches nothing.
        penalty: strength of the quadratic penalty on standardised weights.
        weights: how much each group counts; all the same by default.
        positive: features whose weight must not be below zero (more support can never hurt).
        negative: features whose weight must not be above zero (evasion can never help).
        base: a scorer to start from: few rankings move it little, many decide.

    Returns:
        The scorer; ``base``, or all zeros, where there is no pair.
    """
    from scipy.optimize import minimize

    plain = base or _untaught(groups)
    start = plain.weight
    scaled = [Group(plain.standardised(g.features), g.scores) for g in groups]
    delta, share = differences(scaled)
    if not len(delta):
        return plain
    if weights is not None:
        share = share * np.repeat(np.array(weights, np.float64), [sum(1 for _ in g.pairs()) for g in groups])
    share = share / share.sum()

    def loss(w: Floats) -> tuple[float, Floats]:
        margin = delta @ w
        slope = -share / (1.0 + np.exp(np.clip(margin, -50, 50)))
        return float(
            share @ np.logaddexp(0.0, -margin) + penalty * (w - start) @ (w - start)
        ), slope @ delta + 2 * penalty * (w - start)

    bounds = [(0.0 if i in positive else None, 0.0 if i in negative else None) for i in range(delta.shape[1])]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return Scorer(plain.mean, plain.deviation, np.asarray(found.x, np.float64))


def _untaught(groups: Sequence[Group]) -> Scorer:
    """Mean and deviation of the rows, all weights zero."""
    stacked = np.concatenate([g.features for g in groups])
    return Scorer(stacked.mean(axis=0), np.maximum(stacked.std(axis=0), 1e-6), np.zeros(stacked.shape[1]))


def agreement(groups: Sequence[Group], rewards: Sequence[Floats]) -> tuple[int, float]:
    """Number of pairs of unequal score, and the share that the rewards order as people did; equal rewards
    count half.
    """
    right, n_pairs = 0.0, 0
    for group, reward in zip(groups, rewards, strict=True):
        for i, j in group.pairs():
            n_pairs += 1
            right += 1.0 if reward[i] > reward[j] else 0.5 if reward[i] == reward[j] else 0.0
    return n_pairs, right / n_pairs if n_pairs else float("nan")
