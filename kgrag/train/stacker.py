"""Fits the verifier's stacker on claims that the encoder has not seen, and measures it honestly.

``python -m kgrag.train.stacker --data ../shared/data --encoder FOLDER --out kgrag/models/data/verifier``
prints, for each held-out set, cross-validated figures (groups never split), and for sets never trained on,
plain ones. Knows: how sets and classes are weighed. Does not know how the encoder was trained.
"""

from __future__ import annotations

import argparse
import json
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.evaluate.claims import auroc, balanced_accuracy
from kgrag.train.steps.data import CLAIM_SETS, Labelled, is_held, read_claims
from kgrag.train.steps.fit import fit_blend
from kgrag.types import Verdict
from kgrag.verify.encoder import pack
from kgrag.verify.model import THRESHOLD, DefaultVerifier, label_of, tempered
from kgrag.verify.together import judged_together

MEASURED = ("attributionbench_dev", "healthver_dev")
SHARE = {"snli_dev": 0.3, "mnli_dev": 0.6, "scifact_train": 1.5}
"""Weight of a set in the fit (1 otherwise)."""
N_FOLDS, N_CUTS = 5, 4
"""Folds of a cross-validation, and how many ways to deal the groups out are averaged: one alone moves a set
of 330 claims by .03.
"""
AT_MOST = {"climate_fever": 500, "fever_dev": 500}
"""Claims of a set that are used, where not all: they cost time and teach little more."""


def held_claims(data: Path) -> list[Labelled]:
    """The held part of every set, at most ``AT_MOST``."""
    held = {
        name: [e for e in read_claims(data / "claims" / f"{name}.jsonl") if is_held(e)] for name in CLAIM_SETS
    }
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


@dataclass(frozen=True, slots=True)
class Rows:
    """Features float32 (n, n_features) of labelled claims."""

    x: NDArray[Any]
    examples: tuple[Labelled, ...]

    @property
    def y(self) -> NDArray[np.bool_]:
        """Whether each is supported, bool (n,)."""
        return np.array([e.label == "supported" for e in self.examples])

    def part(self, places: Sequence[int] | NDArray[np.integer[Any]]) -> Rows:
        """Some of the rows, in the order of their places."""
        return Rows(self.x[places], tuple(self.examples[i] for i in places))


def cross_validated(rows: Rows, cut: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Out-of-fold probabilities of *supported* and of *contradicted*, by five folds whose groups are never
    split; each ``cut`` deals the groups out otherwise.
    """
    supported, against = np.zeros(len(rows.x)), np.zeros(len(rows.x))
    fold = np.array([zlib.crc32(f"{cut}|{e.source}|{e.group}".encode()) % N_FOLDS for e in rows.examples])
    for number in range(N_FOLDS):
        part, tested = rows.part(np.flatnonzero(fold != number)), fold == number
        supported[tested] = support(part, seed)(rows.x[tested])
        against[tested] = (1 - supported[tested]) * contradiction(part, seed)(rows.x[tested])
    return supported, against


def support(rows: Rows, seed: int) -> Any:
    """The model of supported against the rest."""
    return fit_blend(rows.x, rows.y, weights_of(rows.examples, rows.y), seed=seed)


def contradiction(rows: Rows, seed: int) -> Any:
    """The model of contradicted against unsupported, on sets that tell them apart."""
    chosen = rows.part([i for i, e in enumerate(rows.examples) if not e.two_way and e.label != "supported"])
    y = np.array([e.label == "contradicted" for e in chosen.examples])
    return fit_blend(chosen.x, y, weights_of(chosen.examples, y), seed=seed)


def figures(rows: Rows, cuts: Sequence[tuple[NDArray[Any], NDArray[Any]]]) -> dict[str, dict[str, float]]:
    """By set, means over the cuts: balanced accuracy of the set's claims judged together and each alone, and
    AUROC; and n.
    """
    sources, y = np.array([e.source for e in rows.examples]), rows.y
    out = {}
    for name in np.unique(sources):
        part = sources == name
        found = np.mean([_figures(y[part], scores[part], against[part]) for scores, against in cuts], axis=0)
        out[str(name)] = {
            "n": int(part.sum()),
            **{
                key: round(float(value), 4)
                for key, value in zip(("balanced_accuracy", "alone", "auroc"), found, strict=True)
            },
        }
    return out


def _figures(y: NDArray[np.bool_], scores: NDArray[Any], against: NDArray[Any]) -> tuple[float, float, float]:
    verdicts = [
        Verdict(label_of(s, c), s, contradiction=c, probability=s)
        for s, c in zip(map(float, scores), map(float, against), strict=True)
    ]
    together = np.array([verdict.label == "supported" for verdict in judged_together(verdicts)])
    return balanced_accuracy(y, together), balanced_accuracy(y, scores >= THRESHOLD), auroc(y, scores) or 0.0


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
    x, _, _ = DefaultVerifier(options.out).measure(
        [e.claim for e in examples], [e.evidence for e in examples]
    )
    rows = Rows(x, tuple(examples))
    cuts = [cross_validated(rows, cut, options.seed) for cut in range(N_CUTS)]
    arrays = support(rows, options.seed).arrays("supported.") | contradiction(rows, options.seed).arrays(
        "contradicted."
    )
    np.savez_compressed(options.out / "stacker.npz", **arrays)
    write_calibration(options.out / "calibration.npz", rows, cuts[0][0])
    print(
        json.dumps(
            {
                "cross_validated": figures(rows, cuts),
                "never_trained_on": measured(DefaultVerifier(options.out), options.data),
            },
            indent=1,
        )
    )


def write_calibration(path: Path, rows: Rows, scores: NDArray[Any]) -> None:
    """The held-out claims from which ``kgrag.verify.calibrate`` takes its thresholds: scores, labels, and the
    set of each as a number.
    """
    sets = np.unique([e.source for e in rows.examples], return_inverse=True)[1]
    np.savez_compressed(
        path, scores=tempered(scores, rows.x).astype(np.float32), supported=rows.y, sets=sets.astype(np.int8)
    )


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
