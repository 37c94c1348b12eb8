"""People: passwords are hashed, guessing locks a name whether it exists or not, sessions end when they
should, one admin stays.
"""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select, update

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema_people as t
from kgrag.errors import NotFound, TooMany, UsageError
from kgrag.people.rights import ACTIONS, ROLES, Person, may
from kgrag.people.sessions import Sessions
from kgrag.people.users import MAX_FAILED, LoginFailed, Users

PASSWORD = "a long enough password"


@pytest.fixture
def users(catalogue: Catalogue) -> Users:
    """An admin and a reader."""
    found = Users(catalogue)
    found.add("ada", "admin", PASSWORD)
    found.add("rosa", "reader", PASSWORD, groups=["biology", "arts"])
    return found


def test_a_password_opens_and_is_not_kept(users: Users, catalogue: Catalogue) -> None:
    """Argon2id in the table, in no file the password; the right one gives the user, another nobody."""
    assert users.verify(" rosa", PASSWORD).groups == ("arts", "biology")
    assert catalogue.rows(select(t.users.c.password))[0][0].startswith("$argon2id$")
    assert not any(
        PASSWORD.encode() in path.read_bytes() for path in catalogue.folder.rglob("*") if path.is_file()
    )
    with pytest.raises(LoginFailed):
        users.verify("rosa", PASSWORD + " ")


def test_guessing_locks_known_and_unknown_names_alike(
    users: Users, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After five failures even the right password is refused, with the same words for a name that does not
    exist; time or an admin lifts it.
    """
    said = {}
    for name in ("rosa", "nobody"):
        for _ in range(MAX_FAILED):
            with pytest.raises(LoginFailed) as failed:
                users.verify(name, "wrong password")
        with pytest.raises(TooMany) as locked:
            users.verify(name, PASSWORD)
        said[name] = (str(failed.value), str(locked.value))
    assert said["rosa"] == said["nobody"]
    assert users.verify("ada", PASSWORD)
    users.unlock("rosa")
    assert users.verify("rosa", PASSWORD)
    later = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(LoginFailed):
        users.verify("nobody", PASSWORD)


def test_who_is_disabled_or_has_no_password_is_not_let_in(users: Users, catalogue: Catalogue) -> None:
    """Disabling ends the sessions at once; a user of OIDC has no password that fits."""
    sessions = Sessions(catalogue, 1)
    token = sessions.open(users.get("rosa").person)
    assert sessions.find(token) is not None
    users.set_disabled("rosa", True)
    assert sessions.find(token) is None
    with pytest.raises(LoginFailed):
        users.verify("rosa", PASSWORD)
    users.set_disabled("rosa", False)
    assert sessions.find(token) is None
    users.add("olga", "reader", issuer="https://id.example", subject="1")
    with pytest.raises(LoginFailed):
        users.verify("olga", "")
    assert users.by_subject("https://id.example", "1") == users.get("olga")


def test_sessions_follow_their_person(users: Users, catalogue: Catalogue) -> None:
    """A new role holds at once; a new password ends them; they end by time; only a digest of the token is
    kept.
    """
    sessions = Sessions(catalogue, 1)
    token = sessions.open(users.get("rosa").person)
    users.set_role("rosa", "librarian")
    found = sessions.find(token)
    assert found is not None
    assert found.person == Person(users.get("rosa").id, "rosa", "librarian", ("arts", "biology"))
    assert not any(
        token.encode() in path.read_bytes() for path in catalogue.folder.rglob("*") if path.is_file()
    )
    users.set_password("rosa", PASSWORD + "!")
    assert sessions.find(token) is None
    token = sessions.open(users.get("rosa").person)
    with catalogue.writing() as connection:
        connection.execute(update(t.sessions).values(expires=time.time() - 1))
    assert sessions.find(token) is None
    sessions.close(token)
    assert sessions.find("") is None


def test_the_last_admin_stays(users: Users) -> None:
    """Neither deleted, disabled nor made a reader, until there is another."""
    for act in (
        lambda: users.delete("ada"),
        lambda: users.set_disabled("ada", True),
        lambda: users.set_role("ada", "reader"),
    ):
        with pytest.raises(UsageError, match="only admin"):
            act()
    users.set_role("rosa", "admin")
    users.delete("ada")
    assert [user.name for user in users.list()] == ["rosa"]


@pytest.mark.parametrize(
    ("name", "role", "password", "said"),
    [
        ("rosa", "reader", PASSWORD, "already"),
        ("", "reader", PASSWORD, "no user name"),
        ("<script>", "reader", PASSWORD, "no user name"),
        ("karl", "king", PASSWORD, "No role 'king' \\(found: reader"),
        ("karl", "reader", "short", "10 to 1024"),
    ],
)
def test_wrong_users_are_refused(users: Users, name: str, role: str, password: str, said: str) -> None:
    """With what is wrong, never with the password."""
    with pytest.raises(UsageError, match=said) as error:
        users.add(name, role, password)
    assert password not in str(error.value)
    with pytest.raises(NotFound, match="kgrag users list"):
        users.get("karl")


def test_each_role_may_what_the_one_before_may() -> None:
    """The matrix of docs/RIGHTS.md: roles grow."""
    allowed = [{action for action in ACTIONS if may(Person("", "", role), action)} for role in ROLES]
    assert all(less < more for less, more in pairwise(allowed))
    assert allowed[0] == {"read", "ask", "history", "sets"}
    assert allowed[-1] == set(ACTIONS)
    assert not may(Person("", "", "king"), "read")


def test_an_older_catalogue_gets_the_tables(tmp_path: Path) -> None:
    """A library made before there were users opens, with empty tables and the triggers."""
    catalogue = Catalogue(tmp_path)
    with catalogue.writing() as connection:
        for table in reversed(t.TABLES):
            table.drop(connection)
        connection.exec_driver_sql("UPDATE meta SET value = '2' WHERE name = 'version'")
    catalogue.close()
    catalogue = Catalogue(tmp_path)
    assert not Users(catalogue).has_admin()
    with catalogue.engine.connect() as connection:
        triggers = {
            row[0]
            for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        }
    assert triggers == {
        f"{log}_no_{act}"
        for log in ("audit_security", "audit_provenance", "review_events")
        for act in ("update", "delete")
    }
    catalogue.close()
