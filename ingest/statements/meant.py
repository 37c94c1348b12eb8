"""A relation, and what is meant by the nouns that it joins: *levels of insulin* mean insulin too, *loss of X*
is a change of X, and things that are only listed together mean nothing to each other.

Knows nouns of measure, of acts and of change. Does not know predicates' kinds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ingest.statements.tree import after, conjoined
from ingest.statements.verbs import words
from kgrag.language.phrase_keys import singular


@dataclass(frozen=True, slots=True)
class Relation:
    """Two nouns (head tokens) and the word between them; ``how`` names the way it was found."""

    subject: Any
    object: Any
    trigger: Any
    predicates: tuple[str, ...]
    how: str


OF_LISTED = ("noun between", "compound", "such as")


def listed(one: Any, other: Any) -> bool:
    """Whether *and* joins two nouns."""
    return any(other.i == item.i for item in conjoined(one)) or any(one.i == i.i for i in conjoined(other))


def changed(relation: Relation) -> Relation:
    """*causes a reduction of X* as *decreases X*."""
    word = singular(relation.object.lower_)
    way = "decreases" if word in words("less") else "increases" if word in words("more") else None
    of = after(relation.object, ("of",))
    if way is None or not of or relation.predicates[0] not in ("causes", "affects", "enables"):
        return relation
    return replace(relation, object=of[0][1], predicates=(way,))


def meant(head: Any) -> list[Any]:
    """The noun that is meant: in *levels of insulin* it is insulin too."""
    found = [head]
    if any(child.dep_ == "amod" and child.lower_ in words("little") for child in head.children):
        return found
    if singular(head.lower_) in words("transparent") or head.lower_ in words("transparent"):
        found += [noun for _, noun in after(head, ("of",))] or [
            child for child in head.children if child.dep_ == "compound" and child.i == head.i - 1
        ]
    if singular(head.lower_) in words("acts"):
        found += [noun for _, noun in after(head, ("to",) if head.lower_ == "exposure" else ("of", "with"))]
    return found
