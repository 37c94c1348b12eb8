"""Batches over the API: started from allowed folders or from uploads, watched, steered; by admins alone."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from kgrag.catalogue.audit import read_log
from kgrag.library import Library
from kgrag.settings import Settings
from tests.conftest import PAPERS
from ui.app import create_base
from ui.service.batches import plain_name
from ui.service.service import Service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """An empty library; one folder of papers is allowed."""
    papers = tmp_path / "papers"
    papers.mkdir()
    for name in ("journal.pone.0067380.xml", "pubmed_zotero.ris"):
        shutil.copy(PAPERS / name, papers)
    (papers / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (tmp_path / "papers-of-others").mkdir()
    opened = Service(
        Settings(library=tmp_path / "library", embedder="hash", ingest_paths=(str(papers),), upload_mb=1)
    )
    yield opened
    opened.close()


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    """The local admin."""
    with TestClient(create_base(service), base_url="http://127.0.0.1:7860") as opened:
        yield opened


def done(client: TestClient, job: int) -> dict[str, Any]:
    """Wait for a batch's end."""
    for _ in range(600):
        plain: dict[str, Any] = client.get(f"/api/v1/jobs/{job}").json()
        if plain["state"] in ("done", "cancelled") and not plain["items"]["leased"]:
            return plain
        time.sleep(0.05)
    raise AssertionError(plain)


def test_a_folder_is_read(client: TestClient, service: Service, tmp_path: Path) -> None:
    """The batch tells files, documents, rate and what was not read; again it skips what is unchanged; the log
    says who did it.
    """
    started = client.post("/api/v1/jobs", json={"paths": [str(tmp_path / "papers")]})
    assert started.status_code == 201
    job = done(client, started.json()["id"])
    assert (job["items"]["done"], job["items"]["quarantined"]) == (2, 1)
    assert job["documents"] >= 2
    assert "broken.pdf" in job["quarantined"][0]["path"]
    assert (job["records"]["new"], job["records"]["refused"]) == (job["documents"], 1)
    again = done(client, client.post("/api/v1/jobs", json={"paths": [str(tmp_path / "papers")]}).json()["id"])
    assert again["skipped"] == 2
    assert again["records"] == {
        "new": 0,
        "united": 0,
        "unchanged": job["documents"],
        "changed": 0,
        "refused": 1,
    }
    assert [line["id"] for line in client.get("/api/v1/jobs").json()["jobs"]] == [again["id"], job["id"]]
    retried = client.post(f"/api/v1/jobs/{job['id']}/retry").json()
    assert done(client, retried["id"])["items"]["quarantined"] == 1
    assert {line["action"] for line in read_log(service.library.catalogue, "security")} == {
        "batch-started",
        "batch-retry",
    }


def test_uploads_are_read(client: TestClient, service: Service) -> None:
    """Kept in the library under plain names, read, and found; the same file again is unchanged; an empty or
    too large upload is refused.
    """
    paper = (PAPERS / "journal.pone.0067380.xml").read_bytes()
    files = [
        ("files", ("../../etc/paper one.xml", paper)),
        ("files", ("note.bin", b"\0\1nothing that is read")),
    ]
    job = done(client, client.post("/api/v1/jobs/upload", files=files).json()["id"])
    assert job["documents"] == 1
    assert client.get("/api/v1/search", params={"question": "thresher sharks"}).json()["hits"]
    kept = [
        path.relative_to(service.library.folder)
        for path in (service.library.folder / "uploads").rglob("*")
        if path.is_file()
    ]
    assert sorted(path.name for path in kept) == ["note.bin", "paper one.xml"]
    assert all(len(path.parts) == 3 for path in kept)
    assert done(client, client.post("/api/v1/jobs/upload", files=files[:1]).json()["id"])["skipped"] == 1
    large = client.post("/api/v1/jobs/upload", files=[("files", ("a.txt", b"x" * 1_000_001))])
    assert (large.status_code, "larger than 1 MB" in large.json()["detail"]) == (400, True)
    assert client.post("/api/v1/jobs/upload").status_code == 422
    assert not list((service.library.folder / "uploads").glob(".*"))


@pytest.mark.parametrize("path", ["/etc", "papers-of-others", "papers/../papers-of-others", "", "\0"])
def test_other_folders_are_refused(client: TestClient, tmp_path: Path, path: str) -> None:
    """Not by their name, by a way round, or by a link; whether they exist is not told."""
    link = tmp_path / "papers" / "link"
    link.symlink_to(tmp_path / "papers-of-others")
    wanted = [str(tmp_path / path) if path and path[0] != "\0" else path, str(link), "/nowhere"]
    for each in wanted:
        response = client.post("/api/v1/jobs", json={"paths": [each]})
        assert response.status_code in (400, 403, 422), each
    assert client.get("/api/v1/jobs").json()["jobs"] == []


def test_a_batch_is_steered(client: TestClient, service: Service, tmp_path: Path) -> None:
    """Paused, resumed, cancelled; what makes no sense is refused in words; unknown batches are not found."""
    from kgrag.backends import load_backend

    job = load_backend("ingest", "begin")(service.library, [tmp_path / "papers"])
    assert client.post(f"/api/v1/jobs/{job}/pause").json()["state"] == "paused"
    assert client.post(f"/api/v1/jobs/{job}/pause").status_code == 400
    assert client.post(f"/api/v1/jobs/{job}/resume").json()["state"] in ("running", "done")
    assert done(client, job)["documents"] >= 2
    other = load_backend("ingest", "begin")(service.library, [tmp_path / "papers"])
    assert client.post(f"/api/v1/jobs/{other}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/api/v1/jobs/{other}/eat").status_code == 400
    assert (
        client.post("/api/v1/jobs/999/pause").status_code == client.get("/api/v1/jobs/999").status_code == 404
    )


def test_the_service_leaves_a_batch_to_be_resumed(tmp_path: Path) -> None:
    """A batch in hand when the service ends is paused, and loses nothing."""
    service = Service(Settings(library=tmp_path / "library", embedder="hash", ingest_paths=(str(PAPERS),)))
    job = service.start_batch([str(PAPERS)])
    service.close()
    with Library(Settings(library=tmp_path / "library", embedder="hash")) as library:
        from kgrag.catalogue.jobs import Jobs

        found = Jobs(library.catalogue).overview(job)
    assert found.state in ("paused", "done")
    assert found.items["leased"] == 0


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a/b/../c.pdf", "c.pdf"),
        ("..", "file"),
        ("C:\\x\\论文 1.pdf", "论文 1.pdf"),
        ("<img src=x>.pdf", "_img src_x_.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
        ("", "file"),
    ],
)
def test_names_are_plain(name: str, plain: str) -> None:
    """No folder, nothing odd, not too long."""
    assert plain_name(name) == plain
