"""Figures of extraction: strict entity F1 on tagged text.

Knows CoNLL columns (word first, tag last; IOB1 or IOB2, as conlleval reads them) and JSON lines with ``text`` and
``mention_data``. An entity counts when its first word, last word and kind are right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from kgrag.errors import UsageError
from kgrag.models.tags import TaggedSpan, spans_of

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
    """JSON lines of a text with ``mention_data`` (mention, type, offset): each character that is no space is a word."""
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
        inside = tuple((number[a], number[b - 1] + 1, kind) for a, b, kind in spans if a in number and b - 1 in number)
        yield Sentence(tuple(text[place] for place in places), inside)


def _apart(spans: Sequence[TaggedSpan]) -> Iterator[TaggedSpan]:
    """Of spans that touch, the first and longest."""
    end = 0
    for span in sorted(spans, key=lambda s: (s[0], -s[1])):
        if span[0] >= end:
            end = span[1]
            yield span


def entity_scores(gold: Sequence[Sentence], tags: Sequence[Sequence[str]]) -> dict[str, float | int]:
    """Precision, recall and F1 in percent over all entities of all sentences, in one count (micro)."""
    n_gold = n_found = n_right = 0
    for sentence, found in zip(gold, tags, strict=True):
        wanted, got = set(sentence.spans), set(spans_of(found))
        n_gold, n_found, n_right = n_gold + len(wanted), n_found + len(got), n_right + len(wanted & got)
    precision, recall = 100 * n_right / max(n_found, 1), 100 * n_right / max(n_gold, 1)
    return {"n": n_gold, "precision": round(precision, 2), "recall": round(recall, 2),
            "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 2)}
