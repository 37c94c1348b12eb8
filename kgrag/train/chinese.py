"""Fits the Chinese verifier: ``python -m kgrag.train.chinese --data ../shared/data --out FOLDER``; prints
held-out figures.

Knows: snli_zh (translated inference, three-way) and a linear model over ``kgrag.verify.chinese``. Needs
scikit-learn only.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kgrag.train.steps.data import Labelled, read_claims, share_of
from kgrag.verify.chinese import CLASSES, N_BUCKETS, ChineseVerifier, hashed, plain_features

HELD = 0.1


def fit(examples: Sequence[Labelled], path: Path, c: float = 0.02) -> None:
    """Fits on all examples and writes the model's npz."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    plain = np.stack([plain_features(e.claim, e.evidence[0]) for e in examples])
    mean, deviation = plain.mean(axis=0), np.maximum(plain.std(axis=0), 1e-6)
    buckets = [hashed(e.claim, e.evidence[0]) for e in examples]
    rows = np.repeat(np.arange(len(buckets)), [len(b) for b in buckets])
    lexical = csr_matrix((np.ones(len(rows)), (rows, np.concatenate(buckets))), (len(examples), N_BUCKETS))
    x: Any = hstack([csr_matrix(np.clip((plain - mean) / deviation, -5, 5)), lexical]).tocsr()
    model = LogisticRegression(C=c, max_iter=300).fit(x, [CLASSES.index(e.label) for e in examples])
    n = plain.shape[1]
    np.savez_compressed(
        path,
        mean=mean,
        deviation=deviation,
        plain=model.coef_[:, :n].astype(np.float32),
        hashed=model.coef_[:, n:].astype(np.float16),
        bias=model.intercept_.astype(np.float32),
    )


def figures(examples: Sequence[Labelled], path: Path) -> dict[str, float]:
    """Two-way balanced accuracy and three-way accuracy on the examples."""
    from sklearn.metrics import balanced_accuracy_score

    verdicts = ChineseVerifier(path).verify([e.claim for e in examples], [e.evidence for e in examples])
    truth, said = [e.label for e in examples], [v.label for v in verdicts]
    two_way = balanced_accuracy_score([t == "supported" for t in truth], [s == "supported" for s in said])
    return {
        "n": len(truth),
        "balanced_accuracy": float(two_way),
        "accuracy_3way": float(np.mean([t == s for t, s in zip(truth, said, strict=True)])),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Fits without the held tenth, prints its figures, then fits on everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    path, examples = options.out / "chinese.npz", read_claims(options.data / "claims" / "snli_zh.jsonl")
    held = [e for e in examples if share_of("".join(e.evidence)) < HELD]
    fit([e for e in examples if share_of("".join(e.evidence)) >= HELD], path)
    print(json.dumps(figures(held, path)))
    fit(examples, path)


if __name__ == "__main__":
    main()
