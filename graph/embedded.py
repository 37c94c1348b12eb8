"""The embedded graph store: the catalogue's own tables, and the walk's arrays beside them.

Knows SQL. Look-ups read the tables, so they are never behind; the arrays for PageRank follow the feed
(``graph.walk_files``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Select, Text, bindparam, cast, func, literal, select, union_all

from graph.model import FACTS, LABELS, SUMMARY, entity_from_forms, passage_name
from graph.paths import shortest_paths
from graph.projection import Projection, best
from graph.walk_files import WalkFiles
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import chunks
from kgrag.holdings.citations import cites
from kgrag.language.names import normalise_name
from kgrag.language.phrase_keys import PREFIX
from kgrag.protocols import GraphStore
from kgrag.settings import Settings
from kgrag.types import Chain, Edge, Entity, Node, object_id

# Made once: building and comparing a statement costs SQLAlchemy more than SQLite takes to run it.
_NAMED = (
    select(t.forms.c.entity_key).distinct().where(t.forms.c.form_key.in_(bindparam("names", expanding=True)))
)
_f = t.forms.c
_FORM = (
    t.entities.c.id.label("entity_id"),
    _f.form,
    _f.kind,
    _f.is_name,
    cast(_f.authorities, Text).label("authorities"),
)
_FORMS = (
    select(*_FORM, func.count().label("n"))
    .join(t.entities, _f.entity_key == t.entities.c.key)
    .where(_f.entity_key.in_(bindparam("keys", expanding=True)))
    .group_by(*(column.element if hasattr(column, "element") else column for column in _FORM))
    .order_by(func.min(_f.key))
)
_FEW = 12


def _first_forms(n: int) -> Any:
    """As ``_FORMS`` for n entities, each by the first thousand documents that name it: a name in a hundred
    thousand documents is known by then.
    """
    parts = [
        select(_f.key).where(_f.entity_key == bindparam(f"key{i}")).order_by(_f.key).limit(1000).subquery()
        for i in range(n)
    ]
    first = union_all(*(select(part.c.key) for part in parts))
    return (
        select(*_FORM, func.count().label("n"))
        .join(t.entities, _f.entity_key == t.entities.c.key)
        .where(_f.key.in_(first))
        .group_by(*(column.element if hasattr(column, "element") else column for column in _FORM))
        .order_by(func.min(_f.key))
    )


_FIRST_FORMS = {n: _first_forms(n) for n in range(1, _FEW + 1)}


class EmbeddedGraph(GraphStore):
    """See the module.

    Args:
        folder: where the arrays lie (``library/graph``).
        catalogue: the library's catalogue.
    """

    name = "embedded"

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.catalogue, self.walk = catalogue, WalkFiles(folder, catalogue)

    @classmethod
    def open(cls, settings: Settings, catalogue: Catalogue) -> EmbeddedGraph:
        """The store of a library, as its settings say."""
        return cls(settings.library / "graph", catalogue)

    def close(self) -> None:
        """Nothing to give back."""

    def applied_seq(self) -> int:
        """The last change of the feed that is in the arrays."""
        return self.walk.applied_seq()

    def catch_up(self) -> int:
        """Replace the rows of changed documents in the arrays; returns the new applied_seq."""
        return self.walk.catch_up()

    def clear(self) -> None:
        """Forget the arrays; the tables are the catalogue's."""
        self.walk.clear()

    def projection(self) -> Projection:
        """The arrays as a walk, read again only after a change."""
        return self.walk.projection()

    def find(self, names: Sequence[str]) -> list[Entity]:
        """Entities by normalised name or alias; ordered by id."""
        keys = [key for key in dict.fromkeys(map(normalise_name, names)) if key]
        wanted: set[int] = set()
        for some in chunks(keys):
            wanted.update(row.entity_key for row in self.catalogue.rows(_NAMED, names=some))
        return [entity for entity in self._entities(wanted) if not entity.id.startswith(PREFIX)]

    def neighbours(self, node_id: str, limit: int = 50) -> list[Edge]:
        """Edges that touch the node; ordered by (type, source, target)."""
        return self._expand([node_id])[node_id][:limit]

    def paths(self, source: str, target: str, k: int = 3, max_hops: int = 6) -> list[Chain]:
        """Up to k shortest simple paths, shortest first, ties by node ids."""
        return shortest_paths(source, target, k, max_hops, self._steps, self.nodes)

    def pagerank(
        self, restart: Mapping[str, float], top_k: int = 100, damping: float = 0.85
    ) -> list[tuple[str, float]]:
        """Personalised PageRank: passages, best first, ties by id."""
        passages = self._keys(t.passages, restart)
        entities = self._keys(t.entities, restart)
        keys, scores = self.projection().rank(passages, entities, damping)
        if not len(keys):
            return []
        chosen = np.argsort(-scores, kind="stable")[: top_k + 50]
        names = {
            row.key: row.id
            for row in self.catalogue.rows(
                select(t.passages.c.key, t.passages.c.id).where(t.passages.c.key.in_(keys[chosen].tolist()))
            )
        }
        alive = [i for i in chosen if int(keys[i]) in names]
        return best([names[int(keys[i])] for i in alive], scores[alive], top_k)

    def counts(self) -> dict[str, int]:
        """Number of nodes of each label and edges of each type."""
        c = self.catalogue
        tables = {
            "Document": t.documents,
            "Passage": t.passages,
            "Entity": t.entities,
            "Statement": t.statements,
            "HAS": t.passages,
            "MENTIONS": t.mentions,
            "NAMES": t.concept_mentions,
            "SUBJECT": t.statements,
            "OBJECT": t.statements,
            "SAID_IN": t.statements,
            "KnowledgeObject": t.objects,
            "TELLS": t.objects,
        }
        found = {name: c.count(table) for name, table in tables.items()}
        query = select(func.count()).select_from(t.entities).where(t.entities.c.id.like(PREFIX + "%"))
        found["Concept"] = c.rows(query)[0][0]
        found["Entity"] -= found["Concept"]
        found.update({label: 0 for label in LABELS if label not in found})
        found.update({kind: 0 for kind in ("BY", "IN", "ABOUT", "CITES", *FACTS)})
        for row in c.rows(select(t.facts.c.type, func.count().label("n")).group_by(t.facts.c.type)):
            found[row.type] = row.n
        told = _related().add_columns(t.statements.c.predicate).distinct().subquery()
        found[SUMMARY] = c.rows(select(func.count()).select_from(told))[0][0]
        for row in c.rows(
            select(t.links.c.type, func.count().label("n"))
            .where(t.links.c.type != "CITES")
            .group_by(t.links.c.type)
        ):
            found[row.type] = row.n
        labelled = select(t.links.c.label, func.count(func.distinct(t.links.c.target)).label("n")).where(
            t.links.c.type != "CITES"
        )
        for row in c.rows(labelled.group_by(t.links.c.label)):
            found[row.label] = row.n
        cited = t.documents.alias()
        pairs = (
            select(t.documents.c.key, cited.c.key.label("cited"))
            .select_from(cites(cited))
            .distinct()
            .subquery()
        )
        found["CITES"] = c.rows(select(func.count()).select_from(pairs))[0][0]
        return found

    # -- nodes and edges -------------------------------------------------------------------------------------

    def nodes(self, ids: Iterable[str]) -> dict[str, Node]:
        """Nodes by id; ids that do not exist are left out."""
        wanted = list(ids)
        found: dict[str, Node] = {}
        d, p, s, e = t.documents.c, t.passages.c, t.statements.c, t.entities.c
        plain = (
            (select(d.id, func.coalesce(d.title, d.id).label("name")), d.id, "Document"),
            (select(p.id, p.text.label("name")), p.id, "Passage"),
            (select(s.id, s.predicate.label("name")), s.id, "Statement"),
        )
        for query, column, kind in plain:
            for row in self.catalogue.rows(query.where(column.in_(wanted))):
                found[row.id] = Node(row.id, passage_name(row.name) if kind == "Passage" else row.name, kind)
        keys = [row.key for row in self.catalogue.rows(select(e.key).where(e.id.in_(wanted)))]
        for entity in self._entities(keys):
            kind = "Concept" if entity.id.startswith(PREFIX) else "Entity"
            found[entity.id] = Node(entity.id, entity.name, kind)
        linked = (
            select(
                t.links.c.target,
                func.min(t.links.c.name).label("name"),
                func.min(t.links.c.label).label("label"),
            )
            .where(t.links.c.target.in_(wanted), t.links.c.type != "CITES")
            .group_by(t.links.c.target)
        )
        found.update(
            {row.target: Node(row.target, row.name, row.label) for row in self.catalogue.rows(linked)}
        )
        found.update(self._objects(wanted))
        return found

    def _objects(self, ids: Iterable[str]) -> dict[str, Node]:
        """Knowledge objects by id; their names are their first words."""
        wanted = set(ids)
        passages = sorted({of for node in wanted if (of := _passage_of(node)) is not None})
        o, p = t.objects.c, t.passages.c
        query = select(t.objects, p.id, p.text).select_from(t.objects.join(t.passages))
        found: dict[str, Node] = {}
        for some in chunks(passages):
            for row in self.catalogue.rows(query.where(p.id.in_(some)).order_by(o.key)):
                node = object_id(row.id, row.start, row.end, row.role)
                if node in wanted:
                    found[node] = Node(node, passage_name(row.text[row.start : row.end]), "KnowledgeObject")
        return found

    def _steps(self, ids: Sequence[str]) -> dict[str, list[Edge]]:
        """The edges by which a path may go."""
        return {node: [e for e in edges if e.type != SUMMARY] for node, edges in self._expand(ids).items()}

    def _expand(self, ids: Sequence[str]) -> dict[str, list[Edge]]:
        """Every edge that touches each node, ordered."""
        found: dict[str, set[Edge]] = {node: set() for node in ids}
        for some in chunks(ids):
            for row in self.catalogue.rows(_edges(), ids=some):
                edge = Edge(row.source, row.target, row.type, row.statement)
                for end in (row.source, row.target):
                    if end in found:
                        found[end].add(edge)
        for edge in self._told(ids):
            for end in (edge.source, edge.target):
                if end in found:
                    found[end].add(edge)
        return {
            node: sorted(edges, key=lambda e: (e.type, e.source, e.target)) for node, edges in found.items()
        }

    def _told(self, ids: Sequence[str]) -> Iterator[Edge]:
        """From passages to their knowledge objects, of which only the passage can be looked up."""
        told = (passage for node in ids if (passage := _passage_of(node)) is not None)
        of = dict.fromkeys([*ids, *told])
        o, p = t.objects.c, t.passages.c
        query = select(p.id, o.start, o.end, o.role).select_from(t.objects.join(t.passages))
        for some in chunks(of):
            for row in self.catalogue.rows(query.where(p.id.in_(some))):
                yield Edge(row.id, object_id(row.id, row.start, row.end, row.role), "TELLS")

    def _entities(self, keys: Iterable[int]) -> list[Entity]:
        grouped: dict[str, list[Any]] = {}
        for part in chunks(keys):
            few = {f"key{i}": key for i, key in enumerate(part)}
            for row in (
                self.catalogue.rows(_FIRST_FORMS[len(part)], **few)
                if len(part) <= _FEW
                else self.catalogue.rows(_FORMS, keys=part)
            ):
                grouped.setdefault(row.entity_id, []).append(
                    {**row._mapping, "authorities": json.loads(row.authorities)}
                )
        return [entity_from_forms(entity_id, grouped[entity_id]) for entity_id in sorted(grouped)]

    def _keys(self, table: Any, weights: Mapping[str, float]) -> dict[int, float]:
        found: dict[int, float] = {}
        for some in chunks(weights):
            query = select(table.c.id, table.c.key).where(table.c.id.in_(some))
            found.update({row.key: weights[row.id] for row in self.catalogue.rows(query)})
        return found


def _passage_of(node: str) -> str | None:
    """The passage of a knowledge object, from its id; None for other nodes."""
    return node[2:].rsplit("/", 2)[0] if node.startswith("o:") else None


def _related() -> Select[Any]:
    """(subject, object) of what documents state of concepts."""
    one, other, s = t.entities.alias(), t.entities.alias(), t.statements.c
    return (
        select(one.c.id.label("source"), other.c.id.label("target"))
        .select_from(t.statements)
        .join(one, one.c.key == s.subject_key)
        .join(other, other.c.key == s.object_key)
        .where(one.c.id.like(PREFIX + "%"), s.modality != "asked")
    )


@lru_cache(maxsize=1)
def _edges() -> Any:
    """One query for all edges of the design that touch any of ``ids``: columns source, target, type,
    statement. Made once: it costs as much as running it.
    """
    ids: Any = bindparam("ids", expanding=True)
    d, p, e, s, links = t.documents, t.passages, t.entities, t.statements, t.links
    cited = t.documents.alias()
    subject, object_ = t.entities.alias(), t.entities.alias()
    none = literal(None)
    shapes: list[tuple[Any, Any, Any, Any, Any]] = [
        (d.c.id, p.c.id, literal("HAS"), none, p.join(d)),
        (p.c.id, e.c.id, literal("MENTIONS"), none, t.mentions.join(p).join(e)),
        (p.c.id, e.c.id, literal("NAMES"), none, t.concept_mentions.join(p).join(e)),
        (s.c.id, subject.c.id, literal("SUBJECT"), s.c.id, s.join(subject, s.c.subject_key == subject.c.key)),
        (s.c.id, object_.c.id, literal("OBJECT"), s.c.id, s.join(object_, s.c.object_key == object_.c.key)),
        (s.c.id, p.c.id, literal("SAID_IN"), s.c.id, s.join(p)),
        (d.c.id, cited.c.id, literal("CITES"), none, cites(cited)),
    ]
    queries: list[Select[Any]] = [
        select(
            source.label("source"), target.label("target"), kind.label("type"), statement.label("statement")
        )
        .select_from(tables)
        .where(end.in_(ids))
        for source, target, kind, statement, tables in shapes
        for end in (source, target)
    ]
    plain = (
        select(
            d.c.id.label("source"),
            links.c.target.label("target"),
            links.c.type.label("type"),
            none.label("statement"),
        )
        .select_from(links.join(d, links.c.document_key == d.c.key))
        .where(links.c.type != "CITES")
    )
    facts = select(
        d.c.id.label("source"),
        t.facts.c.target.label("target"),
        t.facts.c.type.label("type"),
        none.label("statement"),
    ).select_from(t.facts.join(d, t.facts.c.document_key == d.c.key))
    related = _related().add_columns(literal(SUMMARY).label("type"), none.label("statement"))
    source, target, *_ = related.selected_columns
    ends = [
        *(plain.where(end.in_(ids)) for end in (d.c.id, links.c.target)),
        *(facts.where(end.in_(ids)) for end in (d.c.id, t.facts.c.target)),
        *(related.where(end.in_(ids)) for end in (source, target)),
    ]
    return union_all(*queries, *ends)
