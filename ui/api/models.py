"""What the API takes and gives, as pydantic models with examples; the answer itself is described by ``kgrag
schema answer``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kgrag.catalogue.jobs import Overview
from kgrag.types import Filters

QUESTION = "What is blue marble health?"


class Limits(BaseModel):
    """Limits to part of the library; all given must hold."""

    model_config = ConfigDict(extra="forbid")
    year_from: int | None = Field(default=None, ge=0, le=9999)
    year_to: int | None = Field(default=None, ge=0, le=9999)
    venues: list[str] = Field(default=[], max_length=100)
    authors: list[str] = Field(default=[], max_length=100)
    languages: list[str] = Field(default=[], max_length=20)
    kinds: list[str] = Field(default=[], max_length=20)
    documents: list[str] = Field(default=[], max_length=500)
    set: str | None = Field(default=None, max_length=100, description="Only the documents of this set.")

    def filters(self) -> Filters:
        """As the retriever takes them."""
        return Filters(
            self.year_from,
            self.year_to,
            tuple(self.venues),
            tuple(self.authors),
            tuple(self.languages),
            tuple(self.kinds),
            tuple(self.documents),
        )


class Question(BaseModel):
    """A question, with how it is to be answered."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"question": QUESTION, "candidates": 4, "alpha": 0.1}]},
    )
    question: str = Field(min_length=1, max_length=2000, description="In English or Chinese.")
    candidates: int | None = Field(default=None, ge=1, le=9, description="Drafts compared.")
    alpha: float | None = Field(
        default=None, gt=0, lt=1, description="Share of unsupported claims tolerated."
    )
    filters: Limits = Limits()


class Hits(BaseModel):
    """Search results, best first; ``records`` are documents whose text the caller may not read and whose
    records fit, with a link.
    """

    question: str
    hits: list[dict[str, Any]]
    records: list[dict[str, Any]] = []


class Page(BaseModel):
    """One page of a list; ``next`` is the cursor of the page after it, null at the end."""

    next: str | None = None


class Documents(Page):
    """Bibliographic records in the order of their ids."""

    documents: list[dict[str, Any]]


class AnswerLine(BaseModel):
    """An answer in a list."""

    id: str
    created: str
    question: str


class Answers(Page):
    """Answers in the order of their ids."""

    answers: list[AnswerLine]


class Standing(BaseModel):
    """What became of an answer since it was given."""

    id: str
    created: str
    retracted_since: dict[str, str]
    noticed_since: dict[str, str] = {}


class FormatLine(BaseModel):
    """A format that answers can be exported in."""

    name: str
    media_type: str
    suffix: str


class Formats(BaseModel):
    """All export formats."""

    formats: list[FormatLine]


class Ranking(BaseModel):
    """A ranking of an answer's candidates: the rank of each in the answer's order, 1 the best, equal ranks
    for ties.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "ranking", "ranks": [2, 1, 3, 3]}]}
    )
    kind: Literal["ranking"]
    ranks: list[Annotated[int, Field(ge=1, le=9)]] = Field(min_length=2, max_length=9)
    note: str = Field(default="", max_length=2000)


class ClaimVerdict(BaseModel):
    """A person's word on one claim of an answer."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "claim", "claim_id": "c1", "right": True}]}
    )
    kind: Literal["claim"]
    claim_id: str = Field(min_length=1, max_length=20)
    right: bool
    note: str = Field(default="", max_length=2000)


Feedback = Annotated[Ranking | ClaimVerdict, Field(discriminator="kind")]


class Kept(BaseModel):
    """The number under which feedback was kept."""

    id: int


class Paths(BaseModel):
    """What a batch is to read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"paths": ["/papers/2026"]}]})
    paths: list[Annotated[str, Field(min_length=1, max_length=4000)]] = Field(
        min_length=1, max_length=100, description="Files and folders of the service's machine."
    )


class ToExtract(BaseModel):
    """Documents from which the configured language model is to read statements."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"documents": ["doi:10.1000/1"], "dry_run": True}]}
    )
    documents: list[Annotated[str, Field(min_length=1, max_length=2000)]] = Field(min_length=1, max_length=50)
    dry_run: bool = Field(default=True, description="Only say what it would cost.")


class Extracted(BaseModel):
    """What the model read or would read; `tokens`, `statements` and the like after a run only."""

    model_config = ConfigDict(extra="allow")
    model: str
    passages: int
    cached: int
    withheld: int
    unasked: int
    tokens_estimated: int


class Job(BaseModel):
    """An ingest batch at a glance."""

    id: int
    state: Literal["running", "interrupted", "paused", "cancelled", "done"] = Field(
        description="interrupted: its workers ended without a word; resume goes on."
    )
    created: str
    paths: list[str]
    items: dict[str, int] = Field(description="Files by state: pending, leased, done, quarantined, failed.")
    skipped: int
    records: dict[str, int] = Field(
        description="Records by what became of them: new, united, unchanged, changed, refused."
    )
    documents: int
    passages: int
    seconds: float
    documents_per_minute: float
    left_s: float | None
    reason: str | None

    @classmethod
    def of(cls, found: Overview) -> Job:
        """From the job's own overview."""
        return cls(
            id=found.id,
            state=found.state,  # type: ignore[arg-type]
            created=found.created,
            paths=list(found.paths),
            items=found.items,
            skipped=found.skipped,
            records=found.records,
            documents=found.documents,
            passages=found.passages,
            seconds=round(found.seconds, 1),
            documents_per_minute=round(found.rate, 1),
            left_s=found.left_s,
            reason=found.reason,
        )


class Jobs(BaseModel):
    """Ingest batches, newest first."""

    jobs: list[Job]


class JobWhole(Job):
    """An ingest batch with what could not be read."""

    quarantined: list[dict[str, str]]
