"""A Boolean query as a tree of frozen values, the same for every database.

Knows terms, operators and what a field means; no database's way of writing them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Field = Literal[
    "title_abstract", "title", "abstract", "subject", "major_subject", "subheading", "keyword", "text_word",
    "publication_type", "author", "journal", "language", "date", "substance", "pharmacological_action",
    "affiliation", "identifier", "all",
]  # fmt: skip
"""Where a term is looked for: ``subject`` are headings of a controlled vocabulary (MeSH), ``text_word``
title, abstract and headings together.
"""
Operator = Literal["AND", "OR", "NOT"]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase in a field.

    ``exact`` phrases are quoted; a final ``*`` in the text stands for any ending; ``narrower`` headings take
    those below with them; ``near`` is the most words between the words of the phrase; ``until`` ends a range
    that the text begins.
    """

    text: str
    field: Field = "all"
    exact: bool = False
    narrower: bool = True
    near: int | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Operands under one operator; of NOT the first without all the others."""

    operator: Operator
    operands: tuple[Query, ...]


Query = Term | Group


def joined(operator: Operator, operands: Sequence[Query]) -> Query:
    """Operands under an operator; one alone is itself, and a first operand of the same operator is taken
    apart, since ``(a OR b) OR c`` is ``a OR b OR c``.
    """
    if len(operands) == 1:
        return operands[0]
    first = operands[0]
    if isinstance(first, Group) and first.operator == operator:
        return Group(operator, (*first.operands, *operands[1:]))
    return Group(operator, tuple(operands))


def terms_of(query: Query) -> Iterator[Term]:
    """All terms, from left to right."""
    if isinstance(query, Term):
        yield query
        return
    for operand in query.operands:
        yield from terms_of(operand)


def blocks_of(query: Query) -> tuple[Query, ...]:
    """The concept blocks: the operands of a topmost AND, or the query alone."""
    return query.operands if isinstance(query, Group) and query.operator == "AND" else (query,)
