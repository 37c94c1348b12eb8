"""Says in words what is wrong with a search strategy, before a database answers with silence.

Knows the tree and what reading it had to mend; no database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from kgrag.review.boolean.parse import Parsed, parse_pubmed
from kgrag.review.boolean.printers import print_query
from kgrag.review.boolean.query import Group, Query, terms_of

SHORTEST_STEM = 4


class Checked(TypedDict):
    """The object of ``kgrag query check --json``."""

    ok: bool
    problems: list[str]
    printed: str


def check(text: str, database: str) -> Checked:
    """What is wrong with a strategy in PubMed's grammar, and the strategy for a database.

    Returns:
        ``ok``: whether a database takes it as it stands; ``problems`` in words, those that mend themselves
        too; ``printed``: with every mend made.

    Raises:
        UsageError: it holds no term, or there is no such database.
    """
    parsed = parse_pubmed(text)
    printed = print_query(parsed.query, database)
    lost = [f"{database} cannot say: {what}; it is left out." for what in printed.lost]
    return {
        "ok": not any(problem.fatal for problem in parsed.problems),
        "problems": [*_mended(parsed), *_doubtful(parsed.query), *lost],
        "printed": printed.text,
    }


def _mended(parsed: Parsed) -> Iterator[str]:
    for problem in parsed.problems:
        yield f"At character {problem.start + 1}: {problem.text}"


def _doubtful(query: Query) -> Iterator[str]:
    """What is right by the grammar and seldom meant."""
    for term in dict.fromkeys(terms_of(query)):
        if term.text.endswith("*") and len(term.text) <= SHORTEST_STEM:
            yield f"'{term.text}' stands for very many words; give it {SHORTEST_STEM} letters at least."
        if "*" in term.text[:-1]:
            yield f"'{term.text}': a * counts only at the end of a word."
    for group in _groups(query):
        again = [term.text for term in dict.fromkeys(group.operands) if group.operands.count(term) > 1
                 if not isinstance(term, Group)]  # fmt: skip
        yield from (f"'{text}' stands twice in one block." for text in again)


def _groups(query: Query) -> Iterator[Group]:
    if isinstance(query, Group):
        yield query
        for operand in query.operands:
            yield from _groups(operand)
