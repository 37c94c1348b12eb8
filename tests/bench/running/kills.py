"""Issue A: kill -9 at random moments of an ingest, resume, and compare every store with an undisturbed run,
by content.

Run: ``python tests/bench/running/kills.py [N]`` (default 50). With Java and Maven a real Neo4j is one of the
stores. The hash embedder is used so that a run is short and its vectors can be compared bit by bit.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from graph.neo4j import Neo4jGraph
from kgrag.library import Library
from kgrag.settings import Settings
from tests.commands import ENVIRONMENT
from tests.conftest import PAPERS
from tests.contract.test_graph_stores import empty
from tests.flow.ingest.test_ingest import contents
from tests.service import neo4j

COMMAND = [
    sys.executable,
    "-c",
    "from kgrag.cli.main import main; main()",
    "ingest",
    str(PAPERS),
    "--library",
]


def main() -> None:
    """One undisturbed run, then N killed ones."""
    n_kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    rng = random.Random(50)
    with tempfile.TemporaryDirectory() as place:
        if neo4j.available() is None:
            with neo4j.running_server(Path(place) / "neo4j") as server:
                print(json.dumps(run(Path(place), n_kills, rng, server)))
        else:
            print(json.dumps(run(Path(place), n_kills, rng, None)))


def run(place: Path, n_kills: int, rng: random.Random, server: Any) -> dict[str, Any]:
    """The figures."""
    environment = dict(ENVIRONMENT)
    if server is not None:
        environment |= {"KGRAG_GRAPH": "neo4j", "KGRAG_NEO4J_URI": server.uri}
        empty(server.uri)
    start = time.perf_counter()
    subprocess.run([*COMMAND, str(place / "whole")], env=environment, check=True, capture_output=True)
    length = time.perf_counter() - start
    expected, expected_graph = contents(place / "whole"), graph_of(place / "whole", server)
    equal = moments = 0
    while moments < n_kills:
        library = place / f"killed-{moments}"
        if server is not None:
            empty(server.uri)
        for _ in range(min(5, n_kills - moments)):
            kill(library, environment, rng.uniform(0.1, length))
            moments += 1
        subprocess.run([*COMMAND, str(library), "--resume"], env=environment, check=True, capture_output=True)
        equal += contents(library) == expected and graph_of(library, server) == expected_graph
    return {"kills": moments, "runs": -(-n_kills // 5), "equal": equal, "neo4j": server is not None}


def kill(library: Path, environment: dict[str, str], after_s: float) -> None:
    """Start an ingest and end it with SIGKILL."""
    process = subprocess.Popen(
        [*COMMAND, str(library)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def graph_of(folder: Path, server: Any) -> Any:
    """Neo4j's own counts and every passage's edges."""
    if server is None:
        return None
    with Library(Settings(library=folder, embedder="hash"), create=True) as library:
        store = Neo4jGraph(library.catalogue, server.uri, "neo4j", "")
        store.catch_up()
        passages = [p.id for d in library.catalogue.documents() for p in library.catalogue.passages_of(d.id)]
        found = (store.counts(), {p: store.neighbours(p, 10_000) for p in passages[::7]})
        store.close()
        return found


if __name__ == "__main__":
    main()
