"""The table of files seen: how each file was when it was read, and which documents it gave.

Knows sizes, times and the table ``files``. Does not know how files are read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Text, cast, delete, insert, select, update

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.system.names import shown


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was when it was looked at."""

    path: str
    size: int
    mtime: float

    @classmethod
    def of(cls, path: Path) -> FileState:
        """Its size and time of change."""
        status = path.stat()
        return cls(shown(path), status.st_size, status.st_mtime)


def unchanged(catalogue: Catalogue, state: FileState) -> bool:
    """Whether this very file was read before and its documents are still there."""
    rows = catalogue.rows(select(t.files).where(t.files.c.path == state.path))
    if not rows or (rows[0].size, rows[0].mtime) != (state.size, state.mtime) or rows[0].outcome != "done":
        return False
    return len(catalogue.keys_of(rows[0].documents)) == len(set(rows[0].documents))


def note(catalogue: Catalogue, path: Path, ids: list[str], reason: str | None) -> None:
    """Keep what a file gave, or why it gave nothing."""
    state = FileState.of(path)
    row = {
        "path": state.path,
        "size": state.size,
        "mtime": state.mtime,
        "sha256": "",
        "documents": ids,
        "outcome": "quarantined" if reason else "done",
        "reason": reason,
    }
    with catalogue.writing() as connection:
        connection.execute(delete(t.files).where(t.files.c.path == state.path))
        connection.execute(insert(t.files).values(row))


def gave(catalogue: Catalogue, path: str) -> list[str]:
    """Ids of the documents that a file gave when it was last read, one for each of its records."""
    rows = catalogue.rows(select(t.files.c.documents).where(t.files.c.path == path))
    return list(rows[0].documents) if rows else []


@dataclass(frozen=True, slots=True)
class Move:
    """Sources of a file that are in other documents now: an id for each. ``gone``: the old document is no
    longer; ``stays``: another source of the file is still in it.
    """

    path: str
    old: str
    new: tuple[str, ...]
    gone: bool = False
    stays: bool = False


def moved(catalogue: Catalogue, move: Move) -> None:
    """Note that records of a file are in other documents now."""
    changed = passed_on(ids := gave(catalogue, move.path), move)
    if changed != ids:
        with catalogue.writing() as connection:
            connection.execute(update(t.files).where(t.files.c.path == move.path).values(documents=changed))


def passed_on(ids: Sequence[str], move: Move) -> list[str]:
    """The ids that a file gives, one for each record, with the last of the old one in place of which the new
    ones came. Where the old one is gone, none of it is left; where it stays, one.
    """
    places = [place for place, each in enumerate(ids) if each == move.old]
    if not places:
        return list(ids)
    if move.gone:
        new, taken = [*move.new, *[move.new[-1]] * len(places)], places
        more = move.new[len(places) :]
    else:
        new = [each for each in move.new if each not in ids]
        taken = places[max(len(places) - len(new), int(move.stays)) :]
        more = tuple(new[len(taken) :])
    put = dict(zip(taken, new, strict=False))
    return [*(put.get(place, each) for place, each in enumerate(ids)), *more]


def forget(catalogue: Catalogue, document_id: str) -> None:
    """Files no longer give a document, so that it does not come back because it is missed."""
    _change(catalogue, document_id, lambda ids: [each for each in ids if each != document_id])


def _change(catalogue: Catalogue, document_id: str, changed: Callable[[list[str]], list[str]]) -> None:
    holds = cast(t.files.c.documents, Text).contains(json.dumps(document_id), autoescape=True)
    for row in catalogue.rows(select(t.files.c.path, t.files.c.documents).where(holds)):
        with catalogue.writing() as connection:
            connection.execute(
                update(t.files).where(t.files.c.path == row.path).values(documents=changed(row.documents))
            )
