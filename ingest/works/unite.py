"""One work from several sources is one document: the record united field by field, the text from the fullest
source.

Knows records, documents and the catalogue's keys of sameness. Which records are the same is for
``ingest.works.sameness`` to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import or_, select

from ingest.extract.everything import DEFAULT
from ingest.text.identifiers import document_id
from ingest.works.sameness import identifier_keys, match_key, merge, pairs
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.protocols import Extractor
from kgrag.types import Document, Parcel, Passage


def with_extraction(
    document: Document, passages: Sequence[Passage], extractor: Extractor = DEFAULT
) -> Parcel:
    """The parcel of a document: its passages, what extraction finds in them, and the keys by which its twins
    are found.
    """
    key = match_key(document.record)
    keys = (*identifier_keys(document.record), *(("title:" + key,) if key else ()))
    return Parcel(document, tuple(passages), extractor.extract(document, passages), keys)


def unite(catalogue: Catalogue, parcel: Parcel, extractor: Extractor = DEFAULT) -> tuple[Parcel, list[str]]:
    """A parcel joined with what the library already holds of the same work from other sources.

    Args:
        catalogue: where twins are looked for.
        parcel: the newly read document.
        extractor: for the united text.

    Returns:
        The parcel to store and the ids of the documents it takes the place of (apart from its own).
    """
    same, apart = decided(catalogue, parcel.document.id)
    twins = [
        twin
        for twin in catalogue.twins(parcel.match_keys)
        if twin.id not in apart
        and twin.id not in same
        and _another_source(twin, parcel.document)
        and same_work(twin, parcel.document)
    ]
    twins += [catalogue.document(other) for other in catalogue.keys_of(sorted(same))]
    return joined(catalogue, parcel, twins, extractor) if twins else (parcel, [])


def joined(
    catalogue: Catalogue, parcel: Parcel, twins: Sequence[Document], extractor: Extractor = DEFAULT
) -> tuple[Parcel, list[str]]:
    """A parcel joined with documents of the library that are the same work; returns as ``unite``."""
    fullest = max([parcel.document, *twins], key=lambda document: (len(document.text), document.id))
    record = replace(
        merge([twin.record for twin in twins] + [parcel.document.record]),
        source=fullest.record.source,
        blocks=(),
    )
    passages = parcel.passages if fullest is parcel.document else catalogue.passages_of(fullest.id)
    identifier = document_id(record.identifiers) or fullest.id
    document = replace(
        fullest,
        id=identifier,
        record=record,
        retracted=next((t.retracted for t in twins if t.retracted), fullest.retracted),
    )
    return with_extraction(document, renamed(passages, identifier), extractor), [
        twin.id for twin in twins if twin.id != identifier
    ]


def decided(catalogue: Catalogue, identifier: str) -> tuple[set[str], set[str]]:
    """Ids of the documents that a person has called the same work as this one, and of those called
    another.
    """
    d = t.work_decisions.c
    rows = catalogue.rows(
        select(d.verdict, d.first, d.second).where(
            d.undone.is_(None), or_(d.first == identifier, d.second == identifier)
        )
    )
    found: dict[str, set[str]] = {"same": set(), "different": set()}
    for row in rows:
        found[row.verdict].add(row.first if row.second == identifier else row.second)
    return found["same"] - {identifier}, found["different"]


def _another_source(twin: Document, document: Document) -> bool:
    """Whether the twin was read from another file or record: the same one, changed, is replaced and not
    united.
    """
    old, new = twin.record.source, document.record.source
    return (old.path, old.record_number) != (new.path, new.record_number)


def same_work(twin: Document, document: Document) -> bool:
    """Whether two documents are surely the same work."""
    return any(pair.verdict == "sure" for pair in pairs([twin.record, document.record]))


def renamed(passages: Sequence[Passage], identifier: str) -> tuple[Passage, ...]:
    """Passages of a document under another id."""
    return tuple(
        replace(passage, id=f"{identifier}#p{passage.ordinal}", document_id=identifier)
        for passage in passages
    )
