"""The pages of reviews: the list, one review, screening record by record, conflicts, flow and export.

Knows HTTP and forms; what is done is the desk's, what is shown ``ui.html.reviews``'s.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response

from kgrag.errors import UsageError
from kgrag.export.names import disposition
from kgrag.review.project.flow import as_svg, methods
from kgrag.review.project.state import STAGES, Stage
from ui.door.language import language_of
from ui.html import reviews as render
from ui.reading.routes import Reading
from ui.service.service import Service

ACTS = ("include", "exclude", "maybe")
PER_PAGE = 100


class Reviews(Reading):
    """The routes; each acts as the person who asks."""

    # -- pages --------------------------------------------------------------------------------------

    def listed(self, request: Request) -> Response:
        """The reviews of the person's teams."""
        found = self._told(request, lambda theirs: [render.brief(one) for one in theirs.desk.reviews()])
        return self._page(request, lambda room: render.list_html(room, found))

    def review(self, request: Request, review: str) -> Response:
        """How far a review is, and all that can be done in it."""

        def opened(theirs: Service) -> Any:
            held = theirs.desk.review(review)
            told = theirs.desk.review_status(review)
            role = held.team.get(theirs.desk.reviewer, "reader")
            return told, role, theirs.desk.review_names(held), methods(held, language_of(request))

        told, role, names, said = self._told(request, opened)
        return self._page(request, lambda room: render.review_html(room, told, role, names, said))

    def screen(self, request: Request, review: str, stage: str = "abstract", record: str = "") -> Response:
        """One record to decide on: the likeliest of those left, or a given one."""

        def opened(theirs: Service) -> Any:
            at, desk = _stage(stage), theirs.desk
            held = desk.review(review)
            left = desk.next_record(review, at)
            row = desk.review_record(review, record, at) if record else left
            counts = desk.review_status(review)["stages"][at]
            return held, row, left, desk.last_decision(review, at), counts

        held, row, left, last, counts = self._told(request, opened)
        return self._page(
            request, lambda room: render.screen_html(room, held, _stage(stage), row, left, last, counts)
        )

    def records(
        self, request: Request, review: str, stage: str = "abstract", outcome: str = "", page: int = 1
    ) -> Response:
        """The records of a stage by what they came to; conflicts can be settled."""

        def opened(theirs: Service) -> Any:
            held = theirs.desk.review(review)
            rows = theirs.desk.review_records(review, _stage(stage), outcome)
            lead = held.team.get(theirs.desk.reviewer) == "lead"
            return held, rows, lead, theirs.desk.review_names(held)

        held, rows, lead, names = self._told(request, opened)
        number = min(max(page, 1), max(1, -(-len(rows) // PER_PAGE)))
        part = render.Part(rows[(number - 1) * PER_PAGE : number * PER_PAGE], len(rows), number, PER_PAGE)
        return self._page(
            request,
            lambda room: render.records_html(room, held, _stage(stage), outcome, part, names, lead=lead),
        )

    # -- files --------------------------------------------------------------------------------------

    def flow(self, request: Request, review: str, kind: str) -> Response:
        """The PRISMA flow as a picture or as JSON."""
        counted = self._told(request, lambda theirs: theirs.desk.review_flow(review))
        if kind == "svg":
            return Response(as_svg(counted), media_type="image/svg+xml")
        return Response(json.dumps(counted, ensure_ascii=False, indent=1), media_type="application/json")

    def export(self, request: Request, review: str) -> Response:
        """The whole review as a zip."""
        content = self._told(request, lambda theirs: theirs.desk.export_review(review))
        return Response(content, media_type="application/zip", headers=disposition(review, ".zip"))

    # -- forms --------------------------------------------------------------------------------------

    async def create(self, request: Request) -> Response:
        """A new review."""

        def work(theirs: Service, form: Any) -> str:
            fields = ("population", "intervention", "comparator", "outcome", "criteria")
            protocol = {name: _text(form, name) for name in fields if _text(form, name)}
            made = theirs.desk.create_review(
                _text(form, "question"),
                kind=_text(form, "kind") or "free",
                protocol=protocol,
                screeners=_number(form, "screeners", 1),
            )
            return f"/reviews/{made}"

        return await self._done(request, work)

    async def open(self, request: Request) -> Response:
        """Take in a review that was exported elsewhere."""

        def work(theirs: Service, form: Any) -> str:
            return f"/reviews/{theirs.desk.open_review(received(theirs, [form.get('file')])[0])}"

        return await self._done(request, work)

    async def act(self, request: Request, review: str, act: str) -> Response:
        """What a form of a review's page asks for, by the name of the act."""

        def work(theirs: Service, form: Any) -> str:
            if act not in FORMS:
                raise UsageError(f"No act '{act}' of a review (found: {', '.join(FORMS)}).")
            return FORMS[act](theirs, review, form)

        return await self._done(request, work)


def received(service: Service, files: Any) -> list[Path]:
    """Keep the files that a form brought, as uploads are kept.

    Raises:
        UsageError: none, or more bytes than ``upload_mb``.
        Forbidden: the person works on no reviews.
    """
    service.desk.require("review")
    given = [file for file in files if getattr(file, "filename", "")]
    return service.batches.kept((file.filename, file.file) for file in given)


def _add(theirs: Service, review: str, form: Any) -> str:
    for file in received(theirs, form.getlist("files")):
        theirs.desk.add_review_set(
            review, file, name=_text(form, "name") or file.stem, query=_text(form, "query")
        )
    return _home(review)


def _search(theirs: Service, review: str, form: Any) -> str:
    if not _text(form, "query"):
        raise UsageError("Write a search strategy in PubMed's grammar, as in: (beta blocker*[ti]) AND pain")
    theirs.desk.search_review(review, _text(form, "query"))
    return _home(review)


def _refresh(theirs: Service, review: str, form: Any) -> str:
    theirs.desk.refresh_review(review)
    return _home(review)


def _team(theirs: Service, review: str, form: Any) -> str:
    theirs.desk.add_reviewer(review, _text(form, "person"), _text(form, "role"))
    return f"{_home(review)}#team"


def _decide(theirs: Service, review: str, form: Any) -> str:
    stage, record, verdict = _stage(_text(form, "stage")), _text(form, "record"), _text(form, "do")
    if verdict == "not-retrieved":
        theirs.desk.not_retrieved(review, record)
    else:
        reason = _text(form, "other") or _text(form, "reason")
        theirs.desk.decide(
            review,
            record,
            verdict,
            stage=stage,
            reason=reason if verdict == "exclude" else "",
            token=_text(form, "token") or None,
        )
    return f"{_home(review)}/screen?stage={stage}"


def _undo(theirs: Service, review: str, form: Any) -> str:
    theirs.desk.undo_review_act(review, _number(form, "seq", 0))
    stage, record = _stage(_text(form, "stage")), quote(_text(form, "record"), safe="")
    return f"{_home(review)}/screen?stage={stage}" + (f"&record={record}" if record else "")


def _settle(theirs: Service, review: str, form: Any) -> str:
    stage = _stage(_text(form, "stage"))
    theirs.desk.settle(
        review, _text(form, "record"), _text(form, "do"), stage=stage, reason=_text(form, "reason")
    )
    return f"{_home(review)}/records?stage={stage}&outcome=conflict"


FORMS: dict[str, Callable[[Service, str, Any], str]] = {
    "sets": _add,
    "search": _search,
    "refresh": _refresh,
    "team": _team,
    "decide": _decide,
    "undo": _undo,
    "settle": _settle,
}
"""What is done, and where the person is led."""


def add_reviews(app: FastAPI, service: Service) -> None:
    """Add the routes to a FastAPI application."""
    room = Reviews(service)
    for method, path, endpoint in (
        ("GET", "/reviews", room.listed),
        ("POST", "/reviews", room.create),
        ("POST", "/reviews/open", room.open),
        ("GET", "/reviews/{review}", room.review),
        ("GET", "/reviews/{review}/screen", room.screen),
        ("GET", "/reviews/{review}/records", room.records),
        ("GET", "/reviews/{review}/flow.{kind}", room.flow),
        ("GET", "/reviews/{review}/export.zip", room.export),
        ("POST", "/reviews/{review}/{act}", room.act),
    ):
        app.add_api_route(path, endpoint, methods=[method], include_in_schema=False, response_model=None)


def _home(review: str) -> str:
    return f"/reviews/{quote(review, safe='')}"


def _text(form: Any, name: str) -> str:
    return str(form.get(name) or "").strip()


def _number(form: Any, name: str, default: int) -> int:
    given = _text(form, name)
    return int(given) if given.isdecimal() and len(given) < 19 else default


def _stage(text: str) -> Stage:
    if text not in STAGES:
        raise UsageError(f"No stage '{text}' (found: {', '.join(STAGES)}).")
    return text
