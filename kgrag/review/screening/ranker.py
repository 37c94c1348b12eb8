"""Ranks records that nobody has read by what was decided on those that somebody has.

Knows texts, decisions and, where there are any, vectors. Words and pairs of words (TF-IDF) and vectors go
through one linear support vector machine each; their standardised scores are added. It is trained anew on
every call, so the same decisions give the same order, whoever made them and in whichever sequence.

Source of the weights of the two classes and of the machine's C: the ELAS u4 model of ASReview 3 (Apache-2.0),
which were tuned on other reviews (SYNERGY).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.errors import UsageError

Scores = NDArray[np.float64]
Vectors = NDArray[np.float32]
SOFTNESS = 0.11
EXCLUDED_TO_INCLUDED = 9.8
"""The included of a training set weigh this many times as much, all together, as the excluded."""
WEIGHT_OF_VECTORS = 0.5
COMMON, FEW = 0.95, 20
"""A word that more than this share of the texts have tells nothing, where they are more than few."""


class Ranker:
    """Holds the features of a set of records; ``scores`` learns from decisions.

    Args:
        texts: of the records: title and abstract; an empty one is ranked by what the others say of it.
        vectors: a row a record, or None.
    """

    def __init__(self, texts: Sequence[str], vectors: Vectors | None = None) -> None:
        if vectors is not None and len(vectors) != len(texts):
            raise UsageError(f"{len(texts)} records have {len(vectors)} vectors; each needs one.")
        self.n = len(texts)
        self._features: list[tuple[Any, float]] = [(_words(texts), 1.0)] if any(map(_cut, texts)) else []
        if vectors is not None:
            self._features.append((vectors, WEIGHT_OF_VECTORS))

    def scores(self, decided: Mapping[int, bool]) -> Scores:
        """A number for each record, higher for likelier inclusion; where only one verdict was given, or no
        record has a text, all are 0.

        Args:
            decided: row of a record → whether it was included.

        Returns:
            Array of the length of the records; those decided have theirs too.
        """
        read = np.fromiter(sorted(decided), dtype=int, count=len(decided))
        verdicts = np.array([decided[row] for row in read], dtype=int)
        total = np.zeros(self.n)
        if len(set(verdicts.tolist())) < 2:
            return total
        for features, weight in self._features:
            total += weight * _standardised(_fitted(features[read], verdicts).decision_function(features))
        return total


def _words(texts: Sequence[str]) -> Any:
    """TF-IDF of words and pairs of neighbours: sparse, a row a text. As scikit-learn's TfidfVectorizer gives
    it (sublinear, unit rows), but counted by NumPy, which takes a third of the time.
    """
    from scipy.sparse import coo_matrix

    known: dict[str, int] = {}
    cut = [[known.setdefault(word, len(known)) for word in _cut(text)] for text in texts]
    lengths, size = [len(each) for each in cut], len(known)
    rows = np.repeat(np.arange(len(texts)), lengths)
    ids = np.fromiter((one for each in cut for one in each), dtype=np.int64, count=sum(lengths))
    follows = rows[1:] == rows[:-1]
    pairs = (ids[:-1] * size + ids[1:] + size)[follows]
    features, columns = np.unique(np.concatenate([ids, pairs]), return_inverse=True)
    places = (np.concatenate([rows, rows[1:][follows]]), columns)
    counts = coo_matrix((np.ones(len(columns)), places), shape=(len(texts), len(features))).tocsr()
    texts_with = np.bincount(counts.indices, minlength=len(features))
    common = COMMON if len(texts) > FEW else 1.0  # of few texts, a word in all of them is still a word
    kept = np.flatnonzero(texts_with <= common * len(texts))
    counts, texts_with = counts[:, kept], texts_with[kept]
    counts.data = 1 + np.log(counts.data)
    weighed = counts.multiply(np.log((1 + len(texts)) / (1 + texts_with)) + 1).tocsr()
    lengths_of = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return weighed.multiply(1 / np.where(lengths_of > 0, lengths_of, 1.0)[:, None]).tocsr()


def _cut(text: str) -> list[str]:
    """The words of a text of at least two letters, in lower case; Chinese is cut into its words."""
    from kgrag.language.words import words

    return [word for word in words(text) if len(word) > 1]


def _fitted(features: Any, verdicts: NDArray[Any]) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=SOFTNESS, loss="squared_hinge", random_state=0, tol=1e-3, max_iter=2000).fit(
        features, verdicts, sample_weight=_weights(verdicts)
    )


def _weights(verdicts: NDArray[Any]) -> Scores:
    """A weight a record; their mean is 1."""
    n_included = int(verdicts.sum())
    excluded = n_included / (EXCLUDED_TO_INCLUDED * (len(verdicts) - n_included))
    weights = np.where(verdicts == 1, 1.0, excluded)
    weights *= len(weights) / weights.sum()
    return weights


def _standardised(values: Scores) -> Scores:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)


def text_of(title: str | None, abstract: str | None) -> str:
    """What of a record is read for ranking."""
    return " ".join(part for part in (title, abstract) if part)
