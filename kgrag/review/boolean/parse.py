"""Reads a PubMed query. What PubMed would mend by itself (a bracket never closed, two terms without an
operator) is read as PubMed reads it, and told as a problem.

Knows PubMed's grammar: operators of equal rank from left to right, quotes of any kind, field tags in square
brackets, ``:NoExp``, ``:~N`` and ranges. Source: PubMed Help, National Library of Medicine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kgrag.errors import UsageError
from kgrag.review.boolean.query import Field, Operator, Query, Term, joined

TAGS: dict[str, Field] = {
    "tiab": "title_abstract", "title/abstract": "title_abstract",
    "ti": "title", "title": "title", "ab": "abstract", "abstract": "abstract",
    "mesh": "subject", "mh": "subject", "mesh terms": "subject",
    "majr": "major_subject", "mesh major topic": "major_subject",
    "sh": "subheading", "subheading": "subheading", "mesh subheading": "subheading",
    "ot": "keyword", "other term": "keyword", "tw": "text_word", "text word": "text_word",
    "pt": "publication_type", "publication type": "publication_type",
    "au": "author", "author": "author", "ta": "journal", "journal": "journal",
    "la": "language", "lang": "language", "language": "language",
    "dp": "date", "pdat": "date", "date - publication": "date", "publication date": "date", "edat": "date",
    "nm": "substance", "supplementary concept": "substance", "substance name": "substance",
    "rn": "substance", "pa": "pharmacological_action", "pharmacological action": "pharmacological_action",
    "ad": "affiliation", "affiliation": "affiliation",
    "pmid": "identifier", "uid": "identifier", "all": "all", "all fields": "all",
}  # fmt: skip
_QUOTES = str.maketrans({c: '"' for c in "“”„‟″＂"} | {"‘": "'", "’": "'", "（": "(", "）": ")"})
_TOKEN = re.compile(
    r'\s*(?:(?P<bracket>[()])|"(?P<phrase>[^"]*)"?|\[(?P<tag>[^\]]*)\]?|(?P<word>[^\s()"\[]+))'
)
_OPERATORS = ("AND", "OR", "NOT")
Kind = Literal["open", "close", "phrase", "tag", "word", "operator", "colon"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place of a query, in words; ``fatal`` where it cannot be sent as it is."""

    start: int
    text: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Kind
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query, and what had to be mended on the way."""

    query: Query
    problems: tuple[Problem, ...]


def parse_pubmed(text: str) -> Parsed:
    """Read a query.

    Raises:
        UsageError: it holds no term, or is nested deeper than 100 brackets.
    """
    reader = _Reader(list(_tokens(text.translate(_QUOTES))))
    query = reader.whole()
    if query is None:
        raise UsageError("The query holds no term. Write at least one, as in: malaria[tiab]")
    return Parsed(query, tuple(reader.problems))


def _tokens(text: str) -> Iterator[_Token]:
    end, after_term = 0, False
    text = text.rstrip()
    while end < len(text) and (found := _TOKEN.match(text, end)) is not None:
        kind, start, end = str(found.lastgroup), found.start(found.lastgroup or 0), found.end()
        value = found[kind]
        yield (token := _Token(_kind(kind, value, after_term), value, start))
        after_term = token.kind in ("tag", "phrase", "close")


def _kind(group: str, value: str, after_term: bool) -> Kind:
    """Small ``and`` joins only what is a term already; within words without quotes it is one of them."""
    if group == "bracket":
        return "open" if value == "(" else "close"
    if group == "word" and (value in _OPERATORS or (after_term and value.upper() in _OPERATORS)):
        return "operator"
    if group == "word":
        return "colon" if value == ":" else "word"
    return "phrase" if group == "phrase" else "tag"


class _Reader:
    """A recursive descent over the tokens."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0
        self.problems: list[Problem] = []

    def whole(self) -> Query | None:
        query = self._expression()
        while self._peek("close"):
            self._tell("A closing bracket has no opening one.", fatal=True)
            self.at += 1
            rest = self._expression(query)
            query = rest if rest is not None else query
        return query

    def _expression(self, so_far: Query | None = None) -> Query | None:
        query, operands, operator = so_far, [], None
        if query is not None:
            operands = [query]
        while self.at < len(self.tokens) and not self._peek("close"):
            told = self._operator(bool(operands))
            operand = self._operand()
            if operand is None:
                continue
            if operands and told != operator and operator is not None:
                operands = [joined(operator, operands)]
            if operands:
                operator = told
            operands.append(operand)
        if not operands:
            return None
        return joined(operator, operands) if operator else operands[0]

    def _operator(self, needed: bool) -> Operator:
        """The operator here; where two terms have none between them, AND."""
        found: Operator | None = None
        while self._peek("operator"):
            if found is not None or not needed:
                self._tell(f"The operator {self.tokens[self.at].text} has no term before it.", fatal=True)
            found = _operator(self.tokens[self.at].text)
            self.at += 1
        if found is not None and (self.at == len(self.tokens) or self._peek("close")):
            self._tell(f"The operator {found} has no term after it.", fatal=True)
        if found is None and needed and self.at < len(self.tokens) and not self._peek("close"):
            self._tell("Two terms have no operator between them; PubMed reads AND.")
        return found or "AND"

    def _operand(self) -> Query | None:
        if not self._peek("open"):
            return self._term()
        opened = self.tokens[self.at].start
        self.at, self.depth = self.at + 1, self.depth + 1
        if self.depth > 100:
            raise UsageError("The query is nested deeper than 100 brackets.")
        inner = self._expression()
        if self._peek("close"):
            self.at += 1
        else:
            self.problems.append(Problem(opened, "An opening bracket is never closed.", True))
        self.depth -= 1
        if inner is None:
            self.problems.append(Problem(opened, "These brackets hold no term.", True))
        return inner

    def _term(self) -> Term | None:
        if self._peek("tag"):
            self._tell(f"The field [{self.tokens[self.at].text}] has no term before it.", fatal=True)
            self.at += 1
            return None
        if self._peek("operator", "close") or self.at >= len(self.tokens):
            return None
        text, exact = self._text()
        field, options = self._field()
        until = None
        if self._peek("colon"):
            self.at += 1
            until = self._text()[0] if self._peek("phrase", "word") else ""
            field = self._field()[0]
        elif field == "date" and not exact and ":" in text:
            text, until = text.split(":", 1)
        near = int(options[1:]) if options.startswith("~") and options[1:].isdigit() else None
        return Term(text, field, exact, options != "noexp", near, until)

    def _text(self) -> tuple[str, bool]:
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "phrase":
            if not token.text.strip():
                self.problems.append(Problem(token.start, "These quotes hold no word.", True))
            return " ".join(token.text.split()), True
        words = [token.text]
        while self._peek("word"):
            words.append(self.tokens[self.at].text)
            self.at += 1
        return " ".join(words), False

    def _field(self) -> tuple[Field, str]:
        """The field of the term before, ``all`` where it has none, and what follows the colon of its tag."""
        if not self._peek("tag"):
            return "all", ""
        token = self.tokens[self.at]
        self.at += 1
        name, _, options = token.text.strip().lower().partition(":")
        field = TAGS.get(name.strip())
        if field is None:
            self.problems.append(
                Problem(token.start, f"PubMed has no field [{token.text}]; all fields are read.", True)
            )
        return field or "all", options.strip()

    def _peek(self, *kinds: Kind) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].kind in kinds

    def _tell(self, text: str, *, fatal: bool = False) -> None:
        place = self.tokens[min(self.at, len(self.tokens) - 1)].start
        self.problems.append(Problem(place, text, fatal))


def _operator(word: str) -> Operator:
    upper = word.upper()
    return "AND" if upper == "AND" else "OR" if upper == "OR" else "NOT"
