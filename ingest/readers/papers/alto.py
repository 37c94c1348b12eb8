"""Pages of text recognised by OCR, in ALTO: each block of text a paragraph, each line at its place.

Knows ALTO's elements (versions 2 to 4). Margins, which hold running heads and page numbers, are left out.
Does not know which pages make up a work: METS says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head, head_of, source
from ingest.readers.xml import Element, child, children, descendants, local, root_name, stream
from ingest.text.clean import clean
from kgrag.errors import ReadError
from kgrag.types import Block, Box, Line, Record

UNSURE = 0.7
"""Mean confidence of a page's words below which a warning tells of it."""
_POINTS = {"mm10": 72 / 254, "inch1200": 72 / 1200, "pixel": 72 / 300}
"""Points in a unit; pixels are taken for 300 an inch, as scans of books are made."""
_UNIT = re.compile(r"<(?:\w+:)?MeasurementUnit>\s*(\w+)")


class AltoReader:
    """One file of ALTO."""

    name = "alto"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the document element is alto."""
        return 1.0 if root_name(decoded_head(head)) == "alto" else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """One record of the file's pages, without a title: ALTO holds none.

        Raises:
            ReadError: unsafe, not well-formed, or without text.
        """
        pages = Pages()
        pages.add(path)
        if not pages.blocks:
            raise ReadError(f"{path.name} holds no text.")
        yield Record(source=source(path, self.name), blocks=tuple(pages.blocks), extra=pages.extra())


@dataclass
class Pages:
    """The text of pages read one behind the other, and which of them the OCR was unsure of."""

    blocks: list[Block] = field(default_factory=list)
    n_pages: int = 0
    unsure: list[str] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """The pages of a file."""
        found = _UNIT.search(decoded_head(head_of(path)))
        points = _POINTS.get(found.group(1).lower() if found else "", 1.0)
        for page in stream(path, "Page"):
            self.n_pages += 1
            self.blocks += _blocks(page, self.n_pages, points)
            sure = [
                float(word.get("WC")) for word in descendants(page, "String") if _is_number(word.get("WC"))
            ]
            if sure and sum(sure) / len(sure) < UNSURE:
                self.unsure.append(str(self.n_pages))

    def extra(self) -> dict[str, str]:
        """What a reader of the text should know."""
        if not self.unsure:
            return {}
        return {"warnings": f"The OCR was unsure of most words of page {', '.join(self.unsure)}."}


def _is_number(text: str | None) -> bool:
    return re.fullmatch(r"\d*\.?\d+", text or "") is not None


def _blocks(page: Element, number: int, points: float) -> Iterator[Block]:
    space = child(page, "PrintSpace")
    for block in descendants(page if space is None else space, "TextBlock"):
        lines = [
            (words, hyphen, _box(line, points))
            for line in children(block, "TextLine")
            for words, hyphen in [_words(line)]
            if words
        ]
        if lines:
            yield _block(lines, number)


def _words(line: Element) -> tuple[str, bool]:
    """The words of a line, and whether the last goes on in the next line: a word in two parts that the file
    knows is whole on the first line.
    """
    words: list[str] = []
    whole, hyphen = None, False
    for item in line:
        if local(item) == "HYP":
            hyphen = whole is None
        elif local(item) == "String":
            whole = item.get("SUBS_CONTENT") or None
            if whole is None or item.get("SUBS_TYPE") != "HypPart2":
                words.append(whole or item.get("CONTENT") or "")
            hyphen = False
    return clean(" ".join(filter(None, words))), hyphen


def _block(lines: Sequence[tuple[str, bool, Box]], page: int) -> Block:
    text, placed, joined = "", [], True
    for words, hyphen, box in lines:
        text += "" if (joined and words[:1].islower()) or not text else " "
        placed.append(Line(len(text), len(text) + len(words), page, box))
        text, joined = text + words, hyphen
    return Block(text, "paragraph", (), tuple(placed))


def _box(line: Element, points: float) -> Box:
    left, top, width, height = (
        float(line.get(name) or 0) if _is_number(line.get(name)) else 0.0
        for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")
    )
    x0, y0, x1, y1 = (round(value * points, 2) for value in (left, top, left + width, top + height))
    return (x0, y0, x1, y1)
