"""Knows again the browsers in which somebody has logged in before, by a cookie of theirs that tells no name.

A name that others guess at is locked for them; in a browser that is known its owner still comes in. Source:
OWASP, *Slow down online guessing attacks with device cookies*.
"""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from kgrag.people.pseudonyms import pseudonym

MOST = 5
"""Names that one browser is known under; of more, those longest unused are forgotten."""
_JOIN = "~"


def known_device(folder: Path, name: str, cookie: str) -> str | None:
    """The part of a browser's cookie that says that this name has logged in there; None where none does.

    Args:
        folder: of the library.
        name: as it is kept.
        cookie: whatever the browser sent.
    """
    for part in cookie.split(_JOIN)[:MOST]:
        nonce, _, sign = part.partition(".")
        if hmac.compare_digest(sign.encode("utf-8", "replace"), _sign(folder, name, nonce).encode()):
            return part
    return None


def remembered(folder: Path, name: str, cookie: str) -> str:
    """The cookie of a browser in which this name has just logged in."""
    others = [part for part in cookie.split(_JOIN) if part and part != known_device(folder, name, cookie)]
    nonce = secrets.token_hex(8)
    return _JOIN.join([f"{nonce}.{_sign(folder, name, nonce)}", *others[: MOST - 1]])


def _sign(folder: Path, name: str, nonce: str) -> str:
    return pseudonym(folder, f"{nonce}\0{name}", "device")
