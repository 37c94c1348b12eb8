"""Sets up SQL engines as the catalogue and the followers need them.

Knows SQLite's WAL mode and PostgreSQL's locks; knows no table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError

from kgrag.catalogue.damage import named, watch, watch_server
from kgrag.errors import MissingExtra, UsageError

T = TypeVar("T")
BUSY_TIMEOUT_S = 60
WRITER_LOCK = 0x6B67726167
"""One number for all writers of a PostgreSQL database."""
LOG_PAGES = 8192
"""Pages of SQLite's write-ahead log (32 MB) after which a commit must move them into the file and wait for
the disk, up to seconds on a slow one; a service moves them earlier, beside its work (``move_log``).
"""


MANY = 500
"""Values that one statement names: SQLite takes no more than 999 in its older builds, and long lists cost
more to compile than to send in parts.
"""


def chunks(values: Iterable[T], size: int = MANY) -> Iterator[list[T]]:
    """The values in order, in lists short enough for one statement; none of no values."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def make_engine(url: str, part: str, heal: str) -> Engine:
    """An engine; SQLite gets WAL, foreign keys and a busy timeout, and its damage is named; of a server it is
    named that it does not answer, and a connection it closed is made anew.

    Args:
        url: of SQLAlchemy.
        part: of the library that the database is.
        heal: what to do where its file is damaged.

    Raises:
        MissingExtra: the database's driver is not installed.
        UsageError: no URL of a database.
    """
    try:
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    except ImportError as error:
        raise MissingExtra("PostgreSQL as the catalogue", "postgres") from error
    except ArgumentError as error:
        raise UsageError(
            "catalogue_url is no SQLAlchemy URL (form: postgresql+psycopg://user@host:5432/database)."
        ) from error
    if engine.dialect.name == "sqlite":
        path = Path(engine.url.database or "")
        event.listen(engine, "connect", partial(_configure_sqlite, part=part, path=path, heal=heal))
        watch(engine, part, path, heal)
    else:
        watch_server(engine, part)
    return engine


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the one write lock from its start; committed at the end, rolled back on an
    error.

    On PostgreSQL too there is one writer at a time: else a change could be committed after a later one was
    already followed.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        yield connection
        connection.commit()


@contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction in which every query sees the database as it was at the first."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def move_log(engine: Engine) -> None:
    """Move what SQLite's write-ahead log holds into the database file, as far as no reader still needs it;
    stops neither readers nor writers.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")


def _configure_sqlite(connection: Any, _record: Any, *, part: str, path: Path, heal: str) -> None:
    """WAL for readers beside the writer; a commit survives kill -9 (not power loss of the last one: NORMAL);
    what is deleted is overwritten.
    """
    connection.isolation_level = None  # we say BEGIN ourselves, so that BEGIN IMMEDIATE works
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        "cache_size=-65536",
        "mmap_size=268435456",
        f"wal_autocheckpoint={LOG_PAGES}",
    ):
        try:
            connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            connection.close()
            raise named(error, part, path, heal) or error from error
