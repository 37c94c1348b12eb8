"""The concepts and statements of a Chinese document: keywords, defined terms, tagged medical names.

Knows characters. Does not know the English reader.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.concepts.document import Found
from kgrag.types import Document, Passage, Statement


def find_chinese(document: Document, passages: Sequence[Passage]) -> tuple[Found, tuple[Statement, ...]]:
    """Nothing yet."""
    return Found(), ()
