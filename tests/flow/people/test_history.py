"""A person's own history: theirs alone, forgotten on request and by time.

The canary: a marked user and a marked question are never found together.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from kgrag.catalogue import schema
from kgrag.catalogue import schema_people as t
from kgrag.catalogue.answers import answer_created, stored_answer
from kgrag.catalogue.audit import read_log, verify_log
from kgrag.desk import local_desk
from kgrag.desk.entrance import Entrance
from kgrag.errors import NotFound
from kgrag.export import FORMATS, export_answer
from kgrag.library import Library
from kgrag.people.feedback import read_feedback
from kgrag.people.history import asked, forget, purge, remember
from kgrag.people.pseudonyms import pseudonym
from kgrag.people.users import LoginFailed, User, Users
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from kgrag.types import Filters
from kgrag.upkeep.backup import backup
from ui.service.service import Service

PASSWORD = "a long enough password"
WHO, WHAT = "zzcanaryuser", "zzcanaryquestion"


@pytest.fixture
def service(small_library: Library) -> Service:
    """The service over thirty small documents."""
    return Service(small_library.settings)


def _user(service: Service, name: str, role: str = "researcher") -> User:
    return Users(service.library.catalogue).add(name, role, PASSWORD)


def test_a_history_is_ones_own(service: Service) -> None:
    """Newest first, found by words, seen by nobody else; asked again it is there once."""
    anna, bert = _user(service, "anna"), _user(service, "bert")
    for question in ("What is radium?", "Where is Paris?", "What is radium?"):
        service.of(anna.person).ask(question, Filters())
    found = asked(service.library, anna.person)
    assert [item.question for item in found] == ["What is radium?", "Where is Paris?"]
    assert [item.question for item in asked(service.library, anna.person, containing="PARIS")] == [
        "Where is Paris?"
    ]
    assert asked(service.library, anna.person, containing="%") == []
    assert asked(service.library, bert.person) == []
    service.close()


def test_no_history_where_none_is_wanted(tmp_path: Path) -> None:
    """history_days = 0 keeps nothing; nor is anything kept for those who have no name here."""
    with Library(
        Settings(library=tmp_path / "none", embedder="hash", history_days=0), create=True
    ) as library:
        user = Users(library.catalogue).add("anna", "reader", PASSWORD)
        remember(library, user.person, "a-1")
        assert library.catalogue.count(t.history) == 0
        remember(
            type(
                "L",
                (),
                {
                    "settings": library.settings.model_copy(update={"history_days": 9}),
                    "catalogue": library.catalogue,
                },
            )(),
            replace(user.person, id="open"),
            "a-1",
        )  # type: ignore[arg-type]
        assert library.catalogue.count(t.history) == 0


def test_what_others_asked_too_stays_theirs(service: Service) -> None:
    """Forgetting takes one's own link; the answer stays while somebody else asked for it, and goes with the
    last.
    """
    anna, bert = _user(service, "anna").person, _user(service, "bert").person
    answer = service.of(anna).ask("What is radium?", Filters())
    service.of(bert).ask("What is radium?", Filters())
    assert forget(service.library, anna, [answer.id]) == 1
    assert stored_answer(service.library.catalogue, answer.id)["id"] == answer.id
    assert answer_created(service.library.catalogue, answer.id).endswith("T00:00:00+00:00")
    assert forget(service.library, bert) == 1
    with pytest.raises(NotFound):
        stored_answer(service.library.catalogue, answer.id)
    lines = [
        line for line in read_log(service.library.catalogue, "provenance") if line["answer_id"] == answer.id
    ]
    assert {line["question"] for line in lines} == {None}
    assert verify_log(service.library.catalogue, "provenance").problems == ()
    service.close()


def test_time_forgets_who_asked(service: Service) -> None:
    """After history_days the link is gone and of the hour only the day is left; the answer can be read as
    before.
    """
    anna = _user(service, "anna").person
    old, new = (
        service.of(anna).ask(question, Filters()) for question in ("What is radium?", "Where is Paris?")
    )
    before = (datetime.now(UTC) - timedelta(days=31)).isoformat(timespec="seconds")
    with service.library.catalogue.writing() as connection:
        connection.execute(update(t.history).where(t.history.c.answer_id == old.id).values(created=before))
        connection.execute(update(schema.answers).where(schema.answers.c.id == old.id).values(created=before))
    body = stored_answer(service.library.catalogue, old.id)
    assert purge(service.library) == 1
    assert [item.answer_id for item in asked(service.library, anna)] == [new.id]
    assert answer_created(service.library.catalogue, old.id) == before[:10] + "T00:00:00+00:00"
    assert not answer_created(service.library.catalogue, new.id).endswith("T00:00:00+00:00")
    assert stored_answer(service.library.catalogue, old.id) == body
    assert purge(service.library) == 0
    service.close()


def _bytes_everywhere(folder: Path) -> dict[str, bytes]:
    """The bytes of every file, and of every part of every zip file."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            found[str(path)] = path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    found.update({f"{path}!{name}": archive.read(name) for name in archive.namelist()})
    return found


def _holding(folder: Path, marker: str) -> set[str]:
    return {
        name
        for name, content in _bytes_everywhere(folder).items()
        if marker.encode() in content or marker.encode("utf-16-le") in content
    }


def _canary(service: Service, name: str) -> tuple[User, str]:
    """A marked user logs in, asks a marked question, ranks and judges its answer, and others work beside
    them.
    """
    catalogue = service.library.catalogue
    others = [_user(service, f"other{number}") for number in range(3)]
    user = _user(service, name)
    with pytest.raises(LoginFailed):
        Users(catalogue).verify(name, "wrong password")
    Entrance(catalogue, 1).enter(user.person)
    for number, other in enumerate(others):
        service.of(other.person).ask(f"What was studied with Radium in Paris {number}?", Filters())
    theirs = service.of(user.person)
    answer = theirs.ask(f"What does paper 2 say and what is {WHAT}?", Filters())
    plain = theirs.answer(answer.id)
    if len(plain["candidates"]) >= 2:
        theirs.rank(answer.id, list(range(1, len(plain["candidates"]) + 1)), f"a note by {name}")
    assert plain["claims"]
    theirs.judge(answer.id, plain["claims"][0]["id"], True, f"a word by {name}")
    theirs.search(f"Radium {WHAT}", Filters())
    return user, answer.id


def test_canary_name_and_question_are_never_together(service: Service, tmp_path: Path) -> None:
    """While the user is there: no row of any table, no export, and no backup holds the name beside the
    question, or what links them without the key.
    """
    user, answer_id = _canary(service, WHO)
    catalogue = service.library.catalogue
    with catalogue.engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                held = str(tuple(row))
                assert not (WHAT in held and (WHO in held.replace(f"by {WHO}", "") or user.id in held)), (
                    table.name
                )
    for format in FORMATS:
        content = export_answer(service.library, answer_id, format)
        assert WHO.encode() not in content
        assert user.id.encode() not in content
    backup(service.library, tmp_path / "one.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert not [name for name in archive.namelist() if "pseudonyms" in name]
        archive.extractall(tmp_path / "restored")
    import sqlite3

    with sqlite3.connect(tmp_path / "restored" / "catalogue.sqlite") as restored:
        assert restored.execute("SELECT count(*) FROM history").fetchone() == (0,)
        assert restored.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
        assert restored.execute("SELECT count(*) FROM users").fetchone() == (4,)
    restored.close()
    service.close()


def test_canary_after_deletion_and_retention(service: Service, tmp_path: Path) -> None:
    """Neither name, id, nor question is left in any byte of the library or of a backup; the others' answers
    are, and both logs hold.
    """
    user, answer_id = _canary(service, WHO)
    from kgrag.people.pseudonyms import pseudonym

    folder = service.library.folder
    marks = [pseudonym(folder, user.id, purpose) for purpose in ("history", "rater")]
    assert _holding(folder, WHO)
    assert _holding(folder, WHAT)
    local_desk(service.library).delete_user(user.name)
    with service.library.catalogue.writing() as connection:  # a month goes by
        long_ago = (datetime.now(UTC) - timedelta(days=40)).isoformat(timespec="seconds")
        connection.execute(update(schema.answers).values(created=long_ago))
        connection.execute(update(schema.searches).values(created=long_ago))
        connection.execute(update(t.history).values(created=long_ago))
    purge(service.library)
    backup(service.library, folder / "after.zip")
    assert _holding(folder, WHO) == set()
    for mark in marks:
        assert _holding(folder, mark) == set()
    with pytest.raises(NotFound):
        service.answer(answer_id)
    assert all(
        user.id not in str(entry) and WHO not in str(entry)
        for kind in ("ranking", "claim")
        for entry in read_feedback(service.library.catalogue, kind)
    )
    rows = [
        str(tuple(row))
        for table in schema.metadata.sorted_tables
        for row in service.library.catalogue.rows(select(table))
    ]
    assert not [row for row in rows if WHAT in row and user.id in row]
    left = [row for row in rows if WHAT in row]
    assert all(re.search(r"T00:00:00\+00:00", row) for row in left), (
        "a search that named nobody may stay, with its day"
    )
    assert (
        verify_log(service.library.catalogue, "security").problems
        == verify_log(service.library.catalogue, "provenance").problems
        == ()
    )
    assert any("u-" in line["person"] for line in read_log(service.library.catalogue, "security"))
    service.close()


def test_an_export_names_the_asker_at_their_own_wish_alone(tmp_path: Path) -> None:
    """Anonymous unless asked for; by name or pseudonym for one's own answers, refused for others'; the file
    still holds when checked.
    """
    import kgrag
    from kgrag.errors import Forbidden, UsageError
    from kgrag.export.read_back import read_bytes
    from kgrag.export.recheck import recheck

    folder = tmp_path / "library"
    with Library(Settings(library=folder, embedder="hash"), create=True) as library:
        (folder / "kgrag.toml").write_text('embedder = "hash"\n')
        library.catalogue.put(random_parcel(1))
        for name in ("rick", "rosa"):
            Users(library.catalogue).add(name, "researcher", "a long enough password", groups=[])
        library.catch_up()
    with kgrag.open(folder, as_user="rick") as rick, kgrag.open(folder, as_user="rosa") as rosa:
        answer = rick.ask("What does paper 1 say?")
        anonymous, named, hidden = (
            answer.export("prov", asker=how).decode() for how in ("anonymous", "name", "pseudonym")
        )
        assert "rick" not in anonymous + hidden
        assert '"foaf:name": "rick"' in named
        assert '"foaf:name": "p-' in hidden
        assert pseudonym(folder, Users(rick.library.catalogue).get("rick").id, "history") not in hidden
        for content in (anonymous, named, hidden):
            assert not recheck(read_bytes(content.encode(), "prov"), rick.library)
        assert '"rosa"' not in rosa.export(answer.id, "prov").decode()
        with pytest.raises(Forbidden, match="Only who asked"):
            rosa.export(answer.id, "prov", asker="name")
        with pytest.raises(UsageError, match="anonymous, pseudonym, name"):
            answer.export("prov", asker="everybody")
