"""Every page of a PDF as text, decided page by page: its own text, the layer that OCR laid over its picture,
what OCR reads here, or nothing.

Knows how to open a PDF safely and what was left out. Does not know what the text means. Pages are counted
from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.readers.pdf.ocr import ocr_installed, recognised_rows
from ingest.readers.pdf.rows import PageText, Row, text_of_page
from kgrag.errors import ReadError

MAX_PAGES = 3000
MIN_CHARS_A_PAGE = 40
MAX_NAMED = 12
STAMP = re.compile(
    r"""
      ^\W*(?:this\ content\ )?downloaded\ (?:from|by|on)\b
    | ^all\ use\ subject\ to\b
    | \ball\ use\ subject\ to\ (?:\S+\ )?https?://
    | ^\W*(?:licen[sc]ed|authori[sz]ed)\ (?:licensed\ )?(?:use|copy)\b
    | ^(?:electronic\ copy\ available\ at|brought\ to\ you\ by|provided\ by)\b
    | ^(?:accessed|retrieved|printed|download\ date)\ ?(?:on|:)\s
    """,
    re.I | re.X,
)
"""A line that says when and where a copy was fetched: no text, and its date is not the paper's."""


@dataclass
class LeftOut:
    """What was not read, by page: characters that nobody sees, letters of lines set sideways, and pictures
    without text.
    """

    hidden: dict[int, int] = field(default_factory=dict)
    sideways: dict[int, int] = field(default_factory=dict)
    pictures: list[int] = field(default_factory=list)

    def warning(self) -> str:
        """Sentences for the report, or nothing."""
        parts = []
        if self.hidden:
            parts.append(
                f"{sum(self.hidden.values()):,} characters that cannot be seen on the page were left out"
                f" ({_named(self.hidden)})"
            )
        if self.sideways:
            parts.append(
                f"{sum(self.sideways.values()):,} letters of lines set sideways were left out"
                f" ({_named(self.sideways)})"
            )
        if self.pictures:
            hint = (
                "OCR found none" if ocr_installed() else "the OCR extra reads them: pip install 'kgrag[ocr]'"
            )
            parts.append(f"pictures without text were left out; {hint} ({_named(self.pictures)})")
        return "; ".join(parts)


def _named(pages: Mapping[int, int] | Iterable[int]) -> str:
    numbers = list(pages)
    return "page " + ", ".join(map(str, numbers[:MAX_NAMED])) + (" …" if len(numbers) > MAX_NAMED else "")


def open_pdf(path: Path) -> Any:
    """The file as pypdfium2's document.

    Raises:
        ReadError: encrypted, truncated or damaged.
    """
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


def pages_of(document: Any, path: Path) -> tuple[list[PageText], LeftOut]:
    """The text of each page, and what was left out.

    Raises:
        ReadError: too many pages, or no text on any.
    """
    if len(document) > MAX_PAGES:
        raise ReadError(f"{path.name} has {len(document):,} pages, more than {MAX_PAGES:,}. Divide it.")
    left_out = LeftOut()
    pages = [_page(document, number, left_out) for number in range(1, len(document) + 1)]
    n_chars = sum(page.n_chars for page in pages)
    if n_chars < MIN_CHARS_A_PAGE * max(1, len(pages)) / 2 and n_chars < 2000:
        if ocr_installed():
            return _recognised(document, path), LeftOut(hidden=left_out.hidden)
        raise ReadError(_no_text(path, len(pages), n_chars, left_out))
    return pages, left_out


def _page(document: Any, number: int, left_out: LeftOut) -> PageText:
    """One page; a picture without text is read by OCR where that is installed."""
    import pypdfium2

    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return PageText(number, [], [], 0.0, 0.0)
    text = text_of_page(page, number)
    if text.n_hidden:
        left_out.hidden[number] = text.n_hidden
    if text.scanned and _own_chars(text) < MIN_CHARS_A_PAGE:
        rows = recognised_rows(page, number) if ocr_installed() else []
        if rows:
            text = PageText(number, rows, [], page.get_width(), page.get_height(), text.n_hidden, True)
        else:
            left_out.pictures.append(number)
    page.close()
    return text


def _own_chars(text: PageText) -> int:
    """Characters of the page without what was stamped on it when it was fetched."""
    rows = [row for each in (text.rows, *text.aside) for row in each]
    return sum(len(row.text) for row in rows if not STAMP.search(row.text))


def _no_text(path: Path, n_pages: int, n_chars: int, left_out: LeftOut) -> str:
    hidden = sum(left_out.hidden.values())
    layer = f", and {hidden:,} that nobody can see on the page" if hidden else ""
    return (
        f"{path.name} has no text layer ({n_pages} pages, {n_chars} characters{layer}): a scan."
        " Install the OCR extra to read it: pip install 'kgrag[ocr]'"
    )


def _recognised(document: Any, path: Path) -> list[PageText]:
    """The pages of a scan by OCR."""
    pages = []
    for number in range(1, len(document) + 1):
        page = document[number - 1]
        rows: list[Row] = recognised_rows(page, number)
        pages.append(PageText(number, rows, [], page.get_width(), page.get_height(), 0, True))
        page.close()
    if not any(page.rows for page in pages):
        raise ReadError(f"{path.name} is a scan in which OCR found no text ({len(pages)} pages).")
    return pages
