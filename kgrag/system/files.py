"""Writes files whole or not at all, keeps numbered versions, and takes digests; tells the time as files and
tables hold it.

Knows the operating system only.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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


def is_disk_full(error: Exception) -> bool:
    """Whether the system had no space left, or no more of it for this user."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_whole(path: Path, content: bytes | str) -> None:
    """Writes a file whole or not at all: beside it, to the disk, then in its place.

    Args:
        path: in a folder that exists; a file that stands there is replaced in one step.
        content: text is written as UTF-8.
    """
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        # a rename may reach the disk before the content does, and leave an empty file after a power cut
        os.fsync(file.fileno())
    partial.replace(path)


@dataclass(frozen=True, slots=True)
class Versions:
    """A folder of versions (``v0001.json`` …) and a file that says which of them are in use.

    Args:
        folder: made by the first ``choose``.
        pointer: name of the file that says so.
    """

    folder: Path
    pointer: str

    @property
    def marker(self) -> Path:
        """The file that says which versions are in use; absent while none is."""
        return self.folder / self.pointer

    def names(self) -> list[str]:
        """All versions, oldest first."""
        return sorted(path.stem for path in self.folder.glob("v*.json"))

    def next(self) -> str:
        """The name of the version to come."""
        return f"v{len(self.names()) + 1:04d}"

    def path(self, name: str) -> Path:
        """The file of a version."""
        return self.folder / f"{name}.json"

    def chosen(self) -> Any:
        """What ``choose`` was told last; None where nothing is chosen."""
        return json.loads(self.marker.read_text("utf-8")) if self.marker.is_file() else None

    def choose(self, value: Any) -> None:
        """Says which versions are in use: a name, or several in their order."""
        self.folder.mkdir(exist_ok=True)
        write_whole(self.marker, json.dumps(value))
