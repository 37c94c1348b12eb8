"""The pages before the door: log in and out, set the first admin; and the tokens that every form of the
service carries.

Knows forms and cookies. Who is who is ``ui.door.door``'s.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kgrag.errors import KgragError, TooMany, UsageError
from kgrag.people.devices import remembered
from kgrag.people.rights import Person
from kgrag.people.users import LoginFailed
from ui.door.door import COOKIE, Auth, address_of, current_person, refused
from ui.door.language import language_of
from ui.door.login_html import login_html, setup_html
from ui.limits import Limits
from ui.words import word

FORM_COOKIE, DEVICE_COOKIE = "kgrag_form", "kgrag_device"
DEVICE_S = 365 * 86_400
R = TypeVar("R")


def add_pages(app: Any, auth: Auth, limits: Limits) -> None:
    """The routes /login, /logout and /setup.

    Args:
        app: a FastAPI application.
        auth: who is who.
        limits: on attempts from one address.
    """

    async def login_page(request: Request) -> Response:
        return _form(request, login_html, auth, 200, "")

    async def login(request: Request) -> Response:
        form = await checked_form(request)
        name, password = str(form.get("name", "")), str(form.get("password", ""))
        try:
            limits.hit("login", address_of(request.scope))
            cookie = request.cookies.get(DEVICE_COOKIE, "")
            user = await in_thread(
                partial(auth.users.verify, name, password, address=address_of(request.scope), device=cookie)
            )
        except (LoginFailed, TooMany) as error:
            often = isinstance(error, TooMany)
            await in_thread(auth.entrance.note_refused if often else auth.entrance.note_failed)
            status = 429 if isinstance(error, TooMany) else 401
            said = str(error) if often else word("login_failed", language_of(request))
            return _form(
                request,
                login_html,
                auth,
                status,
                said,
                {"Retry-After": str(int(error.retry_after_s) + 1)} if isinstance(error, TooMany) else None,
                name,
            )
        response = await in_thread(enter, request, auth, user.person, str(form.get("next", "/")))
        _know_again(response, request, remembered(auth.entrance.catalogue.folder, user.name, cookie))
        return response

    async def logout(request: Request) -> Response:
        await checked_form(request)
        person, token = current_person(request), request.cookies.get(COOKIE)
        if token and person:
            await in_thread(auth.entrance.leave, person, token)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    async def setup_page(request: Request) -> Response:
        return _form(request, setup_html, auth, 200, "") if auth.is_open else RedirectResponse("/", 303)

    async def setup(request: Request) -> Response:
        form = await checked_form(request)
        if not auth.is_open:
            return RedirectResponse("/login", 303)
        try:
            if form.get("password") != form.get("again"):
                raise UsageError("The two passwords differ.")
            user = await in_thread(
                auth.entrance.add_first_admin, str(form.get("name", "")), str(form.get("password", ""))
            )
        except UsageError as error:
            return _form(request, setup_html, auth, 400, str(error))
        return await in_thread(enter, request, auth, user.person, "/")

    for path, method, endpoint in (
        ("/login", "GET", login_page),
        ("/login", "POST", login),
        ("/logout", "POST", logout),
        ("/setup", "GET", setup_page),
        ("/setup", "POST", setup),
    ):
        app.add_api_route(path, endpoint, methods=[method], include_in_schema=False, response_model=None)
    app.add_exception_handler(BadForm, _bad_form)


def _know_again(response: Response, request: Request, value: str) -> None:
    """Let the browser keep the sign that somebody has logged in there."""
    response.set_cookie(
        DEVICE_COOKIE,
        value,
        max_age=DEVICE_S,
        httponly=True,
        samesite="strict",
        secure=is_https(request),
        path="/login",
    )


class BadForm(KgragError):
    """A form without the token that its page gave."""


def enter(request: Request, auth: Auth, person: Person, to: str) -> Response:
    """Open a session, and go on; only to a place of this service."""
    token = auth.entrance.enter(person)
    response = RedirectResponse(to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/", 303)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(auth.sessions.hours * 3600),
        httponly=True,
        samesite="lax",
        secure=is_https(request),
        path="/",
    )
    return response


def is_https(request: Request) -> bool:
    """Whether people reach the service by https, also behind a proxy."""
    return request.url.scheme == "https" or (request.state.auth.settings.public_url or "").startswith(
        "https://"
    )


def form_token(request: Request) -> str:
    """The token that a form of this visitor must carry: their session's, or one in a cookie of its own before
    they log in.
    """
    session = request.state.auth.session(request.headers)
    return session.csrf if session else request.cookies.get(FORM_COOKIE, "") or secrets.token_urlsafe(24)


async def checked_form(request: Request) -> FormData:
    """A form that one of our pages sent; who takes files from it closes it.

    Raises:
        BadForm: without the token that its page gave.
    """
    form = await request.form()
    session = request.state.auth.session(request.headers)
    wanted = session.csrf if session else request.cookies.get(FORM_COOKIE, "")
    if not wanted or not hmac.compare_digest(str(form.get("csrf", "")).encode(), wanted.encode()):
        raise BadForm("The form is out of date. Open the page again.")
    return form


def _form(
    request: Request,
    page: Callable[..., str],
    auth: Auth,
    status: int,
    error: str,
    headers: dict[str, str] | None = None,
    name: str = "",
) -> Response:
    token = form_token(request)
    language = language_of(request)
    target = request.query_params.get("next", "/")
    response = HTMLResponse(
        page(token, language, error, target, name, oidc=auth.settings.auth == "oidc"), status, headers
    )
    response.headers["Cache-Control"] = "no-store"
    set_form_cookie(response, request, token)
    return response


def set_form_cookie(response: Response, request: Request, token: str) -> None:
    """Let the visitor's browser keep the token of a page's forms, where no session keeps it."""
    response.set_cookie(
        FORM_COOKIE, token, httponly=True, samesite="strict", secure=is_https(request), path="/"
    )


async def _bad_form(request: Request, error: Exception) -> Response:
    return refused(request.url.path, 403, "Forbidden", str(error))


async def in_thread(work: Callable[..., R], *arguments: Any) -> R:
    """Do what may wait for the database outside the event loop."""
    from starlette.concurrency import run_in_threadpool

    return await run_in_threadpool(work, *arguments)
