"""Notes what was refused and why in the log of security: the first of a kind at once, the others counted and
told in one line when its window is over.

The log can only grow, so whoever knocks a thousand times must not write a thousand lines. Knows kinds and
windows; a kind never holds what somebody asked or sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary, ref

from kgrag.catalogue import Catalogue
from kgrag.catalogue.audit import log_security

WINDOW_S = 600.0
MOST = 500
"""Kinds that are told apart at a time; those beyond are counted together."""
OTHERS = ("nobody", "refused", "others")
Kind = tuple[str, str, str]
"""Person, action and reason, as the log names them."""


@dataclass
class _Window:
    since: float
    more: int = 0


class Refusals:
    """See the module.

    Args:
        catalogue: of the library.
        clock: seconds; for tests.
    """

    def __init__(self, catalogue: Catalogue, clock: Callable[[], float] = time.monotonic) -> None:
        self._held, self._clock = ref(catalogue), clock
        self._windows: dict[Kind, _Window] = {}
        self._lock = threading.Lock()

    def note(self, person: str, reason: str, action: str = "refused") -> None:
        """Note that something was refused to somebody.

        Args:
            person: a user's id, or ``nobody``.
            reason: a right, a limit, a route; of a fixed set of words.
            action: as the log names it.
        """
        self.flush()
        with self._lock:
            kind: Kind = (person, action, reason)
            if kind not in self._windows and len(self._windows) >= MOST:
                kind = OTHERS
            if window := self._windows.get(kind):
                window.more += 1
                return
            self._windows[kind] = _Window(self._clock())
        self._write([kind])

    def flush(self, *, everything: bool = False) -> None:
        """Write how often it happened again in windows that are over."""
        with self._lock:
            over = {
                kind: window
                for kind, window in self._windows.items()
                if everything or self._clock() - window.since > WINDOW_S
            }
            for kind in over:
                del self._windows[kind]
        self._write(
            [
                (person, action, f"{reason} ({window.more} more)".strip())
                for (person, action, reason), window in over.items()
                if window.more
            ]
        )

    def _write(self, lines: list[Kind]) -> None:
        catalogue = self._held()
        if not lines or catalogue is None:
            return
        with catalogue.writing() as connection:
            for person, action, reason in lines:
                log_security(connection, person, action, reason)


_ALL: WeakKeyDictionary[Catalogue, Refusals] = WeakKeyDictionary()
_LOCK = threading.Lock()


def refusals_of(catalogue: Catalogue) -> Refusals:
    """The one counter of an open catalogue."""
    with _LOCK:
        return _ALL.setdefault(catalogue, Refusals(catalogue))
