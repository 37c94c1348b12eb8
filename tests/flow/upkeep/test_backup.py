"""A backup is consistent while a batch runs; restore verifies, overwrites nothing, and what it makes is
whole.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from kgrag.catalogue import schema as t
from kgrag.errors import NotFound, UsageError
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.upkeep.backup import backup, restore
from kgrag.upkeep.doctor import examine
from tests.commands import ENVIRONMENT, kgrag
from tests.conftest import PAPERS
from tests.flow.ingest.test_ingest import contents

WRITER = """
import sys
from pathlib import Path
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import random_parcel
with Library(Settings(library=Path(sys.argv[1]), embedder="hash"), create=True) as library:
    for number in range(100000):
        library.catalogue.put(random_parcel(number))
        if number % 5 == 3:
            library.catalogue.delete(random_parcel(number - 1).document.id)
        if number % 16 == 0:
            library.catch_up(wait_s=None)
"""


def test_taken_while_a_batch_writes(tmp_path: Path) -> None:
    """Backups taken one after the other from under a writing process each restore to a library that doctor
    calls whole.
    """
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "library")], env=ENVIRONMENT, stderr=subprocess.PIPE
    )
    counts = []
    try:
        until(lambda: (tmp_path / "library" / "vectors" / "vectors.sqlite").exists())
        with Library(Settings(library=tmp_path / "library", embedder="hash")) as library:
            head = -1
            for number in range(3):
                until(
                    lambda seen=head: library.catalogue.head() > seen + 10
                )  # every sixth change is a deletion
                backup(library, tmp_path / f"{number}.kgrag")
                head = library.catalogue.head()
        assert writer.poll() is None, "the writer ended early"
    finally:
        writer.kill()
        writer.communicate()
    for number in range(3):
        restore(tmp_path / f"{number}.kgrag", tmp_path / f"restored-{number}")
        with Library(Settings(library=tmp_path / f"restored-{number}", embedder="hash")) as library:
            assert library.catch_up() == {}
            assert [
                finding for finding in examine(library) if not finding.ok and finding.what != "disk"
            ] == []
            counts.append(library.catalogue.count(t.documents))
    assert counts[0] < counts[1] < counts[2]


def until(holds: object, limit_s: float = 90.0) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + limit_s
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_commands(tmp_path: Path) -> None:
    """What is restored equals what was backed up, by content; a second restore into it is refused and changes
    nothing.
    """
    at, file, new = (
        ("--library", str(tmp_path / "library")),
        tmp_path / "b.kgrag",
        ("--library", str(tmp_path / "new")),
    )
    assert kgrag("ingest", str(PAPERS / "pubmed_zotero.ris"), *at).returncode == 0
    (tmp_path / "library" / "kgrag.toml").write_text('embedder = "hash"\n')
    assert kgrag("backup", str(file), *at).returncode == 0
    assert "overwrites nothing" in kgrag("backup", str(file), *at).stderr
    done = kgrag("restore", str(file), *new, "--json")
    assert (done.returncode, json.loads(done.stdout)["whole"]) == (0, True), done.stdout + done.stderr
    assert contents(tmp_path / "new") == contents(tmp_path / "library")
    assert (tmp_path / "new" / "kgrag.toml").exists()
    assert "not empty" in kgrag("restore", str(file), *new).stderr


@pytest.fixture
def file(small_library: Library, tmp_path: Path) -> Path:
    """A backup of thirty documents."""
    backup(small_library, tmp_path / "b.kgrag")
    return tmp_path / "b.kgrag"


def test_a_damaged_backup_is_refused(file: Path, tmp_path: Path) -> None:
    """A changed byte anywhere in a part, a missing end, a file that is none: refused, and no folder is
    left.
    """
    whole = file.read_bytes()
    for number, damaged in enumerate(
        (
            whole[: len(whole) // 2],
            whole[:2000] + bytes([whole[2000] ^ 255]) + whole[2001:],
            b"just words",
            b"",
        )
    ):
        file.write_bytes(damaged)
        with pytest.raises(UsageError):
            restore(file, tmp_path / f"new-{number}")
        assert not (tmp_path / f"new-{number}").exists()
    with pytest.raises(NotFound, match="kgrag backup"):
        restore(tmp_path / "none", tmp_path / "new")


def test_a_part_that_is_not_the_manifests(file: Path, tmp_path: Path) -> None:
    """A part exchanged for another, or one that would land outside the folder, is refused."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts["manifest.json"])
    assert list(parts)[-1] == "manifest.json"
    rewrite(file, {**parts, "catalogue.sqlite": b"other"})
    with pytest.raises(UsageError, match="damaged"):
        restore(file, tmp_path / "new")
    manifest["parts"]["../outside"] = {"size_bytes": 1, "sha256": "0"}
    rewrite(file, {**parts, "../outside": b"x", "manifest.json": json.dumps(manifest).encode()})
    with pytest.raises(UsageError, match="outside"):
        restore(file, tmp_path / "new")
    assert not (tmp_path / "outside").exists()


def rewrite(file: Path, parts: dict[str, bytes]) -> None:
    """The file with these parts."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
