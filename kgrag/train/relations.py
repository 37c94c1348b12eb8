"""Trains a classifier of relations between two marked names and measures it: ``python -m
kgrag.train.relations DATA [--out FILE]``.

Knows JSON lines of ``text`` with ``<< one >>`` and ``[[ other ]]`` marked, and ``label``. The pairs are
given, as in the usual ChemProt protocol of SciBERT; a label ``false`` would be left out of the F1. Features:
the words between, before and after the names, their pairs, order and distance; logistic regression. Does not
know where pairs come from.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from kgrag.models.item_features import bucket
from kgrag.train.steps.data import read_jsonl

N_BUCKETS = 1 << 18
NOT_A_RELATION = ("false", "NONE", "0")
_MARK = re.compile(r"<<\s*(?P<one>.*?)\s*>>|\[\[\s*(?P<other>.*?)\s*\]\]")
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_ENDING = re.compile(r"(?:ations?|ions?|ing|ed|ors?|ers?|es|s|ive|ory)$")


def features(text: str) -> Iterator[str]:
    """The features of a marked sentence; none where it has not two marks."""
    marks = list(_MARK.finditer(text))[:2]
    if len(marks) != 2:
        return
    first, second = marks
    order = "1" if first.group("one") is not None else "2"
    spans = {
        "B": text[first.end() : second.start()],
        "L": text[: first.start()][-90:],
        "R": text[second.end() :][:90],
        "A": _MARK.sub(" ", text),
    }
    yield "order=" + order
    yield f"distance={min(len(spans['B'].split()), 20) // 2}"
    for side, mark in (("f", first), ("s", second)):
        name = (mark.group("one") or mark.group("other") or "").lower()
        yield from (f"{side}.{part}={word[-4:]}" for word in _WORD.findall(name) for part in ("e",))
        yield f"{side}={name}"
    for side, span in spans.items():
        words = [_stem(word) for word in _WORD.findall(span.lower())]
        yield from (f"{side}={word}" for word in words)
        yield from (f"{side}{order}={word}" for word in words)
        if side != "A":
            yield from (f"{side}={a} {b}" for a, b in pairwise(words))
            yield from (
                f"{side}{order}={a} {b} {c}" for a, b, c in zip(words, words[1:], words[2:], strict=False)
            )


def _stem(word: str) -> str:
    return "0" if word.isdigit() else _ENDING.sub("", word) if len(word) > 5 else word


def matrix(texts: Sequence[str]) -> Any:
    """Binary rows, sparse (n_texts, N_BUCKETS), each of length 1."""
    import numpy as np
    from scipy import sparse
    from sklearn.preprocessing import normalize

    rows, columns = [], []
    for row, text in enumerate(texts):
        found = {bucket(feature, N_BUCKETS) for feature in features(text)}
        rows += [row] * len(found)
        columns += sorted(found)
    return normalize(sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(texts), N_BUCKETS)))


def micro_f1(gold: Sequence[str], found: Sequence[str]) -> dict[str, float | int]:
    """Micro-F1 in percent over all labels but *no relation*, with accuracy and the macro mean beside it."""
    from sklearn.metrics import accuracy_score, f1_score

    labels = sorted(set(gold) - set(NOT_A_RELATION))
    return {
        "n": len(gold),
        "micro_f1": round(
            100 * float(f1_score(gold, found, labels=labels, average="micro", zero_division=0)), 2
        ),
        "macro_f1": round(
            100 * float(f1_score(gold, found, labels=labels, average="macro", zero_division=0)), 2
        ),
        "accuracy": round(100 * float(accuracy_score(gold, found)), 2),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Train on ``train.txt``, measure on ``dev.txt``, print JSON; write the weights where ``--out`` is
    given.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("-c", type=float, default=30.0)
    chosen = parser.parse_args(arguments)
    parts = {
        part: [(str(row["text"]), str(row["label"])) for row in read_jsonl(chosen.data / f"{part}.txt")]
        for part in ("train", "dev")
    }
    x = {part: matrix([text for text, _ in rows]) for part, rows in parts.items()}
    model = LogisticRegression(C=chosen.c, max_iter=300).fit(
        x["train"], [label for _, label in parts["train"]]
    )
    print(
        json.dumps(
            {
                "data": chosen.data.name,
                **micro_f1(
                    [label for _, label in parts["dev"]], [str(label) for label in model.predict(x["dev"])]
                ),
            }
        )
    )
    if chosen.out:
        np.savez_compressed(
            chosen.out,
            classes=np.array(model.classes_),
            weight=model.coef_.astype(np.float16),
            bias=model.intercept_,
        )


if __name__ == "__main__":
    main()
