"""Reading order of a PDF page: running heads away, columns found, rows ordered; margin notes set aside.

Knows rows and their boxes. Does not know what a row means. Two columns are told from one by a gutter: a
vertical strip that few rows cross while many stand on both sides; rows that do cross it (titles, wide
figures) divide the page into bands.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.readers.pdf.pages import STAMP, LeftOut
from ingest.readers.pdf.rows import PageText, Row

_PAGE_NUMBER = re.compile(
    r"""
      ^(?:page|p\.|seite|第)?\s*[-–—·]?\s*(?:\d{1,5}|[ivxlc]{1,6})\s*(?:(?:of|/|von)\s*\d{1,5})?
      \s*页?\s*[-–—·]?$  # – 3 – · Page 3 of 12 · 第 3 页
    """,
    re.I | re.X,
)
_MIN_ROWS = 4
MIN_WORDS = 5
MIN_WORDS_ASIDE, MIN_CHARS_ASIDE, MIN_CHARS_TOLD = 5, 200, 40
"""Lines set sideways are read from so many words in one, or so many characters in all, and told of from so
many.
"""
_ASIDE = re.compile(r"^(?:arXiv:\S+|https?://\S+$|doi:?\s*10\.)|^downloaded (?:from|by|on)\b", re.I)
_SENTENCE = re.compile(r"^[A-Z\"“‘(](?:\S*\s+){4,}\S*[.!?][\"”’)]*$|^[^\x00-\u2e80].{8,}[。！？]$")
_NUMBER_AT_END = re.compile(r"^\d+\s+|\s+\d+$")


@dataclass(frozen=True, slots=True)
class PageRows:
    """A page's rows: the text in reading order, and what stands around it."""

    number: int
    body: tuple[Row, ...]
    margin: tuple[Row, ...]
    running: tuple[Row, ...]
    height: float
    width: float


def lay_out(pages: Sequence[PageText], left_out: LeftOut) -> list[PageRows]:
    """Every page in reading order.

    Args:
        pages: in order.
        left_out: is told of lines set sideways that are not read.
    """
    running = _running(pages)
    texts = [[row for row in page.rows if id(row) not in running] for page in pages]
    hints = _usual_gutters(texts)
    out = []
    for page, text in zip(pages, texts, strict=True):
        heads = tuple(row for row in page.rows if id(row) in running)
        ordered = order(text, hints)
        body = [row for row in ordered if not row.margin]
        body += _sideways(page, ordered[-1].column if ordered else 0, left_out)
        margin = tuple(row for row in ordered if row.margin)
        out.append(PageRows(page.number, tuple(body), margin, heads, page.height, page.width))
    return out


def _sideways(page: PageText, column: int, left_out: LeftOut) -> list[Row]:
    """The lines that run another way than the page's main text, in reading order behind it.

    Labels of figures and stamps in the margin are short and few; they are left out, and told of where they
    say more than a few words.
    """
    out: list[Row] = []
    for rows in page.aside:
        wordy = [
            row for row in rows if len(row.text.split()) >= MIN_WORDS_ASIDE and not _ASIDE.match(row.text)
        ]
        if sum(len(row.text) for row in rows) < MIN_CHARS_ASIDE and not wordy:
            n_letters = sum(len(row.text) for row in rows if not _ASIDE.match(row.text))
            if n_letters >= MIN_CHARS_TOLD:
                left_out.sideways[page.number] = left_out.sideways.get(page.number, 0) + n_letters
            continue
        for row in order([row for row in rows if not _ASIDE.match(row.text)]):
            row.column += column + 1
            row.margin = False
            out.append(row)
        column = out[-1].column if out else column
    return out


def _usual_gutters(pages: Sequence[list[Row]]) -> list[float]:
    """Where the document's pages have their gutter: a page with few rows is parted there too."""
    found = [gutter for rows in pages if (gutter := _gutter(rows)) is not None]
    groups: dict[int, list[float]] = defaultdict(list)
    for gutter in found:
        groups[round(gutter / 12)].append(gutter)
    return [sorted(group)[len(group) // 2] for group in groups.values() if len(group) >= 2]


def _running(pages: Sequence[PageText]) -> set[int]:
    """The rows (by id) that repeat at the top or foot of pages, page numbers there, and stamps of a download.

    A row of running text is one only where it says the same on every page but for the number of the page,
    and of a whole sentence the first stays.
    """
    places: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    found: set[int] = set()
    for page in pages:
        for row in _edge(page.rows, page.height):
            places[_key(row)].append((page.number, row))
            if STAMP.search(row.text) or (_PAGE_NUMBER.match(row.text) and _outermost(row, page.height)):
                found.add(id(row))
    needed = 2 if len(pages) < 6 else 3
    for key, seen in places.items():
        levels = [round(row.box[1] / 6) for _, row in seen]
        same_place = Counter(levels).most_common(1)[0][1] >= needed or (key and len(seen) >= needed)
        if len({number for number, _ in seen}) >= needed and same_place:
            kept = 1 if _SENTENCE.match(seen[0][1].text) and id(seen[0][1]) not in found else 0
            found.update(id(row) for _, row in seen[kept:])
    return found


def _outermost(row: Row, height: float) -> bool:
    return row.box[1] < 0.12 * height or row.box[3] > 0.9 * height


def _edge(rows: list[Row], height: float) -> list[Row]:
    """The rows that stand highest and lowest on the page, in its outer eighths."""
    low = [row for row in rows if row.box[3] < 0.125 * height]
    high = [row for row in rows if row.box[1] > 0.875 * height]
    return sorted(low, key=lambda row: row.box[1])[:6] + sorted(high, key=lambda row: -row.box[3])[:5]


def _key(row: Row) -> str:
    """What rows that repeat have in common: all but numbers, of running text all but a number at its end."""
    words = row.text.split()
    if len(words) >= MIN_WORDS and 2 * sum(word[0].islower() for word in words) > len(words):
        return _NUMBER_AT_END.sub("#", " ".join(words))
    return re.sub(r"[\divxlc]*\d[\divxlc]*", "#", re.sub(r"\s+", "", row.text.lower()))[:60]


def order(rows: list[Row], hints: Sequence[float] = ()) -> list[Row]:
    """The rows in reading order; ``column`` and ``margin`` of each are set.

    Args:
        rows: one page's, without running heads.
        hints: x of gutters on the other pages, for a page with too few rows to show its own.
    """
    if not rows:
        return []
    out: list[Row] = []
    _order(rows, out, 0, hints)
    _set_margins(out)
    return out


def _order(rows: list[Row], out: list[Row], depth: int, hints: Sequence[float] = ()) -> None:
    gutter = _gutter(rows) if depth < 4 else None
    if gutter is None:
        gutter = next((hint for hint in hints if _parts_few(rows, hint)), None)
    if gutter is None:
        _number(sorted(_level(rows), key=lambda item: item[0]), out)
        return
    for band in _bands(rows, gutter):
        left = [row for row in band if _middle(row) < gutter]
        right = [row for row in band if _middle(row) >= gutter]
        if any(row.box[0] < gutter - 2 and row.box[2] > gutter + 2 for row in band):
            _number(sorted(_level(band), key=lambda item: item[0]), out)
            continue
        for side in (left, right):
            if side:
                _order(side, out, depth + 1)


def _number(ordered: list[tuple[tuple[float, float], Row]], out: list[Row]) -> None:
    column = out[-1].column + 1 if out else 0
    for _, row in ordered:
        row.column = column
        out.append(row)


def _level(rows: list[Row]) -> list[tuple[tuple[float, float], Row]]:
    """Rows with their place: lines from top to bottom, and from left to right on one line."""
    ordered = sorted(rows, key=lambda row: -row.base)
    out: list[tuple[tuple[float, float], Row]] = []
    level = float("inf")
    for row in ordered:
        if level - row.base > 0.45 * row.size:
            level = row.base
        out.append(((-level, row.box[0]), row))
    return out


def _middle(row: Row) -> float:
    return (row.box[0] + row.box[2]) / 2


def _gutter(rows: list[Row]) -> float | None:
    """The x of the strip that parts two columns, or None.

    Chosen among the left edges of rows: the one with the most rows to its right that begin there, few
    crossing, enough to the left.
    """
    if len(rows) < 2 * _MIN_ROWS:
        return None
    best: tuple[float, float] | None = None
    edges = Counter(round(row.box[0] / 3) for row in rows)
    for edge, count in edges.items():
        x = edge * 3.0 - 2.5
        if count + edges[edge - 1] + edges[edge + 1] < _MIN_ROWS:
            continue
        score = _parting(rows, x)
        if score is not None and (best is None or score > best[0]):
            best = (score, x)
    return best[1] if best else None


def _parts_few(rows: list[Row], x: float) -> bool:
    """True where the vertical at x parts rows that stand side by side, and none crosses it between them."""
    left = [row for row in rows if row.box[2] <= x + 3]
    right = [row for row in rows if row.box[0] >= x - 3]
    if not left or not right or _overlap(left, right) <= 0:
        return False
    return _crossing_beside(rows, left, right, x) == 0 or _side_by_side(left, right) >= _MIN_ROWS


def _parting(rows: list[Row], x: float) -> float | None:
    """How well the vertical at x parts the rows; None where it does not."""
    left = [row for row in rows if row.box[2] <= x + 1]
    right = [row for row in rows if row.box[0] >= x - 1]
    crossing = len(rows) - len(left) - len(right)
    if min(len(left), len(right)) < _MIN_ROWS:
        return None
    both = _overlap(left, right)
    if both < 3 * min(row.size for row in rows) or crossing > 0.7 * (len(left) + len(right)):
        return None
    widths = [row.box[2] - row.box[0] for row in right]
    if sum(widths) / len(widths) < 30:
        return None
    shared = _side_by_side(left, right)
    if shared < _MIN_ROWS or shared < 1.5 * _crossing_beside(rows, left, right, x):
        return None
    gap = x - max((row.box[2] for row in left), default=x)
    return shared + min(gap, 20) / 20


def _overlap(left: list[Row], right: list[Row]) -> float:
    """The height over which both sides have rows, in points."""
    return min(max(row.box[3] for row in left), max(row.box[3] for row in right)) - max(
        min(row.box[1] for row in left), min(row.box[1] for row in right)
    )


def _side_by_side(left: list[Row], right: list[Row]) -> int:
    """How many rows of the smaller side lie within the height of the other side's rows."""
    low, high = min(row.box[1] for row in left), max(row.box[3] for row in left)
    n_right = sum(low - 2 <= row.base <= high + 2 for row in right)
    low, high = min(row.box[1] for row in right), max(row.box[3] for row in right)
    n_left = sum(low - 2 <= row.base <= high + 2 for row in left)
    return min(n_left, n_right)


def _crossing_beside(rows: list[Row], left: list[Row], right: list[Row], x: float) -> int:
    """How many rows cross the strip at a height where both sides have rows."""
    low = max(min(row.box[1] for row in left), min(row.box[1] for row in right))
    high = min(max(row.box[3] for row in left), max(row.box[3] for row in right))
    return sum(row.box[0] < x - 1 and row.box[2] > x + 1 and low <= row.base <= high for row in rows)


def _bands(rows: list[Row], gutter: float) -> list[list[Row]]:
    """The page from top to bottom, parted at rows that cross the gutter; such rows form bands of their
    own.
    """
    bands: list[list[Row]] = []
    crossing_before = None
    for _, row in sorted(_level(rows), key=lambda item: item[0]):
        crossing = row.box[0] < gutter - 2 and row.box[2] > gutter + 2
        if crossing != crossing_before or not bands:
            bands.append([])
        bands[-1].append(row)
        crossing_before = crossing
    return bands


def _set_margins(rows: list[Row]) -> None:
    """A column much narrower than the main one, with little text in small type, is margin."""
    columns: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        columns[row.column].append(row)
    size_of = {number: sum(len(row.text) for row in column) for number, column in columns.items()}
    main = columns[max(size_of, key=lambda number: size_of[number])]
    width = max(row.box[2] for row in main) - min(row.box[0] for row in main)
    for number, column in columns.items():
        left, right = min(row.box[0] for row in column), max(row.box[2] for row in column)
        aside = right <= min(row.box[0] for row in main) + 2 or left >= max(row.box[2] for row in main) - 2
        small = sum(row.size for row in column) / len(column) <= sum(row.size for row in main) / len(main)
        if aside and small and right - left < 0.45 * width and 3 * size_of[number] < sum(size_of.values()):
            for row in column:
                row.margin = True
