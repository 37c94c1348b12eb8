"""Stores answers as given and reads them back byte for byte, with the retractions learned since beside them.

Knows the table ``answers``. Does not know how answers are made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.audit import log_provenance
from kgrag.catalogue.rows import canonical_json
from kgrag.errors import NotFound
from kgrag.system.files import now


def answer_id(plain: Mapping[str, Any]) -> str:
    """An id made from what the answer says and how its documents are marked (not from when or how fast), from
    the search it was found by (which names the library's state), and from what was hidden from who asked: the
    same answer has the same id, and two answers with one id differ in their times alone.
    """
    said = {
        name: plain[name]
        for name in ("question", "status", "text", "claims", "withheld", "candidates", "models")
    }
    if verdict := plain.get("verdict"):
        said["verdict"] = verdict
    if record := plain.get("record"):
        said["record"] = record
    if marks := [
        [document["id"], document.get("retraction"), document.get("notices")]
        for document in plain["documents"]
        if document["retracted"] or document.get("notices")
    ]:
        said["marks"] = marks
    for name in ("sight", "search"):
        if found := plain.get("trace", {}).get(name):
            said[name] = found
    return "a-" + hashlib.sha256(canonical_json(said).encode()).hexdigest()[:16]


def store_answer(catalogue: Catalogue, plain: Mapping[str, Any]) -> None:
    """Keep an answer, and note in the log of provenance what it was made from; given again, the first stands,
    since others may have cited or exported it.
    """
    body = json.dumps(plain, ensure_ascii=False)
    created = now()
    with catalogue.writing() as connection:
        if connection.execute(select(t.answers.c.id).where(t.answers.c.id == plain["id"])).first() is None:
            connection.execute(
                insert(t.answers).values(
                    id=plain["id"], created=created, question=plain["question"], body=body
                )
            )
        log_provenance(connection, plain)


def stored_text(catalogue: Catalogue, identifier: str) -> str:
    """The stored JSON text, byte for byte as it was given.

    Raises:
        NotFound: no such answer.
    """
    rows = catalogue.rows(select(t.answers.c.body).where(t.answers.c.id == identifier))
    if not rows:
        raise NotFound(f"No answer '{identifier}' in this library. Ask first: kgrag ask QUESTION")
    return str(rows[0].body)


def answer_created(catalogue: Catalogue, identifier: str) -> str:
    """When a stored answer was given (ISO 8601, UTC).

    Raises:
        NotFound: no such answer.
    """
    rows = catalogue.rows(select(t.answers.c.created).where(t.answers.c.id == identifier))
    if not rows:
        raise NotFound(f"No answer '{identifier}' in this library. Ask first: kgrag ask QUESTION")
    return str(rows[0].created)


def stored_answer(catalogue: Catalogue, identifier: str) -> dict[str, Any]:
    """The stored answer as a mapping."""
    plain: dict[str, Any] = json.loads(stored_text(catalogue, identifier))
    return plain


def retracted_since(catalogue: Catalogue, plain: Mapping[str, Any]) -> dict[str, str]:
    """Documents of a stored answer that are retracted now and were not marked then: id to notice."""
    unmarked = [document["id"] for document in plain["documents"] if not document["retracted"]]
    query = select(t.documents.c.id, t.documents.c.retracted).where(
        t.documents.c.id.in_(unmarked), t.documents.c.retracted.is_not(None)
    )
    return {row.id: row.retracted for row in catalogue.rows(query)}


def noticed_since(catalogue: Catalogue, plain: Mapping[str, Any]) -> dict[str, str]:
    """Documents of a stored answer of which concern was expressed, or that were corrected, since: id to the
    new notices.
    """
    told = {
        document["id"]: {notice["text"] for notice in document.get("notices", ())}
        for document in plain["documents"]
    }
    query = select(t.documents.c.id, t.documents.c.notices).where(
        t.documents.c.id.in_(list(told)), t.documents.c.notices.is_not(None)
    )
    new = {
        row.id: [text for _, text in row.notices or () if text not in told[row.id]]
        for row in catalogue.rows(query)
    }
    return {name: "; ".join(texts) for name, texts in new.items() if texts}


def answers_given(catalogue: Catalogue) -> list[Any]:
    """Every stored answer (id, created, question, body), newest first."""
    return catalogue.rows(select(t.answers).order_by(t.answers.c.created.desc(), t.answers.c.id))
