"""The passage and the paper of what was extracted: what a list of statements and one of facts have in common.

Knows the catalogue's tables. Documents that do not pass the filters count for nothing.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.types import Filters

QUOTED = (
    t.passages.c.id.label("passage_id"),
    t.passages.c.text,
    t.passages.c.section,
    t.documents.c.id.label("document_id"),
    t.documents.c.title,
    t.documents.c.year,
)
"""Columns to select beside those of the table of what was extracted."""


def from_papers(
    catalogue: Catalogue,
    query: Select[Any],
    passage_key: ColumnElement[int],
    document: str | None,
    filters: Filters,
) -> Select[Any]:
    """A query of ``QUOTED`` joined to passages and documents; of one document where its id is given."""
    query = (
        query.join(t.passages, t.passages.c.key == passage_key)
        .join(t.documents, t.documents.c.key == t.passages.c.document_key)
        .where(t.documents.c.key.in_(catalogue.filtered_documents(filters)))
    )
    return query if document is None else query.where(t.documents.c.id == document)
