"""Fits the verifier's stacker on claims that the encoder has not seen, and measures it honestly.

``python -m kgrag.train.stacker --data ../shared/data --encoder FOLDER --out kgrag/models/data/verifier`` prints, for each
held-out set, cross-validated figures (groups never split), and for sets never trained on, plain ones. Knows: how sets and
classes are weighed. Does not know how the encoder was trained.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.evaluate.claims import auroc, balanced_accuracy
from kgrag.train.data import CLAIM_SETS, Labelled, is_held, read_claims
from kgrag.train.fit import fit_blend
from kgrag.verify.encoder import pack
from kgrag.verify.model import DefaultVerifier

MEASURED = ("attributionbench_dev", "healthver_dev")
SHARE = {"snli_dev": 0.3, "mnli_dev": 0.6, "scifact_train": 1.5}
"""Weight of a set in the fit (1 otherwise)."""
AT_MOST = {"climate_fever": 500, "fever_dev": 500}
"""Claims of a set that are used, where not all: they cost time and teach little more."""


def held_claims(data: Path) -> list[Labelled]:
    """The held part of every set, at most ``AT_MOST``."""
    held = {name: [e for e in read_claims(data / "claims" / f"{name}.jsonl") if is_held(e)] for name in CLAIM_SETS}
    return [example for name, examples in held.items() for example in examples[: AT_MOST.get(name)]]


def weights_of(examples: Sequence[Labelled], positive: NDArray[Any]) -> NDArray[np.float64]:
    """Weights by which each set counts by ``SHARE`` and both classes of a set count the same; mean 1."""
    sources = np.array([e.source for e in examples])
    weights = np.zeros(len(examples))
    for source in np.unique(sources):
        for side in (False, True):
            part = (sources == source) & (positive == side)
            if part.any():
                weights[part] = SHARE.get(str(source), 1.0) / part.sum()
    out: NDArray[np.float64] = weights * (len(weights) / weights.sum())
    return out


def cross_validated(x: NDArray[Any], y: NDArray[Any], examples: Sequence[Labelled], seed: int) -> NDArray[np.float64]:
    """Out-of-fold probabilities of five folds whose groups are never split."""
    from sklearn.model_selection import GroupKFold

    out = np.zeros(len(y))
    weights = weights_of(examples, y)
    for fitted, tested in GroupKFold(5).split(x, y, [e.source + e.group for e in examples]):
        out[tested] = fit_blend(x[fitted], y[fitted], weights[fitted], seed=seed)(x[tested])
    return out


def figures(examples: Sequence[Labelled], y: NDArray[Any], scores: NDArray[Any]) -> dict[str, dict[str, float | None]]:
    """By set: n, balanced accuracy at 0.5 and AUROC."""
    sources = np.array([e.source for e in examples])
    return {str(s): {"n": int((sources == s).sum()), "balanced_accuracy": round(balanced_accuracy(y[sources == s], scores[sources == s] >= 0.5), 4),
                     "auroc": round(auroc(y[sources == s], scores[sources == s]) or 0.0, 4)} for s in np.unique(sources)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Packs the encoder, measures, fits on all held claims, writes the files and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    install(options.encoder, options.out)
    examples = held_claims(options.data)
    verifier = DefaultVerifier(options.out)
    x, _, _ = verifier.measure([e.claim for e in examples], [e.evidence for e in examples])
    y = np.array([e.label == "supported" for e in examples])
    scores = cross_validated(x, y, examples, options.seed)
    supported = fit_blend(x, y, weights_of(examples, y), seed=options.seed)
    arrays = supported.arrays("supported.") | contradiction(x, examples, options.seed).arrays("contradicted.")
    np.savez_compressed(options.out / "stacker.npz", **arrays)
    np.savez_compressed(options.out / "calibration.npz", scores=scores.astype(np.float32), supported=y)
    report = {"cross_validated": figures(examples, y, scores), "never_trained_on": measured(DefaultVerifier(options.out), options.data)}
    print(json.dumps(report, indent=1))


def contradiction(x: NDArray[Any], examples: Sequence[Labelled], seed: int) -> Any:
    """The model of contradicted against unsupported, on sets that tell them apart."""
    rows = np.array([i for i, e in enumerate(examples) if not e.two_way and e.label != "supported"])
    y = np.array([examples[i].label == "contradicted" for i in rows])
    return fit_blend(x[rows], y, weights_of([examples[i] for i in rows], y), seed=seed, n_trees=60)


def measured(verifier: DefaultVerifier, data: Path) -> dict[str, dict[str, float | None]]:
    """Figures of the fitted verifier on the sets that no part of it was trained on."""
    from kgrag.evaluate.claims import evaluate_claims

    return {name: evaluate_claims(data / "claims" / f"{name}.jsonl", verifier) for name in MEASURED}


def install(encoder: Path, out: Path) -> None:
    """Packs the trained tensors to 8 bits and copies the rarities as float16."""
    from safetensors.numpy import load_file, save_file

    save_file(pack(load_file(encoder / "encoder.safetensors")), out / "encoder.safetensors")
    np.save(out / "idf.npy", np.load(encoder / "idf.npy").astype(np.float16))
    if not (out / "stacker.npz").exists():
        np.savez_compressed(out / "stacker.npz", unfitted=np.zeros(1))
    if not (out / "chinese.npz").exists() and (encoder / "chinese.npz").exists():
        shutil.copy(encoder / "chinese.npz", out / "chinese.npz")


if __name__ == "__main__":
    main()
