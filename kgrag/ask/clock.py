"""Times the steps of one question, tells them to a listener, and stops between steps when asked.

Does not know what the steps do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kgrag.errors import Stopped


class Clock:
    """Milliseconds of each step, told to a progress function as it starts; before each, it looks whether to
    stop.
    """

    def __init__(self, progress: Callable[[str], object], stopped: Callable[[], bool]) -> None:
        self.progress, self.stopped, self.timings_ms = progress, stopped, dict[str, float]()

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        if self.stopped():
            raise Stopped(
                "The question was stopped before it was answered; nothing was kept. Ask it again when you"
                " like."
            )
        self.progress(step)
        start = time.perf_counter()
        yield
        self.timings_ms[step] = (time.perf_counter() - start) * 1000
