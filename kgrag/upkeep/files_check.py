"""Whether the files of a library are as they were written, and who can read them.

Knows the folder: which file belongs to which part, and how each tells its own damage. Opens no follower.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from kgrag.catalogue.damage import problems_of
from kgrag.errors import KgragError
from kgrag.indexes import sentences, vectors, words
from kgrag.indexes.nearest import POINTER, read_snapshot
from kgrag.library import Library
from kgrag.people.pseudonyms import check_key
from kgrag.settings import load_settings
from kgrag.system.files import read_json, unlike

UPLOADS, BACKUPS = "uploads", "backups"
FOLLOWED = ("words", "graph", "vectors")
POINTERS = ("promoted.json", "in_use.json")
"""Files that say which of the versions beside them are in use."""
_CHUNK = 1 << 20
_OTHERS = 0o007


def follower_files(library: Library, name: str) -> list[str]:
    """What is wrong with the files of a follower, or of the memory of sentences; none where all are whole.

    Raises:
        Damaged: one cannot be read at all.
    """
    folder = library.folder
    if name == "words":
        return words.damaged_files(folder / name) if (folder / name).is_dir() else []
    if name == "graph":
        walk = getattr(library.graph, "walk", None)
        return list(walk.damaged()) if walk is not None else []
    module = vectors if name == "vectors" else sentences
    path = folder / "vectors" / module.FILE
    found = problems_of(path, name, module.HEAL) if path.exists() else []
    return found + (_snapshot(folder / "vectors") if name == "vectors" else [])


def _snapshot(folder: Path) -> list[str]:
    if not (folder / POINTER).exists():
        return []
    snapshot = read_snapshot(folder)
    return [POINTER] if snapshot is None else unlike(folder, snapshot.sums)


def wrong_files(folder: Path) -> list[str]:
    """What is wrong with the other files of a library, each with what to do."""
    return [*_settings(folder), *_key(folder), *_models(folder), *_uploads(folder)]


def _settings(folder: Path) -> Iterator[str]:
    try:
        load_settings(folder)
    except KgragError as error:
        yield str(error)


def _key(folder: Path) -> Iterator[str]:
    try:
        check_key(folder)
    except KgragError as error:
        yield str(error)


def _models(folder: Path) -> Iterator[str]:
    """The library's own models and thresholds, all JSON."""
    for path in sorted(folder.rglob("*.json")):
        if path.relative_to(folder).parts[0] in (*FOLLOWED, UPLOADS, BACKUPS):
            continue
        try:
            chosen = read_json(path)
        except KgragError as error:
            yield str(error)
            continue
        if path.name in POINTERS:
            names = chosen if isinstance(chosen, list) else [chosen]
            gone = [str(name) for name in names if not path.with_name(f"{name}.json").is_file()]
            if gone:
                yield (
                    f"{path.parent.name}: version {', '.join(gone)} is in use and its file is gone. Put it"
                    f" back from a backup, or remove {path}: then what ships is used"
                )


def _uploads(folder: Path) -> Iterator[str]:
    """Uploaded files, each in a folder that is named by its digest."""
    for path in sorted((folder / UPLOADS).glob("*/*")):
        if path.is_file() and not _digest(path).startswith(path.parent.name):
            yield (
                f"{path} is not as it was uploaded; what was read from it stays, its page pictures do not."
                " Upload it again"
            )


def _digest(path: Path) -> str:
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            whole.update(part)
    return whole.hexdigest()


def open_to_others(folder: Path) -> list[str]:
    """What other accounts of the machine can read: the folder, or where it is open the files in it."""
    if os.name != "posix" or not _mode(folder) & _OTHERS:
        return []
    return [str(folder), *(str(path) for path in sorted(folder.iterdir()) if _mode(path) & _OTHERS)]


def tighten(folder: Path) -> None:
    """Take from other accounts the right to read or enter the library's folder; where its files are read by a
    group, that stays.
    """
    if os.name == "posix" and _mode(folder) & _OTHERS:
        folder.chmod(_mode(folder) & ~_OTHERS)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777
