"""What the graph holds: one document's nodes and edges, read from the catalogue.

Knows the labels and edge types of the design. Both stores are built from this, so they agree by construction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from sqlalchemy import Select, select

from graph.forms import COLUMNS, Form, form_of
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.holdings.citations import cites
from kgrag.types import Entity, FactType, object_id

_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
LABELS = (
    "Document",
    "Passage",
    "Entity",
    "Concept",
    "Statement",
    "KnowledgeObject",
    "Person",
    "Venue",
    "Heading",
)
Rows = Callable[[Select[Any]], Iterable[Any]]
FACTS: tuple[str, ...] = get_args(FactType)
SUMMARY = "RELATES"
"""What all statements of one concept about another come to; no step of a path, which names a statement."""
EDGE_TYPES = (
    *("HAS", "MENTIONS", "NAMES", "SUBJECT", "OBJECT", "SAID_IN", "BY", "IN", "ABOUT", "CITES", "TELLS"),
    *(*FACTS, SUMMARY),
)


@dataclass(frozen=True, slots=True)
class DocumentGraph:
    """One document's part of the graph.

    Mentions, of which there are most, are (passage, entity, start, end, score), those of concepts ``named``
    (passage, concept, start, end); the other rows are plain mappings.
    """

    document: dict[str, Any]
    passages: list[dict[str, Any]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    mentions: list[tuple[Any, ...]] = field(default_factory=list)
    named: list[tuple[Any, ...]] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    works: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    cites: list[dict[str, Any]] = field(default_factory=list)


def read_documents(catalogue: Catalogue, document_ids: Sequence[str]) -> dict[str, DocumentGraph]:
    """The graphs of the documents that exist, by id; a handful of queries for the whole batch."""
    d = t.documents.c
    columns: tuple[Any, ...] = (
        d.key,
        d.id,
        d.title,
        d.year,
        d.venue,
        d.language,
        d.kind,
        d.record,
        d.retracted,
    )
    rows = catalogue.rows(select(*columns).where(d.id.in_(document_ids)))
    found = {row.key: DocumentGraph(document_row(row)) for row in rows}
    keys = list(found)
    _passages(catalogue, keys, found)
    _forms(catalogue, keys, found)
    _links(catalogue, keys, found)
    _cites(catalogue, keys, found)
    _works(catalogue, keys, found)
    return {graph.document["id"]: graph for graph in found.values()}


def document_row(row: Any) -> dict[str, Any]:
    """What a document's node says."""
    return {
        "id": row.id,
        "name": row.title or row.id,
        "year": row.year,
        "venue": row.venue,
        "language": row.language,
        "kind": row.kind,
        "doi": (row.record.get("identifiers") or {}).get("doi"),
        "retracted": row.retracted,
    }


def entity_from_forms(entity_id: str, rows: Iterable[Any]) -> Entity:
    """One entity from all the forms that documents give it; equal whatever the order of the documents.

    The name is the form most documents use as a name; ties go to the alphabetically first. Kind likewise. A
    row stands for ``n`` documents, or one.
    """
    names: dict[str, int] = {}
    kinds: dict[str, int] = {}
    forms: set[str] = set()
    authorities: dict[str, str] = {}
    for row in rows:
        forms.add(row["form"])
        if row["is_name"]:
            names[row["form"]] = names.get(row["form"], 0) + row.get("n", 1)
            kinds[row["kind"]] = kinds.get(row["kind"], 0) + row.get("n", 1)
        authorities.update(row["authorities"] or {})
    name = min(names, key=lambda form: (-names[form], form)) if names else min(forms)
    kind = min(kinds, key=lambda value: (-kinds[value], value)) if kinds else "Term"
    return Entity(entity_id, name, kind, tuple(sorted(forms - {name})), dict(sorted(authorities.items())))


def _passages(catalogue: Catalogue, keys: list[int], found: dict[int, DocumentGraph]) -> None:
    p, e = t.passages.c, t.entities.c
    of_batch = p.document_key.in_(keys)
    for row in catalogue.rows(
        select(p.id, p.document_key, p.ordinal, p.text, p.section).where(of_batch).order_by(p.key)
    ):
        found[row.document_key].passages.append(
            {
                "id": row.id,
                "name": passage_name(row.text),
                "ordinal": row.ordinal,
                "section": " > ".join(row.section),
                "text": row.text,
            }
        )
    m = t.mentions.c
    query: Select[Any] = (
        select(p.document_key, p.id, e.id, m.start, m.end, m.score)
        .select_from(t.mentions.join(t.passages).join(t.entities))
        .where(of_batch)
        .order_by(m.key)
    )
    for key, *mention in catalogue.rows(query):
        found[key].mentions.append(tuple(mention))
    n = t.concept_mentions.c
    of_concepts: Select[Any] = (
        select(p.document_key, p.id, e.id, n.start, n.end)
        .select_from(t.concept_mentions.join(t.passages).join(t.entities))
        .where(of_batch)
        .order_by(n.key)
    )
    for key, *mention in catalogue.rows(of_concepts):
        found[key].named.append(tuple(mention))
    _statements(catalogue, of_batch, found)
    _objects(catalogue, of_batch, found)
    _facts(catalogue, keys, found)


def _statements(catalogue: Catalogue, of_batch: Any, found: dict[int, DocumentGraph]) -> None:
    subject, object_ = t.entities.alias(), t.entities.alias()
    s, p = t.statements.c, t.passages.c
    query: Select[Any] = (
        select(
            p.document_key,
            t.statements,
            p.text,
            p.section,
            p.id.label("passage"),
            subject.c.id.label("subject"),
            object_.c.id.label("object"),
        )
        .select_from(
            t.statements.join(t.passages)
            .join(subject, s.subject_key == subject.c.key)
            .join(object_, s.object_key == object_.c.key)
        )
        .where(of_batch)
        .order_by(s.id)
    )
    for row in catalogue.rows(query):
        found[row.document_key].statements.append(
            {
                "id": row.id,
                "properties": statement_properties(row, found[row.document_key].document["id"]),
                "subject": row.subject,
                "object": row.object,
                "passage": row.passage,
                "start": row.start,
                "end": row.end,
            }
        )


def statement_properties(row: Any, document_id: str) -> dict[str, Any]:
    """What a statement's node says; quantity and context are flat, as Neo4j holds no maps."""
    quantity, context = row.quantity or {}, row.context or {}
    interval = quantity.get("ci")
    value = quantity.get("value")
    return {
        "name": row.predicate,
        "polarity": row.polarity,
        "modality": row.modality,
        "score": row.score,
        "sentence": row.text[row.start : row.end],
        "section": " > ".join(row.section),
        "document": document_id,
        "measure": quantity.get("measure"),
        "value": None if value is None else str(value),
        "unit": quantity.get("unit"),
        "ci": None if interval is None else f"{interval[0]} to {interval[1]}",
        "p": quantity.get("p"),
        "direction": quantity.get("direction"),
        "population": context.get("population"),
        "condition": context.get("condition"),
    }


def _objects(catalogue: Catalogue, of_batch: Any, found: dict[int, DocumentGraph]) -> None:
    """Knowledge objects with their words."""
    o, p = t.objects.c, t.passages.c
    query: Select[Any] = select(t.objects, p.document_key, p.id, p.text).select_from(
        t.objects.join(t.passages)
    )
    for row in catalogue.rows(query.where(of_batch).order_by(o.key)):
        found[row.document_key].objects.append(
            {
                "id": object_id(row.id, row.start, row.end, row.role),
                "passage": row.id,
                "role": row.role,
                "name": passage_name(row.text[row.start : row.end]),
                "text": row.text[row.start : row.end],
                "score": row.score,
            }
        )


def _facts(catalogue: Catalogue, keys: list[int], found: dict[int, DocumentGraph]) -> None:
    """What documents as wholes do, each with the sentence that says it."""
    for row in catalogue.rows(facts_of().where(t.facts.c.document_key.in_(keys))):
        found[row.document_key].facts.append(
            {"type": row.type, "target": row.target, "properties": fact_properties(row)}
        )


def facts_of() -> Select[Any]:
    """The facts of documents with their passages' texts, in the order in which they were found."""
    f, p = t.facts.c, t.passages.c
    return (
        select(t.facts, p.id.label("passage"), p.text)
        .select_from(t.facts.join(t.passages, f.passage_key == p.key))
        .order_by(f.key)
    )


def fact_properties(row: Any) -> dict[str, Any]:
    """What a fact's edge says."""
    return {"sentence": row.text[row.start : row.end], "passage": row.passage, "score": row.score}


def _works(catalogue: Catalogue, keys: list[int], found: dict[int, DocumentGraph]) -> None:
    """Works that documents cite and the library does not hold, each once by its best key."""
    for key, work in works_of(catalogue.rows, links_of(keys)):
        found[key].works.append(work)
    for row in catalogue.rows(
        select(t.match_keys.c.document_key, t.match_keys.c.value).where(t.match_keys.c.document_key.in_(keys))
    ):
        found[row.document_key].keys.append(row.value)


def links_of(keys: list[int]) -> Any:
    """The citations of these documents alone."""
    return t.links.c.document_key.in_(keys)


def works_of(rows: Rows, where: Any) -> Iterator[tuple[int, dict[str, str]]]:
    """(document key, work) of what is cited and not held, in order of the citations."""
    links = t.links.c
    held = select(t.match_keys.c.value).where(t.match_keys.c.value == links.target).exists()
    query = select(links.document_key, links.target, links.name, held.label("held"))
    by: dict[tuple[int, str], list[Any]] = {}
    for row in rows(query.where(where, links.type == "CITES").order_by(links.key)):
        by.setdefault((row.document_key, row.name), []).append(row)
    for (key, name), same in by.items():
        if not any(row.held for row in same):
            best = min(same, key=lambda row: (not row.target.startswith("doi:"), row.target))
            yield key, {"id": best.target, "name": name}


def _forms(catalogue: Catalogue, keys: list[int], found: dict[int, DocumentGraph]) -> None:
    f = t.forms.c
    for key, *form in catalogue.rows(
        select(f.document_key, *COLUMNS)
        .select_from(t.forms.join(t.entities))
        .where(f.document_key.in_(keys))
        .order_by(f.key)
    ):
        found[key].forms.append(form_of(*form))


def _cites(catalogue: Catalogue, keys: list[int], found: dict[int, DocumentGraph]) -> None:
    """Both ways: what a document cites, and what cites it, so that it does not matter which of the two came
    first.
    """
    cited = t.documents.alias()
    pairs = (
        select(t.documents.c.key, t.documents.c.id, cited.c.key.label("cited_key"), cited.c.id.label("cited"))
        .select_from(cites(cited))
        .distinct()
    )
    for own in (t.documents.c.key, cited.c.key):
        for row in catalogue.rows(pairs.where(own.in_(keys))):
            found[row.key if own is t.documents.c.key else row.cited_key].cites.append(
                {"source": row.id, "target": row.cited}
            )


def _links(catalogue: Catalogue, keys: list[int], found: dict[int, DocumentGraph]) -> None:
    for row in catalogue.rows(
        select(t.links)
        .where(t.links.c.document_key.in_(keys), t.links.c.type != "CITES")
        .order_by(t.links.c.key)
    ):
        found[row.document_key].links.append(
            {
                "type": row.type,
                "target": row.target,
                "name": row.name,
                "label": row.label,
                "orcid": orcid_of(row.target),
            }
        )


def orcid_of(target: str) -> str | None:
    """The ORCID in a person's id, where there is one."""
    match = _ORCID.search(target) if target.startswith("person:") else None
    return match.group() if match else None


def passage_name(text: str) -> str:
    """How a passage is called where only a name fits: its first 80 characters."""
    return text[:80] + ("…" if len(text) > 80 else "")
