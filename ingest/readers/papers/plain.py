"""Plain text and Markdown: a title, headings, and paragraphs divided by blank lines.

Knows Markdown's headings, lists and front matter, and the look of headings in plain text. Does not know HTML
inside Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, author_of, decoded_head, lines_of, source, year_of
from ingest.text import identifiers
from ingest.text.clean import clean
from kgrag.errors import ReadError
from kgrag.types import Block, BlockKind, Record

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_UNDERLINE = re.compile(r"^(=+|-+)\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\n]{0,2000}\)")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)(.{1,300}?)(?<=\S)\1")
_FRONT = re.compile(r"^([A-Za-z][\w-]*)\s*:\s*(.*)$")
_NUMBERED = re.compile(r"^(?:\d+(?:\.\d+)*\.?|[IVX]+\.|[一二三四五六七八九十]+、)\s+\S.{0,80}$")


class PlainReader:
    """Any text that is prose: the reader of last resort."""

    name = "text"

    def sniff(self, path: Path, head: bytes) -> float:
        """Low for any text, a little higher where Markdown's signs stand in it."""
        text = decoded_head(head)
        if not text.strip() or re.match(r"\s*<(?:\?xml|!DOCTYPE|!ENTITY)", text, re.I):
            return 0.0
        return 0.2 if re.search(r"^#{1,6}\s+\S", text, re.M) else 0.1

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """One record of the whole file.

        Raises:
            ReadError: no text, or a line that is too long.
        """
        lines = list(lines_of(path))
        front, lines = _front_matter(lines)
        blocks = list(_blocks(lines))
        if not blocks:
            raise ReadError(f"{path.name} holds no text.")
        title = front.get("title") or _take_title(blocks)
        yield Record(
            source=source(path, self.name),
            title=title,
            abstract=clean(front["abstract"]) if front.get("abstract") else None,
            authors=tuple(
                filter(
                    None, map(author_of, re.split(r";|\band\b|(?<=\w), (?=\w+ )", front.get("author", "")))
                )
            ),
            year=year_of(front.get("date") or front.get("year")),
            identifiers=identifiers.normal([("doi", front.get("doi"))]),
            keywords=tuple(
                filter(None, (clean(word) for word in front.get("keywords", "").strip("[]").split(",")))
            ),
            blocks=tuple(blocks),
        )


def _front_matter(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """The simple ``key: value`` pairs of a YAML front matter, and the rest."""
    if not lines or lines[0].strip() != "---":
        return {}, lines
    for end, line in enumerate(lines[1:200], 1):
        if line.strip() in {"---", "..."}:
            pairs = (_FRONT.match(item) for item in lines[1:end])
            return {found.group(1).lower(): found.group(2).strip("\"' ") for found in pairs if found}, lines[
                end + 1 :
            ]
    return {}, lines


def _take_title(blocks: list[Block]) -> str | None:
    """The first heading, or a short first paragraph; it is taken out of the blocks, and out of the sections
    below it.
    """
    first = blocks[0]
    if first.kind != "heading" and (
        len(first.text) > 200 or first.text.endswith((".", "。")) or len(blocks) == 1
    ):
        return None
    del blocks[0]
    for place, block in enumerate(blocks):
        if block.section[:1] == (first.text,):
            blocks[place] = Block(block.text, block.kind, block.section[1:])
    return first.text


def _plain(text: str) -> str:
    return clean(_EMPHASIS.sub(r"\2", _LINK.sub(r"\1", text)))


def _blocks(lines: list[str]) -> Iterator[Block]:
    path: list[tuple[int, str]] = []
    held: list[str] = []
    fenced = False

    def flush() -> Iterator[Block]:
        text = _plain(" ".join(held))
        held.clear()
        if text:
            kind: BlockKind = "paragraph"
            yield Block(text, kind, tuple(name for _, name in path))

    for number, line in enumerate(lines):
        if _FENCE.match(line):
            fenced = not fenced
            continue
        heading = None if fenced else _heading(lines, number)
        if heading:
            yield from flush()
            level, text = heading
            while path and path[-1][0] >= level:
                path.pop()
            yield Block(text, "heading", tuple(name for _, name in path))
            path.append((level, text))
        elif not line.strip() or (not held and _UNDERLINE.match(line)):
            yield from flush()
        elif not (_UNDERLINE.match(line) and _heading(lines, number - 1)):
            if re.match(r"^\s*(?:[-*+]|\d+[.)])\s+", line) and not fenced:
                yield from flush()
                line = re.sub(r"^\s*(?:[-*+]\s+)?", "", line)
            held.append(line)
    yield from flush()


def _heading(lines: list[str], number: int) -> tuple[int, str] | None:
    line = lines[number]
    if found := _HEADING.match(line):
        return len(found.group(1)), _plain(found.group(2))
    before = not lines[number - 1].strip() if number > 0 else True
    after = lines[number + 1] if number + 1 < len(lines) else ""
    if (
        before
        and line.strip()
        and len(line) < 200
        and (mark := _UNDERLINE.match(after))
        and len(mark.group(1)) >= 3
    ):
        return (1 if after[0] == "=" else 2), _plain(line)
    if (
        before
        and not after.strip()
        and number
        and _NUMBERED.match(line)
        and not line.rstrip().endswith((".", "。", ";", ","))
    ):
        return 2 + line.split()[0].rstrip(".").count("."), _plain(line)
    return None
