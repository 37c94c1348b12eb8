"""Pairs that may be one work are listed, decided by a person, and decided back; later batches keep to what
was decided.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from ingest.run import prepare
from ingest.works.doubts import Duplicates
from ingest.works.unite import unite
from kgrag.catalogue import Catalogue
from kgrag.cli.main import app
from kgrag.errors import NotFound, UsageError
from kgrag.library import Library
from kgrag.types import Author, Record, Source

TITLE = "Reading rooms and the people who use them: a survey"


def record(number: int, **fields: Any) -> Record:
    """A record of its own source."""
    return replace(
        Record(
            Source(f"{number}.ris", str(number), "ris"),
            title=TITLE,
            year=2001,
            authors=(Author("Doe", "J."),),
            abstract=f"Rooms were counted. {number}",
        ),
        **fields,
    )


@pytest.fixture
def pair(catalogue: Catalogue) -> tuple[str, str]:
    """Two records alike enough for a doubt: a word of the title and the author differ."""
    first, second = (
        prepare(record(1, identifiers={"doi": "10.1000/rooms"})),
        prepare(record(2, title=TITLE.replace("people", "peoples"), authors=(Author("Dough", "J."),))),
    )
    for parcel in (
        first,
        second,
        prepare(record(3, title="Quite another matter: the weight of shelves", year=1990)),
    ):
        catalogue.put(parcel)
    return first.document.id, second.document.id


def contents(catalogue: Catalogue) -> dict[str, Any]:
    """Every document with its record and its passages."""
    return {document.id: (document, catalogue.passages_of(document.id)) for document in catalogue.documents()}


def test_listed_merged_and_given_back(catalogue: Catalogue, pair: tuple[str, str]) -> None:
    """The pair is listed with its reason; merged it is one document with both sources named; undone both are
    as before, and listed again.
    """
    duplicates, before = Duplicates(catalogue), contents(catalogue)
    (doubt,) = duplicates.doubtful()
    assert {doubt.first, doubt.second} == set(pair)
    assert doubt.reason.startswith("alike")
    merged = duplicates.merge(doubt.first, doubt.second, "ada")
    assert merged == "doi:10.1000/rooms"
    assert len(contents(catalogue)) == 2
    assert catalogue.document(merged).record.extra["merged"].count(" | ") == 1
    assert not duplicates.doubtful()
    duplicates.undo(duplicates.decisions()[0].key)
    assert contents(catalogue) == before
    assert duplicates.doubtful() == [doubt]
    with pytest.raises(UsageError, match="was taken back"):
        duplicates.undo(duplicates.decisions()[0].key)


def test_later_batches_keep_to_decisions(catalogue: Catalogue, pair: tuple[str, str]) -> None:
    """What was called different is not joined, even with the same key; what was called the same is joined
    again when its file changes.
    """
    duplicates = Duplicates(catalogue)
    duplicates.keep_apart(*pair, "ada")
    assert not duplicates.doubtful()
    twin = prepare(record(4, authors=(Author("Doe", "J."),)))
    assert unite(catalogue, twin)[1] == []
    assert unite(catalogue, twin)[0].document.id == "doi:10.1000/rooms"
    (
        duplicates.keep_apart("doi:10.1000/rooms", twin.document.id, "ada")
        if twin.document.id in catalogue.keys_of([twin.document.id])
        else catalogue.put(twin)
    )
    duplicates.keep_apart("doi:10.1000/rooms", twin.document.id, "ada")
    assert unite(catalogue, twin) == (twin, [])
    for decision in duplicates.decisions():
        duplicates.undo(decision.key)
    duplicates.merge(*pair, "ada")
    changed = prepare(
        replace(
            record(2, title=TITLE.replace("people", "peoples"), authors=(Author("Dough", "J."),)),
            abstract="Rooms were counted again.",
        )
    )
    changed = replace(changed, document=replace(changed.document, id=pair[1]))
    assert unite(catalogue, changed)[0].document.id == "doi:10.1000/rooms"


def test_errors_and_command_line(small_library: Library) -> None:
    """Unknown ids and one document twice are errors; the commands print what the functions return."""
    duplicates, place = Duplicates(small_library.catalogue), ["--library", str(small_library.folder)]
    with pytest.raises(NotFound):
        duplicates.merge("doi:10.1000/0.1", "doi:none", "ada")
    with pytest.raises(UsageError):
        duplicates.keep_apart("doi:10.1000/0.1", "doi:10.1000/0.1", "ada")
    with pytest.raises(NotFound):
        duplicates.undo(7)
    run, environment = CliRunner(), {"KGRAG_EMBEDDER": "hash"}
    assert (
        run.invoke(
            app, ["duplicates", "merge", "doi:10.1000/0.1", "doi:10.1000/0.2", *place], env=environment
        ).exit_code
        == 0
    )
    (decision,) = json.loads(
        run.invoke(app, ["duplicates", "decisions", "--json", *place], env=environment).stdout
    )["decisions"]
    assert decision["verdict"] == "same"
    assert (
        run.invoke(app, ["duplicates", "undo", str(decision["key"]), *place], env=environment).exit_code == 0
    )
    assert {"doi:10.1000/0.1", "doi:10.1000/0.2"} <= set(
        small_library.catalogue.keys_of(["doi:10.1000/0.1", "doi:10.1000/0.2"])
    )
    assert (
        json.loads(run.invoke(app, ["duplicates", "list", "--json", *place], env=environment).stdout)["pairs"]
        is not None
    )
