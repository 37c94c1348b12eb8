"""From a reader's record to what is stored: normalised, split, what extraction finds in it, and the keys by
which its twins are found.

Knows records and documents. Does not know the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.extract.everything import DEFAULT
from ingest.text.normalise import normalise
from ingest.text.split import split
from ingest.works.sameness import identifier_keys, match_key
from kgrag.protocols import Extractor
from kgrag.types import Document, Parcel, Passage, Record


def prepare(record: Record, extractor: Extractor = DEFAULT) -> Parcel:
    """One record through normalise, split and extract: pure and picklable."""
    normalised = normalise(record)
    return with_extraction(normalised.document, split(normalised.document, normalised.blocks), extractor)


def with_extraction(
    document: Document, passages: Sequence[Passage], extractor: Extractor = DEFAULT
) -> Parcel:
    """The parcel of a document: its passages, what extraction finds in them, and the keys by which its twins
    are found.
    """
    return Parcel(
        document, tuple(passages), extractor.extract(document, passages), keys_of([document.record])
    )


def keys_of(records: Sequence[Record]) -> tuple[str, ...]:
    """The keys by which twins of any of the records are found."""
    keys: list[str] = []
    for record in records:
        title = match_key(record)
        keys += [*identifier_keys(record), *(["title:" + title] if title else [])]
    return tuple(dict.fromkeys(keys))
