"""Writes the cited works as RIS, which EndNote, Zotero and NoteExpress read.

One line a value; a line never holds a line break.
"""

from __future__ import annotations

from collections.abc import Iterator

from kgrag.export.material import Material, Plain
from kgrag.export.records.csl import csl_type, date_parts

TYPES = {
    "article-journal": "JOUR",
    "book": "BOOK",
    "thesis": "THES",
    "chapter": "CHAP",
    "report": "RPRT",
    "paper-conference": "CONF",
    "dataset": "DATA",
    "patent": "PAT",
    "article": "UNPB",
    "manuscript": "UNPB",
    "article-newspaper": "NEWS",
    "article-magazine": "MGZN",
    "webpage": "ELEC",
    "post-weblog": "BLOG",
    "software": "COMP",
    "standard": "STAND",
}


def records(material: Material) -> bytes:
    """All records, each ended by ``ER``; a retraction is in ``C1`` and in ``N1``, concerns and corrections in
    ``N1``, and the quotes drawn from the work are in ``N1``.
    """
    lines = [line for document in material.documents.values() for line in _record(material, document)]
    return ("\r\n".join(lines) + "\r\n").encode() if lines else b""


def _record(material: Material, document: Plain) -> Iterator[str]:
    kind, editors = TYPES.get(csl_type(document), "GEN"), document.get("editors", ())
    edited = kind == "BOOK" and editors and not document["authors"]
    yield _line("TY", "EDBOOK" if edited else kind)
    yield from (_line("AU", _name(author)) for author in document["authors"])
    yield from (_line("A2", _name(editor)) for editor in editors)
    first, _, last = (document["pages"] or "").replace("–", "-").partition("-")
    identifiers = document["identifiers"]
    fields = (
        ("TI", document["title"]),
        ("T2", document["venue"]),
        ("T3", document.get("series")),
        ("PY", document["year"]),
        ("DA", "/".join(f"{part:02}" for part in date_parts(document)) if document.get("date") else None),
        ("VL", document["volume"]),
        ("IS", document["issue"]),
        ("SP", first),
        ("EP", last),
        ("PB", document["publisher"]),
        ("CY", document.get("place")),
        ("ET", document.get("edition")),
        ("M3", document.get("genre")),
        ("UR", document.get("url")),
        ("LA", document["language"]),
        ("DO", identifiers.get("doi")),
        ("AN", identifiers.get("pmid")),
        ("SN", identifiers.get("issn") or identifiers.get("isbn")),
        ("ID", document["id"]),
    )
    yield from (_line(tag, value) for tag, value in fields if value)
    if mark := material.mark(document["id"]):
        yield _line("C1", "RETRACTED")
        yield _line("N1", mark)
    if notice := material.notice(document["id"]):
        yield _line("N1", notice)
    yield from (
        _line("N1", f"Quoted: “{q.evidence['quote']}”")
        for q in material.quotes()
        if q.evidence["document_id"] == document["id"]
    )
    yield "ER  - "


def _name(author: Plain) -> str:
    return author.get("literal") or ", ".join(
        author[part] for part in ("family", "given") if author.get(part)
    )


def _line(tag: str, value: object) -> str:
    return f"{tag}  - {' '.join(str(value).split())}"
