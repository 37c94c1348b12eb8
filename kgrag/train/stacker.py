"""Fits the verifier's stacker on claims that the encoder has not seen, and measures it honestly.

``python -m kgrag.train.stacker --data ../shared/data --encoder FOLDER --out kgrag/models/data/verifier`` prints, for each
held-out set, cross-validated figures (groups never split), and for sets never trained on, plain ones. With ``--stranger FOLDER=SET,SET`` the stacker
also reads claims of these sets as an encoder sees them that was trained without the sets (``kgrag.train.verifier --without``): what people will ask about
is of other kinds than the training, and an encoder deserves less trust there. Knows: how sets and classes are weighed. Does not know how the encoder
was trained.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.evaluate.claims import auroc, balanced_accuracy
from kgrag.train.data import CLAIM_SETS, Labelled, is_held, read_claims
from kgrag.train.fit import fit_blend
from kgrag.types import Verdict
from kgrag.verify.encoder import pack
from kgrag.verify.model import THRESHOLD, DefaultVerifier, label_of, tempered
from kgrag.verify.together import judged_together

MEASURED = ("attributionbench_dev", "healthver_dev")
SHARE = {"snli_dev": 0.3, "mnli_dev": 0.6, "scifact_train": 1.5}
"""Weight of a set in the fit (1 otherwise)."""
STRANGE, N_STRANGE = 0.5, 400
"""Weight in the fit of claims of sets that the encoder was trained without, and how many of a set are added to the held ones."""
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


@dataclass(frozen=True, slots=True)
class Rows:
    """Features float32 (n, n_features) of labelled claims; ``strange`` where the encoder was trained without the claim's set, bool (n,)."""

    x: NDArray[Any]
    examples: tuple[Labelled, ...]
    strange: NDArray[np.bool_]

    @property
    def y(self) -> NDArray[np.bool_]:
        """Whether each is supported, bool (n,)."""
        return np.array([e.label == "supported" for e in self.examples])

    def weights(self) -> NDArray[np.float64]:
        """As ``weights_of``, the strange ones together ``STRANGE`` of all where there are any; mean 1."""
        out, y = np.zeros(len(self.examples)), self.y
        for part, share in ((~self.strange, 1 - STRANGE), (self.strange, STRANGE)):
            if part.any():
                rows = np.flatnonzero(part)
                out[rows] = share * weights_of([self.examples[i] for i in rows], y[rows]) / len(rows)
        mean_one: NDArray[np.float64] = out * (len(out) / out.sum())
        return mean_one


def joined(parts: Sequence[Rows]) -> Rows:
    """All rows in order."""
    return Rows(np.concatenate([p.x for p in parts]), tuple(e for p in parts for e in p.examples), np.concatenate([p.strange for p in parts]))


def read_by(verifier: DefaultVerifier, examples: Sequence[Labelled], *, strange: bool = False) -> Rows:
    """The features of some claims as a verifier sees them."""
    x, _, _ = verifier.measure([e.claim for e in examples], [e.evidence for e in examples])
    return Rows(x, tuple(examples), np.full(len(examples), strange))


def stranger_rows(encoder: Path, data: Path, sets: Sequence[str], seed: int) -> Rows:
    """Claims of sets as seen by an encoder trained without them: the held ones, and at most ``N_STRANGE`` of the others a set."""
    examples: list[Labelled] = [e for e in held_claims(data) if e.source in sets]
    for name in sets:
        others = [e for e in read_claims(data / "claims" / f"{name}.jsonl") if not is_held(e)]
        random.Random(seed).shuffle(others)
        examples += others[:N_STRANGE]
    with tempfile.TemporaryDirectory() as folder:
        install(encoder, Path(folder))
        return read_by(DefaultVerifier(Path(folder)), examples, strange=True)


def cross_validated(rows: Rows, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Out-of-fold probabilities of *supported* and of *contradicted*, by five folds whose groups are never split."""
    from sklearn.model_selection import GroupKFold

    supported, against, y, weights = np.zeros(len(rows.x)), np.zeros(len(rows.x)), rows.y, rows.weights()
    for fitted, tested in GroupKFold(5).split(rows.x, y, [e.source + e.group for e in rows.examples]):
        supported[tested] = fit_blend(rows.x[fitted], y[fitted], weights[fitted], seed=seed)(rows.x[tested])
        part = Rows(rows.x[fitted], tuple(rows.examples[i] for i in fitted), rows.strange[fitted])
        against[tested] = (1 - supported[tested]) * contradiction(part, seed)(rows.x[tested])
    return supported, against


def figures(rows: Rows, scores: NDArray[Any], against: NDArray[Any], part: NDArray[np.bool_]) -> dict[str, dict[str, float | None]]:
    """By set, over a part of the rows: n, balanced accuracy of the set's claims judged together and each alone, and AUROC."""
    sources, y = np.array([e.source for e in rows.examples]), rows.y
    out: dict[str, dict[str, float | None]] = {}
    for name in np.unique(sources[part]):
        p = part & (sources == name)
        verdicts = [Verdict(label_of(s, c), s, contradiction=c, probability=s) for s, c in zip(map(float, scores[p]), map(float, against[p]), strict=True)]
        together = np.array([verdict.label == "supported" for verdict in judged_together(verdicts)])
        out[str(name)] = {"n": int(p.sum()), "balanced_accuracy": round(balanced_accuracy(y[p], together), 4),
                          "at_half": round(balanced_accuracy(y[p], scores[p] >= THRESHOLD), 4), "auroc": round(auroc(y[p], scores[p]) or 0.0, 4)}
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Packs the encoder, measures, fits on all held claims, writes the files and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--stranger", action="append", default=[], metavar="FOLDER=SET,SET", help="an encoder and the sets it was trained without")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    install(options.encoder, options.out)
    known = read_by(DefaultVerifier(options.out), held_claims(options.data))
    strangers = [stranger_rows(Path(folder), options.data, sets.split(","), options.seed) for folder, _, sets in (given.partition("=") for given in options.stranger)]
    rows = joined([known, *strangers])
    scores, against = cross_validated(rows, options.seed)
    supported = fit_blend(rows.x, rows.y, rows.weights(), seed=options.seed)
    arrays = supported.arrays("supported.") | contradiction(rows, options.seed).arrays("contradicted.")
    np.savez_compressed(options.out / "stacker.npz", **arrays)
    write_calibration(options.out / "calibration.npz", rows, scores)
    report = {"cross_validated": figures(rows, scores, against, ~rows.strange), "encoder_without_the_set": figures(rows, scores, against, rows.strange),
              "never_trained_on": measured(DefaultVerifier(options.out), options.data)}
    print(json.dumps(report, indent=1))


def write_calibration(path: Path, rows: Rows, scores: NDArray[Any]) -> None:
    """The held-out claims from which ``kgrag.calibrate`` takes its thresholds: scores, labels, and the set of each as a number."""
    kept, scores = ~rows.strange, tempered(scores, rows.x)
    sets = np.unique([e.source for e, k in zip(rows.examples, kept, strict=True) if k], return_inverse=True)[1]
    np.savez_compressed(path, scores=scores[kept].astype(np.float32), supported=rows.y[kept], sets=sets.astype(np.int8))


def contradiction(rows: Rows, seed: int) -> Any:
    """The model of contradicted against unsupported, on sets that tell them apart."""
    kept = np.array([i for i, e in enumerate(rows.examples) if not e.two_way and e.label != "supported"])
    chosen = Rows(rows.x[kept], tuple(rows.examples[i] for i in kept), rows.strange[kept])
    y = np.array([e.label == "contradicted" for e in chosen.examples])
    return fit_blend(chosen.x, y, weights_of(chosen.examples, y), seed=seed)


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
