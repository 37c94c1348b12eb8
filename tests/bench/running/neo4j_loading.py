"""Issue C: loading a graph into a real Neo4j, ours by both ways beside llama-index's Neo4j store, on the same
data in the same run.

Run: ``python -m tests.bench.running.neo4j_loading [PASSAGES [PARTS]]`` (default 70,000: about 100,000 nodes
and 420,000 relationships; ours also writes the written forms of each entity). PARTS:
``theirs,bolt,files,bolt-half,files-half,again`` or some of them. Each part gets a server of its own that has
just been started (Java and Maven needed; llama-index's store needs APOC, which is fetched) and is measured
from the catalogue's rows to a server that answers: ``files`` counts the writing of the files,
``neo4j-admin``, the start of the server and the indexes. Prints one JSON object: of each part the seconds on
the clock and of processors (client, tool and server together, which other work on the machine does not
change), and (``again``, at a tenth of the size) whether a reload changes anything and what the deletion of
one document takes away.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from graph.model import passage_name
from graph.neo4j import Neo4jGraph
from graph.neo4j_files import import_files, write_files
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.library import Library
from kgrag.settings import Settings
from tests.bench.running.scale import World, put_all
from tests.service import neo4j as server

APOC = ("org.neo4j.procedure:apoc-core:5.26.12", "org.neo4j.procedure:apoc-common:5.26.12")
CLOCKS = ("seconds", "processor_seconds")


def main() -> None:
    """Load, load the other ways, print."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 70_000
    parts = (
        sys.argv[2].split(",")
        if len(sys.argv) > 2
        else ["theirs", "bolt", "files", "bolt-half", "files-half", "again"]
    )
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        for part in parts:
            kind, _, half = part.partition("-")
            size, home = n // 10 if part == "again" else n // 2 if half else n, Path(place) / part
            if part == "theirs":
                with_apoc(home)
            with (
                made_library(Path(place) / f"library-{size}", size) as library,
                server.running_server(home) as running,
            ):
                found[part] = WAYS[kind](library.catalogue, running)
            print(json.dumps({part: found[part]}), file=sys.stderr, flush=True)
    for way in ("bolt", "files"):
        found |= {
            f"{way}_times_faster_{clock}": round(rate(found[way], clock) / rate(found["theirs"], clock), 1)
            for clock in CLOCKS
            if {way, "theirs"} <= found.keys()
        }
        found |= {
            f"{way}_doubled_{clock}": round(found[way][clock] / found[f"{way}-half"][clock], 2)
            for clock in CLOCKS
            if {way, f"{way}-half"} <= found.keys()
        }
    if {"files", "theirs"} <= found.keys():  # a server's start is what theirs was spared
        found |= {
            f"files_times_faster_without_start_{clock}": round(
                (
                    found["files"]["relationships"]
                    / (found["files"][clock] - found["files"]["steps"]["start"][clock])
                )
                / rate(found["theirs"], clock),
                1,
            )
            for clock in CLOCKS
        }
    print(json.dumps(found))


def made_library(folder: Path, n_passages: int) -> Library:
    """A library of so many made-up passages, made at its first use."""
    made = not folder.exists()
    library = Library(Settings(library=folder, embedder="hash"), create=True)
    if made:
        put_all(library, World(n_passages), n_passages // 4)
    return library


def rate(figures: dict[str, Any], clock: str) -> float:
    """Relationships a second."""
    return float(figures["relationships"] / figures[clock])


class Spent:
    """Seconds since it was made, on the clock and of the processors that this process, its children and the
    server used.
    """

    def __init__(self, running: server.Neo4jServer) -> None:
        self.running = running
        self._from = self._now()

    def _server(self) -> float:
        if self.running.process is None:
            return 0.0
        ticks = Path(f"/proc/{self.running.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def _now(self) -> tuple[float, float]:
        tools = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.perf_counter(), time.process_time() + tools.ru_utime + tools.ru_stime + self._server()

    def told(self) -> dict[str, float]:
        """Both."""
        return {
            name: round(now - then, 1)
            for name, now, then in zip(CLOCKS, self._now(), self._from, strict=True)
        }


def by_bolt(catalogue: Catalogue, running: server.Neo4jServer) -> dict[str, Any]:
    """The feed followed over Bolt into an empty database."""
    spent = Spent(running)
    graph = Neo4jGraph(catalogue, running.uri, "neo4j", "")
    graph.catch_up()
    figures = {**spent.told(), **held(graph)}
    graph.close()
    return figures


def by_files(catalogue: Catalogue, running: server.Neo4jServer) -> dict[str, Any]:
    """Files, ``neo4j-admin``, the start of the server, the indexes; of each step both clocks."""
    running.stop()
    spent, made, steps = Spent(running), [], {}
    with tempfile.TemporaryDirectory() as place:
        acts = {
            "write": lambda: write_files(catalogue, Path(place)),
            "import": lambda: import_files(Path(place), running.admin(), "neo4j"),
            "start": running.start,
            "indexes": lambda: made.append(Neo4jGraph(catalogue, running.uri, "neo4j", "")),
        }
        for name, act in acts.items():
            step = Spent(running)
            act()
            steps[name] = step.told()
    graph = made[0]
    figures = {
        **spent.told(),
        "steps": steps,
        **held(graph),
        "whole": graph.applied_seq() == catalogue.head() == graph.catch_up(),
    }
    graph.close()
    return figures


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds on the clock, and what came of it."""
    started = time.perf_counter()
    made = act()
    return round(time.perf_counter() - started, 1), made


def held(graph: Neo4jGraph) -> dict[str, int]:
    """What both ours and llama-index's count."""
    counts = graph.counts()
    return {
        "nodes": sum(counts[label] for label in ("Document", "Passage", "Entity")),
        "relationships": counts["HAS"] + counts["MENTIONS"],
    }


def again(catalogue: Catalogue, running: server.Neo4jServer) -> dict[str, Any]:
    """A reload, and a deletion."""
    graph = Neo4jGraph(catalogue, running.uri, "neo4j", "")
    graph.catch_up()
    counts = graph.counts()
    graph.catch_up()
    second = graph.counts()
    graph.clear()
    graph.catch_up()
    figures: dict[str, Any] = {"reload_changes_nothing": counts == second == graph.counts()}
    catalogue.delete(next(catalogue.documents()).id)
    figures["delete_seconds"], _ = timed(graph.catch_up)
    after = graph.counts()
    figures["delete_took"] = {
        name: counts[name] - after[name] for name in counts if counts[name] != after[name]
    }
    graph.close()
    return figures


def theirs(catalogue: Catalogue, running: server.Neo4jServer) -> dict[str, Any]:
    """llama-index's store, with the same nodes, relationships and properties, its objects made from the same
    rows.
    """
    from llama_index.graph_stores.neo4j import Neo4jPropertyGraphStore

    spent = Spent(running)
    store = Neo4jPropertyGraphStore(username="neo4j", password="", url=running.uri, refresh_schema=False)
    prepare, (nodes, relations) = timed(lambda: (_nodes(catalogue), list(_relations(catalogue))))
    store.upsert_nodes(nodes)
    store.upsert_relations(relations)
    figures = spent.told()
    counts = store.structured_query(
        "MATCH (n) WITH count(n) AS nodes MATCH ()-[r]->() RETURN nodes, count(r) AS relationships"
    )[0]
    store.close()
    return {**figures, "prepare_seconds": prepare, **counts}


def _nodes(catalogue: Catalogue) -> list[Any]:
    from llama_index.core.graph_stores.types import ChunkNode, EntityNode

    d, p = t.documents.c, t.passages.c
    return [
        *(
            EntityNode(name=row.id, label="Document", properties={"title": row.title, "year": row.year})
            for row in catalogue.rows(select(d.id, d.title, d.year))
        ),
        *(
            EntityNode(name=row.id, label="Entity")
            for row in catalogue.rows(
                select(t.entities.c.id).where(t.entities.c.key.in_(select(t.mentions.c.entity_key)))
            )
        ),
        *(
            ChunkNode(id_=row.id, text=passage_name(row.text), properties={"ordinal": row.ordinal})
            for row in catalogue.rows(select(p.id, p.text, p.ordinal))
        ),
    ]


def _relations(catalogue: Catalogue) -> Iterator[Any]:
    from llama_index.core.graph_stores.types import Relation

    d, p, e, m = t.documents.c, t.passages.c, t.entities.c, t.mentions.c
    for row in catalogue.rows(select(d.id, p.id.label("passage")).join(t.passages)):
        yield Relation(label="HAS", source_id=row.id, target_id=row.passage)
    mentions = select(p.id, e.id.label("entity"), m.start, m.end, m.score).select_from(
        t.mentions.join(t.passages).join(t.entities)
    )
    for row in catalogue.rows(mentions):
        yield Relation(
            label="MENTIONS",
            source_id=row.id,
            target_id=row.entity,
            properties={"start": row.start, "end": row.end, "score": row.score},
        )


def with_apoc(home: Path) -> None:
    """Fetch APOC into the server's folder of plugins."""
    for artifact in APOC:
        subprocess.run(
            [
                "mvn",
                "-q",
                "-B",
                "dependency:copy",
                f"-Dartifact={artifact}",
                f"-DoutputDirectory={home / 'plugins'}",
            ],
            check=True,
            timeout=300,
            cwd=home.parent,
        )


WAYS = {"theirs": theirs, "bolt": by_bolt, "files": by_files, "again": again}

if __name__ == "__main__":
    main()
