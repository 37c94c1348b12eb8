"""The two logs: each keeps to itself, refuses changes, and a change made in spite of that is named."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from kgrag.ask.asker import Asker
from kgrag.catalogue import schema_people as t
from kgrag.catalogue.audit import GENESIS, erase_question, holds_hash, log_security, read_log, verify_log
from kgrag.errors import UsageError
from kgrag.library import Library


def _without_triggers(library: Library) -> None:
    with library.catalogue.writing() as connection:
        for name in [
            row[0]
            for row in connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).all()
        ]:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")


@pytest.fixture
def logged(small_library: Library) -> Library:
    """Four answers and four acts."""
    asker = Asker(small_library)
    for number in range(4):
        asker.ask(f"What was studied with Radium {number}?")
        with small_library.catalogue.writing() as connection:
            log_security(connection, "u-1", "login", str(number))
    return small_library


def test_an_answer_is_noted_without_a_person(logged: Library) -> None:
    """Question, evidence, models and the day; the other log has the person and no question."""
    line = read_log(logged.catalogue, "provenance")[0]
    assert line["question"] == "What was studied with Radium 3?"
    assert len(line["day"]) == 10
    assert set(line["models"]) == {"embedder", "generator", "verifier", "reward"}
    assert set(line) == {
        "seq",
        "day",
        "answer_id",
        "question",
        "salt",
        "question_hash",
        "evidence",
        "models",
        "previous",
        "hash",
    }
    assert set(read_log(logged.catalogue, "security")[0]) == {
        "seq",
        "at",
        "person",
        "action",
        "target",
        "previous",
        "hash",
    }
    with pytest.raises(UsageError, match="found: provenance, security"):
        read_log(logged.catalogue, "other")


def test_both_are_whole_and_their_heads_are_known(logged: Library) -> None:
    """A hash noted earlier is found again; one that never was, is not."""
    for log in ("provenance", "security"):
        found = verify_log(logged.catalogue, log)
        assert (found.lines, found.problems) == (4, ())
        assert holds_hash(logged.catalogue, found.head)
    assert holds_hash(logged.catalogue, GENESIS)
    assert not holds_hash(logged.catalogue, "f" * 64)


@pytest.mark.parametrize("table", [t.audit_provenance, t.audit_security])
def test_the_database_refuses_changes(logged: Library, table: object) -> None:
    """No UPDATE, no DELETE; of provenance only the question's text may go, and cannot come back."""
    changes = (update(table).values(previous="x"), update(table).values(seq=99))  # type: ignore[arg-type]
    for act in (delete(table), *changes):
        with pytest.raises(DatabaseError, match="append-only"), logged.catalogue.writing() as connection:
            connection.execute(act)
    with pytest.raises(DatabaseError, match="append-only"), logged.catalogue.writing() as connection:
        connection.execute(update(t.audit_provenance).values(question="another"))


def test_a_question_can_be_erased_and_the_chain_holds(logged: Library) -> None:
    """Text and salt are gone, the digest stays; the log is whole; a text put in its place is told."""
    line = read_log(logged.catalogue, "provenance")[1]
    with logged.catalogue.writing() as connection:
        assert erase_question(connection, line["answer_id"]) == 1
    erased = read_log(logged.catalogue, "provenance")[1]
    assert (erased["question"], erased["salt"], erased["hash"]) == (None, None, line["hash"])
    assert verify_log(logged.catalogue, "provenance").problems == ()
    _without_triggers(logged)
    with logged.catalogue.writing() as connection:
        connection.execute(
            update(t.audit_provenance)
            .where(t.audit_provenance.c.seq == line["seq"])
            .values(question="another", salt="s")
        )
    assert verify_log(logged.catalogue, "provenance").problems == (
        f"provenance line {line['seq']}: its question was changed",
    )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_security SET person = 'u-2' WHERE seq = 2", ("security line 2: was changed",)),
        ("UPDATE audit_security SET target = 'x' WHERE seq = 4", ("security line 4: was changed",)),
        (
            "DELETE FROM audit_security WHERE seq = 2",
            (
                "security line 2: missing (the next is 3)",
                "security line 3: does not follow the line before it",
            ),
        ),
        (
            "DELETE FROM audit_provenance WHERE seq = 1",
            ("provenance line 1: missing (the next is 2)", "provenance line 2: does not follow"),
        ),
        (
            "UPDATE audit_provenance SET question = 'Who?' WHERE seq = 3",
            ("provenance line 3: its question was changed",),
        ),
        ("UPDATE audit_provenance SET models = '{}' WHERE seq = 3", ("provenance line 3: was changed",)),
        ("UPDATE audit_provenance SET day = '2020-01-01' WHERE seq = 1", ("provenance line 1: was changed",)),
    ],
)
def test_tampering_is_named(logged: Library, statement: str, said: tuple[str, ...]) -> None:
    """With the triggers gone: the line, and what is wrong with it."""
    _without_triggers(logged)
    with logged.catalogue.writing() as connection:
        connection.execute(text(statement))
    problems = verify_log(logged.catalogue, statement.split("audit_")[1].split()[0]).problems
    assert len(problems) == len(said)
    assert all(found.startswith(wanted) for found, wanted in zip(problems, said, strict=True))


def test_a_cut_off_end_is_told_by_a_noted_hash(logged: Library) -> None:
    """Without its last line a log is whole in itself; the hash noted before is missing."""
    head = verify_log(logged.catalogue, "security").head
    _without_triggers(logged)
    with logged.catalogue.writing() as connection:
        connection.execute(delete(t.audit_security).where(t.audit_security.c.seq == 4))
    assert verify_log(logged.catalogue, "security").problems == ()
    assert not holds_hash(logged.catalogue, head)
    assert logged.catalogue.rows(select(t.audit_security.c.seq))
