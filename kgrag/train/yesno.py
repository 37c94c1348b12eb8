"""Fits the yes/no/maybe model: ``python -m kgrag.train.yesno --data ../shared/data --out
kgrag/models/data/yesno``.

Knows: PubMedQA's labelled questions (MIT). Prints cross-validated accuracy and macro-F1. Needs scikit-learn
only.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.evaluate.claims import macro_f1
from kgrag.train.steps.data import read_jsonl
from kgrag.verify.yesno import CLASSES, N_BUCKETS, YesNo, scaled

STRENGTH = 0.02


def fit(x: NDArray[Any], y: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """The model's arrays from features (n, n_features) and classes (n,)."""
    from sklearn.linear_model import LogisticRegression

    dense, words = x[:, : -2 * N_BUCKETS], x[:, -2 * N_BUCKETS :]
    found = (words > 0).sum(axis=0)
    arrays = {
        "mean": dense.mean(axis=0),
        "deviation": dense.std(axis=0) + 1e-6,
        "rarity": np.where(found >= 2, np.log((len(x) + 1) / (found + 1)) + 1, 0.0),
    }
    rows = np.stack([scaled(row, **arrays) for row in x])
    model = LogisticRegression(C=STRENGTH, max_iter=500).fit(rows, y)
    return arrays | {"weight": model.coef_, "bias": model.intercept_}


def cross_validated(x: NDArray[Any], y: NDArray[Any], seeds: Sequence[int] = (0, 1, 2)) -> dict[str, float]:
    """Accuracy and macro-F1 over eight folds, the mean over seeds."""
    from sklearn.model_selection import StratifiedKFold

    said = []
    for seed in seeds:
        out = np.zeros(len(y), int)
        for fitted, tested in StratifiedKFold(8, shuffle=True, random_state=seed).split(x, y):
            model = fit(x[fitted], y[fitted])
            parts = {name: model[name] for name in ("mean", "deviation", "rarity")}
            out[tested] = [
                int((model["weight"] @ scaled(row, **parts) + model["bias"]).argmax()) for row in x[tested]
            ]
        said.append(out)
    return {
        "n": len(y),
        "accuracy": float(np.mean([(s == y).mean() for s in said])),
        "macro_f1": float(np.mean([macro_f1(y, s) for s in said])),
        "majority": float(np.bincount(y).max() / len(y)),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures by cross-validation, fits on everything, writes yesno.npz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = list(read_jsonl(options.data / "qa" / "pubmedqa_train500.jsonl"))
    maker = YesNo(options.out / "yesno.npz")
    x = np.stack([maker.features(row["question"], row["contexts"]) for row in rows])
    y = np.array([CLASSES.index(row["answer"]) for row in rows])
    print(json.dumps(cross_validated(x, y)))
    weights: dict[str, Any] = {name: value.astype(np.float32) for name, value in fit(x, y).items()}
    np.savez_compressed(options.out / "yesno.npz", **weights)


if __name__ == "__main__":
    main()
