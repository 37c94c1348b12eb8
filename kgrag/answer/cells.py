"""Chooses the rows of tables that hold what a question asks for: the row it names, under the column it names.

Knows the lines in which tables are kept (``column head: cell; …``, the row's own head first) and their
captions. A row is evidence only where all of it fits: it is quoted whole, with its heads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kgrag.language.wanted import holds
from kgrag.language.wordlists import word_list
from kgrag.language.words import FUNCTION_WORDS, content_words, has_han, short_stem
from kgrag.types import Document, Evidence, Passage, QuestionForm, Sentence, Understood

SEPARATOR, BEHIND_HEAD = "; ", ": "
ANY_KIND = ("fact", "list")
"""Kinds of questions that a row answers though they do not ask how many."""
MAX_ROWS = 3
"""Rows that fit equally well, at most; where more do, the question has named none of them."""
MOST_OF_IT = 0.6
"""Share of the question's words that stand in the row, its heads, its caption or the title."""
OPENING = 2_000
"""Letters from the beginning of a document that say what it is about."""
_NOTHING = word_list("nothing", __file__)
_BESIDE = FUNCTION_WORDS | word_list("beside", __file__)
_DENIED = re.compile(r"\b(?:no|without|zero)\s+(\w+)|(?:无|没有|未)(\w{2})", re.I)
_BRACKETS = re.compile(r"[(\[（].*?[)\]）]")
_FIGURE = re.compile(r"\d")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row: what names it (its first cell, a group's head, other words), and its figures by column head."""

    names: tuple[tuple[str, str], ...]
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question: its stems, those of its names, its numbers, and what it says there is none of."""

    text: str
    stems: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    denied: frozenset[str]


def rows_asked_for(
    question: Understood, tables: Iterable[tuple[Passage, Document]], taken: Sequence[Evidence] = ()
) -> list[Evidence]:
    """The rows that answer a question for a figure, or one whose every word a row's heads and caption hold.

    Args:
        question: as understood.
        tables: passages of the kind *table*, with their documents; the likeliest document first.
        taken: evidence chosen so far; a row scores above it.

    Returns:
        At most ``MAX_ROWS`` rows of one document, those that hold most of the question first; none where the
        question wants no figure, or names no row.
    """
    form = question.form
    if form.wanted not in ("number", "share") and (form.verdict or form.wanted or form.kind not in ANY_KIND):
        return []
    asked = _asked(question.text)
    found: list[tuple[float, Passage, Document, Sentence]] = []
    for passage, document in tables:
        for sentence in passage.sentences:
            row = _row(passage.text[sentence.start : sentence.end])
            if fit := _fit(question.form, asked, row, passage, document):
                found.append((fit, passage, document, sentence))
    best = max((fit for fit, *_ in found), default=0.0)
    rows = [item for item in found if item[0] == best]
    rows = [item for item in rows if item[2].id == rows[0][2].id]
    if len(rows) > MAX_ROWS:
        return []
    score = max((item.score for item in taken), default=0.5)
    return [
        Evidence(passage, document, sentence.start, sentence.end, score, "result", 1.0)
        for _, passage, document, sentence in rows
    ]


def _row(line: str) -> _Row:
    parts = [_parted(part) for part in line.split(SEPARATOR)]
    names = [part for n, part in enumerate(parts) if n == 0 or not _FIGURE.search(part[1])]
    return _Row(tuple(names), tuple(part for part in parts if part not in names))


def _parted(part: str) -> tuple[str, str]:
    head, behind, cell = part.partition(BEHIND_HEAD)
    return (head, cell) if behind else ("", part)


def _asked(text: str) -> _Asked:
    names = " ".join(word for word in text.split()[1:] if any(c.isupper() or c.isdigit() for c in word))
    denied = [word for match in _DENIED.finditer(text) for word in match.groups() if word]
    return _Asked(
        text,
        frozenset(_stems(text)),
        frozenset(_stems(names)),
        frozenset(_NUMBER.findall(text)),
        frozenset(stem for word in denied for stem in _stems(word)),
    )


def _stems(text: str) -> set[str]:
    return {short_stem(word) for word in content_words(text) if word not in _BESIDE}


def _fit(form: QuestionForm, asked: _Asked, row: _Row, passage: Passage, document: Document) -> float:
    """How much of the question a row holds with its heads and its caption; 0 where it is not the row asked
    for.
    """
    named = [part for part in row.names if _is_named(part, asked)]
    if not row.values or not named:
        return 0.0
    own = {stem for head, cell in named for stem in _stems(f"{head} {cell}")}
    column = max(len((_stems(head) & asked.stems) - own) for head, _ in row.values)
    under = [value for value in row.values if len((_stems(value[0]) & asked.stems) - own) == column]
    if not any(holds(form.wanted, cell) for _, cell in under):
        return 0.0
    heads = " ".join(head for head, _ in (*row.names, *row.values))
    caption = " ".join((*passage.section[-1:], document.record.title or ""))
    around = _stems(f"{heads} {caption}") | own
    left = asked.stems - around - asked.denied
    if form.wanted is None and (left or not column):
        return 0.0
    if left & (_stems(form.counted) | asked.names) or left - _stems(document.text[:OPENING]):
        return 0.0
    if not asked.numbers <= set(_NUMBER.findall(f"{heads} {caption} {' '.join(c for _, c in named)}")):
        return 0.0
    if len(left) > (1 - MOST_OF_IT) * len(asked.stems):
        return 0.0
    return len(asked.stems & around) + len(own) / (1 + len(own)) + column


def _is_named(part: tuple[str, str], asked: _Asked) -> bool:
    """Whether the question names a row by a cell: all its words, or *no grazing* where the cell is *none*."""
    head, cell = part
    bare = _BRACKETS.sub(" ", cell).strip()
    if bare.lower() in _NOTHING:
        return bool(_stems(head) & asked.denied)
    if has_han(bare):
        return bare in asked.text
    stems = _stems(bare)
    return bool(stems) and stems <= asked.stems
