"""Trains a tagger of names from a CoNLL file and measures it: ``python -m kgrag.train.tagger DATA OUT
[--layers N]``.

Knows CoNLL columns (the word first, the tag last; IOB1 and IOB2) and the Chinese JSON lines with offsets. The
model is ``kgrag.train.steps.sequence``; the figure is strict entity F1 (span and type) on the development
part, the model written the last one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kgrag.evaluate.extraction import Sentence, entity_scores, read_tagged
from kgrag.models.item_features import ItemVectors, word_hashes
from kgrag.models.labeller import Labeller, save_labeller
from kgrag.models.minilm import DIM
from kgrag.models.tags import forbidden_steps, labels_of, tags_of
from kgrag.train.steps.sequence import Sequence_, Size, train


def prepared(
    sentences: Sequence[Sentence], labels: Sequence[str], vectors: ItemVectors, n_buckets: int
) -> Iterator[Sequence_]:
    """Sentences as the trainer reads them."""
    numbers = {label: i for i, label in enumerate(labels)}
    for sentence in sentences:
        tags = tags_of(sentence.spans, len(sentence.words))
        yield Sequence_(
            tuple(word_hashes(word, n_buckets) for word in sentence.words),
            vectors.of_words(sentence.words),
            np.array([numbers.get(tag, 0) for tag in tags], np.int64),
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, write ``OUT`` and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with train.* and dev.*")
    parser.add_argument("out", type=Path, help="the .npz to write")
    parser.add_argument(
        "--layers", type=int, default=0, help="layers of MiniLM to read (0: word pieces alone)"
    )
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--buckets", type=int, default=8192)
    parser.add_argument("--hidden", type=int, default=96)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args(arguments)
    parts = {part: read_tagged(chosen.data, part) for part in ("train", "dev")}
    labels = labels_of(kind for sentence in parts["train"] for _, _, kind in sentence.spans)
    vectors = ItemVectors(chosen.layers)
    rows = {part: list(prepared(found, labels, vectors, chosen.buckets)) for part, found in parts.items()}
    header: dict[str, Any] = {
        "kind": "words",
        "labels": list(labels),
        "n_buckets": chosen.buckets,
        "n_layers": chosen.layers,
        "data": chosen.data.name,
    }

    def measured(number: int, loss: float, tensors: dict[str, Any]) -> None:
        if number % 4 == 3:
            model = Labeller.of(header, tensors)
            found = model.label([(row.hashes, row.vectors) for row in rows["dev"]])
            figures = entity_scores(parts["dev"], [[labels[i] for i in one.labels] for one in found])
            print(f"epoch {number} loss {loss:.3f} {json.dumps(figures)}", file=sys.stderr, flush=True)

    size = Size(
        len(labels),
        DIM * (2 if chosen.layers else 1),
        chosen.buckets,
        hidden=chosen.hidden,
        forbidden=forbidden_steps(labels),
    )
    tensors = train(rows["train"], size, chosen.epochs, seed=chosen.seed, after_epoch=measured)
    save_labeller(chosen.out, header, tensors)
    found = Labeller(chosen.out).label([(row.hashes, row.vectors) for row in rows["dev"]])
    print(
        json.dumps(
            {**header, **entity_scores(parts["dev"], [[labels[i] for i in one.labels] for one in found])},
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
