"""What of the service can be seen and used from outside: which of Gradio's routes, under which names of the
host, from which pages, and with which headers every answer goes out.

Knows paths, addresses and headers; nothing of people.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders

from kgrag.settings import Settings
from kgrag.system.network import is_loopback

OWN = (
    "/healthz",
    "/readyz",
    "/login",
    "/logout",
    "/setup",
    "/oidc",
    "/answers",
    "/pages",
    "/admin",
    "/reviews",
    "/api/v1",
    "/sets",
    "/help",
    "/reading",
    "/concepts",
)
"""Where the service's own routes begin; the rest is Gradio's."""
_GRADIO: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (method, re.compile(pattern))
    for method, pattern in (
        ("GET", r"/"),
        ("GET", r"/(config|theme\.css|favicon\.ico|robots\.txt|manifest\.json)/?"),
        ("GET", r"/(assets|static|svelte)/(?!.*\.\.)[\w./@~-]*"),
        ("GET", r"/gradio_api/(app_id|startup-events|theme\.css)"),
        ("GET", r"/gradio_api/heartbeat/\w{1,64}"),
        ("GET", r"/gradio_api/queue/data"),
        ("POST", r"/gradio_api/(queue/join|cancel|reset)/?"),
    )
)
"""What the pages use. No page takes or gives files by Gradio, and programs have the API."""
LASTING = ("/assets/", "/static/", "/svelte/", "/favicon.ico")
"""What a browser may keep: it is alike for everybody."""

GRADIO_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:;"
    " media-src 'none'; object-src 'none'; frame-src 'none'; base-uri 'self'; form-action 'self';"
    " frame-ancestors 'none'"
)
"""Gradio makes functions of text and writes its settings into the page, so scripts in the page cannot be
forbidden there; where anything may be sent to or loaded from can.
"""
OWN_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
YEAR_S = 365 * 86_400


def is_open_route(method: str, path: str) -> bool:
    """Whether there is such a route for people: one of ours, or one of Gradio's that the pages use."""
    if _is_own(path):
        return True
    asked = "GET" if method == "HEAD" else method
    return any(asked == of and pattern.fullmatch(path) for of, pattern in _GRADIO)


def known_part(path: str) -> str:
    """The beginning of a path that says which part of the service was meant; the rest may be anything."""
    return next((begin for begin in (*OWN, "/gradio_api") if path.startswith(begin)), "/")


def _is_own(path: str) -> bool:
    return path in OWN or path.startswith(tuple(f"{begin}/" for begin in OWN))


def add_headers(headers: MutableHeaders, path: str, *, https: bool) -> None:
    """Give an answer the headers that all have; who may read it across origins, nobody but we say."""
    for name in [name for name in headers if name.startswith("access-control-")]:
        del headers[name]
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", OWN_POLICY if _is_own(path) else GRADIO_POLICY)
    if not path.startswith(LASTING):
        headers.setdefault("Cache-Control", "no-store")
    if https:
        headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}")


def is_known_host(host: str, settings: Settings) -> bool:
    """Whether the service is meant by a ``Host``: else a page elsewhere could have let its own name point
    here, and read what the visitor's network may read.

    Where everybody logs in and no name was set, any is taken: a foreign name has no session.
    """
    name = _name(host)
    if not name:
        return False
    if settings.auth != "off" and not settings.public_url and not settings.hosts:
        return True
    return is_loopback(f"http://{host}") or _is_address(name) or name in _names(settings)


def own_origins(scheme: str, host: str, settings: Settings) -> set[str]:
    """The origins of the service's own pages, as a browser sends them."""
    return {
        origin
        for origin in (origin_of(f"{scheme}://{host}"), origin_of(settings.public_url or ""))
        if origin is not None
    }


def origin_of(address: str) -> str | None:
    """Scheme, host and port of an address of the web; None of any other."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{parts.hostname}:{port or usual}"


def _names(settings: Settings) -> set[str]:
    given: Iterable[str] = (settings.host, *settings.hosts, urlsplit(settings.public_url or "").netloc)
    return {_name(one) for one in given if one} | _machine()


@lru_cache(maxsize=1)
def _machine() -> set[str]:
    name = socket.gethostname().lower()
    return {name, f"{name}.local"}


def _name(host: str) -> str:
    """A ``Host`` without its port, in small letters; empty where it is none."""
    try:
        return (urlsplit(f"http://{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
