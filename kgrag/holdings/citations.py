"""Tells which documents of a library cite which: references find their works by DOI, PubMed id, or title and
year.

Knows the tables ``links`` and ``match_keys``. Does not know references as they are written
(``ingest.readers.references``).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.rows import document_from_row
from kgrag.types import Document, Filters


def cites(cited: Any) -> Any:
    """The join of documents with those they cite (``cited``, an alias of the same table); a pair stands in it
    once for each key that they share.
    """
    named = t.links.join(t.documents, t.links.c.document_key == t.documents.c.key).join(
        t.match_keys, and_(t.links.c.target == t.match_keys.c.value, t.links.c.type == "CITES")
    )
    return named.join(
        cited, and_(t.match_keys.c.document_key == cited.c.key, cited.c.key != t.documents.c.key)
    )


def cited_by(catalogue: Catalogue, document_id: str, filters: Filters = Filters()) -> list[Document]:
    """Documents of the library that cite this one and pass the filters, newest first, ties by id."""
    cited = t.documents.alias()
    return _documents(catalogue, t.documents, cited, cited.c.id == document_id, filters)


def cited_in(catalogue: Catalogue, document_id: str, filters: Filters = Filters()) -> list[Document]:
    """Documents of the library that this one cites and that pass the filters, newest first, ties by id."""
    cited = t.documents.alias()
    return _documents(catalogue, cited, cited, t.documents.c.id == document_id, filters)


def _documents(catalogue: Catalogue, wanted: Any, cited: Any, where: Any, filters: Filters) -> list[Document]:
    keys = select(wanted.c.key).select_from(cites(cited)).where(where)
    d = t.documents.c
    chosen = catalogue.filtered_documents(filters)
    query = (
        select(t.documents)
        .where(d.key.in_(keys), d.key.in_(chosen))
        .order_by(d.year.desc().nulls_last(), d.id)
    )
    return [document_from_row(row) for row in catalogue.rows(query)]
