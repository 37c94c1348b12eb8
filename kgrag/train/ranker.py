"""Train the ranker of ``kgrag.search`` on BEIR folders: ``python -m kgrag.train.ranker FOLDER… --plain
FOLDER -o ranker.npz``.

Knows LightGBM (extra ``train``) and how its trees become plain arrays. Every folder goes through the real
pipeline. Source: Burges 2010 (LambdaMART).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.evaluate.retrieval import Collection, ingest_corpus, read_collection
from kgrag.library import Library
from kgrag.models.trees import Trees
from kgrag.search.features import NAMES, TEXT_NAMES
from kgrag.search.retriever import Retriever
from kgrag.search.understand import understand

Floats = NDArray[np.float64]
TEXT_PRIOR, GRAPH_PRIOR = 2.0, 0.6
PLAIN_WEIGHT = 0.04
"""Weight of single-passage questions when the ranker for linked passages is trained; 1 for the ranker without
the graph.
"""
TEXT_SHAPE = {"num_leaves": 8, "min_data_in_leaf": 40, "feature_fraction": 0.5, "lambda_l2": 10.0}
GRAPH_SHAPE = {"num_leaves": 8, "min_data_in_leaf": 30, "feature_fraction": 0.25, "lambda_l2": 5.0}
TEXT_ROUNDS, GRAPH_ROUNDS = 30, 100
N_SEEDS = 5
"""Ensembles averaged: with 200 training questions one alone depends on its seed by a point or two."""
NO_TREES = Trees(
    np.zeros((1, 1), np.int32),
    np.zeros((1, 1)),
    np.zeros((1, 1), np.int32),
    np.zeros((1, 1), np.int32),
    np.zeros((1, 1)),
    0.0,
    0,
)
"""Without questions that one passage answers, the hybrid score stays as it is where the graph does not
count.
"""


@dataclass(frozen=True, slots=True)
class Questions:
    """Features of the candidates of each question (n, len(NAMES)), their labels (n,), whether one passage
    answers it, documents (n,).
    """

    features: list[Floats]
    labels: list[NDArray[np.int64]]
    plain: list[bool]
    documents: list[list[str]]

    def __add__(self, other: Questions) -> Questions:
        return Questions(
            self.features + other.features,
            self.labels + other.labels,
            self.plain + other.plain,
            self.documents + other.documents,
        )


def collect(
    library: Library, collection: Collection, names: dict[str, list[str]], *, plain: bool
) -> Questions:
    """Candidates of every question with at least one relevant passage among them."""
    retriever = Retriever(library)
    found = Questions([], [], [], [])
    for query, text in collection.queries.items():
        features, documents = retriever.features(understand(text, library))
        judged = collection.judged[query]
        labels = np.array([int(any(name in judged for name in names[document])) for document in documents])
        if labels.any():
            found.features.append(features)
            found.labels.append(labels)
            found.plain.append(plain)
            found.documents.append(documents)
    return found


def fit(
    questions: Questions,
    columns: Sequence[str],
    prior: float,
    plain_weight: float,
    rounds: int,
    shape: dict[str, Any],
) -> Trees:
    """LambdaMART on top of ``prior`` times the hybrid score."""
    import lightgbm

    x = np.concatenate(questions.features)
    groups = [len(labels) for labels in questions.labels]
    weight = np.repeat([plain_weight if plain else 1.0 for plain in questions.plain], groups)
    chosen = [NAMES.index(name) for name in columns]
    data = lightgbm.Dataset(
        x[:, chosen],
        np.concatenate(questions.labels),
        weight=weight,
        group=groups,
        free_raw_data=False,
        init_score=prior * x[:, NAMES.index("hybrid")],
    )
    settings: dict[str, Any] = {
        "objective": "lambdarank",
        "learning_rate": 0.1,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambdarank_truncation_level": 10,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
        **shape,
    }
    grown = [
        lightgbm.train({**settings, "seed": seed}, data, rounds).dump_model()["tree_info"]
        for seed in range(N_SEEDS)
    ]
    trees = as_trees([tree for ensemble in grown for tree in ensemble])
    return replace(trees, value=trees.value / N_SEEDS)


def as_trees(dumped: Sequence[dict[str, Any]]) -> Trees:
    """LightGBM's dumped trees as arrays; a leaf points to itself."""
    grown = [_flatten(tree["tree_structure"]) for tree in dumped]
    width = max(len(nodes) for nodes in grown)
    columns = [np.zeros((len(grown), width)) for _ in range(5)]
    for number, nodes in enumerate(grown):
        for place in range(width):
            node = nodes[place] if place < len(nodes) else (0, 0.0, place, place, 0.0)
            for column, value in zip(columns, node, strict=True):
                column[number, place] = value
    features, thresholds, left, right, values = columns
    return Trees(
        features.astype(np.int32),
        thresholds,
        left.astype(np.int32),
        right.astype(np.int32),
        values,
        0.0,
        max(map(_depth, dumped)),
    )


def _flatten(root: dict[str, Any]) -> list[tuple[int, float, int, int, float]]:
    nodes: list[tuple[int, float, int, int, float]] = []

    def visit(node: dict[str, Any]) -> int:
        place = len(nodes)
        nodes.append((0, 0.0, place, place, float(node.get("leaf_value", 0.0))))
        if "split_feature" in node:
            left, right = visit(node["left_child"]), visit(node["right_child"])
            nodes[place] = (int(node["split_feature"]), float(node["threshold"]), left, right, 0.0)
        return place

    visit(root)
    return nodes


def _depth(tree: dict[str, Any]) -> int:
    def depth(node: dict[str, Any]) -> int:
        return (
            1 + max(depth(node["left_child"]), depth(node["right_child"])) if "split_feature" in node else 0
        )

    return depth(tree["tree_structure"])


def train(questions: Questions) -> dict[str, NDArray[Any]]:
    """Both ensembles as the arrays of ``ranker.npz``."""
    text = (
        fit(questions, TEXT_NAMES, TEXT_PRIOR, 1.0, TEXT_ROUNDS, TEXT_SHAPE)
        if any(questions.plain)
        else NO_TREES
    )
    graph = fit(questions, NAMES, GRAPH_PRIOR, PLAIN_WEIGHT, GRAPH_ROUNDS, GRAPH_SHAPE)
    return {
        "names": np.array(NAMES),
        "priors": np.array([TEXT_PRIOR, GRAPH_PRIOR]),
        **text.arrays("text_"),
        **graph.arrays("graph_"),
    }


def read_folder(folder: Path, *, plain: bool) -> Questions:
    """Ingest a folder into a library of its own and collect its questions."""
    with (
        tempfile.TemporaryDirectory(prefix="kgrag-train-") as place,
        Library.open(place, create=True) as library,
    ):
        names = ingest_corpus(library, folder)
        return collect(library, read_collection(folder), names, plain=plain)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Train the retrieval ranker.")
    parser.add_argument(
        "folders", nargs="+", type=Path, help="BEIR folders with questions that need several passages."
    )
    parser.add_argument(
        "--plain", nargs="*", type=Path, default=[], help="BEIR folders whose questions one passage answers."
    )
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    questions = Questions([], [], [], [])
    for folder in (*arguments.folders, *arguments.plain):
        questions = questions + read_folder(folder, plain=folder in arguments.plain)
    np.savez_compressed(arguments.output, **train(questions))  # type: ignore[arg-type]
    print(
        json.dumps({"questions": len(questions.labels), "candidates": int(sum(map(len, questions.labels)))})
    )


if __name__ == "__main__":
    main()
