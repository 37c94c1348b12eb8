"""Ids that only a file of its own gives (``local:7`` of a list's own numbering): two files may number their
records alike, and neither may take the other's place.

Knows where a record came from. A document that is in keeps its id; the one that comes later from another file
gets that file's mark behind its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from ingest.works.prepare import with_extraction
from ingest.works.sameness import same_work
from ingest.works.unite import renamed
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.protocols import Extractor
from kgrag.types import Parcel

PREFIX = "local:"


def told_apart(catalogue: Catalogue, parcels: Sequence[Parcel], extractor: Extractor) -> list[Parcel]:
    """The parcels, those renamed whose id belongs to another file's record of another work.

    Args:
        catalogue: where they will be put.
        parcels: as prepared.
        extractor: for those that are renamed.
    """
    marked = {
        parcel.document.id: _marked(parcel) for parcel in parcels if parcel.document.id.startswith(PREFIX)
    }
    if not marked:
        return list(parcels)
    held = catalogue.keys_of([*marked, *marked.values()])
    others = [
        parcel.document.id in marked and _is_other(catalogue, parcel, marked[parcel.document.id], held)
        for parcel in parcels
    ]
    return [
        (
            _renamed(parcel, _copied(catalogue, parcel) or marked[parcel.document.id], extractor)
            if other
            else parcel
        )
        for parcel, other in zip(parcels, others, strict=True)
    ]


def _marked(parcel: Parcel) -> str:
    """The id with a mark of the file, the same at every reading."""
    path = parcel.document.record.source.path
    return f"{parcel.document.id}~{hashlib.sha256(path.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _is_other(catalogue: Catalogue, parcel: Parcel, marked: str, held: dict[str, int]) -> bool:
    if marked in held:
        return True
    if parcel.document.id not in held:
        return False
    there = catalogue.document(parcel.document.id)
    return (
        there.record.source.path != parcel.document.record.source.path
        and there.text != parcel.document.text
        and not same_work([there.record, parcel.document.record])
    )


def _copied(catalogue: Catalogue, parcel: Parcel) -> str | None:
    """The id under which a copy of the same file gave the same record."""
    d, source = t.documents.c, parcel.document.record.source
    rows = catalogue.rows(
        select(d.id)
        .where(
            d.id.startswith(f"{parcel.document.id}~", autoescape=True),
            d.sha256 == source.sha256,
            d.text == parcel.document.text,
        )
        .order_by(d.id)
    )
    return rows[0].id if rows else None


def _renamed(parcel: Parcel, identifier: str, extractor: Extractor) -> Parcel:
    return with_extraction(
        replace(parcel.document, id=identifier), renamed(parcel.passages, identifier), extractor
    )
