"""Finds the files under the paths an admin names: folders in order of names, each file once, no way out of a
folder.

Knows folders and links. Does not know formats, but leaves out the pages that a METS file beside them names:
they are read with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.readers.papers.mets import pages_named
from kgrag.system.names import shown

_HIDDEN = (".", "__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Refused:
    """A path that is not read, and why."""

    path: Path
    reason: str


def walk(paths: Iterable[Path]) -> Iterator[Path | Refused]:
    """Every file under the paths, folders in order of names.

    A link inside a folder is followed only where its target stays inside that folder and was not seen before;
    hidden files are left out.

    Args:
        paths: files and folders.

    Returns:
        Files, and in their place ``Refused`` with a reason for what is missing, leaves its folder or loops.
    """
    seen: set[tuple[int, int]] = set()
    for path in map(Path, paths):
        if path.is_dir():
            yield from _folder(path, path.resolve(), seen)
        elif path.is_file():
            yield from _once(path, seen)
        else:
            yield Refused(path, f"{shown(path)} does not exist or is neither file nor folder.")


def _once(path: Path, seen: set[tuple[int, int]]) -> Iterator[Path | Refused]:
    state = path.stat()
    key = (state.st_dev, state.st_ino)
    if key not in seen:
        seen.add(key)
        yield path


def _may_be_mets(name: str) -> bool:
    return "mets" in name.lower() and name.lower().endswith(".xml")


def _see(page: Path, seen: set[tuple[int, int]]) -> None:
    if page.is_file():
        state = page.stat()
        seen.add((state.st_dev, state.st_ino))


def _folder(folder: Path, root: Path, seen: set[tuple[int, int]]) -> Iterator[Path | Refused]:
    state = folder.stat()
    key = (state.st_dev, state.st_ino)
    if key in seen:
        yield Refused(folder, f"{shown(folder)} was read already: a folder that leads back to itself.")
        return
    seen.add(key)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Refused(folder, f"{shown(folder)} cannot be opened: {error.strerror}.")
        return
    for entry in entries:
        if _may_be_mets(entry.name):
            for page in pages_named(Path(entry.path)):
                _see(page, seen)
    for entry in entries:
        if not entry.name.startswith(_HIDDEN):
            yield from _entry(Path(entry.path), entry, root, seen)


def _entry(
    path: Path, entry: os.DirEntry[str], root: Path, seen: set[tuple[int, int]]
) -> Iterator[Path | Refused]:
    if entry.is_symlink():
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):
            yield Refused(path, f"{shown(path)} is a link that leads nowhere or to itself.")
            return
        if not target.is_relative_to(root):
            yield Refused(
                path, f"{shown(path)} is a link out of the folder {shown(root)}; it is not followed."
            )
            return
    if path.is_dir():
        yield from _folder(path, root, seen)
    elif path.is_file():
        yield from _once(path, seen)
    else:
        yield Refused(path, f"{shown(path)} is neither file nor folder.")
