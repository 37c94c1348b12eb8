"""The graph in Neo4j over Bolt: a thin adapter of the driver, with the Cypher of ``graph.queries``.

Knows sessions and batches. ``applied_seq`` is a node written in the same transaction as the batch. Names of
entities are derived from ``Form`` nodes (one for each way of writing, with the number of documents), exactly
as the embedded store derives them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from graph import queries as q
from graph.described import described
from graph.model import EDGE_TYPES, LABELS, SUMMARY, DocumentGraph, entity_from_forms, read_documents
from graph.neo4j_load import (
    ROWS_A_QUERY,
    cite_works,
    citing,
    describe_concepts,
    replace_documents,
    summarise,
)
from graph.paths import shortest_paths
from graph.projection import Projection, best
from kgrag.catalogue import Catalogue
from kgrag.errors import IndexMismatch, KgragError, ServiceUnavailable
from kgrag.holdings.knowledge.summaries import summaries
from kgrag.language.names import normalise_name
from kgrag.protocols import GraphStore
from kgrag.settings import Settings
from kgrag.types import Chain, Edge, Entity, Node

CONNECT_S, ACQUIRE_S = 5.0, 8.0
"""Longest wait for a connection to be made, and to be ready for use: a server may accept and say nothing."""
RETRY_S = 10
"""How long a transaction is tried again while the server is away."""
DOCUMENTS_A_STEP = 100
ROWS_A_STEP, MOST_DOCUMENTS = 30_000, 2_000
"""Passages and mentions from which a transaction is written: many small documents share one, and look up what
they share once.
"""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Documents that changed up to a seq, and the graphs of those that exist."""

    seq: int
    ids: list[str] = field(default_factory=list)
    graphs: list[DocumentGraph] = field(default_factory=list)

    @property
    def n_rows(self) -> int:
        """Passages and mentions."""
        return sum(len(graph.passages) + len(graph.mentions) for graph in self.graphs)


class Neo4jGraph(GraphStore):
    """See the module.

    Args:
        catalogue: the library's catalogue.
        uri, user, password, database: where the server is.

    Raises:
        ServiceUnavailable: the server does not answer, or refuses the password.
        IndexMismatch: the database holds the graph of another library or of a newer kgrag.
    """

    name = "neo4j"

    def __init__(
        self, catalogue: Catalogue, uri: str, user: str, password: str, database: str = "neo4j"
    ) -> None:
        from neo4j import GraphDatabase

        self.catalogue, self.uri, self.database = catalogue, uri, database
        self._lock = threading.Lock()
        self._projection: tuple[int, Projection, list[str], list[str]] | None = None
        self._driver = GraphDatabase.driver(
            uri,
            auth=(user, password),
            connection_timeout=CONNECT_S,
            connection_acquisition_timeout=ACQUIRE_S,
            max_transaction_retry_time=RETRY_S,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
        )
        try:
            with self._speaking():
                self._driver.verify_connectivity()  # once, since what follows is tried again for long
                self._migrate()
        except KgragError:
            self._driver.close()
            raise

    @classmethod
    def open(cls, settings: Settings, catalogue: Catalogue) -> Neo4jGraph:
        """The store of a library, as its settings say."""
        return cls(
            catalogue,
            settings.neo4j_uri,
            settings.neo4j_user,
            settings.neo4j_password.get_secret_value(),
            settings.neo4j_database,
        )

    def close(self) -> None:
        """Close the driver."""
        self._driver.close()

    def applied_seq(self) -> int:
        """The last change of the feed that is in this store."""
        rows = self._read(q.READ_SEQ)
        return int(rows[0]["seq"]) if rows else 0

    def catch_up(self) -> int:
        """Apply what is new, in transactions of some thirty thousand rows; returns the new applied_seq."""
        applied = self.applied_seq()
        for batch in _ahead(self._batches(applied)):
            self._write(partial(self._apply, batch=batch))
            applied = batch.seq
        return applied

    def clear(self) -> None:
        """Forget everything of ours, in batches."""
        for query in q.CLEAR:
            while self._write(partial(_cleared, query=query)):
                pass
        with self._speaking():
            self._migrate()

    def find(self, names: Sequence[str]) -> list[Entity]:
        """Entities by normalised name or alias; ordered by id."""
        keys = [key for key in dict.fromkeys(map(normalise_name, names)) if key]
        return self._entities([row["id"] for row in self._read(q.FIND_ENTITIES, keys=keys)])

    def neighbours(self, node_id: str, limit: int = 50) -> list[Edge]:
        """Edges that touch the node; ordered by (type, source, target)."""
        return self._expand([node_id])[node_id][:limit]

    def paths(self, source: str, target: str, k: int = 3, max_hops: int = 6) -> list[Chain]:
        """Up to k shortest simple paths, shortest first, ties by node ids."""
        return shortest_paths(source, target, k, max_hops, self._steps, self.nodes)

    def pagerank(
        self, restart: Mapping[str, float], top_k: int = 100, damping: float = 0.85
    ) -> list[tuple[str, float]]:
        """Personalised PageRank over a projection that is cached until the graph changes."""
        projection, passages, entities = self._projected()
        weights = [
            {i: restart[node] for i, node in enumerate(ids) if node in restart}
            for ids in (passages, entities)
        ]
        keys, scores = projection.rank(weights[0], weights[1], damping)
        return best([passages[key] for key in keys], scores, top_k)

    def counts(self) -> dict[str, int]:
        """Number of nodes of each label and edges of each type."""
        found = dict.fromkeys((*LABELS, *EDGE_TYPES), 0)
        for query in (q.COUNT_NODES, q.COUNT_EDGES):
            found.update({row["name"]: row["n"] for row in self._read(query, labels=list(LABELS))})
        return found

    def nodes(self, ids: Iterable[str]) -> dict[str, Node]:
        """Nodes by id; ids that do not exist are left out."""
        rows = self._read(q.NODES, ids=list(ids))
        names = {
            entity.id: entity.name
            for entity in self._entities([row["id"] for row in rows if row["kind"] in ("Entity", "Concept")])
        }
        linked = [row["id"] for row in rows if row["kind"] in ("Person", "Venue", "Heading")]
        names.update({row["id"]: row["name"] for row in self._read(q.LINKED_NAMES, ids=linked)})
        return {row["id"]: Node(row["id"], names.get(row["id"], row["name"]), row["kind"]) for row in rows}

    # -- inside ----------------------------------------------------------------------------------------------

    def _migrate(self) -> None:
        """Constraints and the state; a graph of an older form is emptied, and the next ``catch_up`` makes it
        anew.
        """
        outdated = False
        with self._driver.session(database=self.database) as session:
            for statement in (*q.CONSTRAINTS, q.WAIT_FOR_INDEXES):
                session.run(statement).consume()
            state = session.run(q.READ_SEQ).single()
            if state is None:
                session.run(
                    q.WRITE_SEQ, seq=0, version=q.VERSION, library=self.catalogue.library_id
                ).consume()
            elif state["library"] != self.catalogue.library_id:
                raise IndexMismatch(
                    f"The database '{self.database}' at {self.uri} holds the graph of another library. "
                    "Choose another database (KGRAG_NEO4J_DATABASE), or empty this one."
                )
            elif state["version"] < q.VERSION:
                outdated = True
                for statement in q.FORMER:
                    session.run(statement).consume()
            elif state["version"] > q.VERSION:
                raise IndexMismatch(
                    f"The graph at {self.uri} has version {state['version']}, this kgrag knows {q.VERSION}."
                )

        if outdated:
            self.clear()

    def _batches(self, applied: int) -> Iterator[_Batch]:
        """What is new since a seq, a transaction's worth at a time."""
        batch = _Batch(applied)
        while changes := self.catalogue.changes(batch.seq, DOCUMENTS_A_STEP):
            ids = [change.document_id for change in changes]
            batch = _Batch(
                changes[-1].seq,
                batch.ids + ids,
                batch.graphs + list(read_documents(self.catalogue, ids).values()),
            )
            if batch.n_rows >= ROWS_A_STEP or len(batch.ids) >= MOST_DOCUMENTS:
                yield batch
                batch = _Batch(batch.seq)
        if batch.ids:
            yield batch

    def _apply(self, tx: Any, batch: _Batch) -> int:
        others = citing(tx, batch.ids)
        touched, pairs = replace_documents(tx, batch.ids, batch.graphs)
        cite_works(tx, read_documents(self.catalogue, others).values())
        describe_concepts(tx, *described(self.catalogue, touched))
        summarise(tx, pairs, summaries(self.catalogue, pairs))
        tx.run(q.WRITE_SEQ, seq=batch.seq, version=q.VERSION, library=self.catalogue.library_id).consume()
        return batch.seq

    def _entities(self, ids: Sequence[str]) -> list[Entity]:
        grouped: dict[str, list[dict[str, Any]]] = {}
        for row in self._read(q.FORMS_OF, ids=sorted(set(ids))):
            grouped.setdefault(row["id"], []).append({**row, "authorities": json.loads(row["authorities"])})
        return [entity_from_forms(entity_id, grouped[entity_id]) for entity_id in sorted(grouped)]

    def _expand(self, ids: Sequence[str]) -> dict[str, list[Edge]]:
        found: dict[str, set[Edge]] = {node: set() for node in ids}
        for row in self._read(q.EXPAND, ids=list(ids)):
            found[row["id"]].add(Edge(row["source"], row["target"], row["type"], row["statement"]))
        return {
            node: sorted(edges, key=lambda e: (e.type, e.source, e.target)) for node, edges in found.items()
        }

    def _steps(self, ids: Sequence[str]) -> dict[str, list[Edge]]:
        """The edges by which a path may go."""
        return {node: [e for e in edges if e.type != SUMMARY] for node, edges in self._expand(ids).items()}

    def projection(self) -> Projection:
        """The walk's arrays in the catalogue's keys; a node the catalogue no longer has is left out."""
        arrays, passages, entities = self._projected()
        passage_keys, entity_keys = (
            self.catalogue.passage_keys(passages),
            self.catalogue.entity_keys(entities),
        )
        of_passage = np.array([passage_keys.get(node, -1) for node in passages], np.int64)
        of_entity = np.array([entity_keys.get(node, -1) for node in entities], np.int64)
        ends = np.stack([of_passage[arrays.passages], of_entity[arrays.entities]], axis=1).reshape(-1, 2)
        pairs = of_entity[arrays.pairs].reshape(-1, 2)
        ends, pairs = ends[(ends >= 0).all(axis=1)], pairs[(pairs >= 0).all(axis=1)]
        return Projection(ends[:, 0], ends[:, 1], pairs)

    def _projected(self) -> tuple[Projection, list[str], list[str]]:
        with self._lock:
            applied = self.applied_seq()
            if self._projection is None or self._projection[0] != applied:
                self._projection = (applied, *self._project())
            return self._projection[1:]

    def _project(self) -> tuple[Projection, list[str], list[str]]:
        mentions = [(row["passage"], row["entity"]) for row in self._read(q.ALL_MENTIONS)]
        pairs = [(row["subject"], row["object"]) for row in self._read(q.ALL_PAIRS)]
        passages = sorted({passage for passage, _ in mentions})
        entities = sorted({entity for _, entity in mentions} | {entity for pair in pairs for entity in pair})
        place = {name: i for names in (passages, entities) for i, name in enumerate(names)}
        ends = np.array([[place[a], place[b]] for a, b in mentions], np.int64).reshape(-1, 2)
        joined = np.array([[place[a], place[b]] for a, b in pairs], np.int64).reshape(-1, 2)
        return Projection(ends[:, 0], ends[:, 1], joined), passages, entities

    def _read(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        with (
            self._speaking(),
            self._driver.session(database=self.database, default_access_mode="READ") as session,
        ):
            return session.execute_read(lambda tx: tx.run(query, **parameters).data())

    def _write(self, work: Callable[[Any], int]) -> int:
        with self._speaking(), self._driver.session(database=self.database) as session:
            return session.execute_write(work)

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """The driver's errors as ours."""
        from neo4j.exceptions import AuthError, DriverError, SessionExpired, TransientError
        from neo4j.exceptions import ServiceUnavailable as Unavailable

        try:
            yield
        except AuthError as error:
            raise ServiceUnavailable(
                f"Neo4j at {self.uri} refuses user or password. Set KGRAG_NEO4J_PASSWORD."
            ) from error
        except (Unavailable, SessionExpired, TransientError, DriverError) as error:
            raise ServiceUnavailable(
                f"Neo4j at {self.uri} does not answer ({error}). Start it, then: kgrag rebuild graph"
            ) from error


def _cleared(tx: Any, query: str) -> int:
    return int(tx.run(query, limit=ROWS_A_QUERY).single()["n"])


def _ahead(batches: Iterator[_Batch]) -> Iterator[_Batch]:
    """The same batches; the next one is read while the server writes."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch
