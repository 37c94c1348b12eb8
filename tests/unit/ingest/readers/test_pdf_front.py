"""What a PDF's first page says of the paper itself, and what it only says of works that the paper cites."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.readers.pdf.reader import PdfReader
from kgrag.types import Record

TITLE = "Cranes that lift nothing"
BODY = (
    "The cranes of the old harbour were counted on every day between March and October, and each of",
    "them was drawn into a green notebook that the harbour office keeps. None of them had lifted a",
    "load in the year before, and most of them will not lift one in the year to come.",
)


def paper(
    path: Path,
    foot: Sequence[str] = (),
    above: Sequence[str] = (),
    below: Sequence[str] = (),
    margin_foot: str = "",
    title: str = TITLE,
    information: str = "",
    subject: str = "",
) -> Record:
    """A letter of one page: lines above the title, below the authors, behind the text, and at the page's
    foot.
    """
    canvas = Canvas(str(path), pagesize=(595, 842))
    canvas.setTitle(information or "untitled")
    canvas.setSubject(subject)
    top = 800.0

    def line(text: str, font: str = "Helvetica", size: float = 10, step: float = 12) -> None:
        nonlocal top
        canvas.setFont(font, size)
        canvas.drawString(70, top, text)
        top -= step

    for text in above:
        line(text, size=8)
    top -= 24
    line(title, "Helvetica-Bold", 18, 26)
    line("Ida Kranich and Otto Lot", size=11, step=20)
    for text in below:
        line(text, size=8)
    top -= 20
    line("1. Introduction", "Helvetica-Bold", 12, 16)
    for text in BODY * 2:
        line(text)
    top -= 20
    for number, text in enumerate(foot):
        line(text, *(("Helvetica-Bold", 12, 16) if not number and len(text) < 25 else ("Helvetica", 9, 11)))
    canvas.setFont("Helvetica", 8)
    canvas.drawString(70, 40, margin_foot)
    canvas.save()
    record = next(PdfReader().read(path))
    assert isinstance(record, Record)
    assert record.title == title
    return record


CITED = "https://doi.org/10.5555/basin.77"


@pytest.mark.parametrize(
    "foot",
    [
        ("References", f"1. Sill T. Mud in the fourth basin. Basin Notes 1987;5:1-9. {CITED}"),
        (
            "References",
            "1. Sill T. Mud in the fourth basin of the old harbour. Basin Notes 1987;5:1-9.",
            CITED,
        ),
        ("Literature", f"Sill, T. (1987). Mud in the fourth basin. Basin Notes 5, 1-9. {CITED}"),
        (f"[1] T. Sill, Mud in the fourth basin, Basin Notes 5 (1987) 1-9, {CITED}",),
        (f"Sill T, Mud in the fourth basin, {CITED}",),
        (f"See also the study of the fourth basin by Sill and others of 1987, {CITED}",),
        (f"This letter is a comment on {CITED}",),
        (f"Correction to: {CITED}",),
        (f"Data: {CITED}",),
        (f"The data are available at {CITED}",),
        (f"Cite as: Sill T (1987) Mud in the fourth basin. Basin Notes 5:1-9. {CITED}",),
    ],
)
def test_the_doi_of_a_cited_work_is_not_the_papers(tmp_path: Path, foot: Sequence[str]) -> None:
    """In a list of references, in a note, beside another title or as data: the paper has no DOI."""
    record = paper(tmp_path / "letter.pdf", foot=foot)
    assert "doi" not in record.identifiers
    assert record.year is None


OWN = "10.5555/crane.3"


@pytest.mark.parametrize(
    "place",
    [
        {"above": (f"Harbour Letters 9 (1994) 33 https://doi.org/{OWN}",)},
        {"below": (f"DOI: {OWN}",)},
        {"margin_foot": f"doi:{OWN}"},
        {
            "foot": (
                f"Citation: Kranich I, Lot O (1994) {TITLE}. Harbour Letters 9:33. https://doi.org/{OWN}",
            )
        },
        {"foot": (f"Cite as: Ida Kranich and Otto Lot. {TITLE}.", f"Harbour Letters 9:33. doi:{OWN}")},
    ],
)
def test_the_papers_own_doi_is_read_beside_a_cited_one(tmp_path: Path, place: dict[str, Any]) -> None:
    """In the lines above the title, below the authors, at the foot, in a citation with the paper's title."""
    cited = ("References", f"1. Sill T. Mud in the fourth basin. Basin Notes 1987;5:1-9. {CITED}")
    record = paper(tmp_path / "letter.pdf", **{"foot": cited, **place})
    assert record.identifiers["doi"] == OWN


def test_document_information_of_another_work_is_not_the_papers(tmp_path: Path) -> None:
    """A DOI in the file's own information counts where the title there is the page's, or is none."""
    path = tmp_path / "letter.pdf"
    mud = "Mud in the fourth basin of the harbour"
    assert "doi" not in paper(path, information=mud, subject=f"doi:{OWN}").identifiers
    assert paper(path, information=TITLE, subject=f"doi:{OWN}").identifiers["doi"] == OWN
    assert paper(path, information=f"doi:{OWN}").identifiers["doi"] == OWN


def test_the_day_on_which_a_file_was_made_is_no_year(tmp_path: Path) -> None:
    """A paper that names no year has none, whatever the file says of itself."""
    assert paper(tmp_path / "letter.pdf").year is None


def test_a_cited_year_is_not_the_papers(tmp_path: Path) -> None:
    """A year in brackets in the text is a citation's."""
    record = paper(tmp_path / "letter.pdf", foot=("Sill (1987) saw this first.",))
    assert record.year is None


def test_the_year_above_the_title_is_the_papers(tmp_path: Path) -> None:
    """The line of the journal dates the paper."""
    assert (
        paper(tmp_path / "letter.pdf", above=("Harbour Letters, vol. 9, May 1994, pp. 33-34",)).year == 1994
    )


def test_a_line_with_by_names_the_author(tmp_path: Path) -> None:
    """``By A. Name`` below a title in the same type ends the title."""
    canvas = Canvas(str(tmp_path / "old.pdf"), pagesize=(595, 842))
    canvas.setFont("Times-Roman", 11)
    for number, text in enumerate(("The Cranes of the Old Harbour", "By O. Lot", "", *BODY * 3)):
        canvas.drawString(70, 760 - 15 * number, text)
    canvas.save()
    record = next(PdfReader().read(tmp_path / "old.pdf"))
    assert isinstance(record, Record)
    assert record.title == "The Cranes of the Old Harbour"
    assert [author.name for author in record.authors] == ["O. Lot"]
