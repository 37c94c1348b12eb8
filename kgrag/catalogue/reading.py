"""Reads the catalogue: documents, passages, keys, counts, and which documents pass filters.

Knows SQL and the tables. Does not write; ``store`` puts writing beside it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, bindparam, exists, func, select

from kgrag.catalogue import schema as t
from kgrag.catalogue.corrections import corrected_record, corrections_of, uncorrected_record
from kgrag.catalogue.engine import chunks
from kgrag.catalogue.parcels.members import members_query
from kgrag.catalogue.parcels.put import twin_keys
from kgrag.catalogue.rows import document_from_row, passage_from_row, record_from_json, source_from_row
from kgrag.errors import NotFound
from kgrag.language.names import normalise_name
from kgrag.types import Change, Document, Filters, HeldSource, KnowledgeObject, Passage, Record

MORE = 1_500
"""Characters beyond the abstract from which a text is a paper's and no record's."""
_HEAD = select(func.max(t.changes.c.seq))


def _among(query: Select[Any], column: Any) -> Select[Any]:
    """The query for rows whose column is among ``among``; made once, since making a query takes longer than
    running it.
    """
    return query.where(column.in_(bindparam("among", expanding=True)))


_WITH_DOCUMENT = select(t.passages, t.documents.c.id.label("document_id")).join(t.documents)
_PASSAGES, _PASSAGES_OF = (
    _among(_WITH_DOCUMENT, t.passages.c.key),
    _among(_WITH_DOCUMENT, t.passages.c.document_key).order_by(t.passages.c.key),
)
_ALIVE, _PASSAGE_KEYS = (
    _among(select(t.passages.c.key), t.passages.c.key),
    _among(select(t.passages.c.id, t.passages.c.key), t.passages.c.id),
)
_TEXTS = _among(
    select(t.passages.c.key, t.passages.c.text, t.documents.c.title).join(t.documents), t.passages.c.key
)
_DOCUMENTS, _DOCUMENT_KEYS = (
    _among(select(t.documents), t.documents.c.key),
    _among(select(t.documents.c.id, t.documents.c.key), t.documents.c.id),
)
_RECORDS = _among(
    select(t.documents.c.key, t.documents.c.id, t.documents.c.record, t.documents.c.language),
    t.documents.c.id,
)
_ENTITY_KEYS = _among(select(t.entities.c.id, t.entities.c.key), t.entities.c.id)
_OBJECTS = _among(
    select(t.objects, t.passages.c.id.label("passage_id")).join(t.passages), t.objects.c.passage_key
)


@dataclass(frozen=True, slots=True)
class Indexable:
    """A document as the vector and word followers need it: its record and its passages with their keys."""

    id: str
    record: Record
    language: str | None
    passages: tuple[tuple[int, Passage], ...]


@dataclass(frozen=True, slots=True)
class Twins:
    """Documents that shared one of the match keys at the look-up: their keys, which change with each
    version.
    """

    match_keys: tuple[str, ...]
    keys: frozenset[int]


class Reading:
    """The reading half of ``Catalogue``.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._size: tuple[int, int, int] | None = None
        self._in_hand = threading.local()  # each thread's open transaction, for ``store`` to set

    def _reading(self) -> AbstractContextManager[Connection]:
        """A connection for reading: that of the transaction which this thread has open, since it should see
        what it wrote; else one of its own.
        """
        held: Connection | None = getattr(self._in_hand, "connection", None)
        return self.engine.connect() if held is None else nullcontext(held)

    # -- the feed --------------------------------------------------------------------------------------------

    def head(self) -> int:
        """The seq of the newest change; 0 when there is none."""
        with self._reading() as connection:
            return connection.execute(_HEAD).scalar() or 0

    def changes(self, after: int, limit: int) -> list[Change]:
        """Up to ``limit`` changes after a seq, oldest first; of several of one document only the newest is
        given.
        """
        newer = t.changes.alias()
        query = (
            select(t.changes)
            .where(t.changes.c.seq > after)
            .where(
                ~exists().where(newer.c.document_id == t.changes.c.document_id, newer.c.seq > t.changes.c.seq)
            )
            .order_by(t.changes.c.seq)
            .limit(limit)
        )
        return [Change(row.seq, row.kind, row.document_id) for row in self.rows(query)]

    # -- reading ---------------------------------------------------------------------------------------------

    def rows(self, query: Select[Any], **parameters: Any) -> list[Any]:
        """All rows of a query."""
        with self._reading() as connection:
            return list(connection.execute(query, parameters))

    def count(self, table: Table) -> int:
        """Number of rows of a table."""
        return int(self.rows(select(func.count()).select_from(table))[0][0])

    def size(self, hidden: Sequence[int] = ()) -> tuple[int, int]:
        """Documents and passages outside hidden collections; of the whole library they are counted again only
        after a change.
        """
        if hidden:
            inside = self.filtered_documents(Filters(hidden=tuple(hidden))).subquery()
            counts = (
                select(func.count()).select_from(inside),
                select(func.count()).where(t.passages.c.document_key.in_(select(inside.c.key))),
            )
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

    def documents(
        self, after: str = "", limit: int | None = None, hidden: Sequence[int] = ()
    ) -> Iterator[Document]:
        """Documents outside hidden collections, in the order of their ids."""
        query = select(t.documents).where(t.documents.c.id > after).order_by(t.documents.c.id).limit(limit)
        if hidden:
            query = query.where(t.documents.c.id.not_in(members_query(hidden)))
        with self.engine.connect() as connection:
            yield from map(document_from_row, connection.execution_options(yield_per=200).execute(query))

    def documents_by_key(self, keys: Iterable[int]) -> dict[int, Document]:
        """Documents by their integer keys."""
        return {row.key: document_from_row(row) for row in self._by_key(_DOCUMENTS, keys)}

    def twins(self, match_keys: Sequence[str]) -> list[Document]:
        """Documents that share one of the keys by which works are told to be the same, ordered by id."""
        same = select(t.match_keys.c.document_key).where(t.match_keys.c.value.in_(match_keys))
        return [
            document_from_row(row)
            for row in self.rows(
                select(t.documents).where(t.documents.c.key.in_(same)).order_by(t.documents.c.id)
            )
        ]

    def sources_of(self, document_id: str) -> list[HeldSource]:
        """The sources that a document was united from, in the order of their files; none where it has one."""
        s = t.work_sources
        query = (
            select(s)
            .join(t.documents, t.documents.c.key == s.c.document_key)
            .where(t.documents.c.id == document_id)
            .order_by(s.c.path, s.c.record_number)
        )
        return [source_from_row(row) for row in self.rows(query)]

    def united_ids(self, path: str | None = None) -> list[str]:
        """Ids of the documents that were united from several sources, one of them this file."""
        s = t.work_sources
        query = select(t.documents.c.id).join(s, t.documents.c.key == s.c.document_key).distinct()
        if path is not None:
            query = query.where(s.c.path == path)
        return [row.id for row in self.rows(query.order_by(t.documents.c.id))]

    def corrected(self, record: Record, ids: Iterable[str]) -> Record:
        """A record as people corrected it under any of the ids."""
        with self._reading() as connection:
            return corrected_record(record, corrections_of(connection, ids))

    def uncorrected(self, record: Record, document_id: str) -> Record:
        """The record of a document of one source as that says it."""
        with self._reading() as connection:
            return uncorrected_record(record, corrections_of(connection, [document_id]))

    def seen_twins(self, match_keys: Sequence[str]) -> Twins:
        """Which versions of which documents share one of the keys, for ``put`` to compare."""
        with self._reading() as connection:
            return Twins(tuple(match_keys), twin_keys(connection, match_keys))

    def passages_by_key(self, keys: Iterable[int]) -> dict[int, tuple[Passage, int]]:
        """Passages, each with its document's key, by their integer keys; unknown keys are left out."""
        rows = self._by_key(_PASSAGES, keys)
        return {row.key: (passage_from_row(row), row.document_key) for row in rows}

    def passages_alive(self, keys: Iterable[int]) -> list[int]:
        """Those of the keys that are passages of the library."""
        return [row.key for row in self._by_key(_ALIVE, keys)]

    def passages_of(self, document_id: str) -> list[Passage]:
        """A document's passages in order."""
        rows = self.rows(_WITH_DOCUMENT.where(t.documents.c.id == document_id).order_by(t.passages.c.ordinal))
        return [passage_from_row(row) for row in rows]

    def indexable(self, document_ids: Sequence[str]) -> list[Indexable]:
        """What the followers index of the documents that exist, in the order asked for."""
        rows = {row.id: row for row in self._by_key(_RECORDS, document_ids)}
        passages: dict[int, list[tuple[int, Passage]]] = {}
        for row in self._by_key(_PASSAGES_OF, [row.key for row in rows.values()]):
            passages.setdefault(row.document_key, []).append((row.key, passage_from_row(row)))
        found = [rows[document_id] for document_id in document_ids if document_id in rows]
        return [
            Indexable(row.id, record_from_json(row.record), row.language, tuple(passages.get(row.key, ())))
            for row in found
        ]

    def holds_chinese(self) -> bool:
        """Whether any document is in Chinese."""
        return bool(self.rows(select(t.documents.c.key).where(t.documents.c.language == "zh").limit(1)))

    def texts(self, limit: int, hidden: Sequence[int] = (), *, chinese: bool) -> Iterator[str]:
        """Texts of passages of documents outside hidden collections, in Chinese or in other languages, the
        newest first, at most ``limit``.
        """
        language = t.documents.c.language
        query = (
            select(t.passages.c.text)
            .join(t.documents)
            .where(language == "zh" if chinese else language.is_distinct_from("zh"))
            .order_by(t.passages.c.key.desc())
            .limit(limit)
        )
        if hidden:
            query = query.where(t.documents.c.id.not_in(members_query(hidden)))
        with self.engine.connect() as connection:
            yield from (row.text for row in connection.execution_options(yield_per=500).execute(query))

    def passage_keys(self, ids: Sequence[str]) -> dict[str, int]:
        """Integer keys by passage id."""
        rows = self._by_key(_PASSAGE_KEYS, ids)
        return {row.id: row.key for row in rows}

    def entity_keys(self, ids: Sequence[str]) -> dict[str, int]:
        """Integer keys by entity id."""
        rows = self._by_key(_ENTITY_KEYS, ids)
        return {row.id: row.key for row in rows}

    def texts_and_titles(self, keys: Sequence[int]) -> dict[int, tuple[str, str | None]]:
        """Each passage's text and its document's title, by passage key, for callers that need only these."""
        return {key: (text, title) for key, text, title in self._by_key(_TEXTS, keys)}

    def keys_of(self, document_ids: Sequence[str]) -> dict[str, int]:
        """Integer keys by document id."""
        rows = self._by_key(_DOCUMENT_KEYS, document_ids)
        return {row.id: row.key for row in rows}

    def objects_of(self, passage_keys: Iterable[int]) -> dict[str, list[KnowledgeObject]]:
        """Knowledge objects by passage id."""
        found: dict[str, list[KnowledgeObject]] = {}
        for row in self._by_key(_OBJECTS, passage_keys):
            found.setdefault(row.passage_id, []).append(
                KnowledgeObject(row.passage_id, row.start, row.end, row.role, row.score)
            )
        return found

    def filtered_documents(self, filters: Filters) -> Select[Any]:
        """A query for the keys of the documents that pass the filters."""
        d, query = t.documents.c, select(t.documents.c.key)
        simple = (
            (d.venue, filters.venues),
            (d.language, filters.languages),
            (d.kind, filters.kinds),
            (d.id, filters.documents),
            (d.licence, filters.licences),
        )
        query = query.where(*(column.in_(values) for column, values in simple if values))
        if filters.year_from is not None:
            query = query.where(d.year >= filters.year_from)
        if filters.year_to is not None:
            query = query.where(d.year <= filters.year_to)
        if filters.retracted is not None:
            query = query.where(d.retracted.is_not(None) if filters.retracted else d.retracted.is_(None))
        if filters.collections:
            query = query.where(d.id.in_(members_query(filters.collections)))
        if filters.hidden:
            query = query.where(d.id.not_in(members_query(filters.hidden)))
        if filters.authors:
            wanted = select(t.links.c.document_key).where(
                t.links.c.type == "BY", t.links.c.name.in_(filters.authors)
            )
            query = query.where(d.key.in_(wanted))
        if filters.subjects:
            targets = ["heading:" + normalise_name(subject) for subject in filters.subjects]
            about = select(t.links.c.document_key).where(
                t.links.c.type == "ABOUT", t.links.c.target.in_(targets)
            )
            query = query.where(d.key.in_(about))
        if filters.whole is not None:
            query = query.where(is_whole() if filters.whole else ~is_whole())
        return query

    def filtered_ids(self, filters: Filters) -> list[str]:
        """Ids of the documents that pass the filters, ascending."""
        query = select(t.documents.c.id).where(t.documents.c.key.in_(self.filtered_documents(filters)))
        return [row.id for row in self.rows(query.order_by(t.documents.c.id))]

    def filtered_passages(self, filters: Filters) -> list[int]:
        """Keys of the passages that pass the filters, ascending."""
        query = select(t.passages.c.key).where(
            t.passages.c.document_key.in_(self.filtered_documents(filters))
        )
        return [row.key for row in self.rows(query.order_by(t.passages.c.key))]

    def _by_key(self, query: Select[Any], keys: Iterable[Any]) -> Iterator[Any]:
        with self._reading() as connection:
            for some in chunks(keys):
                yield from connection.execute(query, {"among": some})


def is_whole() -> ColumnElement[bool]:
    """Whether a document's text goes on where its abstract ends."""
    d = t.documents.c
    abstract = func.length(func.coalesce(d.record["abstract"].as_string(), ""))
    return func.length(d.text) > abstract + MORE
