"""Tables of a PDF page: cells that stand in columns below (or above) a caption *Table 1*.

Knows rows and their boxes. A region is a table where its lines hold cells that keep to the same columns;
where that is doubtful the rows stay text. Does not know rules and frames, which many tables do not have.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.readers.pdf.rows import PageText, Row
from ingest.readers.tables import Cell, lines_of_table
from kgrag.types import Block, Box, Line

CAPTION = re.compile(
    r"^(?:(?:supplementary|extended\ data)\s+)?(?:table|tabelle|tableau|tabla|表)\s*[A-Z]?\d+[a-z]?"
    r"\s*(?:[.:|：。]|[-–—]\s|\s(?-i:[A-Z(\u4e00-\u9fff])|$)",
    re.I,
)
MAX_CAPTION_LINES = 5
MIN_LINES = 2
MAX_CELL = 70
PROSE = 30
"""Characters from which a row is rather text than a cell."""
MAX_GAP = 3.2
"""Lines of type between two rows of one table, at most."""
WIDER = 1.12
"""Times the narrowest step between two lines from which a step parts rows."""
CLOSE = 0.5
"""Sizes of type between two words from which they may stand in two columns."""
_NUMBER = re.compile(r"^\W*\d[\d.,\s]*\D{0,12}$")


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table: its caption's first row, and each of its rows as a line with the box around it."""

    caption: Row
    lines: tuple[tuple[str, Box], ...]


@dataclass(frozen=True, slots=True)
class _Level:
    """The rows that stand on one line, from left to right."""

    rows: tuple[Row, ...]

    @property
    def base(self) -> float:
        return self.rows[0].base

    @property
    def size(self) -> float:
        return max(row.size for row in self.rows)


def without_tables(page: PageText) -> tuple[PageText, list[PageTable]]:
    """The page's text without the rows of its tables, and the tables."""
    tables: list[PageTable] = []
    parts = []
    for rows in (page.rows, *page.aside):
        used: set[int] = set()
        for caption in (row for row in rows if CAPTION.match(row.text)):
            region = _region(caption, [row for row in rows if id(row) not in used])
            if region is not None:
                table, ids = region
                tables.append(table)
                used |= ids
        parts.append([row for row in rows if id(row) not in used])
    return replace(page, rows=parts[0], aside=parts[1:]), tables


def _region(caption: Row, rows: Sequence[Row]) -> tuple[PageTable, set[int]] | None:
    """The table that belongs to a caption: below it, else above."""
    below = [row for row in rows if row.base < caption.base - 0.4 * caption.size]
    above = [row for row in rows if row.base > caption.base + 0.4 * caption.size]
    for side in (_levels(below), _levels(above)[::-1]):
        for levels in (side, _beside(side, caption) if _heads_column(caption, rows) else []):
            run = _run(levels, caption)
            if run and run[0].base < run[-1].base:
                run = run[::-1]
            if run and (lines := _lines(run)):
                return PageTable(caption, tuple(lines)), {id(row) for level in run for row in level.rows}
    return None


def _heads_column(caption: Row, rows: Sequence[Row]) -> bool:
    """Whether a caption begins where the lines of a column of text begin."""
    return sum(abs(row.box[0] - caption.box[0]) < 3 and len(row.text) > PROSE for row in rows) >= 4


def _levels(rows: Sequence[Row]) -> list[_Level]:
    """Rows by the lines on which they stand, from top to bottom."""
    out: list[list[Row]] = []
    for row in sorted(rows, key=lambda row: -row.base):
        if out and out[-1][0].base - row.base < 0.45 * row.size:
            out[-1].append(row)
        else:
            out.append([row])
    return [_Level(tuple(sorted(level, key=lambda row: row.box[0]))) for level in out]


def _beside(levels: Sequence[_Level], caption: Row) -> list[_Level]:
    """The lines cut to the column of text in which the caption stands; nothing where no column of text stands
    beside it, for then the whole line is the table's.
    """
    left, right = caption.box[0] - 4, _right_edge(levels, caption)
    kept = [
        tuple(row for row in level.rows if left <= row.box[0] and row.box[2] <= right) for level in levels
    ]
    apart = [
        row for level in levels for row in level.rows if not (left <= row.box[0] and row.box[2] <= right)
    ]
    prose = sum(len(row.text) for row in apart) > PROSE * len(apart)
    return [_Level(rows) for rows in kept if rows] if apart and prose else []


def _right_edge(levels: Sequence[_Level], caption: Row) -> float:
    """Where the text right of the caption's column begins: the left edge of several long rows."""
    starts = Counter(
        round(row.box[0])
        for level in levels
        for row in level.rows
        if row.box[0] > caption.box[0] + 100 and len(row.text) > PROSE
    )
    common = [x for x, count in starts.items() if count >= 4]
    return min(common, default=10_000) - 2.0


def _run(levels: Sequence[_Level], caption: Row) -> list[_Level]:
    """The lines of cells nearest to the caption, without what is left of the caption itself."""
    run: list[_Level] = []
    before = caption.base
    for number, level in enumerate(levels):
        gap = abs(before - level.base) / max(level.size, 1.0)
        cells = len(level.rows) > 1 and all(len(row.text) <= MAX_CELL for row in level.rows)
        if not run and not cells:
            if number >= MAX_CAPTION_LINES or gap > MAX_GAP or CAPTION.match(level.rows[0].text):
                return []
        elif run and (gap > MAX_GAP or not (cells or _belongs(level, run))):
            break
        else:
            if not run and number and levels[number - 1].rows[0].box[0] > level.rows[0].box[2]:
                run.append(levels[number - 1])  # a head over several columns stands alone on its line
            run.append(level)
        before = level.base
    while run and len(run[-1].rows) < 2 and not _ends_cell(run):
        run.pop()
    return run


def _ends_cell(run: Sequence[_Level]) -> bool:
    """Whether a last line of one row goes on with a cell other than the row's head: below it, and near."""
    row, above = run[-1].rows[0], [level for level in run[:-1] if len(level.rows) > 1]
    steps = [abs(one.base - other.base) for one, other in pairwise(run)]
    return (
        bool(above)
        and steps[-1] <= WIDER * min(steps)
        and any(abs(cell.box[0] - row.box[0]) < 3 for level in above for cell in level.rows[1:])
    )


def _belongs(level: _Level, run: Sequence[_Level]) -> bool:
    """Whether a single short row goes on with a table: a group's head, or the rest of a cell."""
    row = level.rows[0]
    left = min(cell.box[0] for other in run for cell in other.rows)
    right = max(cell.box[2] for other in run for cell in other.rows)
    short = row.box[2] - row.box[0] < 0.6 * (right - left)
    return (
        len(level.rows) == 1
        and left - 3 <= row.box[0]
        and row.box[2] <= right + 3
        and short
        and not CAPTION.match(row.text)
        and not re.match(r"(?:notes?|source|\*|†|a\s)\b", row.text, re.I)
        and abs(row.size - run[-1].size) < 1.0
    )


def _lines(run: Sequence[_Level]) -> list[tuple[str, Box]]:
    """Each row of the table with its box; none where its cells keep to no columns, or where it cannot be
    seen which lines are one row.
    """
    columns = _columns(run)
    grid = [_cells(level, columns) for level in run] if len(columns) >= 2 else []
    if not grid or any(cells is None for cells in grid):
        return []
    rows = _grouped([cells for cells in grid if cells is not None], run)
    if rows is None:
        return []
    cells, boxes = [row for row, _ in rows], [box for _, box in rows]
    return _quotable(cells, boxes)


def _grouped(grid: Sequence[list[Cell]], run: Sequence[_Level]) -> list[tuple[list[Cell], Box]] | None:
    """The lines joined to rows, each with its box: by the wider gaps between rows, else every line is one;
    None where lines go on with the cells above them and no gap tells which.
    """
    boxes = [_around([row.drawn for row in level.rows]) for level in run]
    steps = [one.base - other.base for one, other in pairwise(run)]
    narrow = min(steps) * WIDER
    if max(steps) > 1.1 * narrow:
        groups: list[list[int]] = [[0]]
        for place, step in enumerate(steps, 1):
            if step <= narrow:
                groups[-1].append(place)
            else:
                groups.append([place])
        if len(groups) > 2 and not any(_two_numbers([grid[place] for place in group]) for group in groups):
            return [
                (_stacked([grid[place] for place in group]), _around([boxes[place] for place in group]))
                for group in groups
            ]
    n_rest = sum(_goes_on(above, cells) for above, cells in pairwise(grid[1:]))
    return None if 4 * n_rest > len(grid) else list(zip(grid, boxes, strict=True))


def _two_numbers(lines: Sequence[Sequence[Cell]]) -> bool:
    """Whether two lines have a number in one column: they are two rows."""
    for column in zip(*[[cell.text for cell in _spread(line)] for line in lines], strict=False):
        if sum(bool(_NUMBER.match(text)) for text in column) > 1:
            return True
    return False


def _spread(line: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in line for _ in range(cell.columns)]


def _stacked(lines: Sequence[list[Cell]]) -> list[Cell]:
    """One row of several lines: the texts of each column, one behind the other."""
    if len(lines) == 1:
        return lines[0]
    columns = zip(*map(_spread, lines), strict=False)
    return [Cell(_text_of(dict.fromkeys(cell.text for cell in column if cell.text))) for column in columns]


def _text_of(parts: Iterable[str]) -> str:
    """Parts of a cell as one text; a hyphen at the end of a line breaks a word."""
    return re.sub(r"(?<=[^\W\d_])[-\u00ad\ufffe\x02] (?=[a-z])", "", " ".join(parts))


def _goes_on(above: Sequence[Cell], cells: Sequence[Cell]) -> bool:
    """Whether a line reads as the rest of the one above: a longer cell over one that begins small."""
    pairs = zip(above, cells, strict=False)
    return any(len(one.text) > 14 and re.match(r"[a-z(]", other.text) for one, other in pairs) or (
        not cells[0].text and not any(_NUMBER.match(cell.text) for cell in cells)
    )


def _columns(run: Sequence[_Level]) -> list[tuple[float, float]]:
    """Left and right of each column, from the lines with the usual number of cells; none where these
    overlap.
    """
    counts = Counter(len(level.rows) for level in run if len(level.rows) > 1)
    if not counts:
        return []
    usual = max(counts, key=lambda n: (counts[n] * (n - 0.5), n))
    full = [level for level in run if len(level.rows) == usual]
    if len(full) < MIN_LINES:
        return []
    columns = [
        (min(level.rows[n].box[0] for level in full), max(level.rows[n].box[2] for level in full))
        for n in range(usual)
    ]
    return columns if all(one[1] < other[0] for one, other in pairwise(columns)) else []


def _cells(level: _Level, columns: Sequence[tuple[float, float]]) -> list[Cell] | None:
    """The cells of a line, one a column, spanning ones once; None where two stand in one column."""
    out: list[Cell] = []
    place = 0
    for left, right, text in (part for row in level.rows for part in _parts(row, columns)):
        touched = [n for n, (start, end) in enumerate(columns) if left < end and start < right]
        touched = touched or [_nearest((left + right) / 2, columns)]
        if touched[0] < place:
            return None
        out += [Cell("")] * (touched[0] - place)
        out.append(Cell(text, columns=touched[-1] - touched[0] + 1))
        place = touched[-1] + 1
    return out + [Cell("")] * (len(columns) - place)


def _parts(row: Row, columns: Sequence[tuple[float, float]]) -> list[tuple[float, float, str]]:
    """Left, right and text of the cells of a row: cells that stand close are parted between two columns."""
    groups = [[row.words[0]]]
    for before, word in pairwise(row.words):
        between = [one[1] <= word.x0 and before.x1 <= other[0] + 1 for one, other in pairwise(columns)]
        if any(between) and word.x0 - before.x1 > CLOSE * row.size:
            groups.append([])
        groups[-1].append(word)
    return [(group[0].x0, max(word.x1 for word in group), Row(group, row.page).text) for group in groups]


def _nearest(x: float, columns: Sequence[tuple[float, float]]) -> int:
    return min(range(len(columns)), key=lambda n: abs((columns[n][0] + columns[n][1]) / 2 - x))


def _quotable(grid: Sequence[Sequence[Cell]], boxes: Sequence[Box]) -> list[tuple[str, Box]]:
    """The rows as lines with boxes. The first line heads them, and further ones while a cell above spans
    columns or the row's own head is missing; none where a cell below the heads stands over several columns.
    """
    n_heads = 1
    while n_heads < len(grid) - 1 and (
        any(cell.columns > 1 for cell in grid[n_heads - 1]) or not _spread(grid[n_heads])[0].text
    ):
        n_heads += 1
    body = grid[n_heads:]
    filled = [sum(bool(cell.text) for cell in cells) for cells in body]
    if any(cell.columns > 1 for cells in body for cell in cells) or 2 * sum(n > 1 for n in filled) <= len(
        body
    ):
        return []
    out: list[tuple[str, Box]] = []
    group: list[Sequence[Cell]] = []
    for cells, box in zip(body, boxes[n_heads:], strict=True):
        lines = lines_of_table([*grid[:n_heads], *group, cells], n_heads)
        if lines:
            out.append((lines[-1], box))
        else:
            group = [cells]
    return out


def _around(boxes: Sequence[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def with_tables(blocks: Sequence[Block], tables: Sequence[PageTable]) -> list[Block]:
    """The blocks with each table behind its caption; the caption stands in the table's section."""
    out = list(blocks)
    for table in tables:
        place = next((n for n, block in enumerate(out) if _holds(block, table.caption)), len(out) - 1)
        caption = out[place] if out else Block(table.caption.text, "caption")
        out.insert(place + 1, _block(table, (*caption.section, caption.text)))
    return out


def _holds(block: Block, row: Row) -> bool:
    return any(line.page == row.page and line.box == row.drawn for line in block.lines)


def _block(table: PageTable, section: tuple[str, ...]) -> Block:
    text, lines = "", []
    for content, box in table.lines:
        text += "\n" if text else ""
        lines.append(Line(len(text), len(text) + len(content), table.caption.page, box))
        text += content
    return Block(text, "table", section, tuple(lines))
