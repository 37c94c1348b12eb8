"""Copies a library into one file while it is in use, and makes a library from such a file.

Knows the library's folder: the catalogue and the vectors (copied by SQLite's own online backup), and small
files beside them. The word index and the embedded graph are left out: they are rebuilt from the catalogue.
Histories of people and their sessions are left out too. The manifest, with the SHA-256 of each part, is
written last.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any

from kgrag.catalogue.damage import named, problems_of
from kgrag.errors import Damaged, DiskFull, NotFound, UsageError
from kgrag.library import Library
from kgrag.system.files import is_disk_full, now, private
from kgrag.upkeep.foreign_settings import set_aside

logger = logging.getLogger(__name__)
MANIFEST = "manifest.json"
CATALOGUE = "catalogue.sqlite"
# The vectors first: a copy of them that is older than the catalogue's catches up, a newer one could not.
DATABASES = ("vectors/vectors.sqlite", CATALOGUE)
LEFT_OUT = ("words", "graph", "vectors", "backups")
LEFT_OUT_TABLES = ("history", "sessions", "attempts")
FORMAT = 1
MOST_MANIFEST = 100_000_000
_CHUNK = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,  # encrypted, or packed in a way that is not read
    RecursionError,
)
"""What reading a zip that is none, or not ours, raises."""


def backup(library: Library, target: Path) -> dict[str, Any]:
    """Write the library into one file, whole or not at all; others may read and write the library meanwhile.

    Args:
        library: open; its catalogue in SQLite.
        target: a new file.

    Returns:
        The manifest: format, library, created, and each part's size and sha256.

    Raises:
        UsageError: the file exists, or the catalogue is not SQLite.
        Damaged: the catalogue is; no backup is made of it.
        DiskFull: no room for it; nothing is left of it.
    """
    if target.exists():
        raise UsageError(f"{target} exists; a backup overwrites nothing. Give another name.")
    if library.catalogue.engine.dialect.name != "sqlite":
        raise UsageError(
            "The catalogue is in PostgreSQL. Back it up with pg_dump; the followers are rebuilt: kgrag"
            " rebuild vectors"
        )
    partial = target.with_name(target.name + ".part")
    try:
        with (
            open(partial, "wb", opener=private) as stream,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        ):
            parts = {name: _add(archive, name, path) for name, path in _parts(library.folder, target.parent)}
            manifest = {
                "format": FORMAT,
                "library": library.catalogue.library_id,
                "created": now(),
                "parts": parts,
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        partial.replace(target)
    except OSError as error:
        if is_disk_full(error):
            raise DiskFull(f"the backup in {target.parent}") from error
        raise
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return manifest


def restore(source: Path, folder: Path, *, trust_settings: bool = False) -> dict[str, Any]:
    """Make a library from a backup; every part is checked before the folder appears under its name.

    Args:
        source: a file of ``backup``.
        folder: must not exist, or be empty.
        trust_settings: whether to use also those of its settings that lead elsewhere; a backup of somebody
            else could send questions and passwords to its maker.

    Returns:
        The manifest, with ``settings``: ``used`` and ``set_aside``, each with its values.

    Raises:
        NotFound: no such file.
        UsageError: the folder holds something; the file is no backup, or a part of it is damaged.
    """
    if not source.is_file():
        raise NotFound(f"No file '{source}'. Make one: kgrag backup FILE")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} is not empty; restore overwrites nothing. Give a new folder: kgrag restore {source}"
            " --library DIR"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".restore-") as place:
        manifest = _unpack(source, Path(place) / "library")
        manifest["settings"] = set_aside(Path(place) / "library" / "kgrag.toml", trust=trust_settings)
        if folder.exists():
            folder.rmdir()
        (Path(place) / "library").replace(folder)
    return manifest


def _parts(folder: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Each part's name and a file that no longer changes."""
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".backup-") as place:
        for name in DATABASES:
            if (folder / name).exists():
                copy = Path(place) / "copy.sqlite"
                try:
                    _copy_database(folder / name, copy)
                    _check(copy, name)
                except Damaged as error:
                    if name == CATALOGUE:
                        raise
                    logger.warning(
                        "%s It is left out of the backup, and made anew where that is restored.", error
                    )
                    continue
                if name == CATALOGUE:
                    _forget_people(copy)
                yield name, copy
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if (
            path.is_file()
            and not path.is_symlink()
            and relative.parts[0] not in LEFT_OUT
            and not _fleeting(relative)
        ):
            yield relative.as_posix(), path


def _fleeting(relative: Path) -> bool:
    return relative.name.startswith((".", CATALOGUE)) or relative.suffix in (".part", ".lock")


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's online backup in one step: one read transaction, beside which WAL lets others write."""
    target.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new, pages=-1)
            new.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        part = source.stem
        raise named(error, part, target, "No backup was made. Look: kgrag doctor") or error from error


def _check(copy: Path, name: str) -> None:
    """Refuse to call a copy of a damaged database a backup.

    Raises:
        Damaged: it is one.
    """
    part = PurePosixPath(name).stem
    heal = "No backup was made; those made before are the good ones. Look: kgrag doctor"
    if problems := problems_of(copy, part, heal):
        raise Damaged(part, "; ".join(problems), heal)


def _forget_people(copy: Path) -> None:
    """Leave out who asked what, and who is logged in: a backup lives longer than either may."""
    with closing(sqlite3.connect(copy)) as database:
        database.execute("PRAGMA secure_delete=ON")
        for table in LEFT_OUT_TABLES:
            database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
        database.commit()


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> dict[str, Any]:
    with path.open("rb") as stream, archive.open(name, "w", force_zip64=True) as part:
        return _copy(stream, part)


def _copy(source: IO[bytes], target: IO[bytes], most: int | None = None) -> dict[str, Any]:
    """Copy, at most so many bytes and some; returns size and digest of what was copied."""
    digest, size = hashlib.sha256(), 0
    while (most is None or size <= most) and (chunk := source.read(_CHUNK)):
        target.write(chunk)
        digest.update(chunk)
        size += len(chunk)
    return {"size_bytes": size, "sha256": digest.hexdigest()}


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    folder.mkdir(mode=0o700)
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest(archive, source)
            for name, wanted in manifest["parts"].items():
                _extract(archive, name, wanted, folder, source)
    except UsageError:
        raise
    except _DAMAGED as error:
        if is_disk_full(error):
            raise DiskFull(folder.parent.parent) from error
        raise UsageError(
            f"{source} is not a whole backup: {error}. Nothing was restored; take another backup file."
        ) from error
    return manifest


def _manifest(archive: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    if MANIFEST not in archive.namelist():
        raise UsageError(
            f"{source} has no manifest: it is no backup of kgrag, or its writing was cut short. Nothing was"
            " restored."
        )
    if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST:
        raise ValueError("its manifest is too large to be one")
    manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
    str(manifest["created"]), str(manifest["library"])
    if manifest["format"] != FORMAT or CATALOGUE not in manifest["parts"]:
        raise UsageError(
            f"{source} has format {manifest['format']}, this kgrag reads {FORMAT}. Install the kgrag that"
            " wrote it."
        )
    return manifest


def _extract(archive: zipfile.ZipFile, name: str, wanted: dict[str, Any], folder: Path, source: Path) -> None:
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or (os.sep != "/" and "\\" in name):
        raise UsageError(f"{source} names a part outside the library: '{name}'. Nothing was restored.")
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if wanted["size_bytes"] > shutil.disk_usage(folder).free:
        raise UsageError(
            f"No room for '{name}' ({wanted['size_bytes'] / 1e9:.1f} GB) in {folder.parent.parent}. Nothing"
            " was restored."
        )
    with archive.open(name) as part, path.open("wb") as stream:
        found = _copy(part, stream, int(wanted["size_bytes"]))
    if found != wanted:
        raise UsageError(
            f"Part '{name}' of {source} is damaged: its checksum is not the manifest's. Nothing was restored;"
            " take another backup file."
        )
