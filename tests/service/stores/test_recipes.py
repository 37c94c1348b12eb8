"""Each recipe of docs/CYPHER.md, as it stands there, in a real Neo4j over real papers and two records of our
own that agree and contradict one another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.neo4j import Neo4jGraph
from ingest.extract.again import again
from ingest.run import ingest
from kgrag.holdings.vocabularies import load
from kgrag.library import Library
from tests.contract.test_graph_stores import empty

DOCS = Path(__file__).parents[3] / "docs" / "CYPHER.md"
PAPERS = Path(__file__).parents[2] / "data" / "graph"
RECIPE = re.compile(r"### (\d+)\. ([^\n]+)\n\n```cypher\n// (\{[^\n]*\})\n(.*?)```", re.S)
RECIPES = RECIPE.findall(DOCS.read_text("utf-8"))
TWELVE = 12


@pytest.fixture(scope="module")
def driver(own_papers: Library, neo4j_server: Any) -> Iterator[Any]:
    """A driver on the graph of the papers."""
    from neo4j import GraphDatabase

    assert not ingest(own_papers, [PAPERS / "malaria.ris"])["quarantined"]
    load(own_papers.catalogue, PAPERS / "terms.csv", "terms")
    again(own_papers, [d.id for d in own_papers.catalogue.documents() if "malaria" in d.id])
    empty(neo4j_server.uri)
    store = Neo4jGraph(own_papers.catalogue, neo4j_server.uri, "neo4j", "")
    store.catch_up()
    with GraphDatabase.driver(neo4j_server.uri, auth=None) as opened:
        yield opened
    store.close()


def test_there_are_twelve() -> None:
    """The page holds twelve recipes that can be run."""
    assert [int(number) for number, *_ in RECIPES] == list(range(1, TWELVE + 1))


@pytest.mark.service
@pytest.mark.parametrize(("number", "title", "parameters", "query"), RECIPES)
def test_a_recipe_answers(driver: Any, number: str, title: str, parameters: str, query: str) -> None:
    """It runs with its own parameters and gives rows without a column that is empty everywhere it must not
    be.
    """
    records = driver.execute_query(query, json.loads(parameters)).records
    assert records, title
    first = records[0].keys()[0]
    assert all(record[first] is not None for record in records)


@pytest.mark.service
def test_every_node_has_a_name(driver: Any) -> None:
    """People, venues, concepts and documents are called something; statements have their sentence."""
    query = """
    MATCH (n) WHERE (n:Document OR n:Concept OR n:Person OR n:Venue OR n:Work OR n:Term) AND n.name IS NULL
    RETURN count(n) AS n UNION ALL MATCH (s:Statement) WHERE s.sentence IS NULL RETURN count(s) AS n
    """
    assert [record["n"] for record in driver.execute_query(query).records] == [0, 0]
