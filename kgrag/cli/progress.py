"""Draws a progress line on stderr for batches: documents, files, quarantined, rate.

Knows terminals; silent where there is none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def batch_progress() -> Iterator[Callable[[Any], None]]:
    """A function to call with the batch's tally; it draws a line that renews itself."""
    from rich.console import Console

    console = Console(stderr=True)
    if not sys.stderr.isatty():
        yield lambda tally: None
        return
    with console.status("reading …") as status:

        def show(tally: Any) -> None:
            rate = tally.documents / max(tally.seconds, 1e-6) * 60
            status.update(
                f"{tally.documents} documents, {tally.files} files, {tally.skipped} unchanged,"
                f" {len(tally.quarantined)} quarantined, {rate:.0f} documents a minute"
            )

        yield show
