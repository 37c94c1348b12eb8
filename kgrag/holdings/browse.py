"""Lists what a library holds without a question: documents in an order, citations of one, and what stands
beside a node.

Knows the catalogue's tables and filters, which every function keeps to. Does not know ranking, stores of the
graph, or pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.rows import document_from_row
from kgrag.holdings.citations import cited_by, cited_in
from kgrag.language.phrase_keys import PREFIX
from kgrag.types import Document, Filters, Passage

N_BESIDE = 8
SORTS = ("best", "newest", "oldest", "title", "author")
"""Orders of a list; *best* is the newest where nothing was sought."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A node beside another: the edge between them, its id, name and kind, and how many passages or documents
    stand behind the edge.
    """

    edge: str
    id: str
    name: str
    kind: str
    n: int = 1


@dataclass(frozen=True, slots=True)
class Named:
    """An entity with where it is mentioned: the first passages with the spans of its mentions, and how many
    there are in all.
    """

    id: str
    name: str
    kind: str
    aliases: tuple[str, ...]
    n_passages: int
    n_documents: int
    passages: tuple[tuple[Passage, Document, tuple[tuple[int, int], ...]], ...]


def listed(
    catalogue: Catalogue,
    filters: Filters = Filters(),
    offset: int = 0,
    limit: int = 20,
    sort: str = "newest",
) -> tuple[int, list[Document]]:
    """How many documents pass, and a page of them in an order of ``SORTS``; ties by title and id."""
    chosen = catalogue.filtered_documents(filters)
    d = t.documents.c
    total = int(catalogue.rows(select(func.count()).where(d.key.in_(chosen)))[0][0])
    query = (
        select(t.documents)
        .where(d.key.in_(chosen))
        .order_by(*_order(sort), d.title, d.id)
        .offset(offset)
        .limit(limit)
    )
    return total, [document_from_row(row) for row in catalogue.rows(query)]


def _order(sort: str) -> tuple[ColumnElement[Any], ...]:
    d = t.documents.c
    if sort == "title":
        return (d.title.is_(None), func.lower(d.title))
    if sort == "author":
        first = (
            select(func.min(t.links.c.key))
            .where(t.links.c.document_key == d.key, t.links.c.type == "BY")
            .scalar_subquery()
        )
        name = select(t.links.c.name).where(t.links.c.key == first).scalar_subquery()
        return (name.is_(None), func.lower(name))
    return (d.year.is_(None), d.year.asc() if sort == "oldest" else d.year.desc())


def authors(catalogue: Catalogue, filters: Filters = Filters(), limit: int = 300) -> list[str]:
    """Names of authors, those with the most documents first."""
    query = (
        select(t.links.c.name)
        .where(t.links.c.type == "BY", t.links.c.document_key.in_(catalogue.filtered_documents(filters)))
        .group_by(t.links.c.name)
        .order_by(func.count().desc(), t.links.c.name)
        .limit(limit)
    )
    return [row.name for row in catalogue.rows(query)]


def counts(catalogue: Catalogue, filters: Filters = Filters()) -> dict[str, int]:
    """Number of documents and passages that pass."""
    chosen = catalogue.filtered_documents(filters)
    documents = catalogue.rows(select(func.count()).where(t.documents.c.key.in_(chosen)))[0][0]
    return {
        "documents": documents,
        "passages": catalogue.rows(select(func.count()).where(t.passages.c.document_key.in_(chosen)))[0][0],
    }


def named(
    catalogue: Catalogue, entity_id: str, filters: Filters = Filters(), limit: int = 12
) -> Named | None:
    """An entity and where it is mentioned; None where nothing that passes mentions it."""
    mentions = t.concept_mentions if entity_id.startswith(PREFIX) else t.mentions
    e, m, p, f = t.entities.c, mentions.c, t.passages.c, t.forms.c
    chosen = catalogue.filtered_documents(filters)
    forms = catalogue.rows(
        select(f.form, f.kind, f.is_name)
        .select_from(t.forms)
        .join(t.entities, e.key == f.entity_key)
        .where(e.id == entity_id, f.document_key.in_(chosen))
        .order_by(f.is_name.desc(), f.form)
    )
    rows = catalogue.rows(
        select(m.passage_key, m.start, m.end, p.document_key)
        .select_from(mentions)
        .join(t.passages, p.key == m.passage_key)
        .join(t.entities, e.key == m.entity_key)
        .where(e.id == entity_id, p.document_key.in_(chosen))
        .order_by(m.passage_key, m.start)
    )
    if not forms or not rows:
        return None
    spans: dict[int, list[tuple[int, int]]] = {}
    for row in rows:
        spans.setdefault(row.passage_key, []).append((row.start, row.end))
    passages = catalogue.passages_by_key(_spread(rows, limit))
    documents = catalogue.documents_by_key({key for _, key in passages.values()})
    shown = tuple(
        (passage, documents[key], tuple(spans[number])) for number, (passage, key) in sorted(passages.items())
    )
    name = forms[0].form
    return Named(
        entity_id,
        name,
        forms[0].kind,
        tuple(dict.fromkeys(row.form for row in forms if row.form != name)),
        len(spans),
        len({row.document_key for row in rows}),
        shown,
    )


def _spread(rows: Iterable[Any], limit: int) -> list[int]:
    """Passages of as many documents as can be: the first of each, then the second of each."""
    of: dict[int, list[int]] = {}
    for row in rows:
        keys = of.setdefault(row.document_key, [])
        if row.passage_key not in keys:
            keys.append(row.passage_key)
    rounds = [(turn, key) for keys in of.values() for turn, key in enumerate(keys)]
    return [key for _, key in sorted(rounds)][:limit]


def beside(catalogue: Catalogue, node_id: str, kind: str, filters: Filters = Filters()) -> list[Beside]:
    """What stands beside a node: of a document its people, venue, headings, entities and citations; of the
    others the documents they belong to.

    Args:
        catalogue: of the library.
        node_id: of the node.
        kind: its label: Document, Entity, Person, Venue or Heading; another kind has nothing beside it here.
        filters: documents that do not pass are left out.
    """
    if kind == "Document":
        return _beside_document(catalogue, node_id, filters)
    if kind in ("Concept", "Entity"):
        return _documents_of_entity(catalogue, node_id, filters)
    if kind in ("Person", "Venue", "Heading"):
        return _documents_of_link(catalogue, node_id, filters)
    return []


def _beside_document(catalogue: Catalogue, document_id: str, filters: Filters) -> list[Beside]:
    links = (
        select(t.links)
        .join(t.documents)
        .where(
            t.documents.c.id == document_id,
            t.links.c.type != "CITES",
            t.documents.c.key.in_(catalogue.filtered_documents(filters)),
        )
        .order_by(t.links.c.key)
    )
    found: dict[str, list[Beside]] = {}
    for row in catalogue.rows(links):
        found.setdefault(row.type, []).append(Beside(row.type, row.target, row.name, row.label))
    cited = [Beside("CITES", d.id, d.title, "Document") for d in cited_in(catalogue, document_id, filters)]
    citing = [
        Beside("CITED_BY", d.id, d.title, "Document") for d in cited_by(catalogue, document_id, filters)
    ]
    parts = (
        found.get("BY", []),
        found.get("IN", []),
        found.get("ABOUT", []),
        _entities_of(catalogue, document_id),
        citing,
        cited,
    )
    return [node for part in parts for node in part[:N_BESIDE]]


def _entities_of(catalogue: Catalogue, document_id: str) -> list[Beside]:
    """The concepts that tell a document from others: mentioned often in it, and in few other passages."""
    m, p, d, e = t.concept_mentions.c, t.passages.c, t.documents.c, t.entities.c
    own = (
        select(m.entity_key, func.count().label("n"))
        .select_from(t.concept_mentions)
        .join(t.passages, p.key == m.passage_key)
        .join(t.documents, d.key == p.document_key)
        .where(d.id == document_id)
        .group_by(m.entity_key)
        .order_by(func.count().desc(), m.entity_key)
        .limit(40)
    )
    here = {row.entity_key: row.n for row in catalogue.rows(own)}
    everywhere = {
        row.entity_key: row.n
        for row in catalogue.rows(
            select(m.entity_key, func.count().label("n")).where(m.entity_key.in_(here)).group_by(m.entity_key)
        )
    }
    best = sorted(here, key=lambda key: (-(here[key] ** 1.5) / everywhere[key] ** 0.5, key))[:N_BESIDE]
    f = t.forms.c
    names = {
        row.entity_key: (row.id, row.form)
        for row in reversed(
            catalogue.rows(
                select(f.entity_key, e.id, f.form)
                .select_from(t.forms)
                .join(t.entities, e.key == f.entity_key)
                .join(t.documents, d.key == f.document_key)
                .where(f.entity_key.in_(best), d.id == document_id)
                .order_by(f.is_name.desc(), f.key)
            )
        )
    }
    return [
        Beside("NAMES", names[key][0], names[key][1], "Concept", here[key]) for key in best if key in names
    ]


def _documents_of_entity(catalogue: Catalogue, entity_id: str, filters: Filters) -> list[Beside]:
    mentions = t.concept_mentions if entity_id.startswith(PREFIX) else t.mentions
    m, p, d, e = mentions.c, t.passages.c, t.documents.c, t.entities.c
    query = (
        select(d.id, d.title, func.count().label("n"))
        .select_from(mentions)
        .join(t.passages, p.key == m.passage_key)
        .join(t.documents, d.key == p.document_key)
        .join(t.entities, e.key == m.entity_key)
        .where(e.id == entity_id, d.key.in_(catalogue.filtered_documents(filters)))
        .group_by(d.id, d.title)
        .order_by(func.count().desc(), d.id)
        .limit(N_BESIDE)
    )
    return [
        Beside("MENTIONED_BY", row.id, row.title or row.id, "Document", row.n)
        for row in catalogue.rows(query)
    ]


def _documents_of_link(catalogue: Catalogue, target: str, filters: Filters) -> list[Beside]:
    d, link = t.documents.c, t.links.c
    query = (
        select(d.id, d.title, link.type)
        .select_from(t.links)
        .join(t.documents, d.key == link.document_key)
        .where(link.target == target, link.type != "CITES", d.key.in_(catalogue.filtered_documents(filters)))
        .order_by(d.year.desc(), d.id)
        .limit(N_BESIDE)
    )
    return [Beside(row.type, row.id, row.title or row.id, "Document") for row in catalogue.rows(query)]
