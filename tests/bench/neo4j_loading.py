"""Issue C: loading a graph into a real Neo4j, ours beside llama-index's Neo4j store, on the same data in the same run.

Run: ``python -m tests.bench.neo4j_loading [PASSAGES [SHARE [PARTS]]]`` (default 70,000: about 100,000 nodes and 420,000 relationships; ours also writes the written forms
of each entity). Each store gets a fresh server (Java and Maven needed; llama-index's needs APOC, which is fetched). llama-index's store gets the first SHARE (default
1.0) of the same nodes and relationships into a server warmed by half of that. PARTS: ``half,theirs,whole,again`` or some of them. Prints one JSON object: of each the seconds on the clock
and of processors (server and client together, which other work on the machine does not change), of ours at half the size too, and (``again``, at a tenth of the
size) whether a reload changes anything and what the deletion of one document takes away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from graph.neo4j import Neo4jGraph
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.library import Library
from kgrag.settings import Settings
from tests.bench.scale import World, put_all
from tests.service import neo4j as server

APOC = ("org.neo4j.procedure:apoc-core:5.26.12", "org.neo4j.procedure:apoc-common:5.26.12")


def main() -> None:
    """Load, load the other way, print."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 70_000
    share = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    parts = sys.argv[3].split(",") if len(sys.argv) > 3 else ["half", "theirs", "whole", "again"]
    found: dict[str, Any] = {}
    for part in parts:
        size = {"half": n // 2, "again": n // 10}.get(part, n)
        with tempfile.TemporaryDirectory() as place, Library(Settings(library=Path(place) / "library", embedder="hash"), create=True) as library:
            put_all(library, World(size), size // 4)
            home = Path(place) / "server"
            if part == "theirs":
                with_apoc(home)
            with server.running_server(home) as running:
                found[part] = [theirs(library.catalogue, running, some) for some in (share / 2, share)] if part == "theirs" else ours(library.catalogue, running, again=part == "again")
            print(json.dumps(found), file=sys.stderr, flush=True)
    if {"theirs", "whole", "half"} <= found.keys():
        whole, other = found["whole"], found["theirs"][-1]
        found |= {f"times_faster_{name}": round(whole["relationships"] / whole[name] / (other["relationships"] / other[name]), 1) for name in ("seconds", "processor_seconds")}
        found |= {f"linear_{name}": round(whole[name] / found["half"][name], 2) for name in ("seconds", "processor_seconds")}
    print(json.dumps(found))


class Spent:
    """Seconds since it was made, on the clock and of the processors that server and client used."""

    def __init__(self, running: server.Neo4jServer) -> None:
        self.running = running
        self._from = self._now()

    def _now(self) -> tuple[float, float]:
        assert self.running.process is not None
        ticks = Path(f"/proc/{self.running.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return time.perf_counter(), time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def told(self) -> dict[str, float]:
        """Both."""
        return {name: round(now - then, 1) for name, now, then in zip(("seconds", "processor_seconds"), self._now(), self._from, strict=True)}


def ours(catalogue: Catalogue, running: server.Neo4jServer, *, again: bool) -> dict[str, Any]:
    """Seconds of the load; with ``again`` also a reload and a deletion."""
    graph = Neo4jGraph(catalogue, running.uri, "neo4j", "", "neo4j")
    spent = Spent(running)
    graph.catch_up()
    took, counts = spent.told(), graph.counts()
    print(f"ours: {took}", file=sys.stderr, flush=True)
    figures: dict[str, Any] = {**took, "nodes": sum(counts[label] for label in ("Document", "Passage", "Entity")),
                               "relationships": counts["HAS"] + counts["MENTIONS"]}
    if again:
        graph.catch_up()
        second = graph.counts()
        graph.clear()
        graph.catch_up()
        figures["reload_changes_nothing"] = counts == second == graph.counts()
        gone = next(catalogue.documents()).id
        catalogue.delete(gone)
        started = time.perf_counter()
        graph.catch_up()
        after = graph.counts()
        figures["delete_seconds"] = round(time.perf_counter() - started, 2)
        figures["delete_took"] = {name: counts[name] - after[name] for name in counts if counts[name] != after[name]}
    graph.close()
    return figures


def theirs(catalogue: Catalogue, running: server.Neo4jServer, share: float) -> dict[str, Any]:
    """Seconds of llama-index's store for the first part of the same nodes and relationships, into an empty database."""
    from llama_index.core.graph_stores.types import ChunkNode, EntityNode, Relation
    from llama_index.graph_stores.neo4j import Neo4jPropertyGraphStore

    store = Neo4jPropertyGraphStore(username="neo4j", password="", url=running.uri, refresh_schema=False)
    store.structured_query("MATCH (n) CALL { WITH n DETACH DELETE n } IN TRANSACTIONS OF 500 ROWS")
    edges = list(_edges(catalogue))
    edges = edges[: round(share * len(edges))]
    used = {end for _, source, target in edges for end in (source, target)}
    nodes: list[Any] = [EntityNode(name=row.id, label="Document", properties={"title": row.title or ""}) for row in catalogue.rows(select(t.documents.c.id, t.documents.c.title)) if row.id in used]
    nodes += [EntityNode(name=row.id, label="Entity") for row in catalogue.rows(select(t.entities.c.id)) if row.id in used]
    nodes += [ChunkNode(id_=row.id, text=row.text[:80]) for row in catalogue.rows(select(t.passages.c.id, t.passages.c.text)) if row.id in used]
    relations = [Relation(label=kind, source_id=source, target_id=target) for kind, source, target in edges]
    spent = Spent(running)
    store.upsert_nodes(nodes)
    store.upsert_relations(relations)
    took = spent.told()
    print(f"llama-index, {share:.1%}: {took}", file=sys.stderr, flush=True)
    held = store.structured_query("MATCH (n) WITH count(n) AS nodes MATCH ()-[r]->() RETURN nodes, count(r) AS relationships")[0]
    store.close()
    return {**took, **held}


def _edges(catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    """Document by document, so that the first part of them is a smaller graph of the same form."""
    mentions: dict[str, list[str]] = {}
    for row in catalogue.rows(select(t.passages.c.id, t.entities.c.id.label("entity")).select_from(t.mentions.join(t.passages).join(t.entities))):
        mentions.setdefault(row.id, []).append(row.entity)
    for row in catalogue.rows(select(t.documents.c.id, t.passages.c.id.label("passage")).join(t.passages).order_by(t.passages.c.key)):
        yield "HAS", row.id, row.passage
        yield from (("MENTIONS", row.passage, entity) for entity in mentions.get(row.passage, ()))


def with_apoc(home: Path) -> None:
    """Fetch APOC into the server's folder of plugins."""
    for artifact in APOC:
        subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={home / 'plugins'}"], check=True, timeout=300, cwd=home.parent)


if __name__ == "__main__":
    main()
