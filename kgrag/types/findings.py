"""Defines what extraction finds in a document, and the parcel in which all of it enters the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kgrag.types.documents import Document, Passage

Role = Literal["question", "method", "result", "conclusion", "data"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that papers mention.

    ``id`` is made from the normalised name; aliases are other written forms.
    """

    id: str
    name: str
    kind: str = "Term"
    aliases: tuple[str, ...] = ()
    authorities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity at an exact span of a passage's text, with the method that found it and its score in [0,
    1].
    """

    entity_id: str
    passage_id: str
    start: int
    end: int
    method: str
    score: float = 1.0


Stance = Literal["asserted", "hedged", "asked", "of others"]


@dataclass(frozen=True, slots=True)
class Statement:
    """Subject – predicate – object, said by the sentence at ``[start, end)`` of the passage's text.

    ``quantity`` holds ``measure``, ``value``, ``unit``, ``ci``, ``p``, ``direction`` where the sentence gives
    a figure; ``context`` holds ``population`` and ``condition`` in the sentence's words.
    """

    id: str
    subject: str
    predicate: str
    object: str
    passage_id: str
    start: int
    end: int
    polarity: Literal["positive", "negative"] = "positive"
    method: str = "pattern"
    score: float = 1.0
    modality: Stance = "asserted"
    quantity: Mapping[str, Any] | None = None
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnowledgeObject:
    """A research question, method, result, conclusion or data statement: a span of a passage's text."""

    passage_id: str
    start: int
    end: int
    role: Role
    score: float = 1.0


FactType = Literal[
    "STUDIES", "USES_METHOD", "USES_DATA", "MEASURES", "IN_POPULATION", "IN_PLACE", "FINDS", "CONCLUDES"
]
"""What a paper as a whole does with a concept, or which of its sentences is a finding or a conclusion."""


def object_id(passage_id: str, start: int, end: int, role: str) -> str:
    """The id of a knowledge object's node."""
    return f"o:{passage_id}/{start}-{end}/{role}"


@dataclass(frozen=True, slots=True)
class Fact:
    """What a paper says of itself: the sentence at ``[start, end)`` of the passage's text says it.

    ``target`` is the id of a concept, or of a knowledge object (``FINDS``, ``CONCLUDES``).
    """

    type: FactType
    target: str
    passage_id: str
    start: int
    end: int
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that extraction found in one document.

    ``entities`` and ``mentions`` are the lexical layer that the walk of retrieval needs; ``concepts``,
    ``named`` (their mentions), ``statements`` between them and ``facts`` of the whole paper are what people
    are shown.
    """

    entities: tuple[Entity, ...] = ()
    mentions: tuple[Mention, ...] = ()
    statements: tuple[Statement, ...] = ()
    objects: tuple[KnowledgeObject, ...] = ()
    concepts: tuple[Entity, ...] = ()
    named: tuple[Mention, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldSource:
    """One of the several sources of a united document, as it would be alone: so it can be taken out again.

    ``home`` is the id that it has alone; ``reason`` says why it is of this work.
    """

    home: str
    reason: str
    document: Document
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One document with its passages and extraction: the unit that enters the catalogue in one
    transaction. ``sources`` are those that it was united from, where there is more than one.
    """

    document: Document
    passages: tuple[Passage, ...]
    extraction: Extraction = Extraction()
    match_keys: tuple[str, ...] = ()
    sources: tuple[HeldSource, ...] = ()
