"""Documents that need a look: united by earlier rules from sources that disagree, or left behind by their
file.

Knows how earlier versions noted what they united (``extra["merged"]``), and reads those sources again.
Changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ingest.extract.everything import DefaultExtractor
from ingest.files_seen import gave
from ingest.readers import read_file
from ingest.works.clusters import clustered
from ingest.works.members import Member
from ingest.works.prepare import prepare
from ingest.works.unions import FIELDS
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.corrections import IDENTIFIERS, value_of
from kgrag.catalogue.rows import document_from_row
from kgrag.errors import NotFound, ReadError
from kgrag.protocols import Extractor
from kgrag.system.names import real, shown
from kgrag.types import Document, Record

_SOURCE = re.compile(r"(.+)#(\d+) \([^()]*\)")


def check(catalogue: Catalogue) -> dict[str, list[dict[str, Any]]]:
    """What should be looked at.

    Returns:
        ``doubtful``: documents whose sources, read again, are several works by today's rules, with the fields
        in which they disagree; ``unreadable``: united ones whose sources can no longer be read; ``left``:
        documents that their file no longer holds.
    """
    report: dict[str, list[dict[str, Any]]] = {"doubtful": [], "unreadable": [], "left": []}
    held_apart = set(catalogue.united_ids())
    for document in _documents(catalogue):
        if document.record.extra.get("merged") and document.id not in held_apart:
            _look_at_union(document, report)
        elif _is_left(catalogue, document):
            report["left"].append(
                {"document": document.id, "title": document.record.title, "path": document.record.source.path}
            )
    return report


def _documents(catalogue: Catalogue) -> Iterator[Document]:
    ids = [row.id for row in catalogue.rows(select(t.documents.c.id).order_by(t.documents.c.id))]
    for identifier in ids:
        yield document_from_row(catalogue.rows(select(t.documents).where(t.documents.c.id == identifier))[0])


def _is_left(catalogue: Catalogue, document: Document) -> bool:
    """Whether its file was read again since and no longer gave it."""
    given = gave(catalogue, document.record.source.path)
    return bool(given) and document.id not in given


def _look_at_union(document: Document, report: Mapping[str, list[dict[str, Any]]]) -> None:
    told: dict[str, Any] = {
        "document": document.id,
        "title": document.record.title,
        "sources": [name for name, _, _ in merged_from(document)],
    }
    try:
        records = [each.document.record for each in read_again(document)]
    except NotFound as error:
        report["unreadable"].append(told | {"reason": str(error)})
        return
    if len(clustered(records)) > 1:
        split = f"kgrag duplicates split '{document.id}'"
        report["doubtful"].append(told | {"disagree": disagreements(records), "split": split})


def disagreements(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The identifying fields in which records differ, each with what they say."""
    told = []
    for name in (*FIELDS, *IDENTIFIERS):
        values = [value for record in records if (value := value_of(record, name))]
        if any(value != values[0] for value in values):
            told.append({"field": name, "values": values})
    return told


def merged_from(document: Document) -> list[tuple[str, str, int]]:
    """The sources that an earlier version united: as written, path, and number in the file."""
    names = document.record.extra.get("merged", "").split(" | ")
    found = [(name, _SOURCE.fullmatch(name)) for name in names]
    return [(name, match.group(1), int(match.group(2))) for name, match in found if match]


def read_again(document: Document, extractor: Extractor | None = None) -> list[Member]:
    """The sources of an old union as they are read today.

    Raises:
        NotFound: one of them is no longer there.
    """
    members = []
    for name, path, number in merged_from(document):
        record = _record(real(path), number)
        if record is None:
            raise NotFound(f"The source {name} of '{document.id}' can no longer be read.")
        parcel = prepare(record, extractor or DefaultExtractor(()))
        one = parcel.document
        members.append(Member(one.id, document.id, "", one, parcel.passages, one.record))
    return members


def _record(path: Path, number: int) -> Record | None:
    """A record of a file by its number."""
    try:
        for item in read_file(path):
            if isinstance(item, Record) and item.source.record_number == number:
                return replace(item, source=replace(item.source, path=shown(item.source.path)))
    except (ReadError, OSError):
        return None
    return None
