"""Ingest batches that run inside the service: started from folders an admin allowed or from uploads, one
after another on a thread of their own.

Knows paths, uploads and threads; a batch is made and steered at the desk. How a file is read is
``ingest``'s; a batch that the service's end cuts off goes on with ``resume``.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import IO

from kgrag.backends import load_backend
from kgrag.catalogue.jobs import Jobs, Overview
from kgrag.errors import Forbidden, KgragError, UsageError
from kgrag.library import Library

logger = logging.getLogger(__name__)
UPLOADS = "uploads"
_CHUNK = 1 << 20
_ODD = re.compile(r"[^\w.()\- ]+")


class Batches:
    """See the module.

    Args:
        library: that is filled.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.jobs = Jobs(library.catalogue, library.settings.lease_s)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="batch")
        self._working: set[int] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let the batch in hand stop after its document; it stays as it is and can be resumed."""
        with self._lock:
            working = set(self._working)
        for job in working:
            if self.jobs.state(job) == "running":
                self.jobs.pause(job)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def allowed(self, paths: Sequence[str]) -> list[Path]:
        """Files and folders of this machine that a batch may be made of.

        Raises:
            Forbidden: a path is in none of the folders that the settings allow; which of them exist is not
                told.
        """
        return [self._allowed(path) for path in paths]

    def kept(self, files: Iterable[tuple[str, IO[bytes]]]) -> list[Path]:
        """Keep uploaded files in the library, for a batch of them.

        Args:
            files: name and content of each.

        Raises:
            UsageError: no file, or more bytes than ``upload_mb``.
        """
        left = self.library.settings.upload_mb * 1_000_000
        kept: list[Path] = []
        for name, content in files:
            path, size = self._kept(name, content, left)
            left -= size
            kept.append(path)
        if not kept:
            raise UsageError("No file was uploaded. Send at least one.")
        return kept

    def overview(self, job: int) -> Overview:
        """A batch at a glance; one that only waits here for its turn is not interrupted.

        Raises:
            NotFound: no such batch.
        """
        overview = self.jobs.overview(job)
        waits = overview.state == "interrupted" and self.works_on(job)
        return replace(overview, state="running") if waits else overview

    def overviews(self) -> list[Overview]:
        """All batches, newest first."""
        return [self.overview(each.id) for each in self.jobs.overviews()]

    def works_on(self, job: int) -> bool:
        """Whether this service has a batch in hand, or waiting."""
        with self._lock:
            return job in self._working

    def work(self, job: int) -> None:
        """Work on a batch in its turn; nothing where it is in hand already."""
        with self._lock:
            if job in self._working:
                return
            self._working.add(job)
        self._pool.submit(self._worked, job, load_backend("ingest", "work"))

    def _worked(self, job: int, work: Callable[[Library, int], object]) -> None:
        try:
            work(self.library, job)
        except KgragError as error:
            logger.warning("Batch %s stopped: %s", job, error)
        finally:
            with self._lock:
                self._working.discard(job)

    def _allowed(self, path: str) -> Path:
        folders = [Path(folder).resolve() for folder in self.library.settings.ingest_paths]
        try:
            wanted = Path(path).resolve()
        except (OSError, ValueError) as error:
            raise UsageError(f"'{path}' is no path.") from error
        if not any(wanted.is_relative_to(folder) for folder in folders):
            held = ", ".join(map(str, folders)) or "none; set ingest_paths, or upload files"
            raise Forbidden(f"Batches may not be started from '{path}' (allowed: {held}).")
        return wanted

    def _kept(self, name: str, content: IO[bytes], left: int) -> tuple[Path, int]:
        """Under its digest, so that the same file uploaded again is the same file."""
        place = self.library.folder / UPLOADS
        place.mkdir(exist_ok=True)
        partial = place / f".{threading.get_ident()}.part"
        digest, size = hashlib.sha256(), 0
        try:
            with partial.open("wb") as stream:
                while chunk := content.read(_CHUNK):
                    size += len(chunk)
                    if size > left:
                        raise UsageError(
                            f"The upload is larger than {self.library.settings.upload_mb} MB (upload_mb). Put"
                            " the files in a folder of ingest_paths instead."
                        )
                    digest.update(chunk)
                    stream.write(chunk)
            path = place / digest.hexdigest()[:16] / plain_name(name)
            path.parent.mkdir(exist_ok=True)
            if not path.exists():
                shutil.move(partial, path)
        finally:
            partial.unlink(missing_ok=True)
        return path, size


def plain_name(name: str) -> str:
    """A file's name without folders and odd characters, at most 120 characters, its ending kept."""
    plain = _ODD.sub("_", Path(name.replace("\\", "/")).name).strip(". ") or "file"
    stem, dot, ending = plain.rpartition(".")
    return plain if len(plain) <= 120 else f"{(stem or ending)[:100]}{dot}{ending[:19]}"
