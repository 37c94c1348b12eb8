"""Everything at once on one library: two services, fifty people who ask, a batch, a backup, and an answering
process that is killed. What was answered wrongly, lost, or told in no words of ours.

Run: ``python -m tests.bench.running.together LIBRARY PAPERS`` (a copy of the library is used). Prints
figures, asserts nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
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
from kgrag.upkeep.backup import restore
from kgrag.upkeep.doctor import examine
from tests.bench.running.strangers import p95, running

PEOPLE, EACH = 50, 2
SUBJECTS = ("blue marble health", "false findings", "thresher sharks", "open data", "vaccines", "statistics")


def main() -> None:
    """Serve twice, ask, read, copy, kill, look."""
    os.environ["KGRAG_RATE_API"] = ""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "library"
        shutil.copytree(sys.argv[1], folder)
        with running(folder) as (one, pid), running(folder) as (two, _):
            told, took = storm(folder, Path(place), (one, two), pid)
        print(json.dumps({"answers": told, "answers p95 s": p95(took), **after(folder, Path(place))}))


def storm(
    folder: Path, place: Path, addresses: tuple[str, str], pid: int
) -> tuple[dict[str, int], list[float]]:
    """What came of each question, and how long it took."""
    program = str(Path(sys.executable).with_name("kgrag"))
    told: Counter[str] = Counter()
    took: list[float] = []
    answers: list[dict[str, Any]] = []

    def person(number: int) -> None:
        for turn in range(EACH):
            began = time.monotonic()
            question = f"What is known about {SUBJECTS[(number + turn) % len(SUBJECTS)]} in case {number}?"
            try:
                got = httpx.post(
                    f"{addresses[number % 2]}/api/v1/ask", json={"question": question}, timeout=300
                )
            except httpx.HTTPError as error:
                told[type(error).__name__] += 1
                continue
            took.append(time.monotonic() - began)
            plain = got.json()
            told[str(plain.get("status"))] += 1
            if got.status_code == 200:
                answers.append(plain)

    people = [threading.Thread(target=person, args=(number,)) for number in range(PEOPLE)]
    for each in people:
        each.start()
    batch = subprocess.Popen(
        [program, "ingest", sys.argv[2], "--library", str(folder)], stdout=subprocess.DEVNULL
    )
    copy = subprocess.Popen(
        [program, "backup", str(place / "b.zip"), "--library", str(folder)], stdout=subprocess.DEVNULL
    )
    time.sleep(3)
    kill_one(pid)
    for each in people:
        each.join()
    told["batch exit"], told["backup exit"] = batch.wait(600), copy.wait(600)
    told["wrong quotes"] = wrong(folder, answers)
    return dict(told), took


def kill_one(pid: int) -> None:
    """A process of a service, without a word."""
    found = subprocess.run(
        ["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    if found:
        os.kill(int(found[-1]), signal.SIGKILL)


def wrong(folder: Path, answers: list[dict[str, Any]]) -> int:
    """Quotes that are not the passage's text at their span."""
    n = 0
    with Library.open(folder) as library:
        for answer in answers:
            for claim in answer["claims"]:
                for evidence in claim["evidence"]:
                    keys = library.catalogue.passage_keys([evidence["passage_id"]]).values()
                    found = [p for p, _ in library.catalogue.passages_by_key(keys).values()]
                    start, end = evidence["span"]
                    n += not found or found[0].text[start:end] != evidence["quote"]
    return n


def after(folder: Path, place: Path) -> dict[str, Any]:
    """What the doctor finds in the library and in its backup."""
    restore(place / "b.zip", place / "restored")
    whole = {}
    for name in (folder, place / "restored"):
        with Library.open(name) as library:
            library.catch_up(wait_s=None)
            whole[name.name] = [f"{f.what}: {f.detail}" for f in examine(library) if not f.ok]
    return whole


if __name__ == "__main__":
    main()
