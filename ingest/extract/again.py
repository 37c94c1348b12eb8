"""Extraction once more of documents that are in the library: after a vocabulary, a setting or a decision
changed. Texts and vectors stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ingest.extract.everything import extractor_of
from ingest.extract.with_model import with_replies
from kgrag.library import Library


def again(
    library: Library, ids: Sequence[str] | None = None, progress: Callable[[int], None] = lambda _: None
) -> dict[str, Any]:
    """Find everything anew.

    Args:
        library: open for writing.
        ids: of documents; default all.
        progress: called with the number of documents done.

    Returns:
        ``documents`` looked at, and the library's ``entities``, ``mentions``, ``statements``.
    """
    from kgrag.catalogue import schema as t

    catalogue, extractor = library.catalogue, extractor_of(library)
    done = 0
    for document_id in list(ids) if ids is not None else [document.id for document in catalogue.documents()]:
        passages = catalogue.passages_of(document_id)
        found = extractor.extract(catalogue.document(document_id), passages)
        catalogue.put_extraction(document_id, with_replies(catalogue, library.settings.llm, found, passages))
        done += 1
        progress(done)
    library.catch_up(wait_s=None)
    return {
        "documents": done,
        **{
            name: catalogue.count(table)
            for name, table in (
                ("entities", t.entities),
                ("mentions", t.mentions),
                ("statements", t.statements),
            )
        },
    }
