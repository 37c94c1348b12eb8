"""PostgreSQL as the catalogue: the same rules as for SQLite, against a real server, and a whole batch over
it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ingest.run import ingest, work
from kgrag.ask.asker import Asker
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import write_transaction
from kgrag.catalogue.jobs import Jobs
from kgrag.errors import IndexMismatch, ServiceUnavailable, UsageError
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from kgrag.upkeep.backup import backup
from kgrag.upkeep.doctor import examine
from tests.conftest import PAPERS, SOME_PAPERS
from tests.flow.holdings.test_retractions_in_library import (  # noqa: F401 - run again on this store
    test_a_reinstatement_takes_the_mark_back,
    test_half_of_six_hundred,
    test_what_is_put_again_stays_marked,
)
from tests.flow.ingest.test_jobs import make_records
from tests.service import postgres
from tests.unit.catalogue.test_catalogue import (  # noqa: F401
    test_a_failed_put_changes_nothing,
    test_delete_leaves_nothing,
    test_filters_hold_together,
    test_keys_are_never_used_again,
    test_put_twice_equals_once,
    test_retraction_is_a_change,
    test_shared_entities_stay_until_the_last_document,
    test_what_is_put_is_read_back,
)
from tests.unit.catalogue.test_jobs import (  # noqa: F401
    test_a_dead_job_is_superseded,
    test_a_file_that_ends_its_workers_is_given_up,
    test_a_silent_worker_loses_its_files,
    test_each_file_once,
    test_pause_resume_cancel,
)
from tests.unit.people.test_users import (  # noqa: F401
    test_guessing_locks_known_and_unknown_names_alike,
    test_sessions_follow_their_person,
    test_the_last_admin_stays,
    test_who_is_disabled_or_has_no_password_is_not_let_in,
    test_wrong_users_are_refused,
    users,
)

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    """A real server, or a skip that says what is missing."""
    if missing := postgres.available():
        pytest.skip(f"no PostgreSQL can be started here: {missing}")
    with postgres.running_server() as url:
        yield url


@pytest.fixture
def url(server_url: str) -> str:
    """An empty database."""
    return postgres.new_database(server_url)


@pytest.fixture
def catalogue(url: str, tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue on PostgreSQL."""
    opened = Catalogue(tmp_path / "library", url)
    yield opened
    opened.close()


def test_two_writers_take_turns(url: str, tmp_path: Path) -> None:
    """Two connections writing the same names at once lose nothing, and a change's number is never seen before
    a smaller one.
    """
    catalogues = [Catalogue(tmp_path / "library", url) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda c=c, s=s: [c.put(random_parcel(n, seed=s)) for n in range(15)])
        for s, c in enumerate(catalogues)
    ]
    for thread in threads:
        thread.start()
    seen = 0
    while any(thread.is_alive() for thread in threads):
        seqs = [change.seq for change in catalogues[0].changes(0, 100)]
        assert seqs[:seen] == list(range(1, seen + 1))
        assert seqs == list(range(1, len(seqs) + 1))
        seen = len(seqs)
    assert catalogues[0].count(t.documents) == 30
    for opened in catalogues:
        opened.close()


def test_a_newer_catalogue_is_refused(catalogue: Catalogue, url: str, tmp_path: Path) -> None:
    """A catalogue of a later version is not touched."""
    with write_transaction(catalogue.engine) as connection:
        connection.execute(text("UPDATE meta SET value = '999' WHERE name = 'version'"))
    with pytest.raises(IndexMismatch, match="Install the newer kgrag"):
        Catalogue(tmp_path / "library", url)


def test_a_server_that_is_away(url: str, tmp_path: Path) -> None:
    """The error names the address without its password and what to do."""
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:9/nowhere.*catalogue_url") as caught:
        Catalogue(tmp_path / "library", "postgresql+psycopg://kgrag:secret@127.0.0.1:9/nowhere")
    assert "secret" not in str(caught.value)


def test_a_batch_over_it(url: str, tmp_path: Path) -> None:
    """Real papers are read, followed and answered from as over SQLite, document by document; backup names
    PostgreSQL's own tool.
    """
    paths = [PAPERS / name for name in SOME_PAPERS]
    with (
        Library(
            Settings(library=tmp_path / "a", embedder="hash", extractors=("roles",), catalogue_url=url)
        ) as over_postgres,
        Library(
            Settings(library=tmp_path / "b", embedder="hash", extractors=("roles",)), create=True
        ) as over_sqlite,
    ):
        reports = [ingest(library, paths) for library in (over_postgres, over_sqlite)]
        assert reports[0] | {"seconds": 0} == reports[1] | {"seconds": 0}
        assert list(over_postgres.catalogue.documents()) == list(over_sqlite.catalogue.documents())
        assert over_postgres.graph.counts() == over_sqlite.graph.counts()
        assert [
            finding for finding in examine(over_postgres) if not finding.ok and finding.what != "disk"
        ] == []
        assert ingest(over_postgres, paths)["skipped"] == len(paths)
        question = "How do thresher sharks use their tails when they hunt?"
        assert Asker(over_postgres).ask(question).text == Asker(over_sqlite).ask(question).text
        with pytest.raises(UsageError, match="pg_dump"):
            backup(over_postgres, tmp_path / "b.kgrag")


def test_workers_share_a_job(url: str, tmp_path: Path) -> None:
    """Two workers on one job over PostgreSQL: every record once."""
    ids = make_records(tmp_path / "in")
    settings = Settings(
        library=tmp_path / "library", embedder="hash", extractors=("roles",), catalogue_url=url
    )
    with Library(settings) as library:
        job = Jobs(library.catalogue).create(
            [str(tmp_path)], [(str(p), p.stat().st_size) for p in sorted((tmp_path / "in").iterdir())]
        )

    def run() -> None:
        with Library(settings) as own:
            work(own, job)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Library(settings) as library:
        assert {document.id for document in library.catalogue.documents()} == ids
        assert sum(document.record.volume == "7" for document in library.catalogue.documents()) == 23
        assert Jobs(library.catalogue).state(job) == "done"


def test_the_logs_are_append_only(catalogue: Catalogue) -> None:
    """PostgreSQL too refuses UPDATE and DELETE; a question can be erased, once; a change behind its back is
    named; ids outside a collection stay seen.
    """
    from sqlalchemy import delete, update
    from sqlalchemy.exc import DatabaseError

    from kgrag.catalogue import schema_people as p
    from kgrag.catalogue.audit import erase_question, log_provenance, log_security, read_log, verify_log
    from kgrag.people.rights import Person, Rights

    for number in range(3):
        with catalogue.writing() as connection:
            log_security(connection, "u-1", "login", str(number))
            log_provenance(
                connection,
                {
                    "id": f"a-{number}",
                    "question": f"Who {number}?",
                    "claims": [],
                    "models": {"generator": "none"},
                },
            )
    for table in (p.audit_provenance, p.audit_security):
        for act in (delete(table), update(table).values(previous="x")):
            with pytest.raises(DatabaseError, match="append-only"), catalogue.writing() as connection:
                connection.execute(act)
    with catalogue.writing() as connection:
        assert erase_question(connection, "a-1") == 1
    with pytest.raises(DatabaseError, match="append-only"), catalogue.writing() as connection:
        connection.execute(
            update(p.audit_provenance)
            .where(p.audit_provenance.c.answer_id == "a-1")
            .values(question="Who?", salt="s")
        )
    assert [line["question"] for line in read_log(catalogue, "provenance")] == ["Who 2?", None, "Who 0?"]
    assert verify_log(catalogue, "provenance").problems == verify_log(catalogue, "security").problems == ()
    with catalogue.writing() as connection:
        connection.execute(text("ALTER TABLE audit_security DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE audit_security SET action = 'logout' WHERE seq = 2"))
    assert verify_log(catalogue, "security").problems == ("security line 2: was changed",)
    catalogue.put(random_parcel(1))
    Rights(catalogue).set_collection("Staff", documents=[random_parcel(1).document.id], groups=["staff"])
    assert not Rights(catalogue).sees(Person("u", "u", "reader"), random_parcel(1).document.id)
