"""A deep search goes on until nothing new is found; its steps are shown, counted, stopped and run again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kgrag.ask.asker import Asker
from kgrag.ask.deep import Done, Step, deep_search, replayed, run_step
from kgrag.ask.deep.told import deep_as_text, deep_to_json
from kgrag.cli.main import app
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.types import Filters

QUESTION = "How do thresher sharks use their tails when they hunt?"
PAPER = "doi:10.1371/journal.pone.0067380"


def test_it_finds_quotes_and_can_be_run_again(papers_library: Library) -> None:
    """Each document stands with an exact quote; the same steps give the same documents in the same order."""
    asker, told = Asker(papers_library), list[Done]()
    found = deep_search(asker, QUESTION, progress=told.append)
    assert found.ended == "nothing new"
    assert found.found[0].document.id == PAPER
    assert all(quote.quote == quote.passage.text[quote.start : quote.end] for _, quote in found.quoted)
    assert tuple(told) == found.steps
    assert [done.step.arguments.get("mode") for done in found.steps[:3]] == ["full", "words", "dense"]
    assert {done.step.tool for done in found.steps} >= {"search", "cites", "cited_by"}
    assert replayed(asker, found.steps) == [True] * len(found.steps)
    assert deep_to_json(found)["found"][0]["document_id"] == PAPER
    assert "two rounds brought nothing new" in deep_as_text(found)


def test_it_keeps_to_its_budget_and_stops_when_told(papers_library: Library) -> None:
    """No more steps than allowed; stopped after the second."""
    asker, told = Asker(papers_library), list[Done]()
    short = deep_search(asker, QUESTION, max_steps=2)
    assert (len(short.steps), short.ended) == (2, "budget")
    stopped = deep_search(asker, QUESTION, progress=told.append, stopped=lambda: len(told) == 2)
    assert (len(stopped.steps), stopped.ended) == (2, "stopped")


def test_it_stays_within_the_filters(papers_library: Library) -> None:
    """What is hidden is found by no step, nor along citations."""
    nowhere = Filters(documents=("none",))
    found = deep_search(Asker(papers_library), QUESTION, filters=nowhere)
    assert found.found == ()
    assert all(done.documents == () for done in found.steps)
    within = Step("search", {"query": QUESTION, "documents": [PAPER]})
    assert run_step(Asker(papers_library), within, nowhere) == []
    assert [item.document.id for item in run_step(Asker(papers_library), within)] == [PAPER]


@pytest.mark.parametrize(
    ("step", "told"), [(Step("fly", {}), "No tool 'fly'"), (Step("search", {}), "needs the argument 'query'")]
)
def test_a_wrong_step_is_told(papers_library: Library, step: Step, told: str) -> None:
    """The error names what exists or is missing."""
    with pytest.raises(UsageError, match=told):
        run_step(Asker(papers_library), step)


def test_the_command_keeps_and_replays(papers_library: Library, tmp_path: Path) -> None:
    """What ``--json`` prints is what ``--replay`` reads; a file of something else is refused."""
    run, place = CliRunner(), ["--library", str(papers_library.folder)]
    kept = run.invoke(app, ["deep", QUESTION, "--steps", "3", "--json", *place])
    assert kept.exit_code == 0
    (tmp_path / "deep.json").write_text(kept.stdout, "utf-8")
    again = run.invoke(app, ["deep", "--replay", str(tmp_path / "deep.json"), *place])
    assert json.loads(again.stdout) == {"identical": True, "steps": [True] * 3}
    (tmp_path / "other.json").write_text("[]", "utf-8")
    assert run.invoke(app, ["deep", "--replay", str(tmp_path / "other.json"), *place]).exit_code != 0
