"""Trains the roles of an abstract's sentences: ``python -m kgrag.train.roles SHARED OUT``.

Knows PubMedQA's labelled sections (each sentence has the role that its section's name says; the long answer
is the conclusion), SciFact's abstracts with headings, and csabstruct's labelled sentences. A fifth of
PubMedQA's questions and of SciFact's abstracts, chosen by a hash of the id, is only measured on. Each
abstract is also learned as a part of itself, since summaries of many papers lack some of the moves.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kgrag.evaluate.sections import role_of_section, split_plainly
from kgrag.models.item_features import ItemVectors, sentence_hashes
from kgrag.models.labeller import Labeller, save_labeller
from kgrag.models.minilm import DIM
from kgrag.train.steps.data import read_jsonl, share_of
from kgrag.train.steps.sequence import Sequence_, Size, train

ROLES = ("background", "question", "method", "data", "result", "conclusion")
HELD_SHARE = 0.2
SHORTEST_PART = 3
_HEADING = re.compile(r"(?:^|\\n\s*)([A-Z][A-Z,/&'-]{3,}(?: [A-Z&/][A-Z,/&'-]*)*)[:.]?\s+(?=[A-Z0-9(])")
"""``… of lysis. \\n RESULTS We …``: SciFact marks a new section with the two characters of a line's end."""
_CS = {"background": "background", "objective": "question", "method": "method", "result": "result"}


@dataclass(frozen=True, slots=True)
class Abstract:
    """An abstract's sentences and the role of each."""

    id: str
    sentences: tuple[str, ...]
    roles: tuple[str, ...]


def read_pubmedqa(path: Path) -> Iterator[Abstract]:
    """One abstract a question; sections without a clear role end nothing, they are left out."""
    for row in read_jsonl(path):
        pairs: list[tuple[str, str]] = []
        labels, contexts = row["section_labels"], row["contexts"]
        assert isinstance(labels, list)
        assert isinstance(contexts, list)
        for name, text in [*zip(labels, contexts, strict=True), ("CONCLUSION", row["long_answer"])]:
            if role := role_of_section(str(name)):
                pairs += [(sentence, role) for sentence in split_plainly(str(text))]
        yield Abstract(str(row["id"]), tuple(s for s, _ in pairs), tuple(r for _, r in pairs))


def read_csabstruct(path: Path) -> Iterator[Abstract]:
    """One abstract a line; sentences labelled *other* are left out."""
    for number, row in enumerate(read_jsonl(path)):
        sentences, labels = row["sentences"], row["labels"]
        assert isinstance(sentences, list)
        assert isinstance(labels, list)
        pairs = [
            (str(s), _CS[str(label)]) for s, label in zip(sentences, labels, strict=True) if str(label) in _CS
        ]
        if pairs:
            yield Abstract(f"cs{number}", tuple(s for s, _ in pairs), tuple(r for _, r in pairs))


def read_scifact(path: Path) -> Iterator[Abstract]:
    """The abstracts with at least two headings; sections without a clear role are left out."""
    for row in read_jsonl(path):
        _, *pieces = _HEADING.split(str(row["text"]))
        pairs = [
            (sentence, role)
            for name, text in zip(pieces[::2], pieces[1::2], strict=True)
            if (role := role_of_section(name))
            for sentence in split_plainly(text)
        ]
        if len({role for _, role in pairs}) > 1:
            yield Abstract(f"scifact{row['_id']}", tuple(s for s, _ in pairs), tuple(r for _, r in pairs))


def with_parts(abstracts: Sequence[Abstract], chance: random.Random) -> Iterator[Abstract]:
    """Each abstract, and a run of its sentences drawn by chance."""
    for abstract in abstracts:
        yield abstract
        n = len(abstract.sentences)
        if n > SHORTEST_PART:
            size = chance.randrange(SHORTEST_PART, n)
            start = chance.randrange(n - size + 1)
            part = slice(start, start + size)
            yield Abstract(abstract.id, abstract.sentences[part], abstract.roles[part])


def prepared(abstracts: Sequence[Abstract], vectors: ItemVectors, n_buckets: int) -> list[Sequence_]:
    """Abstracts as the trainer reads them."""
    return [
        Sequence_(
            tuple(sentence_hashes(s, i, len(a.sentences), n_buckets) for i, s in enumerate(a.sentences)),
            np.stack([vectors.of_text(s) for s in a.sentences]),
            np.array([ROLES.index(r) for r in a.roles]),
        )
        for a in abstracts
    ]


def accuracies(model: Labeller, rows: Sequence[Sequence_]) -> dict[str, float | int]:
    """Sentence accuracy over six roles, and with background and question as one and data as a part of
    method.
    """
    found = [
        label for one in model.label([(row.hashes, row.vectors) for row in rows]) for label in one.labels
    ]
    gold = [int(label) for row in rows for label in row.labels]
    coarse = {0: 1, 3: 2}
    return {
        "sentences": len(gold),
        "six": round(float(np.mean([a == b for a, b in zip(found, gold, strict=True)])), 4),
        "five": round(float(np.mean([(a or 1) == (b or 1) for a, b in zip(found, gold, strict=True)])), 4),
        "four": round(
            float(np.mean([coarse.get(a, a) == coarse.get(b, b) for a, b in zip(found, gold, strict=True)])),
            4,
        ),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, help="the development data")
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--buckets", type=int, default=16384)
    parser.add_argument("--without-cs", action="store_true")
    chosen = parser.parse_args(arguments)
    medical = list(read_pubmedqa(chosen.shared / "qa/pubmedqa_train500.jsonl"))
    held = [a for a in medical if share_of("pubmedqa|" + a.id) < HELD_SHARE]
    seen = [a for a in medical if share_of("pubmedqa|" + a.id) >= HELD_SHARE]
    computing = {
        part: list(read_csabstruct(chosen.shared / f"extraction/csabstruct/{part}.jsonl"))
        for part in ("train", "dev")
    }
    vectors = ItemVectors()
    structured = list(read_scifact(chosen.shared / "retrieval/scifact_train/corpus.jsonl"))
    learned = [a for a in structured if share_of(a.id) >= HELD_SHARE]
    known = [*seen, *learned, *([] if chosen.without_cs else computing["train"])]
    rows = prepared(list(with_parts(known, random.Random(chosen.epochs))), vectors, chosen.buckets)
    measured_on = {
        "scifact_held": prepared(
            [a for a in structured if share_of(a.id) < HELD_SHARE], vectors, chosen.buckets
        ),
        "pubmedqa_held": prepared(held, vectors, chosen.buckets),
        "csabstruct_dev": prepared(computing["dev"], vectors, chosen.buckets),
    }
    header: dict[str, Any] = {
        "kind": "sentences",
        "labels": list(ROLES),
        "n_buckets": chosen.buckets,
        "n_layers": 0,
    }

    def measured(number: int, loss: float, tensors: dict[str, Any]) -> None:
        figures = {name: accuracies(Labeller.of(header, tensors), part) for name, part in measured_on.items()}
        print(f"epoch {number} loss {loss:.3f} {json.dumps(figures)}", file=sys.stderr, flush=True)

    tensors = train(
        rows,
        Size(len(ROLES), DIM, chosen.buckets, hashed=32, projected=64, hidden=48),
        chosen.epochs,
        rate=3e-3,
        after_epoch=measured,
    )
    save_labeller(chosen.out, header, tensors)
    print(json.dumps({name: accuracies(Labeller(chosen.out), part) for name, part in measured_on.items()}))


if __name__ == "__main__":
    main()
