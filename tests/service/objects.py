"""A real S3-speaking server for tests: moto's, in an environment of its own, since its libraries pin others'.

The environment lies in ``.cache/moto`` of the checkout. A gate in front of the server fails requests on wish.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

from tests.service.neo4j import _free_port

CACHE = Path(__file__).parents[2] / ".cache" / "moto"
PACKAGE = "moto[server]==5.2.5"
PROGRAM = CACHE / "bin" / "moto_server"


def available() -> str | None:
    """None where the server can be started here; else what is missing."""
    return None if PROGRAM.exists() else f"{PACKAGE} is not in {CACHE.name}'s environment (tests.prepare)"


def fetch() -> str | None:
    """Make the environment, once; what failed, or None."""
    if PROGRAM.exists():
        return None
    uv = [sys.executable, "-m", "uv"]
    for command in (
        [*uv, "venv", "-q", "--clear", "--python", sys.executable, str(CACHE)],
        [*uv, "pip", "install", "-q", "--python", str(CACHE / "bin" / "python"), PACKAGE],
    ):
        if subprocess.run(command, timeout=300, check=False).returncode:
            return f"{PACKAGE} could not be installed"
    return None


@dataclass
class Storage:
    """The server behind its gate.

    Attributes:
        url: of the gate.
        failing: every so many-th request gets status 500; 0: none.
        failed: how many did.
    """

    url: str = ""
    failing: int = 0
    failed: int = 0

    def make_bucket(self, name: str) -> None:
        """Make an empty bucket."""
        with _connected(int(self.url.rpartition(":")[2])) as connection:
            connection.request("PUT", f"/{name}")
            connection.getresponse().read()


@contextmanager
def running() -> Iterator[Storage]:
    """A started server, stopped at the end."""
    port, storage = _free_port(), Storage()
    process = subprocess.Popen(
        [str(PROGRAM), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    gate = ThreadingHTTPServer(("127.0.0.1", 0), _gate(port, storage))
    thread = threading.Thread(target=gate.serve_forever)
    thread.start()
    storage.url = f"http://127.0.0.1:{gate.server_port}"
    try:
        _wait(process, port)
        yield storage
    finally:
        gate.shutdown()
        thread.join()
        gate.server_close()
        process.kill()
        process.wait()


@contextmanager
def _connected(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        yield connection
    finally:
        connection.close()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), _connected(port) as connection:
            connection.request("GET", "/moto-api/")
            connection.getresponse().read()
            return
        time.sleep(0.1)
    raise RuntimeError("moto's server did not start")


def _gate(port: int, storage: Storage) -> type[BaseHTTPRequestHandler]:
    numbers = count(1)

    class Gate(BaseHTTPRequestHandler):
        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if storage.failing and next(numbers) % storage.failing == 0:
                storage.failed += 1
                self._answer(500, {}, b"")
                return
            with _connected(port) as connection:
                connection.request(self.command, self.path, body, dict(self.headers))
                answered = connection.getresponse()
                self._answer(answered.status, dict(answered.getheaders()), answered.read())

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(body))
            self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass

    return Gate
