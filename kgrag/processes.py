"""Processes beside the caller's own. Knows how they start without running the caller's script again; nothing of what they do."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_MAIN = threading.Lock()


@contextmanager
def without_main() -> Iterator[None]:
    """Processes that start here do not run the caller's script again (nothing of theirs is in it), so it needs no ``if __name__ == "__main__"``."""
    with _MAIN:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main
