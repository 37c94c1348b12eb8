"""A library's own reward models: trained from its rankings, promoted only when better, taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from kgrag.catalogue import schema as t
from kgrag.cli.main import app
from kgrag.errors import NotFound, UsageError
from kgrag.learn import reward as registry
from kgrag.library import Library
from kgrag.reward.features import NAMES
from kgrag.reward.model import PATH, RewardFile
from kgrag.reward.pairwise import Group, train_pairwise
from kgrag.reward.versions import current as versions_current
from kgrag.reward.versions import promote, rollback
from kgrag.reward.versions import versions as versions_versions
from kgrag.settings import Settings

QUESTIONS = [
    f"Does {drug} reduce the risk of {illness}?"
    for drug in ("aspirin", "metformin", "zinc")
    for illness in ("stroke", "cancer", "fever")
]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library."""
    with Library(Settings(library=tmp_path / "library"), create=True) as opened:
        yield opened


def _rank(library: Library, question: str, rater: str, best_first: bool = True) -> None:
    answers = [
        f"Yes: in a trial of 300 adults, {question[5:-1].replace('reduce', 'reduced')} by 20%.",
        "It may be so, I guess, who knows.",
    ]
    body = {
        "question": question,
        "answers": answers,
        "ranking": [0, 1] if best_first else [1, 0],
        "scores": [-1, -2] if best_first else [-2, -1],
        "evidence": [],
    }
    with library.catalogue.writing() as connection:
        connection.execute(
            insert(t.feedback).values(
                answer_id="a-1", created="2026-01-01", rater=rater, kind="ranking", body=body
            )
        )


def _version(library: Library, name: str, standing: str, better: bool = True) -> None:
    scorer = RewardFile.read(PATH).scorer
    (library.folder / "reward").mkdir(exist_ok=True)
    RewardFile(scorer, NAMES, {"version": name, "standing": standing, "figures": {"better": better}}).write(
        library.folder / "reward" / f"{name}.json"
    )


def test_too_few_rankings_train_nothing(library: Library) -> None:
    """With none or one ranking the refusal says what to do."""
    _rank(library, QUESTIONS[0], "anna")
    with pytest.raises(UsageError, match="Rank more answers"):
        registry.train(library)
    with pytest.raises(NotFound, match="kgrag reward train"):
        registry.evaluate(library)


def test_a_version_is_stored_measured_and_not_promoted_where_no_better(library: Library) -> None:
    """People who agree with the shipped model give a version that is equal on held-out questions, and equal
    is not better.
    """
    for question in QUESTIONS:
        _rank(library, question, "anna")
        _rank(library, question, "ben")
    found = registry.train(library)
    assert (
        found["agreement"]
        == found["agreement_standing"]
        == found["agreement_left_out_raters"]
        == found["agreement_between_raters"]
        == 1.0
    )
    assert found["pairs"] > 0
    assert list(versions_versions(library.folder)) == [found["version"]] == ["v0001"]
    assert registry.evaluate(library)["agreement"] == found["agreement"]
    with pytest.raises(UsageError, match="no better"):
        promote(library, "v0001")
    assert versions_current(library.folder) == PATH


def test_promotion_and_rollback_keep_their_order(library: Library) -> None:
    """Each rollback goes one step back, at last to the shipped model; a version compared with another model
    is refused.
    """
    shipped = str(RewardFile.read(PATH).card["version"])
    _version(library, "v0001", shipped)
    _version(library, "v0002", "v0001")
    with pytest.raises(UsageError, match="Train again"):
        promote(library, "v0002")
    promote(library, "v0001")
    promote(library, "v0002")
    assert versions_current(library.folder).stem == "v0002"
    assert rollback(library) == "v0001"
    assert rollback(library) == "shipped"
    assert versions_current(library.folder) == PATH
    with pytest.raises(UsageError, match="nothing to go back to"):
        rollback(library)
    with pytest.raises(NotFound, match="v0001, v0002"):
        promote(library, "v0009")


def test_what_is_held_out_depends_on_the_question_alone(library: Library) -> None:
    """Another rater, or another order, never moves a question to the other side."""
    for question in QUESTIONS:
        _rank(library, question, "anna")
        _rank(library, question, "ben", best_first=False)
    sides: dict[str, set[bool]] = {}
    for ranking in registry.rankings_of(library):
        sides.setdefault(ranking.question, set()).add(ranking.held)
    assert all(len(side) == 1 for side in sides.values())
    assert {True} in sides.values()
    assert {False} in sides.values()


def test_few_rankings_move_the_base_little() -> None:
    """The penalty is on the distance from the base: strong, it stays; without any pair it is the base
    itself.
    """
    base = RewardFile.read(PATH).scorer
    rng = np.random.default_rng(3)
    group = Group(rng.normal(size=(3, len(NAMES))) + base.mean, np.array([1.0, 2.0, 3.0]))
    near, far = (
        np.abs(train_pairwise([group], penalty, base=base).weight - base.weight).sum()
        for penalty in (1e3, 1e-2)
    )
    assert near < 0.05 < far
    tied = Group(group.features, np.zeros(3))
    assert np.array_equal(train_pairwise([tied], base=base).weight, base.weight)


def test_the_commands_say_what_happened(library: Library) -> None:
    """The command line trains, evaluates, promotes and goes back on the same folder."""
    for question in QUESTIONS:
        _rank(library, question, "anna")
    runner, place = CliRunner(), ["--library", str(library.folder)]
    assert json.loads(runner.invoke(app, ["reward", "train", "--json", *place]).stdout)["version"] == "v0001"
    assert "agreement" in runner.invoke(app, ["reward", "evaluate", *place]).stdout
    _version(library, "v0002", str(RewardFile.read(PATH).card["version"]))
    assert "v0002 is in use" in runner.invoke(app, ["reward", "promote", "v0002", *place]).stdout
    assert "shipped is in use" in runner.invoke(app, ["reward", "rollback", *place]).stdout
