"""An ingest batch: files → records → documents → passages → extraction → catalogue, followers behind it.

Knows the order of the stages and quarantine; the batch is a job whose files workers share
(``kgrag.catalogue.jobs``). Each stage is a pure function of its own module. A file that was read unchanged
before costs a look at its size and time; killed at any moment, the next run goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ingest.extract.everything import DEFAULT, extractor_of
from ingest.files_seen import FileState, note, rename, unchanged
from ingest.pool import Prepared, ReadingPool, Stopped, heartbeat, in_order, reading_pool
from ingest.readers import read_file
from ingest.readers.base import BrokenRecord, Withdrawn
from ingest.readers.walk import Refused, walk
from ingest.text.normalise import normalise
from ingest.text.split import split
from ingest.works.local_ids import told_apart
from ingest.works.unite import unite, with_extraction
from ingest.works.withdraw import withdraw
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.jobs import Jobs
from kgrag.catalogue.reading import Twins
from kgrag.catalogue.store import TwinsChanged
from kgrag.errors import ReadError
from kgrag.library import Library
from kgrag.protocols import Extractor
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


@dataclass
class Tally:
    """What a batch did so far; the JSON of ``kgrag ingest`` is made from it."""

    documents: int = 0
    passages: int = 0
    skipped: int = 0
    files: int = 0
    quarantined: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started


def prepare(record: Record, extractor: Extractor = DEFAULT) -> Parcel:
    """One record through normalise, split and extract: pure and picklable."""
    normalised = normalise(record)
    return with_extraction(normalised.document, split(normalised.document, normalised.blocks), extractor)


def prepare_file(path: Path, extractor: Extractor = DEFAULT) -> Iterator[Prepared]:
    """Every record of a file, prepared; a broken record costs only itself.

    Raises:
        ReadError: the file as a whole cannot be read.
    """
    n_records = 0
    for item in read_file(path):
        n_records += 1
        yield item if isinstance(item, BrokenRecord) else prepare(item, extractor)
    if n_records == 0:
        raise ReadError(f"{path.name} holds no record.")


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
    for found in walk(paths):
        if isinstance(found, Refused):
            batch.quarantine(str(found.path), found.reason)
        elif unchanged(batch.catalogue, state := FileState.of(found)):
            batch.tally.skipped += 1
        else:
            pending.append(state)
    with batch.catalogue.writing():
        job = jobs.create(
            [str(path) for path in paths],
            [(state.path, state.size) for state in pending],
            batch.tally.skipped,
            batch.tally.quarantined,
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
    batch.tally.quarantined += [problem for problem in jobs.failed(job) if problem["path"] not in named]
    batch.catch_up(wait_s=None)
    return _report(batch.catalogue, batch.tally)


def _take_all(batch: _Batch, jobs: Jobs, job: int, worker: str, pool: ReadingPool | None) -> None:
    while True:
        claimed = (item for items in iter(lambda: jobs.claim(job, worker), []) for item in items)
        for item, found in in_order(claimed, pool, partial(prepare_file, extractor=batch.extractor)):
            jobs.begin(item, worker)
            start, before = (
                time.perf_counter(),
                (
                    batch.tally.documents,
                    batch.tally.passages,
                    len(batch.tally.quarantined),
                ),
            )
            batch.take_file(Path(item.path), found)
            after = batch.tally
            jobs.finish(
                item,
                worker,
                after.documents - before[0],
                after.passages - before[1],
                after.quarantined[before[2] :],
                time.perf_counter() - start,
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

    def take_file(self, path: Path, items: Iterator[Prepared]) -> None:
        """Store a file's documents, then note the file as done (or quarantined)."""
        ids: list[str] = []
        reason = None
        try:
            for some in _in_transactions(items):
                for broken in (item for item in some if isinstance(item, BrokenRecord)):
                    if isinstance(broken, Withdrawn):
                        self.tally.notes += withdraw(self.catalogue, broken.identifier)
                    else:
                        self.quarantine(f"{path}#{broken.record_number}", broken.reason)
                ids += self.take_many([item for item in some if isinstance(item, Parcel)])
                if self.stopped():
                    raise Stopped
        except (ReadError, OSError) as error:
            reason = str(error)
            self.quarantine(str(path), reason)
        self.tally.files += 1
        if path.exists():
            note(self.catalogue, path, ids, reason)
        self.progress(self.tally)

    def take(self, parcel: Parcel) -> str:
        """One document into the catalogue, under the id returned; the same document of the same source again
        costs nothing.
        """
        seen = self.catalogue.seen_twins(parcel.match_keys)
        if (seen.keys or not parcel.match_keys) and self._known(parcel):
            self.tally.skipped += 1
            return parcel.document.id
        merged = self._united(parcel, seen)
        self._count([merged])
        return merged.document.id

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

    def _united(self, parcel: Parcel, seen: Twins) -> Parcel:
        """Put a document, joined with its twins; looked at again where another worker stored one of them
        meanwhile.
        """
        while True:
            merged, replaced = unite(self.catalogue, parcel, self.extractor) if seen.keys else (parcel, [])
            try:
                self.catalogue.put(merged, replaced, seen)
            except TwinsChanged:
                seen = self.catalogue.seen_twins(parcel.match_keys)
                continue
            for old in replaced:
                rename(self.catalogue, old, merged.document.id)
            return merged

    def catch_up(self, wait_s: float | None = 0) -> None:
        """Let the followers follow, unless another process sees to that; one that does not answer is named
        and left behind.
        """
        start, self._since_catch_up = time.perf_counter(), 0
        self.tally.warnings = sorted(self.library.catch_up(wait_s=wait_s).values())
        end = time.perf_counter()
        self._next_catch_up = end + REST * (end - start)

    def quarantine(self, path: str, reason: str) -> None:
        """Name a file or record that could not be read."""
        self.tally.quarantined.append({"path": path, "reason": reason})

    def _known(self, parcel: Parcel) -> bool:
        document = parcel.document
        query = select(t.documents.c.text, t.documents.c.record).where(t.documents.c.id == document.id)
        rows = self.catalogue.rows(query.where(t.documents.c.sha256 == document.record.source.sha256))
        return bool(rows) and rows[0].text == document.text


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


def _report(catalogue: Catalogue, tally: Tally) -> dict[str, Any]:
    counts = {
        name: catalogue.count(table)
        for name, table in (("passages", t.passages), ("entities", t.entities), ("statements", t.statements))
    }
    return {
        "documents": tally.documents,
        **counts,
        "skipped": tally.skipped,
        "quarantined": tally.quarantined,
        "warnings": [*tally.warnings, *tally.notes],
        "seconds": round(tally.seconds, 3),
    }
