"""PostgreSQL stopped, started, and asking for a password nobody has, under a service: every way in says so in
our words, and all is well again with the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from tests.service import postgres
from ui.app import create_base
from ui.service.service import Service

pytestmark = pytest.mark.service
WAYS = ("/login", "/api/v1/documents?limit=1", "/api/v1/search?q=Radium", "/sets", "/admin")


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.PostgresServer]:
    """A real server, or a skip that says what is missing."""
    if missing := postgres.available():
        # a real server or nothing; in CI such a skip is a failure
        pytest.skip(f"no PostgreSQL can be started here: {missing}")
    with postgres.running() as running:
        yield running


@pytest.fixture
def client(server: postgres.PostgresServer, tmp_path: Path) -> Iterator[TestClient]:
    """A visitor of the service over a library in it."""
    settings = Settings(
        library=tmp_path / "library", embedder="hash", catalogue_url=postgres.new_database(server.url)
    )
    with Library(settings, create=True) as library:
        library.catalogue.put(random_parcel(1))
        library.catch_up()
    service = Service(settings)
    with TestClient(create_base(service), base_url="http://127.0.0.1") as opened:
        yield opened
    service.close()


def test_a_server_that_comes_and_goes(server: postgres.PostgresServer, client: TestClient) -> None:
    """503 with what to do, no address of the server, no traceback; the first request after it is answered."""
    before = [client.get(way).status_code for way in WAYS]
    assert max(before) < 500
    server.stop()
    try:
        for way in WAYS:
            response = client.get(way)
            assert (way, response.status_code) == (way, 503)
            assert "does not answer" in response.json()["detail"]
            assert str(server.port) not in response.text
            assert response.headers["retry-after"]
    finally:
        server.start()
    assert [client.get(way).status_code for way in WAYS] == before
    server.ask_for_passwords(True)
    server.stop()
    server.start()
    try:
        assert client.get(WAYS[1]).status_code == 503
    finally:
        server.ask_for_passwords(False)
    assert client.get(WAYS[1]).status_code == 200
