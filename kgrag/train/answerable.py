"""Fits the model of abstention: ``python -m kgrag.train.answerable --data ../shared/data --cache
build/libraries --out kgrag/models/data``.

Knows: questions over a library that holds their gold documents (answerable), and over the same library after
the gold documents of half of the questions were deleted (unanswerable for these). Prints, for each set, how
many of each kind are abstained by models that have not seen the question. Does not know how evidence is
found.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.answer.answerable import ANSWERABLE, FEATURES, features
from kgrag.ask.asker import Asker
from kgrag.evaluate.retrieval import ingest_corpus, read_collection
from kgrag.library import Library
from kgrag.search.understand import understand

SETS = {
    "named": ("musique100", "musique200", "hotpotqa100", "hotpotqa200", "2wiki164"),
    "papers": ("pubmedqa",),
    "zh": ("cmrc2018_trial",),
}
"""The sets of each model of ``kgrag.answer.answerable.kind_of``."""
N_QUESTIONS, N_CORPUS, N_FOLDS = 110, 1_100, 6
TOLERATED = {"named": 0.04, "papers": 0.03, "zh": 0.03}
"""Share of answerable questions on which silence is accepted, on average over the sets."""
STRENGTH = {"named": 1.0, "papers": 0.02, "zh": 0.1}
"""How freely each model may fit; ``papers`` less, chosen by how well it carries over to BioASQ's questions,
which it never saw.
"""


@dataclass(frozen=True, slots=True)
class Episodes:
    """Features (n, len(FEATURES)) of questions with and without their gold documents; ``answerable`` bool
    (n,), ``groups`` the questions.
    """

    x: NDArray[np.float64]
    answerable: NDArray[np.bool_]
    groups: tuple[str, ...]

    def only(self, rows: NDArray[np.bool_]) -> Episodes:
        """The chosen ones."""
        return Episodes(
            self.x[rows],
            self.answerable[rows],
            tuple(group for group, kept in zip(self.groups, rows, strict=True) if kept),
        )


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model: log-odds = features @ weights + bias."""

    weights: NDArray[np.float64]
    bias: float

    def __call__(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each row passes for answerable."""
        passes: NDArray[np.bool_] = x @ self.weights + self.bias >= np.log(ANSWERABLE / (1 - ANSWERABLE))
        return passes

    def named(self) -> dict[str, float]:
        """Weights by feature and the bias, as they ship."""
        return {"bias": round(self.bias, 4)} | {
            name: round(float(w), 4) for name, w in zip(FEATURES, self.weights, strict=True)
        }


def gather(folder: Path, cache: Path) -> Episodes:
    """The episodes of a BEIR folder; its library is made in ``cache`` once (at most ``N_CORPUS`` documents
    beside the gold ones).

    Args:
        folder: corpus.jsonl, queries.jsonl, qrels/test.tsv.
        cache: a folder for libraries, one a set.
    """
    collection = read_collection(folder)
    queries = sorted(collection.queries)
    random.Random(7).shuffle(queries)
    queries = queries[:N_QUESTIONS]
    names = _library(
        folder, cache / folder.name, {name for query in queries for name in collection.judged[query]}
    )
    gold = {
        query: {document for document, own in names.items() if set(own) & set(collection.judged[query])}
        for query in queries
    }
    rows: list[tuple[dict[str, float], bool, str]] = []
    for half in (0, 1):
        gone = set().union(*(gold[query] for query in queries[half::2]))
        with _without(cache / folder.name, gone) as library:
            asker = Asker(library)
            rows += [
                (_features(asker, collection.queries[query]), number % 2 != half, query)
                for number, query in enumerate(queries)
                if number % 2 == half or not gold[query] & gone
            ]
    return Episodes(
        np.array([[row[name] for name in FEATURES] for row, _, _ in rows]),
        np.array([ok for _, ok, _ in rows]),
        tuple(q for _, _, q in rows),
    )


@contextmanager
def _without(place: Path, gone: set[str]) -> Iterator[Library]:
    """A copy of a library from which documents have truly been deleted: hidden ones would still draw the walk
    over the graph to them.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(place, Path(folder) / place.name))
        with Library.open(copy) as library:
            for document in sorted(gone):
                library.catalogue.delete(document)
            library.catch_up()
            yield library


def _folder(data: Path, name: str, cache: Path) -> Path:
    """The BEIR folder of a set; PubMedQA's questions with their own abstracts are laid out as one."""
    if name != "pubmedqa":
        return data / "retrieval" / name
    folder = cache / "laid-out" / name
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    rows = [
        json.loads(line)
        for line in (data / "qa" / "pubmedqa_train500.jsonl").read_text("utf-8").split("\n")
        if line
    ]
    for file, lines in (
        ("corpus.jsonl", [{"_id": r["id"], "title": "", "text": " ".join(r["contexts"])} for r in rows]),
        ("queries.jsonl", [{"_id": r["id"], "text": r["question"]} for r in rows]),
    ):
        (folder / file).write_text(
            "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8"
        )
    judged = "".join(f"{r['id']}\t{r['id']}\t1\n" for r in rows)
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged, "utf-8")
    return folder


def _features(asker: Asker, text: str) -> dict[str, float]:
    understood = understand(text, asker.library)
    hits = asker.retriever.search(understood, top_k=asker.library.settings.top_k)
    return features(understood, asker.evidence(understood, hits), hits)


def _library(folder: Path, place: Path, gold: set[str]) -> dict[str, list[str]]:
    """Makes the library where there is none; the corpus ids of each document."""
    written = place / "names.json"
    if not written.exists():
        place.mkdir(parents=True, exist_ok=True)
        kept = _thinned(list((folder / "corpus.jsonl").read_text("utf-8").rstrip("\n").split("\n")), gold)
        (place / "corpus.jsonl").write_text("\n".join(kept) + "\n", "utf-8")
        with Library.open(place, create=True) as library:
            written.write_text(json.dumps(ingest_corpus(library, place)), "utf-8")
    names: dict[str, list[str]] = json.loads(written.read_text("utf-8"))
    return names


def _thinned(lines: Sequence[str], gold: set[str]) -> list[str]:
    """All gold documents and a seeded choice of the others."""
    other = [line for line in lines if json.loads(line)["_id"] not in gold]
    random.Random(7).shuffle(other)
    return [line for line in lines if json.loads(line)["_id"] in gold] + other[:N_CORPUS]


def fit(parts: Sequence[Episodes], kind: str) -> Model:
    """Logistic regression on all sets, each counting the same; the bias is set so that ``TOLERATED`` of the
    answerable are abstained.

    Args:
        parts: the episodes of each set.
        kind: which of the models of ``SETS``.
    """
    from sklearn.linear_model import LogisticRegression

    x, y = np.concatenate([p.x for p in parts]), np.concatenate([p.answerable for p in parts])
    each = np.concatenate([np.full(len(p.x), len(y) / len(p.x) / len(parts)) for p in parts])
    mean, deviation = x.mean(axis=0), x.std(axis=0) + 1e-3
    model = LogisticRegression(C=STRENGTH[kind], max_iter=2000).fit(
        (x - mean) / deviation, y, sample_weight=each
    )
    weights = model.coef_[0] / deviation
    cut = np.quantile(
        np.concatenate([np.resize(p.x[p.answerable] @ weights, 1000) for p in parts]), TOLERATED[kind]
    )
    return Model(weights, float(np.log(ANSWERABLE / (1 - ANSWERABLE)) - cut))


def shares(silent: NDArray[np.bool_], part: Episodes) -> dict[str, float]:
    """Shares of the unanswerable and of the answerable on which ``silent`` (n,) says to abstain."""
    return {
        "n": int(part.answerable.sum()),
        "unanswerable_abstained": round(float(silent[~part.answerable].mean()), 3),
        "answerable_abstained": round(float(silent[part.answerable].mean()), 3),
    }


def left_out(parts: dict[str, Episodes], kind: str) -> Iterator[tuple[str, dict[str, float]]]:
    """For each set the figures of models that have not seen the question asked: six folds by question over
    all sets.
    """
    folds = {
        name: np.array([random.Random(group).randrange(N_FOLDS) for group in part.groups])
        for name, part in parts.items()
    }
    models = [
        fit([part.only(folds[name] != fold) for name, part in parts.items()], kind) for fold in range(N_FOLDS)
    ]
    for name, part in parts.items():
        silent = np.array(
            [
                not model(row[None])[0]
                for row, model in zip(part.x, (models[fold] for fold in folds[name]), strict=True)
            ]
        )
        yield name, shares(silent, part)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures with each set left out, fits on all, writes answerable.json and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    report: dict[str, Any] = {}
    models: dict[str, dict[str, float]] = {}
    for kind, sets in SETS.items():
        parts = {name: gather(_folder(options.data, name, options.cache), options.cache) for name in sets}
        report |= dict(left_out(parts, kind))
        models[kind] = fit(list(parts.values()), kind).named()
    (options.out / "answerable.json").write_text(json.dumps(models, indent=1) + "\n", "utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
