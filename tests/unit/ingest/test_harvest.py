"""Harvesting over OAI-PMH against a local server: pages in order, retries, resumption, errors said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.harvest import harvest
from ingest.readers import BrokenRecord, read_file
from kgrag.errors import ReadError, ServiceUnavailable, UsageError
from tests.local_server import Handler, serving

RECORD = (
    "<record><header><identifier>oai:t:{0}</identifier></header><metadata><oai_dc:dc"
    ' xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Title'
    " {0}</dc:title></oai_dc:dc></metadata></record>"
)


class Source(Handler):
    """Three pages of two records; every second request is refused with 503."""

    requests: list[dict[str, list[str]]] = []  # noqa: RUF012 - the test reads it

    def do_GET(self) -> None:
        """One page by its token."""
        question = parse_qs(urlsplit(self.path).query)
        self.requests.append(question)
        if len(self.requests) % 2 == 0:
            self.send(status=503)
            return
        page = int(question.get("resumptionToken", ["0"])[0])
        token = f"<resumptionToken>{page + 1}</resumptionToken>" if page < 2 else "<resumptionToken/>"
        body = RECORD.format(2 * page) + RECORD.format(2 * page + 1) + token
        if question.get("metadataPrefix") == ["nonsense"]:
            body = '<error code="cannotDisseminateFormat">no such format</error>'
        self.send_records(body)


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a running source."""
    Source.requests.clear()
    with serving(Source, "/oai") as address:
        yield address


def titles(pages: list[Path]) -> list[str | None]:
    """The titles of all records of the pages."""
    return [
        record.title for page in pages for record in read_file(page) if not isinstance(record, BrokenRecord)
    ]


def test_all_pages(url: str, tmp_path: Path) -> None:
    """Every page is kept and readable although the source refuses now and then; the date goes with the first
    question only.
    """
    pages = list(harvest(url, tmp_path, since="2026-01-31", wait_s=0.01))
    assert titles(pages) == [f"Title {number}" for number in range(6)]
    assert Source.requests[0]["from"] == ["2026-01-31"]
    assert all("from" not in question for question in Source.requests[2:])


def test_resumption(url: str, tmp_path: Path) -> None:
    """A harvest that was stopped goes on with the next page; a finished one begins anew."""
    first = next(harvest(url, tmp_path, wait_s=0.01))
    rest = list(harvest(url, tmp_path, wait_s=0.01))
    assert titles([first, *rest]) == [f"Title {number}" for number in range(6)]
    assert len(list(harvest(url, tmp_path, wait_s=0.01))) == 3


def test_errors(url: str, tmp_path: Path) -> None:
    """What the protocol, the address or the date has wrong is said."""
    with pytest.raises(ReadError, match="cannotDisseminateFormat"):
        list(harvest(url, tmp_path / "a", prefix="nonsense", wait_s=0.01))
    with pytest.raises(UsageError):
        list(harvest("file:///etc/passwd", tmp_path / "b"))
    with pytest.raises(UsageError):
        list(harvest(url, tmp_path / "c", since="yesterday"))
    with pytest.raises(ServiceUnavailable):
        list(harvest("http://127.0.0.1:9/oai", tmp_path / "d", wait_s=0.001))


class Elsewhere(Source):
    """Leads to another place: of the same host, or not."""

    to = "http://169.254.169.254/meta"

    def do_GET(self) -> None:
        """A redirect, and behind it records."""
        if self.path.startswith("/here"):
            self.send_records(RECORD.format(1))
            return
        self.send_response(302)
        self.send_header("Location", self.to)
        self.end_headers()


@pytest.mark.parametrize(
    ("to", "followed"),
    [
        ("/here", True),
        ("http://169.254.169.254/meta", False),
        ("http://localhost/here", False),
        ("file:///etc/passwd", False),
        ("http://127.0.0.1:1/here", False),
    ],
)
def test_a_harvest_goes_where_it_was_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str, followed: bool
) -> None:
    """It follows to another place of the host that was named, and nowhere else."""
    monkeypatch.setattr(Elsewhere, "to", to)
    with serving(Elsewhere, "/oai") as address:
        pages = harvest(address, tmp_path, wait_s=0.01)
        if followed:
            assert titles(list(pages)) == ["Title 1"]
        else:
            with pytest.raises(ServiceUnavailable, match=r"leads to another address|is not allowed"):
                list(pages)
