"""Stores documents in the catalogue, a library's only truth, and takes them out again.

One document is one transaction, which also appends to the change feed.

Knows SQL. Does not know vectors, words or the graph: those follow the feed. SQLite in WAL mode allows many
readers and one writer across processes; PostgreSQL by URL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import OperationalError

from kgrag.catalogue import corrections
from kgrag.catalogue import schema as t
from kgrag.catalogue.damage import RESTORE
from kgrag.catalogue.engine import BUSY_TIMEOUT_S, chunks, make_engine, write_transaction
from kgrag.catalogue.migrations import migrate
from kgrag.catalogue.parcels.put import (
    DOCUMENT_KEY,
    PASSAGE_KEYS,
    append_change,
    insert_extraction,
    insert_parcel,
    remove,
    remove_extraction,
    remove_orphans,
    twin_keys,
)
from kgrag.catalogue.parcels.standing import notices_of, own_notices, retraction_keys
from kgrag.catalogue.reading import Indexable, Reading, Twins
from kgrag.catalogue.rows import record_from_json
from kgrag.errors import Damaged, KgragError, LibraryLocked, NotFound, ServiceUnavailable
from kgrag.system.files import private_folder
from kgrag.types import Extraction, Parcel, Source

__all__ = ["Catalogue", "Indexable", "Twins", "TwinsChanged", "retraction_keys"]

FILE = "catalogue.sqlite"


class TwinsChanged(LibraryLocked):
    """Another process stored the same work between the look at its twins and the put."""


class Catalogue(Reading):
    """Opens (and, where needed, creates and migrates) the catalogue of a library.

    Args:
        folder: the library; SQLite's file ``catalogue.sqlite`` lies in it.
        url: an SQLAlchemy URL instead, for PostgreSQL.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        private_folder(folder)
        self.folder = folder
        if url is None:
            _check_whole(folder / FILE)
        super().__init__(make_engine(url or f"sqlite:///{folder / FILE}", "catalogue", RESTORE))
        try:
            migrate(self.engine)
        except ServiceUnavailable as error:
            self.engine.dispose()
            address = self.engine.url.render_as_string(hide_password=True)
            raise ServiceUnavailable(
                f"The catalogue at {address} does not answer. Start the server, or correct the setting"
                " catalogue_url."
            ) from error
        except (KgragError, OperationalError):
            self.engine.dispose()
            raise

    def close(self) -> None:
        """Give the database's connections back."""
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its start.

        One that begins inside another of the same thread is part of that one: all is committed at its end, or
        nothing. So an act and the line that tells of it can be written together.

        Raises:
            LibraryLocked: another process writes for longer than a minute.
        """
        held: Connection | None = getattr(self._in_hand, "connection", None)
        if held is not None:
            yield held
            return
        self._in_hand.erased = False
        try:
            with write_transaction(self.engine) as connection:
                self._in_hand.connection = connection
                try:
                    yield connection
                finally:
                    self._in_hand.connection = None
        except OperationalError as error:
            if "locked" not in str(error):
                raise
            raise LibraryLocked(
                f"Another process writes to {self.folder} (waited {BUSY_TIMEOUT_S} s). Try again."
            ) from error
        if self._in_hand.erased:
            self.overwrite_old()

    @cached_property
    def library_id(self) -> str:
        """The library's own random id, made when its catalogue was created."""
        with self.engine.connect() as connection:
            return str(
                connection.execute(select(t.meta.c.value).where(t.meta.c.name == "library")).scalar_one()
            )

    # -- writing ---------------------------------------------------------------------------------------------

    def put(self, parcel: Parcel, instead_of: Sequence[str] = (), seen: Twins | None = None) -> int:
        """Store a document with all that was found in it, replacing an earlier version; returns the change's
        seq.

        Args:
            parcel: the document.
            instead_of: ids of other documents that became part of this one; they go in the same transaction.
            seen: the twins that were looked at before; None where none were.

        Raises:
            TwinsChanged: the twins are no longer those; look again.
        """
        with self.writing() as connection:
            if seen is not None and twin_keys(connection, seen.match_keys) != seen.keys:
                raise TwinsChanged(
                    f"Another process stored the work of '{parcel.document.id}' meanwhile. Unite again."
                )
            for other in instead_of:
                if remove(connection, other):
                    append_change(connection, "delete", other)
            remove(connection, parcel.document.id)
            insert_parcel(connection, parcel)
            remove_orphans(connection)
            return append_change(connection, "put", parcel.document.id)

    def put_extraction(self, document_id: str, extraction: Extraction) -> int:
        """Replace what was found in a document, its text and passages untouched; returns the change's seq.

        Raises:
            NotFound: no such document.
        """
        with self.writing() as connection:
            key = connection.execute(DOCUMENT_KEY, {"id": document_id}).scalar()
            if key is None:
                raise NotFound(
                    f"No document '{document_id}' in this library. List them: kgrag documents list"
                )
            remove_extraction(connection, key)
            passages = {row.id: row.key for row in connection.execute(PASSAGE_KEYS, {"document_key": key})}
            insert_extraction(connection, extraction, key, passages)
            remove_orphans(connection)
            return append_change(connection, "put", document_id)

    def put_new(self, parcels: Sequence[Parcel]) -> bool:
        """Store several documents whose works the catalogue does not hold, in one transaction; False, and
        nothing stored, where it holds one of them.

        Args:
            parcels: of different works: no match key twice.
        """
        with self.writing() as connection:
            if any(
                connection.execute(DOCUMENT_KEY, {"id": parcel.document.id}).scalar() for parcel in parcels
            ):
                return False
            keys = [key for parcel in parcels for key in parcel.match_keys]
            if any(twin_keys(connection, some) for some in chunks(keys)):
                return False
            for parcel in parcels:
                insert_parcel(connection, parcel)
                append_change(connection, "put", parcel.document.id)
        return True

    def set_source(self, document_id: str, source: Source) -> None:
        """Note that a document, otherwise as it was, now stands elsewhere in its file; no follower needs to
        know.
        """
        held = t.documents.c.id == document_id
        with self.writing() as connection:
            record = connection.execute(select(t.documents.c.record).where(held)).scalar_one()
            changed = {**record, "source": asdict(source)}
            connection.execute(update(t.documents).where(held).values(record=changed, sha256=source.sha256))

    def delete(self, document_id: str) -> int:
        """Remove a document and everything that only it supported; returns the change's seq.

        Raises:
            NotFound: no such document.
        """
        with self.writing() as connection:
            if not remove(connection, document_id):
                raise NotFound(
                    f"No document '{document_id}' in this library. List them: kgrag documents list"
                )
            corrections.forget(connection, document_id)
            remove_orphans(connection)
            return append_change(connection, "delete", document_id)

    def set_retracted(self, notices: Mapping[str, str | None]) -> list[str]:
        """Mark documents (by id) as retracted, or take the mark back (None); returns the ids whose mark
        changed.
        """
        changed = []
        with self.writing() as connection:
            for document_id, notice in notices.items():
                differs = t.documents.c.retracted.is_distinct_from(notice)
                done = connection.execute(
                    update(t.documents)
                    .where(t.documents.c.id == document_id, differs)
                    .values(retracted=notice)
                )
                if done.rowcount:
                    append_change(connection, "put", document_id)
                    changed.append(document_id)
        return changed

    def set_notices(self, ids: Mapping[str, Sequence[str]]) -> list[str]:
        """Mark documents (by id) with the expressions of concern and corrections that the mirror holds for
        their identifiers; returns the ids whose marks changed.
        """
        changed = []
        with self.writing() as connection:
            for document_id, keys in ids.items():
                row = connection.execute(
                    select(t.documents.c.notices, t.documents.c.record).where(t.documents.c.id == document_id)
                ).one_or_none()
                held = notices_of(connection, keys, own_notices(record_from_json(row.record)) if row else ())
                if row and (row.notices or None) != held:
                    connection.execute(
                        update(t.documents).where(t.documents.c.id == document_id).values(notices=held)
                    )
                    append_change(connection, "put", document_id)
                    changed.append(document_id)
        return changed

    def overwrite_old(self) -> None:
        """After something was erased: let no older copy of its page stay in SQLite's write-ahead log.

        Inside a transaction it is done after its end, since the log cannot be cut off before.
        """
        if getattr(self._in_hand, "connection", None) is not None:
            self._in_hand.erased = True
        elif self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _check_whole(path: Path) -> None:
    """An empty file, or none where the followers have something, was a catalogue once: it is not begun anew.

    Raises:
        Damaged: it is so.
    """
    if path.is_file() and path.stat().st_size == 0:
        raise Damaged("catalogue", "the file is empty", RESTORE)
    if not path.exists() and (path.parent / "vectors" / "vectors.sqlite").exists():
        raise Damaged("catalogue", "the file is gone", RESTORE)
