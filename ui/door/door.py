"""Who is asking: sessions in a cookie, and the door that every request of the service goes through.

Knows cookies and the headers of requests; the pages before it are ``ui.door.forms``'. What a role may do is
``kgrag.people.rights``'; passwords are ``kgrag.people.users``'. Until there is an admin, the service is for
this computer alone: whoever asks it by a loopback name is a local admin, and is invited to set a password.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response

from kgrag.desk.entrance import Entrance
from kgrag.errors import KgragError, UsageError
from kgrag.library import Library
from kgrag.people.rights import LOCAL, Person, may
from kgrag.people.sessions import Session
from kgrag.system.network import is_loopback
from ui.door.budget import Body, most_bytes, too_large
from ui.door.outside import add_headers, is_known_host, is_open_route, known_part, origin_of, own_origins
from ui.problems import MEDIA_TYPE, RETRY_AFTER_S, problem, problem_of

COOKIE = "kgrag_session"
HEALTH = ("/healthz", "/readyz")
OPEN_PATHS = (*HEALTH, "/login", "/oidc/start", "/oidc/callback")
API = "/api/v1"
SAFE = ("GET", "HEAD", "OPTIONS")
NOTED = (403, 408, 413, 415, 421, 429)
"""What stands in the log of security; who only has to log in does not."""
FORMS = ("/login", "/logout", "/setup")
BEARER = {"WWW-Authenticate": "Bearer"}
NOBODY = (
    "Nobody is logged in, and no valid token was given. Open /login, or send the header Authorization: Bearer"
    " TOKEN; an admin gives tokens."
)
UNKNOWN_BEARER = (
    "No valid token was given. Send the header Authorization: Bearer TOKEN; an admin gives tokens."
)
FIRST_ADMIN = "admin"
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
    """ASGI middleware: nothing but the login page and the health check is reached without a person, no
    foreign page can act in their name, and nobody sends more than their route takes.

    Args:
        app: the application behind it.
        auth: who is who.
        bearer: whose an ``Authorization`` header of the API is, without it nobody's.
    """

    def __init__(
        self, app: Any, auth: Auth, bearer: Callable[[str], Person | None] = lambda header: None
    ) -> None:
        self.app, self.auth, self.bearer = app, auth, bearer
        self.upload_bytes = auth.settings.upload_mb * 1_000_000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through with ``state.person`` set, or answer it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # nothing here speaks it
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        body = Body(receive, most_bytes(scope["path"], self.upload_bytes))
        scope["state"] = {**scope.get("state", {}), "person": None, "auth": self.auth, "gone": body.gone}
        answer = self._refused_unseen(scope, headers, body.most)
        told: list[int] = []
        sending = self._with_headers(scope, send, told)
        try:
            if answer is None:
                scope["state"]["person"] = person = await self._person(scope, headers)
                answer = self._refused_to(scope, headers, person)
            await (answer or self.app)(scope, body.receive, sending)
        except ClientDisconnect:  # left in the middle of their body; there is nobody to answer
            return
        except KgragError as error:  # of the door itself, or of a page that has no words for it
            if told:
                raise
            await failed(error)(scope, body.receive, sending)
        finally:
            body.close()
        if told and told[0] in NOTED:
            await self._note(scope, told[0])

    async def _note(self, scope: Scope, status: int) -> None:
        """Tell the log of security what was refused to whom: by the route's name, never by what was sent."""
        person, route = scope["state"]["person"], getattr(scope.get("route"), "path", "")
        reason = f"{status} {scope['method']} {route or known_part(scope['path'])}"
        note = self.auth.entrance.refusals.note
        with suppress(KgragError):  # it is answered; a full disk must not undo that
            await run_in_threadpool(note, person.id if person else "nobody", reason)

    async def _person(self, scope: Scope, headers: Headers) -> Person | None:
        if scope["path"] in HEALTH:
            return None
        return self.auth.person(headers, address_of(scope))

    def _with_headers(self, scope: Scope, send: Send, told: list[int]) -> Send:
        https = scope.get("scheme") == "https" or (self.auth.settings.public_url or "").startswith("https:")

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                told.append(message["status"])
                add_headers(MutableHeaders(scope=message), scope["path"], https=https)
            await send(message)

        return sending

    def _refused_unseen(self, scope: Scope, headers: Headers, most: int) -> Response | None:
        """What is refused to anybody, before it is looked who they are."""
        path, method = scope["path"], scope["method"]
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > most:
            return refused(path, 413, "TooLarge", too_large(most))
        if not is_known_host(headers.get("host", ""), self.auth.settings):
            return refused(
                path,
                421,
                "UnknownHost",
                "The service is not reached by this name. An admin can add it to the setting hosts, or set"
                " public_url.",
            )
        if path in FORMS and method == "POST" and not _is_plain_form(headers):
            return refused(path, 415, "NotAForm", "Send the form of the page.")
        return None

    def _refused_to(self, scope: Scope, headers: Headers, person: Person | None) -> Response | None:
        """What is refused to a person, or to nobody, before the body is read."""
        path: str = scope["path"]
        given = headers.get("authorization", "")
        by_token = path.startswith(API) and given.lower().startswith("bearer ")
        if scope["method"] not in SAFE and not by_token and not self._own_page(scope, headers):
            return refused(
                path,
                403,
                "Forbidden",
                "The request comes from another page than this service's own. Open the service itself.",
            )
        if path in OPEN_PATHS:
            return None
        if by_token:
            person = self.bearer(given)
            if person is None:
                return refused(path, 401, "Refused", UNKNOWN_BEARER, BEARER)
        if person is not None:
            return _refused_at(scope["method"], path, person)
        if self.auth.is_open:
            return refused(
                path,
                403,
                "Forbidden",
                "Until an admin is set this service is reached by a loopback name only, such as"
                " http://127.0.0.1.",
            )
        if path.startswith(API):
            return None if path == f"{API}/openapi.json" else refused(path, 401, "Refused", NOBODY, BEARER)
        if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            return RedirectResponse(f"/login?next={_quoted(path)}", 303)
        return refused(path, 401, "NotLoggedIn", "Nobody is logged in. Open /login")

    def _own_page(self, scope: Scope, headers: Headers) -> bool:
        """Whether a request that changes something was sent by one of our own pages (or by a program, which
        has no page).
        """
        origin = headers.get("origin") or headers.get("referer")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("none", "same-origin") and self._told_csrf(
                headers
            )
        own = own_origins(scope.get("scheme", "http"), headers.get("host", ""), self.auth.settings)
        return origin_of(origin) in own

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


def _refused_at(method: str, path: str, person: Person) -> Response | None:
    """What is refused to a person at a path; files, before they have sent any."""
    if not is_open_route(method, path):
        return refused(path, 404, "NotFound", "There is no such page. Open /")
    if path != f"{API}/jobs/upload" or may(person, "ingest"):
        return None
    return refused(path, 403, "Forbidden", f"The role '{person.role}' may not upload (ingest): admin may.")


def _is_plain_form(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip() == "application/x-www-form-urlencoded"


def refused(
    path: str, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    return JSONResponse(problem(status, title, detail), status, headers, media_type=MEDIA_TYPE)


def failed(error: KgragError) -> Response:
    """What is answered where one of our errors ends a request: a database that does not answer, say."""
    told = problem_of(error)
    headers = {"Retry-After": RETRY_AFTER_S} if error.retryable else None
    return JSONResponse(told, told["status"], headers, media_type=MEDIA_TYPE)


def _cookies(headers: Headers) -> dict[str, str]:
    found: SimpleCookie = SimpleCookie()
    try:
        found.load(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}


def address_of(scope: Scope) -> str:
    """Where a request comes from; behind a proxy on this machine, what the proxy says (uvicorn sees to
    that).
    """
    return str((scope.get("client") or ("",))[0])


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path, safe="/")
