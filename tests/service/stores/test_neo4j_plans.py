"""Queries that look for ids use the index, also while the database is empty: the server keeps the plan that
it made then.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph import queries as q
from graph.neo4j import Neo4jGraph
from kgrag.catalogue import Catalogue
from tests.contract.test_graph_stores import empty

pytestmark = pytest.mark.service
BY_ID = {
    name: getattr(q, name)
    for name in (
        "SHARED_OF",
        "DELETE_STATEMENTS",
        "DELETE_FORMS",
        "DELETE_DOCUMENTS",
        "DELETE_ORPHAN_LINKED",
        "DELETE_ORPHAN_ENTITIES",
        "COUNT_FORMS",
        "CREATE_DOCUMENTS",
        "CREATE_STATEMENTS",
        "MERGE_CITES",
        "FIND_ENTITIES",
        "FORMS_OF",
        "EXPAND",
        "NODES",
        "LINKED_NAMES",
    )
} | q.MERGE_LINKS


def test_no_query_scans(tmp_path: Path, neo4j_server: Any) -> None:
    """No plan of an empty database scans a label or all nodes."""
    from neo4j import GraphDatabase

    empty(neo4j_server.uri)
    catalogue = Catalogue(tmp_path)
    Neo4jGraph(catalogue, neo4j_server.uri, "neo4j", "").close()
    catalogue.close()
    with GraphDatabase.driver(neo4j_server.uri, auth=None, notifications_min_severity="OFF") as driver:
        plans = {
            name: driver.execute_query("EXPLAIN " + query, ids=[], rows=[], mentions=[], keys=[]).summary.plan
            for name, query in BY_ID.items()
        }
    scanning = {name: [step for step in steps(plan) if "Scan" in step] for name, plan in plans.items()}
    assert {name: found for name, found in scanning.items() if found} == {}


def steps(plan: dict[str, Any]) -> list[str]:
    """The operators of a plan."""
    return [plan["operatorType"], *(step for child in plan.get("children", []) for step in steps(child))]
