"""Locks one file between processes; the system gives the lock back when its holder ends, however it ends.

Knows nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

try:
    import fcntl
except ImportError:  # Windows: one process at a time is up to the admin there
    fcntl = None  # type: ignore[assignment]  # a module or None: mypy sees only the module

POLL_S = 0.05


@contextmanager
def file_lock(path: Path, wait_s: float | None = None) -> Iterator[bool]:
    """Hold the lock of a file; yields whether it was obtained.

    Args:
        path: made where it does not exist.
        wait_s: longest wait; None waits until it is free, 0 tries once.
    """
    with path.open("ab") as stream:
        yield _taken(stream, wait_s)


def _taken(stream: IO[Any], wait_s: float | None) -> bool:
    if fcntl is None:
        return True
    deadline = None if wait_s is None else time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if deadline is not None and time.monotonic() >= deadline:
                return False
            time.sleep(POLL_S)
