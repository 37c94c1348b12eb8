"""Finds the path from the question to a quote (question entity → … → passage → document) in the graph store.

Knows the graph store's protocol only. A chain never holds a node or an edge that the store does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kgrag.protocols import GraphStore
from kgrag.types import Chain, Edge, Entity, Evidence, Node

MAX_HOPS = 3
N_TRIED = 1
N_PATHS = 5
"""Tried where some may not be shown."""
MANY = 10_000


def find_chain(
    graph: GraphStore,
    entities: Sequence[Entity],
    evidence: Evidence,
    visible: Callable[[Chain], bool] | None = None,
) -> Chain:
    """The chain of one piece of evidence.

    Args:
        graph: the store.
        entities: what the question names, most telling first.
        evidence: the quote; its passage and document end the chain.
        visible: whether a longer path may be shown to the person who asks; None where everything may.

    Returns:
        Entity → passage → document where the passage mentions one of the entities; a longer path where the
        graph has one of up to three hops; else passage → document.
    """
    passage, document = evidence.passage, evidence.document
    end = Node(document.id, document.title, "Document")
    has = Edge(document.id, passage.id, "HAS")
    touching = graph.neighbours(passage.id, limit=MANY)
    if has not in touching:
        return Chain((), ())
    start = _start(graph, entities, evidence, touching, visible)
    if end.id in (node.id for node in start.nodes):
        return start
    return Chain((*start.nodes, end), (*start.edges, has))


def _start(
    graph: GraphStore,
    entities: Sequence[Entity],
    evidence: Evidence,
    touching: Sequence[Edge],
    visible: Callable[[Chain], bool] | None,
) -> Chain:
    passage = evidence.passage
    mentioned = {edge.target: edge for edge in touching if edge.type == "MENTIONS"}
    here = Node(passage.id, _short(passage.text), "Passage")
    for entity in entities:
        if entity.id in mentioned:
            return Chain((Node(entity.id, entity.name, "Entity"), here), (mentioned[entity.id],))
    for entity in entities[:N_TRIED]:
        for chain in graph.paths(entity.id, passage.id, k=N_PATHS if visible else 1, max_hops=MAX_HOPS):
            if visible is None or visible(chain):
                return chain
    return Chain((here,), ())


def _short(text: str) -> str:
    return text[:80] + ("…" if len(text) > 80 else "")
