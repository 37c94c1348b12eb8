"""Computes digests of files.

Knows the operating system only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

_CHUNK = 1 << 20


def digest(paths: Iterable[Path], root: Path | None = None) -> str:
    """The first 16 hex digits of the SHA-256 over the files' contents, and over their names below ``root``
    where it is given.
    """
    whole = hashlib.sha256()
    for path in paths:
        if root is not None:
            whole.update(path.relative_to(root).as_posix().encode() + b"\0")
        with path.open("rb") as file:
            while part := file.read(_CHUNK):
                whole.update(part)
    return whole.hexdigest()[:16]
