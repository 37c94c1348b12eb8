"""Rows of a scanned page by optical character recognition, when the extra ``ocr`` is installed.

Knows RapidOCR, whose models come inside its package. Does not know layout: it gives rows as pdf_rows does.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any

from ingest.readers.pdf.rows import Row
from ingest.readers.pdf.words import Word

DPI = 200
MIN_SCORE = 0.5


def ocr_installed() -> bool:
    """True where the packages of the extra are there."""
    return find_spec("rapidocr") is not None


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "error"})


def recognised_rows(page: Any, number: int) -> list[Row]:
    """The rows of one scanned page, from top to bottom.

    Args:
        page: ``pypdfium2.PdfPage``.
        number: the page's number, from 1.

    Returns:
        Rows in PDF points, each of one word that holds the whole line; lines the recogniser doubts are left
        out.
    """
    scale, height = DPI / 72, page.get_height()
    found = _engine()(page.render(scale=scale).to_numpy())
    if found.boxes is None:
        return []
    words = []
    for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        if score >= MIN_SCORE and text.strip():
            words.append(_word(corners, text.strip(), scale, height))
    _even_sizes(words)
    return sorted((Row([word], number) for word in words), key=lambda row: -row.base)


def _even_sizes(words: list[Word]) -> None:
    """Heights of boxes vary by letters: sizes near that of most of the text become it, larger ones that are
    near each other one.
    """
    if not words:
        return
    body = sorted(word.size for word in words for _ in range(len(word.text)))[
        sum(len(word.text) for word in words) // 2
    ]
    group: list[Word] = []
    for word in sorted(words, key=lambda word: word.size):
        if 0.72 * body < word.size < 1.36 * body:
            word.size = body
            continue
        if group and word.size > 1.25 * group[0].size:
            group = []
        group.append(word)
        for item in group:
            item.size = group[0].size


def _word(corners: Any, text: str, scale: float, height: float) -> Word:
    """The line as a word; its size of type is taken from the height of its box."""
    xs, ys = [float(x) / scale for x, _ in corners], [height - float(y) / scale for _, y in corners]
    x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
    size = 0.8 * (y1 - y0)
    return Word(text, x0, y0, x1, y1, max(size, 1.0), False, y0 + 0.2 * (y1 - y0))
