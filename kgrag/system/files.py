"""Writes files whole or not at all, keeps numbered versions, and takes digests; tells the time as files and
tables hold it.

Knows the operating system only.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kgrag.errors import Damaged

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


def private_folder(folder: Path) -> None:
    """A folder that this account alone may read, made where there is none; one that stands and is empty
    becomes such a one, one that is in use stays as it is.
    """
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        if not any(folder.iterdir()) and hasattr(os, "getuid") and folder.stat().st_uid == os.getuid():
            folder.chmod(0o700)


def private(path: str, flags: int) -> int:
    """For ``open``: a new file is for this account alone."""
    return os.open(path, flags, 0o600)


def sums_of(paths: Iterable[Path]) -> dict[str, tuple[int, int]]:
    """Size and CRC-32 of files by their names: not against people, but against disks."""
    return {path.name: (path.stat().st_size, _crc(path)) for path in paths}


def unlike(folder: Path, sums: Mapping[str, Sequence[int]], *, by_size: bool = False) -> list[str]:
    """Names of files that are not as they were when ``sums_of`` looked at them; ``by_size`` does not read
    them.
    """
    return [
        name
        for name, (size, crc) in sums.items()
        if not (folder / name).is_file()
        or (folder / name).stat().st_size != size
        or not (by_size or _crc(folder / name) == crc)
    ]


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            crc = zlib.crc32(part, crc)
    return crc


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


def read_json(path: Path) -> Any:
    """What a JSON file of the library holds.

    Raises:
        Damaged: it is no JSON.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:  # also where it is no UTF-8
        heal = f"Put it back from a backup, or remove {path}: then the defaults that ship are used."
        raise Damaged(f"file {path.name}", error, heal) from error


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
        """What ``choose`` was told last; None where nothing is chosen.

        Raises:
            Damaged: the file is no JSON.
        """
        return read_json(self.marker) if self.marker.is_file() else None

    def choose(self, value: Any) -> None:
        """Says which versions are in use: a name, or several in their order."""
        self.folder.mkdir(exist_ok=True)
        write_whole(self.marker, json.dumps(value))
