"""Sources that go on giving: a watched folder and a harvested repository."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.watch import watch
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.settings import Settings
from tests.commands import COMMAND, ENVIRONMENT, kgrag
from tests.flow.ingest.test_jobs import record
from tests.unit.ingest.test_harvest import Source, url  # noqa: F401 - a fixture


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library."""
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as opened:
        yield opened


def test_a_folder_is_watched(library: Library, tmp_path: Path) -> None:
    """New and changed files are read once each; one that is still growing is left until it is whole."""
    folder, stop = tmp_path / "in", threading.Event()
    folder.mkdir()
    (folder / "a.ris").write_text(record(1))
    reports = watch(library, folder, 0.05, stop)
    assert next(reports)["documents"] == 1

    def copy_slowly() -> None:
        with (folder / "b.ris").open("w") as stream:
            for number in range(2, 8):
                stream.write(record(number))
                stream.flush()
                os.utime(folder / "b.ris", (number, number))
                time.sleep(0.02)

    thread = threading.Thread(target=copy_slowly)
    thread.start()
    assert next(reports)["documents"] == 6
    thread.join()
    stop.set()
    assert list(reports) == []
    with pytest.raises(UsageError, match="is no folder"):
        next(watch(library, tmp_path / "none", 0.05, stop))


def test_the_command_stops_cleanly(tmp_path: Path) -> None:
    """``kgrag watch`` reads what is there, and SIGTERM ends it with exit code 0."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ris").write_text(record(1))
    command = [
        *COMMAND,
        "watch",
        str(tmp_path / "in"),
        "--every",
        "0.1",
        "--json",
        "--library",
        str(tmp_path / "library"),
    ]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert json.loads(process.stdout.readline())["documents"] == 1
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, "stopped" in said) == (0, True)


def test_a_repository_is_harvested(url: str, tmp_path: Path) -> None:  # noqa: F811
    """All records of all pages are in the library although the source refuses now and then; a bad address is
    wrong use.
    """
    done = kgrag("harvest", url, "--from", "2026-01-31", "--json", "--library", str(tmp_path / "library"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["documents"] == 6
    assert Source.requests[0]["from"] == ["2026-01-31"]
    assert kgrag("harvest", "nonsense", "--library", str(tmp_path / "library")).returncode == 2
