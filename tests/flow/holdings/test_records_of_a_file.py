"""What becomes of a file's records: counted, kept through changes, corrected by people, and named when they
leave it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copy

import pytest
from typer.testing import CliRunner

from ingest.files_seen import Move, moved, passed_on
from ingest.run import ingest
from ingest.works.changes.edit import edit
from ingest.works.check import check
from ingest.works.doubts import Duplicates
from ingest.works.prepare import with_extraction
from kgrag.cli.main import app
from kgrag.errors import NotFound, UsageError
from kgrag.library import Library
from kgrag.settings import Settings

FIELD = Path(__file__).parents[2] / "data" / "field"
RECORD = "TY  - JOUR\nAU  - Moe, Anne\nTI  - {title}\nPY  - 2001\nAB  - {text}\nER  - \n\n"
ONE = RECORD.format(title="The first of the two records", text="Something is said.")
TWO = RECORD.format(title="Sledges that were left behind", text="Another thing is said.")
THREE = RECORD.format(title="Ropes that held for a winter", text="A third thing is said.")
BROKEN = "TY  - JOUR\nPY  - 2001\nER  - \n\n"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library that extracts nothing."""
    settings = Settings(library=tmp_path / "library", embedder="hash", extractors=())
    with Library(settings, create=True) as opened:
        yield opened


def written(path: Path, *records: str) -> Path:
    """A file of some records, changed for sure."""
    path.write_text("".join(records))
    os.utime(path, (1_000_000_000, os.stat(path).st_mtime + 10))
    return path


def test_batches_count_records(library: Library, tmp_path: Path) -> None:
    """New, united, unchanged and refused, with file, number and reason; in the report and with the job."""
    report = ingest(library, [written(tmp_path / "a.ris", ONE, BROKEN, TWO, ONE)])
    assert {name: report[name] for name in ("new", "united", "unchanged", "changed")} == {
        "new": 2,
        "united": 1,
        "unchanged": 0,
        "changed": 0,
    }
    (refused,) = report["refused"]
    assert (refused["path"], refused["record"]) == (str(tmp_path / "a.ris"), 1)
    assert "neither title" in refused["reason"]
    run, place = CliRunner(), ["--library", str(library.folder)]
    (job,) = json.loads(run.invoke(app, ["jobs", "list", "--json", *place]).stdout)["jobs"]
    assert job["records"] == {"new": 2, "united": 1, "unchanged": 0, "changed": 0, "refused": 1}
    again = ingest(library, [tmp_path / "a.ris"])
    assert (again["skipped"], again["unchanged"]) == (1, 3)


def test_a_record_that_left_is_named(library: Library, tmp_path: Path) -> None:
    """It stays, is named in the report and by ``documents check``; a change of the rest is no leaving."""
    path = written(tmp_path / "a.ris", ONE, TWO)
    ingest(library, [path])
    report = ingest(library, [written(path, TWO)])
    (left,) = report["left"]
    assert left["title"] == "The first of the two records"
    assert any(left["document"] in warning for warning in report["warnings"])
    assert report["unchanged"] == 1
    assert [item["document"] for item in check(library.catalogue)["left"]] == [left["document"]]
    changed = ingest(library, [written(path, TWO.replace("Another", "Quite another"))])
    assert (changed["left"], changed["changed"], changed["new"]) == ([], 1, 0)
    assert len(list(library.catalogue.documents())) == 2


def test_a_source_that_left_a_union(library: Library, tmp_path: Path) -> None:
    """The other sources stay, and with them the document."""
    ingest(
        library, [written(tmp_path / "a.ris", ONE), written(tmp_path / "b.ris", ONE.replace("thing", "one"))]
    )
    assert len(list(library.catalogue.documents())) == 1
    report = ingest(library, [written(tmp_path / "b.ris", TWO)])
    assert len(report["left"]) == 1
    assert sorted(d.title for d in library.catalogue.documents()) == [
        "Sledges that were left behind",
        "The first of the two records",
    ]
    assert library.catalogue.united_ids() == []


def test_corrections_outlive_readings_and_unions(library: Library, tmp_path: Path) -> None:
    """What a person corrected holds when the source is read again, changed, and united; what the source says
    is told beside it, and comes back when the correction is taken back.
    """
    path = written(tmp_path / "a.ris", ONE)
    ingest(library, [path])
    (document,) = library.catalogue.documents()
    edit(library.catalogue, document.id, "year", "1999", "ada")
    edit(library.catalogue, document.id, "authors", "Ruud, Per; Ice Society", "ada")

    def record() -> tuple[int | None, list[str]]:
        (held,) = library.catalogue.documents()
        return held.record.year, [author.name for author in held.record.authors]

    corrected = (1999, ["Per Ruud", "Ice Society"])
    assert record() == corrected
    assert ingest(library, [written(path, ONE.replace("is said", "was said"))])["changed"] == 1
    assert record() == corrected
    ingest(
        library, [written(tmp_path / "b.ris", ONE.replace("PY  - 2001", "PY  - 1999").replace("Moe", "Ruud"))]
    )
    assert record() == corrected
    (united,) = library.catalogue.documents()
    assert "the source has: 2001" in united.record.extra["corrected:year"]
    Duplicates(library.catalogue).split(united.id, "ada")
    assert sorted(d.record.year or 0 for d in library.catalogue.documents()) == [1999, 1999]
    corrected_one = next(d for d in library.catalogue.documents() if d.record.extra.get("corrected:year"))
    edit(library.catalogue, corrected_one.id, "year", None, "ada")
    assert sorted(d.record.year or 0 for d in library.catalogue.documents()) == [1999, 2001]
    with pytest.raises(UsageError, match="No field 'colour'"):
        edit(library.catalogue, corrected_one.id, "colour", "red", "ada")


def united_as_before(library: Library, paths: Sequence[Path], sources: Sequence[str]) -> str:
    """Make all documents one, as earlier versions did: their sources are not kept, and not all are named."""
    first, *others = library.catalogue.documents()
    old = replace(first, record=replace(first.record, extra={"merged": " | ".join(sources)}))
    gone = [each.id for each in others]
    library.catalogue.put(with_extraction(old, library.catalogue.passages_of(old.id)), gone)
    for path in paths:
        for identifier in gone:
            moved(library.catalogue, Move(str(path), identifier, (first.id,), gone=True))
    return first.id


def test_old_unions_are_checked(library: Library, tmp_path: Path) -> None:
    """A document that earlier rules made of several works is named with what differs, and can be split;
    a file that was changed since is told.
    """
    path = written(tmp_path / "a.ris", ONE, BROKEN, TWO, THREE)
    ingest(library, [path])
    ids = sorted(each.id for each in library.catalogue.documents())
    old = united_as_before(library, [path], [f"{path}#0 (ris)", f"{path}#2 (ris)"])
    (found,) = check(library.catalogue)["doubtful"]
    assert (found["document"], found["split"]) == (old, f"kgrag duplicates split '{old}'")
    assert found["sources"] == [f"{path}#{number}" for number in (0, 2, 3)]
    assert "title" in {each["field"] for each in found["disagree"]}
    os.utime(path, (1, 1))
    (lost,) = check(library.catalogue)["unreadable"]
    assert f"{path}#2" in lost["reason"]
    with pytest.raises(NotFound, match="gone or changed"):
        Duplicates(library.catalogue).split(old, "ada")
    ingest(library, [path])
    assert sorted(each.id for each in library.catalogue.documents()) == ids


@pytest.mark.parametrize(
    ("ids", "move", "changed"),
    [
        ("axa", Move("", "a", ("b", "c"), gone=True), "bxc"),
        ("aaa", Move("", "a", ("b",), gone=True), "bbb"),
        ("a", Move("", "a", ("b", "c"), gone=True), "bc"),
        ("axa", Move("", "a", ("b",), stays=True), "axb"),
        ("ax", Move("", "a", ("b", "c"), stays=True), "axbc"),
        ("ax", Move("", "a", ("b",)), "bx"),
        ("ba", Move("", "a", ("b",), stays=True), "ba"),
        ("xy", Move("", "a", ("b",)), "xy"),
    ],
)
def test_what_a_file_gives_after_a_move(ids: str, move: Move, changed: str) -> None:
    """An id for each record; one that a source of the file still has is not lost."""
    assert "".join(passed_on(list(ids), move)) == changed


def test_an_old_union_is_split(library: Library, tmp_path: Path) -> None:
    """Every source is its own document again, of whichever file, and the next batch has no work."""
    paths = [written(tmp_path / "a.ris", ONE, TWO), written(tmp_path / "b.ris", THREE)]
    ingest(library, paths)
    ids = sorted(each.id for each in library.catalogue.documents())
    old = united_as_before(library, paths, [f"{paths[0]}#0 (ris)", f"{paths[1]}#0 (ris)"])
    assert sorted(Duplicates(library.catalogue).split(old, "ada")) == ids
    assert not any(check(library.catalogue).values())
    again = ingest(library, paths)
    assert (again["skipped"], again["unchanged"], again["left"]) == (2, 3, [])


def test_an_old_union_that_names_few_of_its_sources(library: Library, tmp_path: Path) -> None:
    """Earlier versions noted the last two sources, and not that the others of the file were in it."""
    path = Path(copy(FIELD / "a_column_in_three_issues.ris", tmp_path))
    ingest(library, [path])
    ids = sorted(each.id for each in library.catalogue.documents())
    old = united_as_before(library, [], [f"{path}#0 (ris)", f"{path}#2 (ris)"])
    assert len(check(library.catalogue)["doubtful"][0]["sources"]) == 3
    assert sorted(Duplicates(library.catalogue).split(old, "ada")) == ids
    assert not any(check(library.catalogue).values())


def test_an_old_union_loses_no_source(library: Library, tmp_path: Path) -> None:
    """Where one of its files is read again, what it has from the others stays."""
    paths = [
        written(tmp_path / "a.ris", ONE),
        written(tmp_path / "b.ris", ONE.replace("ER ", "VL  - 7\nER ")),
    ]
    ingest(library, paths)
    (united,) = library.catalogue.documents()
    alone = replace(
        united, record=replace(united.record, source=replace(united.record.source, path=str(paths[0])))
    )
    library.catalogue.put(with_extraction(alone, library.catalogue.passages_of(united.id)))
    assert library.catalogue.sources_of(united.id) == []
    assert library.catalogue.document(united.id).record.volume == "7"
    ingest(library, [written(paths[0], ONE.replace("Something", "Everything"))])
    (document,) = library.catalogue.documents()
    assert document.record.volume == "7"


def test_names_that_are_no_utf8(library: Library, tmp_path: Path) -> None:
    """A file whose name is no UTF-8 is read, shown escaped, and known again; it costs no other file."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "plain.ris").write_text(ONE)
    with open(os.fsencode(folder) + b"/caf\xe9.ris", "w") as file:
        file.write(TWO)
    with open(os.fsencode(folder) + b"/bad\xe9.ris", "w") as file:
        file.write(BROKEN)
    report = ingest(library, [folder])
    assert report["new"] == 2
    assert {refused["path"].rsplit("/", 1)[-1] for refused in report["refused"]} == {r"bad\xe9.ris"}
    assert json.dumps(report).encode()
    assert r"caf\xe9.ris" in {d.record.source.path.rsplit("/", 1)[-1] for d in library.catalogue.documents()}
    again = ingest(library, [folder])
    assert (again["new"], again["skipped"]) == (0, 3)
