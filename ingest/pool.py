"""Reading in processes, ahead of the worker that stores, and the pulse by which a worker shows that it lives.

Knows processes, futures and leases' time. Does not know the catalogue's documents. A file that ends the
process that reads it is tried once more alone, so that it costs no other file.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ingest.readers.base import BrokenRecord
from kgrag.catalogue.jobs import Item, Jobs, worker_name
from kgrag.errors import KgragError, ReadError
from kgrag.system.names import real
from kgrag.system.processes import without_main
from kgrag.types import Parcel

SMALL_FILE_BYTES = 32_000_000
FEW_FILES = 4
PULSES_A_LEASE = 4
RECORDS_A_PART = 64
PATIENCE_S = 2.0

Prepared = Parcel | BrokenRecord
PrepareFile = Callable[[Path], Iterator[Prepared]]


class Stopped(Exception):
    """The job was paused or cancelled; what is in hand is given back."""


class Pulse:
    """A worker's name, and the state of its job when it was last looked at."""

    def __init__(self, jobs: Jobs, job: int) -> None:
        self.jobs, self.job, self.worker, self.state = jobs, job, worker_name(), "running"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No more beats; files still leased are given back."""
        self._over.set()
        self._thread.join()
        self.jobs.release(self.job, self.worker)

    def _beat(self) -> None:
        while not self._over.wait(self.jobs.lease_s / PULSES_A_LEASE):
            try:
                self.state = self.jobs.renew(self.job, self.worker)
            except KgragError:  # the catalogue is locked for long: the next beat may get through
                continue


@contextmanager
def heartbeat(jobs: Jobs, job: int) -> Iterator[Pulse]:
    """A pulse while a worker works."""
    pulse = Pulse(jobs, job)
    try:
        yield pulse
    finally:
        pulse.stop()


class ReadingPool:
    """Processes that read whole small files."""

    def __init__(self, n: int) -> None:
        self.n = n
        self._executor = _executor(n)

    def submit(self, path: Path, prepare_file: PrepareFile) -> Future[list[Prepared] | ReadError]:
        """Start to read a file."""
        with without_main():
            try:
                return self._executor.submit(_whole, path, prepare_file)
            except BrokenProcessPool:
                self._executor.shutdown(cancel_futures=True)
                self._executor = _executor(self.n)
                return self._executor.submit(_whole, path, prepare_file)

    def close(self) -> None:
        """End the processes."""
        self._executor.shutdown(cancel_futures=True)


@contextmanager
def reading_pool(n_files: int) -> Iterator[ReadingPool | None]:
    """Processes for reading and extracting; none where they would cost more than they save."""
    n = min(os.cpu_count() or 1, n_files)
    if n_files < FEW_FILES or n < 2:
        yield None
        return
    pool = ReadingPool(n)
    try:
        yield pool
    finally:
        pool.close()


def in_order(
    items: Iterator[Item], pool: ReadingPool | None, prepare_file: PrepareFile
) -> Iterator[tuple[Item, Iterator[Prepared]]]:
    """Files in order with their prepared records; a few small files ahead are read in the pool.

    Args:
        items: taken from only as far as is read ahead.
        pool: None reads here.
        prepare_file: the stage functions over one file; picklable.
    """
    if pool is None:
        yield from (
            (
                item,
                (
                    prepare_file
                    if item.size < SMALL_FILE_BYTES or (os.cpu_count() or 1) < 2
                    else partial(streamed, prepare_file=prepare_file)
                )(real(item.path)),
            )
            for item in items
        )
        return
    waiting: list[tuple[Item, Future[Any] | None]] = []
    while True:
        ahead = islice(items, max(0, 2 * pool.n - len(waiting)))
        waiting.extend(
            (item, pool.submit(real(item.path), prepare_file) if item.size < SMALL_FILE_BYTES else None)
            for item in ahead
        )
        if not waiting:
            return
        item, future = waiting.pop(0)
        yield item, _result(real(item.path), future, prepare_file)


def streamed(path: Path, prepare_file: PrepareFile) -> Iterator[Prepared]:
    """The records of a large file, read in a process that is a few hundred records ahead; only the pipe's
    length is in memory.

    Raises:
        ReadError: as ``prepare_file``, or the process ended.
    """
    context = get_context("forkserver")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_all, args=(sender, path, prepare_file), daemon=True)
    with without_main():
        process.start()
    sender.close()
    try:
        while True:
            found = receiver.recv()
            if isinstance(found, KgragError):
                raise found
            if not found:
                return
            yield from found
    except EOFError as error:
        raise ReadError(
            f"{path.name} ended the process that read it (out of memory, or a fault in a library)."
        ) from error
    finally:
        receiver.close()
        process.join(timeout=PATIENCE_S)
        process.kill()


def _send_all(sender: Any, path: Path, prepare_file: PrepareFile) -> None:
    """Parts of a file's records, then an empty part; or the error."""
    try:
        items = prepare_file(path)
        while part := list(islice(items, RECORDS_A_PART)):
            sender.send(part)
        sender.send([])
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # nobody listens any more
            sender.send(ReadError(f"{path} cannot be opened: {error.strerror}."))
    except ReadError as error:
        sender.send(error)


def _result(path: Path, future: Future[Any] | None, prepare_file: PrepareFile) -> Iterator[Prepared]:
    if future is None:
        yield from streamed(path, prepare_file)
        return
    try:
        found = future.result()
    except BrokenProcessPool:
        found = _alone(path, prepare_file)
    if isinstance(found, ReadError):
        raise found
    yield from found


def _alone(path: Path, prepare_file: PrepareFile) -> list[Prepared] | ReadError:
    """Read a file in a process of its own: another file may have ended the one it was in."""
    with _executor(1) as executor:
        try:
            with without_main():
                future = executor.submit(_whole, path, prepare_file)
            return future.result()
        except BrokenProcessPool:
            return ReadError(
                f"{path.name} ended the process that read it (out of memory, or a fault in a library)."
            )


def _whole(path: Path, prepare_file: PrepareFile) -> list[Prepared] | ReadError:
    """All of a small file, in a process; its error as a value, so that it keeps its type on the way back."""
    try:
        return list(prepare_file(path))
    except OSError as error:
        return ReadError(f"{path} cannot be opened: {error.strerror}.")
    except ReadError as error:
        return error


def _executor(n: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(n, mp_context=get_context("forkserver"))
