"""Names what is wrong with a database: a file that is damaged, a full disk, no right to write, a server that
does not answer; in our words, with the command that heals it.

Knows SQLite's messages and PostgreSQL's states. Which part of the library a database is, callers say.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from kgrag.errors import Damaged, DiskFull, KgragError, ReadOnly, ServiceUnavailable

LITTLE_BYTES = 1 << 20
"""Less free space than this is none."""
RESTORE = "Restore a backup into a new folder: kgrag restore FILE --library DIR"
_BROKEN = (
    "malformed",
    "not a database",
    "file format",
    "disk I/O error",
    "decode to UTF-8",
    "no such table",
    "no such column",
    "corrupt",
)

_GONE = ("08", "57P", "28", "3D")
"""States of PostgreSQL (its manual, appendix A) in which the server cannot be asked: no connection, shut down
or starting, password refused, no such database.
"""
_FULL = "53100"


def named(error: BaseException, part: str, path: Path, heal: str) -> KgragError | None:
    """What an error of SQLite means; None where it means something else.

    Args:
        error: of the driver.
        part: of the library that the database is.
        path: its file.
        heal: what to do where it is damaged.
    """
    text = str(error)
    if "database or disk is full" in text or ("disk I/O error" in text and _is_full(path)):
        return DiskFull(f"the {part} in {path.parent}")
    if "readonly database" in text or "unable to open database" in text:
        return ReadOnly(path.parent)
    if any(sign in text for sign in _BROKEN) or type(error) is sqlite3.DatabaseError:
        return Damaged(part, text, heal)
    return None


def watch(engine: Engine, part: str, path: Path, heal: str) -> None:
    """Have every error of an engine that means damage, a full disk or a missing right raised as such."""

    def handle(context: Any) -> None:
        error = named(context.original_exception, part, path, heal)
        if error is not None:
            raise error from context.original_exception

    event.listen(engine, "handle_error", handle)


def watch_server(engine: Engine, part: str) -> None:
    """Have every error of an engine that means that its server is away, shuts us out or has a full disk
    raised as such.
    """

    def handle(context: Any) -> None:
        error = context.original_exception
        state = getattr(error, "sqlstate", None) or ""
        if context.is_pre_ping:  # the pool makes a new connection, which is heard here if it fails
            return
        if state == _FULL:
            raise DiskFull(f"the {part}, on its server") from error
        unconnected = context.connection is None and isinstance(error, context.dialect.loaded_dbapi.Error)
        if context.is_disconnect or unconnected or state.startswith(_GONE):
            raise ServiceUnavailable(
                f"The database of the {part} does not answer. What was kept is kept. Try again in a minute;"
                " an admin sees to its server (kgrag doctor)."
            ) from error

    event.listen(engine, "handle_error", handle)


def problems_of(path: Path, part: str, heal: str) -> list[str]:
    """What SQLite's own check finds wrong with a file that nobody has open here; none where it is whole.

    Raises:
        Damaged: it cannot even be opened as a database.
    """
    try:
        opened = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            rows = opened.execute("PRAGMA integrity_check(5)").fetchall()
            tables = opened.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        finally:
            opened.close()
    except sqlite3.Error as error:
        raise named(error, part, path, heal) or Damaged(part, error, heal) from error
    if not tables:
        raise Damaged(part, "the file is empty", heal)
    return [str(row[0]) for row in rows if row[0] != "ok"]


def _is_full(path: Path) -> bool:
    return shutil.disk_usage(path.parent).free < LITTLE_BYTES
