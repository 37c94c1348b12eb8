"""The API's routes of reviews: records in, decisions, conflicts, the flow and the whole as a file.

Knows HTTP; the acts are the desk's, and the JSON is the command line's.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Form, Path, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from kgrag.desk.asking import MOST_NOTE
from ui.api.scopes import Asking, Reader
from ui.problems import responses

Stage = Literal["abstract", "full"]
Verdict = Literal["include", "exclude", "maybe"]
Seq = Annotated[int, Path(ge=1, le=2**53)]
MOST_QUESTION, MOST_QUERY = 1_000, 20_000


class NewReview(BaseModel):
    """A review to begin; ``screeners``: how many people decide on each record."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "Do beta blockers help?"}]}
    )
    question: str = Field(min_length=1, max_length=MOST_QUESTION)
    kind: Literal["free", "pico", "peo", "novelty"] = "free"
    protocol: dict[str, str] = Field(default={}, max_length=40)
    screeners: int = Field(default=1, ge=1, le=9)


class Member(BaseModel):
    """Somebody for the team, by id or name."""

    model_config = ConfigDict(extra="forbid")
    person: str = Field(min_length=1, max_length=100)
    role: Literal["lead", "screener", "reader"]


class Strategy(BaseModel):
    """A search strategy in PubMed's grammar."""

    model_config = ConfigDict(extra="forbid")
    query: str = Field(min_length=1, max_length=MOST_QUERY)
    name: str = Field(default="This library", min_length=1, max_length=200)


class Decided(BaseModel):
    """A word on a record; the same ``token`` twice is written once."""

    model_config = ConfigDict(extra="forbid")
    record: str = Field(min_length=1, max_length=20)
    verdict: Verdict
    stage: Stage = "abstract"
    reason: str = Field(default="", max_length=MOST_NOTE)
    token: str | None = Field(default=None, min_length=8, max_length=100)


class Settled(BaseModel):
    """A lead's word on a record in conflict."""

    model_config = ConfigDict(extra="forbid")
    record: str = Field(min_length=1, max_length=20)
    verdict: Verdict
    stage: Stage = "abstract"
    reason: str = Field(default="", max_length=MOST_NOTE)


def reviews(service: Reader) -> dict[str, Any]:
    """The reviews whose team the caller is in."""
    return {
        "reviews": [
            {"review": one.id, "question": one.question, "begun": one.begun, "records": len(one.records)}
            for one in service.desk.reviews()
        ]
    }


def create_review(service: Asking, body: NewReview) -> dict[str, Any]:
    """Begin a review as its lead."""
    made = service.desk.create_review(
        body.question, kind=body.kind, protocol=body.protocol, screeners=body.screeners
    )
    return service.desk.review_status(made)


def open_review(service: Asking, file: UploadFile) -> dict[str, Any]:
    """Take in a review that was exported elsewhere (multipart `file`)."""
    service.desk.require("review")
    kept = service.batches.kept([(file.filename or "review.zip", file.file)])
    return service.desk.review_status(service.desk.open_review(kept[0]))


def review(service: Reader, review_id: str) -> dict[str, Any]:
    """How far a review is: both stages, agreement, sets, groups, team."""
    return service.desk.review_status(review_id)


def add_member(service: Asking, review_id: str, body: Member) -> dict[str, Any]:
    """Take somebody into the team, or give them another role."""
    service.desk.add_reviewer(review_id, body.person, body.role)
    return service.desk.review_status(review_id)


def add_records(
    service: Asking,
    review_id: str,
    file: UploadFile,
    name: Annotated[str, Form(max_length=200)] = "",
    query: Annotated[str, Form(max_length=MOST_QUERY)] = "",
) -> dict[str, int]:
    """Take the records of an export in as a dated set (multipart `file`, `name`, `query`)."""
    service.desk.require("review")
    kept = service.batches.kept([(file.filename or "records", file.file)])[0]
    return service.desk.add_review_set(review_id, kept, name=name or None, query=query)


def search_into_review(service: Asking, review_id: str, body: Strategy) -> dict[str, Any]:
    """Ask a strategy of the library; what is new becomes a set of the review."""
    return dict(service.desk.search_review(review_id, body.query, name=body.name))


def refresh_review(service: Asking, review_id: str) -> dict[str, Any]:
    """Ask all strategies of a review again."""
    return service.desk.refresh_review(review_id)


def next_record(service: Reader, review_id: str, stage: Stage = "abstract") -> dict[str, Any]:
    """The record to decide on next; `record` is null where none is left."""
    return service.desk.next_record(review_id, stage) or {"record": None, "left": 0}


def review_records(
    service: Reader,
    review_id: str,
    stage: Stage = "abstract",
    outcome: Annotated[Literal["", "include", "exclude", "maybe", "conflict", "open"], Query()] = "",
) -> dict[str, Any]:
    """Records of a stage by what they came to, with who said what."""
    return {"records": service.desk.review_records(review_id, stage, outcome)}


def decide(service: Asking, review_id: str, body: Decided) -> dict[str, int]:
    """Say one's word on a record; `act` is the number by which it is undone."""
    act = service.desk.decide(
        review_id, body.record, body.verdict, stage=body.stage, reason=body.reason, token=body.token
    )
    return {"act": act}


def settle(service: Asking, review_id: str, body: Settled) -> dict[str, int]:
    """End a conflict as lead."""
    act = service.desk.settle(review_id, body.record, body.verdict, stage=body.stage, reason=body.reason)
    return {"act": act}


def undo_act(service: Asking, review_id: str, act: Seq) -> None:
    """Take an act back; it stays in the trail."""
    service.desk.undo_review_act(review_id, act)


def review_flow(service: Reader, review_id: str) -> dict[str, Any]:
    """The PRISMA 2020 flow, counted from the trail."""
    return dict(service.desk.review_flow(review_id))


def review_export(service: Reader, review_id: str) -> Response:
    """The whole review as a zip (RO-Crate)."""
    return Response(service.desk.export_review(review_id), media_type="application/zip")


_READ, _DONE = responses(401, 403, 404), responses(400, 401, 403, 404)
ROUTES: tuple[tuple[str, str, Any, dict[str, Any]], ...] = (
    ("GET", "/reviews", reviews, {"responses": responses(401, 403)}),
    ("POST", "/reviews", create_review, {"responses": _DONE, "status_code": 201}),
    ("POST", "/reviews/open", open_review, {"responses": _DONE, "status_code": 201}),
    ("GET", "/reviews/{review_id}", review, {"responses": _READ}),
    ("POST", "/reviews/{review_id}/members", add_member, {"responses": _DONE}),
    ("POST", "/reviews/{review_id}/sets", add_records, {"responses": _DONE, "status_code": 201}),
    ("POST", "/reviews/{review_id}/searches", search_into_review, {"responses": _DONE}),
    ("POST", "/reviews/{review_id}/refresh", refresh_review, {"responses": _DONE}),
    ("GET", "/reviews/{review_id}/next", next_record, {"responses": _READ}),
    ("GET", "/reviews/{review_id}/records", review_records, {"responses": _READ}),
    ("POST", "/reviews/{review_id}/decisions", decide, {"responses": _DONE}),
    ("POST", "/reviews/{review_id}/settlements", settle, {"responses": _DONE}),
    ("DELETE", "/reviews/{review_id}/acts/{act}", undo_act, {"responses": _DONE, "status_code": 204}),
    ("GET", "/reviews/{review_id}/flow", review_flow, {"responses": _READ}),
    (
        "GET",
        "/reviews/{review_id}/export",
        review_export,
        {
            "responses": {**_READ, 200: {"description": "The file."}},
            "response_class": Response,
        },
    ),
)
