"""The export menu: formats in five groups, in words.

Knows the formats' names; ``kgrag.export`` makes them.
"""

from __future__ import annotations

from kgrag.export import FORMATS
from kgrag.export.works import FOR_WORKS
from ui.words import Language, word

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("export_managers", ("ris", "bibtex", "csl")),
    ("export_documents", ("docx", "pdf", "html", "markdown")),
    ("export_styles", ("apa", "gb-t-7714", "chicago", "ieee", "vancouver")),
    ("export_evidence", ("csv", "search-csv", "search", "methods", "methods-zh")),
    (
        "export_machines",
        ("json", "annotation", "prov", "prov-ttl", "ro-crate", "nanopub", "graphml", "cypher"),
    ),
)
"""Word of each group, with its formats in the order they stand."""
NAMES = {
    "ris": "RIS (EndNote, Zotero, NoteExpress)",
    "bibtex": "BibTeX",
    "csl": "CSL JSON (Zotero)",
    "docx": "Word",
    "pdf": "PDF",
    "html": "HTML",
    "markdown": "Markdown",
    "apa": "APA",
    "gb-t-7714": "GB/T 7714",
    "chicago": "Chicago",
    "ieee": "IEEE",
    "vancouver": "Vancouver",
    "json": "JSON",
    "annotation": "W3C Annotation",
    "prov": "PROV (JSON-LD)",
    "prov-ttl": "PROV (Turtle)",
    "ro-crate": "RO-Crate",
    "nanopub": "Nanopublication",
    "graphml": "GraphML",
    "cypher": "Cypher",
}
"""Formats that have a name of their own; the others have a word."""


def groups(language: Language, *, works: bool = False) -> list[tuple[str, list[tuple[str, str]]]]:
    """The menu: each group's word with its formats, a name and how it is written.

    Args:
        language: of the interface.
        works: only formats that need no question.
    """
    kept = set(FOR_WORKS if works else FORMATS)
    menu = [
        (word(group, language), [(name, named(name, language)) for name in names if name in kept])
        for group, names in GROUPS
    ]
    return [(label, names) for label, names in menu if names]


def named(format: str, language: Language) -> str:
    """How a format is called."""
    return NAMES.get(format) or word("format_" + format.replace("-", "_"), language)
