"""Puts the rows of a parcel (a document with its passages, findings, links and match keys) in and takes them
out, inside a transaction.

Knows SQL and the tables. Does not open transactions: that is ``store``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Table, bindparam, delete, exists, insert, select

from kgrag.catalogue import schema as t
from kgrag.catalogue.corrections import corrected
from kgrag.catalogue.engine import chunks
from kgrag.catalogue.parcels.members import enter
from kgrag.catalogue.parcels.standing import marks_of, retraction_keys, take_notices
from kgrag.catalogue.rows import document_row, form_rows, link_rows, passage_row, source_row
from kgrag.language.names import title_key
from kgrag.types import Extraction, Fact, KnowledgeObject, Mention, Parcel, Statement

# Made once: building and comparing a statement costs SQLAlchemy more than SQLite takes to run it.
DOCUMENT_KEY = select(t.documents.c.key).where(t.documents.c.id == bindparam("id"))
_TWIN_KEYS = select(t.match_keys.c.document_key).where(
    t.match_keys.c.value.in_(bindparam("values", expanding=True))
)
PASSAGE_KEYS = select(t.passages.c.id, t.passages.c.key).where(
    t.passages.c.document_key == bindparam("document_key")
)
_INSERTS = {
    table: insert(table)
    for table in (
        t.documents,
        t.passages,
        t.entities,
        t.forms,
        t.mentions,
        t.concept_mentions,
        t.statements,
        t.objects,
        t.facts,
        t.links,
        t.match_keys,
        t.changes,
        t.work_sources,
    )
}
_ENTITY_KEYS = select(t.entities.c.id, t.entities.c.key).where(
    t.entities.c.id.in_(bindparam("ids", expanding=True))
)


def append_change(connection: Connection, kind: str, document_id: str) -> int:
    """A line of the feed; returns its seq."""
    result = connection.execute(_INSERTS[t.changes], {"kind": kind, "document_id": document_id})
    return _new_key(result)


def _new_key(result: CursorResult[Any]) -> int:
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def remove(connection: Connection, document_id: str) -> bool:
    """A document's rows; False where there are none."""
    key = connection.execute(DOCUMENT_KEY, {"id": document_id}).scalar()
    if key is None:
        return False
    remove_extraction(connection, key)
    for table in (t.links, t.match_keys, t.passages, t.work_sources):
        connection.execute(delete(table).where(table.c.document_key == key))
    connection.execute(delete(t.documents).where(t.documents.c.key == key))
    return True


def remove_extraction(connection: Connection, document_key: int) -> None:
    """What was found in a document; ``remove_orphans`` looks at the entities that it named."""
    named = connection.execute(
        select(t.forms.c.entity_key).where(t.forms.c.document_key == document_key).distinct()
    ).scalars()
    connection.info.setdefault("named", set()).update(named)
    passages = select(t.passages.c.key).where(t.passages.c.document_key == document_key)
    for table in (t.mentions, t.concept_mentions, t.statements, t.objects, t.facts):
        connection.execute(delete(table).where(table.c.passage_key.in_(passages)))
    connection.execute(delete(t.forms).where(t.forms.c.document_key == document_key))


def remove_orphans(connection: Connection) -> None:
    """Entities that no document names any more go with the last one that did."""
    candidates = sorted(connection.info.pop("named", ()))
    still_named = exists().where(t.forms.c.entity_key == t.entities.c.key)
    for some in chunks(candidates):
        connection.execute(delete(t.entities).where(t.entities.c.key.in_(some), ~still_named))


def twin_keys(connection: Connection, match_keys: Sequence[str]) -> frozenset[int]:
    """Keys of the documents that share a match key."""
    return (
        frozenset(connection.execute(_TWIN_KEYS, {"values": list(match_keys)}).scalars())
        if match_keys
        else frozenset()
    )


def insert_parcel(connection: Connection, parcel: Parcel) -> None:
    """A document with its passages, findings, links and sources, corrected as people said and marked as the
    mirror of notices says; what it says of other works marks those.
    """
    parcel = corrected(connection, parcel)
    for other in take_notices(connection, parcel.document.record):
        append_change(connection, "put", other)
    marks = retraction_keys(parcel.document.record)
    titled = filter(None, [title_key(parcel.document.record.title, parcel.document.record.year)])
    row = document_row(parcel.document) | marks_of(connection, parcel.document)
    document_key = _new_key(connection.execute(_INSERTS[t.documents], row))
    _insert_rows(connection, t.passages, [passage_row(passage, document_key) for passage in parcel.passages])
    keys = {row.id: row.key for row in connection.execute(PASSAGE_KEYS, {"document_key": document_key})}
    enter(connection, parcel.document.id, parcel.document.record.source.path)
    insert_extraction(connection, parcel.extraction, document_key, keys)
    _insert_rows(connection, t.links, link_rows(parcel.document, document_key))
    _insert_rows(
        connection,
        t.match_keys,
        [
            {"document_key": document_key, "value": value}
            for value in dict.fromkeys((*parcel.match_keys, *marks, *titled))
        ],
    )
    _insert_rows(connection, t.work_sources, [source_row(source, document_key) for source in parcel.sources])


def insert_extraction(
    connection: Connection, found: Extraction, document_key: int, passages: dict[str, int]
) -> None:
    """What was found in a document; ``passages`` are its keys by passage id."""
    entities = _entity_keys(connection, [entity.id for entity in (*found.entities, *found.concepts)])
    _insert_rows(connection, t.forms, form_rows(found, entities, document_key))
    _insert_rows(connection, t.mentions, [_mention(m, entities, passages) for m in found.mentions])
    named = [_mention(m, entities, passages) for m in found.named]
    _insert_rows(connection, t.concept_mentions, named)
    _insert_rows(connection, t.statements, [_statement(s, entities, passages) for s in found.statements])
    _insert_rows(connection, t.objects, [_object(o, passages) for o in found.objects])
    _insert_rows(connection, t.facts, [_fact(f, document_key, passages) for f in found.facts])


def _mention(mention: Mention, entities: dict[str, int], passages: dict[str, int]) -> dict[str, Any]:
    return {
        "entity_key": entities[mention.entity_id],
        "passage_key": passages[mention.passage_id],
        "start": mention.start,
        "end": mention.end,
        "method": mention.method,
        "score": mention.score,
    }


def _statement(statement: Statement, entities: dict[str, int], passages: dict[str, int]) -> dict[str, Any]:
    return {
        "id": statement.id,
        "subject_key": entities[statement.subject],
        "predicate": statement.predicate,
        "object_key": entities[statement.object],
        "passage_key": passages[statement.passage_id],
        "start": statement.start,
        "end": statement.end,
        "polarity": statement.polarity,
        "method": statement.method,
        "score": statement.score,
        "modality": statement.modality,
        "quantity": dict(statement.quantity) if statement.quantity else None,
        "context": dict(statement.context) or None,
    }


def _object(found: KnowledgeObject, passages: dict[str, int]) -> dict[str, Any]:
    return {
        "passage_key": passages[found.passage_id],
        "start": found.start,
        "end": found.end,
        "role": found.role,
        "score": found.score,
    }


def _fact(fact: Fact, document_key: int, passages: dict[str, int]) -> dict[str, Any]:
    return {
        "document_key": document_key,
        "type": fact.type,
        "target": fact.target,
        "passage_key": passages[fact.passage_id],
        "start": fact.start,
        "end": fact.end,
        "score": fact.score,
    }


def _entity_keys(connection: Connection, ids: list[str]) -> dict[str, int]:
    """Keys of the entities, making those that are new."""
    found = _select_entities(connection, ids)
    if missing := [{"id": entity_id} for entity_id in dict.fromkeys(ids) if entity_id not in found]:
        connection.execute(_INSERTS[t.entities], missing)
        found.update(_select_entities(connection, [row["id"] for row in missing]))
    return found


def _select_entities(connection: Connection, ids: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in chunks(ids):
        found.update({row.id: row.key for row in connection.execute(_ENTITY_KEYS, {"ids": some})})
    return found


def _insert_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(_INSERTS[table], rows)
