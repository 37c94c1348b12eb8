"""Seals what stands in an address so that only this library reads it: words that somebody looked for do not
stay in the history of a browser that others use.

Knows the library's key (``kgrag.people.pseudonyms``). Not what is sealed; nothing of it is kept.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from kgrag.errors import NotFound
from kgrag.people.pseudonyms import derived_key

LONGEST = 4_000


def seal(folder: Path, plain: Any) -> str:
    """What JSON can say, as a text for an address.

    Args:
        folder: of the library.
        plain: a value of JSON.
    """
    return _box(folder).encrypt(json.dumps(plain, ensure_ascii=False).encode()).decode().rstrip("=")


def unseal(folder: Path, text: str) -> Any:
    """What was sealed.

    Raises:
        NotFound: it was not sealed by this library.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        return json.loads(_box(folder).decrypt(padded.encode()) if len(text) <= LONGEST else b"")
    except (InvalidToken, ValueError) as error:
        raise NotFound("This address was not made by this library, or not as it stands.") from error


def _box(folder: Path) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived_key(folder, "address")))
