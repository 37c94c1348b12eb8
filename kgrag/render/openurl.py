"""Makes a link to the full text where the library's own copy may not be shown: fills the admin's OpenURL
pattern with a record's fields.

Knows OpenURL 1.0's key/value form for articles and books. Source: ANSI/NISO Z39.88-2004.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit

from kgrag.types import Record

FIELDS = ("doi", "pmid", "issn", "isbn", "title", "year", "volume", "issue", "page", "author", "openurl")


def link_for(record: Record, pattern: str) -> str | None:
    """The address for a record.

    Args:
        record: of the document.
        pattern: an address with fields in braces, such as ``https://resolver.example.org/?{openurl}`` or
            ``https://doi.org/{doi}``; empty for none.

    Returns:
        None without a pattern, where the pattern names a field that the record lacks, and for anything but
        http and https.
    """
    if not pattern or urlsplit(pattern).scheme not in ("http", "https"):
        return None
    values = _values(record)
    if any(f"{{{name}}}" in pattern and not values.get(name) for name in FIELDS):
        return None
    for name in FIELDS:
        value = values.get(name) or ""
        pattern = pattern.replace(
            f"{{{name}}}", value if name == "openurl" else quote(value, safe="/" if name == "doi" else "")
        )
    return pattern


def _values(record: Record) -> dict[str, str | None]:
    ids, first_page = record.identifiers, (record.pages or "").replace("–", "-").split("-")[0].strip()
    author = record.authors[0].family or record.authors[0].literal if record.authors else None
    known = {
        "doi": ids.get("doi"),
        "pmid": ids.get("pmid"),
        "issn": ids.get("issn"),
        "isbn": ids.get("isbn"),
        "title": record.title,
        "year": str(record.year) if record.year else None,
        "volume": record.volume,
        "issue": record.issue,
        "page": first_page or None,
        "author": author,
    }
    return {**known, "openurl": _openurl(record, known)}


def _openurl(record: Record, known: dict[str, str | None]) -> str:
    book = bool(known["isbn"]) and not known["issn"]
    format_, title = (
        ("info:ofi/fmt:kev:mtx:book", "rft.btitle")
        if book
        else ("info:ofi/fmt:kev:mtx:journal", "rft.atitle")
    )
    pairs = [
        ("url_ver", "Z39.88-2004"),
        ("rft_val_fmt", format_),
        (title, known["title"]),
        ("rft.jtitle", None if book else record.venue),
        ("rft.date", known["year"]),
        ("rft.volume", known["volume"]),
        ("rft.issue", known["issue"]),
        ("rft.spage", known["page"]),
        ("rft.aulast", known["author"]),
        ("rft.issn", known["issn"]),
        ("rft.isbn", known["isbn"]),
        ("rft_id", f"info:doi/{known['doi']}" if known["doi"] else None),
        ("rft_id", f"info:pmid/{known['pmid']}" if known["pmid"] else None),
    ]
    return urlencode([(name, value) for name, value in pairs if value])
