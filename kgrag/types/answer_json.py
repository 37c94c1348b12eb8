"""The answer as JSON (DESIGN, section 5) and its parts, by their types.

``kgrag.render.as_json`` writes them, the catalogue keeps them, and pages and exports read them. What old
answers may lack is ``NotRequired``.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict

from kgrag.types.answers import AnswerStatus, Modality, SentenceRole, SupportLabel, Voice


class NoticeJson(TypedDict):
    """An expression of concern or a correction."""

    kind: str
    text: str


class AuthorJson(TypedDict, total=False):
    """A person by family and given name, or a body by one literal name."""

    family: str | None
    given: str | None
    literal: str
    orcid: str
    affiliation: str


class SourceJson(TypedDict):
    """The file that a record was read from."""

    path: str
    sha256: str
    reader: str
    record_number: int


class ReferenceJson(TypedDict):
    """An entry of a document's list of references."""

    text: str
    identifiers: dict[str, str]


class PassageJson(TypedDict):
    """A passage of a document; ``span`` counts characters of the document's text."""

    id: str
    section: list[str]
    page: int | None
    span: list[int]
    text: str


class KeptJson(TypedDict, total=False):
    """Fields of a record that only some works have; ``date`` is ISO 8601, to the month or the day."""

    editors: list[AuthorJson]
    place: str
    url: str
    date: str
    series: str
    edition: str
    genre: str


class DocumentJson(KeptJson):
    """A bibliographic record; from ``abstract`` on only where it is shown in full."""

    id: str
    title: str | None
    authors: list[AuthorJson]
    year: int | None
    venue: str | None
    volume: str | None
    issue: str | None
    pages: str | None
    publisher: str | None
    identifiers: dict[str, str]
    language: str | None
    kind: str | None
    licence: str | None
    retracted: bool
    retraction: str | None
    source: SourceJson
    notices: NotRequired[list[NoticeJson]]
    abstract: NotRequired[str | None]
    keywords: NotRequired[list[str]]
    headings: NotRequired[list[str]]
    references: NotRequired[list[ReferenceJson]]
    text: NotRequired[str]
    corrections: NotRequired[dict[str, str]]
    warnings: NotRequired[list[str]]
    passages: NotRequired[list[PassageJson]]


class HitJson(TypedDict):
    """A passage that was found; from ``text`` on only where more than its rank matters."""

    passage_id: str
    document_id: str
    score: float
    channels: dict[str, float]
    text: NotRequired[str]
    title: NotRequired[str]
    year: NotRequired[int | None]
    section: NotRequired[str]
    page: NotRequired[int | None]
    retracted: NotRequired[bool]
    notices: NotRequired[list[NoticeJson]]
    link: NotRequired[str]


class EvidenceJson(TypedDict):
    """A quote: ``span`` counts characters of its passage, ``boxes`` are places on its page."""

    passage_id: str
    document_id: str
    section: str | None
    page: int | None
    boxes: list[list[float]]
    span: list[int]
    quote: str
    score: float


class SupportJson(TypedDict):
    """What the verifier says of a claim, and from which score on it is shown."""

    label: SupportLabel
    score: float
    threshold: float
    alpha: float


class NodeJson(TypedDict):
    """A node of the graph."""

    id: str
    name: str
    kind: str


class EdgeJson(TypedDict):
    """What leads on from a node of a path."""

    type: str
    statement_id: str | None


class StepJson(TypedDict):
    """A node of a path with the edge that leads on from it; None at the end."""

    node: NodeJson
    edge: EdgeJson | None


class StatementJson(TypedDict):
    """A statement of the graph about the same two things: it agrees, conflicts or is unknown."""

    id: str
    relation: str


class ClaimJson(TypedDict):
    """One sentence of the answer; ``span`` counts characters of the answer's text. ``role`` is None where
    nothing tells what the quote is in its paper.
    """

    id: str
    text: str
    span: list[int]
    support: SupportJson
    evidence: list[EvidenceJson]
    path: list[StepJson]
    statements: NotRequired[list[StatementJson]]
    contradicted_by: NotRequired[list[EvidenceJson]]
    role: NotRequired[SentenceRole | None]
    voice: NotRequired[Voice]
    modality: NotRequired[Modality]


class SectionJson(TypedDict):
    """A part of the answer under a heading: ids of its claims."""

    heading: str
    claims: list[str]


class WithheldJson(TypedDict):
    """A sentence that was drafted and not shown."""

    text: str
    reason: str


class CandidateJson(TypedDict):
    """A scored candidate."""

    text: str
    reward: float
    supported: float
    chosen: bool
    maker: NotRequired[str]
    features: NotRequired[dict[str, float]]


class VerdictJson(TypedDict):
    """Yes, no, mixed or unclear (maybe in answers of before), and the ids of the claims it is read from."""

    label: str
    probability: float
    claims: list[str]


class FactJson(TypedDict):
    """What a work's catalogue record says of it."""

    document_id: str
    title: str
    field: str
    value: str
    retracted: bool


class EntityJson(TypedDict):
    """An entity that the question names."""

    id: str
    name: str


class UnderstoodJson(TypedDict):
    """The question as it was searched, with what was repaired: from, to and why."""

    text: str
    repairs: list[list[str]]
    entities: list[EntityJson]


class TraceJson(TypedDict):
    """How the answer came about."""

    timings_ms: dict[str, float]
    retrieved: list[HitJson]
    search: NotRequired[str | None]
    sight: NotRequired[str]
    understood: NotRequired[UnderstoodJson | None]
    model: NotRequired[ModelCostJson]


class ModelCostJson(TypedDict):
    """What a language model was asked for the answer."""

    requests: int
    prompt_tokens: int
    reply_tokens: int


class CellJson(TypedDict):
    """A cell of a table; without evidence it is empty."""

    text: str
    evidence: list[EvidenceJson]


class TableJson(TypedDict):
    """Several things side by side."""

    columns: list[str]
    rows: list[list[CellJson]]


class AnswerJson(TypedDict):
    """The answer."""

    id: str
    question: str
    language: str
    status: AnswerStatus
    reason: str | None
    text: str
    claims: list[ClaimJson]
    withheld: list[WithheldJson]
    documents: list[DocumentJson]
    candidates: list[CandidateJson]
    models: dict[str, str]
    trace: TraceJson
    verdict: NotRequired[VerdictJson]
    record: NotRequired[list[FactJson]]
    table: NotRequired[TableJson]
    missing: NotRequired[list[str]]
    sections: NotRequired[list[SectionJson]]
