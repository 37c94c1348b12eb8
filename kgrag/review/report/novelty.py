"""Prepares a novelty search (科技查新): points of novelty from a text, a strategy for each, the nearest
documents, and what of each point they say.

Knows the library through a desk's acts that are given to it. A document *discloses* a point where the
verifier finds it supported by one of its quotes; *partly* where a quote has half of the point's words, with
the words that are missing as the difference. It never concludes: that field is a person's. The order of the
draft is GB/T 32003's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Any, TypedDict

from kgrag.errors import UsageError
from kgrag.language.sentences import split_sentences
from kgrag.language.words import (
    FUNCTION_WORDS,
    content_words,
    content_words_unstemmed,
    has_han,
    word_stem,
)
from kgrag.render.templates import Templates
from kgrag.review.boolean.printers import print_query
from kgrag.review.boolean.query import Query, Term, joined
from kgrag.types import Hit

MOST_POINTS, NEAREST, SHARE = 10, 5, 0.5
N_WORDS, LONG = 4, 7
DATABASES = ("pubmed", "wos", "cnki", "wanfang")
_TEMPLATES = Templates("kgrag.review.report")


class Cell(TypedDict):
    """What a document says of a point: disclosed, partly or not_seen; quote and page of the nearest words,
    and the point's words that they lack.
    """

    document: str
    title: str
    year: int | None
    label: str
    quote: str | None
    page: int | None
    difference: list[str]


class Point(TypedDict):
    """A point of novelty, its strategies by database, and a cell for each of the nearest documents."""

    text: str
    strategies: dict[str, str]
    cells: list[Cell]


class Novelty(TypedDict):
    """The object of ``kgrag review novelty --json``; ``conclusion`` is for a person to write."""

    title: str
    text: str
    points: list[Point]
    conclusion: None


@dataclass(frozen=True, slots=True)
class Acts:
    """What a desk does for it: passages for words, claims checked, records counted that a query finds."""

    search: Callable[[str], Sequence[Hit]]
    check: Callable[[str], list[dict[str, Any]]]
    count: Callable[[Query], int]


@cache
def cues() -> dict[str, Mapping[str, str]]:
    """The patterns by which a sentence claims something new, with example and counter-example."""
    text = files("kgrag.review.report").joinpath("data", "novelty.toml").read_text("utf-8")
    return dict(tomllib.loads(text))


def points_of(text: str) -> list[str]:
    """The sentences of a text that claim something new, at most ``MOST_POINTS``; for people to edit."""
    patterns = [re.compile(row["pattern"]) for row in cues().values()]
    sentences = [text[start:end].strip() for start, end in split_sentences(text)]
    return [one for one in sentences if any(p.search(one) for p in patterns)][:MOST_POINTS]


def novelty_of(text: str, acts: Acts, points: Sequence[str] = (), title: str = "") -> Novelty:
    """The draft.

    Args:
        text: what is claimed to be new.
        acts: of the desk.
        points: as people edited them; none: those that the text itself tells.
        title: of the project; none: the text's first line.

    Raises:
        UsageError: the text tells no point and none is given, or there are too many.
    """
    chosen = [one.strip() for one in points if one.strip()] or points_of(text)
    if not chosen or len(chosen) > MOST_POINTS:
        raise UsageError(
            f"A novelty search needs 1 to {MOST_POINTS} points of novelty ({len(chosen)} were found). Write"
            " them, one a line, into a file and give it by --points."
        )
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    made = [_point(one, acts) for one in chosen]
    return {"title": title or first[:200], "text": text.strip(), "points": made, "conclusion": None}


def _point(text: str, acts: Acts) -> Point:
    nearest: dict[str, list[Hit]] = {}
    for hit in acts.search(text):
        if hit.document.id in nearest or len(nearest) < NEAREST:
            nearest.setdefault(hit.document.id, []).append(hit)
    supported = {
        each["nearest"]["document_id"]: each["nearest"]
        for each in acts.check(text)
        if each["label"] == "supported" and each["nearest"]
    }
    cells = [_cell(text, hits, supported.get(document)) for document, hits in nearest.items()]
    query = strategy(text, acts.count)
    order = ("disclosed", "partly", "not_seen")
    cells.sort(key=lambda cell: (order.index(cell["label"]), len(cell["difference"])))
    return {
        "text": text,
        "strategies": {name: print_query(query, name).text for name in DATABASES},
        "cells": cells,
    }


def strategy(point: str, count: Callable[[Query], int]) -> Query:
    """Any two of the words of a point that fewest records of the library have: wide enough to meet what is
    near, and narrow enough to be read.
    """
    terms = []
    for word in dict.fromkeys(content_words_unstemmed(_bare(point))):
        cut = word if has_han(word) or len(word) < LONG else word_stem(word) + "*"
        if len(word) > 2 or has_han(word):
            terms.append(Term(cut, "title_abstract"))
    rarest = sorted(terms, key=count)[:N_WORDS]  # stable: ties in the order of the point
    pairs = [joined("AND", pair) for pair in combinations(rarest, 2)]
    return joined("OR", pairs or rarest)


def _bare(point: str) -> str:
    """A point without the words that only claim it."""
    for row in cues().values():
        point = re.sub(row["pattern"], " ", point)
    return point


def _cell(point: str, hits: Sequence[Hit], supported: Mapping[str, Any] | None) -> Cell:
    wanted = dict.fromkeys(word for word in content_words(_bare(point)) if word not in FUNCTION_WORDS)
    best, share, page = "", -1.0, None
    for hit in hits:
        for sentence in hit.passage.sentences:
            quote = hit.passage.text[sentence.start : sentence.end]
            held = len(wanted.keys() & set(content_words(quote))) / max(len(wanted), 1)
            if held > share:
                best, share, page = quote, held, hit.passage.page
    if supported is not None:
        best = supported["quote"]
    label = "disclosed" if supported is not None else "partly" if share >= SHARE else "not_seen"
    document = hits[0].document
    said = set(content_words(best))
    return {
        "document": document.id,
        "title": document.title or document.id,
        "year": document.record.year,
        "label": label,
        "quote": best or None,
        "page": page,
        "difference": [] if label == "disclosed" else [word for word in wanted if word not in said],
    }


def as_html(made: Novelty) -> str:
    """The draft in the order of GB/T 32003, with empty fields for people; in Chinese with English beside."""
    return str(_TEMPLATES.page("novelty.html", made=made))
