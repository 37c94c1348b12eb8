"""An ingest batch: files → records → documents → passages → extraction → catalogue, followers behind it.

Knows the order of the stages and quarantine; the batch is a job whose files workers share
(``kgrag.catalogue.jobs``). Each stage is a pure function of its own module. A file that was read unchanged
before costs a look at its size and time; killed at any moment, the next run goes on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ingest.extract.everything import DEFAULT, extractor_of
from ingest.files_seen import FileState, gave, note, passed_on, unchanged
from ingest.pool import Prepared, ReadingPool, Stopped, heartbeat, in_order, reading_pool
from ingest.readers import read_file
from ingest.readers.base import BrokenRecord, Withdrawn, digest
from ingest.readers.walk import Refused, walk
from ingest.tally import Tally, report
from ingest.works.changes.left import Reread, left_behind
from ingest.works.changes.withdraw import withdraw
from ingest.works.local_ids import told_apart
from ingest.works.prepare import prepare
from ingest.works.store import stored
from ingest.works.unions import union_as_json
from ingest.works.unite import Settlement, settled
from kgrag.catalogue.jobs import Jobs
from kgrag.catalogue.store import TwinsChanged
from kgrag.errors import ReadError
from kgrag.library import Library
from kgrag.protocols import Extractor
from kgrag.system.files import is_disk_full
from kgrag.system.names import real, shown
from kgrag.types import Parcel, Record

DOCUMENTS_A_CATCH_UP = 64
REST = 4.0
"""After a catch-up, so many times as long is spent on reading: some followers copy what they hold, and that
grows with the library.
"""
POLL_S = 0.5
RECORDS_A_TRANSACTION = 32
FEW_PASSAGES = 4

Progress = Callable[["Tally"], None]
Begun = Callable[[int], None]


def prepare_file(path: Path, extractor: Extractor = DEFAULT) -> Iterator[Prepared]:
    """Every record of a file, prepared; a broken record costs only itself.

    Raises:
        ReadError: the file as a whole cannot be read, or a reader fails on it.
    """
    n_records = 0
    try:
        for item in read_file(path):
            n_records += 1
            yield item if isinstance(item, BrokenRecord) else prepare(_placed(item), extractor)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ReadError(
            f"{path.name} cannot be read: a reader failed on it ({type(error).__name__}: {error})."
        ) from error
    if n_records == 0:
        raise ReadError(f"{path.name} holds no record.")


def _placed(record: Record) -> Record:
    """The record with a path that can be stored and shown."""
    return replace(record, source=replace(record.source, path=shown(record.source.path)))


def ingest(
    library: Library,
    paths: Sequence[Path],
    progress: Progress = lambda _: None,
    begun: Begun = lambda _: None,
) -> dict[str, Any]:
    """Run a batch to its end, as a job that other workers may join.

    Args:
        library: where to.
        paths: files and folders.
        progress: called after each document and each file.
        begun: called with the job's number in the transaction that makes it.

    Returns:
        The object of ``kgrag ingest --json``.
    """
    batch = _Batch(library, Tally(), progress)
    jobs = Jobs(library.catalogue, library.settings.lease_s)
    return _work(batch, jobs, _begin(batch, jobs, paths, begun))


def begin(library: Library, paths: Sequence[Path], begun: Begun = lambda _: None) -> int:
    """Make a job of some paths without reading them; ``work`` reads. Returns its number; ``begun`` as for
    ``ingest``.
    """
    batch = _Batch(library, Tally(), lambda _: None)
    return _begin(batch, Jobs(library.catalogue, library.settings.lease_s), paths, begun)


def _begin(batch: _Batch, jobs: Jobs, paths: Sequence[Path], begun: Begun) -> int:
    pending: list[FileState] = []
    paths = [Path(os.path.abspath(path)) for path in paths]  # rights look at where a source lies
    for found in walk(paths):
        if isinstance(found, Refused):
            batch.tally.quarantine(shown(found.path), found.reason)
        elif unchanged(batch.catalogue, state := FileState.of(found)):
            batch.tally.skipped += 1
            batch.tally.unchanged += len(gave(batch.catalogue, state.path))
        else:
            pending.append(state)
    with batch.catalogue.writing():
        job = jobs.create(
            [shown(path) for path in paths],
            [(state.path, state.size) for state in pending],
            batch.tally.skipped,
            batch.tally.quarantined,
            batch.tally.unchanged,
        )
        begun(job)
    return job


def work(library: Library, job: int, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Join a job as one of its workers until nothing of it is left; the same object as ``ingest``, of this
    worker's part.

    Raises:
        NotFound: no such job.
        UsageError: the job's paths are relative to another folder.
    """
    jobs = Jobs(library.catalogue, library.settings.lease_s)
    jobs.check_folder(job)
    return _work(_Batch(library, Tally(), progress), jobs, job)


def _work(batch: _Batch, jobs: Jobs, job: int) -> dict[str, Any]:
    """Take files until none is left, those of workers that fell silent among them; stop where the job is
    paused or cancelled.
    """
    with heartbeat(jobs, job) as pulse, reading_pool(jobs.n_open(job)) as pool:
        batch.stopped = lambda: pulse.state != "running"
        try:
            _take_all(batch, jobs, job, pulse.worker, pool)
            batch.catch_up(wait_s=None)  # a job that is done can be searched
        except Stopped:
            batch.tally.notes.append(
                f"Job {job} is {jobs.state(job)}."
                + (f" Go on: kgrag jobs resume {job}" if jobs.state(job) == "paused" else "")
            )
    jobs.close(job)
    named = {item["path"] for item in batch.tally.quarantined}
    for problem in jobs.failed(job):
        if problem["path"] not in named:
            batch.tally.quarantine(problem["path"], problem["reason"])
    batch.catch_up(wait_s=None)
    return report(batch.catalogue, batch.tally)


def _take_all(batch: _Batch, jobs: Jobs, job: int, worker: str, pool: ReadingPool | None) -> None:
    while True:
        claimed = (item for items in iter(lambda: jobs.claim(job, worker), []) for item in items)
        for item, found in in_order(claimed, pool, partial(prepare_file, extractor=batch.extractor)):
            jobs.begin(item, worker)
            start, before = time.perf_counter(), replace(batch.tally)
            n_problems = len(batch.tally.quarantined)
            batch.take_file(real(item.path), found)
            after = batch.tally
            jobs.finish(
                item,
                worker,
                after.documents - before.documents,
                after.passages - before.passages,
                after.quarantined[n_problems:],
                time.perf_counter() - start,
                {name: n - before.records[name] for name, n in after.records.items()},
            )
        if not jobs.others_work(job, worker):
            return
        time.sleep(POLL_S)


class _Batch:
    """Puts prepared documents into the catalogue and lets the followers follow."""

    def __init__(self, library: Library, tally: Tally, progress: Progress) -> None:
        self.library, self.tally, self.progress = library, tally, progress
        self.catalogue = library.catalogue
        self.extractor = extractor_of(library)
        self.stopped: Callable[[], bool] = lambda: False
        self._since_catch_up = 0
        self._next_catch_up = 0.0
        self._path = ""
        self._ids: list[str] = []

    def take_file(self, path: Path, items: Iterator[Prepared]) -> None:
        """Store a file's documents, then note the file as done (or quarantined)."""
        self._path, self._ids = shown(path), []
        before, n_refused = gave(self.catalogue, self._path), len(self.tally.refused)
        reason = None
        try:
            for some in _in_transactions(items):
                for broken in (item for item in some if isinstance(item, BrokenRecord)):
                    self._take_broken(broken)
                for identifier in self.take_many([item for item in some if isinstance(item, Parcel)]):
                    self._ids.append(identifier)
                if self.stopped():
                    raise Stopped
        except (ReadError, OSError) as error:
            if is_disk_full(error):
                raise
            reason = shown(str(error))
            self.tally.quarantine(self._path, reason)
        self.tally.files += 1
        if path.exists():
            if len(self.tally.refused) == n_refused:
                self._look_for_left(path, before)
            note(self.catalogue, path, self._ids, reason)
        self.progress(self.tally)

    def _take_broken(self, broken: BrokenRecord) -> None:
        if isinstance(broken, Withdrawn):
            self.tally.notes += withdraw(self.catalogue, broken.identifier)
        else:
            self.tally.quarantine(self._path, broken.reason, broken.record_number)

    def _look_for_left(self, path: Path, before: Sequence[str]) -> None:
        """Name the records that the file gave before and no longer holds."""
        state = Reread(self._path, digest(path), before, self._ids)
        left = left_behind(self.catalogue, state, self.extractor)
        self.tally.changed += left.n_changed
        self.tally.new -= left.n_changed
        self.tally.left += left.told
        self.tally.notes += [item["told"] for item in left.told]

    def take(self, parcel: Parcel) -> str:
        """One document into the catalogue, under the id returned; the same document of the same source again
        costs nothing.
        """
        settlement = self._settled(parcel)
        self.tally.count(settlement.outcome)
        for move in settlement.moves:
            if move.path == self._path:
                self._ids = passed_on(self._ids, move)
        if settlement.outcome == "unchanged":
            self.tally.skipped += 1
            return settlement.id
        if settlement.outcome == "united" and self.tally.tells_more():
            self.tally.unions.append(union_as_json(self.catalogue, settlement.id))
        self._count([each for each in settlement.parcels if each.document.id == settlement.id])
        return settlement.id

    def take_many(self, parcels: Sequence[Parcel]) -> list[str]:
        """Several documents: in one transaction where all are new and different works, else one by one."""
        parcels = told_apart(self.catalogue, parcels, self.extractor)
        keys = [key for parcel in parcels for key in parcel.match_keys]
        different = len(keys) == len(set(keys)) and len({parcel.document.id for parcel in parcels}) == len(
            parcels
        )
        if (
            len(parcels) > 1
            and different
            and all(parcel.match_keys for parcel in parcels)
            and self.catalogue.put_new(parcels)
        ):
            self._count(parcels)
            self.tally.count("new", len(parcels))
            return [parcel.document.id for parcel in parcels]
        return [self.take(parcel) for parcel in parcels]

    def _count(self, stored: Sequence[Parcel]) -> None:
        self.tally.documents += len(stored)
        self.tally.passages += sum(len(parcel.passages) for parcel in stored)
        self.tally.notes += [
            f"{r.source.path}: {r.extra['warnings']}"
            for r in (parcel.document.record for parcel in stored)
            if r.extra.get("warnings")
        ]
        self._since_catch_up += len(stored)
        self.progress(self.tally)
        if self._since_catch_up >= DOCUMENTS_A_CATCH_UP and time.perf_counter() >= self._next_catch_up:
            self.catch_up()

    def _settled(self, parcel: Parcel) -> Settlement:
        """Put a document, joined with its twins; looked at again where another worker stored one of them
        meanwhile.
        """
        while True:
            seen = self.catalogue.seen_twins(parcel.match_keys)
            settlement = settled(self.catalogue, parcel, self.extractor)
            try:
                stored(self.catalogue, settlement, seen)
            except TwinsChanged:
                continue
            return settlement

    def catch_up(self, wait_s: float | None = 0) -> None:
        """Let the followers follow, unless another process sees to that; one that does not answer is named
        and left behind.
        """
        start, self._since_catch_up = time.perf_counter(), 0
        self.tally.warnings = sorted(self.library.catch_up(wait_s=wait_s).values())
        end = time.perf_counter()
        self._next_catch_up = end + REST * (end - start)


def _in_transactions(items: Iterator[Prepared]) -> Iterator[list[Prepared]]:
    """Items in parts: a full paper alone, bibliographic records by the dozen.

    What came before an error is handed on before it.
    """
    part: list[Prepared] = []
    try:
        for item in items:
            part.append(item)
            if len(part) >= RECORDS_A_TRANSACTION or (
                isinstance(item, Parcel) and len(item.passages) > FEW_PASSAGES
            ):
                yield part
                part = []
    except (ReadError, OSError):
        if part:
            yield part
        raise
    if part:
        yield part
