"""How likely a sentence says that an outcome did not differ, was more, or was less under the intervention.

Knows the weights in ``models/data/direction`` with their card; made by ``python -m kgrag.train.directions``.
Each sentence is read from both sides of the comparison, and the two readings are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from kgrag.models.trees import Blend
from kgrag.verify.direction.features import vectors
from kgrag.verify.direction.marked import Compared

DIRECTIONS = ("no difference", "increased", "decreased")
TURNED = (0, 2, 1)
"""Places of the directions as seen from the comparator's side."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """A softmax over hashed words and signs: coefficients (3, n_features) and intercepts (3,)."""

    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def probabilities(self, sentences: Sequence[str], compared: Sequence[Compared]) -> Floats:
        """Of each direction, float64 (n, 3), in the order of ``DIRECTIONS``."""
        ours = self._read(sentences, compared)
        theirs = self._read(sentences, [what.turned() for what in compared])
        return (ours + theirs[:, TURNED]) / 2

    def _read(self, sentences: Sequence[str], compared: Sequence[Compared]) -> Floats:
        logits = vectors(sentences, compared) @ self.coefficients.T + self.intercepts
        odds = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
        shares: Floats = odds / odds.sum(axis=1, keepdims=True)
        return shares


@cache
def shipped() -> tuple[Weights, Blend]:
    """The shipped weights: of the direction, and of where a result stands."""
    with (
        files("kgrag.models").joinpath("data", "direction", "direction.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        coefficients = arrays["coefficients"].astype(np.float32)
        weights = Weights(coefficients, arrays["intercepts"].astype(np.float32))
        return weights, Blend.read(arrays, "place_")
