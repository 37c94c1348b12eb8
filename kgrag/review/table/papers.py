"""Makes an evidence table of files: reads each paper, fills its row, writes JSON or CSV.

Knows the readers and sentences. Every value is in its quote, and every quote is in the paper's text, letter
for letter. Nothing is drawn by chance, so the same files give the same table.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypedDict

from kgrag.backends import load_backend
from kgrag.errors import KgragError, MissingExtra, UsageError
from kgrag.language.sentences import split_sentences
from kgrag.render.csv_text import csv_text
from kgrag.review.table.columns import Cell, Said, cell_of
from kgrag.types import Block, Record

READ = ("abstract", "paragraph", "caption", "table")
SHORTEST = 15


class CellJson(TypedDict):
    """A cell. ``value`` is None and ``sections_read`` is filled where it is not stated."""

    value: str | None
    quote: str | None
    page: int | None
    section: str | None
    sections_read: list[str]


class Row(TypedDict):
    """A paper."""

    path: str
    title: str | None
    year: int | None
    identifiers: dict[str, str]
    cells: dict[str, CellJson]


class Table(TypedDict):
    """The object of ``kgrag table --json``."""

    columns: list[str]
    rows: list[Row]
    refused: list[dict[str, str]]


def table_of(paths: Sequence[Path], columns: Sequence[str]) -> Table:
    """The table of files and of all files in folders, in their order; a file that cannot be read is named.

    Raises:
        UsageError: no column, or no file.
    """
    wanted = list(dict.fromkeys(name.strip() for name in columns if name.strip()))
    if not wanted:
        raise UsageError("A table needs columns, as in: --columns n,design,follow_up")
    listed = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    found = [file for file in listed if file.is_file()]
    if not found:
        raise UsageError(f"No file in {', '.join(map(str, paths))}.")
    table: Table = {"columns": wanted, "rows": [], "refused": []}
    for file in found:
        try:
            read: Iterable[Any] = load_backend("ingest", "read_file")(file)
            records = [record for record in read if isinstance(record, Record)]
        except KgragError as error:
            table["refused"].append({"path": str(file), "reason": str(error)})
            continue
        table["rows"] += [row_of(record, file, wanted) for record in records]
    return table


def row_of(record: Record, file: Path, columns: Sequence[str]) -> Row:
    """The row of one paper."""
    said = sentences_of(record)
    read = list(dict.fromkeys(one.section or one.kind for one in said))
    return {
        "path": str(file),
        "title": record.title,
        "year": record.year,
        "identifiers": dict(record.identifiers),
        "cells": {name: _as_json(cell_of(name, said), read) for name in columns},
    }


def sentences_of(record: Record) -> list[Said]:
    """The sentences of a paper's text, those of its abstract first."""
    blocks = [block for block in record.blocks if block.kind in READ]
    if record.abstract and not any(block.kind == "abstract" for block in blocks):
        blocks = [Block(record.abstract, "abstract"), *blocks]
    said = []
    for number, block in enumerate(blocks):
        for start, end in split_sentences(block.text):
            if end - start >= SHORTEST:
                said.append(
                    Said(
                        block.text[start:end],
                        start,
                        end,
                        " / ".join(block.section),
                        block.kind,
                        _page(block, start),
                        number / len(blocks),
                    )
                )
    return said


def _page(block: Block, start: int) -> int | None:
    return next((line.page for line in block.lines if line.start <= start < line.end), None)


def _as_json(cell: Cell, read: list[str]) -> CellJson:
    if cell.said is None:
        return {"value": None, "quote": None, "page": None, "section": None, "sections_read": read}
    section = cell.said.section or cell.said.kind
    return {
        "value": cell.value,
        "quote": cell.said.text,
        "page": cell.said.page,
        "section": section,
        "sections_read": [],
    }


def as_csv(table: Table) -> str:
    """Two columns a column: value and quote; *not stated* says so."""
    header = ["path", "title", "year", *(n for name in table["columns"] for n in (name, f"{name}: quote"))]
    return csv_text(
        header,
        (
            [
                row["path"],
                row["title"] or "",
                row["year"] or "",
                *(
                    text
                    for name in table["columns"]
                    for text in (
                        row["cells"][name]["value"] or "not stated",
                        row["cells"][name]["quote"] or "",
                    )
                ),
            ]
            for row in table["rows"]
        ),
    )


def as_docx(table: Table) -> bytes:
    """A Word file, landscape: a cell has its value and, below it, its quote and page.

    Raises:
        MissingExtra: python-docx is not installed.
    """
    try:
        import docx
        from docx.enum.section import WD_ORIENT
    except ModuleNotFoundError as error:
        raise MissingExtra("The table as a Word file", "export") from error
    file = docx.Document()
    page = file.sections[0]
    page.orientation, page.page_width, page.page_height = (
        WD_ORIENT.LANDSCAPE,
        page.page_height,
        page.page_width,
    )
    made = file.add_table(rows=1, cols=1 + len(table["columns"]), style="Table Grid")
    for cell, name in zip(made.rows[0].cells, ["", *table["columns"]], strict=True):
        cell.text = _plain(name)
    for row in table["rows"]:
        cells = made.add_row().cells
        cells[0].text = _plain(f"{row['title'] or row['path']} ({row['year'] or '–'})")
        for cell, name in zip(cells[1:], table["columns"], strict=True):
            told = row["cells"][name]
            cell.text = _plain(told["value"] or "not stated")
            if told["quote"]:
                place = f" (p. {told['page']})" if told["page"] else ""
                cell.add_paragraph(_plain(f"“{told['quote']}”{place}"))
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isprintable() or c == "\n")
