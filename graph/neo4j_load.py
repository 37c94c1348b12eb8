"""Writing into Neo4j over Bolt: what one transaction takes out and puts in.

Knows rows and their order. The server's time is what counts: what is new is created without looking for it,
an entity is looked up once for all its mentions in the transaction, and its rows are lists, not maps. Does
not know the driver, the feed or the seq.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from graph import queries as q
from graph.described import KIND_LABELS, Terms
from graph.model import DocumentGraph
from kgrag.holdings.knowledge.summaries import Pair, Summary
from kgrag.language.phrase_keys import PREFIX

ROWS_A_QUERY = 5_000


def replace_documents(
    tx: Any, ids: Sequence[str], graphs: Sequence[DocumentGraph]
) -> tuple[list[str], list[Pair]]:
    """Take out the documents of ``ids`` where they are in the graph, put in those of ``graphs``; what nothing
    names any more goes too. Returns the ids of the concepts that were or are named, and the pairs of concepts
    between which something was or is stated.
    """
    pairs = {(row["subject"], row["object"]) for row in tx.run(q.PAIRS_OF, ids=ids).data()}
    touched = _delete(tx, ids)
    _insert(tx, graphs)
    touched.update(concept for graph in graphs for _, concept, *_ in graph.named)
    pairs.update((row["subject"], row["object"]) for graph in graphs for row in graph.statements)
    return sorted(touched), sorted(pair for pair in pairs if pair[0].startswith(PREFIX))


def citing(tx: Any, ids: Sequence[str]) -> list[str]:
    """Ids of other documents that cite these: what they cite may no longer be held."""
    return [row["id"] for row in tx.run(q.CITING, ids=ids).data()]


def cite_works(tx: Any, graphs: Iterable[DocumentGraph]) -> None:
    """Put in the works that documents cite and the library does not hold."""
    _rows(tx, q.MERGE_WORKS, [{**row, "document": g.document["id"]} for g in graphs for row in g.works])


def _delete(tx: Any, ids: Sequence[str]) -> set[str]:
    shared = tx.run(q.SHARED_OF, ids=ids).data()
    if not shared:
        return set()
    for query in (q.DELETE_STATEMENTS, q.DELETE_FORMS, q.DELETE_DOCUMENTS):
        tx.run(query, ids=ids).consume()
    tx.run(q.DELETE_ORPHAN_LINKED, ids=sorted({x for row in shared for x in row["linked"]})).consume()
    entities = {x for row in shared for x in row["entities"]}
    tx.run(q.DELETE_ORPHAN_ENTITIES, ids=sorted(entities)).consume()
    tx.run(q.DELETE_ORPHAN_WORKS).consume()
    return {name for name in entities if name.startswith(PREFIX)}


def _insert(tx: Any, graphs: Sequence[DocumentGraph]) -> None:
    counted = Counter(form for graph in graphs for form in graph.forms)
    _rows(tx, q.COUNT_FORMS, [[*form, n] for form, n in counted.items()])
    documents = [
        [
            *graph.document.values(),
            " ".join(form.id for form in graph.forms),
            [list(row.values()) for row in graph.passages],
        ]
        for graph in graphs
    ]
    tx.run(q.CREATE_DOCUMENTS, rows=documents, mentions=_mentions(graphs)).consume()
    named: dict[str, list[list[Any]]] = {}
    for graph in graphs:
        for passage, concept, *place in graph.named:
            named.setdefault(concept, []).append([passage, *place])
    _rows(tx, q.CREATE_NAMES, [list(item) for item in named.items()])
    _rows(tx, q.CREATE_OBJECTS, [row for g in graphs for row in g.objects])
    facts = [{**row, "document": g.document["id"]} for g in graphs for row in g.facts]
    for kind, query in q.CREATE_FACTS.items():
        _rows(tx, query, [row for row in facts if row["type"] == kind])
    _rows(tx, q.CREATE_STATEMENTS, [row for g in graphs for row in g.statements])
    links = [{**row, "document": g.document["id"]} for g in graphs for row in g.links]
    for kind, query in q.MERGE_LINKS.items():
        _rows(tx, query, [row for row in links if row["type"] == kind])
    _rows(tx, q.MERGE_CITES, [row for g in graphs for row in g.cites])
    tx.run(q.HELD_NOW, keys=[key for g in graphs for key in g.keys]).consume()
    cite_works(tx, graphs)


def describe_concepts(tx: Any, rows: Sequence[dict[str, Any]], terms: Terms) -> None:
    """Set names, kinds, aliases and counts of concepts, and the authority terms that they are."""
    _rows_with(tx, q.SET_CONCEPTS, rows, labels=sorted(KIND_LABELS.values()))
    _rows(tx, q.MERGE_TERMS, list(terms.names))
    _rows(tx, q.MERGE_IS, list(terms.of_concepts))
    _rows(tx, q.MERGE_BROADER, list(terms.broader))


def summarise(tx: Any, pairs: Sequence[Pair], found: Sequence[Summary]) -> None:
    """Say anew what all statements between these pairs come to."""
    _rows(tx, q.DELETE_SUMMARIES, [list(pair) for pair in pairs])
    rows = [{"subject": s.subject, "object": s.object, "properties": s.properties()} for s in found]
    _rows(tx, q.CREATE_SUMMARIES, rows)


def _mentions(graphs: Sequence[DocumentGraph]) -> list[list[Any]]:
    """Each entity with its mentions: the place of the passage among all of the transaction, start, end,
    score.
    """
    place = {
        row["id"]: number for number, row in enumerate(row for graph in graphs for row in graph.passages)
    }
    found: dict[str, list[list[Any]]] = {}
    for graph in graphs:
        for passage, entity, *rest in graph.mentions:
            found.setdefault(entity, []).append([place[passage], *rest])
    return [[entity, rows] for entity, rows in found.items()]


def _rows(tx: Any, query: str, rows: Sequence[Any]) -> None:
    _rows_with(tx, query, rows)


def _rows_with(tx: Any, query: str, rows: Sequence[Any], **parameters: Any) -> None:
    for start in range(0, len(rows), ROWS_A_QUERY):
        tx.run(query, rows=rows[start : start + ROWS_A_QUERY], **parameters).consume()
