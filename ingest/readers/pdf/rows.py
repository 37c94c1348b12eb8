"""The rows of a PDF page: runs of words on one line, with boxes, size and weight of type.

Knows pypdfium2's characters. Does not know columns, paragraphs or papers. Boxes are PDF points, origin at the
bottom left.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ingest.readers.pdf.hidden import MIN_SIZE, Sight
from kgrag.types import Box

HYPHENS = "-\u00ad\ufffe\x02\u2010"
SEEN = -1
"""``Word.doubt`` of type in which nothing is suspicious; see ``Sight.doubt``."""
_BOLD = re.compile(r"bold|black|heavy|demi|cmbx|[-,]bd|semib", re.I)


@dataclass(slots=True)
class Word:
    """A run of characters of one size. ``glued``: no space stands before it."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    base: float
    glued: bool = False
    raised: bool = False
    doubt: int = SEEN


@dataclass
class Row:
    """Words that stand on one line without a wide gap between them."""

    words: list[Word]
    page: int
    column: int = 0
    margin: bool = False

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


def rows_of(page: Any, number: int) -> tuple[list[Row], int]:
    """The rows of one pypdfium2 page, in the order in which the file draws them, and how many of its
    characters nobody sees: these are left out.

    Args:
        page: ``pypdfium2.PdfPage``.
        number: the page's number, from 1.
    """
    text_page = page.get_textpage()
    try:
        sight = Sight(page, text_page)
        rows = [Row(words, number) for words in _runs(list(_seen(_words(text_page, sight), sight)))]
    finally:
        text_page.close()
    for row in rows:
        _mark_raised(row)
    return _merged(rows), sight.n_hidden


def _seen(words: Iterable[Word], sight: Sight) -> Iterator[Word]:
    """The words that can be seen, and the ends of lines that run over the page's edge; the others are
    counted.
    """
    last: Word | None = None
    for word in words:
        box = (word.x0, word.y0, word.x1, word.y1)
        beside = sight.beside(box) and not (
            last is not None and _follows(last, word, last.size) and sight.overrun(box)
        )
        if word.size < MIN_SIZE or beside or (word.doubt != SEEN and not sight.seen(box, word.doubt)):
            sight.n_hidden += len(word.text)
        else:
            last = word
            yield word


def _chars(text_page: Any) -> Iterator[tuple[str, float, float, float, float, float, float, int]]:
    """Each drawn character: sign, loose box, base line, size, its index.

    A space or line end comes as a space of size 0.
    """
    from pypdfium2 import raw

    handle = text_page.raw
    rect, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    p_rect, p_x, p_y = ctypes.byref(rect), ctypes.byref(x), ctypes.byref(y)
    get_code, get_box, get_size, get_origin = (
        raw.FPDFText_GetUnicode,
        raw.FPDFText_GetLooseCharBox,
        raw.FPDFText_GetFontSize,
        raw.FPDFText_GetCharOrigin,
    )
    high = 0
    for index in range(text_page.count_chars()):
        code = get_code(handle, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code, high = (0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD), 0
        sign = chr(code) if code else " "
        if sign.isspace():
            yield " ", 0, 0, 0, 0, 0, 0, index
            continue
        get_box(handle, index, p_rect)
        get_origin(handle, index, p_x, p_y)
        yield sign, rect.left, rect.bottom, rect.right, rect.top, y.value, get_size(handle, index), index


def _words(text_page: Any, sight: Sight) -> Iterator[Word]:
    """Words in drawing order; a change of size, base line or visibility inside a word divides it, the second
    part being glued.
    """
    word: Word | None = None
    spaced, last_x0 = True, 0.0
    for sign, x0, y0, x1, y1, base, size, index in _chars(text_page):
        if not size and sign == " ":
            if word:
                yield word
            word, spaced = None, True
            continue
        size = _drawn_size(size, y1 - y0)
        if _private(sign):
            continue
        onward = (
            word is not None
            and x0 - word.x1 < 0.25 * size
            and (x0 - word.x1 > -0.5 * size or x0 >= last_x0 - 0.1 * size)
        )
        last_x0, doubt = x0, sight.doubt(index)
        if (
            word
            and onward
            and doubt == word.doubt
            and abs(word.size - size) < 0.12 * word.size
            and abs(word.base - base) < 0.15 * word.size
        ):
            word.text += sign
            word.x1, word.y0, word.y1 = max(word.x1, x1), min(word.y0, y0), max(word.y1, y1)
            continue
        glued = onward and not spaced
        if word:
            yield word
        if _turned(text_page, index):
            word = None
            continue
        word, spaced = (
            Word(sign, x0, y0, x1, y1, size, _is_bold(text_page, index), base, glued, doubt=doubt),
            False,
        )
    if word:
        yield word


def _drawn_size(size: float, height: float) -> float:
    """The size of type as drawn: files that scale text give size 1 and the truth in the box."""
    return size if 0.4 * height < size < 2.5 * height or height <= 0 else height * 0.85


def _private(sign: str) -> bool:
    return unicodedata.category(sign) in ("Co", "Cc") and sign not in HYPHENS


def _turned(text_page: Any, index: int) -> bool:
    from pypdfium2 import raw

    angle = raw.FPDFText_GetCharAngle(text_page.raw, index)
    return bool(0.2 < angle < 6.08)


def _is_bold(text_page: Any, index: int) -> bool:
    from pypdfium2 import raw

    flags, buffer = ctypes.c_int(), ctypes.create_string_buffer(96)
    length = raw.FPDFText_GetFontInfo(text_page.raw, index, buffer, 96, ctypes.byref(flags))
    name = buffer.raw[: max(0, min(length, 96) - 1)].decode("utf-8", "replace")
    return bool(_BOLD.search(name)) or bool(flags.value & (1 << 18))


def _runs(words: list[Word]) -> Iterator[list[Word]]:
    """Words that follow each other on one line."""
    run: list[Word] = []
    for word in words:
        if run and not _follows(run[-1], word, max(item.size for item in run[-3:])):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _follows(before: Word, word: Word, size: float) -> bool:
    overlap = min(before.y1, word.y1) - max(before.y0, word.y0)
    level = (
        overlap > 0.3 * min(before.y1 - before.y0, word.y1 - word.y0)
        and abs(before.base - word.base) < 0.6 * size
    )
    return level and -0.6 * size < word.x0 - before.x1 < 1.15 * size


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
