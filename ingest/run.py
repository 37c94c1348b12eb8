"""An ingest batch: files → records → documents → passages → extraction → catalogue, followers behind it.

Knows the order of the stages, the table of files seen, and quarantine. Each stage is a pure function of its own module.
A file that was read unchanged before costs a look at its size and time; killed at any moment, the next run goes on.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Text, cast, delete, insert, select, update

from ingest.normalise import normalise
from ingest.readers import read_file
from ingest.readers.base import BrokenRecord
from ingest.readers.walk import Refused, walk
from ingest.split import split
from ingest.unite import unite, with_extraction
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.errors import ReadError
from kgrag.library import Library
from kgrag.types import Parcel, Record

DOCUMENTS_A_CATCH_UP = 64
SMALL_FILE_BYTES = 32_000_000
FEW_FILES = 4

Prepared = Parcel | BrokenRecord
Progress = Callable[["Tally"], None]


@dataclass
class Tally:
    """What a batch did so far; the JSON of ``kgrag ingest`` is made from it."""

    documents: int = 0
    skipped: int = 0
    files: int = 0
    quarantined: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was when it was looked at."""

    path: str
    size: int
    mtime: float
    sha256: str = ""

    @classmethod
    def of(cls, path: Path) -> FileState:
        """Size and time only; the digest is made when the file is read."""
        status = path.stat()
        return cls(str(path), status.st_size, status.st_mtime)


def prepare(record: Record) -> Parcel:
    """One record through normalise, split and extract: pure and picklable."""
    normalised = normalise(record)
    return with_extraction(normalised.document, split(normalised.document, normalised.blocks))


def prepare_file(path: Path) -> Iterator[Prepared]:
    """Every record of a file, prepared; a broken record costs only itself.

    Raises:
        ReadError: the file as a whole cannot be read.
    """
    n_records = 0
    for item in read_file(path):
        n_records += 1
        yield item if isinstance(item, BrokenRecord) else prepare(item)
    if n_records == 0:
        raise ReadError(f"{path.name} holds no record.")


def ingest(library: Library, paths: Sequence[Path], progress: Progress = lambda _: None) -> dict[str, Any]:
    """Run a batch to its end.

    Args:
        library: where to.
        paths: files and folders.
        progress: called after each document and each file.

    Returns:
        The object of ``kgrag ingest --json``.
    """
    tally = Tally()
    batch = _Batch(library, tally, progress)
    pending: list[Path] = []
    for found in walk(paths):
        if isinstance(found, Refused):
            batch.quarantine(str(found.path), found.reason)
        elif batch.unchanged(FileState.of(found)):
            tally.skipped += 1
        else:
            pending.append(found)
    with _workers(len(pending)) as pool:
        for path, items in _in_order(pending, pool):
            batch.take_file(path, items)
    batch.catch_up(wait_s=None)
    return _report(library.catalogue, tally)


class _Batch:
    """Puts prepared documents into the catalogue and lets the followers follow."""

    def __init__(self, library: Library, tally: Tally, progress: Progress) -> None:
        self.library, self.tally, self.progress = library, tally, progress
        self.catalogue = library.catalogue
        self._since_catch_up = 0

    def unchanged(self, state: FileState) -> bool:
        """Whether this very file was read before and its documents are still there."""
        rows = self.catalogue.rows(select(t.files).where(t.files.c.path == state.path))
        if not rows or (rows[0].size, rows[0].mtime) != (state.size, state.mtime) or rows[0].outcome != "done":
            return False
        return len(self.catalogue.keys_of(rows[0].documents)) == len(rows[0].documents)

    def take_file(self, path: Path, items: Iterator[Prepared]) -> None:
        """Store a file's documents, then note the file as done (or quarantined)."""
        ids: list[str] = []
        reason = None
        try:
            for item in items:
                if isinstance(item, BrokenRecord):
                    self.quarantine(f"{path}#{item.record_number}", item.reason)
                else:
                    ids.append(self.take(item))
        except ReadError as error:
            reason = str(error)
            self.quarantine(str(path), reason)
        self.tally.files += 1
        self._note(path, ids, reason)
        self.progress(self.tally)

    def take(self, parcel: Parcel) -> str:
        """One document into the catalogue, under the id returned; the same document of the same source again costs nothing."""
        if self._known(parcel):
            self.tally.skipped += 1
            return parcel.document.id
        merged, replaced = unite(self.catalogue, parcel)
        self.catalogue.put(merged, replaced)
        for old in replaced:
            self._rename(old, merged.document.id)
        self.tally.documents += 1
        self._since_catch_up += 1
        self.progress(self.tally)
        if self._since_catch_up >= DOCUMENTS_A_CATCH_UP:
            self.catch_up()
        return merged.document.id

    def catch_up(self, wait_s: float | None = 0) -> None:
        """Let the followers follow, unless another process sees to that; one that does not answer is named and left behind."""
        self._since_catch_up = 0
        self.tally.warnings = sorted(self.library.catch_up(wait_s=wait_s).values())

    def quarantine(self, path: str, reason: str) -> None:
        """Name a file or record that could not be read."""
        self.tally.quarantined.append({"path": path, "reason": reason})

    def _known(self, parcel: Parcel) -> bool:
        document = parcel.document
        query = select(t.documents.c.text, t.documents.c.record).where(t.documents.c.id == document.id)
        rows = self.catalogue.rows(query.where(t.documents.c.sha256 == document.record.source.sha256))
        return bool(rows) and rows[0].text == document.text

    def _rename(self, old: str, new: str) -> None:
        """Files that gave a document which became part of another point to that one now."""
        holds = cast(t.files.c.documents, Text).contains(json.dumps(old), autoescape=True)
        for row in self.catalogue.rows(select(t.files.c.path, t.files.c.documents).where(holds)):
            ids = [new if each == old else each for each in row.documents]
            with self.catalogue.writing() as connection:
                connection.execute(update(t.files).where(t.files.c.path == row.path).values(documents=ids))

    def _note(self, path: Path, ids: list[str], reason: str | None) -> None:
        state = FileState.of(path)
        row = {"path": state.path, "size": state.size, "mtime": state.mtime, "sha256": "", "documents": ids,
               "outcome": "quarantined" if reason else "done", "reason": reason}
        with self.catalogue.writing() as connection:
            connection.execute(delete(t.files).where(t.files.c.path == state.path))
            connection.execute(insert(t.files).values(row))


def _report(catalogue: Catalogue, tally: Tally) -> dict[str, Any]:
    counts = {name: catalogue.count(table) for name, table in (("passages", t.passages), ("entities", t.entities), ("statements", t.statements))}
    return {"documents": tally.documents, **counts, "skipped": tally.skipped, "quarantined": tally.quarantined,
            "warnings": tally.warnings, "seconds": round(tally.seconds, 3)}


# -- reading in processes ----------------------------------------------------------------------------------------


@contextmanager
def _workers(n_files: int) -> Iterator[Executor | None]:
    """Processes for reading and extracting; none where they would cost more than they save."""
    n = min(os.cpu_count() or 1, n_files)
    if n_files < FEW_FILES or n < 2:
        yield None
        return
    pool = ProcessPoolExecutor(n, mp_context=get_context("forkserver"))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _whole(path: Path) -> list[Prepared] | ReadError:
    """All of a small file, in a worker; its error as a value, so that it keeps its type on the way back."""
    try:
        return list(prepare_file(path))
    except ReadError as error:
        return error


def _in_order(paths: list[Path], pool: Executor | None) -> Iterator[tuple[Path, Iterator[Prepared]]]:
    """Files in order with their prepared records; a few small files ahead are read in the workers."""
    if pool is None:
        yield from ((path, prepare_file(path)) for path in paths)
        return
    waiting: list[tuple[Path, Future[Any] | None]] = []
    coming = iter(paths)
    while True:
        for path in islice(coming, max(0, 2 * (os.cpu_count() or 1) - len(waiting))):
            small = path.stat().st_size < SMALL_FILE_BYTES
            waiting.append((path, pool.submit(_whole, path) if small else None))
        if not waiting:
            return
        path, future = waiting.pop(0)
        yield path, _result(path, future)


def _result(path: Path, future: Future[Any] | None) -> Iterator[Prepared]:
    if future is None:
        yield from prepare_file(path)
        return
    try:
        found = future.result()
    except BrokenProcessPool as error:
        raise ReadError(f"{path.name} ended the process that read it (out of memory, or a fault in a library).") from error
    if isinstance(found, ReadError):
        raise found
    yield from found


