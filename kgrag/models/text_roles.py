"""Tells what a sentence of a paper's body is for, from its words and the kind of the section around it.

Knows one linear model over hashed words and a vector of the sentence, and how often each role stands in each
kind of section. Does not know papers or files of texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.models.item_features import ItemVectors, text_hashes

ROLES = ("background", "question", "method", "result", "conclusion")
FREQUENT: dict[str, tuple[float, ...]] = {
    "": (0.30, 0.05, 0.25, 0.25, 0.15),
    "background": (0.86, 0.06, 0.04, 0.02, 0.02),
    "method": (0.02, 0.01, 0.95, 0.015, 0.005),
    "result": (0.03, 0.02, 0.13, 0.80, 0.02),
    "discussion": (0.25, 0.02, 0.05, 0.33, 0.35),
    "conclusion": (0.05, 0.02, 0.03, 0.20, 0.70),
    "limitation": (0.05, 0.02, 0.08, 0.15, 0.70),
}
"""How often each of ``ROLES`` stands in a kind of section (``kgrag.language.section_names``; "" is none):
set by us after 110 sentences of 15 papers were read. Estimated without labels they fail, since conclusions
of abstracts are said in other words than those of discussions.
"""
PATH = Path(__file__).parent / "data" / "roles" / "bodies.npz"
Floats = NDArray[np.float32]


class TextRoles:
    """Runs the model.

    Args:
        arrays: words (n_buckets, n_roles), meaning (384, n_roles), bias (n_roles,).
        vectors: of texts.
    """

    def __init__(self, arrays: dict[str, NDArray[Any]], vectors: ItemVectors) -> None:
        self._arrays = {name: value.astype(np.float32) for name, value in arrays.items()}
        self._vectors = vectors

    @classmethod
    def read(cls, vectors: ItemVectors, path: Path = PATH) -> TextRoles:
        """The model of a file, by default the packaged one."""
        with np.load(path, allow_pickle=False) as stored:
            return cls({name: stored[name] for name in stored.files}, vectors)

    def evenly(self, sentences: Sequence[str]) -> Floats:
        """(n, n_roles): shares of the roles, were all as frequent; by the words alone."""
        held = self._arrays
        odds = np.zeros((len(sentences), len(ROLES)), np.float32)
        for row, text in zip(odds, sentences, strict=True):
            rows = list(text_hashes(text, len(held["words"])))
            row += held["words"][rows].sum(axis=0) / np.sqrt(max(len(rows), 1))
            row += self._vectors.of_text(text) @ held["meaning"] + held["bias"]
        return shares(odds)

    def of_sentences(self, sentences: Sequence[str], kinds: Sequence[str]) -> Floats:
        """(n, n_roles): shares of the roles of each sentence in a section of its kind."""
        frequent = np.array([FREQUENT[kind] for kind in kinds], np.float32).reshape(-1, len(ROLES))
        joined = self.evenly(sentences) * frequent
        shared: Floats = joined / np.maximum(joined.sum(axis=1, keepdims=True), 1e-9)
        return shared


def shares(odds: Floats) -> Floats:
    """Softmax of each row."""
    raised = np.exp(odds - odds.max(axis=1, keepdims=True, initial=-1e9))
    out: Floats = (raised / np.maximum(raised.sum(axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return out
