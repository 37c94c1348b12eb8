"""Who cites whom inside a library: references find their works by any key that these go by (DOI, PubMed id, title and year).

Knows the tables ``links`` and ``match_keys``. Does not know references as they are written (``ingest.references``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t


@dataclass(frozen=True, slots=True)
class Work:
    """A document at the other end of a citation."""

    id: str
    title: str | None
    year: int | None
    retracted: str | None


def cites(cited: Any) -> Any:
    """The join of documents with those they cite (``cited``, an alias of the same table); a pair stands in it once for each key that they share."""
    named = t.links.join(t.documents, t.links.c.document_key == t.documents.c.key).join(
        t.match_keys, and_(t.links.c.target == t.match_keys.c.value, t.links.c.type == "CITES"))
    return named.join(cited, and_(t.match_keys.c.document_key == cited.c.key, cited.c.key != t.documents.c.key))


def cited_by(catalogue: Catalogue, document_id: str) -> list[Work]:
    """Documents of the library that cite this one, newest first."""
    cited = t.documents.alias()
    return _works(catalogue, t.documents.c, cited, cited.c.id == document_id)


def cited_in(catalogue: Catalogue, document_id: str) -> list[Work]:
    """Documents of the library that this one cites, newest first."""
    cited = t.documents.alias()
    return _works(catalogue, cited.c, cited, t.documents.c.id == document_id)


def _works(catalogue: Catalogue, columns: Any, cited: Any, where: Any) -> list[Work]:
    query = select(columns.id, columns.title, columns.year, columns.retracted).select_from(cites(cited)).where(where).distinct()
    return [Work(row.id, row.title, row.year, row.retracted) for row in catalogue.rows(query.order_by(columns.year.desc().nulls_last(), columns.id))]
