"""Notices of retraction are read from each form in which they come, keyed by the work they are about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.readers import BrokenRecord, read_file
from ingest.readers.notices import Notice, newest, read_notices, us_date
from kgrag.errors import ReadError

HEADER = (
    "Record ID,Title,RetractionDate,RetractionDOI,RetractionPubMedID,"
    "OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason\n"
)


def written(tmp_path: Path, text: str) -> list[Notice | BrokenRecord]:
    """The notices of a file with this text."""
    path = tmp_path / "notices"
    path.write_text(text, "utf-8")
    return list(read_notices(path))


def test_retraction_watch(tmp_path: Path) -> None:
    """DOI and PubMed number are normalised, dates are month first, reasons are listed; a row without a work
    is broken.
    """
    found = written(
        tmp_path,
        HEADER + '1,"A, title",7/12/2023 0:00,10.1000/R,37476288.0,10.1000/ABC,36035816.0,Retraction,+Paper'
        " Mill;+Unreliable Results;\n2,B,7/12/2023"
        " 0:00,unavailable,0,unavailable,0,Retraction,\n3,C,1/2/2020 0:00,,0,10.1000/c,0,Expression of"
        " concern,+Doubt;\n",
    )
    assert isinstance(found[0], Notice)
    assert found[0].identifiers == ("doi:10.1000/abc", "pmid:36035816")
    assert (found[0].date, found[0].kind) == ("2023-07-12", "retraction")
    assert found[0].text == "Retracted on 2023-07-12: Paper Mill; Unreliable Results (notice: doi:10.1000/r)"
    assert isinstance(found[1], BrokenRecord)
    assert set(newest(iter(found))) == {"doi:10.1000/abc", "pmid:36035816"}


def test_reinstatement(tmp_path: Path) -> None:
    """A later reinstatement takes the mark back; an earlier one does not."""
    row = "1,A,{},,0,10.1000/a,0,{},\n"
    assert not newest(
        iter(
            written(
                tmp_path,
                HEADER
                + row.format("1/1/2020 0:00", "Retraction")
                + row.format("1/1/2021 0:00", "Reinstatement"),
            )
        )
    )
    assert newest(
        iter(
            written(
                tmp_path,
                HEADER
                + row.format("1/1/2021 0:00", "Reinstatement")
                + row.format("1/1/2022 0:00", "Retraction"),
            )
        )
    )


def test_crossref_updates(tmp_path: Path) -> None:
    """``update-to`` of a notice points at the work; corrections are no retractions."""
    work = {
        "DOI": "10.1000/notice",
        "update-to": [
            {"DOI": "10.1000/A", "type": "retraction", "updated": {"date-parts": [[2021, 5, 4]]}},
            {"DOI": "10.1000/b", "type": "correction"},
        ],
    }
    found = written(tmp_path, json.dumps({"message": {"items": [work]}}))
    assert list(newest(iter(found))) == ["doi:10.1000/a"]
    assert [notice.kind for notice in found if isinstance(notice, Notice)] == ["retraction", "correction"]


def test_pubmed(tmp_path: Path) -> None:
    """NBIB and XML name the retracted work or the notice."""
    assert list(
        newest(
            iter(
                written(
                    tmp_path,
                    "PMID- 111\nTI  - A\nRIN - J Tests. 2020;1:2. PMID: 222\nPT  - Retracted"
                    " Publication\n\nPMID- 222\nROF - J Tests. PMID: 111\n",
                )
            )
        )
    ) == ["pmid:111"]
    xml = (
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>111</PMID>"
        "<Article><ArticleTitle>A</ArticleTitle></Article><CommentsCorrectionsList>"
        '<CommentsCorrections RefType="RetractionIn"><RefSource>J Tests</RefSource><PMID>222</PMID>'
        "</CommentsCorrections></CommentsCorrectionsList></MedlineCitation>"
        "</PubmedArticle></PubmedArticleSet>"
    )
    assert list(newest(iter(written(tmp_path, xml)))) == ["pmid:111"]


def test_a_list_of_retractions_is_no_collection(tmp_path: Path) -> None:
    """Met among papers, the file is refused with the command that loads it: its rows are notices, not works
    of the library.
    """
    path = tmp_path / "retractions.csv"
    path.write_text(
        HEADER.replace("Title,", "Title,Author,")
        + '1,"A, title",Ada,7/12/2023 0:00,10.1000/R,0,10.1000/ABC,0,Retraction,+Paper Mill;\n'
    )
    with pytest.raises(ReadError, match="retractions load"):
        list(read_file(path))


def test_other_files(tmp_path: Path) -> None:
    """A file of another kind is refused with the kinds that are known."""
    with pytest.raises(ReadError, match="Retraction Watch"):
        written(tmp_path, "just words")


def test_dates() -> None:
    """Month-first and ISO dates are read; an impossible date is none."""
    assert (us_date("12/31/2020 0:00"), us_date("2020-02-03"), us_date("13/31/2020"), us_date(None)) == (
        "2020-12-31",
        "2020-02-03",
        None,
        None,
    )
