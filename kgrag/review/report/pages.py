"""A report as a page, a Word file or a PDF.

Knows a report's values; what comes from papers is escaped.
"""

from __future__ import annotations

import io

from kgrag.errors import MissingExtra
from kgrag.render.templates import Templates
from kgrag.review.report.build import Report, word

_TEMPLATES = Templates("kgrag.review.report")


def as_html(report: Report) -> str:
    """One file that loads nothing."""
    return str(
        _TEMPLATES.page(
            "report.html",
            report=report,
            w=lambda key, **values: word(key, report["language"], **values),
            top=max(line["count"] or 1 for part in report["sections"] for line in part["lines"]),
        )
    )


def as_docx(report: Report) -> bytes:
    """A Word file (extra ``export``).

    Raises:
        MissingExtra: python-docx is not installed.
    """
    try:
        import docx
    except ModuleNotFoundError as error:
        raise MissingExtra("A report as a Word file", "export") from error
    file = docx.Document()
    file.core_properties.title, file.core_properties.author = _plain(report["title"])[:255], "kgrag"
    file.add_heading(_plain(report["title"]), 0)
    for section in report["sections"]:
        file.add_heading(_plain(section["heading"]), 1)
        if not section["lines"]:
            file.add_paragraph(word("none", report["language"]))
        for line in section["lines"]:
            style = None if section["kind"] == "text" else "List Bullet"
            count = f" ({line['count']})" if line["count"] and section["kind"] != "hints" else ""
            file.add_paragraph(_plain(line["text"] + count), style=style)
            if section["kind"] == "hints":
                file.add_paragraph(f"{word('choice', report['language'])}: ______")
            for quote in line["quotes"]:
                page = f", {word('page', report['language'], n=quote['page'])}" if quote["page"] else ""
                told = f"“{quote['quote']}” — {quote['title']} ({quote['year'] or '–'}{page})"
                file.add_paragraph(_plain(told), style="Quote")
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


def as_pdf(report: Report) -> bytes:
    """A PDF that is tagged for screen readers (extra ``pdf``).

    Raises:
        MissingExtra: WeasyPrint or Pango is not installed.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ModuleNotFoundError, OSError) as error:
        raise MissingExtra("A report as a PDF", "pdf") from error
    fetcher = URLFetcher(allowed_protocols=["data"])
    content: bytes = HTML(string=as_html(report), url_fetcher=fetcher).write_pdf(pdf_variant="pdf/ua-1")
    return content


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isprintable() or c == "\n")
