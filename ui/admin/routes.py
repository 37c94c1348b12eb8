"""The administration under /admin: overview, batches, people and rights, logs.

For admins alone; every act is a form with the session's token.

Knows routes and which act of the desk each form calls; the desk notes it. What is shown is made by
``ui.admin.html``; long work is done by ``ui.service.chores`` and ``ui.service.batches``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from kgrag.errors import Forbidden, KgragError, NotFound
from kgrag.people.rights import ROLES, SWITCHES
from ui.admin import holdings, html
from ui.admin.html import Frame
from ui.admin.state import batches, state
from ui.door.door import require_person
from ui.door.forms import BadForm, checked_form, form_token, set_form_cookie
from ui.door.language import keep_language, language_of
from ui.problems import problem_of
from ui.service.service import Service
from ui.words import word

SAID = "kgrag_said"
LINES = 100
Form = Mapping[str, Any]
Said = str | tuple[str, dict[str, object]]
Act = Callable[[Service, Form, Mapping[str, str]], Said]
"""Does something for the person of a service, from a form and the path's parts; returns the word that says
so.
"""


class Admin:
    """The routes over one service."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def show(self, request: Request, page: str, body: Callable[[Service, Frame], str]) -> Response:
        """A page, or the refusal in its place."""
        theirs, frame = self.service.of(require_person(request)), _frame(request)
        try:
            theirs.desk.require("keep")
            made, status = await run_in_threadpool(body, theirs, frame), 200
        except KgragError as error:
            status = problem_of(error)["status"]
            made, frame = "", replace(frame, said=str(error), failed=True)
        response = HTMLResponse(html.page_html(frame, page, made), status)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = (
            f"default-src 'self'; script-src 'nonce-{frame.nonce}'; style-src 'unsafe-inline'; img-src 'self'"
            " data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
        )
        response.delete_cookie(SAID, path="/admin")
        set_form_cookie(response, request, frame.token)
        return response

    async def overview(self, request: Request) -> Response:
        """Holdings, indexes, models, storage, backups."""
        return await self.show(
            request, "overview", lambda theirs, frame: html.overview_html(frame, state(theirs))
        )

    async def batches(self, request: Request) -> Response:
        """Uploads and batches."""
        settings = self.service.library.settings
        return await self.show(
            request,
            "batches",
            lambda theirs, frame: html.batches_html(
                frame, batches(theirs), settings.ingest_paths, settings.upload_mb
            ),
        )

    async def holdings(self, request: Request) -> Response:
        """Records, duplicates, notices."""
        wanted, pairs = request.query_params.get("find", ""), request.query_params.get("pairs") == "1"
        return await self.show(
            request,
            "holdings",
            lambda theirs, frame: holdings.holdings_html(frame, theirs, wanted, pairs=pairs),
        )

    async def live(self, request: Request) -> Response:
        """The batches alone."""
        theirs = self.service.of(require_person(request))
        try:
            theirs.desk.require("ingest")
        except Forbidden as error:
            return HTMLResponse("", problem_of(error)["status"])
        return HTMLResponse(
            await run_in_threadpool(lambda: html.list_html(_frame(request), batches(theirs))),
            headers={"Cache-Control": "no-store"},
        )

    async def people(self, request: Request) -> Response:
        """Users, switches, collections."""

        def body(theirs: Service, frame: Frame) -> str:
            off = [(what, role) for what in SWITCHES for role in ROLES if theirs.rights.is_off(what, role)]
            return html.people_html(
                frame,
                theirs.desk.users(),
                off,
                theirs.rights.collections(),
                theirs.person.id,
            )

        return await self.show(request, "people", body)

    async def logs(self, request: Request) -> Response:
        """One of the logs."""

        def body(theirs: Service, frame: Frame) -> str:
            log, before = request.query_params.get("log", "security"), request.query_params.get("before", "")
            oldest = int(before) if before.isdecimal() and len(before) < 19 else None
            return html.logs_html(
                frame,
                log,
                theirs.desk.log_lines(log, LINES, before=oldest),
                theirs.desk.verify_log(log),
                {user.id: user.name for user in theirs.desk.users()},
            )

        return await self.show(request, "logs", body)

    async def download(self, request: Request) -> Response:
        """A backup."""
        theirs = self.service.of(require_person(request))
        try:
            theirs.desk.require("keep")
            path = theirs.chores.backup_named(request.path_params["name"])
            await run_in_threadpool(theirs.desk.download_backup, path)
        except KgragError as error:
            return _back(request, "/admin", str(error), failed=True)
        return FileResponse(path, filename=path.name, media_type="application/zip")

    async def language(self, request: Request) -> Response:
        """Remember the language, and go back."""
        response = RedirectResponse(_referer(request), 303)
        keep_language(response, "zh" if request.path_params["language"] == "zh" else "en")
        return response

    def act(self, action: str, work: Act) -> Callable[[Request], Any]:
        """A route that does something and goes back to where it was asked for."""

        async def route(request: Request) -> Response:
            theirs = self.service.of(require_person(request))
            try:
                theirs.desk.require(action)
                form = await checked_form(request)
                said = await run_in_threadpool(work, theirs, form, request.path_params)
            except BadForm:
                raise
            except KgragError as error:
                return _back(request, _referer(request), str(error), failed=True)
            finally:
                await request.close()
            key, values = said if isinstance(said, tuple) else ("said_done", {})
            told = said if isinstance(said, str) and said else word(key, language_of(request), **values)
            return _back(request, _referer(request), told)

        return route


def add_admin(app: Any, service: Service) -> None:
    """Add the routes to a FastAPI application."""
    admin = Admin(service)
    pages: dict[str, Any] = {
        "/admin": admin.overview,
        "/admin/batches": admin.batches,
        "/admin/batches/live": admin.live,
        "/admin/holdings": admin.holdings,
        "/admin/people": admin.people,
        "/admin/logs": admin.logs,
        "/admin/backups/{name}": admin.download,
        "/admin/language/{language}": admin.language,
    }
    for path, endpoint in pages.items():
        app.add_route(path, endpoint, methods=["GET"], include_in_schema=False)
    for path, (action, work) in (ACTS | holdings.ACTS).items():
        app.add_route(f"/admin/{path}", admin.act(action, work), methods=["POST"], include_in_schema=False)


def _upload(theirs: Service, form: Form, _: Mapping[str, str]) -> Said:
    sent = form.getlist("files")  # type: ignore[attr-defined]  # Starlette's form
    files = [file for file in sent if getattr(file, "filename", "")]
    job = theirs.upload((file.filename, file.file) for file in files)
    return "said_accepted", {"n": len(files), "job": job}


def _start(theirs: Service, form: Form, _: Mapping[str, str]) -> Said:
    return "said_reading", {"job": theirs.start_batch([_text(form, "path")])}


def _steer(theirs: Service, _: Form, parts: Mapping[str, str]) -> str:
    if not parts["job"].isdecimal() or len(parts["job"]) > 18:
        raise NotFound(f"No job {parts['job']}. List them: kgrag jobs list")
    theirs.steer(int(parts["job"]), parts["act"])
    return ""


def _rebuild(theirs: Service, _: Form, parts: Mapping[str, str]) -> Said:
    theirs.desk.queue_rebuild(parts["follower"], theirs.chores.rebuild)
    return "said_begun", {}


def _backup(theirs: Service, _: Form, __: Mapping[str, str]) -> Said:
    theirs.desk.queue_backup(theirs.chores.back_up)
    return "said_begun", {}


def _remove_backup(theirs: Service, _: Form, parts: Mapping[str, str]) -> str:
    theirs.desk.remove_backup(theirs.chores.backup_named(parts["name"]))
    return ""


def _add_user(theirs: Service, form: Form, _: Mapping[str, str]) -> str:
    theirs.desk.add_user(
        _text(form, "name"),
        _text(form, "role"),
        password=_text(form, "password"),
        groups=_text(form, "groups").split(),
    )
    return ""


def _change_user(theirs: Service, form: Form, parts: Mapping[str, str]) -> str:
    desk = theirs.desk
    name = desk.user_with_id(parts["user"]).name
    acts: dict[str, Callable[[], None]] = {
        "role": lambda: desk.set_role(name, _text(form, "role")),
        "groups": lambda: desk.set_groups(name, _text(form, "groups").split()),
        "password": lambda: desk.set_password(name, _text(form, "password")),
        "disable": lambda: desk.set_disabled(name, True),
        "enable": lambda: desk.set_disabled(name, False),
        "delete": lambda: desk.delete_user(name),
    }
    if parts["act"] not in acts:
        raise NotFound(f"No act '{parts['act']}' (found: {', '.join(acts)}).")
    acts[parts["act"]]()
    return ""


def _switches(theirs: Service, form: Form, _: Mapping[str, str]) -> str:
    on = set(form.getlist("on"))  # type: ignore[attr-defined]  # Starlette's form
    for what in SWITCHES:
        for role in ROLES:
            wanted = f"{what} {role}" in on
            if wanted == theirs.rights.is_off(what, role):
                theirs.desk.switch(what, role, on=wanted)
    return ""


def _collection(theirs: Service, form: Form, _: Mapping[str, str]) -> str:
    theirs.desk.set_collection(
        _text(form, "name").strip(),
        _lines(form, "patterns"),
        documents=_lines(form, "documents"),
        groups=_text(form, "groups").split(),
        shows_records=bool(_text(form, "shows_records")),
        may_be_empty=bool(_text(form, "may_be_empty")),
    )
    return ""


def _collection_roles(theirs: Service, form: Form, _: Mapping[str, str]) -> str:
    name, on = _text(form, "name"), set(form.getlist("on"))  # type: ignore[attr-defined]  # Starlette's form
    for role in ROLES:
        if (role in on) == theirs.rights.is_off(f"collection:{name}", role):
            theirs.desk.switch(f"collection:{name}", role, on=role in on)
    return ""


def _remove_collection(theirs: Service, form: Form, _: Mapping[str, str]) -> str:
    theirs.desk.delete_collection(_text(form, "name"))
    return ""


ACTS: dict[str, tuple[str, Act]] = {
    "upload": ("ingest", _upload),
    "start": ("ingest", _start),
    "jobs/{job}/{act}": ("ingest", _steer),
    "rebuild/{follower}": ("keep", _rebuild),
    "backup": ("keep", _backup),
    "backups/{name}/remove": ("keep", _remove_backup),
    "users": ("users", _add_user),
    "users/{user}/{act}": ("users", _change_user),
    "switches": ("users", _switches),
    "collections": ("users", _collection),
    "collections/roles": ("users", _collection_roles),
    "collections/remove": ("users", _remove_collection),
}


def _text(form: Form, name: str) -> str:
    return str(form.get(name, ""))


def _lines(form: Form, name: str) -> list[str]:
    return [line.strip() for line in _text(form, name).splitlines() if line.strip()]


def _frame(request: Request) -> Frame:
    try:
        said = bytes.fromhex(request.cookies.get(SAID, "")).decode()
    except ValueError:
        said = ""
    return Frame(
        language_of(request), form_token(request), said[1:], said.startswith("!"), secrets.token_urlsafe(16)
    )


def _back(request: Request, to: str, said: str, *, failed: bool = False) -> Response:
    """Go back, and say there what was done or why not."""
    response = RedirectResponse(to, 303)
    response.set_cookie(
        SAID,
        (("!" if failed else " ") + said[:800]).encode().hex(),
        max_age=60,
        httponly=True,
        samesite="strict",
        path="/admin",
    )
    return response


def _referer(request: Request) -> str:
    """The page of the administration that a form was sent from."""
    path = "/" + request.headers.get("referer", "").partition("://")[2].partition("/")[2].partition("#")[0]
    return path if path.startswith("/admin") and "/live" not in path else "/admin"
