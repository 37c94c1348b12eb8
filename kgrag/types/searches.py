"""Defines a question and what is found for it: filters, hits, evidence, and the graph's nodes and edges on
the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kgrag.types.documents import Document, Passage
from kgrag.types.findings import Entity, Role
from kgrag.types.questions import ANY_FORM, QuestionForm


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is limited to; an empty field limits nothing. All given fields must hold.

    ``collections`` are keys of collections, of which one at least must hold the document; ``hidden`` are keys
    of collections whose documents the person who asks may not see (``kgrag.people.rights`` fills it in).
    ``subjects`` are headings or keywords in any spelling; ``whole``: with full text, or the record alone.
    """

    year_from: int | None = None
    year_to: int | None = None
    venues: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    retracted: bool | None = None
    hidden: tuple[int, ...] = ()
    collections: tuple[int, ...] = ()
    subjects: tuple[str, ...] = ()
    whole: bool | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the catalogue's change feed."""

    seq: int
    kind: Literal["put", "delete"]
    document_id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found, with its document; ``channels`` names each channel's own score."""

    passage: Passage
    document: Document
    score: float
    channels: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Understood:
    """A question after repair: the text as typed, the text that is searched, each change made, and its form,
    which is read once.
    """

    question: str
    text: str
    language: str
    repairs: tuple[tuple[str, str, str], ...] = ()
    entities: tuple[Entity, ...] = ()
    queries: tuple[str, ...] = ()
    form: QuestionForm = ANY_FORM


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote: ``passage.text[start:end]``, with the passage and document it belongs to, its score, and how
    likely it answers the question.
    """

    passage: Passage
    document: Document
    start: int
    end: int
    score: float
    role: Role | None = None
    chance: float = 0.0

    @property
    def quote(self) -> str:
        """The exact words."""
        return self.passage.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the graph as a chain shows it. ``kind`` is the label: Entity, Passage, Document, …"""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of the graph as it is stored; ``statement_id`` where a statement stands behind it."""

    source: str
    target: str
    type: str
    statement_id: str | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """A path from the question to the evidence: nodes in order, and the edge between each two."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
