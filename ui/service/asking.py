"""Who is asking now, and how they stop it: one question a visitor at a time.

Knows flags and threads; nothing of questions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Asking:
    """One flag a visitor.

    A new question stops the one before; a visitor who leaves is forgotten with ``stop``.
    """

    def __init__(self) -> None:
        self._flags: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def start(self, visitor: str) -> Callable[[], bool]:
        """Begin a question; returns what tells whether it was stopped."""
        flag = threading.Event()
        with self._lock:
            before = self._flags.pop(visitor, None)
            self._flags[visitor] = flag
        if before:
            before.set()
        return flag.is_set

    def stop(self, visitor: str) -> None:
        """Stop what the visitor asked; nothing where they asked nothing."""
        with self._lock:
            flag = self._flags.pop(visitor, None)
        if flag:
            flag.set()

    def __len__(self) -> int:
        """How many visitors have asked and not left."""
        return len(self._flags)
