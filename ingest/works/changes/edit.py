"""Corrects a field of a record: kept apart from what the sources say, so that it outlives every later
reading.

Knows how a document is stored once more. What can be corrected is in ``kgrag.catalogue.corrections``.
"""

from __future__ import annotations

from ingest.extract.everything import DEFAULT
from ingest.works.members import members_of
from ingest.works.store import put_again
from kgrag.catalogue import Catalogue, corrections
from kgrag.protocols import Extractor


def edit(
    catalogue: Catalogue,
    document_id: str,
    field: str,
    text: str | None,
    who: str,
    extractor: Extractor = DEFAULT,
) -> None:
    """Correct a field, or take the correction back (None); the document is stored once more.

    Raises:
        NotFound: no such document.
        UsageError: no such field, or no value for it.
    """
    document = catalogue.document(document_id)
    members = members_of(catalogue, document)
    with catalogue.writing() as connection:
        if text is None:
            corrections.forget(connection, document_id, field)
        else:
            value = corrections.checked(field, text)
            before = corrections.value_of(catalogue.uncorrected(document.record, document_id), field)
            corrections.keep(connection, document_id, field, value, before, who)
        put_again(catalogue, members, extractor)
