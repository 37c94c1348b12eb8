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
import time
from contextlib import suppress
from pathlib import Path

from kgrag.errors import Damaged

LENGTH, TRIES, PAUSE_S = 32, 40, 0.05
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


def derived_key(folder: Path, purpose: str) -> bytes:
    """A key of 32 bytes for another purpose, from which neither the library's key nor another one is told."""
    return hmac.new(_key(folder), f"key\0{purpose}".encode(), hashlib.sha256).digest()


def _key(folder: Path) -> bytes:
    path = folder / KEY_FILE
    with (
        suppress(FileExistsError),
        os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream,
    ):
        fresh = secrets.token_bytes(LENGTH)
        stream.write(fresh + _sum(fresh))
    for _ in range(TRIES):
        kept = path.read_bytes()
        if len(kept) == LENGTH or kept[LENGTH:] == _sum(kept[:LENGTH]):  # earlier versions wrote no sum
            return kept[:LENGTH]
        time.sleep(PAUSE_S)  # another process is writing it just now
    raise Damaged(
        "key of pseudonyms",
        f"{path} is not as it was written",
        f"Put the file back from a copy of the folder. Without it histories and rankings of before belong to"
        f" nobody any more; to go on so, remove {path}: a new one is made.",
    )


def check_key(folder: Path) -> bool:
    """Whether there is a key.

    Raises:
        Damaged: there is one, and it is not as it was written.
    """
    return (folder / KEY_FILE).exists() and bool(_key(folder))


def _sum(key: bytes) -> bytes:
    return hashlib.sha256(b"pseudonyms" + key).digest()[:4]
