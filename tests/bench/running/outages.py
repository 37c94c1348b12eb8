"""A storm over a library on PostgreSQL and Neo4j, whose servers are stopped, started, and ask for a password
nobody has, in the middle of questions and of a batch. What was answered wrongly, lost, or told in no words of
ours.

Run: ``python -m tests.bench.running.outages PAPERS`` (a folder; its files are read before the storm). Needs
real servers, as the tests do. Prints figures; asserts nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.upkeep.doctor import examine
from tests.bench.running.strangers import running
from tests.bench.running.together import SUBJECTS
from tests.commands import COMMAND
from tests.service import neo4j, postgres

ASKERS, RECORDS, PAUSE_S = 6, 600, 12.0
OURS = (200, 503)
"""Answers, and "not now" in our words."""


def main() -> None:
    """Serve, ask, read, stop and start, look."""
    with (
        tempfile.TemporaryDirectory() as place,
        postgres.running() as catalogue,
        neo4j.running_server(Path(place) / "neo4j") as graph,
    ):
        folder = Path(place) / "library"
        os.environ |= {
            "KGRAG_CATALOGUE_URL": postgres.new_database(catalogue.url),
            "KGRAG_GRAPH": "neo4j",
            "KGRAG_NEO4J_URI": graph.uri,
            "KGRAG_RATE_API": "",
        }
        command("ingest", sys.argv[1], folder)
        records = Path(place) / "records.ris"
        records.write_text("".join(map(record, range(RECORDS))), "utf-8")
        with running(folder) as (address, _):
            told = storm(address, folder, records, catalogue, graph)
        print(json.dumps({**told, **after(folder)}))


def record(number: int) -> str:
    """One of the records of the batch, about nothing that is asked."""
    return (
        f"TY  - JOUR\nTI  - Radium and its uses, part {number}\nAU  - Curie, Marie\nPY  - 1910\n"
        f"DO  - 10.5555/{number}\nAB  - Radium was studied in experiment {number}. It was warm.\nER  - \n\n"
    )


def command(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    """A command on the library that is named last."""
    *words, folder = map(str, arguments)
    return subprocess.run([*COMMAND, *words, "--library", folder], capture_output=True, check=False)


def asked(address: str, subject: str) -> httpx.Response:
    """One question by the API."""
    question = f"What is known about {subject}?"
    return httpx.post(f"{address}/api/v1/ask", json={"question": question}, timeout=300)


def storm(address: str, folder: Path, records: Path, catalogue: Any, graph: Any) -> dict[str, Any]:
    """What came of the questions and of the batch."""
    before = {subject: shown(asked(address, subject)) for subject in SUBJECTS}
    told: Counter[str] = Counter()
    words: Counter[str] = Counter()
    over = threading.Event()

    def person(number: int) -> None:
        turn = number
        while not over.is_set():
            turn += 1
            subject = SUBJECTS[turn % len(SUBJECTS)]
            try:
                got = asked(address, subject)
            except httpx.HTTPError as error:
                told[f"no answer: {type(error).__name__}"] += 1
                continue
            told[f"status {got.status_code}"] += 1
            if got.status_code == 200:
                told["other than before"] += shown(got) != before[subject]
            else:
                words[got.text[:160]] += 1
                time.sleep(0.5)

    people = [threading.Thread(target=person, args=(number,)) for number in range(ASKERS)]
    for each in people:
        each.start()
    batch = subprocess.Popen(
        [*COMMAND, "ingest", str(records), "--library", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    for what in (catalogue, graph):
        trouble(what)
    over.set()
    for each in people:
        each.join()
    _, said = batch.communicate(timeout=600)
    again = command("ingest", records, "--resume", folder)
    return {
        **told,
        "in other words than ours": sum(n for text, n in words.items() if "Traceback" in text),
        "words": dict(words.most_common(4)),
        "batch exit": batch.returncode,
        "batch said": said.decode()[-300:],
        "resumed exit": again.returncode,
    }


def trouble(server: Any) -> None:
    """Stopped and started, then a password that nobody has, then as before."""
    time.sleep(PAUSE_S)
    server.stop()
    time.sleep(PAUSE_S)
    server.start()
    time.sleep(PAUSE_S)
    passwords(server, True)
    time.sleep(PAUSE_S)
    passwords(server, False)
    time.sleep(PAUSE_S)


def passwords(server: Any, wanted: bool) -> None:
    """The server asks for one, from whoever is connected too, or no longer does."""
    if isinstance(server, postgres.PostgresServer):
        server.ask_for_passwords(wanted)
    else:
        server.passwords = wanted
    server.stop()
    server.start()


def shown(got: httpx.Response) -> list[str]:
    """The claims of an answer."""
    return [claim["text"] for claim in got.json().get("claims", [])]


def after(folder: Path) -> dict[str, Any]:
    """What the library holds, and what the doctor finds."""
    with Library(Settings(library=folder)) as library:
        library.catch_up(wait_s=None)
        held = sum(1 for d in library.catalogue.documents() if d.title.startswith("Radium"))
        faults = [f"{f.what}: {f.detail}" for f in examine(library) if not f.ok and f.what != "disk"]
    return {"records": RECORDS, "held": held, "doctor": faults}


if __name__ == "__main__":
    main()
