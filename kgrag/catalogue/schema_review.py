"""Defines the table of reviews: one append-only trail.

Knows columns, and the triggers by which the database itself refuses to change what was written. What an event
means is ``kgrag.review.project``'s.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Table, Text, UniqueConstraint

from kgrag.catalogue.schema import _key, metadata
from kgrag.catalogue.schema_people import _refuse

review_events = Table(
    "review_events",
    metadata,
    _key("seq"),
    Column("review", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", JSON, nullable=False),
    UniqueConstraint("review", "token"),
    sqlite_autoincrement=True,
)
"""``token`` is made where the act is done (a browser's tab), so that one sent twice is written once."""
Index("review_events_review", review_events.c.review, review_events.c.seq)
_refuse(review_events, "UPDATE")
_refuse(review_events, "DELETE")
