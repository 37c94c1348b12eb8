"""A real Neo4j Community server for tests, put together from Maven Central's jars; needs Java 17 and Maven,
no Docker.

The jars are cached in ``.cache/neo4j`` of the checkout. The server listens on loopback, on a free port, with
data in a temporary folder.
"""

from __future__ import annotations

import contextlib
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "neo4j"
PASSWORD = "test-only-password"

_OPENS = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in ("java.nio", "java.io", "sun.nio.ch")]
_JAVA = ["java", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
"""A server that lives for a minute is started sooner than it is optimised."""
_CONF = """
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.usage_report.enabled=false
server.memory.heap.max_size=768m
server.memory.pagecache.size=128m
dbms.security.auth_enabled=false
"""


def available() -> str | None:
    """None where a server can be made here; else what is missing."""
    missing = [name for name in ("java", "mvn") if shutil.which(name) is None]
    return f"{' and '.join(missing)} not found" if missing else None


def jars() -> Path:
    """The folder of the server's jars, fetched once."""
    return maven_jars(HERE / "neo4j_server" / "pom.xml", CACHE)


def maven_jars(pom: Path, cache: Path) -> Path:
    """The folder of the jars that a pom asks for, fetched once into a cache."""
    lib = cache / "lib"
    if not (cache / "complete").exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                "mvn",
                "-q",
                "-B",
                "-f",
                str(pom),
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                f"-DoutputDirectory={lib}",
            ],
            check=True,
            timeout=900,
        )
        (cache / "complete").touch()
    return lib


@dataclass
class Neo4jServer:
    """A server that can be stopped and started again with its data kept."""

    home: Path
    port: int = field(default_factory=lambda: _free_port())
    process: subprocess.Popen[bytes] | None = None
    passwords: bool = False
    """Whether whoever connects needs a password, which nobody has."""

    @property
    def uri(self) -> str:
        """The Bolt address."""
        return f"bolt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until Bolt answers."""
        (self.home / "conf").mkdir(parents=True, exist_ok=True)
        conf = _CONF.format(port=self.port)
        if self.passwords:
            conf = conf.replace("auth_enabled=false", "auth_enabled=true")
        (self.home / "conf" / "neo4j.conf").write_text(conf)
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *_JAVA,
                    "-cp",
                    f"{jars()}/*:{self.home / 'plugins'}/*",
                    *_OPENS,
                    "org.neo4j.server.CommunityEntryPoint",
                    f"--home-dir={self.home}",
                    f"--config-dir={self.home / 'conf'}",
                ],
                stdout=log,
                stderr=log,
            )
        self._wait()

    def stop(self) -> None:
        """Stop at once (the next start recovers)."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def admin(self) -> str:
        """The command line of this server's ``neo4j-admin``."""
        return shlex.join(
            [
                "env",
                f"NEO4J_HOME={self.home}",
                f"NEO4J_CONF={self.home / 'conf'}",
                *_JAVA,
                "-cp",
                f"{jars()}/*",
                *_OPENS,
                "org.neo4j.cli.AdminTool",
            ]
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + 120
        while not self._answers():
            if time.monotonic() > deadline or (self.process is not None and self.process.poll() is not None):
                raise RuntimeError((self.home / "server.log").read_text()[-3000:])
            time.sleep(0.1)

    def _answers(self) -> bool:
        """The Bolt handshake of protocol 5, so that the driver's own retries do not slow the start."""
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=2) as probe,
        ):
            probe.sendall(bytes.fromhex("6060b01700000005" + "00" * 12))
            return len(probe.recv(4)) == 4
        return False


@contextlib.contextmanager
def running_server(home: Path) -> Iterator[Neo4jServer]:
    """A started server, stopped at the end."""
    server = Neo4jServer(home)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
