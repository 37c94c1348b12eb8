"""The embedded graph store: the catalogue's own tables, and the walk's arrays mapped from files beside it.

Knows SQL and NumPy. Look-ups read the tables, so they are never behind; the arrays for PageRank follow the feed with
``applied_seq`` in their own file name, and replace one another by an atomic rename.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, Text, bindparam, cast, exists, func, literal, select, union_all

from graph.model import LABELS, entity_from_forms, passage_name
from graph.paths import shortest_paths
from graph.projection import Projection, best
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.citations import cites
from kgrag.names import normalise_name
from kgrag.settings import Settings
from kgrag.types import Chain, Edge, Entity, Node

_ARRAYS = ("mentions", "pairs")
_MANY = 400
_BLOCK = 100_000
MAPPED = 200_000
"""Mentions from which the walk's arrays are kept as files: making them takes longer than reading them."""
# Made once: building and comparing a statement costs SQLAlchemy more than SQLite takes to run it.
_NAMED = select(t.forms.c.entity_key).distinct().where(t.forms.c.form_key.in_(bindparam("names", expanding=True)))
_f = t.forms.c
_FORM = (t.entities.c.id.label("entity_id"), _f.form, _f.kind, _f.is_name, cast(_f.authorities, Text).label("authorities"))
_FORMS = (select(*_FORM, func.count().label("n")).join(t.entities, _f.entity_key == t.entities.c.key).where(_f.entity_key.in_(bindparam("keys", expanding=True)))
          .group_by(*(column.element if hasattr(column, "element") else column for column in _FORM)).order_by(func.min(_f.key)))
_FEW = 12


def _first_forms(n: int) -> Any:
    """As ``_FORMS`` for n entities, each by the first thousand documents that name it: a name in a hundred thousand documents is known by then."""
    parts = [select(_f.key).where(_f.entity_key == bindparam(f"key{i}")).order_by(_f.key).limit(1000).subquery() for i in range(n)]
    first = union_all(*(select(part.c.key) for part in parts))
    return (select(*_FORM, func.count().label("n")).join(t.entities, _f.entity_key == t.entities.c.key).where(_f.key.in_(first))
            .group_by(*(column.element if hasattr(column, "element") else column for column in _FORM)).order_by(func.min(_f.key)))


_FIRST_FORMS = {n: _first_forms(n) for n in range(1, _FEW + 1)}


class EmbeddedGraph:
    """See the module. Implements ``GraphStore``.

    Args:
        folder: where the arrays lie (``library/graph``).
        catalogue: the library's catalogue.
    """

    name = "embedded"

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.catalogue = folder, catalogue
        self._lock = threading.Lock()
        self._projection: tuple[str, Projection] | None = None

    @classmethod
    def open(cls, settings: Settings, catalogue: Catalogue) -> EmbeddedGraph:
        """The store of a library, as its settings say."""
        return cls(settings.library / "graph", catalogue)

    def close(self) -> None:
        """Nothing to give back."""

    def applied_seq(self) -> int:
        """The last change of the feed that is in the arrays."""
        current = self._current()
        return int(current.name.split("-")[1]) if current else 0

    def catch_up(self) -> int:
        """Replace the rows of changed documents in the arrays; memory grows with the change only, time with it and one copy of the files."""
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

    def find(self, names: Sequence[str]) -> list[Entity]:
        """Entities by normalised name or alias; ordered by id."""
        keys = [key for key in dict.fromkeys(map(normalise_name, names)) if key]
        wanted: set[int] = set()
        for start in range(0, len(keys), _MANY):
            wanted.update(row.entity_key for row in self.catalogue.rows(_NAMED, names=keys[start : start + _MANY]))
        return self._entities(wanted)

    def neighbours(self, node_id: str, limit: int = 50) -> list[Edge]:
        """Edges that touch the node; ordered by (type, source, target)."""
        return self._expand([node_id])[node_id][:limit]

    def paths(self, source: str, target: str, k: int = 3, max_hops: int = 6) -> list[Chain]:
        """Up to k shortest simple paths, shortest first, ties by node ids."""
        return shortest_paths(source, target, k, max_hops, self._expand, self.nodes)

    def pagerank(self, restart: Mapping[str, float], top_k: int = 100, damping: float = 0.85) -> list[tuple[str, float]]:
        """Personalised PageRank: passages, best first, ties by id."""
        passages = self._keys(t.passages, restart)
        entities = self._keys(t.entities, restart)
        keys, scores = self.rank_keys(passages, entities, damping)
        if not len(keys):
            return []
        chosen = np.argsort(-scores, kind="stable")[: top_k + 50]
        names = {row.key: row.id for row in self.catalogue.rows(
            select(t.passages.c.key, t.passages.c.id).where(t.passages.c.key.in_(keys[chosen].tolist())))}
        alive = [i for i in chosen if int(keys[i]) in names]
        return best([names[int(keys[i])] for i in alive], scores[alive], top_k)

    def rank_keys(self, passages: Mapping[int, float], entities: Mapping[int, float], damping: float = 0.85) -> tuple[
            NDArray[np.int64], NDArray[np.float64]]:
        """PageRank in the catalogue's integer keys: (passage keys, scores), for callers that stay in keys."""
        return self.projection().rank(passages, entities, damping)

    def counts(self) -> dict[str, int]:
        """Number of nodes of each label and edges of each type."""
        c = self.catalogue
        tables = {"Document": t.documents, "Passage": t.passages, "Entity": t.entities, "Statement": t.statements,
                  "HAS": t.passages, "MENTIONS": t.mentions, "SUBJECT": t.statements, "OBJECT": t.statements, "SAID_IN": t.statements}
        found = {name: c.count(table) for name, table in tables.items()}
        found.update({label: 0 for label in LABELS if label not in found})
        found.update({kind: 0 for kind in ("BY", "IN", "ABOUT", "CITES")})
        for row in c.rows(select(t.links.c.type, func.count().label("n")).where(t.links.c.type != "CITES").group_by(t.links.c.type)):
            found[row.type] = row.n
        labelled = select(t.links.c.label, func.count(func.distinct(t.links.c.target)).label("n")).where(t.links.c.type != "CITES")
        for row in c.rows(labelled.group_by(t.links.c.label)):
            found[row.label] = row.n
        cited = t.documents.alias()
        pairs = select(t.documents.c.key, cited.c.key.label("cited")).select_from(cites(cited)).distinct().subquery()
        found["CITES"] = c.rows(select(func.count()).select_from(pairs))[0][0]
        return found

    # -- nodes and edges -------------------------------------------------------------------------------------

    def nodes(self, ids: Iterable[str]) -> dict[str, Node]:
        """Nodes by id; ids that do not exist are left out."""
        wanted = list(ids)
        found: dict[str, Node] = {}
        d, p, s, e = t.documents.c, t.passages.c, t.statements.c, t.entities.c
        plain = ((select(d.id, func.coalesce(d.title, d.id).label("name")), d.id, "Document"), (select(p.id, p.text.label("name")), p.id, "Passage"),
                 (select(s.id, s.predicate.label("name")), s.id, "Statement"))
        for query, column, kind in plain:
            for row in self.catalogue.rows(query.where(column.in_(wanted))):
                found[row.id] = Node(row.id, passage_name(row.name) if kind == "Passage" else row.name, kind)
        keys = [row.key for row in self.catalogue.rows(select(e.key).where(e.id.in_(wanted)))]
        found.update({entity.id: Node(entity.id, entity.name, "Entity") for entity in self._entities(keys)})
        linked = select(t.links.c.target, func.min(t.links.c.name).label("name"), func.min(t.links.c.label).label("label")).where(
            t.links.c.target.in_(wanted), t.links.c.type != "CITES").group_by(t.links.c.target)
        found.update({row.target: Node(row.target, row.name, row.label) for row in self.catalogue.rows(linked)})
        return found

    def _expand(self, ids: Sequence[str]) -> dict[str, list[Edge]]:
        """Every edge that touches each node, ordered."""
        found: dict[str, set[Edge]] = {node: set() for node in ids}
        for start in range(0, len(ids), _MANY):
            for row in self.catalogue.rows(_edges(), ids=list(ids[start : start + _MANY])):
                edge = Edge(row.source, row.target, row.type, row.statement)
                for end in (row.source, row.target):
                    if end in found:
                        found[end].add(edge)
        return {node: sorted(edges, key=lambda e: (e.type, e.source, e.target)) for node, edges in found.items()}

    def _entities(self, keys: Iterable[int]) -> list[Entity]:
        wanted = list(keys)
        grouped: dict[str, list[Any]] = {}
        for start in range(0, len(wanted), _MANY):
            part = wanted[start : start + _MANY]
            few = {f"key{i}": key for i, key in enumerate(part)}
            for row in self.catalogue.rows(_FIRST_FORMS[len(part)], **few) if len(part) <= _FEW else self.catalogue.rows(_FORMS, keys=part):
                grouped.setdefault(row.entity_id, []).append({**row._mapping, "authorities": json.loads(row.authorities)})
        return [entity_from_forms(entity_id, grouped[entity_id]) for entity_id in sorted(grouped)]

    # -- arrays ----------------------------------------------------------------------------------------------

    def projection(self) -> Projection:
        """The arrays as a walk, read again only after a change."""
        current = self._current()
        name = current.name if current else ""
        with self._lock:
            if self._projection is None or self._projection[0] != name:
                arrays = self._load() if current else {key: np.zeros((0, 3), np.int64) for key in _ARRAYS}
                self._projection = (name, _projected(current, arrays["mentions"][:, 1], arrays["mentions"][:, 2], arrays["pairs"][:, 1:]))
            return self._projection[1]

    def _current(self) -> Path | None:
        try:
            folder = self.folder / json.loads((self.folder / "current").read_text("utf-8"))["folder"]
        except FileNotFoundError:
            return None
        return folder if all((folder / f"{name}.i64").is_file() for name in _ARRAYS) else None

    def _load(self) -> dict[str, NDArray[np.int64]]:
        current = self._current()
        assert current is not None
        return {name: _mapped(current / f"{name}.i64") for name in _ARRAYS}

    def _read(self, document_keys: list[int]) -> dict[str, NDArray[np.int64]]:
        """Rows (document key, passage key, entity key) and (document key, subject key, object key), in the order of the documents."""
        p, m, s = t.passages.c, t.mentions.c, t.statements.c
        queries = {"mentions": select(p.document_key, m.passage_key, m.entity_key).select_from(t.mentions.join(t.passages)),
                   "pairs": select(p.document_key, s.subject_key, s.object_key).select_from(t.statements.join(t.passages))}
        parts: dict[str, list[NDArray[np.int64]]] = {name: [np.zeros((0, 3), np.int64)] for name in _ARRAYS}
        for start in range(0, len(document_keys), _MANY):
            within = p.document_key.in_(document_keys[start : start + _MANY])
            for name, query in queries.items():
                parts[name].append(np.array(sorted(tuple(row) for row in self.catalogue.rows(query.where(within))), np.int64).reshape(-1, 3))
        return {name: np.concatenate(found) for name, found in parts.items()}

    def _known_before(self, applied: int, head: int) -> bool:
        """Whether any document that changed since was there before: only then rows must go."""
        now, before = t.changes.alias(), t.changes.alias()
        query = select(now.c.seq).where(now.c.seq > applied, now.c.seq <= head)
        return bool(self.catalogue.rows(query.where(exists().where(before.c.document_id == now.c.document_id, before.c.seq <= applied)).limit(1)))

    def _alive(self) -> NDArray[np.int64]:
        """Keys of the documents that exist, ascending: a document put again has a new key, a deleted one none."""
        with self.catalogue.engine.connect() as connection:
            rows = connection.execution_options(yield_per=_BLOCK).execute(select(t.documents.c.key).order_by(t.documents.c.key))
            return np.fromiter((row.key for row in rows), np.int64)

    def _publish(self, old: Path | None, fresh: Mapping[str, NDArray[np.int64]], keys: NDArray[np.int64], alive: NDArray[np.int64] | None, seq: int) -> None:
        """Write a new folder, then point ``current`` at it: a reader sees the old arrays or the new, never a mix.

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
        pointer = folder / "pointer"
        pointer.write_text(json.dumps({"folder": folder.name}), "utf-8")
        os.replace(pointer, self.folder / "current")
        for entry in self.folder.glob("seq-*"):
            if entry not in (folder, old):  # the previous one stays for readers that are just opening it
                shutil.rmtree(entry, ignore_errors=True)

    def _keys(self, table: Any, weights: Mapping[str, float]) -> dict[int, float]:
        ids = list(weights)
        found: dict[int, float] = {}
        for start in range(0, len(ids), _MANY):
            query = select(table.c.id, table.c.key).where(table.c.id.in_(ids[start : start + _MANY]))
            found.update({row.key: weights[row.id] for row in self.catalogue.rows(query)})
        return found


def _mapped(path: Path) -> NDArray[np.int64]:
    """Rows of three, mapped from a file."""
    return np.memmap(path, np.int64, "r").reshape(-1, 3) if path.stat().st_size else np.zeros((0, 3), np.int64)


def _blocks(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(rows), _BLOCK):
        yield rows[start : start + _BLOCK]


def _projected(folder: Path | None, passages: NDArray[np.int64], entities: NDArray[np.int64], pairs: NDArray[np.int64]) -> Projection:
    """The walk's arrays; those of a large graph are made once and lie beside the others as files that every process maps."""
    if folder is None or len(passages) < MAPPED:
        return Projection(passages, entities, pairs)
    walk = folder / "walk"
    if not walk.is_dir():
        made = Path(tempfile.mkdtemp(prefix="walk-", dir=folder))
        Projection(passages, entities, pairs).save(made)
        try:
            made.rename(walk)
        except OSError:  # another process was faster; its files are the same
            shutil.rmtree(made, ignore_errors=True)
    return Projection.mapped(walk, passages, entities, pairs)


@lru_cache(maxsize=1)
def _edges() -> Any:
    """One query for all edges of the design that touch any of ``ids``: columns source, target, type, statement. Made once: it costs as much as running it."""
    ids: Any = bindparam("ids", expanding=True)
    d, p, e, s, links = t.documents, t.passages, t.entities, t.statements, t.links
    cited = t.documents.alias()
    subject, object_ = t.entities.alias(), t.entities.alias()
    none = literal(None)
    shapes: list[tuple[Any, Any, Any, Any, Any]] = [
        (d.c.id, p.c.id, literal("HAS"), none, p.join(d)),
        (p.c.id, e.c.id, literal("MENTIONS"), none, t.mentions.join(p).join(e)),
        (s.c.id, subject.c.id, literal("SUBJECT"), s.c.id, s.join(subject, s.c.subject_key == subject.c.key)),
        (s.c.id, object_.c.id, literal("OBJECT"), s.c.id, s.join(object_, s.c.object_key == object_.c.key)),
        (s.c.id, p.c.id, literal("SAID_IN"), s.c.id, s.join(p)),
        (d.c.id, cited.c.id, literal("CITES"), none, cites(cited)),
    ]
    queries: list[Select[Any]] = [
        select(source.label("source"), target.label("target"), kind.label("type"), statement.label("statement")).select_from(tables).where(
            end.in_(ids))
        for source, target, kind, statement, tables in shapes for end in (source, target)]
    plain = select(d.c.id.label("source"), links.c.target.label("target"), links.c.type.label("type"), none.label("statement")).select_from(
        links.join(d, links.c.document_key == d.c.key)).where(links.c.type != "CITES")
    return union_all(*queries, plain.where(d.c.id.in_(ids)), plain.where(links.c.target.in_(ids)))
