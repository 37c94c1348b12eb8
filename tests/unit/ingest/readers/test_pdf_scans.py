"""Scans with a layer of OCR, pages that are turned, and lines at the edges of pages: no word is lost
unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from kgrag.errors import ReadError
from kgrag.types import Record
from tests.unit.ingest.readers import drawn
from tests.unit.ingest.readers.drawn import HEIGHT, WIDTH, read, text_of

LINES = (
    "The lock of the upper basin was closed in the autumn of 1871 because",
    "of a crack in its western wall, and the boats had to wait until the wall was re-",
    "paired in May. The keeper did not leave his post during all these months,",
    "and he was not paid for it before the summer of 1874.",
)
SECRET = "zymurgy kestrel quondam vexillum orrery palimpsest"


def scan(ink: int = 20, paper: int = 250, turn: float = 0.0, grain: int = 0) -> Image.Image:
    """The picture of a page with the lines on it."""
    return drawn.scan(LINES, ink, paper, turn, grain)


def layer(canvas: Canvas, lines: tuple[str, ...] = LINES, top: float = 722.0) -> None:
    """The lines as OCR lays them over a picture."""
    drawn.layer(canvas, lines, top)


def saved(path: Path, picture: Image.Image, draw: Any = layer) -> Path:
    """A page that is a picture, with a layer over it."""
    return drawn.saved(path, picture, draw)


@pytest.mark.parametrize(
    ("ink", "paper", "turn", "grain"),
    [
        (20, 250, 0.0, 0),
        (222, 240, 0.0, 0),
        (190, 215, 0.0, 3),
        (240, 15, 0.0, 0),
        (20, 250, 1.5, 0),
        (20, 250, -3.0, 0),
        (200, 225, 2.0, 2),
    ],
    ids=["clear", "faint", "faint on grain", "white on black", "turned", "turned far", "faint and turned"],
)
def test_no_word_of_an_ocr_layer_is_lost(
    tmp_path: Path, ink: int, paper: int, turn: float, grain: int
) -> None:
    """Faint, grainy and turned scans give every word of their layer, without a warning."""
    record = read(saved(tmp_path / "scan.pdf", scan(ink, paper, turn, grain)))
    text = text_of(record)
    assert "the wall was repaired in May" in text
    assert "did not leave his post during all these months, and he was not paid" in text
    assert "warnings" not in record.extra


def test_a_layer_without_ink_is_no_text(tmp_path: Path) -> None:
    """Lines that stand on the blank part of a scan, or end a line where its ink has ended, are left out and
    told.
    """

    def draw(canvas: Canvas) -> None:
        layer(canvas)
        layer(canvas, (SECRET, SECRET), top=300)

    record = read(saved(tmp_path / "scan.pdf", scan(), draw))
    assert "zymurgy" not in text_of(record)
    assert "paid for it before the summer of 1874" in text_of(record)
    assert "cannot be seen" in record.extra["warnings"]


def test_a_blank_picture_hides_its_layer(tmp_path: Path) -> None:
    """Of a white picture no layer was read; the reason counts what was not seen."""
    with pytest.raises(ReadError, match="that nobody can see"):
        read(saved(tmp_path / "blank.pdf", Image.new("L", (600, 800), 250)))


def _pages(path: Path) -> Iterator[Canvas]:
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    canvas.setFont("Helvetica", 11)
    for number in range(20):
        canvas.drawString(
            72, 760 - 16 * number, f"Boat {number} passed the lock of the upper basin in the spring."
        )
    canvas.showPage()
    yield canvas
    canvas.save()


def test_each_page_is_judged_by_itself(tmp_path: Path) -> None:
    """A picture without text among pages of text is named; a faint page with a layer is read."""
    for canvas in _pages(tmp_path / "mixed.pdf"):
        canvas.drawInlineImage(scan(), 0, 0, WIDTH, HEIGHT)
        canvas.showPage()
        canvas.drawInlineImage(scan(225, 240), 0, 0, WIDTH, HEIGHT)
        layer(canvas)
        canvas.showPage()
    record = read(tmp_path / "mixed.pdf")
    assert "Boat 7 passed the lock" in text_of(record)
    assert "the wall was repaired in May" in text_of(record)
    assert "(page 2)" in record.extra["warnings"]


TURNED = (
    "The lower weir needed 31 new boards in 1902, more than any other of the survey.",
    "The mill weir needed four boards in 1902 and six in 1903, the fewest of all weirs.",
)


def _turned(canvas: Canvas, degrees: int, lines: tuple[str, ...] = TURNED) -> None:
    canvas.saveState()
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(degrees)
    canvas.setFont("Helvetica", 10)
    for number, line in enumerate(lines):
        canvas.drawString(-250, 100 - 14 * number, line)
    canvas.restoreState()


@pytest.mark.parametrize("shown", [0, 90, 180, 270])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_pages_are_read(tmp_path: Path, degrees: int, shown: int) -> None:
    """However the page and its text are turned: the sentences are read, and their boxes lie on the page as
    it is shown.
    """
    for canvas in _pages(tmp_path / "turned.pdf"):
        if shown in (90, 270):
            canvas.setPageSize((HEIGHT, WIDTH))  # reportlab turns the size with the page
        canvas.setPageRotation(shown)
        _turned(canvas, degrees)
        canvas.showPage()
    record = read(tmp_path / "turned.pdf")
    assert all(line in text_of(record) for line in TURNED)
    (block,) = (block for block in record.blocks if TURNED[0] in block.text)
    x0, y0, x1, y1 = block.lines[0].box
    width, height = (HEIGHT, WIDTH) if shown in (90, 270) else (WIDTH, HEIGHT)
    assert -1 < x0 < x1 < width + 1
    assert -1 < y0 < y1 < height + 1
    across = (degrees - shown) % 180 == 0
    assert (x1 - x0 > y1 - y0) == across


def test_lines_set_sideways_are_read_beside_upright_ones(tmp_path: Path) -> None:
    """A table set sideways on an upright page is read behind the page's text; a label of a figure is not."""
    for canvas in _pages(tmp_path / "beside.pdf"):
        canvas.setFont("Helvetica", 11)
        for number in range(10):
            canvas.drawString(
                72, 780 - 16 * number, f"Line {number} of the second page is set upright as usual here."
            )
        _turned(canvas, 90)
        canvas.rotate(90)
        canvas.drawString(100, -30, "Boards")
        canvas.showPage()
    record = read(tmp_path / "beside.pdf")
    text = text_of(record)
    assert all(line in text for line in TURNED)
    assert text.index("Line 9 of the second page") < text.index(TURNED[0])


def _reports(path: Path, heads: list[list[str]]) -> Record:
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    for number, head in enumerate(heads, 1):
        canvas.setFont("Times-Roman", 10)
        for place, line in enumerate(head):
            canvas.drawString(72, 800 - 12 * place, line)
        for line in range(20):
            canvas.drawString(
                72, 740 - 12 * line, f"Page {number}, line {line} says what was seen at the weir."
            )
        canvas.showPage()
    canvas.save()
    return read(path)


def test_sentences_at_the_edge_are_no_running_heads(tmp_path: Path) -> None:
    """Lines that differ in a number inside are text; heads that differ in the page's number are none."""
    heads = [
        [
            f"Notes of the weir keepers 12 (1903) {number}",
            f"In 19{number:02} the weir needed {number} boards.",
        ]
        for number in range(3, 9)
    ]
    text = text_of(_reports(tmp_path / "report.pdf", heads))
    assert all(head[1] in text for head in heads)
    assert "Notes of the weir keepers" not in text


def test_of_a_sentence_on_every_page_one_stays(tmp_path: Path) -> None:
    """A sentence that stands at the top of every page is read once."""
    sentence = "All boards were counted twice by the keeper."
    text = text_of(_reports(tmp_path / "report.pdf", [[sentence]] * 5))
    assert text.count(sentence) == 1


def test_a_stamp_of_the_download_is_no_text(tmp_path: Path) -> None:
    """Where and when a copy was fetched is neither text nor year."""
    stamp = "This content downloaded from 192.0.2.7 on Mon, 06 May 2019 10:11:12 UTC"
    record = _reports(tmp_path / "report.pdf", [[stamp]])
    assert "downloaded" not in text_of(record)
    assert record.year is None
