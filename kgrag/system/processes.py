"""Starts processes without running the caller's script again, ends them with their parent, and gives memory
back.

Knows nothing of what they do.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.connection import wait
from threading import Thread
from types import ModuleType

_MAIN = threading.Lock()


@contextmanager
def without_main() -> Iterator[None]:
    """Processes that start here do not run the caller's script again (nothing of theirs is in it), so it
    needs no ``if __name__ == "__main__"``.
    """
    with _MAIN:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def end_with_parent() -> None:
    """Have this process end when the one that started it has ended, however that ended."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_outlive, args=(parent.sentinel,), daemon=True, name="parent").start()


def _outlive(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def give_memory_back() -> None:
    """Memory that was freed in small pieces, back to the system.

    Only the GNU C library holds on to it; elsewhere nothing happens.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
