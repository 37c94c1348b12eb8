"""Starts processes without running the caller's script again, and gives memory back.

Knows nothing of what they do.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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


def give_memory_back() -> None:
    """Memory that was freed in small pieces, back to the system.

    Only the GNU C library holds on to it; elsewhere nothing happens.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
