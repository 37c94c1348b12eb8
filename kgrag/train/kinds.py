"""Trains the classifier of kinds and writes it with the packaged names: ``python -m kgrag.train.kinds DATA
OUT``.

Knows MeSH's trees and what kind each part of them is, the names and head nouns in ``data/kinds.toml``, and
the diseases of NCBI-disease. DATA holds ``vocabulary/mesh/data/tree-numbers.tsv`` and
``extraction/NCBI-disease``.
The figure is accuracy on 3,000 MeSH headings held out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kgrag.evaluate.extraction import read_tagged
from kgrag.language.phrase_keys import phrase_key
from kgrag.models.kinds import dense_features, spelling_features

N_BUCKETS, HIDDEN, GAIN, EPOCHS, HELD = 16_384, 64, 8.0, 6, 3_000
Row = tuple[str, str, float]
TREES: dict[str, str | None] = {
    "E05.318.308.985": "measure_or_outcome",
    "L01.313.500.750.300.188": "dataset_or_cohort",
    "N06.850.505.400": "measure_or_outcome",
    "N01.224.935": "measure_or_outcome",
    "L01.224.900": "software",
    "G16.075": None,
    "G05.360": "gene_or_protein",
    "F04.711": "method_or_instrument",
    "D12.776": "gene_or_protein",
    "D08.811": "gene_or_protein",
    "D12.644": "gene_or_protein",
    "D23.529": "gene_or_protein",
    "D23.050": "gene_or_protein",
    "D06.472": "gene_or_protein",
    "N02.278": "organisation",
    "N03.540": "organisation",
    "F03": "disease",
    "F01": "process",
    "F02": "process",
    "I02": "process",
    "I03": "process",
    "J02": "chemical",
    "A": "anatomy_or_cell",
    "B": "organism",
    "C": "disease",
    "D": "chemical",
    "E": "method_or_instrument",
    "G": "process",
    "M": "population",
    "Z": "place",
}
"""The kind of each part of MeSH's trees, the longest first; None and what is not named here have none."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure on held-out headings, train on all, write ``kinds.npz`` and ``names.tsv.gz``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args(arguments)
    seeds = tomllib.loads((Path(__file__).parent / "data" / "kinds.toml").read_text("utf-8"))
    headings = list(mesh_headings(chosen.data / "vocabulary" / "mesh" / "data" / "tree-numbers.tsv"))
    rows = [
        *((name, kind, 1.0) for name, kind in headings),
        *diseases(chosen.data),
        *seeded(seeds, headings, chosen.seed),
    ]
    labels = list(seeds)
    _, accuracy = fitted(rows, labels, chosen.seed, HELD, len(headings))
    model, _ = fitted(rows, labels, chosen.seed, 0, len(headings))
    chosen.out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(chosen.out / "kinds.npz", **model)
    write_names(chosen.out / "names.tsv.gz", headings, seeds, labels)
    json.dump({"rows": len(rows), "accuracy_on_held_headings": accuracy}, sys.stdout)


def mesh_headings(path: Path) -> Iterator[tuple[str, str]]:
    """(heading as one writes it, kind) where three fifths of its places agree."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for line in path.read_text("utf-8").splitlines()[1:]:
        _, name, tree = line.split("\t")
        kind = next(
            (TREES[part] for part in sorted(TREES, key=len, reverse=True) if tree.startswith(part)), None
        )
        if kind:
            votes[name][kind] += 1
    for name, counts in votes.items():
        (kind, n), *_ = counts.most_common(1)
        if n >= 0.6 * counts.total():
            yield turned(name), kind


def turned(heading: str) -> str:
    """*Carcinoma, Hepatocellular* as *Hepatocellular Carcinoma*."""
    parts = heading.split(", ")
    joined = re.search(r"\b(?:and|or)\b", heading)
    return f"{parts[1]} {parts[0]}" if len(parts) == 2 and not joined else heading


def diseases(data: Path) -> Iterator[Row]:
    """The names of diseases in NCBI-disease."""
    for sentence in read_tagged(data / "extraction" / "NCBI-disease", "train"):
        for start, end, _ in sentence.spans:
            yield " ".join(sentence.words[start:end]).replace(" - ", "-"), "disease", 1.0


def seeded(seeds: dict[str, Any], headings: Sequence[tuple[str, str]], seed: int) -> Iterator[Row]:
    """The names of the file, and its head nouns alone, in the plural, and behind one or two other words."""
    chance = random.Random(seed)
    before = sorted({word.lower() for name, _ in headings for word in name.split()[:-1] if word.isalpha()})
    for kind, lists in seeds.items():
        yield from ((name, kind, 6.0) for name in lists.get("names", ()))
        for head in lists["heads"]:
            forms = [head] if head.endswith("s") or " " in head else [head, head + "s"]
            yield from ((form, kind, 3.0) for form in forms)
            for n_words in [1] * 25 + [2] * 10:
                yield " ".join([*chance.sample(before, n_words), chance.choice(forms)]), kind, 1.0


def fitted(
    rows: Sequence[Row], labels: Sequence[str], seed: int, held: int, n_real: int
) -> tuple[dict[str, Any], float]:
    """The model, and its accuracy on ``held`` of the first ``n_real`` rows, which it did not see."""
    import torch

    torch.manual_seed(seed)
    order = np.random.default_rng(seed).permutation(len(rows))
    real = [int(i) for i in order if i < n_real][:held]
    train = [int(i) for i in order if int(i) not in set(real)]
    dense = torch.tensor(np.stack([dense_features(name) for name, _, _ in rows]))
    scale = float(dense.std(0).mean())
    dense /= scale
    hashed = [spelling_features(name, N_BUCKETS) for name, _, _ in rows]
    target = torch.tensor([labels.index(kind) for _, kind, _ in rows])
    share = np.bincount(target.numpy(), minlength=len(labels))
    weight = (
        torch.tensor([w for _, _, w in rows])
        * torch.tensor(np.sqrt(len(rows) / np.maximum(share, 1) / len(labels)), dtype=torch.float32)[target]
    )
    table = torch.nn.EmbeddingBag(N_BUCKETS, len(labels), mode="mean")
    torch.nn.init.zeros_(table.weight)
    first, second = torch.nn.Linear(dense.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, len(labels))
    parameters = [*table.parameters(), *first.parameters(), *second.parameters()]
    steps = torch.optim.AdamW(parameters, lr=0.01, weight_decay=0.003)

    def scores(some: Sequence[int], drop: float) -> Any:
        bags = [hashed[i] for i in some]
        starts = torch.tensor(np.cumsum([0, *map(len, bags[:-1])]))
        hidden = torch.nn.functional.dropout(torch.relu(first(dense[list(some)])), drop)
        return table(torch.tensor([h for bag in bags for h in bag]), starts) * GAIN + second(hidden)

    for epoch in range(EPOCHS):
        steps.param_groups[0]["lr"] = 0.01 * (1 - epoch / (EPOCHS + 0.5))
        random.Random(seed + epoch).shuffle(train)
        for start in range(0, len(train), 256):
            some = train[start : start + 256]
            losses = torch.nn.functional.cross_entropy(
                scores(some, 0.3), target[some], reduction="none", label_smoothing=0.05
            )
            steps.zero_grad()
            (losses * weight[some]).mean().backward()
            steps.step()
    with torch.no_grad():
        right = (scores(real, 0.0).argmax(1) == target[real]).float().mean().item() if real else 0.0
    halves = {"table": table.weight, "w1": first.weight.T, "w2": second.weight.T}
    return {
        **{name: value.detach().numpy().astype(np.float16) for name, value in halves.items()},
        "b1": first.bias.detach().numpy(),
        "b2": second.bias.detach().numpy(),
        "scale": np.float32(scale),
        "gain": np.float32(GAIN),
        "labels": np.array(labels),
    }, round(right, 4)


def write_names(
    path: Path, headings: Sequence[tuple[str, str]], seeds: dict[str, Any], labels: Sequence[str]
) -> None:
    """The packaged names: key without spaces, and the number of its kind; the file's own go before MeSH's."""
    names: dict[str, str] = {}
    for name, kind in headings:
        names.setdefault(_key(name), kind)
    for kind, lists in seeds.items():
        names.update({_key(name): kind for name in (*lists["heads"], *lists.get("names", ()))})
    lines = (f"{name}\t{labels.index(kind)}" for name, kind in sorted(names.items()) if name)
    path.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))


def _key(name: str) -> str:
    return phrase_key(name).lower().replace(" ", "")


if __name__ == "__main__":
    main()
