"""Backups in object storage, against a real S3-speaking server that fails now and then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kgrag.cli.main import app
from kgrag.errors import NotFound, ServiceUnavailable, UsageError
from kgrag.library import Library
from kgrag.upkeep import objects as stored
from tests.service import objects

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def server() -> Iterator[objects.Storage]:
    """The server, or a skip that says what is missing."""
    if missing := objects.available():
        # a real server or nothing; in CI such a skip is a failure
        pytest.skip(f"no object storage can be started here: {missing}")
    with objects.running() as running:
        running.make_bucket("papers")
        yield running


@pytest.fixture
def storage(server: objects.Storage, monkeypatch: pytest.MonkeyPatch) -> objects.Storage:
    """The server, with what the environment says of it."""
    for name, value in (
        ("AWS_ENDPOINT_URL", server.url),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    server.failing = server.failed = 0
    return server


def test_a_library_goes_there_and_comes_back(
    storage: objects.Storage, small_library: Library, tmp_path: Path
) -> None:
    """The same documents, though one request in four fails; nothing is overwritten."""
    storage.failing = 4
    address, runner = "s3://papers/monday.kgrag", CliRunner()
    taken = runner.invoke(app, ["backup", address, "--library", str(small_library.folder)])
    assert taken.exit_code == 0, taken.output
    again = runner.invoke(app, ["backup", address, "--library", str(small_library.folder)])
    assert isinstance(again.exception, UsageError)
    made = tmp_path / "restored"
    back = runner.invoke(app, ["restore", address, "--library", str(made)], env={"KGRAG_EMBEDDER": "hash"})
    assert back.exit_code == 0, back.output
    with Library.open(made) as restored:
        assert [d.id for d in restored.catalogue.documents()] == [
            d.id for d in small_library.catalogue.documents()
        ]
    assert storage.failed > 0


def test_many_parts_come_back_whole(storage: objects.Storage, tmp_path: Path) -> None:
    """A file of several parts, some of which fail at first."""
    storage.failing = 5
    content = bytes(range(251)) * 80_000
    (tmp_path / "large").write_bytes(content)
    stored.send(tmp_path / "large", "s3://papers/large")
    stored.fetch("s3://papers/large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == content
    assert (tmp_path / "back").stat().st_mode & 0o077 == 0


def test_folders_are_storage_too(tmp_path: Path) -> None:
    """``file://`` needs no server."""
    (tmp_path / "one").write_bytes(b"text")
    stored.send(tmp_path / "one", f"file://{tmp_path}/two")
    stored.fetch(f"file://{tmp_path}/two", tmp_path / "three")
    assert (tmp_path / "three").read_bytes() == b"text"


def test_what_is_wrong_is_said(
    storage: objects.Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such object, no such kind of address, no such bucket."""
    with pytest.raises(NotFound, match="s3://papers/nothing"):
        stored.fetch("s3://papers/nothing", tmp_path / "x")
    for wrong in ("ftp://host/name", "s3://papers/"):
        with pytest.raises(UsageError, match="s3://BUCKET/NAME"):
            stored.is_address(wrong)
    assert not stored.is_address("/folder/file.zip")
    (tmp_path / "one").write_bytes(b"text")
    with pytest.raises(ServiceUnavailable, match="s3://nobody"):
        stored.send(tmp_path / "one", "s3://nobody/name")
