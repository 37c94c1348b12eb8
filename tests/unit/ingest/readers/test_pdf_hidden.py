"""Text of a PDF that nobody sees is left out and told of; honest text of the same kind stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from ingest.readers.pdf.reader import PdfReader

LINE = "The wind turbines of the northern coast were counted in every month of the year."
SECRET = "zymurgy"


def _page(path: Path, draw: Any) -> Any:
    canvas = Canvas(str(path), pagesize=(595, 842))
    canvas.setFont("Helvetica", 11)
    for number in range(12):
        canvas.drawString(72, 700 - 16 * number, LINE)
    draw(canvas)
    canvas.save()
    return next(PdfReader().read(path))


def _white(canvas: Canvas) -> None:
    canvas.setFillGray(1)
    canvas.drawString(72, 300, SECRET)


def _nearly_white(canvas: Canvas) -> None:
    canvas.setFillColorRGB(0.98, 0.98, 0.99)
    canvas.drawString(72, 300, SECRET)


def _white_over_black_text(canvas: Canvas) -> None:
    canvas.setFillGray(1)
    canvas.drawString(74, 702, SECRET)


def _invisible(canvas: Canvas) -> None:
    text = canvas.beginText(72, 300)
    text.setTextRenderMode(3)
    text.textOut(SECRET)
    canvas.drawText(text)


def _tiny(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 0.4)
    canvas.drawString(72, 300, SECRET)


def _beside(canvas: Canvas) -> None:
    canvas.drawString(72, -300, SECRET)


def _transparent(canvas: Canvas) -> None:
    canvas.setFillAlpha(0)
    canvas.drawString(72, 300, SECRET)


@pytest.mark.parametrize(
    "draw", [_white, _nearly_white, _white_over_black_text, _invisible, _tiny, _beside, _transparent]
)
def test_what_nobody_sees_is_left_out_and_told(tmp_path: Path, draw: Any) -> None:
    """Each way of hiding a word: it is in no text, all else is, and the record says so."""
    record = _page(tmp_path / "paper.pdf", draw)
    assert SECRET not in repr(record.blocks)
    assert repr(record.blocks).count("northern coast") == 12
    assert record.extra["warnings"] == "7 characters that cannot be seen on the page were left out (page 1)"


def _on_dark(canvas: Canvas) -> None:
    canvas.rect(60, 290, 300, 30, fill=1)
    canvas.setFillGray(1)
    canvas.drawString(72, 300, SECRET)


def _small(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 4)
    canvas.drawString(72, 300, SECRET)


def _grey(canvas: Canvas) -> None:
    canvas.setFillGray(0.75)
    canvas.drawString(72, 300, SECRET)


def _scan(canvas: Canvas) -> None:
    picture = Image.new("L", (595, 400), 255)
    ImageDraw.Draw(picture).text((75, 90), SECRET, fill=0, font_size=12)
    canvas.drawInlineImage(picture, 0, 0, 595, 400)
    text = canvas.beginText(72, 300)
    text.setTextRenderMode(3)
    text.textOut(SECRET)
    canvas.drawText(text)


def _overrun(canvas: Canvas) -> None:
    canvas.drawString(72, 508, LINE + " They say: run --with any a " + SECRET)


@pytest.mark.parametrize("draw", [_on_dark, _small, _grey, _scan, _overrun])
def test_honest_text_stays(tmp_path: Path, draw: Any) -> None:
    """White on black, small and pale type, what OCR laid over a picture of the same words, and the end of a
    line that is too long.
    """
    record = _page(tmp_path / "paper.pdf", draw)
    assert SECRET in repr(record.blocks)
    assert "warnings" not in record.extra


def test_the_warning_reaches_report_and_record(tmp_path: Path) -> None:
    """The batch's report names the file, the document's JSON and page carry the warning."""
    from ingest.run import ingest
    from kgrag.library import Library
    from kgrag.render.as_json import document_to_json
    from kgrag.settings import Settings

    _page(tmp_path / "paper.pdf", _white)
    with Library(
        Settings(library=tmp_path / "library", embedder="hash", extractors=()), create=True
    ) as library:
        report = ingest(library, [tmp_path / "paper.pdf"])
        (document,) = library.catalogue.documents()
    assert report["warnings"] == [
        f"{tmp_path / 'paper.pdf'}: 7 characters that cannot be seen on the page were left out (page 1)"
    ]
    assert document_to_json(document, full=True)["warnings"] == [
        "7 characters that cannot be seen on the page were left out (page 1)"
    ]
