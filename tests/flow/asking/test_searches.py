"""Searches are kept as records that can be run again and reported."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kgrag.ask.asker import Asker
from kgrag.catalogue.searches import stored_search
from kgrag.cli.main import app
from kgrag.errors import NotFound
from kgrag.library import Library
from kgrag.render.search_report import FORMATS, methods_paragraph
from kgrag.search import Retriever
from kgrag.search.record import kept_search, replay
from kgrag.search.understand import understand
from kgrag.testing import random_parcel
from kgrag.types import Filters

QUESTION = "What was studied with Marie Curie and Radium?"


@pytest.mark.parametrize("mode", ["full", "nograph", "dense", "words", "graph"])
@pytest.mark.parametrize(
    "filters", [Filters(), Filters(year_from=1995, venues=("Nature",))], ids=["all", "limited"]
)
def test_a_record_run_again_gives_the_same(small_library: Library, mode: str, filters: Filters) -> None:
    """Ids, order and scores of any mode, with and without limits, also from what was stored."""
    retriever = Retriever(small_library)
    identifier, found = kept_search(retriever, understand(QUESTION, small_library), 7, mode, filters)
    record = stored_search(small_library.catalogue, identifier)
    again, changed = replay(Retriever(small_library), record)
    assert not changed
    assert [(h.passage.id, h.score) for h in again.hits] == [(h.passage.id, h.score) for h in found.hits]
    assert record["counts"]["returned"] == len(found.hits)
    assert ("filtered" in record["counts"]) == (filters != Filters())
    assert set(record["channels"]) <= {"dense", "words", "graph"}


def test_a_changed_library_is_told(small_library: Library) -> None:
    """Where the library has changed so that other passages are found, each difference and its cause is
    named.
    """
    identifier, found = kept_search(
        Retriever(small_library), understand(QUESTION, small_library), 5, "full", Filters()
    )
    small_library.catalogue.delete(found.hits[0].document.id)
    small_library.catalogue.put(random_parcel(99))
    small_library.catch_up()
    _, changed = replay(Retriever(small_library), stored_search(small_library.catalogue, identifier))
    assert changed[0] == f"{found.hits[0].passage.id}: was 1, is not found"
    assert any(line.startswith("library seq: 30 then, 32 now") for line in changed)


def test_every_format_tells_the_search(small_library: Library) -> None:
    """The paragraph holds the question, each channel's query, the counts and how to repeat it, in both
    languages; CSV has a line a hit.
    """
    typed = "Ｗhat was studied with Radium?"
    identifier, found = kept_search(
        Retriever(small_library), understand(typed, small_library), 5, "full", Filters(year_from=1991)
    )
    record = stored_search(small_library.catalogue, identifier)
    english, chinese = (methods_paragraph(record, language) for language in ("en", "zh"))
    for paragraph in (english, chinese):
        assert all(
            part in paragraph
            for part in (typed, "BM25", "1991", f"kgrag search --replay {identifier}", record["created"][:10])
        )
    assert "full-width characters" in english
    assert "个性化 PageRank" in chinese
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](record))))
    assert [row["passage_id"] for row in rows] == [hit.passage.id for hit in found.hits]
    assert json.loads(FORMATS["json"](record)) == record


def test_an_answer_names_its_search(papers_library: Library) -> None:
    """The record of the search that an answer rests on can be found from the answer, and holds the same
    passages.
    """
    answer = Asker(papers_library).ask("Why are most published research findings false?")
    assert answer.search is not None
    record = stored_search(papers_library.catalogue, answer.search)
    assert [hit["passage_id"] for hit in record["hits"]] == [hit.passage.id for hit in answer.retrieved]


def test_command_line(small_library: Library, tmp_path: Path) -> None:
    """Search, export, replay from the id and from the file; a wrong id, a wrong file and no question are
    errors with a next step.
    """
    place = ["--library", str(small_library.folder)]
    run = CliRunner()
    environment = {"KGRAG_EMBEDDER": "hash"}
    searched = json.loads(run.invoke(app, ["search", QUESTION, "--json", *place], env=environment).stdout)
    listed = json.loads(run.invoke(app, ["searches", "list", "--json", *place], env=environment).stdout)[
        "searches"
    ]
    assert [found["id"] for found in listed] == [searched["record"]]
    file = tmp_path / "record.json"
    assert (
        run.invoke(
            app, ["searches", "export", searched["record"], "-o", str(file), *place], env=environment
        ).exit_code
        == 0
    )
    for name in (searched["record"], str(file)):
        again = run.invoke(app, ["search", "--replay", name, "--json", *place], env=environment)
        assert again.exit_code == 0
        assert json.loads(again.stdout)["hits"] == searched["hits"]
    with pytest.raises(NotFound, match="searches list"):
        run.invoke(app, ["search", "--replay", "s-none", *place], env=environment, catch_exceptions=False)
    assert run.invoke(app, ["search", *place], env=environment).exit_code != 0
    file.write_text("[1]")
    assert "is no search record" in str(
        run.invoke(app, ["search", "--replay", str(file), *place], env=environment).exception
    )
