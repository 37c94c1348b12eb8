"""What a source deleted goes from the library at the next harvest, is not read again from an older page, and
stays where other sources gave it too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from kgrag.cli.main import app
from kgrag.library import Library
from tests.local_server import Handler, serving

DC = (
    '<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Title number {0} of the'
    " source</dc:title><dc:identifier>doi:10.1000/{0}</dc:identifier></oai_dc:dc></metadata>"
)
MARC = (
    '<metadata><record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a'
    ' 4500</leader><datafield tag="245" ind1="0" ind2="0"><subfield code="a">Title number {0} of the'
    " source</subfield></datafield></record></metadata>"
)


class Source(Handler):
    """Three pages of one record each; since 2026 the record 1 is deleted, on the first page."""

    def do_GET(self) -> None:
        """One page by its token."""
        question = parse_qs(urlsplit(self.path).query)
        form = (
            MARC
            if "marcxml" in (question.get("metadataPrefix", []) + question.get("resumptionToken", []))
            or "m" in question.get("resumptionToken", [""])[0]
            else DC
        )
        if "from" in question:
            body = (
                "<record><header"
                ' status="deleted"><identifier>oai:t:1</identifier></header></record><resumptionToken/>'
            )
        else:
            page = int(question.get("resumptionToken", ["0"])[0].strip("m"))
            token = (
                f"<resumptionToken>{page + 1}{'m' if form is MARC else ''}</resumptionToken>"
                if page < 2
                else "<resumptionToken/>"
            )
            header = f"<header><identifier>oai:t:{page}</identifier></header>"
            body = f"<record>{header}{form.format(page)}</record>{token}"
        self.send_records(body)


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a running source."""
    with serving(Source, "/oai") as address:
        yield address


def titles(folder: Path) -> list[str]:
    """What the library holds."""
    with Library.open(folder) as library:
        return sorted(document.title[13:14] for document in library.catalogue.documents())


@pytest.mark.parametrize("form", ["oai_dc", "marcxml"])
def test_deleted_records_go(url: str, tmp_path: Path, form: str) -> None:
    """The report names the document; an older page that held it does not bring it back."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "kgrag.toml").write_text('embedder = "hash"\nextractors = []\n')
    ask = ["harvest", url, "--library", str(folder), "--format", form, "--json"]
    first = CliRunner().invoke(app, ask)
    assert first.exit_code == 0, first.output
    assert titles(folder) == ["0", "1", "2"]
    second = CliRunner().invoke(app, [*ask, "--from", "2026-01-01"])
    assert second.exit_code == 0, second.output
    assert (
        "deleted at its source (oai:t:1) and is removed"
        in json.loads(second.stdout.splitlines()[-1])["warnings"][0]
    )
    assert titles(folder) == ["0", "2"]
    pages = sorted((folder / "harvest").rglob("page-*.xml"))
    again = json.loads(
        CliRunner().invoke(app, ["ingest", *map(str, pages), "--library", str(folder), "--json"]).stdout
    )
    assert (again["skipped"], titles(folder)) == (3, ["0", "2"])


def test_a_work_that_other_sources_gave_stays(url: str, tmp_path: Path) -> None:
    """The record of a paper that the library has as a file too is not taken away; the report says so."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "kgrag.toml").write_text('embedder = "hash"\nextractors = []\n')
    (tmp_path / "own.ris").write_text(
        "TY  - JOUR\nTI  - Title number 1 of the source\nDO  - 10.1000/1\nAB  - An abstract of our own.\nER "
        " - \n"
    )
    run, at = CliRunner(), ["--library", str(folder), "--json"]
    run.invoke(app, ["harvest", url, *at])
    run.invoke(app, ["ingest", str(tmp_path / "own.ris"), *at])
    told = run.invoke(app, ["harvest", url, "--from", "2026-01-01", *at])
    assert "stays: other sources gave it too" in told.stdout
    assert titles(folder) == ["0", "1", "2"]
