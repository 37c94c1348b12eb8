"""The Cypher export run in a real Neo4j: the chains of the answer, node by node and edge by edge, and nothing
more when run twice.
"""

from __future__ import annotations

from typing import Any

import pytest

from kgrag.ask.asker import Asker
from kgrag.export import write
from kgrag.export.linked.graphml import chain_graph
from kgrag.export.material import gather
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from tests.contract.test_graph_stores import empty


@pytest.mark.service
def test_the_script_makes_the_chains(own_papers: Library, neo4j_server: Any) -> None:
    """Nodes with labels and names, edges with types and directions, equal to the GraphML's."""
    from neo4j import GraphDatabase

    answer_id = answer_to_json(Asker(own_papers).ask("What is blue marble health?"))["id"]
    material = gather(own_papers, answer_id)
    statements = [
        line for line in write(material, "cypher").decode().splitlines() if not line.startswith("//")
    ]
    graph = chain_graph(material)
    empty(neo4j_server.uri)
    with GraphDatabase.driver(neo4j_server.uri, auth=None) as driver:
        for _ in range(2):
            for statement in statements:
                driver.execute_query(statement.removesuffix(";"))
        nodes = driver.execute_query(
            "MATCH (n) RETURN n.id AS id, labels(n) AS labels, n.name AS name"
        ).records
        edges = driver.execute_query(
            "MATCH (a)-[e]->(b) RETURN a.id AS source, b.id AS target, type(e) AS type"
        ).records
    empty(neo4j_server.uri)
    assert {(n["id"], n["labels"][0], n["name"]) for n in nodes} == {
        (name, d["kind"], d["name"]) for name, d in graph.nodes(data=True)
    }
    assert len(nodes) == graph.number_of_nodes()
    assert sorted((e["source"], e["target"], e["type"]) for e in edges) == sorted(
        (s, t, d["type"]) for s, t, d in graph.edges(data=True)
    )
