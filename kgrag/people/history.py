"""Keeps what a person asked, for themselves alone: under a pseudonym, for as many days as the settings say.
Forgets it on request.

Knows the table ``history``, and everything that points from a person to a question: forgetting takes all of
it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from kgrag.catalogue import schema
from kgrag.catalogue import schema_people as t
from kgrag.catalogue.audit import erase_question
from kgrag.errors import Forbidden, UsageError
from kgrag.library import Library
from kgrag.people.pseudonyms import pseudonym
from kgrag.people.rights import LOCAL, Person
from kgrag.people.sets import delete_sets_of, forget_in_sets
from kgrag.people.users import User, Users

ASKERS = ("anonymous", "pseudonym", "name")
ERASED = "erased"
"""The rater of a ranking whose maker has asked to be forgotten."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of one's own, with the answer that was given."""

    answer_id: str
    question: str
    created: str


def remember(library: Library, person: Person, answer_id: str) -> None:
    """Note that a person has asked; nothing where the settings keep no history, or nobody in particular
    asked.
    """
    if not library.settings.history_days or not (person == LOCAL or person.id.startswith("u-")):
        return
    who, now = _who(library, person), datetime.now(UTC).isoformat(timespec="seconds")
    h = t.history.c
    with library.catalogue.writing() as connection:
        connection.execute(delete(t.history).where(h.person == who, h.answer_id == answer_id))
        connection.execute(insert(t.history).values(person=who, answer_id=answer_id, created=now))


def named_asker(library: Library, person: Person, answer_id: str, how: str) -> str | None:
    """Who asked, as they put themselves into an export: nobody by default, and never anybody else.

    Args:
        library: open.
        person: who exports.
        answer_id: of the answer.
        how: ``anonymous``, ``pseudonym`` (another than any that the library keeps) or ``name``.

    Raises:
        UsageError: no such way.
        Forbidden: the answer is not in the person's own history.
    """
    if how not in ASKERS:
        raise UsageError(f"No asker '{how}' (found: {', '.join(ASKERS)}).")
    if how == "anonymous":
        return None
    h = t.history.c
    if not library.catalogue.rows(
        select(h.key).where(h.person == _who(library, person), h.answer_id == answer_id)
    ):
        raise Forbidden(
            "Only who asked may be named in an export, and only by themselves while it is in their history."
            " Leave 'asker' at 'anonymous'."
        )
    return person.name if how == "name" else pseudonym(library.folder, person.id, "export")


def when_asked(library: Library, person: Person, answer_id: str, created: str) -> str:
    """The time that a person is told of an answer: when they asked it themselves, else the day alone, since
    the time at which somebody else asked is theirs.

    Args:
        library: open.
        person: who is told.
        answer_id: of the answer.
        created: when it was given first.
    """
    h = t.history.c
    own = select(h.created).where(h.person == _who(library, person), h.answer_id == answer_id)
    rows = library.catalogue.rows(own.order_by(h.key.desc()).limit(1))
    return str(rows[0].created) if rows else f"{created[:10]}T00:00:00+00:00"


def asked(library: Library, person: Person, containing: str = "", limit: int = 100) -> list[Asked]:
    """A person's own questions, newest first; only those that hold some words, where given."""
    h, a = t.history.c, schema.answers.c
    query = (
        select(h.answer_id, a.question, h.created)
        .join(schema.answers, a.id == h.answer_id)
        .where(h.person == _who(library, person))
    )
    if containing:
        query = query.where(a.question.icontains(containing, autoescape=True))
    return [
        Asked(row.answer_id, row.question, row.created)
        for row in library.catalogue.rows(query.order_by(h.key.desc()).limit(limit))
    ]


def forget(library: Library, person: Person, answer_ids: Sequence[str] | None = None) -> int:
    """Forget what a person asked, everywhere; returns how many questions those were.

    The link from the person goes, and with it each answer that nobody else asked for, its question in the log
    of provenance, and the person's name under rankings. What others asked too stays theirs; of the time at
    which it was asked only the day is left.

    Args:
        library: open.
        person: who asked.
        answer_ids: only these; None for everything.
    """
    h, who = t.history.c, _who(library, person)
    with library.catalogue.writing() as connection:
        mine = (
            h.person == who if answer_ids is None else (h.person == who) & h.answer_id.in_(list(answer_ids))
        )
        gone = list(connection.execute(select(h.answer_id).where(mine)).scalars())
        connection.execute(delete(t.history).where(mine))
        for answer_id in gone:
            _forget_answer(connection, answer_id)
        if answer_ids is None:
            _forget_rater(connection, pseudonym(library.folder, person.id, "rater"))
    library.catalogue.overwrite_old()
    return len(gone)


def purge(library: Library) -> int:
    """Forget who asked what is older than the settings keep; returns how many links went.

    Of when it was asked only the day is left.
    """
    limit = (datetime.now(UTC) - timedelta(days=library.settings.history_days)).isoformat(timespec="seconds")
    with library.catalogue.writing() as connection:
        done = connection.execute(delete(t.history).where(t.history.c.created < limit))
        for table in (schema.answers, schema.feedback, schema.searches):
            old = (
                connection.execute(
                    select(table.c.created)
                    .where(table.c.created < limit, ~table.c.created.like("%T00:00:00%"))
                    .distinct()
                )
                .scalars()
                .all()
            )
            for created in old:
                connection.execute(
                    update(table).where(table.c.created == created).values(created=_day(created))
                )
    library.catalogue.overwrite_old()
    return int(done.rowcount)


def delete_user(library: Library, user: User) -> None:
    """Erase what a user asked, their sets, and the user; all, or nothing where they may not go."""
    with library.catalogue.writing() as connection:
        forget(library, user.person)
        delete_sets_of(connection, user.person.id)
        Users(library.catalogue).delete(user.name)


def _forget_answer(connection: Connection, answer_id: str) -> None:
    a = schema.answers.c
    others = connection.execute(
        select(t.history.c.key).where(t.history.c.answer_id == answer_id).limit(1)
    ).scalar()
    if others is not None:
        for created in connection.execute(select(a.created).where(a.id == answer_id)).scalars().all():
            connection.execute(update(schema.answers).where(a.id == answer_id).values(created=_day(created)))
        return
    body = connection.execute(select(a.body).where(a.id == answer_id)).scalar()
    if body and (record := json.loads(body)["trace"].get("search")):
        connection.execute(delete(schema.searches).where(schema.searches.c.id == record))
    forget_in_sets(connection, answer_id)
    connection.execute(delete(schema.answers).where(a.id == answer_id))
    connection.execute(delete(schema.feedback).where(schema.feedback.c.answer_id == answer_id))
    erase_question(connection, answer_id)


def _forget_rater(connection: Connection, rater: str) -> None:
    f = schema.feedback.c
    for row in connection.execute(select(f.key, f.body, f.created).where(f.rater == rater)).all():
        connection.execute(
            update(schema.feedback)
            .where(f.key == row.key)
            .values(rater=ERASED, body={**row.body, "note": ""}, created=_day(row.created))
        )


def _day(created: str) -> str:
    return f"{created[:10]}T00:00:00+00:00"


def _who(library: Library, person: Person) -> str:
    return pseudonym(library.folder, person.id, "history")
