"""Finds what a paper says for a column: the sentence that says it best, and the words of its value.

Knows ``data/columns.toml`` and sentences with their sections. A column that is none of the library's is an
own question: the sentence that shares most of its words. What no sentence says is *not stated*.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kgrag.language.facts import numbers
from kgrag.language.words import content_words

ASKED_SHARE = 0.5
"""Share of an own question's words that a sentence must have to answer it."""
LEAST = 0.25
"""A sentence that speaks less for itself is no answer: better *not stated* than a number of others."""
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a paper: its words, where it stands, and how far from the beginning (0 to 1)."""

    text: str
    start: int
    end: int
    section: str
    kind: str
    page: int | None
    place: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with the sentence that says it; ``said`` is None where it is not stated."""

    value: str
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """What a column looks for, compiled."""

    name: str
    value: re.Pattern[str]
    cues: tuple[re.Pattern[str], ...]
    must: tuple[re.Pattern[str], ...]
    against: tuple[re.Pattern[str], ...]
    sections: tuple[str, ...]
    example: str
    counter: str


@cache
def library() -> dict[str, Column]:
    """The columns there are, by name."""
    text = files("kgrag.review.table").joinpath("data", "columns.toml").read_text("utf-8")
    return {name: _column(name, row) for name, row in tomllib.loads(text).items()}


def _column(name: str, row: dict[str, object]) -> Column:
    def compiled(key: str) -> tuple[re.Pattern[str], ...]:
        listed = row.get(key, [])
        assert isinstance(listed, list)
        return tuple(re.compile(one, re.IGNORECASE) for one in listed)

    sections = row["sections"]
    assert isinstance(sections, list)
    return Column(
        name,
        re.compile(str(row["value"])),
        compiled("cues"),
        compiled("must"),
        compiled("against"),
        tuple(sections),
        str(row["example"]),
        str(row["counter"]),
    )


def cell_of(name: str, sentences: Sequence[Said]) -> Cell:
    """What the sentences of a paper say for a column, or an own question."""
    column = library().get(name)
    if column is None:
        return _asked(name, sentences)
    best: tuple[float, Said, str] | None = None
    for said in sentences:
        value = value_in(column, said.text)
        worth = _worth(column, said) if value else 0.0
        if value and worth > LEAST and (best is None or worth > best[0]):
            best = (worth, said, value)
    return Cell(NOT_STATED) if best is None else Cell(best[2], best[1])


def value_in(column: Column, text: str) -> str:
    """The words of a sentence that are a column's value; empty where there are none."""
    if column.must and not any(cue.search(text) for cue in column.must):
        return ""
    if column.name == "n":
        return _people(column, text)
    for found in column.value.finditer(text):
        groups = [value for value in found.groupdict().values() if value]
        return " ".join((groups[0] if groups else found.group()).split()).strip(" ,;(")
    return ""


def _people(column: Column, text: str) -> str:
    """The first number of people that a sentence counts by a word for them; else the largest *n =*."""
    found = list(column.value.finditer(text))
    named = [number for one in found if (number := _number(one["w"] or one["z"] or ""))]
    bare = [number for one in found if (number := _number(one["v"] or ""))]
    return str(named[0]) if named else str(max(bare)) if bare else ""


def _number(words: str) -> int | None:
    """A number of people, written in figures or words; one alone is no sample."""
    figures = words.replace(",", "").replace(" ", "")
    if figures.isdigit():
        return int(figures) if int(figures) > 1 else None
    total, part = 0, 0
    for word in re.findall(r"[a-z]+", words.lower()):
        held = [int(value) for value in numbers(word)] if word != "and" else []
        if word == "hundred":
            part = max(part, 1) * 100
        elif word == "thousand":
            total, part = total + max(part, 1) * 1000, 0
        elif held:
            part += held[0]
    return total + part if total + part > 1 else None


def _worth(column: Column, said: Said) -> float:
    """How likely a sentence is the one that says it: cues, section, the abstract, early before late."""
    cues = sum(bool(cue.search(said.text)) for cue in column.cues)
    against = sum(bool(cue.search(said.text)) for cue in column.against)
    section = f"{said.section} {said.kind}".casefold()
    named = next((1 - i / 10 for i, name in enumerate(column.sections) if name in section), 0.0)
    apart = 2 * (said.kind in ("caption", "table") and column.name in ("n", "design", "setting"))
    return min(cues, 3) + named - 1.5 * against - 0.5 * said.place - apart


def _asked(question: str, sentences: Sequence[Said]) -> Cell:
    wanted = set(content_words(question.replace("_", " ")))
    if not wanted:
        return Cell(NOT_STATED)
    shares = [len(wanted & set(content_words(said.text))) / len(wanted) for said in sentences]
    best = max(range(len(sentences)), key=lambda i: (shares[i], -i), default=None)
    if best is None or shares[best] < ASKED_SHARE:
        return Cell(NOT_STATED)
    return Cell(sentences[best].text, sentences[best])
