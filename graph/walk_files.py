"""The walk's arrays as files beside the embedded graph: who mentions whom and who is said with whom, in the
catalogue's integer keys.

Knows NumPy and folders. The arrays follow the feed with ``applied_seq`` in their folder's name, and replace
one another by an atomic rename: a reader sees the old ones or the new, never a mix. Does not know names,
texts or paths.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import exists, select

from graph.projection import Projection
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import chunks
from kgrag.errors import Damaged
from kgrag.system.files import sums_of, unlike, write_whole

HEAL = "Make it anew: kgrag rebuild graph"
_ARRAYS = ("mentions", "pairs")
CONCEPTS = "c:%"
"""Concepts are for people; the walk goes over the words of the lexical layer alone."""
_BLOCK = 100_000
SUMS = "sums.json"
MAPPED = 200_000
"""Mentions from which the walk's arrays are kept as files: making them takes longer than reading them."""


class WalkFiles:
    """See the module.

    Args:
        folder: where the arrays lie.
        catalogue: the library's catalogue.
    """

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.catalogue = folder, catalogue
        self._lock = threading.Lock()
        self._projection: tuple[str, Projection] | None = None

    def applied_seq(self) -> int:
        """The last change of the feed that is in the arrays."""
        current = self._current()
        return int(current.name.split("-")[1]) if current else 0

    def catch_up(self) -> int:
        """Replace the rows of changed documents in the arrays; memory grows with the change only, time with
        it and one copy of the files.
        """
        applied, head = self.applied_seq(), self.catalogue.head()
        if applied == head:
            return applied
        changed = [change.document_id for change in self.catalogue.changes(applied, head - applied)]
        keys = np.array(sorted(self.catalogue.keys_of(changed).values()), np.int64)
        alive = self._alive() if applied and self._known_before(applied, head) else None
        self._publish(self._current(), self._read(keys.tolist()), keys, alive, head)
        return head

    def clear(self) -> None:
        """Forget the arrays; the tables are the catalogue's."""
        for entry in self.folder.glob("seq-*"):
            shutil.rmtree(entry, ignore_errors=True)
        (self.folder / "current").unlink(missing_ok=True)

    def projection(self) -> Projection:
        """The arrays as a walk, read again only after a change."""
        current = self._current()
        name = current.name if current else ""
        with self._lock:
            if self._projection is None or self._projection[0] != name:
                arrays = self._load() if current else {key: np.zeros((0, 3), np.int64) for key in _ARRAYS}
                self._projection = (
                    name,
                    _projected(
                        current, arrays["mentions"][:, 1], arrays["mentions"][:, 2], arrays["pairs"][:, 1:]
                    ),
                )
            return self._projection[1]

    def _current(self) -> Path | None:
        found = self._pointer()
        if found is None:
            return None
        folder, sums = found
        whole = all((folder / f"{name}.i64").is_file() for name in _ARRAYS)
        return folder if whole and not unlike(folder, sums, by_size=True) else None

    def _pointer(self) -> tuple[Path, dict[str, Any]] | None:
        """The folder in use and the sums of its files; None where nothing, or nothing readable, says so."""
        try:
            held = json.loads((self.folder / "current").read_text("utf-8"))
            return self.folder / held["folder"], held.get("sums", {})
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def damaged(self) -> list[str]:
        """Names of files that are not as they were written."""
        found = self._pointer()
        if found is None:
            return ["current"] if (self.folder / "current").exists() else []
        return unlike(*found)

    def _load(self) -> dict[str, NDArray[np.int64]]:
        current, wrong = self._current(), self.damaged()
        if current is None or wrong:
            raise Damaged("graph", f"{', '.join(wrong) or 'its files'} not as written", HEAL)
        return {name: _mapped(current / f"{name}.i64") for name in _ARRAYS}

    def _read(self, document_keys: list[int]) -> dict[str, NDArray[np.int64]]:
        """Rows (document key, passage key, entity key) and (document key, subject key, object key), in the
        order of the documents.
        """
        p, m, s = t.passages.c, t.mentions.c, t.statements.c
        queries = {
            "mentions": (
                select(p.document_key, m.passage_key, m.entity_key).select_from(t.mentions.join(t.passages))
            ),
            "pairs": (
                select(p.document_key, s.subject_key, s.object_key)
                .select_from(
                    t.statements.join(t.passages).join(t.entities, t.entities.c.key == s.subject_key)
                )
                .where(t.entities.c.id.not_like(CONCEPTS))
            ),
        }
        parts: dict[str, list[NDArray[np.int64]]] = {name: [np.zeros((0, 3), np.int64)] for name in _ARRAYS}
        for some in chunks(document_keys):
            within = p.document_key.in_(some)
            for name, query in queries.items():
                parts[name].append(
                    np.array(
                        sorted(tuple(row) for row in self.catalogue.rows(query.where(within))), np.int64
                    ).reshape(-1, 3)
                )
        return {name: np.concatenate(found) for name, found in parts.items()}

    def _known_before(self, applied: int, head: int) -> bool:
        """Whether any document that changed since was there before: only then rows must go."""
        now, before = t.changes.alias(), t.changes.alias()
        query = select(now.c.seq).where(now.c.seq > applied, now.c.seq <= head)
        return bool(
            self.catalogue.rows(
                query.where(
                    exists().where(before.c.document_id == now.c.document_id, before.c.seq <= applied)
                ).limit(1)
            )
        )

    def _alive(self) -> NDArray[np.int64]:
        """Keys of the documents that exist, ascending: a document put again has a new key, a deleted one
        none.
        """
        with self.catalogue.engine.connect() as connection:
            rows = connection.execution_options(yield_per=_BLOCK).execute(
                select(t.documents.c.key).order_by(t.documents.c.key)
            )
            return np.fromiter((row.key for row in rows), np.int64)

    def _publish(
        self,
        old: Path | None,
        fresh: Mapping[str, NDArray[np.int64]],
        keys: NDArray[np.int64],
        alive: NDArray[np.int64] | None,
        seq: int,
    ) -> None:
        """Write a new folder, then point ``current`` at it: a reader sees the old arrays or the new, never a
        mix.

        Args:
            old: the folder that stands.
            fresh: rows of the changed documents.
            keys: their keys; their old rows go.
            alive: keys of all documents, or None where no old row has to go.
            seq: the change up to which the new folder goes.
        """
        folder = Path(tempfile.mkdtemp(prefix=f"seq-{seq}-", dir=self.folder))
        for name, rows in fresh.items():
            path = folder / f"{name}.i64"
            if old is not None and alive is None:
                shutil.copyfile(old / path.name, path)
            with path.open("ab") as file:
                if old is not None and alive is not None:
                    for block in _blocks(_mapped(old / path.name)):
                        block[np.isin(block[:, 0], alive) & ~np.isin(block[:, 0], keys)].tofile(file)
                rows.tofile(file)
        sums = sums_of(sorted(folder.glob("*.i64")))
        write_whole(self.folder / "current", json.dumps({"folder": folder.name, "sums": sums}))
        for entry in self.folder.glob("seq-*"):
            if entry not in (folder, old):  # the previous one stays for readers that are just opening it
                shutil.rmtree(entry, ignore_errors=True)


def _mapped(path: Path) -> NDArray[np.int64]:
    """Rows of three, mapped from a file."""
    return (
        np.memmap(path, np.int64, "r").reshape(-1, 3) if path.stat().st_size else np.zeros((0, 3), np.int64)
    )


def _blocks(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(rows), _BLOCK):
        yield rows[start : start + _BLOCK]


def _projected(
    folder: Path | None, passages: NDArray[np.int64], entities: NDArray[np.int64], pairs: NDArray[np.int64]
) -> Projection:
    """The walk's arrays; those of a large graph are made once and lie beside the others as files that every
    process maps.
    """
    if folder is None or len(passages) < MAPPED:
        return Projection(passages, entities, pairs)
    walk = folder / "walk"
    if not _is_whole(walk):
        made = Path(tempfile.mkdtemp(prefix="walk-", dir=folder))
        Projection(passages, entities, pairs).save(made)
        write_whole(made / SUMS, json.dumps(sums_of(sorted(made.glob("*.npy")))))
        try:
            if walk.is_dir():
                shutil.rmtree(walk)
            made.rename(walk)
        except OSError:  # another process was faster; its files are the same
            shutil.rmtree(made, ignore_errors=True)
    return Projection.mapped(walk, passages, entities, pairs)


def _is_whole(walk: Path) -> bool:
    """Whether the files that other processes map are there, as they were written."""
    try:
        return walk.is_dir() and not unlike(walk, json.loads((walk / SUMS).read_text("utf-8")))
    except (OSError, ValueError):
        return False
