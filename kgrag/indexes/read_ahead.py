"""Reads the files of the indexes and the catalogue once from end to end, so that the system holds them in
memory before the first questions.

Mapped files are read a page here and a page there by searches; on a slow disk the first hundred questions
over a million passages wait for that. Knows files only; beyond ``MOST`` bytes it leaves them to the searches.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

PATTERNS = ("vectors/nearest-*", "graph/**/*", "words/**/*", "catalogue.sqlite")
CHUNK = 4 << 20
MOST = 8 << 30


def read_ahead(library: Path, go_on: Callable[[], bool] = lambda: True) -> int:
    """Read index files, the largest last, while ``go_on`` says so.

    Args:
        library: its folder.
        go_on: asked before every four megabytes.

    Returns:
        Bytes read.
    """
    files = sorted(
        {path for pattern in PATTERNS for path in library.glob(pattern) if path.is_file()}, key=_size
    )
    read = 0
    for path in files:
        if read + _size(path) > MOST or not go_on():
            break
        read += _read(path, go_on)
    return read


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # a follower went on to its next state
        return 0


def _read(path: Path, go_on: Callable[[], bool]) -> int:
    read = 0
    try:
        with path.open("rb", buffering=0) as stream:
            while go_on() and (part := stream.read(CHUNK)):
                read += len(part)
    except FileNotFoundError:
        return read
    return read
