"""Keeps the local mirror of retraction notices, expressions of concern and corrections, and marks the
documents they are about. Works without a network.

Knows the tables ``retractions`` and ``notices`` and the identifiers of documents. Does not know the files in
which notices come: reading them is ``ingest.readers.notices``'. A document that is ingested later is marked
by the catalogue as it is put.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, delete, insert, or_, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import chunks
from kgrag.catalogue.parcels.standing import retraction_keys
from kgrag.catalogue.rows import record_from_json
from kgrag.errors import UsageError
from kgrag.system.files import now

Row = Mapping[str, Any]


class NoticeLike(Protocol):
    """What is kept of a notice (``ingest.readers.notices.Notice``)."""

    @property
    def identifiers(self) -> tuple[str, ...]:
        """``doi:…`` and ``pmid:…`` of the work."""
        ...

    @property
    def kind(self) -> str:
        """``retraction``, ``reinstatement``, ``concern`` or ``correction``."""
        ...

    @property
    def date(self) -> str | None:
        """ISO date, or None."""
        ...

    @property
    def text(self) -> str:
        """One line for people."""
        ...


KINDS = ("retraction", "concern", "correction", "reinstatement")


@dataclass(frozen=True, slots=True)
class OwnNotice:
    """What the library itself says of one of its documents; see ``NoticeLike``."""

    identifiers: tuple[str, ...]
    kind: str
    date: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did: notices read, identifiers the mirror holds now, ids of documents newly marked as
    retracted, unmarked, and with a new concern or correction.
    """

    notices: int
    identifiers: int
    marked: tuple[str, ...]
    unmarked: tuple[str, ...]
    noticed: tuple[str, ...] = ()


def load(catalogue: Catalogue, notices: Iterable[NoticeLike], source: str) -> Loaded:
    """Take notices into the mirror, the newest of each work standing, and mark the documents they are about.

    Args:
        catalogue: of the library.
        notices: in any order. A reinstatement takes a retraction back; concerns and corrections stand beside
            it.
        source: name of the file, kept beside each notice.
    """
    told = list(notices)
    newest, others = _newest(told), _others(told)
    with catalogue.writing() as connection:
        replaced = _store(connection, newest, source)
        _store_others(connection, others, source)
    marks = {
        row.id: row.notice
        for part in chunks(newest)
        for row in _documents_of(catalogue, part)
        if row.kind == "retraction"
    }
    unmarks = {
        document for document in _documents_marked(catalogue, set(replaced.values())) if document not in marks
    }
    changed = catalogue.set_retracted({**marks, **dict.fromkeys(sorted(unmarks))})
    noticed = catalogue.set_notices(
        {
            row.id: retraction_keys(record_from_json(row.record))
            for part in chunks(sorted({key for key, _ in others}))
            for row in _named(catalogue, part)
        }
    )
    return Loaded(
        len(told),
        catalogue.count(t.retractions),
        tuple(i for i in changed if i in marks),
        tuple(i for i in changed if i in unmarks),
        tuple(noticed),
    )


def mark(catalogue: Catalogue, document_id: str, kind: str, reason: str, source: str) -> Loaded:
    """Say of one document that its work is retracted, doubted, corrected, or that it stands again.

    Args:
        catalogue: of the library.
        document_id: of the document.
        kind: one of ``KINDS``.
        reason: a line for people.
        source: kept beside the notice.

    Raises:
        NotFound: no such document.
        UsageError: no such kind, or no reason.
    """
    if kind not in KINDS:
        raise UsageError(f"No kind of notice '{kind}' (found: {', '.join(KINDS)}).")
    if not reason.strip():
        raise UsageError("Give the reason: people who cite the work will read it.")
    record = catalogue.document(document_id).record
    today = now()[:10]
    keys = tuple(dict.fromkeys((document_id, *retraction_keys(record))))
    return load(catalogue, [OwnNotice(keys, kind, today, f"{kind}, {today}: {reason.strip()}")], source)


def mirror(catalogue: Catalogue) -> list[Any]:
    """Every notice held: identifier, kind, date, notice, source, loaded; ordered by identifier, retractions
    first.
    """
    return sorted(
        catalogue.rows(select(t.retractions)) + catalogue.rows(select(t.notices)),
        key=lambda row: (row.identifier, row.kind not in ("retraction", "reinstatement"), row.kind),
    )


def marked_documents(catalogue: Catalogue) -> list[Any]:
    """The library's retracted documents: id, title, year, retracted; ordered by id."""
    d = t.documents.c
    return catalogue.rows(
        select(d.id, d.title, d.year, d.retracted).where(d.retracted.is_not(None)).order_by(d.id)
    )


def noticed_documents(catalogue: Catalogue) -> list[Any]:
    """The library's documents with an expression of concern or a correction: id, title, year, notices;
    ordered by id.
    """
    d = t.documents.c
    rows = catalogue.rows(
        select(d.id, d.title, d.year, d.notices).where(d.notices.is_not(None)).order_by(d.id)
    )
    return [row for row in rows if row.notices]


def _newest(notices: Iterable[NoticeLike]) -> dict[str, NoticeLike]:
    newest = dict[str, NoticeLike]()
    for notice in notices:
        if notice.kind in ("retraction", "reinstatement"):
            for key in notice.identifiers:
                if key not in newest or (notice.date or "") >= (newest[key].date or ""):
                    newest[key] = notice
    return newest


def _others(notices: Iterable[NoticeLike]) -> dict[tuple[str, str], NoticeLike]:
    """The last expression of concern and the last correction of each work."""
    found = dict[tuple[str, str], NoticeLike]()
    for notice in notices:
        if notice.kind in ("concern", "correction"):
            for key in notice.identifiers:
                if (notice.date or "") >= (((held := found.get((key, notice.kind))) and held.date) or ""):
                    found[key, notice.kind] = notice
    return found


def _store_others(connection: Connection, others: dict[tuple[str, str], NoticeLike], source: str) -> None:
    """Write what is not older than what is held."""
    n, loaded = t.notices, now()
    for (key, kind), notice in others.items():
        here = (n.c.identifier == key, n.c.kind == kind)
        if (notice.date or "") >= (connection.execute(select(n.c.date).where(*here)).scalar() or ""):
            connection.execute(delete(n).where(*here))
            connection.execute(
                insert(n).values(
                    identifier=key,
                    kind=kind,
                    date=notice.date,
                    notice=notice.text,
                    source=source,
                    loaded=loaded,
                )
            )


def _named(catalogue: Catalogue, identifiers: list[str]) -> list[Any]:
    """Documents that identifiers name, with their records."""
    keyed = select(t.match_keys.c.document_key).where(t.match_keys.c.value.in_(identifiers))
    return catalogue.rows(
        select(t.documents.c.id, t.documents.c.record).where(
            or_(t.documents.c.key.in_(keyed), t.documents.c.id.in_(identifiers))
        )
    )


def _store(connection: Connection, newest: dict[str, NoticeLike], source: str) -> dict[str, str]:
    """Write what is newer than what is held; drops the rest from ``newest``; returns the retractions that no
    longer stand, by identifier.
    """
    gone: dict[str, str] = {}
    loaded = now()
    for part in chunks(newest):
        for row in connection.execute(
            select(t.retractions).where(t.retractions.c.identifier.in_(part))
        ).all():
            if (newest[row.identifier].date or "") < (row.date or ""):
                del newest[row.identifier]
            elif row.kind == "retraction":
                gone[row.identifier] = row.notice
        kept = [key for key in part if key in newest]
        connection.execute(delete(t.retractions).where(t.retractions.c.identifier.in_(kept)))
        rows = [
            {
                "identifier": key,
                "kind": newest[key].kind,
                "date": newest[key].date,
                "notice": newest[key].text,
                "source": source,
                "loaded": loaded,
            }
            for key in kept
        ]
        if rows:
            connection.execute(insert(t.retractions), rows)
    return gone


def _documents_of(catalogue: Catalogue, identifiers: list[str]) -> list[Any]:
    """Documents that the identifiers name, each with the kind and text of its notice."""
    r, keys = t.retractions.c, t.match_keys
    by_key = (
        select(t.documents.c.id, r.kind, r.notice)
        .join(keys, keys.c.document_key == t.documents.c.key)
        .join(t.retractions, r.identifier == keys.c.value)
        .where(r.identifier.in_(identifiers))
    )
    by_id = (
        select(t.documents.c.id, r.kind, r.notice)
        .join(t.retractions, r.identifier == t.documents.c.id)
        .where(r.identifier.in_(identifiers))
    )
    return catalogue.rows(by_key) + catalogue.rows(by_id)


def _documents_marked(catalogue: Catalogue, notices: set[str]) -> Iterator[str]:
    """Documents whose mark is one of these texts although no retraction of theirs stands any more."""
    for part in chunks(sorted(notices)):
        for row in catalogue.rows(
            select(t.documents.c.id, t.documents.c.record).where(t.documents.c.retracted.in_(part))
        ):
            identifiers = [
                f"{kind}:{row.record.get('identifiers', {}).get(kind)}" for kind in ("doi", "pmid")
            ]
            stands = or_(t.retractions.c.identifier.in_(identifiers), t.retractions.c.identifier == row.id)
            if not catalogue.rows(
                select(t.retractions.c.identifier).where(stands, t.retractions.c.kind == "retraction")
            ):
                yield row.id
