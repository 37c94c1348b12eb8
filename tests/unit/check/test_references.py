"""Fabrication guard: a reference exists, exists with wrong metadata, or is not in the library; in every
written style.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kgrag.check.references import ReferenceChecker, entries
from kgrag.cli.main import app
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from kgrag.types import Author, Document, Record, Source

RECORD = Record(
    Source("a.xml", "s", "testing"),
    title="Thresher sharks use tail slaps as a hunting strategy",
    year=2013,
    venue="PLoS ONE",
    volume="8",
    pages="e67380-e67390",
    authors=(Author("Oliver", "Simon P."), Author("Turner", "John R.")),
    identifiers={"doi": "10.1371/journal.pone.0067380"},
)
CHINESE = Record(
    Source("b.xml", "s2", "testing"),
    title="图书馆知识图谱检索研究",
    year=2023,
    venue="示例学报",
    volume="12",
    authors=(Author(literal="王小明"), Author(literal="李华")),
)
APA = (
    "Oliver, S. P., & Turner, J. R. (2013). Thresher sharks use tail slaps as a hunting strategy. PLoS ONE,"
    " 8(7), e67380. https://doi.org/10.1371/journal.pone.0067380"
)
BIB = (
    "@article{k,\n title={Thresher sharks use tail slaps as a hunting strategy},\n author={Oliver, Simon and"
    " Turner, John},\n year={2013},\n volume={8},\n doi={10.1371/journal.pone.0067380}\n}\n"
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A library of three records."""
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as opened:
        for record in (RECORD, CHINESE):
            parcel = random_parcel(1)
            identifier = "doi:" + record.identifiers["doi"] if record.identifiers else "sha:2"
            keys = (identifier,) if record.identifiers else ()
            opened.catalogue.put(
                replace(
                    parcel,
                    document=Document(identifier, record, "", "en"),
                    passages=(),
                    match_keys=keys,
                    extraction=type(parcel.extraction)(),
                )
            )
        yield opened


@pytest.mark.parametrize(
    "text",
    [
        APA,
        BIB,
        (
            "[1] S. P. Oliver and J. R. Turner, “Thresher sharks use tail slaps as a hunting strategy,” PLoS"
            " ONE, vol. 8, no. 7, 2013."
        ),
        (
            "1. Oliver SP, Turner JR. Thresher sharks use tail slaps as a hunting strategy. PLoS One."
            " 2013;8(7):e67380."
        ),
        "[1] 王小明, 李华. 图书馆知识图谱检索研究[J]. 示例学报, 2023, 12(3): 15-22.",
        (
            "TY  - JOUR\nTI  - Thresher sharks use tail slaps as a hunting strategy\nAU  - Oliver, S. P.\nPY "
            " - 2013\nVL  - 8\nER  - \n"
        ),
    ],
)
def test_a_right_reference_exists(library: Library, text: str) -> None:
    """A work of the library, rightly cited, is found in each style and format."""
    (found,) = ReferenceChecker(library.catalogue).check(text)
    assert (found.outcome, found.wrong) == ("exists", ())


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("(2013)", "(2016)", "year"),
        ("Oliver, S. P.", "Miller, A. B.", "authors"),
        ("0067380", "0067399", "doi"),
        (" 8(7)", " 14(7)", "volume"),
        ("tail slaps as a hunting", "sonic booms as a hunting", "title"),
    ],
)
def test_a_wrong_field_is_named(library: Library, old: str, new: str, field: str) -> None:
    """One altered field is found and named, with what the catalogue holds."""
    (found,) = ReferenceChecker(library.catalogue).check(APA.replace(old, new))
    assert found.outcome == "wrong metadata"
    assert field in [name for name, _, _ in found.wrong]


def test_an_invented_work_is_not_found(library: Library) -> None:
    """Neither its title nor its identifier leads to a work."""
    (found,) = ReferenceChecker(library.catalogue).check(
        "Oliver, S. (2013). Whale sharks and the acoustic ecology of harbours. PLoS ONE, 8(7), 12."
        " https://doi.org/10.9999/none.1"
    )
    assert (found.outcome, found.document_id) == ("not found", None)


def test_entries_are_cut_by_number_paragraph_or_line() -> None:
    """Numbers first, then blank lines, then lines; a heading is no entry; nothing gives nothing."""
    assert (
        len(
            entries(
                "References\n[1] First work of many words, 2001.\ncontinued here\n[2] Second work of words,"
                " 2002."
            )
        )
        == 2
    )
    assert len(entries("First work of many words\ncontinued, 2001.\n\nSecond work of words, 2002.")) == 2
    assert len(entries("First work of many words, 2001.\nSecond work of words, 2002.")) == 2
    assert entries("") == entries("参考文献\n") == []


def test_the_command_prints_counts_and_fails_on_a_wrong_one(library: Library, tmp_path: Path) -> None:
    """Exit code 0 where all exist, 1 otherwise; --json holds each reference."""
    good, bad = tmp_path / "good.bib", tmp_path / "bad.txt"
    good.write_text(BIB)
    bad.write_text(
        APA.replace("(2013)", "(1999)")
        + "\n\n"
        + "Nobody, N. (2020). A work that was never written by anybody. Nowhere, 1, 1-2."
    )
    run = CliRunner()
    assert (
        run.invoke(app, ["references", "check", str(good), "--library", str(library.folder)]).exit_code == 0
    )
    result = run.invoke(app, ["references", "check", str(bad), "--library", str(library.folder), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["counts"] == {"wrong metadata": 1, "not found": 1}
