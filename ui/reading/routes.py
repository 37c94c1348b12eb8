"""The reading room's own pages and what their script asks for: sets, evidence tables, citations, copies,
exports of what is ticked, the language.

Knows HTTP and forms; what is done is the desk's, what is shown ``ui.html.reading``'s.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from kgrag.desk.sets import MOST_WORKS
from kgrag.errors import KgragError
from kgrag.export import format_named
from kgrag.export.evidence_table import as_csv, as_docx
from kgrag.export.names import disposition
from kgrag.export.works import STYLES
from kgrag.people.rights import may
from kgrag.people.sets import MOST_NAME
from kgrag.render.short_names import short_names
from ui.door.door import require_person
from ui.door.forms import checked_form, form_token, set_form_cookie
from ui.door.language import keep_language, language_of
from ui.html import reading as render
from ui.html.parts import signs
from ui.html.reading import Room
from ui.html.scripts import READING
from ui.problems import problem_of
from ui.service import papers
from ui.service import sets as of_sets
from ui.service.questions import forms_of
from ui.service.service import Service
from ui.service.sources import state
from ui.words import word

STYLE_COOKIE = "kgrag_style"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Documents = Annotated[list[str], Query(min_length=1, max_length=MOST_WORKS)]


class ToKeep(BaseModel):
    """What is put into a set; without a set a new one of that name is made."""

    model_config = ConfigDict(extra="forbid")
    set: str = Field(default="", max_length=100)
    name: str = Field(default="", max_length=MOST_NAME)
    items: list[str] = Field(min_length=1, max_length=MOST_WORKS)


class Reading:
    """The routes; each acts as the person who asks.

    Args:
        service: of the library.
    """

    def __init__(self, service: Service) -> None:
        self.service = service

    # -- what the script asks for -------------------------------------------------------------------

    def script(self) -> Response:
        """``reading.js``, which every page loads."""
        return Response(READING, media_type="text/javascript")

    def cite(self, request: Request, document: Documents, style: str = "apa") -> Response:
        """Works as references, a line each."""
        lines = self._told(request, lambda theirs: theirs.desk.cite(document, style))
        return PlainTextResponse("\n".join(lines) + "\n")

    def copy(self, request: Request, answer_id: str, style: str = "apa") -> Response:
        """An answer as one pastes it."""
        base = str(request.base_url).rstrip("/")
        given = self.service.library.settings.public_url or base
        address = f"{given.rstrip('/')}/answers/{quote(answer_id, safe='')}"
        return PlainTextResponse(self._told(request, lambda t: t.desk.copied(answer_id, style, address)))

    def works(self, request: Request, format: str, document: Documents) -> Response:
        """The works that were ticked, as a file."""
        content = self._told(request, lambda theirs: theirs.desk.export_documents(document, format))
        return _file(content, format, "references")

    def original(self, request: Request, document: str) -> Response:
        """The PDF of a paper."""

        def made(theirs: Service) -> Any:
            path = papers.original(theirs, document)
            return path, short_names([theirs.records.as_json(theirs.document(document))])[document]

        path, name = self._told(request, made)
        return FileResponse(path, media_type="application/pdf", headers=disposition(name, ".pdf"))

    def own_sets(self, request: Request) -> Response:
        """The sets that the person may fill, for the chooser."""

        def listed(theirs: Service) -> list[dict[str, Any]]:
            own = theirs.desk.owner
            return of_sets.named([each.as_json() for each in theirs.desk.sets() if each.owner == own])

        return JSONResponse({"sets": self._told(request, listed)})

    def keep(self, request: Request, body: ToKeep) -> Response:
        """Put things into a set."""

        def kept(theirs: Service) -> dict[str, Any]:
            language = language_of(request)
            if body.set:
                n, set_id = theirs.desk.add_to_set(body.set, body.items), body.set
            else:
                name = body.name or word("set_unnamed", language)
                set_id, n = theirs.desk.make_set(name, items=body.items), len(body.items)
            held = theirs.desk.open_set(set_id).set
            said = word("set_kept", language, n=n, name=held.name)
            return {"id": set_id, "said": said}

        return JSONResponse(self._told(request, kept))

    def sample(self, request: Request) -> Response:
        """Read the bundled papers into a library that holds none."""
        return JSONResponse({"batch": self._told(request, lambda theirs: theirs.load_sample())})

    def state(self, request: Request) -> Response:
        """Whether the library holds nothing, and how far the batch is that is being read."""
        return JSONResponse(self._told(request, state))

    def language(self, request: Request, language: str, to: str = "/") -> Response:
        """Remember the language, and go back."""
        inside = to.startswith("/") and not to.startswith(("//", "/\\"))
        response = RedirectResponse(to if inside else "/", 303)
        keep_language(response, "zh" if language == "zh" else "en")
        return response

    # -- pages --------------------------------------------------------------------------------------

    def sets(self, request: Request) -> Response:
        """The sets that the person has and may read."""
        found = self._told(request, lambda theirs: [each.as_json() for each in theirs.desk.sets()])
        return self._page(request, lambda room: render.sets_html(room, found))

    def one(self, request: Request, set_id: str) -> Response:
        """One set."""

        def opened(theirs: Service) -> Any:
            found = theirs.desk.open_set(set_id)
            return found, of_sets.shown(theirs, found)

        found, items = self._told(request, opened)
        return self._page(
            request, lambda room: render.set_html(room, found.set.as_json(), items, own=found.own)
        )

    def set_file(self, request: Request, set_id: str, format: str) -> Response:
        """A set as a file, named after it."""
        name, content = self._told(
            request,
            lambda t: (t.desk.open_set(set_id).set.name, t.desk.export_set(set_id, format)),
        )
        return _file(content, format, name)

    def table(self, request: Request, id: str) -> Response:
        """The evidence table of an answer or a set."""

        def made(theirs: Service) -> Any:
            title, rows = theirs.desk.evidence_table(id)
            records = {one: theirs.records.as_json(theirs.records.document(one)) for one in _works(rows)}
            return title, rows, {one: signs(record) for one, record in records.items()}

        title, rows, marks = self._told(request, made)
        back = request.url.path.removesuffix("/table")
        return self._page(request, lambda room: render.table_html(room, title, rows, marks, back))

    def table_file(self, request: Request, id: str, kind: str) -> Response:
        """The evidence table as CSV or Word."""
        title, rows = self._told(request, lambda theirs: theirs.desk.evidence_table(id))
        language = language_of(request)
        self._told(request, lambda theirs: theirs.desk.require("export"))
        if kind == "csv":
            content, media_type = as_csv(rows, language), "text/csv"
        else:
            content, media_type = self._told(request, lambda t: as_docx(rows, title, language)), DOCX
        return Response(content, media_type=media_type, headers=disposition(f"{title} evidence", f".{kind}"))

    def help(self, request: Request) -> Response:
        """What can be asked, with examples from this library."""
        forms = self._told(request, lambda theirs: forms_of(theirs, language_of(request)))
        return self._page(request, lambda room: render.help_html(room, forms))

    # -- forms --------------------------------------------------------------------------------------

    async def make(self, request: Request) -> Response:
        """A new set."""
        return await self._done(
            request, lambda theirs, form: f"/sets/{theirs.desk.make_set(str(form.get('name', '')))}"
        )

    async def change(self, request: Request, set_id: str) -> Response:
        """Another name or note; shared or not."""

        def work(theirs: Service, form: Any) -> str:
            theirs.desk.change_set(
                set_id,
                name=str(form.get("name", "")),
                note=str(form.get("note", "")),
                shared=form.get("shared") == "1",
            )
            return f"/sets/{set_id}"

        return await self._done(request, work)

    async def delete(self, request: Request, set_id: str) -> Response:
        """Remove a set."""

        def work(theirs: Service, form: Any) -> str:
            theirs.desk.delete_set(set_id)
            return "/sets"

        return await self._done(request, work)

    async def item(self, request: Request, set_id: str, number: int) -> Response:
        """Note something on an item, or take it out."""

        def work(theirs: Service, form: Any) -> str:
            if form.get("do") == "remove":
                theirs.desk.remove_from_set(set_id, [number])
            else:
                theirs.desk.note_in_set(set_id, number, str(form.get("note", "")))
            return f"/sets/{set_id}"

        return await self._done(request, work)

    # -- of these -----------------------------------------------------------------------------------

    async def _done(self, request: Request, work: Callable[[Service, Any], str]) -> Response:
        form = await checked_form(request)
        theirs = self.service.of(require_person(request))
        try:
            to = await run_in_threadpool(partial(work, theirs, form))
        except KgragError as error:
            raise told(error) from error
        finally:
            await form.close()
        return RedirectResponse(to, 303)

    def _told(self, request: Request, work: Callable[[Service], Any]) -> Any:
        """What a person gets; what is refused in the words of the command line."""
        try:
            return work(self.service.of(require_person(request), request.state.gone.is_set))
        except KgragError as error:
            raise told(error) from error

    def _page(self, request: Request, make: Callable[[Room], str]) -> Response:
        person, token = require_person(request), form_token(request)
        style = request.cookies.get(STYLE_COOKIE, "")
        room = Room(
            language_of(request),
            request.url.path,
            style if style in STYLES else "",
            token,
            may(person, "ingest"),
        )
        response = HTMLResponse(make(room))
        set_form_cookie(response, request, token)
        return response


def add_reading(app: FastAPI, service: Service) -> None:
    """Add the routes to a FastAPI application."""
    room = Reading(service)
    for method, path, endpoint in (
        ("GET", "/reading/reading.js", room.script),
        ("GET", "/reading/cite", room.cite),
        ("GET", "/reading/copy/{answer_id}", room.copy),
        ("GET", "/reading/export/{format}", room.works),
        ("GET", "/reading/original", room.original),
        ("GET", "/reading/sets", room.own_sets),
        ("POST", "/reading/sets", room.keep),
        ("POST", "/reading/sample", room.sample),
        ("GET", "/reading/state", room.state),
        ("GET", "/reading/language/{language}", room.language),
        ("GET", "/sets", room.sets),
        ("POST", "/sets", room.make),
        ("GET", "/sets/{set_id}", room.one),
        ("POST", "/sets/{set_id}", room.change),
        ("POST", "/sets/{set_id}/delete", room.delete),
        ("POST", "/sets/{set_id}/items/{number}", room.item),
        ("GET", "/sets/{set_id}/export/{format}", room.set_file),
        ("GET", "/sets/{id}/table", room.table),
        ("GET", "/sets/{id}/table.{kind}", room.table_file),
        ("GET", "/answers/{id}/table", room.table),
        ("GET", "/answers/{id}/table.{kind}", room.table_file),
        ("GET", "/help", room.help),
    ):
        app.add_api_route(path, endpoint, methods=[method], include_in_schema=False, response_model=None)


def told(error: KgragError) -> HTTPException:
    """An error of ours as an answer of HTTP."""
    return HTTPException(problem_of(error)["status"], str(error))


def _works(rows: Any) -> list[str]:
    return list(dict.fromkeys(row.document_id for row in rows))


def _file(content: bytes, format: str, name: str) -> Response:
    if format == "zip":
        return Response(content, media_type="application/zip", headers=disposition(name, ".zip"))
    chosen = format_named(format)
    return Response(content, media_type=chosen.media_type, headers=disposition(name, chosen.suffix))
