"""Long work of the admin, one after another on a thread of its own: indexes made anew, backups taken.

Knows what is in work and how it ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from kgrag.errors import KgragError, NotFound, UsageError
from kgrag.library import FOLLOWERS, Library
from kgrag.upkeep.backup import backup

BACKUPS = "backups"
NAME = "kgrag-%Y%m%d-%H%M%S.zip"


class Chores:
    """See the module.

    Args:
        library: that is kept.
    """

    def __init__(self, library: Library) -> None:
        self.library, self.folder = library, library.folder / BACKUPS
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="chore")
        self._lock = threading.Lock()
        self._states: dict[str, str] = {}

    def close(self) -> None:
        """Wait for the chore in hand; those that wait are given up."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def states(self) -> dict[str, str]:
        """What each chore is at: ``queued``, ``in_work``, or why it failed; what ended well is not here."""
        with self._lock:
            return dict(self._states)

    def rebuild(self, follower: str) -> None:
        """Make an index anew.

        Raises:
            UsageError: no such index.
        """
        if follower not in FOLLOWERS:
            raise UsageError(f"No follower '{follower}' (found: {', '.join(FOLLOWERS)}).")
        self._begin(follower, lambda: self.library.rebuild(follower))

    def back_up(self) -> str:
        """Take a backup; returns its name."""
        name = datetime.now(UTC).strftime(NAME)
        self.folder.mkdir(exist_ok=True)
        self._begin("backup", lambda: backup(self.library, self.folder / name))
        return name

    def backups(self) -> list[Path]:
        """Those taken, newest first."""
        return sorted(self.folder.glob("kgrag-*.zip"), reverse=True)

    def backup_named(self, name: str) -> Path:
        """One of them.

        Raises:
            NotFound: no such backup.
        """
        found = next((path for path in self.backups() if path.name == name), None)
        if found is None:
            raise NotFound(
                f"No backup '{name}' (found: {', '.join(path.name for path in self.backups()) or 'none'})."
            )
        return found

    def _begin(self, name: str, work: Callable[[], object]) -> None:
        with self._lock:
            if self._states.get(name) in ("queued", "in_work"):
                return
            self._states[name] = "queued"
        self._pool.submit(self._done, name, work)

    def _done(self, name: str, work: Callable[[], object]) -> None:
        self._set(name, "in_work")
        try:
            work()
        except (KgragError, OSError) as error:
            self._set(name, str(error))
        else:
            self._set(name, None)

    def _set(self, name: str, state: str | None) -> None:
        with self._lock:
            if state is None:
                self._states.pop(name, None)
            else:
                self._states[name] = state
