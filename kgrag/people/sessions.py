"""Keeps the sessions of people who have logged in: opens them, finds them by their token, ends them.

Only the token's digest is kept.

Knows the table ``sessions``. Does not know cookies or requests.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema_people as t
from kgrag.people.rights import Person


@dataclass(frozen=True, slots=True)
class Session:
    """Who has logged in, and the token that their forms must carry."""

    person: Person
    csrf: str


class Sessions:
    """See the module.

    Args:
        catalogue: of the library.
        hours: how long a session lasts.
    """

    def __init__(self, catalogue: Catalogue, hours: float) -> None:
        self.catalogue, self.hours = catalogue, hours

    def open(self, person: Person) -> str:
        """A new session; returns its token, which is told only once. Sessions that are over are removed."""
        token, now = secrets.token_urlsafe(32), time.time()
        row = {
            "token_sha256": _digest(token),
            "user_id": person.id,
            "expires": now + self.hours * 3600,
            "csrf": secrets.token_urlsafe(24),
        }
        with self.catalogue.writing() as connection:
            connection.execute(delete(t.sessions).where(t.sessions.c.expires < now))
            connection.execute(insert(t.sessions).values(row))
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token, with the person as they are now; None where it is over, or they are not let
        in any more.
        """
        u, s = t.users.c, t.sessions.c
        query = (
            select(u.id, u.name, u.role, u.groups, s.csrf)
            .join(t.sessions, s.user_id == u.id)
            .where(s.token_sha256 == _digest(token), s.expires > time.time(), u.disabled == 0)
        )
        rows = self.catalogue.rows(query)
        return (
            Session(Person(rows[0].id, rows[0].name, rows[0].role, tuple(rows[0].groups)), rows[0].csrf)
            if rows
            else None
        )

    def close(self, token: str) -> None:
        """End a session."""
        with self.catalogue.writing() as connection:
            connection.execute(delete(t.sessions).where(t.sessions.c.token_sha256 == _digest(token)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
