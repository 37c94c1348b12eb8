"""PDF of papers: text in reading order with page and box for every line, title, authors, DOI, year, sections,
references.

Knows the order of the steps. Does not know pages, layout or first pages themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ingest.readers.base import BrokenRecord, source
from ingest.readers.pdf.blocks import blocks_of
from ingest.readers.pdf.citation import fuller, title_in
from ingest.readers.pdf.cover import Cover, cover_of
from ingest.readers.pdf.front import Front, front_of
from ingest.readers.pdf.imprint import Imprint, imprint_of
from ingest.readers.pdf.layout import PageRows, lay_out
from ingest.readers.pdf.pages import open_pdf, pages_of
from ingest.readers.pdf.rows import body_size
from ingest.readers.pdf.tables import PageTable, with_tables, without_tables
from ingest.readers.references import reference_of
from ingest.text import identifiers
from kgrag.types import Block, Record, Reference


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
        document = open_pdf(path)
        try:
            pages, left_out = pages_of(document, path)
            metadata = {key: str(value) for key, value in document.get_metadata_dict().items()}
        finally:
            document.close()
        cover = cover_of(pages)
        parted = [without_tables(page) for page in pages[cover.n_pages if cover else 0 :]]
        laid = lay_out([page for page, _ in parted], left_out)
        record = _record(path, laid, metadata, cover, [table for _, found in parted for table in found])
        warning = left_out.warning()
        yield replace(record, extra={**record.extra, "warnings": warning}) if warning else record


def _record(
    path: Path,
    pages: Sequence[PageRows],
    metadata: dict[str, str],
    cover: Cover | None,
    tables: Sequence[PageTable],
) -> Record:
    if cover is not None:
        metadata = {**metadata, "Title": cover.citation.title or metadata.get("Title", "")}
    rows = [row for page in pages for row in page.body]
    body = body_size(rows)
    around = [row for page in pages[:2] for row in (*page.margin, *page.running)]
    front = front_of([row for page in pages[:3] for row in page.body], body, metadata, pages[0].height)
    if cover is not None and cover.citation.title and not title_in(front.title or "", cover.citation.title):
        front = Front(front.title, front.authors, ())  # what stands there is the paper's text
    used = set(map(id, front.rows))
    blocks = with_tables(blocks_of([row for row in rows if id(row) not in used], body), tables)
    imprint = imprint_of(around, front.rows, blocks, metadata, front.title, pages[0].height)
    record = _described(path, front, imprint, *_without_references(blocks))
    return _as_cited(record, cover) if cover is not None else record


def _as_cited(record: Record, cover: Cover) -> Record:
    """The record as the cover cites the work; what the cover does not say stays."""
    cited = cover.citation
    authors = fuller(cited.authors, record.authors) if cited.authors else record.authors
    doi = identifiers.normal([("doi", cited.doi)])
    return replace(
        record,
        title=cited.title or record.title,
        authors=authors,
        year=cited.year or record.year,
        venue=cited.venue or record.venue,
        volume=cited.volume,
        issue=cited.issue,
        pages=cited.pages,
        publisher=cover.publisher,
        identifiers={**record.identifiers, **doi},
    )


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


def _described(
    path: Path, front: Front, imprint: Imprint, blocks: list[Block], references: list[Reference]
) -> Record:
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
        year=imprint.year,
        venue=imprint.venue,
        identifiers=identifiers.normal([("doi", imprint.doi)]),
        licence=imprint.licence,
        keywords=tuple(filter(None, (word.strip(" .") for word in re.split(r"[;,；，]", keywords)))),
        references=tuple(references),
        blocks=tuple(blocks),
    )
