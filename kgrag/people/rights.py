"""Decides what each role may do and which documents each person sees.

Knows roles, actions, collections and switches. Does not know passwords, sessions or pages. A document is
visible to a person when every collection that holds it is; one that no collection holds is visible to all.
What a person may not see does not exist for them: the errors are those of what was never there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from kgrag.catalogue import Catalogue, schema
from kgrag.catalogue import schema_people as t
from kgrag.catalogue.answers import stored_text
from kgrag.catalogue.parcels.members import in_patterns
from kgrag.catalogue.visible import documents_among, is_visible
from kgrag.errors import Forbidden, NotFound, UsageError
from kgrag.types import Document, Filters

ROLES = ("reader", "researcher", "librarian", "admin")
"""Each may do what those before it may, and more."""
ACTIONS: dict[str, str] = {
    "read": "reader",  # search, documents, passages, answers at their permanent address
    "ask": "reader",
    "history": "reader",  # one's own
    "sets": "reader",  # one's own, and reading those that are shared
    "export": "researcher",  # answers as files
    "review": "researcher",  # review projects; within one, the role in its team
    "feedback": "researcher",  # rank candidates, judge sentences
    "curate": "librarian",  # duplicates, retraction marks
    "ingest": "admin",  # upload, batches
    "train": "admin",  # the reward model
    "users": "admin",  # people, collections, switches
    "audit": "admin",  # both logs, and the list of all answers
    "keep": "admin",  # backup, rebuild
}
"""The least role for each action."""
SWITCHES = ("answers", "extraction", "feedback")
"""What an admin can turn off for a role: asking, extraction by a language model, the use of its feedback for
training; and each collection.
"""


_GROUPS = select(
    t.collections.c.key, t.collections.c.name, t.collections.c.groups, t.collections.c.shows_records
).order_by(t.collections.c.key)


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: the id that logs keep, the name that pages show, the role, and the groups whose collections
    they see.
    """

    id: str
    name: str
    role: str
    groups: tuple[str, ...] = ()


LOCAL = Person("local", "local", "admin")
"""The person at the machine: the command line, Python, and a service without users, which is for loopback
alone.
"""


@dataclass(frozen=True, slots=True)
class Switches:
    """What is on for a person. With ``answers`` off the pages are a search interface."""

    answers: bool = True
    extraction: bool = True
    feedback: bool = True


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of documents: by patterns of their source paths, or one by one; for some groups, or (none
    given) for all.

    With ``shows_records`` the others see the records without the texts (``kgrag.people.record_access``).
    """

    key: int
    name: str
    patterns: tuple[str, ...]
    documents: tuple[str, ...]
    groups: tuple[str, ...]
    off_for: tuple[str, ...] = ()
    n_documents: int = 0
    shows_records: bool = False


def may(person: Person, action: str) -> bool:
    """Whether the person's role allows an action (of ``ACTIONS``)."""
    return person.role in ROLES and ROLES.index(person.role) >= ROLES.index(ACTIONS[action])


def require(person: Person, action: str) -> None:
    """Raise Forbidden, naming the roles that may, where the person's role may not."""
    if not may(person, action):
        allowed = ", ".join(ROLES[ROLES.index(ACTIONS[action]) :])
        raise Forbidden(
            f"The role '{person.role}' may not do this ({action}); these may: {allowed}. An admin gives"
            " roles: kgrag users role NAME ROLE"
        )


class Rights:
    """What people see of one library.

    Args:
        catalogue: of the library.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    # -- seeing ------------------------------------------------------------------------------------

    def filters(self, person: Person, filters: Filters = Filters()) -> Filters:
        """The filters with which everything that this person searches, counts or is suggested must be
        limited.
        """
        return replace(filters, hidden=self.hidden(person))

    def hidden(self, person: Person) -> tuple[int, ...]:
        """Keys of the collections the person may not see, ascending."""
        return tuple(row.key for row in self._not_open(person))

    def closed(self, person: Person) -> tuple[int, ...]:
        """Of the hidden ones, keys of the collections whose records the person sees without the texts,
        ascending.
        """
        return tuple(row.key for row in self._not_open(person) if row.shows_records)

    def _not_open(self, person: Person) -> list[Any]:
        rows = self.catalogue.rows(_GROUPS)
        off = self._off().get(person.role, set()) if rows else set()
        return [row for row in rows if not _open_to(row.groups, f"collection:{row.name}" in off, person)]

    def sees(self, person: Person, document_id: str) -> bool:
        """Whether the person may see a document (also one that was deleted)."""
        return is_visible(self.catalogue, [document_id], self.hidden(person))

    def document(self, person: Person, document_id: str) -> Document:
        """A document the person may see.

        Raises:
            NotFound: none there, or none for them; the words are the same.
        """
        found = self.catalogue.document(document_id)
        if not self.sees(person, document_id):
            raise NotFound(f"No document '{document_id}' in this library. List them: kgrag documents list")
        return found

    def answer_text(self, person: Person, answer_id: str) -> str:
        """A stored answer's JSON text, if the person may see every document that it shows, names or was found
        among.

        Raises:
            NotFound: no such answer, or not for them.
        """
        import json

        text = stored_text(self.catalogue, answer_id)
        hidden = self.hidden(person)
        if hidden and not is_visible(
            self.catalogue, documents_among(self.catalogue, json.loads(text)), hidden
        ):
            raise NotFound(f"No answer '{answer_id}' in this library. Ask first: kgrag ask QUESTION")
        return text

    # -- switches ----------------------------------------------------------------------------------

    def switches(self, person: Person) -> Switches:
        """What is on for a person's role."""
        off = self._off().get(person.role, set())
        return Switches(**{name: name not in off for name in SWITCHES})

    def require_on(self, person: Person, switch: str) -> None:
        """Raise Forbidden where an admin has turned it off for the role."""
        if not getattr(self.switches(person), switch):
            instead = " Search instead: kgrag search QUESTION" if switch == "answers" else ""
            raise Forbidden(
                f"'{switch}' is turned off for the role '{person.role}'.{instead} An admin can turn it on:"
                f" kgrag users switch {switch} --on {person.role}"
            )

    def is_off(self, what: str, role: str) -> bool:
        """Whether something is turned off for a role."""
        return what in self._off().get(role, set())

    def set_switch(self, what: str, role: str, on: bool) -> None:
        """Turn something on or off for a role: one of ``SWITCHES``, or ``collection:NAME``.

        Raises:
            UsageError: no such switch or role.
        """
        known = [*SWITCHES, *(f"collection:{c.name}" for c in self.collections())]
        if what not in known or role not in ROLES:
            raise UsageError(
                f"No switch '{what}' for the role '{role}' (found: {', '.join(known)}; roles:"
                f" {', '.join(ROLES)})."
            )
        with self.catalogue.writing() as connection:
            connection.execute(delete(t.switches).where(t.switches.c.what == what, t.switches.c.role == role))
            if not on:
                connection.execute(insert(t.switches).values(what=what, role=role))
            _changed(connection)

    def _off(self) -> dict[str, set[str]]:
        off: dict[str, set[str]] = {}
        for row in self.catalogue.rows(select(t.switches)):
            off.setdefault(row.role, set()).add(row.what)
        return off

    # -- collections -------------------------------------------------------------------------------

    def collections(self) -> list[Collection]:
        """All, by name."""
        from sqlalchemy import func

        off: dict[str, list[str]] = {}
        for row in self.catalogue.rows(
            select(t.switches).where(t.switches.c.what.like("collection:%")).order_by(t.switches.c.role)
        ):
            off.setdefault(row.what.removeprefix("collection:"), []).append(row.role)
        m = t.collection_members.c
        sizes = {
            row.collection_key: row.n
            for row in self.catalogue.rows(
                select(m.collection_key, func.count().label("n"))
                .join(schema.documents, schema.documents.c.id == m.document_id)
                .group_by(m.collection_key)
            )
        }
        return [
            Collection(
                row.key,
                row.name,
                tuple(row.patterns),
                tuple(row.documents),
                tuple(row.groups),
                tuple(off.get(row.name, ())),
                sizes.get(row.key, 0),
                bool(row.shows_records),
            )
            for row in self.catalogue.rows(select(t.collections).order_by(t.collections.c.name))
        ]

    def set_collection(
        self,
        name: str,
        patterns: Sequence[str] = (),
        documents: Sequence[str] = (),
        groups: Sequence[str] = (),
        *,
        shows_records: bool = False,
    ) -> Collection:
        """Make a collection, or give one other contents or groups; what is in it follows at once.

        Args:
            name: of the collection.
            patterns: of source paths; a folder stands for everything in it, ``*`` for any part.
            documents: ids, one by one.
            groups: who sees it; none for everybody.
            shows_records: whether the others see the records of its documents, with a link and without the
                text.
        """
        if not name.strip() or len(name) > 200 or not (patterns or documents):
            raise UsageError("A collection needs a name and at least one path pattern or document id.")
        patterns = _absolute(patterns)
        values = {
            "patterns": patterns,
            "documents": list(documents),
            "groups": sorted(set(groups)),
            "shows_records": int(shows_records),
        }
        with self.catalogue.writing() as connection:
            done = connection.execute(
                update(t.collections).where(t.collections.c.name == name).values(values)
            )
            if not done.rowcount:
                connection.execute(insert(t.collections).values(name=name, **values))
            key = connection.execute(
                select(t.collections.c.key).where(t.collections.c.name == name)
            ).scalar_one()
            _fill(connection, key, patterns, documents)
            _changed(connection)
        return next(c for c in self.collections() if c.name == name)

    def delete_collection(self, name: str) -> None:
        """Remove a collection; its documents stay, and are visible to all that no other collection hides them
        from.

        Raises:
            NotFound: no such collection.
        """
        with self.catalogue.writing() as connection:
            key = connection.execute(select(t.collections.c.key).where(t.collections.c.name == name)).scalar()
            if key is None:
                known = (
                    ", ".join(
                        connection.execute(
                            select(t.collections.c.name).order_by(t.collections.c.name)
                        ).scalars()
                    )
                    or "none"
                )
                raise NotFound(f"No collection '{name}' (found: {known}).")
            connection.execute(
                delete(t.collection_members).where(t.collection_members.c.collection_key == key)
            )
            connection.execute(delete(t.collections).where(t.collections.c.key == key))
            connection.execute(delete(t.switches).where(t.switches.c.what == f"collection:{name}"))
            _changed(connection)


def _absolute(patterns: Sequence[str]) -> list[str]:
    """Patterns with the whole path beside what was typed of it: sources are kept by their whole path, and
    were kept as typed by earlier versions.
    """
    typed = [(one, one if one.startswith(("*", "/")) else os.path.abspath(one)) for one in patterns]
    return list(dict.fromkeys(kept for pair in typed for kept in pair))


def _open_to(groups: Sequence[str], off: bool, person: Person) -> bool:
    return not off and (not groups or person.role == "admin" or not set(groups).isdisjoint(person.groups))


def _fill(connection: Connection, key: int, patterns: Sequence[str], documents: Sequence[str]) -> None:
    """Which documents are in a collection, anew.

    Documents deleted since keep their place, so that what was hidden stays hidden.
    """
    d, m = schema.documents.c, t.collection_members
    rows = connection.execute(select(d.id, d.record)).all()
    held = {row.id for row in rows}
    inside = {row.id for row in rows if in_patterns(row.record["source"]["path"], patterns)} | set(documents)
    gone = set(connection.execute(select(m.c.document_id).where(m.c.collection_key == key)).scalars()) - held
    connection.execute(delete(m).where(m.c.collection_key == key))
    if members := [
        {"document_id": document_id, "collection_key": key} for document_id in sorted(inside | gone)
    ]:
        connection.execute(insert(m), members)


def _changed(connection: Connection) -> None:
    """Count a change of what people see, so that nobody works on with what was remembered."""
    name, m = "rights", schema.meta
    found = connection.execute(select(m.c.value).where(m.c.name == name)).scalar()
    if found is None:
        connection.execute(insert(m).values(name=name, value="1"))
    else:
        connection.execute(update(m).where(m.c.name == name).values(value=str(int(found) + 1)))
