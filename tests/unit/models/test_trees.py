"""Small models as arrays equal the models they were fitted as."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from kgrag.models.trees import Blend, sigmoid
from kgrag.train.steps.fit import fit_blend, fit_linear, trees_of


def data(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n, 5))
    return x, (x[:, 0] * x[:, 1] + x[:, 2] + 0.3 * rng.normal(size=n) > 0).astype(int)


def test_trees_equal_the_ensemble_they_came_from() -> None:
    """The arrays give scikit-learn's own probabilities, to rounding."""
    x, y = data()
    model = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=7, random_state=0).fit(x, y)
    assert np.allclose(sigmoid(trees_of(model)(x)), model.predict_proba(x)[:, 1], atol=1e-9)


def test_the_linear_model_equals_its_regression() -> None:
    """Inside the clip, log-odds are those of scikit-learn on standardised features."""
    x, y = data()
    linear = fit_linear(x, y, np.ones(len(y)), c=1.0)
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    reference = LogisticRegression(C=1.0, max_iter=2000).fit(np.clip(scaled, -5, 5), y)
    assert np.allclose(linear(x), reference.decision_function(np.clip(scaled, -5, 5)), atol=1e-4)


def test_a_blend_survives_its_file_and_odd_values() -> None:
    """Written and read again it says the same; huge values give probabilities."""
    x, y = data()
    blend = fit_blend(x, y, np.ones(len(y)))
    again = Blend.read(blend.arrays("a."), "a.")
    assert np.allclose(blend(x), again(x), atol=1e-5)
    odd = again(np.full((1, 5), 1e30))
    assert np.isfinite(odd).all()
    assert 0 <= odd[0] <= 1
