"""A graph that neo4j-admin imports from our files is the graph that Bolt makes, and the feed goes on from
it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from graph.neo4j_files import write_files
from kgrag.catalogue import Catalogue
from kgrag.cli.main import app
from kgrag.errors import ServiceUnavailable, UsageError
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from kgrag.types import Parcel
from kgrag.upkeep.doctor import examine
from tests.contract.test_graph_stores import empty

TITLES = (
    'He said "no", and left; \\"',
    "two\nlines,\r\nor three",
    "",
    "标题，带逗号",
    "  spaces  ",
    "semi;colon\ttab",
    None,
)


def awkward(number: int) -> Parcel:
    """A random document with a title, a year and names that a careless CSV file would break."""
    parcel = random_parcel(number, seed=13)
    title = TITLES[number % len(TITLES)]
    record = replace(
        parcel.document.record,
        title=title,
        year=None if number % 3 == 0 else 2000,
        venue=title,
        keywords=("physics", title or "x"),
    )
    entities = tuple(
        replace(
            entity,
            aliases=(*entity.aliases, f'{entity.name} "{title}"'),
            authorities={"mesh": 'D"1,2', "aa": "\\"},
        )
        for entity in parcel.extraction.entities
    )
    return replace(
        parcel,
        document=replace(parcel.document, record=record),
        extraction=replace(parcel.extraction, entities=entities),
    )


def contents(uri: str) -> tuple[list[Any], list[Any]]:
    """All nodes and relationships of the database, with all they hold but the server's own numbers."""
    from neo4j import GraphDatabase

    with GraphDatabase.driver(uri, auth=None) as driver:
        nodes = driver.execute_query("MATCH (n) RETURN labels(n) AS labels, properties(n) AS held").records
        edges = driver.execute_query(
            "MATCH (a)-[r]->(b) RETURN type(r) AS type, a.id AS source, b.id AS target, properties(r) AS held"
        ).records
    return (
        sorted((sorted(row["labels"]), sorted(row["held"].items())) for row in nodes),
        sorted((row["type"], row["source"], row["target"], sorted(row["held"].items())) for row in edges),
    )


@pytest.mark.service
def test_both_ways_make_the_same_graph(
    tmp_path: Path, neo4j_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Node by node and edge by edge, also after documents come, change and go; the doctor calls it whole."""
    empty(neo4j_server.uri)
    settings = Settings(
        library=tmp_path / "library", embedder="hash", graph="neo4j", neo4j_uri=neo4j_server.uri
    )
    with Library(settings, create=True) as library:
        for number in range(30):
            library.catalogue.put(awkward(number))
        library.catch_up()
        by_bolt = contents(neo4j_server.uri)
    neo4j_server.stop()
    for name, value in {"GRAPH": "neo4j", "NEO4J_URI": neo4j_server.uri, "EMBEDDER": "hash"}.items():
        monkeypatch.setenv(f"KGRAG_{name}", value)
    result = CliRunner().invoke(
        app, ["rebuild", "graph", "--library", str(settings.library), "--admin", neo4j_server.admin()]
    )
    neo4j_server.start()
    assert result.exit_code == 0, result.output
    with Library(settings) as library:
        assert library.graph.applied_seq() == library.catalogue.head()
        assert contents(neo4j_server.uri) == by_bolt
        library.catalogue.put(awkward(31))
        library.catalogue.put(awkward(4))
        library.catalogue.delete(awkward(5).document.id)
        library.catch_up()
        assert not [finding for finding in examine(library) if finding.what == "graph" and not finding.ok]
        followed = contents(neo4j_server.uri)
        library.rebuild("graph")
        assert contents(neo4j_server.uri) == followed


@pytest.mark.service
def test_a_running_server_is_not_overwritten(tmp_path: Path, neo4j_server: Any) -> None:
    """The tool refuses a database in use; its words are the error, and what was there stays."""
    from graph.neo4j_files import import_files

    before = contents(neo4j_server.uri)
    catalogue = Catalogue(tmp_path / "library")
    write_files(catalogue, tmp_path / "files")
    catalogue.close()
    with pytest.raises(ServiceUnavailable, match="Stop"):
        import_files(tmp_path / "files", neo4j_server.admin(), "neo4j")
    assert contents(neo4j_server.uri) == before


def test_files_need_a_new_folder_and_a_graph_in_neo4j(tmp_path: Path) -> None:
    """A folder with something in it is refused, and so is a library whose graph is embedded."""
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as library:
        library.catalogue.put(random_parcel(1))
        with pytest.raises(UsageError, match="not empty"):
            write_files(library.catalogue, tmp_path / "library")
    runner = CliRunner()
    for arguments in (["graph", "--files", str(tmp_path / "new")], ["words", "--admin", "neo4j-admin"]):
        result = runner.invoke(app, ["rebuild", *arguments, "--library", str(tmp_path / "library")])
        assert isinstance(result.exception, UsageError)
