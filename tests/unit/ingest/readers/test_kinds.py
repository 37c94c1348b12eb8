"""Kinds of trouble in real exports, each by small made-up files in ``tests/data/kinds``: what has to come of
them stands beside them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.readers import BrokenRecord, read_file
from kgrag.errors import ReadError
from kgrag.types import Record

KINDS = Path(__file__).parents[3] / "data" / "kinds"
FIELDS = ("title", "abstract", "year", "venue", "volume", "issue", "pages", "publisher", "kind", "language")
EXTRA = ("place", "title_alternative", "author_alternative", "warnings")


def seen(record: Record | BrokenRecord) -> dict[str, Any]:
    """What ``expected.json`` says of a record: its fields that are not empty."""
    if isinstance(record, BrokenRecord):
        return {"broken": record.reason.split(" Known")[0]}
    values = {name: getattr(record, name) for name in FIELDS}
    values |= {
        "authors": [one.name for one in record.authors],
        "editors": [one.name for one in record.editors],
    }
    values |= {"identifiers": dict(record.identifiers)}
    values |= {"notices": [[one.kind, *one.about] for one in record.notices]}
    values |= {name: record.extra.get(name) for name in EXTRA}
    return {name: value for name, value in values.items() if value}


def expected(folder: str) -> dict[str, Any]:
    """What has to come of each file of a folder."""
    found: dict[str, Any] = json.loads((KINDS / folder / "expected.json").read_text("utf-8"))
    return found


def files(folder: str) -> pytest.MarkDecorator:
    """The files of a folder as parameters."""
    return pytest.mark.parametrize("name", sorted(expected(folder)))


def check(folder: str, name: str) -> None:
    """The file gives its records, or is refused for its reason; the reason names what is known."""
    wanted = expected(folder)[name]
    if isinstance(wanted, str):
        with pytest.raises(ReadError) as caught:
            list(read_file(KINDS / folder / name))
        assert str(caught.value).startswith(wanted)
        assert "Known" in str(caught.value) or "Title" in str(caught.value)
    else:
        assert [seen(record) for record in read_file(KINDS / folder / name)] == wanted


@files("notices")
def test_what_a_record_says_of_its_standing(name: str) -> None:
    """Retractions, corrections and concerns are read from fields, types, notes and titles; a notice names the
    work that it is about.
    """
    check("notices", name)


@files("marc")
def test_what_libraries_hold(name: str) -> None:
    """UNIMARC and CNMARC are read in the encoding of their bytes, whatever the leader says; a field in other
    letters goes before its romanisation; a part names its host.
    """
    check("marc", name)


@files("encodings")
def test_encodings_by_record(name: str) -> None:
    """Each record is read in its own encoding; letters that came in wrong are told."""
    check("encodings", name)


@files("names")
def test_names(name: str) -> None:
    """Nobody is lost: bodies beside persons, editors of edited works, names in their fullest form."""
    check("names", name)


@files("signs")
def test_signs(name: str) -> None:
    """No sign vanishes that TeX or HTML writes, and every entry that BibTeX allows is read."""
    check("signs", name)


@files("exports")
def test_exports(name: str) -> None:
    """An export is read as records, or refused with a reason that names what is known; it is never prose."""
    check("exports", name)


@files("places")
def test_dates_and_places(name: str) -> None:
    """The year is the publication's; an article number stands for pages; a chapter is in its book."""
    check("places", name)


def test_every_file_is_expected() -> None:
    """No file lies beside ``expected.json`` without being checked."""
    for folder in KINDS.iterdir():
        if folder.is_dir():
            assert {path.name for path in folder.iterdir()} - {"expected.json"} == set(expected(folder.name))
