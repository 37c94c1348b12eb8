"""The reward report: people's rankings beside the model, raters beside each other, and models and prompts as
players.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from kgrag.catalogue import schema as t
from kgrag.cli.main import app
from kgrag.evaluate.reward import between_raters, games_of, players_of, ratings, reward_report
from kgrag.library import Library
from kgrag.settings import Settings

QUESTION = "Does aspirin reduce the risk of stroke?"
ANSWERS = [
    "Aspirin reduced the risk of stroke by 20% in 300 adults.",
    "It may be so, who knows.",
    "Aspirin is a drug.",
]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(Settings(library=tmp_path / "library"), create=True) as opened:
        yield opened


def row(ranks: Sequence[int], rater: str = "anna", **more: Any) -> dict[str, Any]:
    """A ranking as the catalogue keeps it."""
    order = sorted(range(len(ranks)), key=lambda i: ranks[i])
    return {
        "question": QUESTION,
        "answers": ANSWERS[: len(ranks)],
        "ranking": order,
        "scores": [-rank for rank in ranks],
        "evidence": [ANSWERS[0]],
        "rater": rater,
        **more,
    }


def keep(library: Library, entry: dict[str, Any]) -> None:
    with library.catalogue.writing() as connection:
        connection.execute(
            insert(t.feedback).values(
                answer_id="a-1", created="2026-01-01", rater=entry["rater"], kind="ranking", body=entry
            )
        )


def test_prompts_are_players_of_their_own() -> None:
    """A language model with two prompts is two players, the extractive generator is one, and answers of one
    player are no game.
    """
    found = row([1, 2, 2], makers=["openai-like:x", "extractive", "extractive"], models={"prompt": "abc"})
    assert players_of(found) == ["openai-like:x, prompt abc", "extractive", "extractive"]
    assert games_of(found) == [("openai-like:x, prompt abc", "extractive", 1.0)] * 2
    assert games_of(row([1, 2])) == []


def test_who_wins_more_stands_higher() -> None:
    """The table is ordered by rating; wins and games are counted, a tie is half."""
    rows = [row([1, 2], makers=["a:x", "b:y"])] * 3 + [row([1, 1], makers=["a:x", "b:y"])]
    first, second = ratings(rows)
    assert (first["player"], first["games"], first["won"], second["won"]) == ("a:x", 4, 3.5, 0.5)
    assert first["rating"] > second["rating"]
    assert ratings([]) == []


def test_raters_are_compared_on_what_both_ranked() -> None:
    """Three pairs of which two are ordered alike; a single rater has no kappa."""
    found = between_raters([row([1, 2, 3]), row([1, 3, 2], "ben")])
    assert (found["raters"], found["n_pairs"], found["alike"]) == (2, 3, pytest.approx(2 / 3))
    assert found["kappa"] is not None
    assert between_raters([row([1, 2, 3])])["kappa"] is None


def test_the_command_prints_model_rules_and_versions(library: Library) -> None:
    """Agreement of the model with the plain rules beside it, by language and length; an empty library has
    figures of nothing.
    """
    run = CliRunner()
    assert (
        json.loads(run.invoke(app, ["reward", "report", "--library", str(library.folder), "--json"]).stdout)[
            "agreement"
        ]["n"]
        == 0
    )
    for rater in ("anna", "ben"):
        keep(library, row([1, 2, 2], rater, makers=["openai-like:x", "extractive", "extractive"]))
    found = json.loads(
        run.invoke(app, ["reward", "report", "--library", str(library.folder), "--json"]).stdout
    )
    assert found["agreement"]["n"] == found["agreement"]["by_language"]["en"]["n"] == 4
    assert {"agreement", "most_supported_first", "longer_wins"} <= set(found["agreement"])
    assert found["in_use"] == "shipped"
    assert found["elo"][0]["player"] == "openai-like:x"
    assert "kappa" in run.invoke(app, ["reward", "report", "--library", str(library.folder)]).stdout


def test_raters_whose_feedback_is_off_do_not_count(library: Library) -> None:
    """What an admin turned off is not reported either."""
    from kgrag.people.pseudonyms import pseudonym
    from kgrag.people.rights import Rights
    from kgrag.people.users import Users

    user = Users(library.catalogue).add("carla", "librarian", password="a long password here")
    keep(library, row([1, 2], pseudonym(library.folder, user.id, "rater")))
    assert reward_report(library)["rankings"] == 1
    Rights(library.catalogue).set_switch("feedback", "librarian", on=False)
    assert reward_report(library)["rankings"] == 0
