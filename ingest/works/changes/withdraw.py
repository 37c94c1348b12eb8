"""Records that their source deleted: the document goes, unless the library holds the work from elsewhere too.

Knows identifiers of OAI-PMH.
"""

from __future__ import annotations

from ingest.files_seen import forget
from kgrag.catalogue import Catalogue


def withdraw(catalogue: Catalogue, identifier: str) -> list[str]:
    """Remove what a source deleted; returns what was done, a line for people for each document.

    Args:
        catalogue: of the library.
        identifier: the record's at its source (``oai:…``).
    """
    told = []
    for document in catalogue.twins([f"oai:{identifier}"]):
        if "merged" in document.record.extra:
            told.append(
                f"{document.id} was deleted at its source ({identifier}) and stays: other sources gave it too"
            )
            continue
        catalogue.delete(document.id)
        forget(catalogue, document.id)
        told.append(f"{document.id} was deleted at its source ({identifier}) and is removed")
    return told
