"""Tables as lines that can be quoted: one row a line, each cell behind the head of its column, the row's own
head first.

Knows grids, and cells that span columns and rows. Does not know formats, nor pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from ingest.readers.xml import Element, children, descendants, local, text_of

MAX_SPAN = 100
MAX_CELLS = 200_000
SEPARATOR = "; "
_YEAR = re.compile(r"\D?(?:1[5-9]|20)\d\d\D?")
_NUMBER = re.compile(r"^\W*\d[\d.,\s]*\D{0,12}$")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text, whether it is a head, and how many columns and rows it fills."""

    text: str
    head: bool = False
    columns: int = 1
    rows: int = 1


def lines_of_table(rows: Sequence[Sequence[Cell]], n_heads: int | None = None) -> list[str]:
    """The lines of a table: ``column head: cell; column head: cell``, the row's head being the first.

    Args:
        rows: as the file gives them, spanning cells once.
        n_heads: how many of the first rows are heads; None to see by their cells.
    """
    grid = _grid(rows)
    if n_heads is None:
        n_heads = _n_heads(grid)
    heads = _column_heads([[cell.text for cell in row] for row in grid[:n_heads]])
    out: list[str] = []
    group = ""
    for row in grid[n_heads:]:
        texts = [cell.text for cell in row]
        filled = {text for text in texts if text}
        if len(texts) > 1 and len(filled) == 1 and (texts[0] and (all(texts) or not any(texts[1:]))):
            group = texts[0]  # a line over all columns heads the rows below it
            continue
        if line := _line(heads, texts, group):
            out.append(line)
    return out


def _line(heads: Sequence[str], texts: Sequence[str], group: str) -> str:
    parts = [group] if group else []
    for place, text in enumerate(texts):
        head = heads[place] if place < len(heads) else ""
        if text:
            parts.append(f"{head}: {text}" if head and head != text else text)
    return SEPARATOR.join(parts) if len(parts) > bool(group) else ""


def _grid(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """The rows with spanning cells in every place they fill; a cell that spans rows is said in each."""
    out: list[list[Cell]] = []
    hanging: dict[int, tuple[Cell, int]] = {}
    n_cells = 0
    for row in rows:
        line: list[Cell] = []
        cells = iter(row)
        while True:
            if len(line) in hanging:
                cell, left = hanging.pop(len(line))
                if left > 1:
                    hanging[len(line)] = (cell, left - 1)
                line.append(cell)
                continue
            found = next(cells, None)
            if found is None:
                break
            for _ in range(max(1, min(found.columns, MAX_SPAN))):
                if found.rows > 1:
                    hanging[len(line)] = (found, min(found.rows, MAX_SPAN) - 1)
                line.append(found)
        out.append(line)
        n_cells += len(line)
        if n_cells > MAX_CELLS:
            break
    return out


def _n_heads(grid: Sequence[Sequence[Cell]]) -> int:
    """How many of the first rows are heads: all their cells say so; else the first, where it has no numbers
    and a row below has, or is short words over each column.
    """
    marked = 0
    for row in grid:
        if (
            not row
            or not all(cell.head or not cell.text for cell in row)
            or not any(cell.head for cell in row)
        ):
            break
        marked += 1
    if marked:
        return marked if marked < len(grid) else max(1, marked - 1) if len(grid) > 1 else 0
    if len(grid) < 2 or len(grid[0]) < 2:
        return 0
    first, rest = [cell.text for cell in grid[0]], [cell.text for row in grid[1:] for cell in row[1:]]
    numbers = sum(bool(_NUMBER.match(text)) for text in rest)
    named = not any(_NUMBER.match(text) and not _YEAR.fullmatch(text) for text in first[1:])
    return int(named and 3 * numbers >= len(rest))


def _column_heads(rows: Sequence[Sequence[str]]) -> list[str]:
    """One head a column: what stands above it, from top to bottom, each once."""
    width = max(map(len, rows), default=0)
    columns = [[row[place] for row in rows if place < len(row)] for place in range(width)]
    return [" ".join(dict.fromkeys(filter(None, texts))).strip(" :") for texts in columns]


def rows_of_xml(
    table: Element, without: Container[str] = (), text: Callable[[Element], str] | None = None
) -> tuple[list[list[Cell]], int | None]:
    """The rows of a table in JATS, HTML or TEI, and how many of them are heads where the table says so.

    Args:
        table: the element around rows; tables inside its cells are read as text.
        without: elements whose text is left out.
        text: how a cell is read, where not by its text.
    """
    head_rows = [row for part in descendants(table, "thead") for row in children(part, "tr")]
    rows: list[list[Cell]] = []
    for row in descendants(table, "tr", "row"):
        if any(
            local(parent) in ("td", "th", "cell") for parent in row.iterancestors() if parent is not table
        ):
            continue
        cells = [item for item in row if local(item) in ("td", "th", "cell")]
        read = text or (lambda item: text_of(item, without))
        rows.append([_cell(item, row in head_rows, read(item)) for item in cells])
    n_heads = len(head_rows) if head_rows and len(head_rows) < len(rows) else None
    return rows, n_heads


def _cell(item: Element, head: bool, text: str) -> Cell:
    labelled = local(item) == "th" or item.get("role") == "label"
    return Cell(
        text,
        head or labelled,
        _span(item.get("colspan") or item.get("cols")),
        _span(item.get("rowspan") or item.get("rows")),
    )


def _span(value: str | None) -> int:
    return max(1, min(int(value), MAX_SPAN)) if value and value.strip().isdecimal() else 1
