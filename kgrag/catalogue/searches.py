"""Stores search records as they were made and reads them back.

Knows the table. What a search record holds is in ``kgrag.search.record``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, or_, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import chunks
from kgrag.catalogue.rows import canonical_json
from kgrag.errors import NotFound
from kgrag.system.files import now


def store_search(catalogue: Catalogue, record: Mapping[str, Any]) -> str:
    """Keep a record; its id is made from what it says, so the same search of the same library state is one
    record.
    """
    identifier = "s-" + hashlib.sha256(canonical_json(record).encode()).hexdigest()[:16]
    created = now()
    with catalogue.writing() as connection:
        connection.execute(delete(t.searches).where(t.searches.c.id == identifier))
        connection.execute(
            insert(t.searches).values(
                id=identifier,
                created=created,
                question=record["question"],
                body=json.dumps(record, ensure_ascii=False),
            )
        )
    return identifier


def stored_search(catalogue: Catalogue, identifier: str) -> dict[str, Any]:
    """A record with its ``id``, ``created`` (ISO 8601, UTC) and ``retracted``, the marks that documents found
    then have today (retractions, expressions of concern, corrections).

    Raises:
        NotFound: no such record.
    """
    rows = catalogue.rows(select(t.searches).where(t.searches.c.id == identifier))
    if not rows:
        raise NotFound(f"No search record '{identifier}' in this library. List them: kgrag searches list")
    record = json.loads(rows[0].body)
    found = list({hit["document_id"] for hit in record["hits"]})
    return {"id": identifier, "created": rows[0].created, **record, "retracted": _marks(catalogue, found)}


def _marks(catalogue: Catalogue, document_ids: Sequence[str]) -> dict[str, str]:
    """What readers must know of documents today, by id: retractions, expressions of concern, corrections;
    those without are left out.
    """
    d = t.documents.c
    query = select(d.id, d.retracted, d.notices).where(or_(d.retracted.is_not(None), d.notices.is_not(None)))
    rows = [row for some in chunks(document_ids) for row in catalogue.rows(query.where(d.id.in_(some)))]
    return {
        row.id: "; ".join(
            ([f"RETRACTED: {row.retracted}"] if row.retracted else [])
            + [text for _, text in row.notices or ()]
        )
        for row in rows
        if row.retracted or row.notices
    }


def searches_made(catalogue: Catalogue, limit: int = 1000) -> list[dict[str, Any]]:
    """The newest records, as ``id``, ``created`` and ``question``."""
    columns = (t.searches.c.id, t.searches.c.created, t.searches.c.question)
    rows = catalogue.rows(
        select(*columns).order_by(t.searches.c.created.desc(), t.searches.c.id).limit(limit)
    )
    return [{"id": row.id, "created": row.created, "question": row.question} for row in rows]
