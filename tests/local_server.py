"""A local HTTP server for tests that fetch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Handler(BaseHTTPRequestHandler):
    """Silent; a subclass answers in ``do_GET``."""

    def send(self, body: str = "", status: int = 200) -> None:
        """The whole answer."""
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def send_records(self, body: str) -> None:
        """One page of an OAI-PMH source."""
        self.send(
            "<OAI-PMH"
            f' xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{body}</ListRecords></OAI-PMH>'
        )

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


@contextmanager
def serving(handler: type[Handler], path: str = "") -> Iterator[str]:
    """The address of the running server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{path}"
        finally:
            server.shutdown()
            thread.join()
