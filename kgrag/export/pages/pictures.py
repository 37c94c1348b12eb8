"""Pages of PDFs as pictures with boxes drawn on them, on the server.

Knows pypdfium2 and Pillow; nothing of answers.
"""

from __future__ import annotations

import base64
import io
import math
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

SCALE = 1.4
MOST_PIXELS = 8_000_000
"""Of one picture; a larger page is drawn smaller."""
_PDFIUM = threading.Lock()
"""PDFium is not safe to use from two threads at once."""

Boxes = tuple[tuple[float, float, float, float], ...]


def page_picture(path: Path, page: int, boxes: Sequence[Sequence[float]]) -> str | None:
    """A page as a PNG data URI with the boxes marked; None where the file is gone, no PDF, or has no such
    page.

    Args:
        path: the PDF.
        page: from 1.
        boxes: x0, y0, x1, y1 in PDF points, origin at the bottom left.
    """
    png = page_png(path, page, boxes)
    return None if png is None else "data:image/png;base64," + base64.b64encode(png).decode()


def page_png(path: Path, page: int, boxes: Sequence[Sequence[float]]) -> bytes | None:
    """As ``page_picture``, the PNG's bytes."""
    if page < 1 or not _is_pdf(path):
        return None
    return _picture(str(path), path.stat().st_mtime, page, tuple((b[0], b[1], b[2], b[3]) for b in boxes))


def page_count(path: Path) -> int:
    """How many pages a PDF has; 0 where the file is gone or no PDF."""
    return _count(str(path), path.stat().st_mtime) if _is_pdf(path) else 0


def page_height(path: Path, page: int) -> float | None:
    """The height of a page (from 1) in points; None where the file is gone, no PDF, or has no such page."""
    if page < 1 or not _is_pdf(path):
        return None
    return _height(str(path), path.stat().st_mtime, page)


def _is_pdf(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(5).startswith(b"%PDF")


@lru_cache(maxsize=512)
def _height(path: str, _mtime: float, page: int) -> float | None:
    import pypdfium2

    with _PDFIUM, pypdfium2.PdfDocument(path) as document:
        return float(document[page - 1].get_height()) if page <= len(document) else None


@lru_cache(maxsize=512)
def _count(path: str, _mtime: float) -> int:
    import pypdfium2

    with _PDFIUM, pypdfium2.PdfDocument(path) as document:
        return len(document)


@lru_cache(maxsize=64)
def _picture(path: str, _mtime: float, page: int, boxes: Boxes) -> bytes | None:
    import pypdfium2
    from PIL import ImageDraw

    with _PDFIUM, pypdfium2.PdfDocument(path) as document:
        if page > len(document):
            return None
        sheet = document[page - 1]
        width, height = sheet.get_size()
        scale = min(SCALE, math.sqrt(MOST_PIXELS / max(1.0, width * height)))
        image = sheet.render(scale=scale).to_pil().convert("RGB")
    draw = ImageDraw.Draw(image, "RGBA")
    for x0, y0, x1, y1 in _on_page(boxes, width, height):
        corners = [x0 * scale - 2, (height - y1) * scale - 2, x1 * scale + 2, (height - y0) * scale + 2]
        draw.rectangle(corners, fill=(255, 214, 0, 70), outline=(190, 90, 0, 255), width=2)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _on_page(boxes: Boxes, width: float, height: float) -> Iterator[tuple[float, float, float, float]]:
    """The part of each box that lies on the page; Pillow would draw what lies outside, for minutes."""
    for box in boxes:
        if not all(map(math.isfinite, box)):
            continue
        left, right = sorted(min(max(x, 0.0), width) for x in (box[0], box[2]))
        low, high = sorted(min(max(y, 0.0), height) for y in (box[1], box[3]))
        if right > left and high > low:
            yield left, low, right, high
