"""Who is asking: the login page, sessions in a cookie, and the door that every request of the service goes
through.

Knows cookies, Origin headers and forms. What a role may do is ``kgrag.people.rights``'; passwords are
``kgrag.people.users``'. Until there is an admin, the service is for this computer alone: whoever asks it by a
loopback name is a local admin, and is invited to set a password.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeVar
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from kgrag.desk.entrance import Entrance
from kgrag.errors import KgragError, TooMany, UsageError
from kgrag.library import Library
from kgrag.people.rights import LOCAL, Person
from kgrag.people.sessions import Session
from kgrag.people.users import LoginFailed
from kgrag.system.network import is_loopback
from ui.door.login_html import login_html, setup_html
from ui.limits import Limits
from ui.problems import MEDIA_TYPE, problem

COOKIE, FORM_COOKIE = "kgrag_session", "kgrag_form"
OPEN_PATHS = ("/healthz", "/login", "/oidc/start", "/oidc/callback")
API = "/api/v1"
SAFE = ("GET", "HEAD", "OPTIONS")
FIRST_ADMIN = "admin"
R = TypeVar("R")
Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


def current_person(request: Any) -> Person | None:
    """Who sends a request: a Starlette request, or the one that Gradio gives to its handlers.

    None: nobody who was let in.
    """
    inner = getattr(request, "request", request)
    found: Person | None = inner.scope.get("state", {}).get("person") if inner is not None else None
    return found


def require_person(request: Any) -> Person:
    """Who sends a request.

    Raises:
        UsageError: nobody is logged in; the door should not have let this through.
    """
    person = current_person(request)
    if person is None:
        raise UsageError("Nobody is logged in. Open /login")
    return person


class Auth:
    """Decides who a request comes from; see the module.

    Args:
        library: that is served.
    """

    def __init__(self, library: Library) -> None:
        self.settings = library.settings
        self.entrance = Entrance(library.catalogue, library.settings.session_hours)
        self.users, self.sessions = self.entrance.users, self.entrance.sessions
        self._has_admin = False
        self._salt = secrets.token_bytes(16)

    def make_first_admin(self) -> None:
        """The admin whose password the environment gives, where there is no admin yet."""
        password = self.settings.admin_password.get_secret_value()
        if password and not self.users.has_admin():
            self.entrance.add_first_admin(FIRST_ADMIN, password)

    @property
    def is_open(self) -> bool:
        """Whether anybody at this computer is an admin, because no admin has been set yet."""
        if self.settings.auth == "off" or self._has_admin:
            return False
        self._has_admin = self.users.has_admin()
        return not self._has_admin

    def check_host(self, host: str) -> None:
        """Refuse to listen beyond this computer while anybody who comes would be an admin.

        Raises:
            UsageError: with the next command.
        """
        if is_loopback(f"http://{host if ':' not in host else f'[{host}]'}"):
            return
        if self.settings.auth == "off" and self.settings.open_role == "admin":
            raise UsageError(
                f"auth is off and open_role is admin: everybody who reaches '{host}' could do everything."
                " Give open_role = 'reader', or auth = 'password'."
            )
        if self.is_open:
            raise UsageError(
                f"No admin is set, so the service listens on this computer only, not on '{host}'. Set one:"
                " kgrag users add --role admin NAME (or give KGRAG_ADMIN_PASSWORD)"
            )

    def session(self, headers: Headers) -> Session | None:
        """The session of a request's cookie."""
        token = _cookies(headers).get(COOKIE)
        return self.sessions.find(token) if token else None

    def person(self, headers: Headers, address: str = "") -> Person | None:
        """Who a request comes from, by its cookie or by how the service is set up; None: log in first."""
        if self.settings.auth == "off":
            return Person(f"open-{self._nameless(address)}", "", self.settings.open_role)
        if self.is_open:
            return LOCAL if is_loopback(f"http://{headers.get('host', '')}") else None
        found = self.session(headers)
        return found.person if found else None

    def _nameless(self, address: str) -> str:
        """What stands for an address until the service ends, to tell visitors without names apart for their
        limits.
        """
        return hashlib.blake2b(address.encode(), key=self._salt, digest_size=6).hexdigest()


class Door:
    """ASGI middleware: nothing but the login page and the health check is reached without a person, and no
    foreign page can act in their name.

    Args:
        app: the application behind it.
        auth: who is who.
    """

    def __init__(self, app: Any, auth: Auth) -> None:
        self.app, self.auth = app, auth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through with ``state.person`` set, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        person = self.auth.person(headers, _address(scope))
        scope["state"] = {**scope.get("state", {}), "person": person, "auth": self.auth}
        answer = self._refusal(scope, headers, person)
        await (answer(scope, receive, send) if answer else self.app(scope, receive, send))

    def _refusal(self, scope: Scope, headers: Headers, person: Person | None) -> Response | None:
        path: str = scope["path"]
        by_token = path.startswith(API) and headers.get("authorization", "").lower().startswith("bearer ")
        if scope.get("method", "GET") not in SAFE and not by_token and not self._own_page(headers):
            return _refused(
                path,
                403,
                "Forbidden",
                "The request comes from another page than this service's own. Open the service itself.",
            )
        if person is not None or by_token or path in OPEN_PATHS:
            return None
        if path.startswith(API) and self.auth.is_open is False:
            return None  # the API says itself what it needs, as a problem
        if self.auth.is_open:
            return _refused(
                path,
                403,
                "Forbidden",
                "Until an admin is set this service is reached by a loopback name only, such as"
                " http://127.0.0.1.",
            )
        if scope.get("method") == "GET" and "text/html" in headers.get("accept", ""):
            return RedirectResponse(f"/login?next={_quoted(path)}", 303)
        return _refused(path, 401, "NotLoggedIn", "Nobody is logged in. Open /login")

    def _own_page(self, headers: Headers) -> bool:
        """Whether a request that changes something was sent by one of our own pages (or by a program, which
        has no page).
        """
        origin = headers.get("origin") or headers.get("referer")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("none", "same-origin") and self._told_csrf(
                headers
            )
        own = {headers.get("host", ""), urlsplit(self.auth.settings.public_url or "").netloc}
        return origin != "null" and urlsplit(origin).netloc in own

    def _told_csrf(self, headers: Headers) -> bool:
        """A program that uses somebody's session without saying where it comes from must know the session's
        own token.
        """
        if COOKIE not in _cookies(headers):
            return True
        session = self.auth.session(headers)
        return session is None or hmac.compare_digest(
            headers.get("x-csrf-token", "").encode(), session.csrf.encode()
        )


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
            limits.hit("login", _address(request.scope))
            user = await in_thread(auth.users.verify, name, password)
        except (LoginFailed, TooMany) as error:
            often = isinstance(error, TooMany)
            await in_thread(auth.entrance.note_refused if often else auth.entrance.note_failed)
            status = 429 if isinstance(error, TooMany) else 401
            return _form(
                request,
                login_html,
                auth,
                status,
                str(error),
                {"Retry-After": str(int(error.retry_after_s) + 1)} if isinstance(error, TooMany) else None,
            )
        return await in_thread(enter, request, auth, user.person, str(form.get("next", "/")))

    async def logout(request: Request) -> Response:
        await checked_form(request)
        person, token = current_person(request), request.cookies.get(COOKIE)
        if token and person:
            await in_thread(auth.entrance.leave, person, token)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
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


async def checked_form(request: Request) -> Mapping[str, Any]:
    """A form that one of our pages sent.

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
) -> Response:
    token = form_token(request)
    language = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
    target = request.query_params.get("next", "/")
    response = HTMLResponse(
        page(token, language, error, target, oidc=auth.settings.auth == "oidc"), status, headers
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
    return _refused(request.url.path, 403, "Forbidden", str(error))


async def in_thread(work: Callable[..., R], *arguments: Any) -> R:
    """Do what may wait for the database outside the event loop."""
    from starlette.concurrency import run_in_threadpool

    return await run_in_threadpool(work, *arguments)


def _refused(path: str, status: int, title: str, detail: str) -> Response:
    return JSONResponse(problem(status, title, detail), status, media_type=MEDIA_TYPE)


def _cookies(headers: Headers) -> dict[str, str]:
    found: SimpleCookie = SimpleCookie()
    try:
        found.load(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}


def _address(scope: Scope) -> str:
    """Where a request comes from; behind a proxy on this machine, what the proxy says (uvicorn sees to
    that).
    """
    return str((scope.get("client") or ("",))[0])


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path, safe="/")
