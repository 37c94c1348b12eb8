"""A batch from files to followers: bad input costs only itself, nothing is read twice, a kill at any moment
loses nothing.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ingest import pool, run
from ingest.run import ingest
from kgrag.catalogue import schema as t
from kgrag.library import Library
from kgrag.settings import Settings
from tests.commands import COMMAND, ENVIRONMENT, kgrag
from tests.conftest import PAPERS, SOME_PAPERS


def contents(folder: Path) -> dict[str, Any]:
    """Everything a library holds, by content: the catalogue's rows without keys, and what each follower
    has.
    """
    with Library(Settings(library=folder, embedder="hash")) as library:
        catalogue = library.catalogue
        library.catch_up()
        keys = {row.key: row.id for row in catalogue.rows(select(t.passages.c.key, t.passages.c.id))}
        entities = {row.key: row.id for row in catalogue.rows(select(t.entities.c.key, t.entities.c.id))}
        return {
            "documents": [(d.id, d.text, d.record) for d in catalogue.documents()],
            "passages": [p for d in catalogue.documents() for p in catalogue.passages_of(d.id)],
            "entities": sorted(entities.values()),
            "mentions": sorted(
                (keys[r.passage_key], entities[r.entity_key], r.start, r.end)
                for r in catalogue.rows(select(t.mentions))
            ),
            "vectors": {keys[key]: vector for key, vector in library.vectors.contents().items()},
            "words": {keys[key] for key in library.words.contents()},
            "graph": library.graph.counts(),
            "ranks": [
                (p, round(s, 9))
                for p, s in library.graph.pagerank(
                    {entity: 1.0 for entity in sorted(entities.values())[:5]}, top_k=50
                )
            ],
        }


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a paper of each kind of reader: a batch that lasts long enough to be killed in."""
    folder = tmp_path_factory.mktemp("papers")
    for name in SOME_PAPERS:
        shutil.copy(PAPERS / name, folder)
    return folder


@pytest.fixture(scope="module")
def undisturbed(papers: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an undisturbed run holds."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert kgrag("ingest", str(papers), "--library", str(folder)).returncode == 0
    return contents(folder)


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_and_resumed(
    seed: int, papers: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    """kill -9 at random moments, then a resume: every store holds exactly what an undisturbed run holds."""
    rng = random.Random(seed)
    for _ in range(3):
        process = subprocess.Popen(
            [*COMMAND, "ingest", str(papers), "--library", str(tmp_path)],
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(rng.uniform(0.5, 3.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    done = kgrag("ingest", str(papers), "--library", str(tmp_path), "--resume", "--json")
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path) == undisturbed


def test_the_same_batch_again_costs_a_look(papers: Path, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    """A second run reads nothing; after a delete it brings back only that document, with the same ids."""
    with Library(Settings(library=tmp_path, embedder="hash", extractors=("roles",)), create=True) as library:
        first = ingest(library, [papers])
        again = ingest(library, [papers])
        assert (again["documents"], again["skipped"], again["passages"]) == (
            0,
            len(SOME_PAPERS),
            first["passages"],
        )
        library.catalogue.delete("doi:10.1371/journal.pone.0067380")
        third = ingest(library, [papers])
        assert (third["documents"], third["passages"]) == (1, first["passages"])
    assert contents(tmp_path) == undisturbed


def test_bad_input_is_quarantined_and_the_rest_read(tmp_path: Path) -> None:
    """Empty, truncated, hostile, endless and looping input is named with a reason; exit code 3; everything
    else is in.
    """
    folder = tmp_path / "in"
    make_bad_input(folder)
    (folder / "good.xml").write_bytes((PAPERS / SOME_PAPERS[0]).read_bytes())
    done = kgrag("ingest", str(folder), "--library", str(tmp_path / "library"), "--json")
    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout)
    assert report["documents"] >= 1
    reasons = {Path(item["path"]).name: item["reason"] for item in report["quarantined"]}
    assert {"empty.pdf", "truncated.pdf", "entity.xml", "endless.txt", "noise.ris"} <= set(reasons)
    assert all(reasons.values())
    assert "root:" not in done.stdout + done.stderr
    listed = json.loads(kgrag("documents", "list", "--json", "--library", str(tmp_path / "library")).stdout)[
        "documents"
    ]
    assert "doi:10.1371/journal.pmed.0020124" in {document["id"] for document in listed}


def make_bad_input(folder: Path) -> None:
    """The bad files of the issue: each is what its name says."""
    folder.mkdir()
    pdf = (PAPERS / "10.21105.jose.00070.pdf").read_bytes()
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "truncated.pdf").write_bytes(pdf[: len(pdf) // 3])
    (folder / "entity.xml").write_text(
        '<?xml version="1.0"?><!DOCTYPE article [<!ENTITY x SYSTEM'
        ' "file:///etc/passwd">]><article><front>&x;</front></article>'
    )
    with (folder / "endless.txt").open("wb") as stream:
        for _ in range(200):
            stream.write(b"a" * 1_000_000)
    (folder / "noise.ris").write_bytes(random.Random(1).randbytes(4000))
    (folder / "loop").mkdir()
    (folder / "loop" / "back").symlink_to(folder, target_is_directory=True)


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    """A path that does not exist is quarantined, not ignored."""
    done = kgrag("ingest", str(tmp_path / "nothing here"), "--library", str(tmp_path / "library"))
    assert done.returncode == 3
    assert "does not exist" in done.stderr


def test_commands_on_a_missing_library_say_what_to_do(tmp_path: Path) -> None:
    """No library: exit 1 and the command that makes one; wrong use: exit 2."""
    done = kgrag("search", "x", "--library", str(tmp_path / "none"))
    assert (done.returncode, "kgrag ingest" in done.stderr) == (1, True)
    assert kgrag("search").returncode == 2
    assert kgrag("search", "x", "--mode", "magic", "--library", str(tmp_path)).returncode == 2


def test_records_by_the_dozen_equal_records_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of many records, some of them twice or broken off, gives the same library in one transaction a
    dozen as in one each, read here or in a process.
    """
    entries = [
        f"TY  - JOUR\nTI  - A study of reading rooms, number {n % 40}\nAU  - Doe, J.\nPY  - 2001\nDO  -"
        f" 10.5555/room.{n % 40}\nAB  - Rooms were read in.\nER  - \n"
        for n in range(90)
    ]
    (tmp_path / "many.ris").write_text("\n".join(entries) + "\nTY  - JOUR\nTI  - cut off")
    found = []
    for name, limits in (
        ("one", {"RECORDS_A_TRANSACTION": 1}),
        ("dozen", {}),
        ("streamed", {"SMALL_FILE_BYTES": 10}),
    ):
        with (
            monkeypatch.context() as patched,
            Library(
                Settings(library=tmp_path / name, embedder="hash", extractors=("roles",)), create=True
            ) as library,
        ):
            for limit, value in limits.items():
                patched.setattr(pool if limit == "SMALL_FILE_BYTES" else run, limit, value)
            report = ingest(library, [tmp_path / "many.ris"])
            found.append(
                (
                    {d.id: d.record.extra for d in library.catalogue.documents()},
                    report["documents"],
                    report["quarantined"],
                    library.vectors.contents(),
                )
            )
    assert len(found[0][0]) == 41
    assert [f[0] for f in found] == [found[0][0]] * 3
    assert [f[1:3] for f in found] == [found[0][1:3]] * 3
    assert [sorted(f[3].values()) for f in found] == [sorted(found[0][3].values())] * 3


def test_a_large_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in a process of its own, a file's error comes back as it is."""
    monkeypatch.setattr(pool, "SMALL_FILE_BYTES", 10)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing more that is of use")
    with Library(
        Settings(library=tmp_path / "library", embedder="hash", extractors=("roles",)), create=True
    ) as library:
        report = ingest(library, [tmp_path / "broken.pdf"])
    assert "broken.pdf" in report["quarantined"][0]["path"]
    assert "ended the process" not in report["quarantined"][0]["reason"]
