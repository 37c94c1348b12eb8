"""Who calls the API: bearer tokens with scopes from ``KGRAG_API_TOKENS``, or whoever the door let in with a
session. Knows no route.

A token's scopes limit what it may do; of collections it sees those that are open to everybody (one with
``admin``: all).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from kgrag.errors import UsageError
from kgrag.people.rights import LOCAL, Person, require
from ui.door.door import NOBODY, UNKNOWN_BEARER, current_person
from ui.problems import Refused

SCOPES = ("read", "ask", "feedback", "admin")
_ACTIONS = {"read": "read", "ask": "ask", "feedback": "feedback", "admin": "audit"}
"""What a person with a session must be allowed to do for each scope."""


ANONYMOUS = Person("anonymous", "", "researcher")


class Tokens:
    """Tokens with their scopes; only digests are kept.

    With no token the API is as open as the pages, except for what needs ``admin``.

    Args:
        text: ``TOKEN:SCOPE+SCOPE,TOKEN:SCOPE``; empty for none.

    Raises:
        UsageError: not of that form, an unknown scope, or a token shorter than 16 characters. The text is not
            repeated.
    """

    def __init__(self, text: str) -> None:
        self._scopes: Mapping[bytes, frozenset[str]] = dict(
            _entry(part.strip()) for part in text.split(",") if part.strip()
        )

    def __bool__(self) -> bool:
        return bool(self._scopes)

    def check(self, header: str | None, scope: str) -> Person:
        """The caller, if it may act in a scope.

        Args:
            header: the request's ``Authorization``.
            scope: one of ``SCOPES``; ``admin`` holds all others.

        Raises:
            Refused: no or an unknown token (401), or one without the scope (403).
        """
        if not self._scopes:
            if scope == "admin":
                raise Refused(
                    "This needs a token with the scope 'admin', and no tokens are set. Set"
                    " KGRAG_API_TOKENS=TOKEN:admin and start kgrag serve again.",
                    403,
                )
            return ANONYMOUS
        held, person = self._held(header), self.who(header)
        if person is None:
            raise Refused(UNKNOWN_BEARER, 401)
        if not held & {scope, "admin"}:
            raise Refused(f"This needs the scope '{scope}'; the token has: {', '.join(sorted(held))}.", 403)
        return person

    def who(self, header: str | None) -> Person | None:
        """The caller with a token, whatever its scopes; None where it is none of ours."""
        held, token = self._held(header), (header or "").partition(" ")[2]
        if not held:
            return None
        return Person("token-" + _digest(token).hex()[:12], "", "admin" if "admin" in held else "researcher")

    def _held(self, header: str | None) -> frozenset[str]:
        kind, _, token = (header or "").partition(" ")
        if kind.lower() != "bearer":
            return frozenset()
        digest = _digest(token)
        found = (scopes for known, scopes in self._scopes.items() if hmac.compare_digest(known, digest))
        return next(found, frozenset())


def caller(request: Any, tokens: Tokens, scope: str) -> Person:
    """Who calls, if they may act in a scope: by a token, else by the session that the door found.

    Raises:
        Refused: nobody who may.
        Forbidden: somebody whose role may not.
    """
    person = current_person(request)
    if request.headers.get("authorization") or person is None or (tokens and person == LOCAL):
        return (
            tokens.check(request.headers.get("authorization"), scope)
            if tokens or _may_be_open(request)
            else _nobody()
        )
    require(person, _ACTIONS[scope])
    return person


def _may_be_open(request: Any) -> bool:
    """Without a door before it (in tests, or mounted elsewhere) the API is open; behind one, people log
    in.
    """
    return "auth" not in request.scope.get("state", {})


def _nobody() -> Person:
    raise Refused(NOBODY, 401)


def _entry(part: str) -> tuple[bytes, frozenset[str]]:
    token, _, named = part.rpartition(":")
    scopes = frozenset(named.split("+"))
    if len(token) < 16 or not scopes <= set(SCOPES):
        raise UsageError(
            "KGRAG_API_TOKENS is not valid: write TOKEN:SCOPE+SCOPE,… with tokens of 16 characters or more"
            f" and scopes of {', '.join(SCOPES)}."
        )
    return _digest(token), scopes


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
