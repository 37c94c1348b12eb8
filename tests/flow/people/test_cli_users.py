"""The command line for people and logs: passwords never on it, errors with the next command, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from kgrag.cli.main import app
from kgrag.errors import KgragError
from kgrag.library import Library
from kgrag.people.users import Users

PASSWORD = "a long enough password"


class Line:
    """The command line over one library; errors of ours are raised as ``main`` sees them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, given: str = "", code: int = 0) -> str:
        """What a command prints on stdout; its exit code must be the one given."""
        done = CliRunner().invoke(app, [*words, "--library", str(self.folder)], input=given)
        if isinstance(done.exception, KgragError):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.stdout


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """With an admin."""
    monkeypatch.delenv("KGRAG_PASSWORD", raising=False)
    monkeypatch.setenv("KGRAG_EMBEDDER", "hash")
    made = Line(tmp_path / "library")
    made("users", "add", "ada", "--role", "admin", given=PASSWORD + "\n")
    return made


def test_people_come_and_go(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Added, listed, changed, deleted; each act is in the log of security under the user's id."""
    monkeypatch.setenv("KGRAG_PASSWORD", PASSWORD)
    line("users", "add", "rosa", "--group", "arts")
    assert line("users", "list") == "ada\tadmin\t-\nrosa\treader\tarts\n"
    line("users", "role", "rosa", "librarian")
    line("users", "groups", "rosa", "biology", "arts")
    line("users", "passwd", "rosa")
    line("users", "disable", "rosa")
    user = json.loads(line("users", "list", "--json"))["users"][1]
    assert (user["role"], user["groups"], user["disabled"]) == ("librarian", ["arts", "biology"], True)
    line("users", "disable", "rosa", "--enable")
    line("users", "forget", "rosa")
    line("users", "unlock", "rosa")
    line("users", "delete", "rosa")
    lines = json.loads(line("audit", "show", "security", "--json"))["lines"]
    assert [item["action"] for item in reversed(lines)] == [
        "user-added",
        "user-added",
        "role-librarian",
        "groups-changed",
        "password-changed",
        "user-disabled",
        "user-enabled",
        "history-forgotten",
        "user-unlocked",
        "user-deleted",
    ]
    assert {item["target"] for item in lines[:-1]} == {user["id"]}
    assert "rosa" not in line("audit", "show")
    with pytest.raises(KgragError, match="only admin"):
        line("users", "delete", "ada")
    monkeypatch.delenv("KGRAG_PASSWORD")
    with pytest.raises(KgragError, match="10 to 1024"):
        line("users", "add", "kurt", given="short\n")
    with Library.open(line.folder) as library:
        assert [item.name for item in Users(library.catalogue).list()] == ["ada"]


def test_collections_and_switches(line: Line) -> None:
    """Set, listed, turned off by role, removed; one that would hide nothing is refused."""
    made = ("users", "collection", "Licensed", "--path", "/papers", "--group", "staff")
    with pytest.raises(KgragError, match="hide nothing"):
        line(*made)
    assert line("users", "collections") == ""
    assert line(*made, "--empty") == "Licensed: 0 documents, seen by staff.\n"
    assert (
        line("users", "switch", "collection:Licensed", "--off", "reader", "--off", "admin", "--on", "admin")
        .split(": ")[1]
        .startswith("reader off, researcher on")
    )
    found = json.loads(line("users", "collections", "--json"))["collections"][0]
    assert (found["name"], found["groups"], found["off_for"]) == ("Licensed", ["staff"], ["admin", "reader"])
    line("users", "collection", "Licensed", "--remove")
    assert line("users", "collections") == ""
    assert line("users", "purge").startswith("0 entries")


def test_verify_names_what_does_not_hold(line: Line) -> None:
    """Exit code 0 and the newest hash, 1 with the line that was changed, 1 where a noted hash is gone."""
    told = json.loads(line("audit", "verify", "--json"))
    assert told["holds"]
    head = next(log["head"] for log in told["logs"] if log["log"] == "security")
    line("audit", "verify", "--head", head)
    with Library.open(line.folder) as library, library.catalogue.writing() as connection:
        connection.execute(text("DROP TRIGGER audit_security_no_update"))
        connection.execute(text("UPDATE audit_security SET action = 'logout' WHERE seq = 1"))
    done = CliRunner().invoke(app, ["audit", "verify", "--library", str(line.folder)])
    assert (done.exit_code, done.stderr) == (1, "security line 1: was changed\n")
    assert not json.loads(line("audit", "verify", "--head", "f" * 64, "--json", code=1))["holds"]
