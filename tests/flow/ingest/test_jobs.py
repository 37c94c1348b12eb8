"""Several workers on one batch, ended at random: every record exactly once.

And a batch that is paused goes on where it was.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

from sqlalchemy import func, select

from ingest.run import begin, ingest, work
from kgrag.catalogue import schema as t
from kgrag.catalogue.jobs import Jobs
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.upkeep.doctor import examine
from tests.commands import COMMAND, ENVIRONMENT, kgrag

N_FILES, RECORDS_A_FILE = 24, 12
KILLING_S = 6.0


def make_records(folder: Path, n_files: int = N_FILES) -> set[str]:
    """RIS files; each also repeats a record of the file before it, with one field more.

    Returns the document ids.
    """
    folder.mkdir()
    for file in range(n_files):
        own = [record(file * RECORDS_A_FILE + n) for n in range(RECORDS_A_FILE)]
        repeated = [record((file - 1) * RECORDS_A_FILE, "VL  - 7\n")] if file else []
        (folder / f"{file:02}.ris").write_text("".join(own + repeated), "utf-8")
    return {f"doi:10.5555/{n}" for n in range(n_files * RECORDS_A_FILE)}


def record(number: int, more: str = "") -> str:
    """One record."""
    return (
        f"TY  - JOUR\nTI  - Radium and its uses, part {number}\nAU  - Curie, Marie\nPY  -"
        f" {1900 + number % 100}\nDO  - 10.5555/{number}\n{more}AB  - Radium was studied in experiment"
        f" {number}. It was found to be warm.\nER  - \n\n"
    )


def start(library: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A worker in a process group of its own, so that its reading processes end with it."""
    return subprocess.Popen(
        [*COMMAND, *arguments, "--library", str(library)],
        env={**ENVIRONMENT, "KGRAG_LEASE_S": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill_at_random(library: Path, job: int, seconds: float, rng: random.Random) -> int:
    """Three workers on a job, one after the other killed and replaced, for some seconds; then they finish.

    Returns how many were killed at work.
    """
    resume = ("jobs", "resume", str(job))
    workers = [start(library, *resume) for _ in range(3)]
    deadline, kills = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        time.sleep(rng.uniform(0.4, 1.4))
        victim = rng.randrange(3)
        if workers[victim].poll() is None:
            os.killpg(workers[victim].pid, signal.SIGKILL)
            kills += 1
        workers[victim].wait()
        workers[victim] = start(library, *resume)
    for worker in workers:
        worker.wait(600)
    return kills


def test_three_workers_killed_at_random(tmp_path: Path) -> None:
    """Workers are killed and replaced for a few seconds; the next one finishes: each record once, repeated
    ones united, doctor content.
    """
    ids = make_records(tmp_path / "in")
    library, rng = tmp_path / "library", random.Random(11)
    with Library(Settings(library=library, embedder="hash", extractors=()), create=True) as opened:
        job = Jobs(opened.catalogue).create(
            [str(tmp_path / "in")], [(str(p), p.stat().st_size) for p in sorted((tmp_path / "in").iterdir())]
        )
    kills = kill_at_random(library, job, KILLING_S, rng)
    with Library(Settings(library=library, embedder="hash", extractors=(), lease_s=1.0)) as opened:
        work(opened, job) if Jobs(opened.catalogue).state(job) == "running" else opened.catch_up(wait_s=None)
        items = Jobs(opened.catalogue).items(job)
        assert kills >= 2
        assert {item["state"] for item in items} <= {"done", "failed"}
        if any(item["state"] == "failed" for item in items):
            Jobs(opened.catalogue).retry(job)
            work(opened, job)
        found = [document.id for document in opened.catalogue.documents()]
        assert sorted(found) == sorted(ids)
        united = [document for document in opened.catalogue.documents() if document.record.volume == "7"]
        assert len(united) == N_FILES - 1
        assert opened.catalogue.rows(select(func.count(t.passages.c.id.distinct())))[0][
            0
        ] == opened.catalogue.count(t.passages)
        assert [finding for finding in examine(opened) if not finding.ok and finding.what != "disk"] == []
        assert Jobs(opened.catalogue).state(job) == "done"


def test_paused_and_resumed(tmp_path: Path) -> None:
    """A pause stops the worker with its files given back; resume reads the rest and nothing twice."""
    ids = make_records(tmp_path / "in")
    with Library(
        Settings(library=tmp_path / "library", embedder="hash", extractors=(), lease_s=0.4), create=True
    ) as library:
        jobs, seen = Jobs(library.catalogue), threading.Event()

        def pause_soon(tally: object) -> None:
            if not seen.is_set():
                seen.set()
                jobs.pause(1)
            time.sleep(0.01)

        first = ingest(library, [tmp_path / "in"], pause_soon)
        assert jobs.state(1) == "paused"
        assert "kgrag jobs resume 1" in first["warnings"][-1]
        assert 0 < first["documents"] < len(ids)
        assert jobs.overview(1).items["leased"] == 0
        jobs.resume(1)
        work(library, 1)
        assert {document.id for document in library.catalogue.documents()} == ids
        assert jobs.state(1) == "done"


def test_a_batch_whose_workers_ended(tmp_path: Path) -> None:
    """Silent for longer than a lease it is interrupted and no longer running; whoever joins it ends it."""
    make_records(tmp_path / "in", 1)
    settings = Settings(library=tmp_path / "library", embedder="hash", extractors=(), lease_s=0.3)
    with Library(settings, create=True) as library:
        jobs = Jobs(library.catalogue, settings.lease_s)
        job = begin(library, [tmp_path / "in"])
        assert jobs.overview(job).state == "running"
        time.sleep(0.4)
        assert jobs.overview(job).state == "interrupted"
        assert work(library, job)["new"] == RECORDS_A_FILE
        overview = jobs.overview(job)
        assert (overview.state, overview.records["new"]) == ("done", RECORDS_A_FILE)


def test_the_commands(tmp_path: Path) -> None:
    """A batch is listed with its figures; its bad file is shown and read again once it is mended; the report
    is JSON or a page.
    """
    folder, at = tmp_path / "in", ("--library", str(tmp_path / "library"))
    folder.mkdir()
    (folder / "good.ris").write_text(record(1))
    (folder / "bad.pdf").write_bytes(b"%PDF-1.4 broken")
    assert kgrag("ingest", str(folder), *at).returncode == 3
    listed = json.loads(kgrag("jobs", "list", "--json", *at).stdout)["jobs"]
    assert [(item["id"], item["state"], item["documents"]) for item in listed] == [(1, "done", 1)]
    assert "bad.pdf" in kgrag("jobs", "show", "1", *at).stdout
    (folder / "bad.pdf").unlink()
    (folder / "bad.pdf").write_text(record(2))
    done = kgrag("jobs", "retry", "1", "--json", *at)
    assert (done.returncode, json.loads(done.stdout)["documents"]) == (0, 1), done.stderr
    assert {item["state"] for item in json.loads(kgrag("jobs", "report", "1", *at).stdout)["files"]} == {
        "done"
    }
    assert kgrag("jobs", "report", "1", "--format", "html", *at).stdout.startswith("<!doctype html>")
    assert "No job 9" in kgrag("jobs", "cancel", "9", *at).stderr
