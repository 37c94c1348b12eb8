"""An answer as a PDF: the HTML page, set by WeasyPrint (extra ``pdf``; it needs the system's Pango and
fonts). Nothing is loaded from anywhere.
"""

from __future__ import annotations

from kgrag.errors import KgragError
from kgrag.export.material import Material
from kgrag.export.pages.html import whole


def document(material: Material) -> bytes:
    """The file, tagged for screen readers, with its fonts in it.

    Raises:
        KgragError: the system lacks Pango.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:  # WeasyPrint is there, the libraries it calls are not
        raise KgragError(
            f"The format 'pdf' needs Pango, which this system lacks ({error}). On Debian: apt install"
            " libpango-1.0-0 libpangoft2-1.0-0"
        ) from error
    content: bytes = HTML(
        string=whole(material), url_fetcher=URLFetcher(allowed_protocols=["data"])
    ).write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=material.answer["id"].encode())
    return content
