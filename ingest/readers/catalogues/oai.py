"""The header of a record in an answer to OAI-PMH: its name at its source, and whether it was deleted."""

from __future__ import annotations

from pathlib import Path

from ingest.readers.base import Withdrawn
from ingest.readers.xml import Element, descendants, text_of


def header(item: Element) -> Element | None:
    """The header of OAI-PMH, where the record has one."""
    return next((part for part in descendants(item, "header") if "OAI" in str(part.tag)), None)


def withdrawn(item: Element, path: Path, number: int) -> Withdrawn | None:
    """A record whose header says that it was deleted."""
    told = header(item)
    if told is None or told.get("status") != "deleted":
        return None
    return Withdrawn(
        path,
        number,
        f"Record {number} of {path.name} was deleted at its source.",
        text_of(next(descendants(told, "identifier"), None)),
    )


def oai_name(item: Element) -> str:
    """The record's name at its source; empty where it has no header."""
    told = header(item)
    return text_of(next(descendants(told, "identifier"), None)) if told is not None else ""
