"""Real papers: JATS and PDF give metadata, sections, references, and text in reading order."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers import BrokenRecord, read_file
from ingest.text.normalise import normalise
from ingest.text.split import split
from kgrag.language.names import plain
from kgrag.types import Passage, Record

PAPERS = Path(__file__).parents[3] / "data" / "papers"


def only(name: str) -> Record:
    """The file's one record."""
    (record,) = read_file(PAPERS / name)
    assert not isinstance(record, BrokenRecord)
    return record


def test_jats_article() -> None:
    """Title, authors in order with their places, journal, licence, sections, captions and references are
    read.
    """
    record = only("journal.pbio.1001636.xml")
    assert record.identifiers["doi"] == "10.1371/journal.pbio.1001636"
    assert record.venue == "PLoS Biology"
    assert record.year == 2013
    assert record.authors
    assert all(author.family for author in record.authors)
    assert {"heading", "paragraph", "caption"} <= {block.kind for block in record.blocks}
    assert record.references
    assert all(reference.text and reference.year for reference in record.references[:5])
    assert record.licence


@pytest.mark.parametrize("stem", ["10.21105.jose.00140", "10.21105.jose.00309"])
def test_pdf_against_crossref(stem: str) -> None:
    """A PDF's first page gives what Crossref registered."""
    pdf, crossref = only(f"{stem}.pdf"), only(f"{stem}.crossref.xml")
    assert pdf.identifiers["doi"] == crossref.identifiers["doi"]
    assert plain(pdf.title or "") == plain(crossref.title or "")
    assert [author.family for author in pdf.authors] == [author.family for author in crossref.authors]
    assert pdf.year == crossref.year


def test_pdf_text() -> None:
    """Words broken at line ends are mended, feet and margins are gone, headings make sections, every
    paragraph knows its lines.
    """
    record = only("10.21105.jose.00140.pdf")
    text = " ".join(block.text for block in record.blocks)
    assert "suitable for courses on discrete mathematics, artificial" not in text
    assert "suitable for courses on discrete mathematics, algorithms, or artificial intelligence" in text
    assert "Submitted:" not in text
    assert "Authors of papers retain" not in text
    assert {"Summary", "Bin Packing"} <= {block.text for block in record.blocks if block.kind == "heading"}
    assert not any("https://doi.org/10.21105/jose.00140" in block.text for block in record.blocks)
    assert record.references
    assert all(block.lines for block in record.blocks)


def passages(name: str) -> tuple[str, tuple[Passage, ...]]:
    """The document's text and its passages."""
    found = normalise(only(name))
    return found.document.text, split(found.document, found.blocks)


@pytest.mark.parametrize(
    "name", sorted(path.name for path in PAPERS.iterdir() if path.suffix in (".pdf", ".xml"))
)
def test_passages_are_exact(name: str) -> None:
    """A passage is the document's text at its place, its sentences lie inside it in order, and the title
    opens the first.
    """
    text, found = passages(name)
    assert found
    for place, passage in enumerate(found):
        assert passage.text == text[passage.start : passage.end]
        assert passage.id == f"{passage.document_id}#p{place}"
        ends = [0]
        for sentence in passage.sentences:
            assert ends[-1] <= sentence.start < sentence.end <= len(passage.text)
            ends.append(sentence.end)
    assert found[0].start == 0


def test_boxes_of_sentences() -> None:
    """Every sentence of a PDF has a page and boxes that lie on it."""
    _, found = passages("10.21105.jose.00309.pdf")
    sentences = [sentence for passage in found for sentence in passage.sentences]
    assert all(sentence.page and sentence.boxes for sentence in sentences)
    for sentence in sentences:
        for x0, y0, x1, y1 in sentence.boxes:
            assert 0 <= x0 <= x1 <= 620
            assert 0 <= y0 < y1 <= 850


def test_two_columns(tmp_path: Path) -> None:
    """Left column before right; a title and a caption over both columns divide the page; page numbers and
    heads go.
    """
    canvas = pytest.importorskip(
        "reportlab.pdfgen.canvas", reason="reportlab (extra dev) draws the test PDFs"
    )
    path = tmp_path / "columns.pdf"
    page = canvas.Canvas(str(path), pagesize=(595, 842))
    for number in (1, 2):
        page.setFont("Times-Roman", 8)
        page.drawString(60, 812, "Journal of Tests 4 (2020) 1-2")
        page.drawString(290, 20, str(number))
        top = 700 if number == 1 else 780
        if number == 1:
            page.setFont("Times-Bold", 18)
            page.drawString(60, 770, "The Order of Columns on Pages")
            page.setFont("Times-Roman", 11)
            page.drawString(60, 745, "Ada Example and Ben van der Sample")
        page.setFont("Times-Roman", 10)
        for side, x in (("left", 60), ("right", 310)):
            for line in range(12):
                page.drawString(
                    x, top - 12 * line, f"Page {number} {side} line {line} has words that go on and"
                )
        page.setFont("Times-Roman", 8)
        page.drawString(
            60,
            top - 170,
            f"Figure {number}. A caption that runs over both columns of the page, from the left edge to the"
            " right edge of it.",
        )
        page.setFont("Times-Roman", 10)
        for side, x in (("left", 60), ("right", 310)):
            for line in range(12):
                page.drawString(
                    x, top - 200 - 12 * line, f"Lower {number} {side} line {line} has words that go on and"
                )
        page.showPage()
    page.save()
    (record,) = read_file(path)
    assert not isinstance(record, BrokenRecord)
    assert record.title == "The Order of Columns on Pages"
    assert [(author.family, author.given) for author in record.authors] == [
        ("Example", "Ada"),
        ("van der Sample", "Ben"),
    ]
    text = " ".join(block.text for block in record.blocks if block.kind == "paragraph")
    places = [
        text.find(f"{part} {number} {side} line 11")
        for number in (1, 2)
        for part in ("Page", "Lower")
        for side in ("left", "right")
    ]
    assert -1 not in places
    assert places == sorted(places)
    assert "Journal of Tests" not in text
    assert [block.text[:9] for block in record.blocks if block.kind == "caption"] == [
        "Figure 1.",
        "Figure 2.",
    ]
