"""PDFs drawn for tests and benches: papers behind cover pages, and scans with a layer of OCR."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from ingest.readers.pdf.reader import PdfReader
from kgrag.types import Record

WIDTH, HEIGHT = 595, 842
COVERS = Path(__file__).parents[3] / "data" / "field" / "covers.txt"
TITLE = "The Bucket Dredger and the Drought: Three Summers of Silt"
NAMES = "Nora Silt and Piet Bagger"
BODY = (
    "The bucket dredger worked on every dry day between May and September, and each bucket was",
    "weighed by the foreman, who wrote the weight into a red notebook kept in the office.",
)
Lines = Sequence[str]


def covers(path: Path = COVERS) -> dict[str, Lines]:
    """The lines of each cover page, by its name."""
    parts = path.read_text("utf-8").split("\n== ")[1:]
    return {name: text.strip("\n").split("\n") for name, _, text in (part.partition("\n") for part in parts)}


def draw_lines(canvas: Canvas, lines: Lines) -> None:
    """A page of lines from top to bottom; ``18| text`` is set in 18 points."""
    top = 790.0
    for line in lines:
        size, stroke, text = line.partition("| ")
        points = float(size) if stroke else 10.0
        canvas.setFont("Helvetica", points)
        canvas.drawString(60, top, text if stroke else line)
        top -= 1.3 * points if line else 14
    canvas.showPage()


def covered(path: Path, cover: Lines, headed: bool = True, title: str = TITLE, names: str = NAMES) -> Record:
    """A paper of two pages with a cover; one that is not headed begins in the middle of a journal's page."""
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    draw_lines(canvas, cover)
    top = 780.0
    if headed:
        middle = title.rfind(" ", 0, 45)
        for text in (title[:middle], title[middle + 1 :]):
            canvas.setFont("Times-Bold", 17)
            canvas.drawCentredString(297, top, text)
            top -= 21
        canvas.setFont("Times-Roman", 12)
        canvas.drawCentredString(297, top - 8, names)
        top -= 50
    for number in range(2):
        canvas.setFont("Times-Bold", 12)
        canvas.drawString(70, top, ("1. Introduction", "2. Results")[number])
        canvas.setFont("Times-Roman", 10)
        for line in range(10):
            canvas.drawString(70, top - 14 - 12 * line, BODY[line % 2])
        canvas.showPage()
        top = 760.0
    canvas.save()
    return read(path)


def read(path: Path) -> Record:
    """The file's one record."""
    record = next(PdfReader().read(path))
    assert isinstance(record, Record)
    return record


def text_of(record: Record) -> str:
    """All of its blocks, the title before them."""
    return " ".join([record.title or "", *(block.text for block in record.blocks)])


def scan(
    lines: Lines, ink: int = 20, paper: int = 250, turn: float = 0.0, grain: int = 0, seed: int = 7
) -> Image.Image:
    """The picture of a page with the lines on it, turned by some degrees."""
    picture = Image.new("L", (2 * WIDTH, 2 * HEIGHT), paper)
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((144, 2 * (120 + 18 * number) - 18), line, fill=ink, font_size=20)
    picture = picture.rotate(turn, fillcolor=paper, resample=Image.Resampling.BICUBIC)
    if grain:
        noise = random.Random(seed)
        data = bytes(max(0, min(255, value + noise.randint(-grain, grain))) for value in picture.tobytes())
        picture = Image.frombytes("L", picture.size, data)
    return picture


def layer(canvas: Canvas, lines: Lines, top: float = 722.0, mode: int = 3) -> None:
    """The lines as OCR lays them over a picture."""
    for number, line in enumerate(lines):
        text = canvas.beginText(72, top - 18 * number)
        text.setFont("Helvetica", 10)
        text.setTextRenderMode(mode)
        text.textOut(line)
        canvas.drawText(text)


def saved(path: Path, picture: Image.Image, draw: Any) -> Path:
    """A page that is a picture, with a layer over it."""
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    canvas.drawInlineImage(picture, 0, 0, WIDTH, HEIGHT)
    draw(canvas)
    canvas.save()
    return path
