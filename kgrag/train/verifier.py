"""Trains the verifier's encoder: ``python -m kgrag.train.verifier --data ../shared/data --out FOLDER
--minutes 50``.

Knows: which sets are mixed and how often, how examples become pairs of word pieces, and where the result is
written. Does not know the stacker on top (``kgrag.train.stacker``). Needs the extra ``train``.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgrag.models.minilm import load_tokenizer, load_weights
from kgrag.train.steps.base import read_base
from kgrag.train.steps.data import CLAIM_SETS, Labelled, is_held, read_claims, read_jsonl, share_of
from kgrag.train.steps.encoder import CLASSES, Pair
from kgrag.train.steps.loop import COMPARED, save_tensors, train
from kgrag.train.steps.synthetic import (
    abstract_claims,
    changed,
    passage_claims,
    qa_claims,
    question_claims,
    title_claims,
)
from kgrag.verify.select import Selector

MIXES = {
    "wide": {
        "scifact_train": 4,
        "wice_dev": 3,
        "expertqa": 3,
        "begin": 1,
        "climate_fever": 0.7,
        "fever_dev": 0.5,
        "mnli_dev": 0.7,
        "snli_dev": 0.25,
        "papers": 0.5,
    },
    "claims": {
        "scifact_train": 5,
        "wice_dev": 4,
        "expertqa": 3,
        "begin": 0.3,
        "climate_fever": 1.5,
        "fever_dev": 0.3,
        "mnli_dev": 0.6,
        "snli_dev": 0.15,
        "papers": 0.25,
    },
    "long": {
        "scifact_train": 4,
        "wice_dev": 3,
        "expertqa": 3,
        "begin": 1,
        "climate_fever": 1,
        "fever_dev": 0.7,
        "mnli_dev": 1,
        "snli_dev": 0.5,
        "papers": 0.4,
        "titles": 0.7,
        "questions": 2,
        "passages": 0.3,
    },
}
"""How often a set is seen in an epoch; below 1, a fresh part each epoch.

*claims*: mostly what people claim, against what they cite. *long*: for more than one epoch, with claims in
other words against one sentence.
"""
POOL = 40 * 32
"""Examples that are prepared at a time."""


def word_rarity(texts: Iterable[str], tokenizer: object, n_pieces: int) -> NDArray[np.float32]:
    """Smoothed inverse document frequency of each word piece, float32 (n_pieces,), from 0.3 (everywhere)
    upward.
    """
    counts, n_texts = np.zeros(n_pieces), 0
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids  # type: ignore[attr-defined]
        counts[np.unique(ids)] += 1
        n_texts += 1
    return np.maximum(np.log((n_texts + 1) / (counts + 1)), 0.3).astype(np.float32)


def rarity_of(examples: Sequence[Labelled]) -> NDArray[np.float32]:
    """The rarity of word pieces in the examples' texts."""
    return word_rarity(
        (text for example in examples for text in (*example.evidence, example.claim)),
        load_tokenizer(512),
        30522,
    )


def make_selector(idf: NDArray[np.float32]) -> Selector:
    """A selector over MiniLM's word pieces."""
    tokenizer = load_tokenizer(2048)
    return Selector(tokenizer, load_weights()["embeddings.word_embeddings.weight"], idf)


def training_claims(data: Path, seed: int) -> list[Labelled]:
    """All examples the encoder may see: the sets without their held part, and claims made from papers."""
    claims = data / "claims"
    every = [example for name in CLAIM_SETS for example in read_claims(claims / f"{name}.jsonl")]
    held = {example.group for example in every if example.source == "scifact_train" and is_held(example)}
    held_papers = frozenset(
        str(row["id"]).rsplit("-", 1)[1]
        for row in read_jsonl(claims / "scifact_train.jsonl")
        if row["claim"] in held
    )
    chance = random.Random(seed)
    corpus = data / "retrieval" / "scifact_train" / "corpus.jsonl"
    like, questions = like_papers(corpus), data / "qa" / "pubmedqa_train500.jsonl"
    made = abstract_claims(corpus, held_papers, chance, like)
    made += qa_claims(questions, chance)
    made += title_claims(corpus, held_papers, chance, like)
    made += question_claims(questions, lambda key: share_of("pubmedqa|" + key) < 0.5)
    made += passage_claims(
        [data / "retrieval" / name / "corpus.jsonl" for name in ("musique100", "hotpotqa100", "2wiki164")],
        chance,
    )
    return [example for example in every if not is_held(example)] + made


def like_papers(corpus: Path, n_like: int = 12) -> list[list[int]]:
    """For each paper the positions of those most like it in words (tf-idf), leaving out the two nearest."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [f"{row['title']} {row['text']}" for row in read_jsonl(corpus)]
    matrix = TfidfVectorizer(
        sublinear_tf=True, stop_words="english", min_df=2, dtype=np.float32
    ).fit_transform(texts)
    out = []
    for start in range(0, len(texts), 256):
        scores = (matrix[start : start + 256] @ matrix.T).toarray()
        out += [list(map(int, row)) for row in np.argsort(-scores, axis=1)[:, 3 : 3 + n_like]]
    return out


class Epochs:
    """Pairs of word pieces, chosen anew each epoch: repeats by set, classes balanced by weight, evidence of 1
    to 4 sentences.
    """

    def __init__(
        self,
        examples: Sequence[Labelled],
        selector: Selector,
        seed: int,
        repeats: Mapping[str, float] = MIXES["wide"],
    ) -> None:
        self.examples, self.selector, self.seed, self.repeats = examples, selector, seed, repeats
        by_source: dict[str, Counter[bool]] = defaultdict(Counter)
        for example in examples:
            by_source[example.source][example.label == "supported"] += 1
        self.weights = {
            source: {side: min(2.0, sum(c.values()) / (2 * c[side])) for side in c}
            for source, c in by_source.items()
        }

    def __call__(self, epoch: int) -> Iterator[list[Pair]]:
        chance = random.Random(self.seed * 1000 + epoch)
        order = [
            e
            for e in self.examples
            for _ in range(
                int(self.repeats.get(e.source, 0)) + (chance.random() < self.repeats.get(e.source, 0) % 1)
            )
        ]
        chance.shuffle(order)
        for start in range(0, len(order), POOL):
            yield [self.pair(example, chance) for example in order[start : start + POOL]]

    def pair(self, example: Labelled, chance: random.Random) -> Pair:
        """The example as word pieces; a supported claim is now and then changed into a contradicted one."""
        claim, label = example.claim, example.label
        if label == "supported" and example.source not in {"snli_dev", "mnli_dev"} and chance.random() < 0.12:
            wrong = changed(claim, chance)
            claim, label = (wrong, "contradicted") if wrong else (claim, label)
        chosen = self.selector.select(claim, example.evidence, chance.choice([1, 2, 3, 3, 4]))
        target = 3 if example.two_way and label == "unsupported" else CLASSES.index(label)
        return Pair(chosen.claim, chosen.evidence, target, self.weights[example.source][label == "supported"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains and writes ``encoder.safetensors`` and ``idf.npy`` into the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--mix", choices=tuple(MIXES), default="wide")
    parser.add_argument("--start", type=Path, help="a folder written before, to go on from")
    parser.add_argument(
        "--base",
        type=Path,
        help="an ONNX file of the model to fine-tune; MiniLM as the embedder has it by default",
    )
    parser.add_argument("--layers", type=int, help="layers of the base model to keep, from the bottom")
    parser.add_argument(
        "--compared",
        type=float,
        default=COMPARED,
        help="share of steps compared with the base model's own reading",
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--without", default="", help="sets to leave out, with commas")
    options = parser.parse_args(arguments)
    from safetensors.numpy import load_file

    options.out.mkdir(parents=True, exist_ok=True)
    examples = [
        e for e in training_claims(options.data, options.seed) if e.source not in options.without.split(",")
    ]
    idf = np.load(options.start / "idf.npy") if options.start else rarity_of(examples)
    np.save(options.out / "idf.npy", idf)
    start = load_file(options.start / "encoder.safetensors") if options.start else None

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    say(f"{len(examples)} examples: {dict(Counter((e.source, e.label) for e in examples))}")
    base = read_base(options.base, options.layers)
    own = base if options.base else {}  # the embedder's own tensors are not written again
    train(
        base,
        Epochs(examples, make_selector(idf), options.seed, MIXES[options.mix]),
        options.minutes,
        lambda tensors: save_tensors(options.out / "encoder.safetensors", own | tensors),
        rate=options.rate,
        seed=options.seed,
        start=start,
        compared=options.compared,
        state=options.out / "state.pt",
        log=say,
    )


if __name__ == "__main__":
    main()
