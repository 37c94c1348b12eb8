"""Cited answers from your own library, tied to its knowledge graph::

    import kgrag
    library = kgrag.open("library")
    library.ask("What is blue marble health?")

Importing loads nothing heavy; ``open`` loads what it needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kgrag.surface import OpenLibrary

__all__ = ["open"]


def open(library: str | Path | None = None) -> OpenLibrary:
    """Open a library.

    Args:
        library: its folder; default ``KGRAG_LIBRARY``, else ``./library``.

    Returns:
        The library with ``ask``, ``search``, ``answer``, ``export`` and ``verify``; a context manager.

    Raises:
        kgrag.errors.NotFound: no library there.
    """
    from kgrag.surface import OpenLibrary

    return OpenLibrary(library)
