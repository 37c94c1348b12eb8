"""Locks one file between processes; the system gives the lock back when its holder ends, however it ends.

Knows nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

POLL_S = 0.05


@contextmanager
def file_lock(path: Path, wait_s: float | None = None) -> Iterator[bool]:
    """Hold the lock of a file; yields whether it was obtained.

    ``filelock`` locks by ``flock``, as older versions of this library do, so that both exclude each other. It
    never falls back to a marker file: such a lock would outlive a holder that is killed.

    Args:
        path: made where it does not exist.
        wait_s: longest wait; None waits until it is free, 0 tries once.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, -1 if wait_s is None else wait_s, poll_interval=POLL_S, fallback_to_soft=False)
    with suppress(Timeout):
        lock.acquire()
    try:
        yield lock.is_locked
    finally:
        lock.release()
