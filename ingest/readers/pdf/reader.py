"""PDF of papers: text in reading order with page and box for every line, title, authors, DOI, year, sections,
references.

Knows how to open a PDF safely and what to say of one that cannot be read. Pages are counted from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.readers.base import BrokenRecord, source
from ingest.readers.pdf.blocks import blocks_of
from ingest.readers.pdf.front import Front, front_of
from ingest.readers.pdf.layout import PageRows, lay_out
from ingest.readers.pdf.ocr import ocr_installed, recognised_rows
from ingest.readers.pdf.rows import Row, body_size, rows_of
from ingest.readers.references import reference_of
from ingest.text import identifiers
from kgrag.errors import ReadError
from kgrag.types import Block, Record, Reference

MAX_PAGES = 3000
MIN_CHARS_A_PAGE = 40
MAX_NAMED = 12


class PdfReader:
    """One paper or book in a PDF."""

    name = "pdf"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the mark of a PDF stands in the first KiB."""
        return 1.0 if b"%PDF-" in head[:1024] else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """One record.

        Raises:
            ReadError: encrypted, truncated, damaged, or scanned pages without text.
        """
        document = _open(path)
        try:
            hidden: dict[int, int] = {}
            pages = _pages(document, path, hidden)
            metadata = {key: str(value) for key, value in document.get_metadata_dict().items()}
        finally:
            document.close()
        laid = lay_out(pages)
        record = _record(path, laid, metadata)
        yield replace(record, extra={**record.extra, "warnings": _warning(hidden)}) if hidden else record


def _warning(hidden: Mapping[int, int]) -> str:
    pages = ", ".join(map(str, list(hidden)[:MAX_NAMED])) + (" …" if len(hidden) > MAX_NAMED else "")
    return f"{sum(hidden.values()):,} characters that cannot be seen on the page were left out (page {pages})"


def _open(path: Path) -> Any:
    import pypdfium2

    _check_end(path)
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise ReadError(
                f"{path.name} is encrypted and asks for a password. Save it without a password and ingest it"
                " again."
            ) from error
        raise ReadError(f"{path.name} is a damaged PDF ({error}).") from error


def _check_end(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - 4096))
        tail = stream.read()
    if b"%%EOF" not in tail and b"startxref" not in tail:
        raise ReadError(
            f"{path.name} is a truncated PDF: its end is missing ({size:,} bytes are there). Fetch it again."
        )


def _pages(document: Any, path: Path, hidden: dict[int, int]) -> list[tuple[list[Row], float, float]]:
    """Rows, width and height of each page; ``hidden`` is told how many characters nobody sees, by page."""
    import pypdfium2

    out: list[tuple[list[Row], float, float]] = []
    if len(document) > MAX_PAGES:
        raise ReadError(f"{path.name} has {len(document):,} pages, more than {MAX_PAGES:,}. Divide it.")
    for number in range(len(document)):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            out.append(([], 0.0, 0.0))
            continue
        rows, n_hidden = rows_of(page, number + 1)
        out.append((rows, page.get_width(), page.get_height()))
        if n_hidden:
            hidden[number + 1] = n_hidden
        page.close()
    n_chars = _n_chars(out)
    if n_chars < MIN_CHARS_A_PAGE * max(1, len(out)) / 2 and n_chars < 2000:
        if ocr_installed():
            return _recognised(document, path)
        raise ReadError(
            f"{path.name} has no text layer ({len(out)} pages, {n_chars} characters): a scan. Install the OCR"
            " extra to read it: pip install 'kgrag[ocr]'"
        )
    return out


def _n_chars(pages: Sequence[tuple[list[Row], float, float]]) -> int:
    return sum(len(row.text) for rows, _, _ in pages for row in rows)


def _recognised(document: Any, path: Path) -> list[tuple[list[Row], float, float]]:
    """The pages of a scan by OCR."""
    out = []
    for number in range(len(document)):
        page = document[number]
        out.append((recognised_rows(page, number + 1), page.get_width(), page.get_height()))
        page.close()
    if not _n_chars(out):
        raise ReadError(f"{path.name} is a scan in which OCR found no text ({len(out)} pages).")
    return out


def _record(path: Path, pages: Sequence[PageRows], metadata: dict[str, str]) -> Record:
    rows = [row for page in pages for row in page.body]
    body = body_size(rows)
    around = [row for page in pages[:2] for row in (*page.margin, *page.running)]
    front = front_of(
        [row for page in pages[:3] for row in page.body], around, body, metadata, pages[0].height
    )
    blocks = _without_references(blocks_of([row for row in rows if id(row) not in front.rows], body))
    return _described(path, front, blocks[0], blocks[1])


def _without_references(blocks: list[Block]) -> tuple[list[Block], list[Reference]]:
    """Blocks and references apart.

    What stands below a heading "References" but holds hardly a year or number is text after all.
    """
    entries = [block for block in blocks if block.kind == "reference"]
    dated = sum(bool(re.search(r"\b(?:1[6-9]|20)\d\d\b|doi|https?:", block.text)) for block in entries)
    if 3 * dated < len(entries):
        return [
            replace(block, kind="paragraph") if block.kind == "reference" else block for block in blocks
        ], []
    return [block for block in blocks if block.kind != "reference"], [
        reference_of(block.text) for block in entries
    ]


def _described(path: Path, front: Front, blocks: list[Block], references: list[Reference]) -> Record:
    abstract = "\n".join(block.text for block in blocks if block.kind == "abstract")
    keywords = next(
        (
            re.split(r"[:：]", block.text, maxsplit=1)[1]
            for block in blocks
            if re.match(r"(?:key\s?words?|index terms|关键词)\s*[:：]", block.text, re.I)
        ),
        "",
    )
    return Record(
        source=source(path, "pdf"),
        title=front.title,
        abstract=abstract or None,
        authors=front.authors,
        year=front.year,
        venue=front.venue,
        identifiers=identifiers.normal([("doi", front.doi)]),
        licence=front.licence,
        keywords=tuple(filter(None, (word.strip(" .") for word in re.split(r"[;,；，]", keywords)))),
        references=tuple(references),
        blocks=tuple(blocks),
    )
