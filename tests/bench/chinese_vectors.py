"""Issue C: would Chinese vectors that work offline find more than words and graph do?

Run: ``python -m tests.bench.chinese_vectors [DATA]`` (extra ``train``). Three kinds of vectors over Chinese
characters and character pairs: latent semantic analysis, a static encoder trained on parts of abstracts (any
sentence against the rest) and one trained also on questions with titles people chose and on entailed
sentences. Each is measured alone, and added to the product's own ranking by the weight that is best in
hindsight: an upper bound of what it could give. Prints one JSON line for each set and kind. What is trained
here does not ship: the abstracts may not.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray

from kgrag.evaluate.lines import read_lines
from kgrag.evaluate.retrieval import ingest_corpus, read_collection
from kgrag.library import Library
from kgrag.search import Retriever
from kgrag.search.understand import understand

DATA = Path(__file__).parents[2].parent / "shared" / "data"
BUCKETS, DIM, EPOCHS, BATCH, TEMPERATURE = 1 << 17, 256, 6, 256, 0.05
SETS = ("cmrc2018_trial", "csl_title_dev")
WEIGHTS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
Matrix = NDArray[np.float32]
Pairs = list[tuple[str, str]]


def pieces(text: str) -> list[int]:
    """Buckets of characters and character pairs."""
    kept = re.sub(r"\s+", "", text.lower())[:400]
    return [crc32(kept[i : i + n].encode()) % BUCKETS for n in (1, 2) for i in range(len(kept) - n + 1)] or [
        0
    ]


def abstracts_of(data: Path) -> list[dict[str, Any]]:
    """The abstracts that no set measured here holds."""
    measured = {
        row["text"]
        for name in SETS
        for row in read_lines(data / "retrieval" / name / "corpus.jsonl", ["text"])
    }
    return [
        row
        for row in read_lines(data / "papers" / "zh_abstracts.jsonl", ["abstract"])
        if row["abstract"] not in measured
    ]


def abstract_pairs(rows: Sequence[Mapping[str, Any]]) -> Pairs:
    """A sentence of an abstract, and the others of it; keywords, and the abstract."""
    found: Pairs = []
    for row in rows:
        text = row["abstract"]
        parts = [part for part in re.split(r"(?<=[。;；.])", text) if len(part) > 8]
        if len(parts) > 1:
            place = crc32(text.encode()) % len(parts)
            found.append((parts[place], "".join(parts[:place] + parts[place + 1 :])))
        if row.get("keywords"):
            found.append((" ".join(row["keywords"]), text))
    return found


def asked_pairs(data: Path) -> Pairs:
    """Questions with titles that fit them, and sentences with what follows from them."""
    titles = [
        (row["query"], row["title"])
        for row in read_lines(data / "pairs" / "qbqtc_dev.jsonl", ["query", "title", "label"])
        if str(row["label"]) == "2"
    ]
    entailed = [
        (row["claim"], "".join(row["evidence"]))
        for row in read_lines(data / "claims" / "snli_zh.jsonl", ["claim", "evidence", "label"])
        if row["label"] == "supported"
    ]
    return titles + entailed


def trained(pairs: Pairs, seed: int = 7) -> Callable[[Sequence[str]], Matrix]:
    """A static encoder: the mean of the pieces' vectors, trained to find the other half of each pair among a
    batch.
    """
    torch.manual_seed(seed)
    bag = torch.nn.EmbeddingBag(BUCKETS, DIM, mode="mean", sparse=True)
    torch.nn.init.normal_(bag.weight, std=0.1)
    optimiser = torch.optim.SparseAdam(bag.parameters(), lr=5e-3)
    read = [(pieces(a), pieces(b)) for a, b in pairs]
    chance = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        order = chance.permutation(len(read))
        for start in range(0, len(order) - BATCH, BATCH):
            part = [read[i] for i in order[start : start + BATCH]]
            left, right = (_embedded(bag, [pair[side] for pair in part]) for side in (0, 1))
            scores, own = left @ right.T / TEMPERATURE, torch.arange(len(part))
            loss = torch.nn.functional.cross_entropy(scores, own) + torch.nn.functional.cross_entropy(
                scores.T, own
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return lambda texts: _embedded(bag, [pieces(text) for text in texts]).detach().numpy()


def _embedded(bag: torch.nn.EmbeddingBag, rows: Sequence[Sequence[int]]) -> torch.Tensor:
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])[:-1]])
    return torch.nn.functional.normalize(
        bag(torch.tensor([bucket for row in rows for bucket in row]), torch.from_numpy(starts)), dim=1
    )


def latent(texts: Sequence[str]) -> Callable[[Sequence[str]], Matrix]:
    """Latent semantic analysis of the texts."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer

    made = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, min_df=2, dtype=np.float32),
        TruncatedSVD(DIM, random_state=7),
        Normalizer(copy=False),
    )
    made.fit(texts)
    return lambda some: np.asarray(made.transform(some), np.float32)


def own_ranking(folder: Path, place: Mapping[str, int], questions: Sequence[str]) -> Matrix:
    """The reciprocal rank that the product gives each text for each question, 0 beyond the first hundred
    passages: (n_questions, n_texts).
    """
    scores = np.zeros((len(questions), len(place)), np.float32)
    with TemporaryDirectory() as temporary, Library.open(temporary, create=True) as library:
        names = ingest_corpus(library, folder)
        retriever = Retriever(library)
        for row, question in enumerate(questions):
            for rank, document in enumerate(
                dict.fromkeys(hit.document.id for hit in retriever.search(understand(question, library), 100))
            ):
                scores[row, [place[name] for name in names[document]]] = 1.0 / (1 + rank)
    return scores


def recall(scores: Matrix, right: Sequence[set[int]], k: int) -> float:
    """Share of questions with a right text among the first k, in percent."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return round(
        100
        * float(np.mean([bool(wanted & set(row.tolist())) for wanted, row in zip(right, best, strict=True)])),
        1,
    )


def measured(
    vectors: Callable[[Sequence[str]], Matrix],
    texts: Sequence[str],
    questions: Sequence[str],
    own: Matrix,
    right: Sequence[set[int]],
) -> dict[str, Any]:
    """R@1 and R@5 alone, and beside the product's ranking at the weight that turns out best."""
    similar = vectors(questions) @ vectors(texts).T
    best = max(
        (recall(own + weight * similar, right, 1), recall(own + weight * similar, right, 5), weight)
        for weight in WEIGHTS
    )
    return {
        "alone": [recall(similar, right, 1), recall(similar, right, 5)],
        "added": list(best[:2]),
        "weight": best[2],
    }


def measure_set(folder: Path, kinds: Mapping[str, Callable[[Sequence[str]], Matrix]]) -> dict[str, Any]:
    """The product alone, then each kind."""
    collection = read_collection(folder)
    rows = {
        row["_id"]: f"{row.get('title') or ''} {row['text']}"
        for row in read_lines(folder / "corpus.jsonl", ["_id", "text"])
    }
    place = {name: number for number, name in enumerate(rows)}
    questions = list(collection.queries.values())
    right = [{place[name] for name in collection.judged[query]} for query in collection.queries]
    own = own_ranking(folder, place, questions)
    figures = {
        name: measured(vectors, list(rows.values()), questions, own, right) for name, vectors in kinds.items()
    }
    return {"product": [recall(own, right, 1), recall(own, right, 5)], **figures}


def main() -> None:
    """Train, measure, print."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    rows = abstracts_of(data)
    pairs = abstract_pairs(rows)
    kinds = {
        "latent": latent([row["abstract"] for row in rows]),
        "abstracts": trained(pairs),
        "abstracts and pairs": trained(pairs + asked_pairs(data)),
    }
    for name in SETS:
        folder = data / "retrieval" / name
        print(json.dumps({"set": name, **measure_set(folder, kinds)}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
