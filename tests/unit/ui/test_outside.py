"""Which names, origins and routes of the service can be seen from outside."""

from __future__ import annotations

import socket

import pytest

from kgrag.settings import Settings
from ui.door.outside import is_known_host, is_open_route, known_part, origin_of, own_origins


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:7860", True),
        ("[::1]:7860", True),
        ("localhost", True),
        ("192.168.1.5", True),  # no name, so none can be rebound
        ("books.example:7860", True),
        ("READING.room.", True),
        (socket.gethostname(), True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("books.example.evil.example", False),
        ("", False),
        ("[", False),
    ],
)
def test_names(host: str, known: bool) -> None:
    """Addresses, this machine's name, and what the settings say."""
    settings = Settings(auth="off", public_url="https://books.example", hosts=("reading.room",))
    assert is_known_host(host, settings) is known


def test_where_everybody_logs_in_any_name_will_do() -> None:
    """Until one is set: a foreign name has no session."""
    assert is_known_host("anything.example", Settings())
    assert not is_known_host("anything.example", Settings(public_url="https://books.example"))


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://a.example:7860", True),
        ("http://A.example:7860/page?x", True),
        ("https://books.example", True),
        ("https://books.example:443", True),
        ("http://books.example", False),
        ("https://a.example:7860", False),
        ("http://a.example", False),
        ("file://", False),
        ("null", False),
        ("about:blank", False),
        ("http://a.example:99999", False),
    ],
)
def test_origins(origin: str, own: bool) -> None:
    """Scheme, host and port, the usual port as none."""
    found = own_origins("http", "a.example:7860", Settings(public_url="https://books.example"))
    assert (origin_of(origin) in found) is own


@pytest.mark.parametrize(
    ("method", "path", "is_open"),
    [
        ("GET", "/", True),
        ("HEAD", "/", True),
        ("POST", "/", False),
        ("GET", "/assets/index-1.js", True),
        ("GET", "/assets/../config", False),
        ("POST", "/gradio_api/queue/join", True),
        ("GET", "/gradio_api/queue/join", False),
        ("GET", "/login_check", False),
        ("GET", "/administration", False),
        ("GET", "/admin/people", True),
        ("GET", "/gradio_api/file=/etc/passwd", False),
    ],
)
def test_routes(method: str, path: str, is_open: bool) -> None:
    """Ours, and those of Gradio that the pages use."""
    assert is_open_route(method, path) is is_open
    assert known_part(path) in ("/", "/gradio_api", "/login", "/admin")
