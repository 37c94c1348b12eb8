"""From a document and its blocks to passages of about 180 tokens, on section and sentence boundaries.

Knows the canonical text and its blocks. Does not know formats or embedders. Headings and reference lists are
no passages; a caption and a table are passages by themselves, each row of a table being a sentence. A
section is cut into equal parts rather than into full ones and a rest.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from ingest.text.clean import count_tokens
from ingest.text.normalise import Placed
from ingest.text.sentences import sentences
from kgrag.types import BlockKind, Box, Document, Line, Passage, Sentence

TARGET_TOKENS = 180
MAX_TOKENS = 235
"""A section up to this long stays whole.

The default embedder reads 256 word pieces, and the count is an estimate.
"""


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence at its place in the document."""

    start: int
    end: int
    n_tokens: int
    lines: tuple[Line, ...] = ()
    quotable: bool = True


def split(document: Document, blocks: Sequence[Placed]) -> tuple[Passage, ...]:
    """The passages of a document, in order.

    Args:
        document: as ``normalise`` gives it.
        blocks: its blocks, in order of their places.

    Returns:
        Passages with ``text == document.text[start:end]`` and id ``{document.id}#p{ordinal}``; the title
        opens the first.
    """
    passages: list[Passage] = []
    for section, kind, units in _groups(document, blocks):
        for part in _parts(units):
            passages.append(_passage(document, len(passages), section, kind, part))
    return tuple(passages)


def _groups(
    document: Document, blocks: Sequence[Placed]
) -> Iterator[tuple[tuple[str, ...], BlockKind, list[_Unit]]]:
    """Runs of blocks that may share a passage: of the same section, one behind the other."""
    units: list[_Unit] = []
    section: tuple[str, ...] = ()
    kind: BlockKind = "paragraph"
    for block in blocks:
        if block.kind == "title":
            units = [
                _Unit(
                    block.start,
                    block.end,
                    count_tokens(document.text[block.start : block.end]),
                    block.lines,
                    quotable=False,
                )
            ]
            kind, section = "title", block.section
            continue
        text = block.kind in ("paragraph", "abstract")
        if kind == "title" and units and block.kind == "heading":
            continue
        if units and not (text and (kind == "title" or (block.section == section and block.kind == kind))):
            yield section, kind, units
            units = []
        if block.kind == "caption":
            yield block.section, "caption", _units(document, block)
        elif block.kind == "table":
            yield block.section, "table", _row_units(document, block)
        elif text:
            units = units + _units(document, block)
            section, kind = block.section, block.kind
    if units:
        yield section, kind, units


def _units(document: Document, block: Placed) -> list[_Unit]:
    text = document.text[block.start : block.end]
    found: list[_Unit] = []
    for start, end in sentences(text, document.language):
        for first, last in _pieces(text, start, end):
            found.append(
                _Unit(block.start + first, block.start + last, count_tokens(text[first:last]), block.lines)
            )
    return found


def _row_units(document: Document, block: Placed) -> list[_Unit]:
    """The rows of a table, each a line."""
    text = document.text[block.start : block.end]
    return [
        _Unit(block.start + first, block.start + last, count_tokens(text[first:last]), block.lines)
        for row in re.finditer(r"[^\n]+", text)
        for first, last in _pieces(text, row.start(), row.end())
    ]


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentence itself, or its pieces where it alone is longer than a passage may be."""
    if end - start < MAX_TOKENS or count_tokens(text[start:end]) <= MAX_TOKENS:
        yield start, end
        return
    at, held = start, 0
    for found in re.finditer(r"[^\s；;，,、]{1,120}[；;，,、]?\s*", text[start:end]):
        size = count_tokens(found.group())
        if held and held + size > TARGET_TOKENS:
            yield at, start + found.start() - _n_spaces(text[at : start + found.start()])
            at, held = start + found.start(), 0
        held += size
    yield at, end


def _n_spaces(text: str) -> int:
    return len(text) - len(text.rstrip())


def _parts(units: list[_Unit]) -> Iterator[list[_Unit]]:
    """Equal parts of about the target size; never an empty one."""
    total = sum(unit.n_tokens for unit in units)
    if total <= MAX_TOKENS:
        yield units
        return
    share = total / ceil(total / TARGET_TOKENS)
    part: list[_Unit] = []
    held, done, n_parts = 0, 0, 1
    for unit in units:
        past_share = done + held + unit.n_tokens / 2 > share * n_parts
        if part and part[-1].quotable and (past_share or held + unit.n_tokens > MAX_TOKENS):
            yield part
            done, n_parts = done + held, n_parts + 1
            part, held = [], 0
        part.append(unit)
        held += unit.n_tokens
    yield part


def _passage(
    document: Document, ordinal: int, section: tuple[str, ...], kind: BlockKind, units: list[_Unit]
) -> Passage:
    start, end = units[0].start, units[-1].end
    quotable = [unit for unit in units if unit.quotable] or units
    found = tuple(_sentence(unit, start) for unit in quotable)
    return Passage(
        f"{document.id}#p{ordinal}",
        document.id,
        ordinal,
        document.text[start:end],
        start,
        end,
        section,
        found,
        kind,
    )


def _sentence(unit: _Unit, origin: int) -> Sentence:
    page, boxes = _place(unit)
    return Sentence(unit.start - origin, unit.end - origin, page, boxes)


def _place(unit: _Unit) -> tuple[int | None, tuple[Box, ...]]:
    """The page on which the sentence begins, and its boxes there: each line's box, cut to the share of the
    line it fills.
    """
    if not unit.lines:
        return None, ()
    first = max(0, bisect_right(unit.lines, unit.start, key=lambda line: line.start) - 1)
    touched = []
    for line in unit.lines[first:]:
        if line.start >= unit.end:
            break
        if line.end > unit.start:
            touched.append(line)
    if not touched:
        return None, ()
    page = touched[0].page
    return page, tuple(_cut(line, unit) for line in touched if line.page == page)


def _cut(line: Line, unit: _Unit) -> Box:
    x0, y0, x1, y1 = line.box
    width, size = x1 - x0, max(1, line.end - line.start)
    left = x0 + width * max(0, unit.start - line.start) / size
    right = x0 + width * min(size, unit.end - line.start) / size
    return (round(left, 2), y0, round(right, 2), y1)
