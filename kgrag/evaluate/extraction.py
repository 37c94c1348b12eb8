"""Measures extraction: strict entity F1 on tagged text.

Knows CoNLL columns (word first, tag last; IOB1 or IOB2, as conlleval reads them) and JSON lines with ``text``
and ``mention_data``. An entity counts when its first word, last word and kind are right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from kgrag.backends import load_backend
from kgrag.errors import UsageError
from kgrag.evaluate.sections import role_of_section, split_plainly
from kgrag.models.item_features import ItemVectors, word_hashes
from kgrag.models.labeller import Labeller
from kgrag.models.tags import TaggedSpan, spans_of

PACKAGED = Path(__file__).parents[1] / "models" / "data" / "extraction"
_HAN = re.compile(r"\S")
_STOP = re.compile(r"[。！？；\n]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words and the spans among them, in words."""

    words: tuple[str, ...]
    spans: tuple[TaggedSpan, ...]


def read_tagged(folder: Path, part: str) -> list[Sentence]:
    """The sentences of ``part.txt`` or ``part.json`` in a folder.

    Raises:
        UsageError: neither file is there.
    """
    for suffix, read in ((".txt", read_conll), (".json", read_offsets)):
        if (path := folder / (part + suffix)).exists():
            return [sentence for sentence in read(path) if sentence.words]
    raise UsageError(f"{folder} has no {part}.txt and no {part}.json.")


def read_conll(path: Path) -> Iterator[Sentence]:
    """Sentences of a CoNLL file; lines that start a document are left out."""
    rows: list[list[str]] = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            columns = line.split()
            if columns and columns[0] != "-DOCSTART-":
                rows.append(columns)
            elif rows:
                yield Sentence(tuple(row[0] for row in rows), tuple(_spans([row[-1] for row in rows])))
                rows = []
    if rows:
        yield Sentence(tuple(row[0] for row in rows), tuple(_spans([row[-1] for row in rows])))


def _spans(tags: Sequence[str]) -> Iterator[TaggedSpan]:
    """IOB1 and IOB2 alike: a span begins at B, and at I where none of its kind goes on."""
    start, kind = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        part, _, now = tag.partition("-")
        if kind and (part != "I" or now != kind):
            yield start, place, kind
            kind = ""
        if part in ("B", "I") and not kind:
            start, kind = place, now


def read_offsets(path: Path) -> Iterator[Sentence]:
    """JSON lines of a text with ``mention_data`` (mention, type, offset): each character that is no space is
    a word.
    """
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, filter(str.strip, lines)):
            spans = []
            for item in row["mention_data"]:
                start = int(item["offset"])
                end = start + len(item["mention"])
                if item["mention"] and row["text"][start:end] == item["mention"]:
                    spans.append((start, end, str(item.get("type") or item.get("label"))))
            yield from _pieces(row["text"], list(_apart(spans)))


def _pieces(text: str, spans: Sequence[TaggedSpan]) -> Iterator[Sentence]:
    """The text cut behind full stops that stand in no span; each character that is no space is a word."""
    covered = {place for start, end, _ in spans for place in range(start, end)}
    cuts = [match.end() for match in _STOP.finditer(text) if match.start() not in covered]
    for start, end in pairwise([0, *cuts, len(text)]):
        places = [match.start() for match in _HAN.finditer(text, start, end)]
        number = {place: i for i, place in enumerate(places)}
        inside = tuple(
            (number[a], number[b - 1] + 1, kind) for a, b, kind in spans if a in number and b - 1 in number
        )
        yield Sentence(tuple(text[place] for place in places), inside)


def _apart(spans: Sequence[TaggedSpan]) -> Iterator[TaggedSpan]:
    """Of spans that touch, the first and longest."""
    end = 0
    for span in sorted(spans, key=lambda s: (s[0], -s[1])):
        if span[0] >= end:
            end = span[1]
            yield span


def evaluate_extraction(path: Path, tagger: str | None = None) -> dict[str, Any]:
    """A packaged tagger on tagged text, or the roles of sentences on labelled abstracts.

    Args:
        path: a folder with ``dev.txt`` or ``dev.json``, or such a file; or JSON lines of ``sentences`` and
            ``labels``, or of ``contexts`` and ``section_labels``.
        tagger: a packaged tagger's name or an ``.npz``; by default the packaged one that was trained on the
            same kinds.

    Returns:
        ``tagger``, n, precision, recall, f1 (percent); or sentences and accuracies.

    Raises:
        UsageError: no packaged tagger has these kinds.
    """
    if path.is_file() and path.suffix == ".jsonl":
        return _roles(path)
    sentences = (
        read_tagged(path, "dev")
        if path.is_dir()
        else [s for s in (read_offsets if path.suffix == ".json" else read_conll)(path) if s.words]
    )
    chosen = (
        Path(tagger)
        if tagger and tagger.endswith(".npz")
        else PACKAGED / f"{tagger or _fitting(sentences)}.npz"
    )
    if not chosen.exists():
        raise UsageError(
            f"No tagger {chosen} (found: {', '.join(sorted(p.stem for p in PACKAGED.glob('*.npz')))})."
        )
    model = Labeller(chosen)
    vectors, n_buckets, labels = (
        ItemVectors(int(model.header["n_layers"])),
        int(model.header["n_buckets"]),
        model.header["labels"],
    )
    found = model.label(
        [([word_hashes(word, n_buckets) for word in s.words], vectors.of_words(s.words)) for s in sentences]
    )
    return {
        "tagger": chosen.stem,
        **entity_scores(sentences, [[labels[i] for i in one.labels] for one in found]),
    }


def _fitting(sentences: Sequence[Sentence]) -> str:
    kinds = {kind for sentence in sentences for _, _, kind in sentence.spans}
    for path in sorted(PACKAGED.glob("*.npz")):
        model = Labeller(path)
        if model.header["kind"] == "words" and kinds <= {label[2:] for label in model.header["labels"]}:
            return path.stem
    raise UsageError(
        f"No packaged tagger knows all of the kinds {sorted(kinds)}. Train one: python -m kgrag.train.tagger"
        " DATA OUT --help"
    )


def _roles(path: Path) -> dict[str, Any]:
    sentence_roles = load_backend("ingest", "sentence_roles")
    n = right = merged = 0
    for sentences, roles in _labelled(path):
        for (found, _), role in zip(sentence_roles(sentences), roles, strict=True):
            n, right = n + 1, right + (found == role)
            merged += _MERGED.get(found, found) == _MERGED.get(role, role)
    return {
        "sentences": n,
        "accuracy": round(right / max(n, 1), 4),
        "accuracy_background_is_question": round(merged / max(n, 1), 4),
    }


_MERGED = {"background": "question"}
_COMPUTING = {"background": "background", "objective": "question", "method": "method", "result": "result"}


def _labelled(path: Path) -> Iterator[tuple[list[str], list[str]]]:
    """(sentences, roles) of each abstract; sentences whose label is no role are left out."""
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, filter(str.strip, lines)):
            if "sentences" in row:
                pairs = [
                    (s, _COMPUTING[label])
                    for s, label in zip(row["sentences"], row["labels"], strict=True)
                    if label in _COMPUTING
                ]
            else:
                parts = [
                    *zip(row["section_labels"], row["contexts"], strict=True),
                    ("CONCLUSION", row.get("long_answer") or ""),
                ]
                pairs = [
                    (s, role)
                    for name, text in parts
                    if (role := role_of_section(name))
                    for s in split_plainly(text)
                ]
            if pairs:
                yield [s for s, _ in pairs], [r for _, r in pairs]


def entity_scores(gold: Sequence[Sentence], tags: Sequence[Sequence[str]]) -> dict[str, float | int]:
    """Precision, recall and F1 in percent over all entities of all sentences, in one count (micro)."""
    n_gold = n_found = n_right = 0
    for sentence, found in zip(gold, tags, strict=True):
        wanted, got = set(sentence.spans), set(spans_of(found))
        n_gold, n_found, n_right = n_gold + len(wanted), n_found + len(got), n_right + len(wanted & got)
    precision, recall = 100 * n_right / max(n_found, 1), 100 * n_right / max(n_gold, 1)
    return {
        "n": n_gold,
        "precision": round(precision, 2),
        "recall": round(recall, 2),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 2),
    }
