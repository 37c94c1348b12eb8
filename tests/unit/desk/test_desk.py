"""The desk: every act with every role. Who may not, changes nothing; who may, leaves one line where the act
changes something; where the line cannot be written, nothing is changed.
"""

from __future__ import annotations

import ast
import inspect
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from kgrag.catalogue import schema
from kgrag.catalogue.audit import read_log, verify_log
from kgrag.desk import Desk
from kgrag.errors import Forbidden
from kgrag.library import Library
from kgrag.people.history import remember
from kgrag.people.rights import ROLES, Person
from tests.unit.desk.acts import (
    ACTS,
    D1,
    HEAVY,
    NO_ACTS,
    QUESTION,
    Made,
    begin_review,
    fill,
    settings,
)

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The library that every test gets a copy of."""
    place = tmp_path_factory.mktemp("desk")
    (place / "empty").mkdir()
    (place / "terms.csv").write_text("id,name\nN1,Radium\n", "utf-8")
    ranked = {"document": D1, "kind": "terms", "items": ["a", "b"], "ranking": [1, 0], "right": []}
    (place / "ranked.jsonl").write_text(json.dumps(ranked), "utf-8")
    with Library(settings(place / "library"), create=True) as library:
        answer = fill(library, place)
        begin_review(library.catalogue, place)
    return Made(place / "library", answer["id"], answer["claims"][0]["id"], len(answer["candidates"]))


@pytest.fixture(autouse=True)
def _heavy_rooms_are_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in HEAVY:
        monkeypatch.setattr(name, lambda *_, **__: 0)


def _copied(prepared: Made, place: Path) -> Made:
    shutil.copytree(prepared.folder.parent, place)
    return Made(place / "library", prepared.answer, prepared.claim, prepared.candidates)


@pytest.fixture
def made(prepared: Made, tmp_path: Path) -> Made:
    """A copy for one test."""
    return _copied(prepared, tmp_path / "desk")


@pytest.fixture
def library(made: Made) -> Iterator[Library]:
    """It, open."""
    with Library(settings(made.folder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def unchanged(prepared: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Made]]:
    """A copy for all tests in which nothing is changed."""
    made = _copied(prepared, tmp_path_factory.mktemp("unchanged") / "desk")
    with Library(settings(made.folder)) as opened:
        yield opened, made


class Answering:
    """Gives the stored answer to every question, and notes it in the asker's history as ``Asker`` does."""

    def __init__(self, library: Library, answer: str) -> None:
        self.library, self.answer = library, answer

    def ask(self, question: str, *, person: Person, **options: Any) -> Any:
        """The stored one."""
        remember(self.library, person, self.answer)
        return SimpleNamespace(id=self.answer)

    def check(self, text: str, **options: Any) -> list[dict[str, Any]]:
        """None."""
        return []

    def check_references(self, text: str, **options: Any) -> list[dict[str, Any]]:
        """None."""
        return []


def _desk(library: Library, made: Made, role: str) -> Desk:
    return Desk(library, Person(f"u-{role}", role, role), answering=Answering(library, made.answer))


def _state(library: Library) -> tuple[dict[str, list[Any]], list[str]]:
    """Every row of every table, and the files."""
    tables = {table.name: library.catalogue.rows(select(table)) for table in schema.metadata.sorted_tables}
    files = sorted(str(path) for path in library.folder.parent.rglob("*.zip"))
    return tables, files


def _lines(library: Library) -> list[dict[str, Any]]:
    return read_log(library.catalogue, "security")


def test_every_act_is_in_the_table() -> None:
    """A new act of the desk has its least role written down."""
    public = {name for name, _ in inspect.getmembers(Desk, inspect.isfunction) if not name.startswith("_")}
    assert public - NO_ACTS == set(ACTS)


def _pairs(*, allowed: bool) -> list[tuple[str, str]]:
    return [
        (act, role)
        for act, (least, _, _) in ACTS.items()
        for role in ROLES
        if (ROLES.index(role) >= ROLES.index(least)) == allowed
    ]


@pytest.mark.parametrize(("act", "role"), _pairs(allowed=False))
def test_who_may_not_changes_nothing(act: str, role: str, unchanged: tuple[Library, Made]) -> None:
    """Each act with each role below its least: Forbidden, and every table and file is as before; only the
    log tells, once, that it was refused.
    """
    library, made = unchanged
    before = _state(library)
    with pytest.raises(Forbidden, match=f"'{role}' may not"):
        ACTS[act][2](_desk(library, made, role), made)
    after = _state(library)
    told = after[0].pop("audit_security")[len(before[0].pop("audit_security")) :]
    assert after == before
    assert [(line.person, line.action) for line in told] in ([], [(f"u-{role}", "refused")])


@pytest.mark.parametrize(("act", "role"), _pairs(allowed=True))
def test_who_may_leaves_a_line(act: str, role: str, request: pytest.FixtureRequest) -> None:
    """Each act with each role from its least on: done, with the lines that the act leaves, under the person's
    id. Those that leave none share a library.
    """
    _, lines, work = ACTS[act]
    own = [request.getfixturevalue(name) for name in ("library", "made")] if lines else None
    library, made = own or request.getfixturevalue("unchanged")
    noted = len(_lines(library))
    work(_desk(library, made, role), made)
    new = _lines(library)[: len(_lines(library)) - noted]
    assert [line["person"] for line in new] == [f"u-{role}"] * lines
    assert verify_log(library.catalogue, "security").problems == ()


@pytest.mark.parametrize("act", [act for act, (_, lines, _) in ACTS.items() if lines])
def test_without_its_line_nothing_is_done(
    act: str, unchanged: tuple[Library, Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The act and its line are one transaction: where the line fails, every table and file is as before."""

    def fail(*_: Any) -> None:
        raise OSError("the line cannot be written")

    library, made = unchanged
    monkeypatch.setattr("kgrag.desk.counter.log_security", fail)
    before = _state(library)
    with pytest.raises(OSError, match="the line cannot"):
        ACTS[act][2](_desk(library, made, "admin"), made)
    assert _state(library) == before


def test_an_act_that_fails_leaves_no_line(library: Library, made: Made) -> None:
    """What was noted in advance goes with the act; somebody who may not go keeps what they asked."""
    desk, before = _desk(library, made, "admin"), _state(library)
    for fails in (
        lambda: desk.delete_document("doi:none"),
        lambda: desk.delete_user("ada"),
        lambda: desk.rebuild("nothing"),
        lambda: desk.switch("nothing", "reader", on=True),
        lambda: desk.steer(99, "pause"),
        lambda: desk.back_up(made.backup),
    ):
        with pytest.raises(Exception, match=r"No |only admin|exists"):
            fails()
    assert _state(library) == before


def test_what_is_asked_names_nobody(library: Library, made: Made) -> None:
    """Asking, ranking and judging leave no line: its time would join the person to the question."""
    desk = _desk(library, made, "admin")
    noted = len(_lines(library))
    desk.ask(QUESTION)
    desk.rank(made.answer, list(range(1, made.candidates + 1)))
    desk.judge(made.answer, made.claim, right=False)
    assert len(_lines(library)) == noted
    assert [item.question for item in desk.history()] == [QUESTION]


def _calls(path: Path) -> bool:
    """Whether a module names the function that writes a line of the log of security."""
    text = path.read_text("utf-8")
    tree = ast.parse(text if "log_security" in text else "")
    return any(
        (isinstance(node, ast.Name) and node.id == "log_security")
        or (isinstance(node, ast.Attribute) and node.attr == "log_security")
        or (isinstance(node, ast.alias) and node.name == "log_security")
        for node in ast.walk(tree)
    )


def test_the_desk_alone_writes_lines() -> None:
    """No other module of the four packages names ``log_security``."""
    modules = [path for name in ("kgrag", "ingest", "graph", "ui") for path in (ROOT / name).rglob("*.py")]
    naming = {path.relative_to(ROOT).parts[:2] for path in modules if _calls(path)}
    assert naming == {("kgrag", "desk")}
