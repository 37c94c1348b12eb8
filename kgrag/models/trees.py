"""Runs boosted trees and a logistic model over named features, as arrays in a file: no pickle, no learning
library at run time.

Knows: how an ensemble of binary trees and a linear model are evaluated, blended and stored. Does not know how
they were fitted or what the features mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trees:
    """An ensemble: arrays (n_trees, n_nodes) of feature, threshold, left, right, value; a leaf points to
    itself.

    A row goes left where its feature is at most the threshold. The output is ``base`` plus the values of the
    leaves.
    """

    feature: NDArray[np.int32]
    threshold: Floats
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: Floats
    base: float
    depth: int

    def __call__(self, x: NDArray[Any]) -> Floats:
        """Log-odds, float64 (n_rows,), of rows (n_rows, n_features)."""
        trees = np.arange(len(self.feature))[None, :]
        at = np.zeros((len(x), len(self.feature)), np.int32)
        rows = np.arange(len(x))[:, None]
        for _ in range(self.depth):
            goes_left = x[rows, self.feature[trees, at]] <= self.threshold[trees, at]
            at = np.where(goes_left, self.left[trees, at], self.right[trees, at])
        out: Floats = self.value[trees, at].sum(axis=1) + self.base
        return out

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The ensemble as arrays for a file."""
        return {
            prefix + "feature": self.feature.astype(np.int16),
            prefix + "threshold": self.threshold.astype(np.float64),
            prefix + "left": self.left.astype(np.int16),
            prefix + "right": self.right.astype(np.int16),
            prefix + "value": self.value.astype(np.float32),
            prefix + "base": np.array([self.base, self.depth], np.float64),
        }

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Trees:
        """The ensemble that ``arrays`` wrote."""
        feature, left, right = (
            arrays[prefix + part].astype(np.int32) for part in ("feature", "left", "right")
        )
        base, depth = arrays[prefix + "base"]
        return cls(
            feature,
            arrays[prefix + "threshold"],
            left,
            right,
            arrays[prefix + "value"].astype(np.float64),
            float(base),
            int(depth),
        )


@dataclass(frozen=True, slots=True)
class Linear:
    """A logistic model over standardised features, clipped to five deviations so that odd texts cannot run
    away.
    """

    mean: Floats
    deviation: Floats
    weight: Floats
    bias: float

    def __call__(self, x: NDArray[Any]) -> Floats:
        """Log-odds, float64 (n_rows,); summed row by row, so that a batch equals its single rows to the last
        bit.
        """
        out: Floats = (np.clip((x - self.mean) / self.deviation, -5.0, 5.0) * self.weight).sum(
            axis=1
        ) + self.bias
        return out

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The model as arrays for a file."""
        return {
            prefix + "linear": np.stack([self.mean, self.deviation, self.weight]),
            prefix + "bias": np.array([self.bias]),
        }

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Linear:
        """The model that ``arrays`` wrote."""
        mean, deviation, weight = arrays[prefix + "linear"].astype(np.float64)
        return cls(mean, deviation, weight, float(arrays[prefix + "bias"][0]))


@dataclass(frozen=True, slots=True)
class Blend:
    """The mean of the trees' and the linear model's log-odds, as a probability."""

    trees: Trees
    linear: Linear

    def __call__(self, x: NDArray[Any]) -> Floats:
        """Probabilities, float64 (n_rows,)."""
        return sigmoid(0.5 * (self.trees(x) + self.linear(x)))

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Both models as arrays for a file."""
        return self.trees.arrays(prefix) | self.linear.arrays(prefix)

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Blend:
        """The models that ``arrays`` wrote."""
        return cls(Trees.read(arrays, prefix), Linear.read(arrays, prefix))


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + e^-x) without overflow."""
    out: Floats = 0.5 * (1.0 + np.tanh(0.5 * x))
    return out
