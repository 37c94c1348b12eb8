"""Defines an answer and its parts: verdicts, claims, drafts, candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kgrag.types.documents import Document
from kgrag.types.searches import Chain, Evidence, Hit, Understood

SupportLabel = Literal["supported", "unsupported", "contradicted"]
AnswerStatus = Literal["answered", "partial", "abstained"]
SentenceRole = Literal[
    "question",
    "hypothesis",
    "aim",
    "method",
    "data",
    "result",
    "conclusion",
    "limitation",
    "background",
]
Voice = Literal["own", "cited", "common"]
Modality = Literal["asserted", "negated", "hedged", "asked"]


@dataclass(frozen=True, slots=True)
class Sense:
    """What a quoted sentence is in its paper: its role (None where nothing tells it), whose finding it is,
    and how it is said.
    """

    role: SentenceRole | None
    voice: Voice
    modality: Modality


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verifier says of one claim against its evidence.

    ``score`` is the probability of *supported* in [0, 1]; ``best`` is the index of the evidence text that
    decided; ``checks`` names each exact check that failed (number, negation, name, …); ``probability`` is the
    score before it was held back for want of agreement, None where no other threshold than the verifier's own
    may call the claim supported.
    """

    label: SupportLabel
    score: float
    best: int = 0
    contradiction: float = 0.0
    checks: tuple[str, ...] = ()
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer with its span in the answer's text, its verdict, evidence and chain.

    ``statements`` are the graph's statements about the same two things, as (id, ``agrees`` | ``conflicts`` |
    ``unknown``); ``contradicted_by`` is the quote that speaks against the claim, where one does; ``sense`` is
    of its first quote.
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
    sense: Sense | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an answer under a heading: the ids of its claims."""

    heading: str
    claims: tuple[str, ...]


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
    """The verdict on a yes/no question: yes, no, mixed (papers disagree) or unclear, its probability in
    [0, 1], and the ids of the claims whose evidence it is read from.
    """

    label: str
    probability: float
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordFact:
    """What a work's catalogue record says of it: ``field`` is authors, year, venue, doi, or work (its first
    author, year and journal, in a list of works).
    """

    document_id: str
    title: str
    field: str
    value: str
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of an answer's table: words with the quotes that they stand on; empty where nothing is held."""

    text: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What is said of several things side by side: a name for each column, and rows of as many cells."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a language model was asked for one question: requests sent, tokens of prompts and of replies,
    seconds.
    """

    requests: int = 0
    prompt_tokens: int = 0
    reply_tokens: int = 0
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        """Of prompts and replies together."""
        return self.prompt_tokens + self.reply_tokens


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is given, stored and read again; ``kgrag.render.as_json`` writes DESIGN §5's object."""

    id: str
    question: str
    language: str
    status: AnswerStatus
    reason: str | None
    text: str = ""
    claims: tuple[Claim, ...] = ()
    withheld: tuple[tuple[str, str], ...] = ()
    documents: tuple[Document, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    retrieved: tuple[Hit, ...] = ()
    understood: Understood | None = None
    search: str | None = None
    sight: str | None = None
    verdict: Conclusion | None = None
    record: tuple[RecordFact, ...] = ()
    table: Table | None = None
    missing: tuple[str, ...] = ()
    cost: Cost | None = None
    sections: tuple[Section, ...] = ()
