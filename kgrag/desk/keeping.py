"""Acts of an admin that keep the library: indexes made anew, backups, repair, and the reading of the logs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgrag.catalogue.audit import Verdict, read_log, verify_log
from kgrag.desk.counter import Counter
from kgrag.errors import UsageError
from kgrag.library import FOLLOWERS

if TYPE_CHECKING:
    from kgrag.upkeep.doctor import Finding


class Keeping(Counter):
    """See the module."""

    def rebuild(self, follower: str) -> int:
        """Make an index anew from the catalogue; returns up to which change it is.

        Raises:
            UsageError: no such index.
        """
        _check_follower(follower)
        self._begun("keep", "rebuild", follower)
        return self.library.rebuild(follower)

    def queue_rebuild(self, follower: str, queue: Callable[[str], None]) -> None:
        """Have an index made anew in its turn.

        Args:
            follower: its name.
            queue: takes it into a queue.
        """
        self._noted("keep", "rebuild", follower, lambda: queue(follower))

    def rebuild_graph_by_files(self, files: Path | None, admin: str | None) -> int:
        """Write the graph as files for Neo4j's import tool, or have it make the database anew from them;
        returns up to which change.
        """
        from kgrag.backends import load_backend

        self._begun("keep", "rebuild", "graph")
        return int(
            load_backend("by_files", "neo4j")(self.library.settings, self.library.catalogue, files, admin)
        )

    def back_up(self, file: Path) -> dict[str, Any]:
        """Copy the library into one new file; returns the manifest.

        Raises:
            UsageError: the file exists, or the catalogue is not SQLite.
        """
        from kgrag.upkeep.backup import backup

        if not file.exists():  # where it does, the backup says so and nothing is begun
            self._begun("keep", "backup", file.name)
        else:
            self.require("keep")
        return backup(self.library, file)

    def queue_backup(self, queue: Callable[[], str]) -> str:
        """Have a backup taken in its turn; returns its name, which the queue gives it."""
        return self._noted("keep", "backup", str, queue)

    def remove_backup(self, file: Path) -> None:
        """Delete a backup's file."""
        self._noted("keep", "backup-removed", file.name, lambda: file.unlink(missing_ok=True))

    def download_backup(self, file: Path) -> Path:
        """Take a backup out of the house: it holds everything."""
        self._begun("keep", "backup-downloaded", file.name)
        return file

    def examine(self, *, repair: bool = False) -> Sequence[Finding]:
        """Check the program, the models and every follower; with ``repair`` what is wrong is made anew."""
        from kgrag.upkeep.doctor import examine

        self.require("keep")
        if repair:
            self._begun("keep", "repair")
        return examine(self.library, repair=repair)

    def examine_model(self) -> Finding:
        """Measure whether the configured language model writes what its quotes say, and keep the figure."""
        from kgrag.backends import open_verifier
        from kgrag.upkeep.self_test import examine_model

        self.require("keep")
        self._begun("keep", "model-tested", str(self.library.settings.llm))
        return examine_model(self.library, open_verifier(self.library.settings.verifier))

    def log_lines(self, log: str, limit: int = 100, *, before: int | None = None) -> list[dict[str, Any]]:
        """Lines of a log, newest first.

        Raises:
            UsageError: no such log.
        """
        self.require("audit")
        return read_log(self.library.catalogue, log, limit, before)

    def verify_log(self, log: str) -> Verdict:
        """Walk through a log and say which lines do not hold.

        Raises:
            UsageError: no such log.
        """
        self.require("audit")
        return verify_log(self.library.catalogue, log)


def _check_follower(name: str) -> None:
    if name not in FOLLOWERS:
        raise UsageError(f"No follower '{name}' (found: {', '.join(FOLLOWERS)}).")
