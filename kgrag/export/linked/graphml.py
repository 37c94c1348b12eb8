"""Writes the chains of an answer as GraphML, for Gephi, yEd, Cytoscape and networkx.

Nodes and edges are those of the paths, in their own direction.
"""

from __future__ import annotations

from typing import Any

from kgrag.export.material import Material

CONTROLS = {code: None for code in range(32) if code not in (9, 10, 13)}


def chain_graph(material: Material) -> Any:
    """A networkx MultiDiGraph; each edge tells its type, its statement and the claims whose path it is on."""
    import networkx as nx

    graph: Any = nx.MultiDiGraph(answer=material.answer["id"], question=_clean(material.answer["question"]))
    for claim in material.answer["claims"]:
        for step in claim["path"]:
            node = step["node"]
            mark = material.remark(node["id"]) if node["id"] in material.documents else None
            graph.add_node(
                node["id"],
                name=_clean(node["name"]),
                kind=node["kind"],
                **({"retraction": _clean(mark)} if mark else {}),
            )
        for edge in material.steps(claim):
            ends, key = (edge.source["id"], edge.target["id"]), edge.type
            known = graph.get_edge_data(*ends, key=key)
            claims = f"{known['claims']} {claim['id']}" if known else claim["id"]
            graph.add_edge(
                *ends,
                key=key,
                type=edge.type,
                claims=claims,
                **({"statement": edge.statement_id} if edge.statement_id else {}),
            )
    return graph


def graph(material: Material) -> bytes:
    """The GraphML document."""
    import networkx as nx

    return "\n".join(nx.generate_graphml(chain_graph(material), named_key_ids=True)).encode()


def _clean(text: str) -> str:
    """XML holds no control characters and no lone surrogates."""
    return text.translate(CONTROLS).encode("utf-8", "replace").decode()
