"""The rows of a PDF page: runs of words on one line, with boxes, size and weight of type.

Knows words and their frames. Does not know columns, paragraphs or papers. Boxes are PDF points, origin at the
bottom left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ingest.readers.pdf.frame import Frame
from ingest.readers.pdf.hidden import Sight
from ingest.readers.pdf.words import Word, follows, words_of
from kgrag.types import Box


@dataclass
class Row:
    """Words that stand on one line without a wide gap between them."""

    words: list[Word]
    page: int
    column: int = 0
    margin: bool = False
    shown: Frame | None = None
    """The page as it is shown, where its text stands in another frame."""

    @property
    def drawn(self) -> Box:
        """The rectangle on the page as it is shown."""
        frame = self.words[0].frame
        return self.shown.box(frame.back(self.box)) if self.shown is not None and frame else self.box

    @cached_property
    def text(self) -> str:
        """The row's words with single spaces; raised signs (notes) included."""
        return _joined(self.words)

    @cached_property
    def plain(self) -> str:
        """The row's words without raised ones."""
        return _joined([word for word in self.words if not word.raised])

    @cached_property
    def size(self) -> float:
        """The size of type that most characters have, in points."""
        sizes: Counter[float] = Counter()
        for word in self.words:
            sizes[round(word.size * 2) / 2] += len(word.text)
        return sizes.most_common(1)[0][0]

    @cached_property
    def bold(self) -> bool:
        """True where most characters are bold."""
        return 2 * sum(len(word.text) for word in self.words if word.bold) > sum(
            len(word.text) for word in self.words
        )

    @cached_property
    def box(self) -> Box:
        """The rectangle around all words."""
        return (
            min(word.x0 for word in self.words),
            min(word.y0 for word in self.words),
            max(word.x1 for word in self.words),
            max(word.y1 for word in self.words),
        )

    @cached_property
    def base(self) -> float:
        """The height of the line on which most characters stand."""
        main = [word for word in self.words if not word.raised] or self.words
        return max(main, key=lambda word: len(word.text)).base


def _joined(words: list[Word]) -> str:
    return "".join(
        word.text if word.glued or not place else " " + word.text for place, word in enumerate(words)
    )


@dataclass(frozen=True, slots=True)
class PageText:
    """What one page says: the rows of its main text in the order in which the file draws them, rows that run
    another way, how many of its characters nobody sees, and whether it is a picture.

    ``width`` and ``height`` are those of the page with its main text upright.
    """

    number: int
    rows: list[Row]
    aside: list[list[Row]]
    width: float
    height: float
    n_hidden: int = 0
    scanned: bool = False

    @property
    def n_chars(self) -> int:
        """Characters of all rows."""
        return sum(len(row.text) for rows in (self.rows, *self.aside) for row in rows)


def text_of_page(page: Any, number: int) -> PageText:
    """The text of one page; what nobody sees is left out and counted.

    Args:
        page: ``pypdfium2.PdfPage``.
        number: the page's number, from 1.
    """
    text_page = page.get_textpage()
    try:
        sight = Sight(page, text_page)
        words = words_of(text_page, sight)
        n_hidden, scanned = sight.n_hidden, sight.scanned
    finally:
        text_page.close()
    shown = (page.get_rotation() // 90) % 4
    by_frame: dict[Frame, list[Row]] = {}
    for run in _runs(words):
        by_frame.setdefault(run[0].frame or Frame(sight.box), []).append(Row(run, number))
    main = max(by_frame, key=lambda f: (_n_chars(by_frame[f]), f.quarters == shown), default=Frame(sight.box))
    for frame, rows in by_frame.items():
        for row in rows:
            _mark_raised(row)
        by_frame[frame] = _merged(rows)
        if frame != Frame(sight.box, shown):
            for row in by_frame[frame]:
                row.shown = Frame(sight.box, shown)
    width, height = (page.get_width(), page.get_height()) if main.quarters == shown else main.size
    aside = [rows for frame, rows in by_frame.items() if frame != main]
    return PageText(number, by_frame.get(main, []), aside, width, height, n_hidden, scanned)


def _n_chars(rows: Iterable[Row]) -> int:
    return sum(len(row.text) for row in rows)


def _runs(words: list[Word]) -> Iterator[list[Word]]:
    """Words that follow each other on one line."""
    run: list[Word] = []
    for word in words:
        if run and not follows(run[-1], word, max(item.size for item in run[-3:])):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _mark_raised(row: Row) -> None:
    """Small words above or below the line are raised: notes and marks of affiliation."""
    size, base = row.size, row.base
    for word in row.words:
        word.raised = word.size < 0.82 * size and word.base - base > 0.12 * size


def _merged(rows: list[Row]) -> list[Row]:
    """Rows on one line that touch become one, in order of x: marks and formulas are often drawn out of
    turn.
    """
    rows = sorted(rows, key=lambda row: (-round(row.base), row.box[0]))
    out: list[Row] = []
    for row in rows:
        place = next(
            (place for place in range(len(out) - 1, max(-1, len(out) - 12), -1) if _touches(out[place], row)),
            None,
        )
        if place is None:
            out.append(row)
        else:
            words = sorted(out[place].words + row.words, key=lambda word: word.x0)
            out[place] = Row(words, row.page)
            _mark_raised(out[place])
    return out


def _touches(left: Row, right: Row) -> bool:
    size = max(left.size, right.size)
    (lx0, ly0, lx1, ly1), (rx0, ry0, rx1, ry1) = left.box, right.box
    overlap = min(ly1, ry1) - max(ly0, ry0)
    if overlap < 0.35 * min(ly1 - ly0, ry1 - ry0) or abs(left.base - right.base) > 0.6 * size:
        return False
    gap = max(lx0, rx0) - min(lx1, rx1)
    return gap < 0.55 * size


def body_size(rows: Iterable[Row]) -> float:
    """The size of type in which most of the text is set, in points."""
    sizes: Counter[float] = Counter()
    for row in rows:
        sizes[row.size] += len(row.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0
