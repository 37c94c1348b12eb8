"""Proposes relations between nouns that stand near each other in the tree and whose kinds go together: a
disease and the patients named beside it, tissues and what is found in them.

Knows kinds by what ``ingest.statements.predicates`` says of them. These are guesses, too unsure to be
statements; they are proposed last, where no word states a relation between the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from ingest.concepts.phrases import noun_phrases
from ingest.statements.meant import Relation

NEAR = 5
"""Steps between two nouns in the tree."""
MOST_NOUNS = 24


def nearby(doc: Any) -> Iterator[Relation]:
    """Pairs of heads of noun phrases that are near in the tree, in the order of the text."""
    heads = [doc[phrase.head] for phrase in noun_phrases(doc)][:MOST_NOUNS]
    for one, other in combinations(heads, 2):
        if 0 < _steps(one, other) <= NEAR:
            yield Relation(one, other, other, ("nearby",), "nearby")


def _steps(one: Any, other: Any) -> int:
    """Steps from one token to another through the tree; 0 where they are in two trees."""
    above = {token.i: number for number, token in enumerate((one, *one.ancestors))}
    for number, token in enumerate((other, *other.ancestors)):
        if token.i in above:
            return above[token.i] + number
    return 0
