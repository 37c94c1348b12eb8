"""Writes events of reviews and reads them back, in their order.

Knows the table; what an event means is ``state``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, func, insert, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue.schema_review import review_events as e
from kgrag.errors import NotFound
from kgrag.system.files import now


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody did, when; ``seq`` counts over all reviews of the library."""

    seq: int
    at: str
    person: str
    kind: str
    body: Mapping[str, Any]
    token: str


def append(
    connection: Connection,
    review: str,
    person: str,
    kind: str,
    body: Mapping[str, Any],
    token: str | None = None,
) -> int:
    """Write an event; one whose token was written before is not written again. Returns its seq."""
    token = token or uuid4().hex
    known = connection.execute(select(e.c.seq).where(e.c.review == review, e.c.token == token)).scalar()
    if known is not None:
        return int(known)
    values = {"review": review, "token": token, "at": now(), "person": person, "kind": kind, "body": body}
    return int(connection.execute(insert(e).values(values).returning(e.c.seq)).scalar_one())


def put_back(connection: Connection, review: str, event: Event, body: Mapping[str, Any]) -> int:
    """Write an event of a review that comes from elsewhere, as it was but for its body; returns its seq."""
    values: dict[str, Any] = {"review": review, "token": event.token, "at": event.at}
    values |= {"person": event.person, "kind": event.kind, "body": dict(body)}
    return int(connection.execute(insert(e).values(values).returning(e.c.seq)).scalar_one())


def events_of(catalogue: Catalogue, review: str) -> list[Event]:
    """A review's events in order.

    Raises:
        NotFound: no such review.
    """
    found = events_since(catalogue, review, 0)
    if not found:
        raise NotFound(f"No review '{review}' in this library. List them: kgrag review list")
    return found


def events_since(catalogue: Catalogue, review: str, seq: int) -> list[Event]:
    """A review's events after one, in order."""
    rows = catalogue.rows(select(e).where(e.c.review == review, e.c.seq > seq).order_by(e.c.seq))
    return [Event(row.seq, row.at, row.person, row.kind, row.body, row.token) for row in rows]


def n_events(catalogue: Catalogue, review: str) -> int:
    """How many events a review has."""
    return int(catalogue.rows(select(func.count()).select_from(e).where(e.c.review == review))[0][0])


def holds(catalogue: Catalogue, review: str) -> bool:
    """Whether the library has a review of this id."""
    return bool(catalogue.rows(select(e.c.seq).where(e.c.review == review).limit(1)))


def reviews(catalogue: Catalogue) -> list[str]:
    """Ids of all reviews, in the order they were begun."""
    return [row.review for row in catalogue.rows(select(e.c.review).where(e.c.kind == "created")
                                                  .order_by(e.c.seq))]  # fmt: skip
