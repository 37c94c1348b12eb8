"""The words everything shares: frozen values that flow through ingest and through a question.

Knows: the shape of a document, of what is found in it, and of an answer. Does not know: where any of
it is stored, which model made it, or how it is shown. All offsets are Python string indices, end exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Box = tuple[float, float, float, float]
"""A rectangle on a page: x0, y0, x1, y1 in PDF points, origin at the bottom left."""

BlockKind = Literal["title", "abstract", "heading", "paragraph", "caption", "table", "reference"]
SupportLabel = Literal["supported", "unsupported", "contradicted"]
AnswerStatus = Literal["answered", "partial", "abstained"]
Role = Literal["question", "method", "result", "conclusion", "data"]


@dataclass(frozen=True, slots=True)
class Author:
    """A person or body that made a work; ``literal`` holds a name that has no family/given parts."""

    family: str | None = None
    given: str | None = None
    literal: str | None = None
    orcid: str | None = None
    affiliation: str | None = None

    @property
    def name(self) -> str:
        """The name as one reads it: ``Given Family``, or the literal."""
        return self.literal or " ".join(part for part in (self.given, self.family) if part)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record came from: file, its digest, the reader, and the record's number in the file."""

    path: str
    sha256: str
    reader: str
    record_number: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A run of a block's text that stands on one line of a page: ``text[start:end]`` is inside ``box``."""

    start: int
    end: int
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, caption … as a reader found it, in reading order."""

    text: str
    kind: BlockKind = "paragraph"
    section: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of a work's reference list; the raw text, and the fields that could be read from it."""

    text: str
    identifiers: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    year: int | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What a reader yields: one work as its file describes it. A field the file lacks is None or empty."""

    source: Source
    title: str | None = None
    abstract: str | None = None
    authors: tuple[Author, ...] = ()
    year: int | None = None
    venue: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    publisher: str | None = None
    identifiers: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    kind: str | None = None
    licence: str | None = None
    keywords: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    blocks: tuple[Block, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A work of the library. ``text`` is canonical: every offset of its passages points into it.

    ``record`` keeps the bibliographic fields (without blocks); ``retracted`` is a notice or None; ``notices`` are expressions of
    ``concern`` and ``correction``s as (kind, text), which take nothing from what the document supports.
    """

    id: str
    record: Record
    text: str
    language: str | None = None
    retracted: str | None = None
    notices: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """The title, or the file's name where the record has none."""
        return self.record.title or self.record.source.path.rsplit("/", 1)[-1]

    @property
    def year(self) -> int | None:
        """The year of publication."""
        return self.record.year


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage: offsets in the *passage's* text; page and boxes where the file has pages."""

    start: int
    end: int
    page: int | None = None
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """About 180 tokens of one section. ``text == document.text[start:end]`` always."""

    id: str
    document_id: str
    ordinal: int
    text: str
    start: int
    end: int
    section: tuple[str, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    kind: BlockKind = "paragraph"

    @property
    def page(self) -> int | None:
        """The page its first sentence stands on."""
        return self.sentences[0].page if self.sentences else None


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that papers mention. ``id`` is made from the normalised name; aliases are other written forms."""

    id: str
    name: str
    kind: str = "Term"
    aliases: tuple[str, ...] = ()
    authorities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity at an exact span of a passage's text, with the method that found it and its score in [0, 1]."""

    entity_id: str
    passage_id: str
    start: int
    end: int
    method: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Statement:
    """Subject – predicate – object, said by the sentence at ``[start, end)`` of the passage's text."""

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


@dataclass(frozen=True, slots=True)
class KnowledgeObject:
    """A research question, method, result, conclusion or data statement: a span of a passage's text."""

    passage_id: str
    start: int
    end: int
    role: Role
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that extraction found in one document."""

    entities: tuple[Entity, ...] = ()
    mentions: tuple[Mention, ...] = ()
    statements: tuple[Statement, ...] = ()
    objects: tuple[KnowledgeObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One document with its passages and extraction: the unit that enters the catalogue in one transaction."""

    document: Document
    passages: tuple[Passage, ...]
    extraction: Extraction = Extraction()
    match_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is limited to; an empty field limits nothing. All given fields must hold.

    ``collections`` are keys of collections, of which one at least must hold the document; ``hidden`` are keys of collections whose documents the person who asks may not see (``kgrag.rights`` fills it in).
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
    """A question after repair: the text as typed, the text that is searched, and each change made."""

    question: str
    text: str
    language: str
    repairs: tuple[tuple[str, str, str], ...] = ()
    entities: tuple[Entity, ...] = ()
    queries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote: ``passage.text[start:end]``, with the passage and document it belongs to, and its score."""

    passage: Passage
    document: Document
    start: int
    end: int
    score: float
    role: Role | None = None

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verifier says of one claim against its evidence.

    ``score`` is the probability of *supported* in [0, 1]; ``best`` is the index of the evidence text that decided;
    ``checks`` names each exact check that failed (number, negation, name, …).
    """

    label: SupportLabel
    score: float
    best: int = 0
    contradiction: float = 0.0
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer with its span in the answer's text, its verdict, evidence and chain.

    ``statements`` are the graph's statements about the same two things, as (id, ``agrees`` | ``conflicts`` | ``unknown``);
    ``contradicted_by`` is the quote that speaks against the claim, where one does.
    """

    id: str
    text: str
    start: int
    end: int
    verdict: Verdict
    threshold: float
    alpha: float
    evidence: tuple[Evidence, ...]
    chain: Chain
    statements: tuple[tuple[str, str], ...] = ()
    contradicted_by: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A candidate answer as a generator composed it: sentences, each with the evidence it is drawn from."""

    sentences: tuple[tuple[str, tuple[Evidence, ...]], ...]
    maker: str

    @property
    def text(self) -> str:
        """The candidate as one text."""
        return " ".join(sentence for sentence, _ in self.sentences)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scored candidate: its text, reward, share of supported sentences, named reward features."""

    text: str
    reward: float
    supported: float
    chosen: bool = False
    maker: str = "extractive"
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The verdict on a yes/no question: yes, no or maybe, its probability in [0, 1], and the ids of the claims whose evidence it is read from."""

    label: str
    probability: float
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is given, stored and read again; ``kgrag.answer_json`` writes DESIGN §5's object."""

    id: str
    question: str
    language: str
    status: AnswerStatus
    reason: str | None
    text: str
    claims: tuple[Claim, ...]
    withheld: tuple[tuple[str, str], ...]
    documents: tuple[Document, ...]
    candidates: tuple[Candidate, ...]
    models: Mapping[str, str]
    timings_ms: Mapping[str, float]
    retrieved: tuple[Hit, ...]
    understood: Understood | None = None
    search: str | None = None
    sight: str | None = None
    verdict: Conclusion | None = None
