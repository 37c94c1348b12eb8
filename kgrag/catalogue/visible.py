"""Tells which documents are hidden behind collections, for searches and look-ups alike.

Knows the membership table. Does not know people: callers give the keys of the collections that are hidden
from somebody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kgrag.catalogue import schema
from kgrag.catalogue import schema_people as p
from kgrag.language.names import normalise_name
from kgrag.types import Entity

if TYPE_CHECKING:
    from kgrag.catalogue.store import Catalogue
from kgrag.catalogue.engine import MANY, chunks
from kgrag.catalogue.parcels.members import members_query


def hidden_documents(catalogue: Catalogue, hidden: Sequence[int]) -> list[str]:
    """Ids of the documents in hidden collections, ascending; those deleted since among them."""
    return sorted({row.document_id for row in catalogue.rows(members_query(hidden))}) if hidden else []


def is_visible(catalogue: Catalogue, document_ids: Iterable[str], hidden: Sequence[int]) -> bool:
    """Whether none of the documents is in a hidden collection."""
    wanted = dict.fromkeys(document_ids)
    m = p.collection_members.c.document_id
    return not hidden or not any(
        catalogue.rows(members_query(hidden).where(m.in_(some)).limit(1)) for some in chunks(wanted)
    )


def rights_version(catalogue: Catalogue) -> int:
    """A number that changes with every change of collections or switches; what was remembered under another
    is out of date.
    """
    rows = catalogue.rows(select(schema.meta.c.value).where(schema.meta.c.name == "rights"))
    return int(rows[0].value) if rows else 0


def documents_among(catalogue: Catalogue, answer: Mapping[str, Any]) -> list[str]:
    """Ids of all documents that an answer's JSON shows, names, passes on its paths, or was found among."""
    claims = answer["claims"]
    nodes = [step["node"] for claim in claims for step in claim["path"]]
    passages = [node["id"] for node in nodes if node["kind"] == "Passage"]
    statements = [node["id"] for node in nodes if node["kind"] == "Statement"]
    return list(
        dict.fromkeys(
            [
                *(evidence["document_id"] for claim in claims for evidence in claim["evidence"]),
                *(document["id"] for document in answer["documents"]),
                *(hit["document_id"] for hit in answer["trace"]["retrieved"]),
                *(node["id"] for node in nodes if node["kind"] == "Document"),
                *documents_of_passages(catalogue, passages),
                *_documents_of_statements(catalogue, statements),
            ]
        )
    )


def documents_of_passages(catalogue: Catalogue, passage_ids: Sequence[str]) -> list[str]:
    """The documents of passages; a passage that was deleted is told by its id, which begins with its
    document's.
    """
    passage, d = schema.passages.c, schema.documents.c
    found: dict[str, str] = {}
    for some in chunks(passage_ids):
        query = (
            select(passage.id, d.id.label("document_id"))
            .join(schema.documents, d.key == passage.document_key)
            .where(passage.id.in_(some))
        )
        found.update({row.id: row.document_id for row in catalogue.rows(query)})
    return [found.get(passage_id) or passage_id.rpartition("#")[0] for passage_id in passage_ids]


def _documents_of_statements(catalogue: Catalogue, statement_ids: Sequence[str]) -> list[str]:
    """The documents whose sentences make statements; those of statements that were deleted are those of the
    passages beside them on the path.
    """
    s, passage, d = schema.statements.c, schema.passages.c, schema.documents.c
    query = (
        select(d.id)
        .join(schema.passages, passage.document_key == d.key)
        .join(schema.statements, s.passage_key == passage.key)
    )
    return (
        [row.id for row in catalogue.rows(query.where(s.id.in_(statement_ids[:MANY])))]
        if statement_ids
        else []
    )


def visible_entities(catalogue: Catalogue, entities: Sequence[Entity], hidden: Sequence[int]) -> list[Entity]:
    """The entities that a visible document names, under the names that visible documents give them."""
    if not hidden or not entities:
        return list(entities)
    f, d, e = schema.forms.c, schema.documents.c, schema.entities.c
    query = (
        select(e.id, f.form, f.is_name)
        .join(schema.entities, e.key == f.entity_key)
        .join(schema.documents, d.key == f.document_key)
        .where(e.id.in_([entity.id for entity in entities]), d.id.not_in(members_query(hidden)))
        .distinct()
        .order_by(e.id, f.is_name.desc(), f.form)
    )
    forms: dict[str, list[str]] = {}
    for row in catalogue.rows(query):
        forms.setdefault(row.id, []).append(row.form)
    return [_seen(entity, forms[entity.id]) for entity in entities if entity.id in forms]


def _seen(entity: Entity, forms: Sequence[str]) -> Entity:
    known = {normalise_name(form) for form in forms}
    return replace(
        entity,
        name=entity.name if entity.name in forms else forms[0],
        aliases=tuple(a for a in entity.aliases if normalise_name(a) in known),
    )
