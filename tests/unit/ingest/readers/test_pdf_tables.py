"""Tables of PDFs: rows that can be quoted, with page and box; what is no table stays text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.readers import read_file
from ingest.text.normalise import normalise
from ingest.text.split import split
from kgrag.types import Passage, Record

PROSE = (
    "Mowing late left more chicks alive than mowing early, on both of the meadows and in both of the years."
)
CAPTION = "Table 1. Chicks per pair on two meadows"
Rows = Sequence[Sequence[str]]


class Page:
    """A page on which lines and tables are drawn from top to bottom."""

    def __init__(self, path: Path) -> None:
        self.canvas = Canvas(str(path), pagesize=(595, 842))
        self.top, self.left = 800.0, 70.0

    def line(self, text: str, font: str = "Times-Roman", size: float = 10, step: float = 12) -> None:
        """One line of text."""
        self.canvas.setFont(font, size)
        self.canvas.drawString(self.left, self.top, text)
        self.top -= step

    def prose(self, n_lines: int = 6) -> None:
        """A paragraph."""
        for _ in range(n_lines):
            self.line(PROSE[: 95 if self.left == 70 else 46])

    def table(self, rows: Rows, xs: Sequence[float], steps: Sequence[float] = ()) -> None:
        """The cells of each row at the same places; an empty cell is not drawn."""
        self.canvas.setFont("Times-Roman", 9)
        for number, row in enumerate(rows):
            for text, x in zip(row, xs, strict=False):
                self.canvas.drawString(self.left + x, self.top, text)
            self.top -= steps[number] if number < len(steps) else 12


def begun(path: Path) -> Page:
    """A page with a title, a heading and a paragraph."""
    page = Page(path)
    page.line("Curlews and mowing on two meadows", "Times-Bold", 17, 30)
    page.line("Results", "Times-Bold", 12, 18)
    page.prose()
    page.top -= 14
    return page


def read(page: Page, path: Path) -> tuple[list[list[str]], str, list[Passage]]:
    """The rows of each table, the other text, and the passages of the tables."""
    page.top -= 18
    page.prose()
    page.canvas.save()
    (record,) = read_file(path)
    assert isinstance(record, Record)
    found = normalise(record)
    passages = split(found.document, found.blocks)
    assert all(p.text == found.document.text[p.start : p.end] for p in passages)
    tables = [p for p in passages if p.kind == "table"]
    rows = [[p.text[s.start : s.end] for s in p.sentences] for p in tables]
    return rows, " ".join(p.text for p in passages if p.kind == "paragraph"), tables


PLAIN: Rows = (("Mowing", "1998", "1999"), ("Early", "0.2", "0.4"), ("Late", "1.1", "0.9"))
QUOTED = ["Mowing: Early; 1998: 0.2; 1999: 0.4", "Mowing: Late; 1998: 1.1; 1999: 0.9"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the PDF goes."""
    return tmp_path / "paper.pdf"


def test_a_row_of_a_pdf_can_be_quoted(path: Path) -> None:
    """Below its caption: heads and cells, page and box, the caption in the section; the text is whole."""
    page = begun(path)
    page.line(CAPTION, step=16)
    page.table(PLAIN, (0, 120, 200))
    rows, text, (table,) = read(page, path)
    assert rows == [QUOTED]
    assert table.section[-1] == CAPTION
    assert "0.4" not in text
    assert text.count("Mowing late") == 12
    sentence = table.sentences[1]
    (x0, y0, x1, y1) = sentence.boxes[0]
    assert sentence.page == 1
    assert 68 < x0 < 72 < 270 < x1 < 300
    assert 9 < y1 - y0 < 14


def test_a_caption_below_its_table(path: Path) -> None:
    """A table above its caption is read too."""
    page = begun(path)
    page.table(PLAIN, (0, 120, 200))
    page.line(CAPTION, step=16)
    assert read(page, path)[0] == [QUOTED]


def test_heads_over_two_lines(path: Path) -> None:
    """A head over several columns is said with each of them."""
    page = begun(path)
    page.line(CAPTION, step=16)
    canvas_rows: Rows = (("", "Chicks alive in the year", ""), *PLAIN)
    page.table(canvas_rows, (0, 120, 200))
    assert read(page, path)[0] == [
        [
            "Mowing: Early; Chicks alive in the year 1998: 0.2; Chicks alive in the year 1999: 0.4",
            "Mowing: Late; Chicks alive in the year 1998: 1.1; Chicks alive in the year 1999: 0.9",
        ]
    ]


def test_rows_of_several_lines_are_parted_by_their_gaps(path: Path) -> None:
    """Cells of words run over lines; wider steps part the rows."""
    page = begun(path)
    page.line(CAPTION, step=16)
    rows: Rows = (
        ("Bird", "What was seen of it"),
        ("Curlew", "two pairs on the meadow that"),
        ("", "was mown late in the year"),
        ("Snipe", "one pair in the ditch beside"),
        ("", "the road to the mill"),
    )
    page.table(rows, (0, 120), (16, 10, 16, 10))
    assert read(page, path)[0] == [
        [
            "Bird: Curlew; What was seen of it: two pairs on the meadow that was mown late in the year",
            "Bird: Snipe; What was seen of it: one pair in the ditch beside the road to the mill",
        ]
    ]


def test_a_table_in_one_of_two_columns(path: Path) -> None:
    """The text of the other column is no cell of the table, and stays whole."""
    page = begun(path)
    first = page.top
    page.line("Table 1. Chicks per pair", step=16)
    page.table(PLAIN, (0, 80, 140))
    page.top -= 10
    for _ in range(14):
        page.line(PROSE[:46])
    page.left, page.top = 330.0, first
    for _ in range(20):
        page.line(PROSE[:46])
    rows, text, _ = read(page, path)
    assert rows == [QUOTED]
    assert "0.4" not in text


def test_lines_that_go_on_without_gaps_stay_text(path: Path) -> None:
    """Where nothing tells which lines are one row, no cell is put under a head."""
    page = begun(path)
    page.line(CAPTION, step=16)
    rows: Rows = (
        ("Bird", "What was seen"),
        ("Curlews in spring", "two pairs on the meadow"),
        ("and in summer", "that was mown late and"),
        ("on both meadows", "grazed by a few sheep"),
        ("Snipe", "one pair in the ditch"),
    )
    page.table(rows, (0, 140))
    assert read(page, path)[0] == []


def test_a_sentence_that_begins_with_table_is_no_caption(path: Path) -> None:
    """Text that speaks of a table, over text in one column, is no table."""
    page = begun(path)
    page.line("Table 1 shows what the two meadows had in common in the two years of the study.")
    rows, text, _ = read(page, path)
    assert rows == []
    assert "Table 1 shows what" in text
