"""Ranks candidates by two small ensembles of trees over named features, and decides how much the graph counts
for a question.

Knows features and the shipped file ``data/ranker.npz`` (its card: ``data/ranker.md``). Does not know the
library.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from kgrag.errors import IndexMismatch
from kgrag.models.trees import Trees
from kgrag.search.features import GRAPH_NAMES, NAMES, TEXT_NAMES

Floats = NDArray[np.float64]
STANDS_OUT = 4.3
"""Deviations of the best cosine from the library's mean: 4.7 and more for 95% of questions about facts, 3.2
for the median of topical ones.
"""
TOPIC_WORDS = 25
ANSWERABLE = 4.0
"""The same, from which the plain ranker's corrections count: it was trained on claims that one abstract
decides, and not on topics.
"""
LINKED_SHARE = 0.7
"""How much the graph counts where only links between the hits speak for a chain, and no document is named."""


@dataclass(frozen=True, slots=True)
class Ranker:
    """Scores of candidates.

    Attributes:
        text_trees: corrections to the hybrid score from features that need no graph.
        graph_trees: corrections from all features, learned on questions that need several passages.
        text_prior, graph_prior: weight of the hybrid score below the corrections.
    """

    text_trees: Trees
    graph_trees: Trees
    text_prior: float
    graph_prior: float

    def score_text(self, text: Floats) -> Floats:
        """Scores without the graph, (n,), from ``text_features``; where no passage stands out, the hybrid
        score as it is.
        """
        prior: Floats = self.text_prior * text[:, TEXT_NAMES.index("hybrid")]
        return (
            prior + self.text_trees(text)
            if text[:, TEXT_NAMES.index("dense_z")].max(initial=0.0) > ANSWERABLE
            else prior
        )

    def score(self, text: Floats, graph: Floats) -> Floats:
        """Scores with the graph, (n,): both rankers, standardised, mixed by ``graph_share``."""
        plain = standardised(self.score_text(text))
        share = graph_share(text, graph)
        if share == 0.0:
            return plain
        both = np.concatenate([text, graph], axis=1)
        walked = self.graph_prior * text[:, TEXT_NAMES.index("hybrid")] + self.graph_trees(both)
        return (1 - share) * plain + share * standardised(walked)


def graph_share(text: Floats, graph: Floats) -> float:
    """How much the graph counts for this question, 0 to 1.

    It counts where the question names a document's subject, and less where only linked passages are among the
    hits and the best of them stands out from the library; not for a long description of a topic, which no
    chain of passages answers.
    """
    if not len(graph):
        return 0.0
    n_titled, n_linked, stands_out = (
        graph[0, GRAPH_NAMES.index(name)] for name in ("n_titled", "n_linked", "dense_best")
    )
    if text[0, TEXT_NAMES.index("n_words")] >= TOPIC_WORDS:
        return 0.0
    return 1.0 if n_titled > 0 else LINKED_SHARE if n_linked > 0 and stands_out > STANDS_OUT else 0.0


def standardised(scores: Floats) -> Floats:
    """Mean 0, deviation 1."""
    out: Floats = (scores - scores.mean()) / (scores.std() + 1e-9) if len(scores) else scores
    return out


@lru_cache(maxsize=1)
def load_ranker() -> Ranker:
    """The shipped ranker.

    Raises:
        IndexMismatch: the file was made for other features.
    """
    with (
        files("kgrag.search").joinpath("data/ranker.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        arrays = dict(stored)
    if tuple(arrays["names"].tolist()) != NAMES:
        raise IndexMismatch(
            "data/ranker.npz was trained on other features than this version computes. Train it again: see"
            " data/ranker.md"
        )
    text_prior, graph_prior = arrays["priors"]
    return Ranker(
        Trees.read(arrays, "text_"), Trees.read(arrays, "graph_"), float(text_prior), float(graph_prior)
    )
