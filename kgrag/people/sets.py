"""Keeps the sets that people gather: documents, passages and answers under a name, each with a note, for
oneself or shared with everybody of the library.

Knows the two tables of sets. Who may see what is in one is the desk's (``kgrag.desk.sets``).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema_people as t
from kgrag.errors import NotFound, UsageError

ItemKind = Literal["document", "passage", "answer"]
MOST_ITEMS, MOST_SETS, MOST_NAME = 5_000, 500, 200
"""Items of a set, sets of one person, characters of a name."""
EVERYBODY = "open"
"""The owner of sets in a library where nobody logs in."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something in a set: the number by which it is taken out, what it is, its id, and a note on it."""

    number: int
    kind: ItemKind
    id: str
    note: str
    added: str

    def as_json(self) -> dict[str, Any]:
        """As the command line and the API give it."""
        return {
            "number": self.number,
            "kind": self.kind,
            "id": self.id,
            "note": self.note,
            "added": self.added,
        }


@dataclass(frozen=True, slots=True)
class ReadingSet:
    """A set: whose it is (a user's id), whether others may read it, and how many items it has."""

    id: str
    owner: str
    name: str
    note: str
    shared: bool
    created: str
    changed: str
    n_items: int

    def as_json(self) -> dict[str, Any]:
        """Without what is in it, as the command line and the API give it."""
        return {
            "id": self.id,
            "owner": self.owner,
            "name": self.name,
            "note": self.note,
            "shared": self.shared,
            "created": self.created,
            "changed": self.changed,
            "items": self.n_items,
        }


class Sets:
    """The sets of one library.

    Args:
        catalogue: of the library.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def listed(self, owner: str | None = None) -> list[ReadingSet]:
        """The sets of a person and those that are shared, the last changed first; without an owner all."""
        s = t.reading_sets.c
        counted = (
            select(func.count())
            .where(t.reading_set_items.c.set_id == s.id)
            .correlate(t.reading_sets)
            .scalar_subquery()
            .label("n_items")
        )
        query = select(t.reading_sets, counted).order_by(s.changed.desc(), s.id)
        if owner is not None:
            query = query.where(or_(s.owner == owner, s.shared == 1))
        return [
            ReadingSet(
                row.id, row.owner, row.name, row.note, bool(row.shared), row.created, row.changed, row.n_items
            )
            for row in self.catalogue.rows(query)
        ]

    def find(self, set_id: str) -> ReadingSet:
        """A set.

        Raises:
            NotFound: there is none of this id.
        """
        found = [each for each in self.listed() if each.id == set_id]
        if not found:
            raise missing(set_id)
        return found[0]

    def items(self, set_id: str) -> list[Item]:
        """What is in a set, in the order in which it was put there."""
        i = t.reading_set_items.c
        rows = self.catalogue.rows(select(t.reading_set_items).where(i.set_id == set_id).order_by(i.number))
        return [Item(row.number, row.kind, row.what, row.note, row.added) for row in rows]

    def make(self, owner: str, name: str, note: str = "", *, shared: bool = False) -> str:
        """A new set; returns its id.

        Raises:
            UsageError: it has no name, or the person has too many.
        """
        name = _name(name)
        now, set_id = _now(), f"s-{secrets.token_hex(8)}"
        with self.catalogue.writing() as connection:
            s = t.reading_sets.c
            n = connection.execute(select(func.count()).where(s.owner == owner)).scalar_one()
            if n >= MOST_SETS:
                raise UsageError(f"There are {n} sets already. Delete one: kgrag sets delete ID")
            connection.execute(
                insert(t.reading_sets).values(
                    id=set_id,
                    owner=owner,
                    name=name,
                    note=note,
                    shared=int(shared),
                    created=now,
                    changed=now,
                )
            )
        return set_id

    def change(
        self, set_id: str, *, name: str | None = None, note: str | None = None, shared: bool | None = None
    ) -> None:
        """Give a set another name or note, or share it; what is None stays as it is."""
        values: dict[str, object] = {"changed": _now()}
        values |= {"name": _name(name)} if name is not None else {}
        values |= {"note": note} if note is not None else {}
        values |= {"shared": int(shared)} if shared is not None else {}
        with self.catalogue.writing() as connection:
            connection.execute(update(t.reading_sets).where(t.reading_sets.c.id == set_id).values(values))

    def delete(self, set_id: str) -> None:
        """Remove a set; what it pointed to stays in the library."""
        with self.catalogue.writing() as connection:
            connection.execute(delete(t.reading_set_items).where(t.reading_set_items.c.set_id == set_id))
            connection.execute(delete(t.reading_sets).where(t.reading_sets.c.id == set_id))

    def add(self, set_id: str, items: Sequence[tuple[ItemKind, str]], note: str = "") -> int:
        """Put things into a set; what is in it already stays as it is. Returns how many are new.

        Args:
            set_id: of the set.
            items: kind and id of each.
            note: on each of those that are new.

        Raises:
            UsageError: the set would have more than ``MOST_ITEMS``.
        """
        now = _now()
        with self.catalogue.writing() as connection:
            i = t.reading_set_items.c
            held = set(connection.execute(select(i.what).where(i.set_id == set_id)).scalars())
            fresh = [(kind, what) for kind, what in dict.fromkeys(items) if what not in held]
            if len(held) + len(fresh) > MOST_ITEMS:
                raise UsageError(
                    f"A set holds at most {MOST_ITEMS} items. Make another: kgrag sets make NAME"
                )
            if fresh:
                rows = [
                    {"set_id": set_id, "kind": kind, "what": what, "note": note, "added": now}
                    for kind, what in fresh
                ]
                connection.execute(insert(t.reading_set_items), rows)
                _touch(connection, set_id, now)
        return len(fresh)

    def remove(self, set_id: str, numbers: Sequence[int]) -> int:
        """Take items out of a set by their numbers; returns how many were there."""
        i = t.reading_set_items.c
        with self.catalogue.writing() as connection:
            done = connection.execute(
                delete(t.reading_set_items).where(i.set_id == set_id, i.number.in_(list(numbers)))
            )
            _touch(connection, set_id, _now())
        return int(done.rowcount)

    def note(self, set_id: str, number: int, note: str) -> None:
        """Write a note on an item.

        Raises:
            NotFound: no such item in the set.
        """
        i = t.reading_set_items.c
        with self.catalogue.writing() as connection:
            done = connection.execute(
                update(t.reading_set_items).where(i.set_id == set_id, i.number == number).values(note=note)
            )
            if not done.rowcount:
                raise NotFound(f"No item {number} in the set '{set_id}'. List them: kgrag sets show {set_id}")
            _touch(connection, set_id, _now())


def forget_in_sets(connection: Connection, answer_id: str) -> None:
    """Take an answer that is forgotten out of every set."""
    connection.execute(delete(t.reading_set_items).where(t.reading_set_items.c.what == answer_id))


def delete_sets_of(connection: Connection, owner: str) -> None:
    """Remove every set of a person who goes."""
    s = t.reading_sets.c
    theirs = select(s.id).where(s.owner == owner)
    connection.execute(delete(t.reading_set_items).where(t.reading_set_items.c.set_id.in_(theirs)))
    connection.execute(delete(t.reading_sets).where(s.owner == owner))


def missing(set_id: str) -> NotFound:
    """What is said of a set that is not there, and of one that is not for the person."""
    return NotFound(f"No set '{set_id}' in this library. List them: kgrag sets list")


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MOST_NAME:
        raise UsageError(f"A set needs a name of 1 to {MOST_NAME} characters.")
    return name


def _touch(connection: Connection, set_id: str, now: str) -> None:
    connection.execute(update(t.reading_sets).where(t.reading_sets.c.id == set_id).values(changed=now))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
