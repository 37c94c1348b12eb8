"""Keeps the rows that say which documents belong to which collection, while documents come and go.

Knows collections' patterns and ids. Who may see a collection is in ``kgrag.catalogue.visible``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, delete, insert, select

from kgrag.catalogue import schema_people as p

if TYPE_CHECKING:
    pass


_PATTERNS = select(p.collections.c.key, p.collections.c.patterns, p.collections.c.documents)


def members_query(collections: Sequence[int]) -> Select[Any]:
    """A query for the ids of the documents in collections."""
    return select(p.collection_members.c.document_id).where(
        p.collection_members.c.collection_key.in_(collections)
    )


def enter(connection: Connection, document_id: str, path: str) -> None:
    """Put a document that is being stored into the collections that it belongs to; an earlier version's
    places are given up.
    """
    m, collections = p.collection_members, connection.execute(_PATTERNS).all()
    if not collections:
        return
    connection.execute(delete(m).where(m.c.document_id == document_id))
    rows = [
        {"document_id": document_id, "collection_key": row.key}
        for row in collections
        if document_id in row.documents or in_patterns(path, row.patterns)
    ]
    if rows:
        connection.execute(insert(m), rows)


def in_patterns(path: str, patterns: Sequence[str]) -> bool:
    """Whether a source path fits a pattern, is one of the files, or lies in one of the folders."""
    return any(
        path == place
        or path.startswith(place.rstrip("/") + "/")
        or fnmatchcase(path, place)
        or fnmatchcase(path, place.rstrip("/") + "/*")
        for place in patterns
    )
