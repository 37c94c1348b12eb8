"""What was united: each document of several sources, and field by field what each of them says.

Knows united documents and how their records were made. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ingest.works.members import members_of
from ingest.works.merge import giver_of, in_order
from kgrag.catalogue import Catalogue
from kgrag.catalogue.corrections import IDENTIFIERS, value_of
from kgrag.types import HeldSource, Record

FIELDS = ("title", "authors", "editors", "year", "venue", "volume", "issue", "pages", "publisher", "kind")


def unions(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Every document that was united from several sources, by id."""
    return [union_as_json(catalogue, identifier) for identifier in catalogue.united_ids()]


def union_as_json(catalogue: Catalogue, document_id: str) -> dict[str, Any]:
    """A document's sources, numbered from 1 in the order of their files, and its fields: the value, the
    number of the source that gave it, and what other sources have instead.
    """
    document = catalogue.document(document_id)
    sources = [member.held() for member in members_of(catalogue, document)]
    return {
        "document": document_id,
        "title": document.record.title,
        "sources": [_source(number, source) for number, source in enumerate(sources, start=1)],
        "fields": list(_fields([source.document.record for source in sources])),
    }


def _source(number: int, source: HeldSource) -> dict[str, Any]:
    record = source.document.record
    return {
        "number": number,
        "id": source.home,
        "path": record.source.path,
        "record": record.source.record_number,
        "reader": record.source.reader,
        "reason": source.reason,
        "title": record.title,
        "year": record.year,
    }


def _fields(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The fields that any source has, each with who gave it."""
    listed = in_order(records)
    told = []
    for name in (*FIELDS, *IDENTIFIERS):
        giver = (
            next((record for record in listed if record.identifiers.get(name)), None)
            if name in IDENTIFIERS
            else giver_of(name, listed)
        )
        if giver is None:
            continue
        value = value_of(giver, name)
        others = [
            {"value": other, "from": records.index(record) + 1}
            for record in records
            if (other := value_of(record, name)) and other != value
        ]
        told.append({"field": name, "value": value, "from": records.index(giver) + 1, "others": others})
    return told
