"""Tells whether an address is of this machine, and opens the addresses that somebody named, and no others.

Knows addresses, and http in the one function that opens them.
"""

from __future__ import annotations

from http.client import HTTPResponse
from ipaddress import ip_address
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)


def is_loopback(url: str) -> bool:
    """Whether an address names this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def opened(address: str, timeout_s: float) -> HTTPResponse:
    """What an address that somebody named answers; of http and https alone, and followed nowhere else than to
    the same host.

    Raises:
        URLError: it does not answer, or (as HTTPError) answers with an error or leads elsewhere.
    """
    opener = OpenerDirector()
    for handler in (
        ProxyHandler,
        HTTPHandler,
        HTTPSHandler,
        HTTPDefaultErrorHandler,
        HTTPErrorProcessor,
        _SameHost,
    ):
        opener.add_handler(handler())
    opener.addheaders = [("User-Agent", "kgrag")]
    answer: HTTPResponse = opener.open(address, timeout=timeout_s)
    return answer


class _SameHost(HTTPRedirectHandler):
    """Follows an answer to another place of the same host, also from http to https."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """The request to make instead; an error where it would leave the host that was named."""
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        raised = (old.scheme, new.scheme, new.port) == ("http", "https", None)
        if new.hostname != old.hostname or not (raised or (old.scheme, old.port) == (new.scheme, new.port)):
            raise HTTPError(
                req.full_url, code, f"leads to another address, {newurl[:200]}; name that one", headers, fp
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)
