"""Finds the records that a Boolean query holds of, from their own words.

Knows titles, abstracts, keywords and headings; sets of records are the bits of one integer, so that operators
cost nothing. A heading is looked for among a record's headings; where the set has no headings at all, among
the words of title, abstract and keywords. Fields that records here do not have (affiliation, subheading …)
hold of none, and ``unknown_fields`` names them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_

import numpy as np
from numpy.typing import NDArray

from kgrag.language.words import words
from kgrag.review.boolean.query import Field, Query, Term, terms_of

Rows = int
"""A set of records: bit *i* stands for record *i*."""


@dataclass(frozen=True, slots=True)
class SearchedRecord:
    """What of a record a query is asked of."""

    id: str
    title: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    journal: str = ""
    language: str = ""
    year: int | None = None


@dataclass(slots=True)
class _Text:
    """The words of one field of all records, forwards and backwards."""

    padded: list[str]
    rows_of: dict[str, Rows]
    vocabulary: list[str] = field(default_factory=list)

    def holding(self, text: str) -> Rows:
        """Records whose field has these words in a row; a word that ends in ``*`` takes any ending."""
        wanted = [(word + "*" if cut else word) for word, cut in _pieces(text)]
        if not wanted:
            return 0
        each = reduce(and_, (self._with_word(word) for word in wanted))
        if len(wanted) == 1 or not each:
            return each
        return _bits(row for row in rows_in(each) if _in_a_row(self.padded[row].split(), wanted))

    def near(self, text: str, most: int) -> Rows:
        """Records whose field has all the words within ``most`` words between the first and the last."""
        wanted = [(word + "*" if cut else word) for word, cut in _pieces(text)]
        each = reduce(and_, (self._with_word(word) for word in wanted), -1) if wanted else 0
        return _bits(row for row in rows_in(each) if _close(self.padded[row].split(), wanted, most))

    def _with_word(self, word: str) -> Rows:
        if not word.endswith("*"):
            return self.rows_of.get(word, 0)
        stem, found = word[:-1], 0
        for known in self.vocabulary[bisect_left(self.vocabulary, stem) :]:
            if not known.startswith(stem):
                break
            found |= self.rows_of[known]
        return found


class Searcher:
    """Records made ready for queries.

    Args:
        records: in the order of the bits.
        narrower: heading in lower case → the headings below it, in lower case.
    """

    def __init__(
        self, records: Sequence[SearchedRecord], narrower: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.records, self.everything = records, (1 << len(records)) - 1
        self._narrower = narrower or {}
        self._title = _read([r.title for r in records])
        self._abstract = _read([r.abstract for r in records])
        self._keywords = _read(["\n".join(r.keywords) for r in records])
        self._headings = _labels([r.headings for r in records])
        self._plain: dict[Field, Callable[[Term], Rows]] = {
            "title": lambda term: self._words(term, self._title),
            "abstract": lambda term: self._words(term, self._abstract),
            "keyword": lambda term: self._words(term, self._keywords),
            "title_abstract": lambda term: self._words(term, self._title, self._abstract, self._keywords),
            "subject": self._subject,
            "major_subject": self._subject,
            "substance": self._subject,
            "text_word": self._anywhere,
            "all": self._anywhere,
            "date": self._dated,
            "language": lambda term: self._labelled(term, [(r.language,) for r in self.records]),
            "publication_type": lambda term: self._labelled(term, [r.kinds for r in self.records]),
            "author": lambda term: self._words(term, _read(["\n".join(r.authors) for r in self.records])),
            "journal": lambda term: self._words(term, _read([r.journal for r in self.records])),
            "identifier": lambda term: self._labelled(term, [(r.id,) for r in self.records]),
        }

    def find(self, query: Query) -> Rows:
        """The records that a query holds of."""
        if isinstance(query, Term):
            found = self._plain.get(query.field)
            return found(query) if found else 0
        each = [self.find(operand) for operand in query.operands]
        if query.operator == "NOT":
            return each[0] & ~reduce(or_, each[1:])
        return reduce(and_ if query.operator == "AND" else or_, each)

    def count(self, query: Query) -> int:
        """How many records a query holds of."""
        return self.find(query).bit_count()

    def unknown_fields(self, query: Query) -> tuple[str, ...]:
        """Fields of a query that no record here has, in the order they come."""
        return tuple(dict.fromkeys(t.field for t in terms_of(query) if t.field not in self._plain))

    def _words(self, term: Term, *texts: _Text) -> Rows:
        if term.near is not None:
            return reduce(or_, (text.near(term.text, term.near) for text in texts))
        return reduce(or_, (text.holding(term.text) for text in texts))

    def _subject(self, term: Term) -> Rows:
        if not self._headings:
            return self._words(term, self._title, self._abstract, self._keywords)
        names, found = [term.text.casefold()], 0
        seen = set(names)
        while names:
            found |= self._headings.get(name := names.pop(), 0)
            below = [n for n in self._narrower.get(name, ()) if term.narrower and n not in seen]
            seen.update(below)
            names.extend(below)
        return found

    def _anywhere(self, term: Term) -> Rows:
        found = self._words(term, self._title, self._abstract, self._keywords)
        return found | self._subject(Term(term.text, "subject")) if self._headings else found

    def _dated(self, term: Term) -> Rows:
        first = _year(term.text)
        last = first if term.until is None else _year(term.until) or 9999
        return _bits(
            row for row, r in enumerate(self.records) if r.year and (first or 0) <= r.year <= (last or 9999)
        )

    def _labelled(self, term: Term, labels: Sequence[Sequence[str]]) -> Rows:
        return _labels(labels).get(term.text.casefold(), 0)


def rows_in(rows: Rows) -> Iterator[int]:
    """The numbers of the records in a set, ascending."""
    while rows:
        lowest = rows & -rows
        yield lowest.bit_length() - 1
        rows ^= lowest


def as_array(rows: Rows, size: int) -> NDArray[np.bool_]:
    """A set of records as an array with a place a record."""
    packed = np.frombuffer(rows.to_bytes((size + 7) // 8, "little"), dtype=np.uint8)
    return np.unpackbits(packed, bitorder="little", count=size).astype(bool)


def _bits(rows: Iterator[int]) -> Rows:
    found = 0
    for row in rows:
        found |= 1 << row
    return found


def _read(texts: Sequence[str]) -> _Text:
    rows_of: dict[str, bytearray] = {}
    padded, width = [], (len(texts) + 7) // 8
    for row, text in enumerate(texts):
        cut = words(text)
        padded.append(" ".join(cut))
        for word in set(cut):
            rows_of.setdefault(word, bytearray(width))[row >> 3] |= 1 << (row & 7)
    as_rows = {word: int.from_bytes(bits, "little") for word, bits in rows_of.items()}
    return _Text(padded, as_rows, sorted(as_rows))


def _labels(labels: Sequence[Sequence[str]]) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for row, names in enumerate(labels):
        for name in names:
            found[name.casefold()] = found.get(name.casefold(), 0) | 1 << row
    return found


def _pieces(text: str) -> list[tuple[str, bool]]:
    """The words of a term, and whether each is cut short by a ``*``."""
    pieces = []
    for part in text.split():
        cut = words(part)
        pieces += [(word, part.endswith("*") and word == cut[-1]) for word in cut]
    return pieces


def _is(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def _in_a_row(text: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(
        all(_is(text[at + i], word) for i, word in enumerate(wanted))
        for at in range(len(text) - len(wanted) + 1)
        if _is(text[at], wanted[0])
    )


def _close(text: Sequence[str], wanted: Sequence[str], most: int) -> bool:
    span = len(wanted) + most
    return any(
        all(any(_is(word, one) for word in text[at : at + span]) for one in wanted)
        for at in range(len(text))
        if any(_is(text[at], one) for one in wanted)
    )


def _year(text: str) -> int | None:
    return int(text[:4]) if text[:4].isdigit() else None
