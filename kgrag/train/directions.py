"""Fits how a trial's direction is read: ``python -m kgrag.train.directions --data ../shared/data/trials --out
kgrag/models/data/direction``.

Knows the marks of Evidence Inference 2.0 (MIT): a softmax over the quotes that people marked, each from both
sides of its comparison, and a blend that tells which sentence of an article a mark meets, over the articles
whose text is there. Prints the figures of five folds by article before it fits on all.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from kgrag.evaluate.trials import Prompt, figures_of, met, prompts_of
from kgrag.models.trees import Blend
from kgrag.train.steps.fit import fit_blend
from kgrag.verify.direction.features import vectors
from kgrag.verify.direction.judge import read_beside
from kgrag.verify.direction.marked import Compared
from kgrag.verify.direction.model import DIRECTIONS, TURNED, Softmax
from kgrag.verify.direction.reading import Reading, place_features, spans_of, weighed
from kgrag.verify.model import DefaultVerifier

N_FOLDS, KEPT, STRENGTH, CHUNK = 5, 0.15, 3.0, 200


@dataclass(frozen=True, slots=True)
class Rows:
    """Features with labels and the article of each row; the quotes with what they compare, and after them the
    same as seen from the other side.
    """

    x: csr_matrix
    y: NDArray[np.int64]
    article: NDArray[np.str_]
    quotes: Sequence[str]
    compared: Sequence[Compared]


def said_rows(prompts: Sequence[Prompt]) -> Rows:
    """Each quote once a comparison, from both sides."""
    seen: dict[tuple[str, Compared, str], str] = {}
    for prompt in prompts:
        for mark in prompt.marks:
            if mark.valid:
                seen[mark.quote.replace("\n", " "), prompt.compared, mark.direction] = prompt.article
    quotes = [quote for quote, _, _ in seen]
    compared = [what for _, what, _ in seen]
    labels = np.array([DIRECTIONS.index(direction) for _, _, direction in seen])
    sides = [compared, [what.turned() for what in compared]]
    parts = [
        csr_matrix(vectors(quotes[i : i + CHUNK], side[i : i + CHUNK]))
        for side in sides
        for i in range(0, len(quotes), CHUNK)
    ]
    x = vstack(parts)
    y = np.concatenate([labels, np.array(TURNED)[labels]])
    return Rows(x.tocsr(), y, np.array([*seen.values(), *seen.values()]), quotes, compared)


def place_rows(prompts: Sequence[Prompt]) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.str_]]:
    """Every sentence that a mark meets, and a share of the others."""
    chance = np.random.default_rng(7)
    xs, ys, articles = [], [], []
    for prompt in prompts:
        if not prompt.text:
            continue
        spans = spans_of(prompt.text)
        y = np.array([met(span, prompt.marks, share=0.5) for span in spans]).astype(np.int64)
        keep = (y == 1) | (chance.random(len(y)) < KEPT)
        xs.append(place_features(prompt.text, spans, prompt.compared)[keep])
        ys.append(y[keep])
        articles += [prompt.article] * int(keep.sum())
    return np.concatenate(xs), np.concatenate(ys), np.array(articles)


def fit_said(rows: Rows, keep: NDArray[np.bool_]) -> Softmax:
    """The softmax over the rows kept."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(rows.x[keep], rows.y[keep])
    return Softmax(model.coef_.astype(np.float16).astype(np.float32), model.intercept_.astype(np.float32))


def fit_both(said: NDArray[np.float64], read: NDArray[np.float64], y: NDArray[np.int64]) -> Softmax:
    """The softmax over what words say (by weights that did not see the row) beside the encoder's logits."""
    from sklearn.linear_model import LogisticRegression

    rows = np.hstack([np.log(said + 1e-3), read])
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    model = LogisticRegression(C=1.0, max_iter=500).fit((rows - mean) / deviation, y)
    coefficients = model.coef_ / deviation
    intercepts = model.intercept_ - coefficients @ mean
    return Softmax(coefficients.astype(np.float32), intercepts.astype(np.float32))


def held_out(rows: Rows) -> NDArray[np.float64]:
    """What words say of each quote, from both sides, by weights that did not see its article."""
    from sklearn.model_selection import GroupKFold

    n = len(rows.y) // 2
    out = np.zeros((n, 3))
    for _, held in GroupKFold(N_FOLDS).split(out, groups=rows.article[:n]):
        weights = fit_said(rows, ~np.isin(rows.article, rows.article[held]))
        out[held] = (weights.of(rows.x[held]) + weights.of(rows.x[held + n])[:, TURNED]) / 2
    return out


def encoded(quotes: Sequence[str], compared: Sequence[Compared]) -> NDArray[np.float64]:
    """The encoder's logits of each direction as a claim, float64 (n, 9)."""
    verifier = DefaultVerifier()
    said = np.ones((len(quotes), 3))
    parts = [
        read_beside(
            said[i : i + CHUNK],
            quotes[i : i + CHUNK],
            compared[i : i + CHUNK],
            verifier.encoder,
            verifier.selector.encode,
        )
        for i in range(0, len(quotes), CHUNK)
    ]
    return np.concatenate(parts)[:, 3:]


def fit_place(x: NDArray[np.float64], y: NDArray[np.int64]) -> Blend:
    """The blend over the sentences kept."""
    return fit_blend(x, y, np.ones(len(y)), n_trees=160, leaves=15)


def folds(prompts: Sequence[Prompt]) -> dict[str, float]:
    """The figures with every article read by what never saw it."""
    from sklearn.model_selection import GroupKFold

    said = said_rows(prompts)
    x, y, article = place_rows(prompts)
    readable = [prompt for prompt in prompts if prompt.text]
    groups = [prompt.article for prompt in readable]
    readings: dict[int, Reading] = {}
    for _, held in GroupKFold(N_FOLDS).split(readable, groups=groups):
        away = [groups[i] for i in held]
        weights = fit_said(said, ~np.isin(said.article, away))
        seen = ~np.isin(article, away)
        place = fit_place(x[seen], y[seen])
        for i in held:
            prompt = readable[i]
            readings[int(i)] = weighed(prompt.text, spans_of(prompt.text), prompt.compared, weights, place)
    return figures_of(readable, [readings[i] for i in range(len(readable))])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    prompts = prompts_of(args.data, with_text=False)
    print(json.dumps(folds(prompts)), flush=True)
    said = said_rows(prompts)
    weights = fit_said(said, np.ones(len(said.y), bool))
    x, y, _ = place_rows(prompts)
    args.out.mkdir(parents=True, exist_ok=True)
    both = fit_both(held_out(said), encoded(said.quotes, said.compared), said.y[: len(said.quotes)])
    arrays: dict[str, NDArray[Any]] = {
        "words_coefficients": weights.coefficients.astype(np.float16),
        "words_intercepts": weights.intercepts,
        "both_coefficients": both.coefficients,
        "both_intercepts": both.intercepts,
        **fit_place(x, y).arrays("place_"),
    }
    np.savez_compressed(args.out / "direction.npz", allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
