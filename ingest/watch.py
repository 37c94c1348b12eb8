"""Watches a folder and ingests what is new or changed, once it has stopped growing.

Polls, so that network folders work too.

Knows files' sizes and times. Does not know formats or jobs: each round that finds something is one batch.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ingest.readers.walk import Refused, walk
from ingest.run import Begun, Progress, ingest
from kgrag.errors import UsageError
from kgrag.library import Library

Snapshot = dict[str, tuple[int, float]]


def watch(
    library: Library,
    folder: Path,
    every_s: float,
    stop: threading.Event,
    progress: Callable[[], Progress] | None = None,
    begun: Begun = lambda _: None,
) -> Iterator[dict[str, Any]]:
    """Batches as they are found, until told to stop.

    A file is taken when its size and time were the same in two looks, so that a half-copied one is left
    alone; what was read before costs a look. A file that could not be read is tried again when it changes.

    Args:
        library: where to.
        folder: looked at with everything below it.
        every_s: pause between two looks.
        stop: set it to end after the batch in hand.
        progress: makes the function that is called while a batch runs.
        begun: of each batch, as for ``ingest.run.ingest``.

    Returns:
        The report of each batch that found something (see ``ingest.run.ingest``).

    Raises:
        UsageError: no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder. Make it first, or name one that exists: kgrag watch DIR")
    before, taken = _look(folder), Snapshot()
    while not stop.wait(every_s):
        now = _look(folder)
        steady = {path: state for path, state in now.items() if before.get(path) == state}
        before = now
        new = [Path(path) for path, state in sorted(steady.items()) if taken.get(path) != state]
        if new:
            taken = steady
            report = ingest(library, new, progress() if progress else lambda _: None, begun)
            if report["documents"] or report["quarantined"]:
                yield report


def _look(folder: Path) -> Snapshot:
    """Size and time of every file below the folder; what vanishes meanwhile is left out."""
    found = Snapshot()
    for item in walk([folder]):
        if isinstance(item, Refused):
            continue
        try:
            status = item.stat()
        except FileNotFoundError:
            continue
        found[str(item)] = (status.st_size, status.st_mtime)
    return found
