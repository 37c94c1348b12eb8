"""The catalogue: the only truth of a library. One document is one transaction, which also appends to the change feed.

Knows SQL. Does not know vectors, words or the graph: those follow the feed. SQLite in WAL mode allows many readers and
one writer across processes; PostgreSQL by URL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Select, Table, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.exc import OperationalError

from kgrag.catalogue import schema as t
from kgrag.catalogue import visible
from kgrag.catalogue.engine import BUSY_TIMEOUT_S, make_engine, write_transaction
from kgrag.catalogue.migrations import migrate
from kgrag.catalogue.rows import document_from_row, document_row, form_rows, link_rows, passage_from_row, passage_row, record_from_json
from kgrag.errors import IndexMismatch, LibraryLocked, NotFound, ServiceUnavailable
from kgrag.names import title_key
from kgrag.types import Change, Document, Extraction, Filters, KnowledgeObject, Parcel, Passage, Record

_MANY = 500
# Made once: building and comparing a statement costs SQLAlchemy more than SQLite takes to run it.
_DOCUMENT_KEY = select(t.documents.c.key).where(t.documents.c.id == bindparam("id"))
_TWIN_KEYS = select(t.match_keys.c.document_key).where(t.match_keys.c.value.in_(bindparam("values", expanding=True)))
_NOTICE = (select(t.retractions.c.notice).where(t.retractions.c.identifier.in_(bindparam("keys", expanding=True)), t.retractions.c.kind == "retraction")
           .order_by(t.retractions.c.identifier).limit(1))
_NOTICES = (select(t.notices.c.kind, t.notices.c.notice).where(t.notices.c.identifier.in_(bindparam("keys", expanding=True)))
            .order_by(t.notices.c.kind.desc(), t.notices.c.date, t.notices.c.notice))
_PASSAGE_KEYS = select(t.passages.c.id, t.passages.c.key).where(t.passages.c.document_key == bindparam("document_key"))
_INSERTS = {table: insert(table) for table in (t.documents, t.passages, t.entities, t.forms, t.mentions, t.statements, t.objects, t.links, t.match_keys, t.changes)}
_HEAD = select(func.max(t.changes.c.seq))
_ENTITY_KEYS = select(t.entities.c.id, t.entities.c.key).where(t.entities.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Indexable:
    """A document as the vector and word followers need it: its record and its passages with their keys."""

    id: str
    record: Record
    language: str | None
    passages: tuple[tuple[int, Passage], ...]


@dataclass(frozen=True, slots=True)
class Twins:
    """Documents that shared one of the match keys when one looked: their keys, which change with each version."""

    match_keys: tuple[str, ...]
    keys: frozenset[int]


class TwinsChanged(LibraryLocked):
    """Another process stored the same work between the look at its twins and the put."""


class Catalogue:
    """Opens (and, where needed, creates and migrates) the catalogue of a library.

    Args:
        folder: the library; SQLite's file ``catalogue.sqlite`` lies in it.
        url: an SQLAlchemy URL instead, for PostgreSQL.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._size: tuple[int, int, int] | None = None
        self.engine = make_engine(url or f"sqlite:///{folder / 'catalogue.sqlite'}")
        try:
            migrate(self.engine)
        except IndexMismatch:
            self.engine.dispose()
            raise
        except OperationalError as error:
            self.engine.dispose()
            if self.engine.dialect.name == "sqlite":
                raise
            address = self.engine.url.render_as_string(hide_password=True)
            raise ServiceUnavailable(f"The catalogue at {address} does not answer. Start the server, or correct the setting catalogue_url.") from error

    def close(self) -> None:
        """Give the database's connections back."""
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its start.

        Raises:
            LibraryLocked: another process writes for longer than a minute.
        """
        try:
            with write_transaction(self.engine) as connection:
                yield connection
        except OperationalError as error:
            if "locked" not in str(error):
                raise
            raise LibraryLocked(f"Another process writes to {self.folder} (waited {BUSY_TIMEOUT_S} s). Try again.") from error

    @property
    def library_id(self) -> str:
        """The library's own random id, made when its catalogue was created."""
        with self.engine.connect() as connection:
            return str(connection.execute(select(t.meta.c.value).where(t.meta.c.name == "library")).scalar_one())

    # -- writing ---------------------------------------------------------------------------------------------

    def put(self, parcel: Parcel, instead_of: Sequence[str] = (), seen: Twins | None = None) -> int:
        """Store a document with all that was found in it, replacing an earlier version; returns the change's seq.

        Args:
            parcel: the document.
            instead_of: ids of other documents that became part of this one; they go in the same transaction.
            seen: the twins that were looked at before; None where none were.

        Raises:
            TwinsChanged: the twins are no longer those; look again.
        """
        with self.writing() as connection:
            if seen is not None and _twin_keys(connection, seen.match_keys) != seen.keys:
                raise TwinsChanged(f"Another process stored the work of '{parcel.document.id}' meanwhile. Unite again.")
            for other in instead_of:
                if _remove(connection, other):
                    _append_change(connection, "delete", other)
            _remove(connection, parcel.document.id)
            _insert_parcel(connection, parcel)
            _remove_orphans(connection)
            return _append_change(connection, "put", parcel.document.id)

    def put_extraction(self, document_id: str, extraction: Extraction) -> int:
        """Replace what was found in a document, its text and passages untouched; returns the change's seq.

        Raises:
            NotFound: no such document.
        """
        with self.writing() as connection:
            key = connection.execute(_DOCUMENT_KEY, {"id": document_id}).scalar()
            if key is None:
                raise NotFound(f"No document '{document_id}' in this library. List them: kgrag documents list")
            _remove_extraction(connection, key)
            passages = {row.id: row.key for row in connection.execute(_PASSAGE_KEYS, {"document_key": key})}
            _insert_extraction(connection, extraction, key, passages)
            _remove_orphans(connection)
            return _append_change(connection, "put", document_id)

    def put_new(self, parcels: Sequence[Parcel]) -> bool:
        """Store several documents whose works the catalogue does not hold, in one transaction; False, and nothing stored, where it holds one of them.

        Args:
            parcels: of different works: no match key twice.
        """
        with self.writing() as connection:
            if any(connection.execute(_DOCUMENT_KEY, {"id": parcel.document.id}).scalar() for parcel in parcels):
                return False
            keys = [key for parcel in parcels for key in parcel.match_keys]
            if any(_twin_keys(connection, keys[start : start + _MANY]) for start in range(0, len(keys), _MANY)):
                return False
            for parcel in parcels:
                _insert_parcel(connection, parcel)
                _append_change(connection, "put", parcel.document.id)
        return True

    def delete(self, document_id: str) -> int:
        """Remove a document and everything that only it supported; returns the change's seq.

        Raises:
            NotFound: no such document.
        """
        with self.writing() as connection:
            if not _remove(connection, document_id):
                raise NotFound(f"No document '{document_id}' in this library. List them: kgrag documents list")
            _remove_orphans(connection)
            return _append_change(connection, "delete", document_id)

    def set_retracted(self, notices: Mapping[str, str | None]) -> list[str]:
        """Mark documents (by id) as retracted, or take the mark back (None); returns the ids whose mark changed."""
        changed = []
        with self.writing() as connection:
            for document_id, notice in notices.items():
                differs = t.documents.c.retracted.is_distinct_from(notice)
                done = connection.execute(update(t.documents).where(t.documents.c.id == document_id, differs).values(retracted=notice))
                if done.rowcount:
                    _append_change(connection, "put", document_id)
                    changed.append(document_id)
        return changed

    def set_notices(self, ids: Mapping[str, Sequence[str]]) -> list[str]:
        """Mark documents (by id) with the expressions of concern and corrections that the mirror holds for their identifiers; returns the ids whose marks changed."""
        changed = []
        with self.writing() as connection:
            for document_id, keys in ids.items():
                held = _notices_of(connection, keys)
                if (connection.execute(select(t.documents.c.notices).where(t.documents.c.id == document_id)).scalar() or None) != held:
                    connection.execute(update(t.documents).where(t.documents.c.id == document_id).values(notices=held))
                    _append_change(connection, "put", document_id)
                    changed.append(document_id)
        return changed

    def overwrite_old(self) -> None:
        """After something was erased: let no older copy of its page stay in SQLite's write-ahead log."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    # -- the feed --------------------------------------------------------------------------------------------

    def head(self) -> int:
        """The seq of the newest change; 0 when there is none."""
        with self.engine.connect() as connection:
            return connection.execute(_HEAD).scalar() or 0

    def changes(self, after: int, limit: int) -> list[Change]:
        """Up to ``limit`` changes after a seq, oldest first; of several of one document only the newest is given."""
        newer = t.changes.alias()
        query = (
            select(t.changes).where(t.changes.c.seq > after)
            .where(~exists().where(newer.c.document_id == t.changes.c.document_id, newer.c.seq > t.changes.c.seq))
            .order_by(t.changes.c.seq).limit(limit)
        )
        return [Change(row.seq, row.kind, row.document_id) for row in self.rows(query)]

    # -- reading ---------------------------------------------------------------------------------------------

    def rows(self, query: Select[Any], **parameters: Any) -> list[Any]:
        """All rows of a query."""
        with self.engine.connect() as connection:
            return list(connection.execute(query, parameters))

    def count(self, table: Table) -> int:
        """Number of rows of a table."""
        return int(self.rows(select(func.count()).select_from(table))[0][0])

    def size(self, hidden: Sequence[int] = ()) -> tuple[int, int]:
        """Documents and passages outside hidden collections; of the whole library they are counted again only after a change."""
        if hidden:
            inside = self.filtered_documents(Filters(hidden=tuple(hidden))).subquery()
            counts = (select(func.count()).select_from(inside), select(func.count()).where(t.passages.c.document_key.in_(select(inside.c.key))))
            return int(self.rows(counts[0])[0][0]), int(self.rows(counts[1])[0][0])
        head = self.head()
        if self._size is None or self._size[0] != head:
            self._size = (head, self.count(t.documents), self.count(t.passages))
        return self._size[1:]

    def document(self, document_id: str) -> Document:
        """One document, whole.

        Raises:
            NotFound: no such document.
        """
        rows = self.rows(select(t.documents).where(t.documents.c.id == document_id))
        if not rows:
            raise NotFound(f"No document '{document_id}' in this library. List them: kgrag documents list")
        return document_from_row(rows[0])

    def documents(self, after: str = "", limit: int | None = None, hidden: Sequence[int] = ()) -> Iterator[Document]:
        """Documents outside hidden collections, in the order of their ids."""
        query = select(t.documents).where(t.documents.c.id > after).order_by(t.documents.c.id).limit(limit)
        if hidden:
            query = query.where(t.documents.c.id.not_in(visible.members_query(hidden)))
        with self.engine.connect() as connection:
            yield from map(document_from_row, connection.execution_options(yield_per=200).execute(query))

    def documents_by_key(self, keys: Iterable[int]) -> dict[int, Document]:
        """Documents by their integer keys."""
        return {row.key: document_from_row(row) for row in self._by_key(select(t.documents), t.documents.c.key, keys)}

    def twins(self, match_keys: Sequence[str]) -> list[Document]:
        """Documents that share one of the keys by which works are told to be the same, ordered by id."""
        same = select(t.match_keys.c.document_key).where(t.match_keys.c.value.in_(match_keys))
        return [document_from_row(row) for row in self.rows(select(t.documents).where(t.documents.c.key.in_(same)).order_by(t.documents.c.id))]

    def seen_twins(self, match_keys: Sequence[str]) -> Twins:
        """Which versions of which documents share one of the keys, for ``put`` to compare."""
        with self.engine.connect() as connection:
            return Twins(tuple(match_keys), _twin_keys(connection, match_keys))

    def passages_by_key(self, keys: Iterable[int]) -> dict[int, tuple[Passage, int]]:
        """Passages, each with its document's key, by their integer keys; unknown keys are left out."""
        rows = self._by_key(_passage_query(), t.passages.c.key, keys)
        return {row.key: (passage_from_row(row), row.document_key) for row in rows}

    def passages_alive(self, keys: Iterable[int]) -> list[int]:
        """Those of the keys that are passages of the library."""
        return [row.key for row in self._by_key(select(t.passages.c.key), t.passages.c.key, keys)]

    def passages_of(self, document_id: str) -> list[Passage]:
        """A document's passages in order."""
        rows = self.rows(_passage_query().where(t.documents.c.id == document_id).order_by(t.passages.c.ordinal))
        return [passage_from_row(row) for row in rows]

    def indexable(self, document_ids: Sequence[str]) -> list[Indexable]:
        """What the followers index of the documents that exist, in the order asked for."""
        d = t.documents.c
        rows = {row.id: row for row in self._by_key(select(d.key, d.id, d.record, d.language), d.id, document_ids)}
        passages: dict[int, list[tuple[int, Passage]]] = {}
        for row in self._by_key(_passage_query().order_by(t.passages.c.key), t.passages.c.document_key, [row.key for row in rows.values()]):
            passages.setdefault(row.document_key, []).append((row.key, passage_from_row(row)))
        found = [rows[document_id] for document_id in document_ids if document_id in rows]
        return [Indexable(row.id, record_from_json(row.record), row.language, tuple(passages.get(row.key, ()))) for row in found]

    def holds_chinese(self) -> bool:
        """Whether any document is in Chinese."""
        return bool(self.rows(select(t.documents.c.key).where(t.documents.c.language == "zh").limit(1)))

    def chinese_texts(self, limit: int, hidden: Sequence[int] = ()) -> Iterator[str]:
        """Texts of passages of Chinese documents outside hidden collections, the newest first, at most ``limit``."""
        query = select(t.passages.c.text).join(t.documents).where(t.documents.c.language == "zh").order_by(t.passages.c.key.desc()).limit(limit)
        if hidden:
            query = query.where(t.documents.c.id.not_in(visible.members_query(hidden)))
        with self.engine.connect() as connection:
            yield from (row.text for row in connection.execution_options(yield_per=500).execute(query))

    def passage_keys(self, ids: Sequence[str]) -> dict[str, int]:
        """Integer keys by passage id."""
        rows = self._by_key(select(t.passages.c.id, t.passages.c.key), t.passages.c.id, ids)
        return {row.id: row.key for row in rows}

    def entity_keys(self, ids: Sequence[str]) -> dict[str, int]:
        """Integer keys by entity id."""
        rows = self._by_key(select(t.entities.c.id, t.entities.c.key), t.entities.c.id, ids)
        return {row.id: row.key for row in rows}

    def texts_and_titles(self, keys: Sequence[int]) -> dict[int, tuple[str, str | None]]:
        """Each passage's text and its document's title, by passage key, for callers that need no more."""
        query = select(t.passages.c.key, t.passages.c.text, t.documents.c.title).join(t.documents)
        return {key: (text, title) for key, text, title in self._by_key(query, t.passages.c.key, keys)}

    def keys_of(self, document_ids: Sequence[str]) -> dict[str, int]:
        """Integer keys by document id."""
        rows = self._by_key(select(t.documents.c.id, t.documents.c.key), t.documents.c.id, document_ids)
        return {row.id: row.key for row in rows}

    def objects_of(self, passage_keys: Iterable[int]) -> dict[str, list[KnowledgeObject]]:
        """Knowledge objects by passage id."""
        query = select(t.objects, t.passages.c.id.label("passage_id")).join(t.passages)
        found: dict[str, list[KnowledgeObject]] = {}
        for row in self._by_key(query, t.objects.c.passage_key, passage_keys):
            found.setdefault(row.passage_id, []).append(KnowledgeObject(row.passage_id, row.start, row.end, row.role, row.score))
        return found

    def filtered_documents(self, filters: Filters) -> Select[Any]:
        """A query for the keys of the documents that pass the filters."""
        d, query = t.documents.c, select(t.documents.c.key)
        simple = ((d.venue, filters.venues), (d.language, filters.languages), (d.kind, filters.kinds), (d.id, filters.documents), (d.licence, filters.licences))
        query = query.where(*(column.in_(values) for column, values in simple if values))
        if filters.year_from is not None:
            query = query.where(d.year >= filters.year_from)
        if filters.year_to is not None:
            query = query.where(d.year <= filters.year_to)
        if filters.retracted is not None:
            query = query.where(d.retracted.is_not(None) if filters.retracted else d.retracted.is_(None))
        if filters.collections:
            query = query.where(d.id.in_(visible.members_query(filters.collections)))
        if filters.hidden:
            query = query.where(d.id.not_in(visible.members_query(filters.hidden)))
        if filters.authors:
            wanted = select(t.links.c.document_key).where(t.links.c.type == "BY", t.links.c.name.in_(filters.authors))
            query = query.where(d.key.in_(wanted))
        return query

    def filtered_ids(self, filters: Filters) -> list[str]:
        """Ids of the documents that pass the filters, ascending."""
        query = select(t.documents.c.id).where(t.documents.c.key.in_(self.filtered_documents(filters)))
        return [row.id for row in self.rows(query.order_by(t.documents.c.id))]

    def filtered_passages(self, filters: Filters) -> list[int]:
        """Keys of the passages that pass the filters, ascending."""
        query = select(t.passages.c.key).where(t.passages.c.document_key.in_(self.filtered_documents(filters)))
        return [row.key for row in self.rows(query.order_by(t.passages.c.key))]

    def _by_key(self, query: Select[Any], column: Any, keys: Iterable[Any]) -> Iterator[Any]:
        wanted = list(keys)
        with self.engine.connect() as connection:
            for start in range(0, len(wanted), _MANY):
                yield from connection.execute(query.where(column.in_(wanted[start : start + _MANY])))


def _passage_query() -> Select[Any]:
    return select(t.passages, t.documents.c.id.label("document_id")).join(t.documents)


def _append_change(connection: Connection, kind: str, document_id: str) -> int:
    result = connection.execute(_INSERTS[t.changes], {"kind": kind, "document_id": document_id})
    return _new_key(result)


def _new_key(result: CursorResult[Any]) -> int:
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def _remove(connection: Connection, document_id: str) -> bool:
    key = connection.execute(_DOCUMENT_KEY, {"id": document_id}).scalar()
    if key is None:
        return False
    _remove_extraction(connection, key)
    for table in (t.links, t.match_keys, t.passages):
        connection.execute(delete(table).where(table.c.document_key == key))
    connection.execute(delete(t.documents).where(t.documents.c.key == key))
    return True


def _remove_extraction(connection: Connection, document_key: int) -> None:
    named = connection.execute(select(t.forms.c.entity_key).where(t.forms.c.document_key == document_key).distinct()).scalars()
    connection.info.setdefault("named", set()).update(named)
    passages = select(t.passages.c.key).where(t.passages.c.document_key == document_key)
    for table in (t.mentions, t.statements, t.objects):
        connection.execute(delete(table).where(table.c.passage_key.in_(passages)))
    connection.execute(delete(t.forms).where(t.forms.c.document_key == document_key))


def _remove_orphans(connection: Connection) -> None:
    """Entities that no document names any more go with the last one that did."""
    candidates = sorted(connection.info.pop("named", ()))
    for start in range(0, len(candidates), _MANY):
        still_named = exists().where(t.forms.c.entity_key == t.entities.c.key)
        connection.execute(delete(t.entities).where(t.entities.c.key.in_(candidates[start : start + _MANY]), ~still_named))


def _twin_keys(connection: Connection, match_keys: Sequence[str]) -> frozenset[int]:
    return frozenset(connection.execute(_TWIN_KEYS, {"values": list(match_keys)}).scalars()) if match_keys else frozenset()


def retraction_keys(record: Record) -> list[str]:
    """The identifiers by which notices of retraction name a work."""
    return [f"{kind}:{record.identifiers[kind]}" for kind in ("doi", "pmid") if record.identifiers.get(kind)]


def _mark_of(connection: Connection, keys: Sequence[str]) -> str | None:
    """The notice that the mirror of retractions holds for a work, so that what is ingested later is marked too."""
    return connection.execute(_NOTICE, {"keys": list(keys)}).scalar() if keys else None


def _notices_of(connection: Connection, keys: Sequence[str]) -> list[list[str]] | None:
    """The expressions of concern and corrections that the mirror holds for a work; None for none."""
    rows = connection.execute(_NOTICES, {"keys": list(keys)}) if keys else ()
    return [list(pair) for pair in dict.fromkeys((row.kind, row.notice) for row in rows)] or None


def _insert_parcel(connection: Connection, parcel: Parcel) -> None:
    marks = retraction_keys(parcel.document.record)
    titled = filter(None, [title_key(parcel.document.record.title, parcel.document.record.year)])
    row = document_row(parcel.document)
    row["retracted"] = _mark_of(connection, marks) or row["retracted"]
    row["notices"] = _notices_of(connection, marks) or row["notices"]
    document_key = _new_key(connection.execute(_INSERTS[t.documents], row))
    _insert_rows(connection, t.passages, [passage_row(passage, document_key) for passage in parcel.passages])
    keys = {row.id: row.key for row in connection.execute(_PASSAGE_KEYS, {"document_key": document_key})}
    visible.enter(connection, parcel.document.id, parcel.document.record.source.path)
    _insert_extraction(connection, parcel.extraction, document_key, keys)
    _insert_rows(connection, t.links, link_rows(parcel.document, document_key))
    _insert_rows(connection, t.match_keys, [{"document_key": document_key, "value": value} for value in dict.fromkeys((*parcel.match_keys, *marks, *titled))])


def _insert_extraction(connection: Connection, found: Extraction, document_key: int, passages: dict[str, int]) -> None:
    entities = _entity_keys(connection, [entity.id for entity in found.entities])
    _insert_rows(connection, t.forms, form_rows(found, entities, document_key))
    _insert_rows(connection, t.mentions, [
        {"entity_key": entities[m.entity_id], "passage_key": passages[m.passage_id], "start": m.start, "end": m.end,
         "method": m.method, "score": m.score} for m in found.mentions])
    _insert_rows(connection, t.statements, [
        {"id": s.id, "subject_key": entities[s.subject], "predicate": s.predicate, "object_key": entities[s.object],
         "passage_key": passages[s.passage_id], "start": s.start, "end": s.end, "polarity": s.polarity, "method": s.method,
         "score": s.score} for s in found.statements])
    _insert_rows(connection, t.objects, [
        {"passage_key": passages[o.passage_id], "start": o.start, "end": o.end, "role": o.role, "score": o.score} for o in found.objects])


def _entity_keys(connection: Connection, ids: list[str]) -> dict[str, int]:
    """Keys of the entities, making those that are new."""
    found = _select_entities(connection, ids)
    if missing := [{"id": entity_id} for entity_id in dict.fromkeys(ids) if entity_id not in found]:
        connection.execute(_INSERTS[t.entities], missing)
        found.update(_select_entities(connection, [row["id"] for row in missing]))
    return found


def _select_entities(connection: Connection, ids: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(ids), _MANY):
        found.update({row.id: row.key for row in connection.execute(_ENTITY_KEYS, {"ids": ids[start : start + _MANY]})})
    return found


def _insert_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(_INSERTS[table], rows)
