"""Neo4j may go away in the middle of a batch: the batch goes on, says so, and the graph catches up later."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from graph import neo4j
from kgrag.errors import IndexMismatch, ServiceUnavailable
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from tests.contract.test_graph_stores import empty


@pytest.fixture
def settings(tmp_path: Path, neo4j_server: Any) -> Settings:
    """A library whose graph is the real server."""
    empty(neo4j_server.uri)
    return Settings(library=tmp_path / "library", embedder="hash", graph="neo4j", neo4j_uri=neo4j_server.uri)


@pytest.mark.service
def test_a_batch_survives_the_server(
    settings: Settings, neo4j_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped half-way: vectors and words go on, the graph is named as behind; started again: it holds
    everything.
    """
    monkeypatch.setattr(neo4j, "RETRY_S", 1)
    with Library(settings, create=True) as library:
        for number in range(10):
            library.catalogue.put(random_parcel(number))
        assert library.catch_up() == {}
        neo4j_server.stop()
        try:
            for number in range(10, 20):
                library.catalogue.put(random_parcel(number))
            problems = library.catch_up()
            assert set(problems) == {"graph"}
            assert "behind" in problems["graph"]
            assert library.vectors.applied_seq() == library.words.applied_seq() == library.catalogue.head()
        finally:
            neo4j_server.start()
        assert library.catch_up() == {}
        assert library.graph.applied_seq() == library.catalogue.head()
        assert library.graph.counts()["Document"] == 20


@pytest.mark.service
def test_questions_are_answered_while_it_is_away(settings: Settings) -> None:
    """A library opened where its server does not listen uses the embedded graph and says so."""
    with Library(settings, create=True) as library:
        library.catalogue.put(random_parcel(1))
    away = settings.model_copy(update={"neo4j_uri": "bolt://127.0.0.1:1"})
    with Library(away) as library:
        assert library.graph.name == "embedded"
        assert "embedded graph answers" in library.warnings["graph"]
        assert library.graph.find(["Radium", "Paris", "镭", "Nobel Prize", "Polonium"])


@pytest.mark.service
def test_another_librarys_graph_is_not_touched(settings: Settings, tmp_path: Path) -> None:
    """A database that holds another library's graph is refused with the way out."""
    with Library(settings, create=True) as library:
        library.catch_up()
    other = settings.model_copy(update={"library": tmp_path / "other"})
    with Library(other, create=True) as library, pytest.raises(IndexMismatch, match="KGRAG_NEO4J_DATABASE"):
        library.graph.counts()


def test_a_server_that_says_nothing_is_waited_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It accepts and never answers: the embedded graph does, after one wait."""
    monkeypatch.setattr(neo4j, "ACQUIRE_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"bolt://127.0.0.1:{silent.getsockname()[1]}"
        settings = Settings(library=tmp_path / "library", embedder="hash", graph="neo4j", neo4j_uri=address)
        with Library(settings, create=True) as library:
            began = time.monotonic()
            assert library.graph.name == "embedded"
            assert time.monotonic() - began < 8
            assert "embedded graph answers" in library.warnings["graph"]


def test_no_server_is_a_clear_error(tmp_path: Path) -> None:
    """Nothing listens: the error names the address and can be retried."""
    from graph.neo4j import Neo4jGraph
    from kgrag.catalogue import Catalogue

    catalogue = Catalogue(tmp_path / "library")
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:1") as caught:
        Neo4jGraph(catalogue, "bolt://127.0.0.1:1", "neo4j", "x")
    assert caught.value.retryable
    catalogue.close()
