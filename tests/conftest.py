"""Fixtures that several kinds of test share: empty and filled libraries, a real Neo4j, the bundled papers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kgrag.catalogue import Catalogue
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.system.locking import file_lock
from kgrag.testing import random_parcel
from tests.service import neo4j as server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a service test that is skipped has failed: its server should have been there."""
    report = yield
    if report.skipped and os.environ.get("CI") and item.get_closest_marker("service"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


# what the files of a group share costs more than running them side by side saves; the longest group first
SHARING = {
    "chromium": ("tests/browser/",),
    "served indexes": ("test_passage_indexes",),
    "neo4j": ("test_neo4j_", "test_graph_stores", "test_cypher", "test_recipes"),
    "torch": ("test_embedders", "test_align", "test_llm_local", "test_checker", "test_training_loop"),
    "": (
        "tests/flow/ingest/test_ingest.py",
        "tests/flow/ingest/test_jobs.py",
        "test_passage_indexes",
        "tests/flow/",
        "tests/service/",
    ),
}
"""Parts of the paths of test files by the group that one worker runs; those of the last are only long, and
run file by file.
"""


def _place(path: str) -> tuple[int, str]:
    """When a test file is started, and the group that it belongs to: its own where it shares nothing."""
    for rank, (group, part) in enumerate((group, part) for group, parts in SHARING.items() for part in parts):
        if part in path:
            return rank if not group else list(SHARING).index(group), group or path
    return 99, path


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: _place(item.nodeid)[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Groups to workers (xdist's own ``loadgroup`` marks ids, which pytest 9.2 does not let it)."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist ships no types

    class Groups(LoadScopeScheduling):  # type: ignore[misc]  # its base has no types, as above
        def _split_scope(self, nodeid: str) -> str:
            return _place(nodeid.split("::")[0])[1]

    return Groups(config, log)


PAPERS = Path(__file__).parents[1] / "kgrag" / "demo" / "papers"
SOME_PAPERS = (
    "journal.pmed.0020124.xml",
    "journal.pone.0067380.xml",
    "journal.pntd.0002570.xml",
    "10.21105.jose.00070.pdf",
    "pubmed_zotero.ris",
)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue."""
    opened = Catalogue(tmp_path / "library")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def many_documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library of thirty random documents with the hash embedder; followers caught up."""
    folder = tmp_path_factory.mktemp("many") / "library"
    with Library(Settings(library=folder, embedder="hash"), create=True) as library:
        for number in range(30):
            library.catalogue.put(random_parcel(number))
        library.catch_up()
    return folder


@contextmanager
def opened_copy(made: Path, place: Path) -> Iterator[Library]:
    """A copy of a library that the hash embedder made, open."""
    shutil.copytree(made, place / "library")
    with Library(Settings(library=place / "library", embedder="hash")) as library:
        yield library


@pytest.fixture
def small_library(many_documents: Path, tmp_path: Path) -> Iterator[Library]:
    """The thirty documents, for one test."""
    with opened_copy(many_documents, tmp_path) as library:
        yield library


@pytest.fixture(scope="session")
def papers_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Four real papers and a RIS export, read by the real pipeline with the real default models."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    run = tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent
    with file_lock(run / "papers.lock"):
        if not (made := run / "papers_made").exists():
            _read_papers(run / "papers_unfinished")
            (run / "papers_unfinished").rename(made)
    folder = tmp_path_factory.mktemp("papers") / "library"
    shutil.copytree(made, folder)
    with Library(Settings(library=folder)) as library:
        yield library


def _read_papers(folder: Path) -> None:
    from ingest.run import ingest

    with Library(Settings(library=folder), create=True) as library:
        report = ingest(library, [PAPERS / name for name in SOME_PAPERS])
        assert not report["quarantined"]


@pytest.fixture(scope="module")
def own_papers(papers_library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A copy of the papers that the tests of one module may change."""
    folder = tmp_path_factory.mktemp("own") / "library"
    shutil.copytree(papers_library.folder, folder)
    with Library(Settings(library=folder)) as opened:
        yield opened


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Neo4jServer]:
    """A real Neo4j, or a skip that says what is missing."""
    if missing := server.available():
        pytest.skip(f"no Neo4j can be made here: {missing}")
    with server.running_server(tmp_path_factory.mktemp("neo4j")) as running:
        yield running
