"""Fits the model that chooses sentences: ``python -m kgrag.train.choosing --data ../shared/data --out
kgrag/models/data/choosing``.

Knows four sets whose licences let weights ship: rationales of SciFact's claims (CC BY), questions of PubMedQA
(MIT; the sentences nearest to the authors' conclusion), marks on randomised trials (Evidence Inference, MIT)
and questions over several papers (ScholarQABench, ODC-BY; the sentences nearest to a person's sentence that
cites the paper), and for Chinese the half of CMRC 2018's trial questions whose ids hash even (CC BY-SA; the
sentence that holds the answer). Prints, for each set left out, how often the sentence chosen first is right.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.answer.choose import NAMES, features
from kgrag.answer.evidence import find_evidence
from kgrag.backends import load_backend
from kgrag.language.question_form import read_form
from kgrag.language.sentences import split_sentences
from kgrag.language.words import content_words, is_chinese
from kgrag.models.minilm import MiniLM
from kgrag.models.trees import Blend
from kgrag.train.steps.data import read_jsonl
from kgrag.train.steps.fit import fit_blend
from kgrag.types import Evidence, Hit, Parcel, Record, Source, Understood

N_QUOTES, N_BESIDE, LIKE = 40, 3, 0.55
Right = Callable[[Evidence], bool]
ASKED = (
    "Does {i} affect {o} compared with {c}?",
    "What is the effect of {i} on {o}?",
    "How does {i} compare with {c} for {o}?",
    "How much did {i} change {o}?",
    "Is {i} better than {c} for {o}?",
)


@dataclass(frozen=True, slots=True)
class Example:
    """A question, the parcels that were found for it, best first, and which quotes answer it."""

    source: str
    question: str
    parcels: tuple[Parcel, ...]
    right: Right


class Prepared:
    """Texts as parcels, as ingest makes them, with the roles of their sentences."""

    def __init__(self) -> None:
        self._prepare = load_backend("ingest", "prepare")
        self._extractor = load_backend("ingest", "extractor")(steps=("roles",))
        self._made: dict[str, Parcel] = {}

    def of(self, title: str | None, abstract: str) -> Parcel:
        """A record with an abstract."""
        key = f"{title}|{abstract}"
        if key not in self._made:
            record = Record(Source(f"{len(self._made)}.ris", "0", "ris"), title=title, abstract=abstract)
            self._made[key] = self._prepare(record, self._extractor)
        return self._made[key]


def scifact(data: Path, made: Prepared) -> Iterator[Example]:
    """Claims, put as questions in turn, with the sentences that decide them."""
    rows = [
        row for row in read_jsonl(data / "claims" / "scifact_train.jsonl") if row.get("rationale_sentences")
    ]
    texts = [_title_and_abstract(str(row["evidence"][0])) for row in rows]
    beside = _nearest([str(row["claim"]) for row in rows], [title for title, _ in texts])
    for number, row in enumerate(rows):
        claim = str(row["claim"]).rstrip(". ")
        question = f"Is it true that {claim[0].lower()}{claim[1:]}?" if number % 2 else f"{claim}?"
        sentences = [text for _, text in _cut(texts[number][1])]
        wanted = {_bare(sentences[i]) for i in row["rationale_sentences"] if i < len(sentences)}
        parcels = (made.of(*texts[number]), *(made.of(*texts[i]) for i in beside[number] if i != number))
        yield Example("scifact", question, parcels, _holds_one_of(wanted))


def pubmedqa(data: Path, made: Prepared, embedder: MiniLM) -> Iterator[Example]:
    """Questions of authors, with the sentences of the abstract nearest to their own conclusion."""
    rows = list(read_jsonl(data / "qa" / "pubmedqa_train500.jsonl"))
    contexts = [" ".join(map(str, row["contexts"])) for row in rows]
    questions = [str(row["question"]) for row in rows]
    beside = _nearest(questions, questions)
    for number, row in enumerate(rows):
        wanted = _likest(str(row["long_answer"]), contexts[number], embedder, 2)
        parcels = (made.of(None, contexts[number]), *(made.of(None, contexts[i]) for i in beside[number]))
        yield Example("pubmedqa", questions[number], parcels, _holds_one_of(wanted))


def scholarqa(data: Path, made: Prepared, embedder: MiniLM) -> Iterator[Example]:
    """Questions over several papers, with the sentences nearest to what a person said of each."""
    for row in read_jsonl(data / "qa" / "scholarqa_multi.jsonl"):
        papers: Any = row["ctxs"]
        wanted: set[str] = set()
        for start, end in split_sentences(str(row["output"])):
            said = str(row["output"])[start:end]
            for number in map(int, re.findall(r"\[(\d+)\]", said)):
                if number < len(papers):
                    wanted |= _likest(said, papers[number]["text"], embedder, 1)
        parcels = tuple(made.of(paper["title"], paper["text"]) for paper in papers)
        yield Example("scholarqa", str(row["input"]), parcels, _holds_one_of(wanted))


def trials(data: Path, made: Prepared) -> Iterator[Example]:
    """Outcomes of trials, asked for in five ways, with the sentence that people marked."""
    marks: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in read_jsonl(data / "trials" / "annotations.jsonl"):
        marks.setdefault((str(row["pmcid"]), str(row["prompt"])), []).append(row)
    for number, ((pmcid, _), rows) in enumerate(sorted(marks.items())):
        place = data / "trials" / "text" / f"PMC{pmcid}.txt"
        if not place.is_file() or number % 2:
            continue
        text = place.read_text("utf-8")
        first = rows[0]
        question = ASKED[number % len(ASKED)].format(
            i=first["intervention"], c=first["comparator"], o=first["outcome"]
        )
        quotes = [str(row["quote"]) for row in rows if "\n" not in str(row["quote"]).strip()]
        windows = [_around(text, int(row["start"]), int(row["end"])) for row in rows[:2]]
        if quotes:
            parcels = tuple(made.of(None, window) for window in dict.fromkeys(windows))
            yield Example("trials", question, parcels, _overlaps(quotes))


def cmrc(data: Path, made: Prepared) -> Iterator[Example]:
    """Chinese questions with the sentence of the passage that holds the answer."""
    folder = data / "retrieval" / "cmrc2018_trial"
    corpus = {str(row["_id"]): str(row["text"]) for row in read_jsonl(folder / "corpus.jsonl")}
    answers = {str(row["id"]): row["answers"] for row in read_jsonl(folder / "answers.jsonl")}
    names = list(corpus)
    for row in read_jsonl(folder / "queries.jsonl"):
        name = str(row["_id"])
        if hashlib.sha256(name.encode()).digest()[0] % 2:
            continue
        own = next((key for key in names if name.startswith(f"{key}_")), None)
        if own is None:
            continue
        chance = random.Random(name)
        beside = [corpus[key] for key in chance.sample(names, 2) if key != own]
        parcels = tuple(made.of(None, text) for text in (corpus[own], *beside))
        found: Any = answers.get(name, [])
        yield Example("cmrc", str(row["text"]), parcels, _has_one_of([str(a) for a in found]))


def table(examples: Sequence[Example], embedder: MiniLM) -> dict[str, Any]:
    """Rows of features with their labels, weights, sets and questions; only questions with a right quote."""
    x, y, weight, source, group = [], [], [], [], []
    for number, example in enumerate(examples):
        evidence, understood = quotes_for(example, embedder)
        labels = [example.right(item) for item in evidence]
        if not any(labels) or all(labels):
            continue
        x.append(features(understood, evidence, embedder))
        y += labels
        weight += [0.5 / sum(labels) if label else 0.5 / (len(labels) - sum(labels)) for label in labels]
        source += [example.source] * len(labels)
        group += [number] * len(labels)
    return {
        "x": np.concatenate(x),
        "y": np.array(y),
        "weight": np.array(weight) * 40,
        "source": np.array(source),
        "group": np.array(group),
    }


def quotes_for(example: Example, embedder: MiniLM) -> tuple[list[Evidence], Understood]:
    """The quotes as a search over these parcels would hand them on."""
    language = "zh" if is_chinese(example.question) else "en"
    understood = Understood(example.question, example.question, language, form=read_form(example.question))
    passages = [(parcel, passage) for parcel in example.parcels for passage in parcel.passages]
    hits = [Hit(passage, parcel.document, 5.0 - i / 10) for i, (parcel, passage) in enumerate(passages)]
    objects: dict[str, list[Any]] = {}
    for parcel in example.parcels:
        for item in parcel.extraction.objects:
            objects.setdefault(item.passage_id, []).append(item)
    return find_evidence(example.question, hits, embedder, objects, N_QUOTES), understood


def first_right(rows: dict[str, Any], scores: NDArray[Any]) -> dict[str, float]:
    """Share of each set's questions whose best scored quote answers; ``as_found``: in the order before."""
    shares: dict[str, list[tuple[bool, bool]]] = {}
    for number in np.unique(rows["group"]):
        places = np.flatnonzero(rows["group"] == number)
        right = rows["y"][places]
        chosen = bool(right[int(np.argmax(scores[places]))])
        shares.setdefault(str(rows["source"][places[0]]), []).append((chosen, bool(right[0])))
    return {
        f"{name}{suffix}": round(float(np.mean([pair[place] for pair in pairs])), 4)
        for name, pairs in sorted(shares.items())
        for place, suffix in ((0, ""), (1, "_as_found"))
    } | {f"{name}_n": len(pairs) for name, pairs in shares.items()}


def fit(rows: dict[str, Any], chosen: NDArray[Any]) -> Blend:
    """The model on the chosen rows."""
    return fit_blend(
        rows["x"][chosen], rows["y"][chosen], rows["weight"][chosen], n_trees=120, leaves=8, c=0.05
    )


def main() -> None:
    """Fits, prints how each set fares that was left out, and writes the model fitted on all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rows", type=Path, help="Keep the table of features here; read it if there.")
    options = parser.parse_args()
    rows = _rows(options.data, options.rows)
    held = np.zeros(len(rows["y"]))
    for name in np.unique(rows["source"]):
        own = rows["source"] == name
        held[own] = fit(rows, ~own)(rows["x"][own])
    print(json.dumps({"left_out": first_right(rows, held)}))
    folds = rows["group"] % 5
    for fold in range(5):
        held[folds == fold] = fit(rows, folds != fold)(rows["x"][folds == fold])
    print(json.dumps({"folds": first_right(rows, held)}))
    options.out.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = fit(rows, rows["y"] >= 0).arrays("")
    np.savez_compressed(options.out / "choosing.npz", **arrays)


def _rows(data: Path, kept: Path | None) -> dict[str, Any]:
    if kept and kept.is_file():
        with np.load(kept, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    made, embedder = Prepared(), MiniLM()
    examples = [
        *scifact(data, made),
        *pubmedqa(data, made, embedder),
        *scholarqa(data, made, embedder),
        *trials(data, made),
        *cmrc(data, made),
    ]
    rows = table(examples, embedder)
    assert rows["x"].shape[1] == len(NAMES)
    if kept:
        np.savez_compressed(kept, **dict(rows))
    return rows


def _title_and_abstract(text: str) -> tuple[str, str]:
    title, _, rest = text.partition(". ")
    return title, rest


def _cut(text: str) -> list[tuple[tuple[int, int], str]]:
    return [((start, end), text[start:end]) for start, end in split_sentences(text)]


def _bare(text: str) -> str:
    return "".join(re.findall(r"\w+", text.lower()))


def _holds_one_of(wanted: set[str]) -> Right:
    def right(item: Evidence) -> bool:
        said = _bare(item.quote)
        return any(said and (said in text or text in said) for text in wanted)

    return right


def _has_one_of(answers: Sequence[str]) -> Right:
    return lambda item: any(answer and answer in item.quote for answer in answers)


def _overlaps(quotes: Sequence[str]) -> Right:
    wanted = [set(content_words(quote)) for quote in quotes]

    def right(item: Evidence) -> bool:
        said = set(content_words(item.quote))
        return any(len(said & words) >= 0.6 * min(len(said), len(words)) > 1.5 for words in wanted)

    return right


def _likest(said: str, text: str, embedder: MiniLM, n: int) -> set[str]:
    """The n sentences nearest to what was said, where they are near enough."""
    sentences = [sentence for _, sentence in _cut(text)]
    if not sentences:
        return set()
    near = embedder.embed_passages(sentences) @ embedder.embed_query(said)
    best = np.argsort(-near)[:n]
    return {_bare(sentences[i]) for i in best if near[i] >= LIKE}


def _nearest(questions: Sequence[str], names: Sequence[str]) -> list[list[int]]:
    """For each question the names of others that share most of its words."""
    words = [set(content_words(name)) for name in names]
    chosen = []
    for number, question in enumerate(questions):
        asked = set(content_words(question))
        order = sorted(range(len(names)), key=lambda i: (-len(asked & words[i]), i))
        chosen.append([i for i in order if i != number][:N_BESIDE])
    return chosen


def _around(text: str, start: int, end: int, size: int = 3000) -> str:
    """The text around a mark, cut at line ends."""
    low, high = max(start - size, 0), min(end + size, len(text))
    return text[text.find("\n", low) + 1 if low else 0 : high]


if __name__ == "__main__":
    main()
