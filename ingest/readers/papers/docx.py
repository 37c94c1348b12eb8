"""Word documents (DOCX): headings, paragraphs, tables, and the document's own properties.

Knows the parts of an Office Open XML text (ECMA-376). Macros, embedded files and links are never opened.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import DAMAGED_ZIP, BrokenRecord, author_of, source, year_of
from ingest.readers.tables import Cell, lines_of_table
from ingest.readers.xml import Element, child, children, descendants, local, text_of
from ingest.text import identifiers
from ingest.text.clean import clean
from kgrag.errors import ReadError
from kgrag.types import Block, Record

MAX_PART = 256 << 20
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class DocxReader:
    """One Word document."""

    name = "docx"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the file is a zip that holds a Word text."""
        if not head.startswith(b"PK\x03\x04") or not (
            b"[Content_Types].xml" in head or b"word/" in head or b"_rels/" in head
        ):
            return 0.0
        try:
            with zipfile.ZipFile(path) as packed:
                return 1.0 if "word/document.xml" in packed.namelist() else 0.0
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """One record.

        Raises:
            ReadError: damaged, encrypted, too large, or without text.
        """
        try:
            with zipfile.ZipFile(path) as packed:
                body, styles = _part(packed, "word/document.xml", path), _styles(packed, path)
                core = (
                    _part(packed, "docProps/core.xml", path)
                    if "docProps/core.xml" in packed.namelist()
                    else None
                )
        except DAMAGED_ZIP as error:
            raise ReadError(f"{path.name} is a damaged Word document: {error}.") from error
        title, blocks = _blocks(body, styles)
        if not blocks:
            raise ReadError(f"{path.name} holds no text.")
        first = " ".join(block.text for block in blocks[:8])
        names = text_of(next(descendants(core, "creator"), None))
        yield Record(
            source=source(path, self.name),
            title=title or text_of(next(descendants(core, "title"), None)) or None,
            abstract="\n".join(block.text for block in blocks if block.kind == "abstract") or None,
            authors=tuple(filter(None, map(author_of, names.split(";")))),
            year=year_of(text_of(next(descendants(core, "created"), None))),
            identifiers=identifiers.normal([("doi", identifiers.doi(first))]),
            keywords=tuple(
                filter(None, map(clean, re.split("[;,]", text_of(next(descendants(core, "keywords"), None)))))
            ),
            blocks=tuple(blocks),
        )


def _part(packed: zipfile.ZipFile, name: str, path: Path) -> Element:
    from lxml import etree

    info = packed.getinfo(name)
    if info.file_size > MAX_PART or info.file_size > 200 * max(1, info.compress_size) + (1 << 20):
        raise ReadError(f"{path.name} unpacks to {info.file_size:,} bytes: refused as a possible bomb.")
    with packed.open(info) as stream:
        content = stream.read(MAX_PART)
    if b"<!ENTITY" in content[:65536] or b"<!DOCTYPE" in content[:65536]:
        raise ReadError(f"{path.name} declares XML entities. They are never read.")
    try:
        return etree.fromstring(
            content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        )
    except etree.XMLSyntaxError as error:
        raise ReadError(f"{path.name} is a damaged Word document: {error.msg}.") from error


def _styles(packed: zipfile.ZipFile, path: Path) -> dict[str, str]:
    """Style names by their ids: ids are translated by Word, names are not."""
    if "word/styles.xml" not in packed.namelist():
        return {}
    found = {}
    for style in descendants(_part(packed, "word/styles.xml", path), "style"):
        name = child(style, "name")
        found[style.get(f"{_W}styleId") or ""] = (
            (name.get(f"{_W}val") or "").lower() if name is not None else ""
        )
    return found


def _blocks(document: Element, styles: dict[str, str]) -> tuple[str | None, list[Block]]:
    title: str | None = None
    blocks: list[Block] = []
    path: list[tuple[int, str]] = []
    body = child(document, "body")
    for item in body if body is not None else ():
        if local(item) == "tbl":
            section = tuple(name for _, name in path)
            if blocks and blocks[-1].kind == "caption":
                section = (*section, blocks[-1].text)
            blocks += [Block(text, "table", section) for text in [_table(item)] if text]
            continue
        for paragraph in [item] if local(item) == "p" else descendants(item, "p"):
            text, style = clean(_text(paragraph)), _style(paragraph, styles)
            if not text:
                continue
            level = re.match(r"heading (\d)", style)
            if style == "title" and title is None:
                title = text
            elif level:
                while path and path[-1][0] >= int(level.group(1)):
                    path.pop()
                blocks.append(Block(text, "heading", tuple(name for _, name in path)))
                path.append((int(level.group(1)), text))
            else:
                section = tuple(name for _, name in path)
                abstract = style == "abstract" or (
                    section and section[-1].lower().strip(" :") in {"abstract", "摘要"}
                )
                blocks.append(
                    Block(
                        text,
                        "caption" if style == "caption" else "abstract" if abstract else "paragraph",
                        section,
                    )
                )
    if title is None and blocks and blocks[0].kind == "heading":
        title = blocks.pop(0).text
        blocks = [
            Block(
                block.text, block.kind, block.section[1:] if block.section[:1] == (title,) else block.section
            )
            for block in blocks
        ]
    return title, blocks


def _table(table: Element) -> str:
    """The rows of a table as lines; those that Word repeats on each page are heads."""
    rows, n_heads = [], 0
    for row in children(table, "tr"):
        n_heads += child(row, "trPr", "tblHeader") is not None
        rows.append([_cell(cell) for cell in children(row, "tc")])
    return "\n".join(lines_of_table(rows, n_heads or None))


def _cell(cell: Element) -> Cell:
    span = child(cell, "tcPr", "gridSpan")
    columns = span.get(f"{_W}val") or "" if span is not None else ""
    text = clean(" ".join(map(_text, descendants(cell, "p"))))
    return Cell(text, columns=int(columns) if columns.isdecimal() else 1)


def _style(paragraph: Element, styles: dict[str, str]) -> str:
    found = child(paragraph, "pPr", "pStyle")
    key = found.get(f"{_W}val") or "" if found is not None else ""
    return styles.get(key, key.lower())


def _text(paragraph: Element) -> str:
    parts = []
    for item in descendants(paragraph, "t", "tab", "br", "noBreakHyphen"):
        name = local(item)
        parts.append(item.text or "" if name == "t" else "-" if name == "noBreakHyphen" else " ")
    return "".join(parts)
