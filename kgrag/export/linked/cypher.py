"""Writes the chains of an answer as a Cypher script for any Neo4j; run twice it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from kgrag.export.linked.graphml import chain_graph
from kgrag.export.material import Material


def script(material: Material) -> bytes:
    """One statement a line, each ended by a semicolon.

    Text goes in as quoted literals; labels and types are those of the schema.
    """
    return ("\n".join(_statements(material)) + "\n").encode("utf-8", "replace")


def _statements(material: Material) -> Iterator[str]:
    graph = chain_graph(material)
    yield f"// Chains of answer {material.answer['id']}, library {material.library_id}, {material.created}"
    for node, values in graph.nodes(data=True):
        mark = f", n.retraction = {literal(values['retraction'])}" if "retraction" in values else ""
        yield (
            f"MERGE (n:{name(values['kind'])} {{id: {literal(node)}}}) SET n.name ="
            f" {literal(values['name'])}{mark};"
        )
    for source, target, values in graph.edges(data=True):
        statement = f", e.statement_id = {literal(values['statement'])}" if "statement" in values else ""
        yield (
            f"MATCH (a:{name(graph.nodes[source]['kind'])} {{id: {literal(source)}}}),"
            f" (b:{name(graph.nodes[target]['kind'])} {{id: {literal(target)}}}) MERGE"
            f" (a)-[e:{name(values['type'])}]->(b) SET e.claims = {literal(values['claims'])}{statement};"
        )


def literal(text: str) -> str:
    """A Cypher string; quotes, backslashes and line breaks escaped."""
    escaped = (
        text.replace("\\", "\\\\")
        .replace("'", "\\'")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
    )
    return f"'{escaped}'"


def name(text: str) -> str:
    """A label or relationship type in back quotes."""
    return "`" + text.replace("`", "``") + "`"
