"""Which of several records that share keys are one work, taken all together: the same groups in whatever
order the records came.

Knows records and what people decided on them. Does not know stores. Two steps, first by identifiers, then by
title, year and first author. No group ever holds two records of which anything says that they are two works;
a record that fits two groups which do not fit each other stays alone, for a person to place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Literal

from ingest.text.parts import identifier_keys
from ingest.works.fields import is_container_of
from ingest.works.sameness import different_identifiers, judged
from kgrag.types import Record

Bond = Literal["identifier", "title", "against", "none"]
Group = frozenset[int]
Pairs = frozenset[frozenset[int]]


def bond(one: Record, other: Record) -> Bond:
    """What holds two records together or keeps them apart."""
    verdict = judged(one, other)
    if verdict is not None and verdict.by_key:
        if verdict.verdict == "doubtful":
            return "against"
        return "identifier" if set(identifier_keys(one)) & set(identifier_keys(other)) else "title"
    apart = different_identifiers(one, other) or is_container_of(one, other) or is_container_of(other, one)
    return "against" if apart else "none"


def clustered(
    records: Sequence[Record], tied: Pairs = frozenset(), apart: Pairs = frozenset()
) -> list[list[int]]:
    """Groups of places in the list, each one work, by place.

    Args:
        records: that share keys with one another; some dozens.
        tied: pairs that a person called one work; nothing parts them.
        apart: pairs that a person called two works.
    """
    bonds: dict[frozenset[int], Bond] = {
        frozenset(pair): bond(records[pair[0]], records[pair[1]])
        for pair in combinations(range(len(records)), 2)
    }
    bonds.update(dict.fromkeys(apart, "against"))
    groups = _components([frozenset({place}) for place in range(len(records))], lambda a, b: _any(tied, a, b))
    against = frozenset(pair for pair, held in bonds.items() if held == "against") - tied
    for step in ("identifier", "title"):
        joining = frozenset(pair for pair, held in bonds.items() if held == step)
        groups = _grown(groups, joining, against)
    return sorted(sorted(group) for group in groups)


def _grown(groups: Sequence[Group], joining: Pairs, against: Pairs) -> list[Group]:
    """Groups united where a pair joins them and none is against it."""
    grown: list[Group] = []
    for component in _connected(groups, joining):
        if _in_harmony(component, against):
            grown.append(frozenset().union(*component))
        else:
            grown += _parted(component, joining, against)
    return grown


def _parted(component: Sequence[Group], joining: Pairs, against: Pairs) -> list[Group]:
    """A component at odds with itself without the groups that fit several sides, which stay alone."""
    torn = [
        group
        for group in component
        if not _in_harmony([group, *(each for each in component if _any(joining, group, each))], against)
    ]
    rest = [group for group in component if group not in torn]
    parts = [
        [frozenset[int]().union(*part)] if _in_harmony(part, against) else part
        for part in _connected(rest, joining)
    ]
    return [*torn, *(group for part in parts for group in part)]


def _in_harmony(groups: Iterable[Group], against: Pairs) -> bool:
    return not any(_any(against, a, b) for a, b in combinations(dict.fromkeys(groups), 2))


def _any(pairs: Pairs, one: Group, other: Group) -> bool:
    return any(frozenset((a, b)) in pairs for a in one for b in other if a != b)


def _components(groups: Sequence[Group], linked: Callable[[Group, Group], bool]) -> list[Group]:
    """The groups, those linked with one another, at however many removes, made one."""
    components: list[Group] = []
    for group in groups:
        near = [component for component in components if linked(component, group)]
        components = [each for each in components if each not in near]
        components.append(group.union(*near))
    return components


def _connected(groups: Sequence[Group], joining: Pairs) -> list[list[Group]]:
    """The groups by the components that joining pairs make of them."""
    components = _components(groups, lambda one, other: _any(joining, one, other))
    return [[group for group in groups if group <= component] for component in components]
