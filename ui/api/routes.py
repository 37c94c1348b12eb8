"""The API for programs, under /api/v1 of the service: ask, search, documents, answers, exports, feedback.

Knows routes and HTTP. What is done is ``ui.service.service``'s and ``kgrag``'s; errors are ``ui.problems``',
tokens ``ui.api.tokens``'.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import FastAPI, File, Header, Path, Query, Response, Security, UploadFile
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPBearer
from sqlalchemy import select

from kgrag import export
from kgrag.catalogue import schema as t
from kgrag.catalogue.answers import noticed_since
from kgrag.errors import KgragError, UsageError
from kgrag.people.history import ASKERS
from kgrag.render.as_json import answer_schema
from kgrag.search import MODES
from kgrag.types import Filters
from kgrag.upkeep.metrics import CONTENT_TYPE, metrics_text
from ui.api import models as m
from ui.api import reviews as api_reviews
from ui.api import sets as api_sets
from ui.api.concepts import Name, Year, concepts_named, concepts_told
from ui.api.scopes import Admin, Asking, Ingesting, Judging, Reader
from ui.api.tokens import Tokens
from ui.problems import install, problem, problem_of, responses
from ui.service.concepts import Asked
from ui.service.service import Service

VERSION = "1"
DESCRIPTION = (
    "Cited answers from a library, tied to its knowledge graph. Errors are problem details (RFC 9457) in the"
    " words of the command line; lists give a cursor; answers, documents and exports carry an ETag."
)
ANSWER = {
    200: {
        "description": "The answer, as `kgrag ask --json` prints it.",
        "content": {"application/json": {"schema": answer_schema()}},
    }
}
EVENTS = {
    200: {
        "description": "`step` with a step's name, then `answer` with the answer, or `problem`.",
        "content": {"text/event-stream": {}},
    }
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {name: {} for name in dict.fromkeys(f.media_type for f in export.FORMATS.values())},
    },
    304: {"description": "Not changed since the ETag in If-None-Match."},
}
SAME: dict[int | str, dict[str, Any]] = {304: {"description": "Not changed since the ETag in If-None-Match."}}
Format = Annotated[str, Path(json_schema_extra={"enum": list(export.FORMATS)})]
Asker = Annotated[
    str,
    Query(
        json_schema_extra={"enum": list(ASKERS)},
        description="Who asked, in `prov`: only of one's own answers.",
    ),
]
NoneMatch = Annotated[str | None, Header(alias="If-None-Match")]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(description="`next` of the page before.", max_length=2000)]


def create_api(service: Service) -> FastAPI:
    """The application that is mounted at /api/v1."""
    api = FastAPI(
        title="kgrag",
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    api.state.service, api.state.tokens = (
        service,
        Tokens(service.library.settings.api_tokens.get_secret_value()),
    )
    install(api)
    guarded = [Security(HTTPBearer(auto_error=False))] if api.state.tokens else []
    for method, path, endpoint, more in (*ROUTES, *api_sets.ROUTES, *api_reviews.ROUTES):
        api.add_api_route(
            path, endpoint, methods=[method], operation_id=endpoint.__name__, dependencies=guarded, **more
        )
    return api


JobId = Annotated[int, Path(ge=1, le=2**53)]
Act = Annotated[str, Path(json_schema_extra={"enum": ["pause", "resume", "cancel", "retry"]})]


def ask(service: Asking, body: m.Question) -> Response:
    """Answer a question with evidence, or abstain and say why. The answer is kept."""
    answer = service.ask(body.question, _limits(service, body), candidates=body.candidates, alpha=body.alpha)
    return _json_text(service.answer_text(answer.id))


def ask_events(service: Asking, body: m.Question) -> StreamingResponse:
    """Answer a question, telling each step as it starts (server-sent events)."""
    service.check_ask()
    limits = _limits(service, body)
    steps = service.steps(body.question, limits, candidates=body.candidates, alpha=body.alpha)
    return StreamingResponse(
        _events(steps, service),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _limits(service: Service, body: m.Question) -> Filters:
    limits = body.filters.filters()
    return service.desk.within_set(body.filters.set, limits) if body.filters.set else limits


def search(
    service: Reader,
    question: Annotated[str, Query(min_length=1, max_length=2000, examples=[m.QUESTION])],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    mode: Annotated[str, Query(json_schema_extra={"enum": list(MODES)})] = "full",
    year_from: Annotated[int | None, Query(ge=0, le=9999)] = None,
    year_to: Annotated[int | None, Query(ge=0, le=9999)] = None,
) -> m.Hits:
    """Find passages, best first."""
    if mode not in MODES:
        raise UsageError(f"No mode '{mode}' (found: {', '.join(MODES)}).")
    filters = Filters(year_from, year_to)
    hits = service.search(question, filters, limit, mode)
    return m.Hits(
        question=question,
        hits=hits,
        records=[service.records.as_json(found) for found in service.records.matching(question, filters)],
    )


def concepts(
    service: Reader, beginning: Name = "", limit: Annotated[int, Query(ge=1, le=200)] = 40
) -> dict[str, Any]:
    """The concepts that most documents name, those whose name begins so."""
    return concepts_named(service, beginning, limit)


def said(
    service: Reader, of: Name, kind: Name = "", year_from: Year = None, year_to: Year = None
) -> dict[str, Any]:
    """What is said of a concept: for and against, with quotes, by which papers, since when."""
    return concepts_told(service, Asked(of, "", kind, year_from, year_to))


def paths(
    service: Reader, of: Name, other: Name, year_from: Year = None, year_to: Year = None
) -> dict[str, Any]:
    """How two concepts are connected, what tells most first, each step quoted."""
    return concepts_told(service, Asked(of, other, "", year_from, year_to))


def documents(
    service: Reader, limit: Limit = 50, cursor: Cursor = "", if_none_match: NoneMatch = None
) -> Response:
    """Bibliographic records in the order of their ids; `access` says whether the caller may read the text."""
    records = service.records
    found = list(records.listed(cursor, limit + 1))
    page = m.Documents(
        documents=[records.as_json(document) for document in found[:limit]],
        next=found[limit - 1].id if len(found) > limit else None,
    )
    return _tagged(page.model_dump_json().encode(), "application/json", if_none_match)


def document(
    service: Reader,
    document_id: str,
    full: Annotated[bool, Query(description="With abstract, references and text.")] = False,
    if_none_match: NoneMatch = None,
) -> Response:
    """One document; where the caller may not read its text, its record with a link."""
    found = service.records.as_json(service.records.document(document_id), full=full)
    return _tagged(
        json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"), "application/json", if_none_match
    )


def answers(service: Admin, limit: Limit = 50, cursor: Cursor = "") -> m.Answers:
    """All answers that were given, in the order of their ids: other people's questions, so the scope `admin`
    is needed.
    """
    a = t.answers.c
    rows = service.library.catalogue.rows(
        select(a.id, a.created, a.question).where(a.id > cursor).order_by(a.id).limit(limit + 1)
    )
    lines = [m.AnswerLine(id=row.id, created=row.created, question=row.question) for row in rows[:limit]]
    return m.Answers(answers=lines, next=lines[-1].id if len(rows) > limit else None)


def answer(service: Reader, answer_id: str, if_none_match: NoneMatch = None) -> Response:
    """An answer, byte for byte as it was given."""
    return _tagged(service.answer_text(answer_id).encode(), "application/json", if_none_match)


def answer_status(service: Reader, answer_id: str) -> m.Standing:
    """When an answer was given, and which of its documents were retracted since."""
    since = service.retracted_since(service.answer(answer_id))
    return m.Standing(
        id=answer_id,
        created=service.desk.created(answer_id),
        retracted_since=since,
        noticed_since=noticed_since(service.library.catalogue, service.answer(answer_id)),
    )


def answer_export(
    service: Reader,
    answer_id: str,
    format: Format,
    asker: Asker = "anonymous",
    if_none_match: NoneMatch = None,
) -> Response:
    """An answer as a file in one of the formats; `asker` names who asked in those that tell it, at their own
    wish.
    """
    chosen = export.format_named(format)
    content = service.export(answer_id, format, asker)
    name = f"{answer_id}{chosen.suffix}"
    return _tagged(
        content, chosen.media_type, if_none_match, {"Content-Disposition": f'attachment; filename="{name}"'}
    )


def formats(service: Reader) -> m.Formats:
    """The formats that answers can be exported in."""
    return m.Formats(
        formats=[
            m.FormatLine(name=name, media_type=f.media_type, suffix=f.suffix)
            for name, f in export.FORMATS.items()
        ]
    )


def feedback(service: Judging, answer_id: str, body: m.Feedback) -> m.Kept:
    """Rank an answer's candidates, or say of one claim whether it is right; kept for training and review."""
    if isinstance(body, m.Ranking):
        return m.Kept(id=service.rank(answer_id, body.ranks, body.note))
    return m.Kept(id=service.judge(answer_id, body.claim_id, body.right, body.note))


def jobs(service: Ingesting) -> m.Jobs:
    """Ingest batches, newest first."""
    service.desk.require("ingest")
    return m.Jobs(jobs=[m.Job.of(overview) for overview in service.batches.overviews()])


def job(service: Ingesting, job_id: JobId) -> m.JobWhole:
    """One batch with every file that was not read and why."""
    service.desk.require("ingest")
    overview, items = service.batches.overview(job_id), service.batches.jobs.items(job_id)
    return m.JobWhole(
        **m.Job.of(overview).model_dump(),
        quarantined=[problem for item in items for problem in item["problems"]],
    )


def start_job(service: Ingesting, body: m.Paths) -> m.Job:
    """Read files and folders of the service's machine into the library; they must lie in folders that the
    settings allow (``ingest_paths``).
    """
    return m.Job.of(service.batches.overview(service.start_batch(body.paths)))


def upload_job(
    service: Ingesting,
    files: Annotated[
        list[UploadFile], File(description="Papers and records, in any format that is read.", max_length=1000)
    ],
) -> m.Job:
    """Read uploaded files into the library."""
    return m.Job.of(
        service.batches.overview(service.upload([(file.filename or "file", file.file) for file in files]))
    )


def steer_job(service: Ingesting, job_id: JobId, act: Act) -> m.Job:
    """Pause, resume, cancel, or retry a batch."""
    service.steer(job_id, act)
    return m.Job.of(service.batches.overview(job_id))


def extraction(service: Ingesting, body: m.ToExtract) -> m.Extracted:
    """Read statements from documents by the configured language model, each tied to its sentence or dropped;
    what was read once is not sent again.
    """
    return m.Extracted(**service.extract_with_model(body.documents, dry_run=body.dry_run))


def _events(steps: Iterator[tuple[str, Any]], service: Service) -> Iterator[str]:
    for kind, value in steps:
        if kind == "answer":
            value = json.loads(service.answer_text(value["id"]))
        if kind == "error":
            told = (
                problem_of(value) if isinstance(value, KgragError) else problem(500, "KgragError", str(value))
            )
            kind, value = "problem", told
        yield f"event: {kind}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"


def _json_text(text: str) -> Response:
    return Response(text.encode(), media_type="application/json")


def _tagged(
    content: bytes, media_type: str, if_none_match: str | None, headers: dict[str, str] | None = None
) -> Response:
    """A response with an ETag; 304 where the client has it already."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    marks = {"ETag": tag, "Cache-Control": "private, no-cache", **(headers or {})}
    known = [part.strip().removeprefix("W/") for part in (if_none_match or "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=marks)
    return Response(content, media_type=media_type, headers=marks)


def metrics(service: Admin) -> Response:
    """The library's figures for Prometheus: holdings, batches, how far each index is behind. Counts only."""
    return Response(metrics_text(service.library), media_type=CONTENT_TYPE)


Route = tuple[str, str, Any, dict[str, Any]]
ROUTES: tuple[Route, ...] = (
    (
        "POST",
        "/ask",
        ask,
        {"responses": {**responses(400, 401, 403, 404), **ANSWER}, "response_class": Response},
    ),
    (
        "POST",
        "/ask/events",
        ask_events,
        {"responses": {**responses(400, 401, 403, 404), **EVENTS}, "response_class": StreamingResponse},
    ),
    ("GET", "/search", search, {"responses": responses(400, 401, 403)}),
    ("GET", "/concepts", concepts, {"responses": responses(400, 401, 403)}),
    ("GET", "/concepts/said", said, {"responses": responses(400, 401, 403, 404)}),
    ("GET", "/concepts/paths", paths, {"responses": responses(400, 401, 403, 404)}),
    (
        "GET",
        "/documents",
        documents,
        {"responses": {**responses(400, 401, 403), **SAME, 200: {"model": m.Documents}}},
    ),
    ("GET", "/documents/{document_id:path}", document, {"responses": {**responses(401, 403, 404), **SAME}}),
    ("GET", "/answers", answers, {"responses": responses(400, 401, 403)}),
    ("GET", "/answers/{answer_id}", answer, {"responses": {**responses(401, 403, 404), **SAME, **ANSWER}}),
    ("GET", "/answers/{answer_id}/status", answer_status, {"responses": responses(401, 403, 404)}),
    (
        "GET",
        "/answers/{answer_id}/exports/{format}",
        answer_export,
        {"responses": {**responses(400, 401, 403, 404, 501), **FILE}, "response_class": Response},
    ),
    (
        "POST",
        "/answers/{answer_id}/feedback",
        feedback,
        {"responses": responses(400, 401, 403, 404), "status_code": 201},
    ),
    ("GET", "/jobs", jobs, {"responses": responses(401, 403)}),
    ("POST", "/jobs", start_job, {"responses": responses(400, 401, 403), "status_code": 201}),
    ("POST", "/jobs/upload", upload_job, {"responses": responses(400, 401, 403), "status_code": 201}),
    ("GET", "/jobs/{job_id}", job, {"responses": responses(401, 403, 404)}),
    ("POST", "/jobs/{job_id}/{act}", steer_job, {"responses": responses(400, 401, 403, 404)}),
    ("POST", "/extraction", extraction, {"responses": responses(400, 401, 403, 404, 501)}),
    (
        "GET",
        "/metrics",
        metrics,
        {
            "responses": {
                **responses(401, 403),
                200: {"description": "Prometheus' text format.", "content": {CONTENT_TYPE: {}}},
            },
            "response_class": Response,
        },
    ),
    ("GET", "/formats", formats, {"responses": responses(401, 403)}),
)
