"""Trains the roles of sentences of papers' bodies: ``python -m kgrag.train.bodies SHARED OUT``.

Knows the sentences of abstracts with headings and of csabstruct (``kgrag.train.roles``), and of PLOS papers
(CC BY) those whose section leaves little doubt: an introduction without a word of the paper's own, methods,
results that show a figure or a number. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.backends import load_backend
from kgrag.language.modality import marks
from kgrag.language.section_names import section_kind
from kgrag.language.sentences import split_sentences
from kgrag.models.item_features import ItemVectors, text_hashes
from kgrag.models.text_roles import ROLES, TextRoles
from kgrag.train.roles import HELD_SHARE, read_csabstruct, read_pubmedqa, read_scifact
from kgrag.train.steps.data import share_of

N_BUCKETS, STRENGTH = 16384, 4.0
SHORTEST = 30
_SHOWN = re.compile(r"\b(?:[Ff]ig(?:ure|s?\.)|[Tt]able)\s*S?\d|\d\s*%|\b[Pp]\s*[<=]")
Told = tuple[str, str]
"""A sentence and the kind of its section, or its role."""


def of_abstracts(shared: Path) -> Iterator[tuple[str, Told]]:
    """(id, (sentence, role)) of the labelled abstracts; data count as method."""
    read = [
        *read_pubmedqa(shared / "qa/pubmedqa_train500.jsonl"),
        *read_scifact(shared / "retrieval/scifact_train/corpus.jsonl"),
        *read_csabstruct(shared / "extraction/csabstruct/train.jsonl"),
    ]
    for abstract in read:
        for sentence, role in zip(abstract.sentences, abstract.roles, strict=True):
            yield abstract.id, (sentence, "method" if role == "data" else role)


def of_papers(folder: Path) -> Iterator[tuple[str, Told]]:
    """(file, (sentence, kind of its section)) of the bodies of papers."""
    for path in sorted(folder.glob("*.xml")):
        for record in load_backend("ingest", "read_file")(path):
            for block in getattr(record, "blocks", ()):
                kind = section_kind(block.section) or ""
                for start, end in split_sentences(block.text) if block.kind == "paragraph" else ():
                    if end - start >= SHORTEST:
                        yield path.name, (block.text[start:end], kind)


def told_by_section(told: Told) -> str | None:
    """The role of a sentence of a body, where its section leaves little doubt."""
    sentence, kind = told
    if kind == "background":
        return None if marks("own", sentence) else "background"
    if kind == "result":
        return "result" if _SHOWN.search(sentence) else None
    return "method" if kind == "method" else None


def matrix(sentences: Sequence[str], vectors: ItemVectors) -> Any:
    """Sparse rows as ``TextRoles`` weighs them, (n, n_buckets + 384)."""
    from scipy import sparse

    rows = [text_hashes(text, N_BUCKETS) for text in sentences]
    lengths = np.array([len(row) for row in rows])
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths)
    words = sparse.csr_matrix(
        (values, np.concatenate(rows), np.concatenate([[0], lengths.cumsum()])), (len(rows), N_BUCKETS)
    )
    parts: list[Any] = [words, np.stack([vectors.of_text(text) for text in sentences])]
    return sparse.hstack(parts).tocsr()


def fit(labelled: Sequence[Told], vectors: ItemVectors) -> dict[str, NDArray[Any]]:
    """The arrays of ``TextRoles``, all roles weighed alike."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, max_iter=200, class_weight="balanced")
    model.fit(matrix([s for s, _ in labelled], vectors), [ROLES.index(role) for _, role in labelled])
    weight = model.coef_.T
    return {
        "words": weight[:N_BUCKETS],
        "meaning": weight[N_BUCKETS:],
        "bias": model.intercept_,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure on what was held out, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, help="the development data")
    parser.add_argument("out", type=Path)
    chosen = parser.parse_args(arguments)
    vectors = ItemVectors()
    abstracts, papers = list(of_abstracts(chosen.shared)), list(of_papers(chosen.shared / "papers/plos_jats"))
    clear = [(name, (told[0], role)) for name, told in papers if (role := told_by_section(told))]
    labelled = [*abstracts, *clear]
    seen = [told for name, told in labelled if share_of(name) >= HELD_SHARE]
    arrays = fit(seen, vectors)
    figures: dict[str, Any] = {}
    for name, part in (("abstracts", abstracts), ("papers", clear)):
        held = [told for id_, told in part if share_of(id_) < HELD_SHARE]
        found = TextRoles(arrays, vectors).evenly([sentence for sentence, _ in held]).argmax(axis=1)
        right = [ROLES[place] == role for place, (_, role) in zip(found, held, strict=True)]
        figures[name] = {"sentences": len(held), "right": round(float(np.mean(right)), 4)}
    stored: dict[str, Any] = {name: value.astype(np.float16) for name, value in arrays.items()}
    np.savez_compressed(chosen.out, **stored)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
