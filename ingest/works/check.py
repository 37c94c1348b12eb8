"""Documents that need a look: united by earlier rules from sources that disagree, or left behind by their
file.

Knows what is told. Reads the sources of old unions again (``ingest.works.old_unions``); changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from ingest.files_seen import gave
from ingest.works.clusters import clustered
from ingest.works.old_unions import OldUnion, is_old_union, read_again
from ingest.works.unions import FIELDS
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.corrections import IDENTIFIERS, value_of
from kgrag.catalogue.rows import document_from_row
from kgrag.types import Document, Record


def check(catalogue: Catalogue) -> dict[str, list[dict[str, Any]]]:
    """What should be looked at.

    Returns:
        ``doubtful``: documents whose sources, read again, are several works by today's rules, with the fields
        in which they disagree; ``unreadable``: united ones whose sources can no longer be read; ``left``:
        documents that their file no longer holds.
    """
    report: dict[str, list[dict[str, Any]]] = {"doubtful": [], "unreadable": [], "left": []}
    old = []
    for document in _documents(catalogue):
        if is_old_union(catalogue, document):
            old.append(document)
        elif not catalogue.sources_of(document.id) and _is_left(catalogue, document):
            report["left"].append(
                {"document": document.id, "title": document.record.title, "path": document.record.source.path}
            )
    for union in read_again(catalogue, old):
        _tell(union, report)
    return report


def _documents(catalogue: Catalogue) -> Iterator[Document]:
    ids = [row.id for row in catalogue.rows(select(t.documents.c.id).order_by(t.documents.c.id))]
    for identifier in ids:
        yield document_from_row(catalogue.rows(select(t.documents).where(t.documents.c.id == identifier))[0])


def _is_left(catalogue: Catalogue, document: Document) -> bool:
    """Whether its file was read again since and no longer gave it."""
    given = gave(catalogue, document.record.source.path)
    return bool(given) and document.id not in given


def _tell(union: OldUnion, report: dict[str, list[dict[str, Any]]]) -> None:
    identifier, records = union.document.id, [each.document.record for each in union.members]
    told: dict[str, Any] = {
        "document": identifier,
        "title": union.document.record.title,
        "sources": [f"{record.source.path}#{record.source.record_number}" for record in records],
    }
    if len(clustered(records)) > 1:
        split = f"kgrag duplicates split '{identifier}'"
        report["doubtful"].append(told | {"disagree": disagreements(records), "split": split})
    elif union.lost or not records:
        reason = f"Gone, or changed since they were read: {', '.join(union.lost)}"
        report["unreadable"].append(told | {"reason": reason})


def disagreements(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The identifying fields in which records differ, each with what they say."""
    told = []
    for name in (*FIELDS, *IDENTIFIERS):
        values = [value for record in records if (value := value_of(record, name))]
        if any(value != values[0] for value in values):
            told.append({"field": name, "values": values})
    return told
