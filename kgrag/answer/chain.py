"""Finds the path from the question to a quote in the graph store, the one that tells most.

Knows the graph store's protocol only. A chain never holds a node or an edge that the store does not. What the
quoted sentence states of a thing that is asked about goes before the mere fact that the passage names it, and
that before another paper's statement that leads to what the passage names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kgrag.protocols import GraphStore
from kgrag.types import Chain, Edge, Entity, Evidence, Node

N_CONCEPTS, N_STATEMENTS = 4, 40
"""Concepts of the question that are tried, and statements of each that are looked along."""
MANY = 10_000
_ENDS = ("SUBJECT", "OBJECT")


def find_chain(
    graph: GraphStore,
    concepts: Sequence[Entity],
    evidence: Evidence,
    visible: Callable[[Chain], bool] | None = None,
) -> Chain:
    """The chain of one piece of evidence.

    Args:
        graph: the store.
        concepts: what the question names, most telling first.
        evidence: the quote; its passage and document end the chain.
        visible: whether a path over other documents may be shown to the person who asks; None where all may.

    Returns:
        Concept → statement → passage → document where the quote states something of a concept that is asked
        about; concept → passage → document where it is only named here; concept → statement → concept →
        passage → document where another statement leads to what the passage names; else passage → document.
    """
    passage, document = evidence.passage, evidence.document
    has = Edge(document.id, passage.id, "HAS")
    touching = graph.neighbours(passage.id, limit=MANY)
    if has not in touching:
        return Chain((), ())
    here = Node(passage.id, _short(passage.text), "Passage")
    start = _start(graph, concepts[:N_CONCEPTS], here, evidence, touching, visible)
    end = Node(document.id, document.title, "Document")
    return Chain((*start.nodes, end), (*start.edges, has))


def _start(
    graph: GraphStore,
    concepts: Sequence[Entity],
    here: Node,
    evidence: Evidence,
    touching: Sequence[Edge],
    visible: Callable[[Chain], bool] | None,
) -> Chain:
    named = {edge.target: edge for edge in touching if edge.type == "NAMES"}
    said = {edge.source: edge for edge in touching if edge.type == "SAID_IN"}
    around = {concept.id: graph.neighbours(concept.id, limit=MANY) for concept in concepts}
    for concept in concepts:
        for edge in _in_quote(around[concept.id], said, evidence):
            statement = Node(edge.source, _predicate(edge.source), "Statement")
            return Chain((_node(concept), statement, here), (edge, said[edge.source]))
    for concept in concepts:
        if concept.id in named:
            return Chain((_node(concept), here), (named[concept.id],))
    for concept in concepts:
        chain = _over_another(graph, concept, around[concept.id], named, here)
        if chain is not None and (visible is None or visible(chain)):
            return chain
    return Chain((here,), ())


def _in_quote(edges: Sequence[Edge], said: dict[str, Edge], evidence: Evidence) -> list[Edge]:
    """The concept's edges to statements of the passage, those of the quoted sentence alone."""
    return [
        edge
        for edge in edges
        if edge.type in _ENDS and edge.source in said and _within(edge.source, evidence)
    ]


def _within(statement: str, evidence: Evidence) -> bool:
    """Whether a statement's ends, as its id tells, lie in the quote."""
    place = statement.removeprefix("s:" + evidence.passage.id + "/").split("/")[0]
    start, _, end = place.partition("-")
    if not (start.isdigit() and end.isdigit()):
        return False
    return evidence.start <= int(start) and int(end) <= evidence.end


def _over_another(
    graph: GraphStore, concept: Entity, edges: Sequence[Edge], named: dict[str, Edge], here: Node
) -> Chain | None:
    """Concept → statement of another paper → a concept that the passage names."""
    statements = [edge for edge in edges if edge.type in _ENDS][:N_STATEMENTS]
    for edge in statements:
        for further in graph.neighbours(edge.source, limit=MANY):
            if further.type in _ENDS and further.target != concept.id and further.target in named:
                middle = graph.nodes([further.target])[further.target]
                statement = Node(edge.source, _predicate(edge.source), "Statement")
                nodes = (_node(concept), statement, middle, here)
                return Chain(nodes, (edge, further, named[further.target]))
    return None


def _node(concept: Entity) -> Node:
    return Node(concept.id, concept.name, "Concept")


def _predicate(statement: str) -> str:
    return statement.rpartition("/")[2]


def _short(text: str) -> str:
    return text[:80] + ("…" if len(text) > 80 else "")
