"""Each file of a library is damaged in three ways: the doctor names it, what follows the catalogue is healed,
the loss of the rest is named, and no command ends in a traceback.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kgrag.cli.main import app
from kgrag.desk import local_desk
from kgrag.errors import Damaged, KgragError
from kgrag.library import Library
from kgrag.people.history import remember
from kgrag.people.rights import LOCAL
from kgrag.reward.model import PATH as SHIPPED_REWARD
from kgrag.reward.model import RewardFile
from kgrag.reward.versions import current
from kgrag.settings import Settings
from kgrag.system.files import write_whole
from kgrag.testing import random_parcel
from kgrag.upkeep.doctor import Finding, examine, examine_damaged

DAMAGES = ("truncated", "garbage", "absent")
QUESTION = "What was studied with Radium?"
FLEETING = (".lock", "-shm", "-wal")
LOST = ("catalogue.sqlite", "kgrag.toml", ".pseudonyms.key", "promoted.json", "v0001.json", "paper.xml")
"""What nothing can be made from again; its loss is named."""
UNSEEN = {
    (name, "absent")
    for name in (
        "kgrag.toml",
        "promoted.json",
        "paper.xml",
        ".pseudonyms.key",
        ".managed.json",
        "sentences.sqlite",
    )
}
"""Without these a library is one that has not got any yet; tantivy lists its files anew."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with something of everything that a library keeps."""
    folder = tmp_path_factory.mktemp("damage") / "library"
    make_library(folder)
    assert [f for f in looked_at(folder) if not f.ok and f.what != "disk"] == []
    return folder


def make_library(folder: Path) -> None:
    """Twelve documents, their followers, a history, settings, a reward model of its own, an upload."""
    with Library(Settings(library=folder, embedder="hash"), create=True) as library:
        for number in range(12):
            library.catalogue.put(random_parcel(number))
        library.catch_up()
        library.sentences.fill(lambda: True, lambda: True)
        remember(library, LOCAL, "a-1")
    write_whole(folder / "kgrag.toml", 'embedder = "hash"\n')
    (folder / "reward").mkdir()
    shutil.copyfile(SHIPPED_REWARD, folder / "reward" / "v0001.json")
    write_whole(folder / "reward" / "promoted.json", json.dumps(["v0001"]))
    upload = folder / "uploads" / "2c26b46b68ffc68f"
    upload.mkdir(parents=True)
    write_whole(upload / "paper.xml", "foo")


def files_of(folder: Path) -> list[Path]:
    """All files that are not only there while the library is in use."""
    return sorted(
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(FLEETING)
    )


def looked_at(folder: Path, *, repair: bool = False) -> list[Finding]:
    """What the doctor finds."""
    try:
        with Library.open(folder) as library:
            return examine(library, repair=repair)
    except Damaged as error:
        return examine_damaged(error, folder)
    except KgragError as error:
        return [Finding("library", False, str(error))]


def is_well(folder: Path, *, repair: bool = False) -> bool:
    """Whether the doctor finds nothing wrong; the disk of a test machine may be full."""
    return all(finding.ok or finding.what == "disk" for finding in looked_at(folder, repair=repair))


def search(folder: Path) -> None:
    """A search over every follower; what fails must be told in our words."""
    with suppress(KgragError), Library.open(folder) as library:
        library.catch_up()
        desk = local_desk(library)
        hits = desk.search(QUESTION).found.hits
        keys = library.catalogue.passage_keys([hit.passage.id for hit in hits]).values()
        library.sentences.of(keys)
        RewardFile.read(current(folder))


@contextmanager
def damaged(whole: Path, place: Path, file: Path, how: str) -> Iterator[Path]:
    """A copy of the library with one file damaged."""
    folder = place / "library"
    shutil.copytree(whole, folder)
    path = folder / file
    content = path.read_bytes()
    if how == "absent":
        path.unlink()
    elif how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.write_bytes(random.Random(file.name).randbytes(len(content)))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("how", DAMAGES)
def test_every_file_damaged(whole: Path, tmp_path: Path, how: str) -> None:
    """Named by the doctor; then searched, repaired and searched again, with no traceback on the way."""
    unnamed, unhealed = [], []
    for file in files_of(whole):
        with damaged(whole, tmp_path, file, how) as folder:
            if is_well(folder) and (file.name, how) not in UNSEEN:
                unnamed.append(str(file))
            search(folder)
            healed = is_well(folder, repair=True)
            if healed == (file.name in LOST and (file.name, how) not in UNSEEN):
                unhealed.append(str(file))
    assert (unnamed, unhealed) == ([], [])


def run(folder: Path, *command: str) -> tuple[int, str]:
    """A command's exit status and what it said; an error that is none of ours would be a traceback."""
    done = CliRunner().invoke(app, [*command, "--library", str(folder)])
    if isinstance(done.exception, KgragError):
        return done.exception.exit_code, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exc_info)
    return done.exit_code, done.output


@pytest.mark.parametrize("file", ["words/meta.json", "vectors/vectors.sqlite", "graph/current"])
def test_rebuild_takes_the_damage_away(whole: Path, tmp_path: Path, file: str) -> None:
    """``kgrag rebuild`` removes what is there before it makes it anew."""
    with damaged(whole, tmp_path, Path(file), "garbage") as folder:
        assert run(folder, "rebuild", file.partition("/")[0])[0] == 0
        assert is_well(folder)


def test_a_damaged_catalogue_is_no_backup(whole: Path, tmp_path: Path) -> None:
    """Two pages of garbage in the middle: nothing is written that looks like a backup."""
    with damaged(whole, tmp_path, Path("kgrag.toml"), "absent") as folder:
        write_whole(folder / "kgrag.toml", 'embedder = "hash"\n')
        with (folder / "catalogue.sqlite").open("r+b") as stream:
            stream.seek(8 * 4096)
            stream.write(random.Random(1).randbytes(2 * 4096))
        code, said = run(folder, "backup", str(tmp_path / "bad.zip"))
        assert code == 1
        assert "No backup was made" in said or "Restore a backup" in said
        assert not list(tmp_path.glob("bad*"))


def test_damaged_vectors_do_not_keep_from_a_backup(whole: Path, tmp_path: Path) -> None:
    """They are left out, and made anew where it is restored."""
    with damaged(whole, tmp_path, Path("vectors/vectors.sqlite"), "garbage") as folder:
        assert run(folder, "backup", str(tmp_path / "good.zip"))[0] == 0
    assert run(tmp_path / "back", "restore", str(tmp_path / "good.zip"))[0] == 0
    assert is_well(tmp_path / "back")
    assert (tmp_path / "good.zip").stat().st_mode & 0o077 == 0
    assert (tmp_path / "back").stat().st_mode & 0o077 == 0
