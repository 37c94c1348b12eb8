"""A graph that an older kgrag wrote into Neo4j is made anew on opening; nothing of it is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.neo4j import Neo4jGraph
from graph.queries import VERSION
from kgrag.catalogue import Catalogue
from kgrag.testing import random_parcel
from tests.contract.test_graph_stores import empty

pytestmark = pytest.mark.service


def test_an_older_graph_is_made_anew(tmp_path: Path, neo4j_server: Any) -> None:
    """The state's version decides; the counts are those of a graph written now, and the forms count
    documents.
    """
    from neo4j import GraphDatabase

    catalogue = Catalogue(tmp_path)
    for number in range(5):
        catalogue.put(random_parcel(number))
    empty(neo4j_server.uri)
    graph = Neo4jGraph(catalogue, neo4j_server.uri, "neo4j", "", "neo4j")
    graph.catch_up()
    counts = graph.counts()
    graph.close()
    with GraphDatabase.driver(neo4j_server.uri, auth=None) as driver:
        driver.execute_query(
            "MATCH (s:KgragState) SET s.version = 1 CREATE (:Form {id: 'old', document: 'doi:10.1000/0.1'})"
        )
    again = Neo4jGraph(catalogue, neo4j_server.uri, "neo4j", "", "neo4j")
    assert again.applied_seq() == 0
    again.catch_up()
    assert again.counts() == counts
    with GraphDatabase.driver(neo4j_server.uri, auth=None) as driver:
        assert driver.execute_query("MATCH (s:KgragState) RETURN s.version AS v").records[0]["v"] == VERSION
        assert not driver.execute_query("MATCH (f:Form {id: 'old'}) RETURN f").records
    again.clear()
    again.close()
    catalogue.close()
