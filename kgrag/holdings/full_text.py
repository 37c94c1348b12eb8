"""Tells which documents the library holds whole, and of which it has the record alone.

Knows the catalogue's columns; not where a full text is elsewhere, nor who may read it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.reading import is_whole


def whole_among(catalogue: Catalogue, ids: Sequence[str]) -> dict[str, bool]:
    """For each document that is there whether it is held whole."""
    d = t.documents.c
    rows = catalogue.rows(select(d.id, is_whole().label("whole")).where(d.id.in_(list(ids))))
    return {row.id: bool(row.whole) for row in rows}
