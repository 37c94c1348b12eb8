"""Makes pseudonyms of people: a keyed hash of a user's id, with a key that lies beside the catalogue and goes
into no backup.

Knows the key's file. The catalogue or a backup alone does not tell whose history or ranking it
holds.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

KEY_FILE = ".pseudonyms.key"
"""Files whose names begin with a dot are left out of backups."""


def pseudonym(folder: Path, user_id: str, purpose: str) -> str:
    """The pseudonym of a user for one purpose; without the key those of two purposes cannot be joined.

    Args:
        folder: of the library.
        user_id: the user's own id.
        purpose: ``history``, ``rater``, ``attempt``, ``sight`` or ``export``.
    """
    digest = hmac.new(_key(folder), f"{purpose}\0{user_id}".encode("utf-8", "replace"), hashlib.sha256)
    return f"p-{digest.hexdigest()[:24]}"


def _key(folder: Path) -> bytes:
    path = folder / KEY_FILE
    with (
        suppress(FileExistsError),
        os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream,
    ):
        stream.write(secrets.token_bytes(32))
    while len(key := path.read_bytes()) < 32:  # another process is writing it just now
        pass
    return key
