"""The words that a PDF page draws: runs of characters of one size on one line, in the frame in which they
stand upright.

Knows pypdfium2's characters. Does not know rows, columns or papers. Type that nobody sees is left out and
counted; text that leans (watermarks) is left out.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Any

from ingest.readers.pdf.frame import Frame, quarter_of, tilt_of
from ingest.readers.pdf.hidden import MIN_SIZE, Sight
from kgrag.types import Box

HYPHENS = "-\u00ad\ufffe\x02\u2010"
SEEN = -1
"""``Word.doubt`` of type in which nothing is suspicious; see ``Sight.doubt``."""
MIN_TILT = 0.006
"""Radians; a third of a degree moves the end of a line by two points."""
MAX_SAMPLED = 400
NEAR, FAR = 0.2, 0.9
"""How far from a word its ink may lie, in sizes of type: where words and picture agree, and where the
picture was turned or shifted.
"""
REGISTERED = 0.9
MIN_INKED = 0.3
MAX_WITHOUT_INK = 4
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
    frame: Frame | None = None

    @property
    def box(self) -> Box:
        """The rectangle in the word's own frame."""
        return (self.x0, self.y0, self.x1, self.y1)


def words_of(text_page: Any, sight: Sight) -> list[Word]:
    """The words that can be seen, in drawing order, each in the frame in which it stands upright; the others
    are counted in ``sight.n_hidden``.

    Args:
        text_page: ``pypdfium2.PdfTextPage``.
        sight: of the same page.
    """
    words = _words(text_page, sight)
    return _on_scan(list(words), sight) if sight.scanned else list(_seen(words, sight))


def _seen(words: Iterable[Word], sight: Sight) -> Iterator[Word]:
    """The words that can be seen, and the ends of lines that run over the page's edge."""
    last: Word | None = None
    for word in words:
        if _out_of_sight(word, last, sight) or (
            word.doubt != SEEN and not sight.seen(on_page(word), word.doubt)
        ):
            sight.n_hidden += len(word.text)
        else:
            last = word
            yield word


def _out_of_sight(word: Word, last: Word | None, sight: Sight) -> bool:
    """True where a word is too small to be seen, or beside the page and no end of a line."""
    box = on_page(word)
    beside = sight.beside(box) and not (
        last is not None and follows(last, word, last.size) and sight.overrun(box)
    )
    return word.size < MIN_SIZE or beside


def on_page(word: Word) -> Box:
    """The word's rectangle on the page, before any turn."""
    return word.frame.back(word.box) if word.frame is not None else word.box


def _on_scan(words: list[Word], sight: Sight) -> list[Word]:
    """The words of a page that is a picture: what OCR laid over it is judged by the line, so that no word in
    it is lost. A line without ink, and four words without ink in a row, were not read from the picture.
    """
    doubtful = [word for word in words if word.doubt != SEEN]
    exact = sum(sight.inked(on_page(word), 0.0) for word in doubtful)
    reach = NEAR if exact >= REGISTERED * len(doubtful) else FAR
    hidden: set[int] = set()
    for line in _lines(doubtful):
        hidden.update(_without_ink(line, [sight.inked(on_page(word), reach * word.size) for word in line]))
    out: list[Word] = []
    for word in words:
        if id(word) in hidden or _out_of_sight(word, out[-1] if out else None, sight):
            sight.n_hidden += len(word.text)
        else:
            out.append(word)
    return out


def _lines(words: list[Word]) -> Iterator[list[Word]]:
    """Words that follow each other on one line, however far apart."""
    line: list[Word] = []
    for word in words:
        if line and (word.frame is not line[-1].frame or abs(word.base - line[-1].base) > 0.6 * word.size):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def _without_ink(line: list[Word], inked: list[bool]) -> Iterator[int]:
    """The words (by id) of one line that nothing on the picture stands for."""
    n_inked = sum(len(word.text) for word, ink in zip(line, inked, strict=True) if ink)
    if n_inked < MIN_INKED * sum(len(word.text) for word in line):
        yield from map(id, line)
        return
    for ink, group in groupby(zip(line, inked, strict=True), key=lambda pair: pair[1]):
        run = [word for word, _ in group]
        if not ink and len(run) >= MAX_WITHOUT_INK:
            yield from map(id, run)


def _frames(text_page: Any, box: Box) -> tuple[Frame, ...]:
    """The page turned by 0, 1, 2 and 3 quarters, and by the tilt that most of its text has."""
    from pypdfium2 import raw

    count = text_page.count_chars()
    step = max(1, count // MAX_SAMPLED)
    angles = [-raw.FPDFText_GetCharAngle(text_page.raw, index) for index in range(0, count, step)]
    tilts = [tilt_of(angle) for angle in angles if quarter_of(angle) is not None]
    tilt = median(tilts) if tilts else 0.0
    return tuple(Frame(box, quarters, tilt if abs(tilt) >= MIN_TILT else 0.0) for quarters in range(4))


@dataclass(slots=True)
class _Char:
    """A drawn character in the frame in which it stands upright; without a frame it leans, without a size it
    is a space.
    """

    sign: str
    index: int
    size: float = 0.0
    x0: float = 0.0
    y0: float = 0.0
    x1: float = 0.0
    y1: float = 0.0
    base: float = 0.0
    doubt: int = SEEN
    frame: Frame | None = None


def _chars(text_page: Any, sight: Sight) -> Iterator[_Char]:
    """Each drawn character, in drawing order."""
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
    frames = _frames(text_page, sight.box)
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
            yield _Char(" ", index)
            continue
        get_box(handle, index, p_rect)
        get_origin(handle, index, p_x, p_y)
        doubt = sight.doubt(index)
        quarters = quarter_of(sight.angle)
        frame = frames[quarters] if quarters is not None else None
        box, base = (rect.left, rect.bottom, rect.right, rect.top), y.value
        if frame is not None and not frame.plain:
            box, base = frame.box(box), frame.point(x.value, base)[1]
        yield _Char(sign, index, get_size(handle, index), *box, base, doubt, frame)


def _words(text_page: Any, sight: Sight) -> Iterator[Word]:
    """Words in drawing order; a change of size, base line, frame or visibility inside a word divides it, the
    second part being glued.
    """
    word: Word | None = None
    spaced, last_x0 = True, 0.0
    for char in _chars(text_page, sight):
        if not char.size and char.sign == " ":
            if word:
                yield word
            word, spaced = None, True
            continue
        size = _drawn_size(char.size, char.y1 - char.y0)
        if _private(char.sign):
            continue
        onward = word is not None and char.frame is word.frame and _onward(word, char, size, last_x0)
        last_x0 = char.x0
        if word and onward and _alike(word, char, size):
            word.text += char.sign
            word.x1, word.y0, word.y1 = max(word.x1, char.x1), min(word.y0, char.y0), max(word.y1, char.y1)
            continue
        glued = onward and not spaced
        if word:
            yield word
        if char.frame is None:
            word = None
            continue
        word, spaced = _begun(char, size, glued, _is_bold(text_page, char.index)), False
    if word:
        yield word


def _begun(char: _Char, size: float, glued: bool, bold: bool) -> Word:
    return Word(
        char.sign,
        char.x0,
        char.y0,
        char.x1,
        char.y1,
        size,
        bold,
        char.base,
        glued,
        doubt=char.doubt,
        frame=char.frame,
    )


def _onward(word: Word, char: _Char, size: float, last_x0: float) -> bool:
    """True where the character stands right behind the word."""
    gap = char.x0 - word.x1
    return gap < 0.25 * size and (gap > -0.5 * size or char.x0 >= last_x0 - 0.1 * size)


def _alike(word: Word, char: _Char, size: float) -> bool:
    return (
        char.doubt == word.doubt
        and abs(word.size - size) < 0.12 * word.size
        and abs(word.base - char.base) < 0.15 * word.size
    )


def follows(before: Word, word: Word, size: float) -> bool:
    """True where a word stands on the line of the one before and near behind it."""
    overlap = min(before.y1, word.y1) - max(before.y0, word.y0)
    level = (
        overlap > 0.3 * min(before.y1 - before.y0, word.y1 - word.y0)
        and abs(before.base - word.base) < 0.6 * size
    )
    return before.frame is word.frame and level and -0.6 * size < word.x0 - before.x1 < 1.15 * size


def _drawn_size(size: float, height: float) -> float:
    """The size of type as drawn: files that scale text give size 1 and the truth in the box."""
    return size if 0.4 * height < size < 2.5 * height or height <= 0 else height * 0.85


def _private(sign: str) -> bool:
    return unicodedata.category(sign) in ("Co", "Cc") and sign not in HYPHENS


def _is_bold(text_page: Any, index: int) -> bool:
    from pypdfium2 import raw

    flags, buffer = ctypes.c_int(), ctypes.create_string_buffer(96)
    length = raw.FPDFText_GetFontInfo(text_page.raw, index, buffer, 96, ctypes.byref(flags))
    name = buffer.raw[: max(0, min(length, 96) - 1)].decode("utf-8", "replace")
    return bool(_BOLD.search(name)) or bool(flags.value & (1 << 18))
