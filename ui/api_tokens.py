"""Who may do what over the API: bearer tokens with scopes, from ``KGRAG_API_TOKENS``. Knows no person and no route."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from kgrag.errors import UsageError
from ui.api_problems import Refused

SCOPES = ("read", "ask", "feedback", "admin")


class Tokens:
    """Tokens with their scopes; only digests are kept. With no token the API is as open as the pages, except for what needs ``admin``.

    Args:
        text: ``TOKEN:SCOPE+SCOPE,TOKEN:SCOPE``; empty for none.

    Raises:
        UsageError: not of that form, an unknown scope, or a token shorter than 16 characters. The text is not repeated.
    """

    def __init__(self, text: str) -> None:
        self._scopes: Mapping[bytes, frozenset[str]] = dict(_entry(part.strip()) for part in text.split(",") if part.strip())

    def __bool__(self) -> bool:
        return bool(self._scopes)

    def check(self, header: str | None, scope: str) -> str:
        """The caller's pseudonym, if it may act in a scope.

        Args:
            header: the request's ``Authorization``.
            scope: one of ``SCOPES``; ``admin`` holds all others.

        Raises:
            Refused: no or an unknown token (401), or one without the scope (403).
        """
        if not self._scopes:
            if scope == "admin":
                raise Refused("This needs a token with the scope 'admin', and no tokens are set. Set KGRAG_API_TOKENS=TOKEN:admin and start kgrag serve again.", 403)
            return "anonymous"
        kind, _, token = (header or "").partition(" ")
        digest = _digest(token)
        held = next((scopes for known, scopes in self._scopes.items() if hmac.compare_digest(known, digest)), None)
        if kind.lower() != "bearer" or held is None:
            raise Refused("No valid token was given. Send the header Authorization: Bearer TOKEN; an admin gives tokens.", 401)
        if not held & {scope, "admin"}:
            raise Refused(f"This needs the scope '{scope}'; the token has: {', '.join(sorted(held))}.", 403)
        return "token-" + digest.hex()[:12]


def _entry(part: str) -> tuple[bytes, frozenset[str]]:
    token, _, named = part.rpartition(":")
    scopes = frozenset(named.split("+"))
    if len(token) < 16 or not scopes <= set(SCOPES):
        raise UsageError(f"KGRAG_API_TOKENS is not valid: write TOKEN:SCOPE+SCOPE,… with tokens of 16 characters or more and scopes of {', '.join(SCOPES)}.")
    return _digest(token), scopes


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
