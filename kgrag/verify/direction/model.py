"""How likely a sentence says that an outcome did not differ, was more, or was less under the intervention.

Knows the weights in ``models/data/direction`` with their card; made by ``python -m kgrag.train.directions``.
Each sentence is read from both sides of the comparison, and the two readings are averaged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.models.trees import Blend
from kgrag.verify.direction.features import vectors
from kgrag.verify.direction.marked import Compared

DIRECTIONS = ("no difference", "increased", "decreased")
TURNED = (0, 2, 1)
"""Places of the directions as seen from the comparator's side."""
Floats = NDArray[np.float64]


Scorer = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Softmax:
    """Over rows of features: coefficients (3, n_features) and intercepts (3,)."""

    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def of(self, rows: NDArray[np.floating[Any]]) -> Floats:
        """Probabilities of each direction, float64 (n, 3), of rows (n, n_features)."""
        logits = rows @ self.coefficients.T + self.intercepts
        odds = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
        shares: Floats = odds / odds.sum(axis=1, keepdims=True)
        return shares

    def probabilities(self, sentences: Sequence[str], compared: Sequence[Compared]) -> Floats:
        """Of each direction, float64 (n, 3), in the order of ``DIRECTIONS``."""
        ours = self.of(vectors(sentences, compared))
        theirs = self.of(vectors(sentences, [what.turned() for what in compared]))
        return (ours + theirs[:, TURNED]) / 2


@cache
def shipped() -> tuple[Softmax, Blend, Softmax]:
    """The shipped weights: of the direction by words, of where a result stands, and of words beside the
    verifier's encoder.
    """
    with (
        files("kgrag.models").joinpath("data", "direction", "direction.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        words, both = (
            Softmax(arrays[f"{name}_coefficients"].astype(np.float32), arrays[f"{name}_intercepts"])
            for name in ("words", "both")
        )
        return words, Blend.read(arrays, "place_"), both
