"""Whether a record describes a part of something larger, and which of its identifiers name the part itself.

Knows kinds of works as exports call them. A chapter or a paper of a proceedings volume carries the ISBN of
its book: that names the container and no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest.text.identifiers import WORK_KINDS
from kgrag.language.names import plain
from kgrag.types import Record

CONTAINER_KINDS = ("isbn",)
"""Identifiers that parts carry for their container. ISSN names a serial and never a work."""
_PARTS = ("chapter", "section", "inbook", "incollection", "inproceedings", "article", "paper", "entry")
_WHOLES = ("book", "monograph", "thesis", "dissertation", "report", "proceedings", "map", "score", "standard")


def is_part(record: Record) -> bool:
    """Whether the work stands in a book, a volume or a serial; by its kind, or else by where it says it
    stands.
    """
    kind = (record.kind or "").lower()
    if any(word in kind for word in _PARTS):
        return True
    if any(word in kind for word in _WHOLES):
        return False
    return bool(record.venue) and plain(record.venue or "") != plain(record.title or "")


def own_identifiers(record: Record) -> Mapping[str, str]:
    """The identifiers that name this work: without those of its container."""
    if not is_part(record):
        return record.identifiers
    return {kind: value for kind, value in record.identifiers.items() if kind not in CONTAINER_KINDS}


def identifier_keys(record: Record) -> tuple[str, ...]:
    """``kind:value`` of every identifier that names the work, neither its journal nor its book; a list's own
    numbers (``local``) are no names outside it.
    """
    own = own_identifiers(record)
    return tuple(f"{kind}:{own[kind]}" for kind in WORK_KINDS if own.get(kind) and kind != "local")
