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
    from kgrag.integrations.notebook import OpenLibrary

__all__ = ["open"]


def open(library: str | Path | None = None, as_user: str | None = None) -> OpenLibrary:
    """Open a library.

    Args:
        library: its folder; default ``KGRAG_LIBRARY``, else ``./library``.
        as_user: a user of the library within whose rights everything is done; default: all of it.

    Returns:
        The library with ``ask``, ``search``, ``answer``, ``export`` and ``verify``; a context manager.

    Raises:
        kgrag.errors.NotFound: no library there, or no such user.
        kgrag.errors.Forbidden: the user is disabled.
    """
    from kgrag.integrations.notebook import OpenLibrary

    return OpenLibrary(library, as_user)
