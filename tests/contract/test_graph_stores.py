"""One suite for every graph store: the embedded one and a real Neo4j answer alike on random libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest

from graph.embedded import EmbeddedGraph
from graph.model import EDGE_TYPES, FACTS, LABELS, SUMMARY
from graph.neo4j import Neo4jGraph
from graph.paths import shortest_paths
from graph.projection import Projection
from kgrag.catalogue import Catalogue
from kgrag.holdings.knowledge.summaries import summaries
from kgrag.language.names import entity_id
from kgrag.protocols import GraphStore
from kgrag.testing import NAMES, random_parcel
from kgrag.types import KnowledgeObject, Parcel, Statement, object_id

N_DOCUMENTS = 40


@pytest.fixture(params=["embedded", pytest.param("neo4j", marks=pytest.mark.service)])
def store(request: pytest.FixtureRequest, catalogue: Catalogue, tmp_path: Path) -> Iterator[GraphStore]:
    """A store over a random library, caught up."""
    for number in range(N_DOCUMENTS):
        catalogue.put(random_parcel(number, seed=7))
    if request.param == "embedded":
        made: EmbeddedGraph | Neo4jGraph = EmbeddedGraph(tmp_path / "graph", catalogue)
    else:
        server = request.getfixturevalue("neo4j_server")
        empty(server.uri)
        made = Neo4jGraph(catalogue, server.uri, "neo4j", "")
    made.catch_up()
    yield made
    made.close()


def empty(uri: str) -> None:
    """Forget what an earlier test left in the shared server."""
    from neo4j import GraphDatabase

    with GraphDatabase.driver(uri, auth=None) as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")


def as_networkx(store: GraphStore, catalogue: Catalogue) -> networkx.Graph:
    """The same graph built from the documents themselves, without either store."""
    graph = networkx.Graph()
    for number in range(N_DOCUMENTS):
        parcel = random_parcel(number, seed=7)
        if parcel.document.id not in catalogue.keys_of([parcel.document.id]):
            continue
        graph.add_edges_from((parcel.document.id, passage.id) for passage in parcel.passages)
        graph.add_edges_from((m.passage_id, m.entity_id) for m in parcel.extraction.mentions)
        graph.add_edges_from((m.passage_id, m.entity_id) for m in parcel.extraction.named)
        for statement in parcel.extraction.statements:
            graph.add_edges_from(
                (statement.id, end) for end in (statement.subject, statement.object, statement.passage_id)
            )
        graph.add_edges_from((o.passage_id, told(o)) for o in parcel.extraction.objects)
        graph.add_edges_from((parcel.document.id, fact.target) for fact in parcel.extraction.facts)
    return graph


def told(one: KnowledgeObject) -> str:
    """The id of a knowledge object's node."""
    return object_id(one.passage_id, one.start, one.end, one.role)


def test_counts_are_those_of_the_documents(store: GraphStore) -> None:
    """Every label and edge type is counted, as the parcels hold them."""
    parcels = [random_parcel(number, seed=7) for number in range(N_DOCUMENTS)]
    counts = store.counts()
    assert set(counts) == {*LABELS, *EDGE_TYPES}
    assert counts["Document"] == N_DOCUMENTS
    assert counts["Passage"] == counts["HAS"] == sum(len(p.passages) for p in parcels)
    assert counts["MENTIONS"] == sum(len(p.extraction.mentions) for p in parcels)
    assert counts["NAMES"] == sum(len(p.extraction.named) for p in parcels)
    assert counts["Concept"] == len({e.id for p in parcels for e in p.extraction.concepts})
    assert counts["Entity"] == len({e.id for p in parcels for e in p.extraction.entities})
    assert (
        counts["Statement"]
        == counts["SUBJECT"]
        == counts["SAID_IN"]
        == sum(len(p.extraction.statements) for p in parcels)
    )
    assert counts["TELLS"] == counts["KnowledgeObject"] == sum(len(p.extraction.objects) for p in parcels)
    facts = [fact for p in parcels for fact in p.extraction.facts]
    assert {kind: counts[kind] for kind in FACTS} == {k: sum(f.type == k for f in facts) for k in FACTS}
    told = {(s.subject, s.predicate, s.object) for p in parcels for s in stated(p)}
    assert counts[SUMMARY] == len(told) > 0
    assert counts["CITES"] == sum(
        r.identifiers["doi"] != p.document.id[4:]
        for p in parcels
        for r in p.document.record.references
        if "doi:" + r.identifiers["doi"] in {q.document.id for q in parcels}
    )


def stated(parcel: Parcel) -> list[Statement]:
    """What a document states of concepts."""
    return [s for s in parcel.extraction.statements if s.subject.startswith("c:") and s.modality != "asked"]


def test_find_by_name_alias_case_and_script(store: GraphStore) -> None:
    """Look-up ignores case and separators, knows aliases and Chinese, and orders by id."""
    assert [e.id for e in store.find(["marie CURIE", "镭"])] == sorted(
        [entity_id("Marie Curie"), entity_id("镭")]
    )
    (found,) = store.find(["crp"])
    assert (found.name, found.aliases) == ("C-reactive protein", ("CRP",))
    assert store.find(["nobody of that name", "", "   "]) == []


def test_neighbours_are_ordered_and_complete(store: GraphStore, catalogue: Catalogue) -> None:
    """A passage touches its document, its entities and its statements; the order is (type, source,
    target).
    """
    reference = as_networkx(store, catalogue)
    for passage in catalogue.passages_of("doi:10.1000/7.3"):
        edges = store.neighbours(passage.id, limit=1000)
        assert edges == sorted(edges, key=lambda e: (e.type, e.source, e.target))
        assert {e.source if e.target == passage.id else e.target for e in edges} == set(reference[passage.id])
    assert store.neighbours("no such node") == []
    assert len(store.neighbours(entity_id("Radium"), limit=3)) == 3


def test_paths_are_shortest_and_real(store: GraphStore, catalogue: Catalogue) -> None:
    """Lengths equal those of networkx's k shortest simple paths; every edge of a path is an edge of the
    store.
    """
    reference = as_networkx(store, catalogue)
    rng = np.random.default_rng(3)
    nodes = sorted(n for n in reference if "#p" in n or n.startswith("e:"))
    for source, target in rng.choice(nodes, (12, 2)):
        chains = store.paths(str(source), str(target), k=3, max_hops=4)
        expected = lengths(reference, str(source), str(target), k=3, max_hops=4)
        assert len(chains) <= 3
        assert [len(c.edges) for c in chains][:1] == expected[:1]
        for chain in chains:
            for node, edge in zip(chain.nodes, chain.edges, strict=False):
                assert edge in store.neighbours(node.id, limit=10_000)
    assert store.paths("no such node", str(nodes[0])) == []
    assert [len(c.nodes) for c in store.paths(nodes[0], nodes[0])] == [1]


def lengths(graph: networkx.Graph, source: str, target: str, k: int, max_hops: int) -> list[int]:
    """Lengths of the k shortest simple paths within max_hops, by networkx."""
    found: list[int] = []
    if source == target or not networkx.has_path(graph, source, target):
        return [0] if source == target else []
    for path in networkx.shortest_simple_paths(graph, source, target):
        if len(path) - 1 > max_hops or len(found) == k:
            return found
        found.append(len(path) - 1)
    return found


def test_pagerank_agrees_with_networkx(store: GraphStore) -> None:
    """Scores equal networkx's own PageRank on the same weighted graph, to 1e-4."""
    ranked = store.pagerank({entity_id("Radium"): 2.0, entity_id("Paris"): 1.0}, top_k=1000)
    assert ranked == sorted(ranked, key=lambda pair: (-round(pair[1], 12), pair[0]))
    expected = expected_pagerank({entity_id("Radium"): 2.0, entity_id("Paris"): 1.0})
    assert {p for p, s in ranked if s > 0} <= set(expected)
    assert max(abs(expected[p] - s) for p, s in ranked) < 1e-4
    assert store.pagerank({"e:unknown": 1.0}) == [] or all(
        score == 0 for _, score in store.pagerank({"e:unknown": 1.0})
    )


def expected_pagerank(restart: dict[str, float]) -> dict[str, float]:
    """networkx's PageRank of passages over mention and statement edges, with the weights that the projection
    documents.
    """
    graph = networkx.Graph()
    parcels = [random_parcel(number, seed=7) for number in range(N_DOCUMENTS)]
    mentions = [(m.passage_id, m.entity_id) for p in parcels for m in p.extraction.mentions]
    n_passages = len({passage for passage, _ in mentions})
    degree: dict[str, int] = {}
    for _, entity in set(mentions):
        degree[entity] = degree.get(entity, 0) + 1
    for passage, entity in set(mentions):
        graph.add_edge(
            passage,
            entity,
            weight=np.log1p(mentions.count((passage, entity))) * np.log1p(n_passages / degree[entity]),
        )
    for p in parcels:
        for s in p.extraction.statements:
            if s.subject.startswith("c:"):
                continue
            before = graph.get_edge_data(s.subject, s.object, {"weight": 0.0})["weight"]
            graph.add_edge(s.subject, s.object, weight=before + 1.0)
    return dict(networkx.pagerank(graph, alpha=0.85, personalization=restart, tol=1e-10, max_iter=500))


def test_delete_leaves_no_trace_and_the_rest_whole(store: GraphStore, catalogue: Catalogue) -> None:
    """After deletes and an update, the store equals one built from what is left."""
    before = store.counts()
    for number in (3, 9, 27):
        catalogue.delete(f"doi:10.1000/7.{number}")
    catalogue.put(random_parcel(5, seed=7))
    store.catch_up()
    assert store.neighbours("doi:10.1000/7.3") == store.neighbours("doi:10.1000/7.3#p0") == []
    catalogue.put(random_parcel(3, seed=7))
    catalogue.put(random_parcel(9, seed=7))
    catalogue.put(random_parcel(27, seed=7))
    store.catch_up()
    assert store.counts() == before


def test_catch_up_and_clear_are_idempotent(store: GraphStore) -> None:
    """Catching up twice changes nothing; a cleared store catches up to the same."""
    before, seq = store.counts(), store.applied_seq()
    assert store.catch_up() == seq
    store.clear()
    assert store.catch_up() == seq
    assert store.counts() == before


@pytest.mark.service
def test_both_stores_hold_the_same_edges(catalogue: Catalogue, tmp_path: Path, neo4j_server: Any) -> None:
    """Node by node, both stores give equal nodes, edges, paths and ranks on a random library."""
    for number in range(25):
        catalogue.put(random_parcel(number, seed=11))
    empty(neo4j_server.uri)
    one, two = (
        EmbeddedGraph(tmp_path / "graph", catalogue),
        Neo4jGraph(catalogue, neo4j_server.uri, "neo4j", ""),
    )
    for made in (one, two):
        made.catch_up()
    ids = sorted(
        {e for n in range(25) for p in random_parcel(n, seed=11).passages for e in (p.id, p.document_id)}
        | {prefix + entity_id(n)[2:] for n in NAMES for prefix in ("e:", "c:")}
        | {told(o) for n in range(25) for o in random_parcel(n, seed=11).extraction.objects}
    )
    for node in ids:
        assert one.neighbours(node, 10_000) == two.neighbours(node, 10_000)
    assert one.nodes(ids) == two.nodes(ids)
    for a, b in pairwise(ids[::7]):
        assert one.paths(a, b, k=3, max_hops=4) == two.paths(a, b, k=3, max_hops=4)
    with two._driver.session() as session:  # the summaries' properties, which the protocol does not show
        rows = session.run(
            "MATCH (a)-[r:RELATES]->(b) RETURN a.id AS a, b.id AS b, properties(r) AS r"
        ).data()
    assert sorted((r["a"], r["b"], _plain(r["r"])) for r in rows) == sorted(
        (s.subject, s.object, _plain(s.properties())) for s in summaries(catalogue)
    )
    ranks = [dict(made.pagerank({entity_id("Radium"): 1.0}, top_k=1000)) for made in (one, two)]
    assert ranks[0].keys() == ranks[1].keys()
    assert max(abs(ranks[0][p] - ranks[1][p]) for p in ranks[0]) < 1e-9
    two.close()


def _plain(properties: dict[str, Any]) -> str:
    return repr(sorted((name, value) for name, value in properties.items() if value is not None))


def test_paths_of_a_graph_without_edges() -> None:
    """No edge, no path; the search ends."""
    nothing: Callable[..., Any] = lambda ids: {node: [] for node in ids}  # noqa: E731
    assert shortest_paths("a", "b", 3, 6, nothing, lambda ids: {}) == []


def test_projection_of_nothing() -> None:
    """An empty library ranks nothing."""
    none = np.zeros(0, np.int64)
    keys, scores = Projection(none, none, np.zeros((0, 2), np.int64)).rank({1: 1.0}, {2: 1.0}, 0.85)
    assert len(keys) == len(scores) == 0


def test_a_document_changed_in_place_keeps_its_weights(catalogue: Catalogue, tmp_path: Path) -> None:
    """A mark of retraction is a change of the document: its mentions are not counted twice, and those of
    deleted documents are gone.
    """
    for number in range(20):
        catalogue.put(random_parcel(number, seed=3))
    graph = EmbeddedGraph(tmp_path / "graph", catalogue)
    graph.catch_up()
    before = graph.projection().mentioned.sum()
    catalogue.set_retracted({"doi:10.1000/3.4": "withdrawn"})
    graph.catch_up()
    assert graph.projection().mentioned.sum() == before
    catalogue.delete("doi:10.1000/3.4")
    catalogue.put(random_parcel(21, seed=3))
    graph.catch_up()
    fresh = EmbeddedGraph(tmp_path / "fresh", catalogue)
    fresh.catch_up()
    assert np.array_equal(graph.projection().passage_keys, fresh.projection().passage_keys)
    assert (graph.projection().mentioned != fresh.projection().mentioned).nnz == 0
