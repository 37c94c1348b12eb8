"""Statements of different documents that contradict each other, and only where their contexts can be
compared.

Knows which predicates exclude each other, and what makes two contexts comparable: the people (or animals) and
the condition that the sentences name. What is asked, doubted or told of others contradicts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from kgrag.catalogue import Catalogue
from kgrag.holdings.knowledge.statements import Said, statements
from kgrag.language.phrase_keys import phrase_key
from kgrag.language.predicates import SYMMETRIC
from kgrag.types import Filters

MIN_SCORE, MANY = 0.6, 200
"""Statements of a pair of concepts that are compared at most: the surest."""
_DOWN = frozenset(("decreases", "prevents", "treats"))
_UP = frozenset(("increases", "causes", "predisposes"))
_ARTICLE = re.compile(r"\b(?:the|an?|our|these|those|all)\s+", re.I)
_ANY_LINK = frozenset(("affects", "associated_with"))
_ORDERED = frozenset(("better_than", "higher_than"))


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two statements that cannot both hold; ``why``: *polarity*, *direction* or *order*."""

    one: Said
    other: Said
    why: str


def conflicts(
    catalogue: Catalogue, concept: str | None = None, filters: Filters = Filters()
) -> list[Conflict]:
    """The conflicts among all statements, or those about one concept; the surest first, one for each pair of
    documents and concepts.
    """
    return conflicts_among(statements(catalogue, None, concept, filters))


def conflicts_among(found: Iterable[Said]) -> list[Conflict]:
    """As ``conflicts``, among the statements given."""
    by_pair: dict[frozenset[str], list[Said]] = {}
    for said in found:
        if said.modality == "asserted" and said.score >= MIN_SCORE:
            by_pair.setdefault(frozenset((said.subject.id, said.object.id)), []).append(said)
    pairs = (conflict for same in by_pair.values() for conflict in _between(same))
    best: dict[tuple[str, ...], Conflict] = {}
    for conflict in sorted(pairs, key=lambda c: (-min(c.one.score, c.other.score), c.one.id, c.other.id)):
        one, other = conflict.one, conflict.other
        ends = sorted((one.subject.id, one.object.id))
        best.setdefault((*sorted((one.document_id, other.document_id)), *ends), conflict)
    return list(best.values())


def _between(same: Sequence[Said]) -> Iterator[Conflict]:
    surest = sorted(same, key=lambda said: (-said.score, said.id))[:MANY]
    for one, other in combinations(surest, 2):
        if one.document_id != other.document_id and comparable(one.context, other.context):
            why = excludes(one, other)
            if why is not None:
                yield Conflict(one, other, why)


def excludes(one: Said, other: Said) -> str | None:
    """Why two statements between the same concepts cannot both hold; None where they can."""
    turned = one.subject.id != other.subject.id
    if turned and not {one.predicate, other.predicate} & SYMMETRIC:
        both = one.predicate == other.predicate and one.polarity == other.polarity == "positive"
        return "order" if both and one.predicate in _ORDERED else None
    if one.polarity != other.polarity:
        return "polarity" if one.predicate == other.predicate or _alike(one, other) else None
    if one.polarity == "positive" and _opposed(one.predicate, other.predicate):
        return "direction"
    return None


def comparable(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether two contexts can be compared: what both name must be the same."""
    return all(
        name not in one or name not in other or _same(one[name], other[name])
        for name in ("population", "condition")
    )


def _same(one: str, other: str) -> bool:
    """Whether two phrases name the same: *patients* and *the patients* do, *adults* and *older adults* do
    not.
    """
    return phrase_key(_ARTICLE.sub("", one)) == phrase_key(_ARTICLE.sub("", other))


def _alike(one: Said, other: Said) -> bool:
    """Whether both go the same way, *prevents* and *does not decrease*, or what is denied is any effect or
    link at all: *reduces* and *has no effect on*.
    """
    denied, said = (one, other) if one.polarity == "negative" else (other, one)
    if denied.predicate in _ANY_LINK:
        return said.predicate in _DOWN | _UP
    return any({one.predicate, other.predicate} <= group for group in (_DOWN, _UP))


def _opposed(one: str, other: str) -> bool:
    return (one in _DOWN and other in _UP) or (one in _UP and other in _DOWN)
