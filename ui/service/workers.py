"""A few threads that do people's work in the order it came, and one that works only while they have nothing
to do. Knows threads; nothing of questions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Workers:
    """Threads for questions.

    Args:
        n: how many work at a time; more would only take the processors from each other.
    """

    def __init__(self, n: int) -> None:
        self._pool = ThreadPoolExecutor(n, thread_name_prefix="ask")
        self._lock = threading.Lock()
        self._busy = 0
        self._open = True
        self._idle: threading.Thread | None = None

    def submit(self, work: Callable[[], None]) -> None:
        """Have something done in its turn."""
        with self._lock:
            self._busy += 1
        self._pool.submit(self._counted, work)

    def submit_idle(self, work: Callable[[], None]) -> None:
        """Start the one thread that should look at ``is_idle`` and ``is_open``; nothing where one runs
        already.
        """
        if self._idle is None or not self._idle.is_alive():
            self._idle = threading.Thread(target=work, daemon=True, name="idle")
            self._idle.start()

    @property
    def busy(self) -> int:
        """How much is done or waits just now."""
        return self._busy

    def is_idle(self) -> bool:
        """Whether nobody waits."""
        return self._busy == 0

    def is_open(self) -> bool:
        """Whether work may go on."""
        return self._open

    def close(self) -> None:
        """Let what runs end, and begin nothing more."""
        self._open = False
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._idle is not None:
            self._idle.join(timeout=10)

    def _counted(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            with self._lock:
                self._busy -= 1
