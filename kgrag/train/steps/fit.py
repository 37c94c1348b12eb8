"""Fits the small models of ``kgrag.models.trees`` with scikit-learn and writes their arrays.

Knows: how a fitted gradient boosting and logistic regression become plain arrays. Does not know features or
data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.models.trees import Blend, Linear, Trees


def fit_blend(
    x: NDArray[Any],
    y: NDArray[Any],
    weight: NDArray[Any],
    *,
    seed: int = 7,
    n_trees: int = 60,
    leaves: int = 8,
    c: float = 0.005,
) -> Blend:
    """Trees and a linear model on the same rows (n_rows, n_features), targets 0/1 and weights (n_rows,)."""
    return Blend(
        fit_trees(x, y, weight, seed=seed, n_trees=n_trees, leaves=leaves), fit_linear(x, y, weight, c=c)
    )


def fit_trees(
    x: NDArray[Any], y: NDArray[Any], weight: NDArray[Any], *, seed: int, n_trees: int, leaves: int
) -> Trees:
    """Histogram gradient boosting with strong regularisation."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=n_trees,
        learning_rate=0.05,
        max_leaf_nodes=leaves,
        min_samples_leaf=40,
        l2_regularization=5.0,
        max_features=0.4,
        early_stopping=False,
        random_state=seed,
    )
    model.fit(x, y, sample_weight=weight)
    return trees_of(model)


def trees_of(model: Any) -> Trees:
    """The arrays of a fitted binary ``HistGradientBoostingClassifier``."""
    nodes = [stage[0].nodes for stage in model._predictors]
    shape = (len(nodes), max(map(len, nodes)))
    feature, left, right = (np.zeros(shape, np.int32) for _ in range(3))
    threshold, value = np.zeros(shape), np.zeros(shape)
    for i, tree in enumerate(nodes):
        n, leaf, own = len(tree), tree["is_leaf"].astype(bool), np.arange(len(tree))
        feature[i, :n] = np.where(leaf, 0, tree["feature_idx"])
        threshold[i, :n] = np.where(leaf, 0.0, tree["num_threshold"])
        left[i, :n], right[i, :n] = np.where(leaf, own, tree["left"]), np.where(leaf, own, tree["right"])
        value[i, :n] = np.where(leaf, tree["value"], 0.0)
    depth = max(int(tree["depth"].max()) for tree in nodes)
    return Trees(
        feature, threshold, left, right, value, float(np.ravel(model._baseline_prediction)[0]), depth
    )


def fit_linear(x: NDArray[Any], y: NDArray[Any], weight: NDArray[Any], *, c: float) -> Linear:
    """Logistic regression on standardised, clipped features."""
    from sklearn.linear_model import LogisticRegression

    mean, deviation = x.mean(axis=0, dtype=np.float64), np.maximum(x.std(axis=0, dtype=np.float64), 1e-6)
    model = LogisticRegression(C=c, max_iter=2000).fit(
        np.clip((x - mean) / deviation, -5, 5), y, sample_weight=weight
    )
    return Linear(mean, deviation, model.coef_[0].astype(np.float64), float(model.intercept_[0]))
