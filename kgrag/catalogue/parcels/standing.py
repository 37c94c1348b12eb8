"""The standing of works: what the mirror of notices and the records themselves say of retractions, concerns
and corrections.

Knows the tables of notices and the documents' columns for marks. Does not open transactions, and reads no
file of notices.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from kgrag.catalogue import schema as t
from kgrag.language.names import plain, title_key
from kgrag.system.files import now
from kgrag.types import Document, Record, RecordNotice

YEARS_BETWEEN = 30
"""So many years a notice may come behind the work that it names by its title."""
_RETRACTION = (
    select(t.retractions.c.notice)
    .where(
        t.retractions.c.identifier.in_(bindparam("keys", expanding=True)),
        t.retractions.c.kind == "retraction",
    )
    .order_by(t.retractions.c.identifier)
    .limit(1)
)
_OTHERS = (
    select(t.notices.c.kind, t.notices.c.notice)
    .where(t.notices.c.identifier.in_(bindparam("keys", expanding=True)))
    .order_by(t.notices.c.kind.desc(), t.notices.c.date, t.notices.c.notice)
)
_NAMED = (
    select(t.documents.c.key, t.documents.c.id, t.documents.c.retracted, t.documents.c.notices)
    .join(t.match_keys, t.match_keys.c.document_key == t.documents.c.key)
    .where(t.match_keys.c.value.in_(bindparam("keys", expanding=True)))
    .distinct()
    .order_by(t.documents.c.key)
)


def title_mark(title: str | None) -> str | None:
    """The key under which a notice names a work by its title; None where the title is too common."""
    return f"title:{plain(title or '')}" if title_key(title, 1) else None


def retraction_keys(record: Record) -> list[str]:
    """The identifiers by which notices of retraction name a work."""
    return [f"{kind}:{record.identifiers[kind]}" for kind in ("doi", "pmid") if record.identifiers.get(kind)]


def notices_of(
    connection: Connection, keys: Sequence[str], own: Sequence[Sequence[str]] = ()
) -> list[list[str]] | None:
    """The expressions of concern and corrections that the mirror and the record itself (``own``, as kind and
    text) hold for a work; None for none.
    """
    rows = connection.execute(_OTHERS, {"keys": list(keys)}) if keys else ()
    mirrored = [(row.kind, row.notice) for row in rows]
    return [list(pair) for pair in dict.fromkeys((*mirrored, *map(tuple, own)))] or None


def own_notices(record: Record) -> list[list[str]]:
    """The concerns and corrections that a record tells of its own work, as kind and text."""
    kinds = ("concern", "correction")
    return [[one.kind, one.text] for one in record.notices if not one.about and one.kind in kinds]


def own_retraction(record: Record) -> str | None:
    """The retraction that a record tells of its own work, or None."""
    told = (one.text for one in record.notices if not one.about and one.kind == "retraction")
    return next(told, record.extra.get("retraction"))


def marks_of(connection: Connection, document: Document) -> dict[str, Any]:
    """The columns ``retracted`` and ``notices`` of a document that is put: as the mirror says, else as the
    records of the work do.
    """
    record = document.record
    named = retraction_keys(record)
    keys = [*named, *filter(None, [title_mark(record.title)])] if not _is_notice(record) else named
    mirrored = connection.execute(_RETRACTION, {"keys": keys}).scalar() if keys else None
    own = [*document.notices, *own_notices(record)]
    return {
        "retracted": mirrored or document.retracted or own_retraction(record),
        "notices": notices_of(connection, keys, own),
    }


def _is_notice(record: Record) -> bool:
    """Whether the record is itself a notice about another work."""
    return any(one.about for one in record.notices)


def take_notices(connection: Connection, record: Record) -> list[str]:
    """Take what a record says of other works into the mirror, and mark the documents it names; returns the
    ids of those whose marks changed.
    """
    changed: list[str] = []
    for notice in record.notices:
        if notice.about:
            _mirror(connection, notice, record)
            changed += _mark(connection, notice, record)
    return list(dict.fromkeys(changed))


def _mirror(connection: Connection, notice: RecordNotice, record: Record) -> None:
    """A line for each identifier that the mirror does not hold yet; a loaded notice stays."""
    table: Table = t.retractions if notice.kind in ("retraction", "reinstatement") else t.notices
    c = table.c
    for identifier in notice.about:
        same = select(c.identifier).where(c.identifier == identifier)
        if table is t.notices:
            same = same.where(c.kind == notice.kind)
        if connection.execute(same).first() is None:
            row = {"identifier": identifier, "kind": notice.kind, "date": None, "notice": notice.text}
            connection.execute(insert(table).values(**row, source=record.source.path, loaded=now()))


def _mark(connection: Connection, notice: RecordNotice, record: Record) -> list[str]:
    """Documents of the library that the notice is about, marked; those whose mark stands already are left."""
    keys = [key for about in notice.about for key in _match_keys(about, record.year)]
    changed = []
    for row in connection.execute(_NAMED, {"keys": keys}).all():
        values = _values(notice, row)
        if values:
            own = t.documents.c.key == row.key
            connection.execute(update(t.documents).where(own).values(**values))
            changed.append(row.id)
    return changed


def _values(notice: RecordNotice, row: Any) -> dict[str, Any]:
    if notice.kind == "retraction":
        return {} if row.retracted else {"retracted": notice.text}
    held, new = row.notices or [], [notice.kind, notice.text]
    return {} if new in held or notice.kind == "reinstatement" else {"notices": [*held, new]}


def _match_keys(about: str, year: int | None) -> list[str]:
    """The values among the match keys by which a document is found that a notice names."""
    if not about.startswith("title:"):
        return [about]
    title = about.removeprefix("title:")
    years = range(year - YEARS_BETWEEN, year + 2) if year else ()
    return list(filter(None, (title_key(title, one) for one in years)))
