"""Writes the cited works as CSL-JSON, which Zotero, Pandoc and citeproc read.

Also the fields RIS and BibTeX are written from.

Source: citation-style-language/schema, csl-data.json 1.0.2. Missing stays missing.
"""

from __future__ import annotations

import json
from typing import Any

from kgrag.export.material import Material, Plain

TYPES = {
    "newspaper": "article-newspaper",
    "magazine": "article-magazine",
    "chapter": "chapter",
    "section": "chapter",
    "thesis": "thesis",
    "dissertation": "thesis",
    "preprint": "article",
    "posted-content": "article",
    "conference": "paper-conference",
    "proceedings": "paper-conference",
    "book": "book",
    "monograph": "book",
    "report": "report",
    "webpage": "webpage",
    "weblog": "post-weblog",
    "software": "software",
    "manuscript": "manuscript",
    "standard": "standard",
    "dataset": "dataset",
    "patent": "patent",
}
"""CSL's types by the words that kinds hold, the more special first."""


def items(material: Material) -> bytes:
    """A JSON array, one item a document, in the answer's order."""
    return json.dumps(
        [item(material, document) for document in material.documents.values()], ensure_ascii=False, indent=2
    ).encode()


def item(material: Material, document: Plain) -> dict[str, Any]:
    """One document; a retraction stands in ``note`` and in ``status``."""
    identifiers, mark = document["identifiers"], material.mark(document["id"])
    plain = {
        "id": document["id"],
        "type": csl_type(document),
        "title": document["title"],
        "author": [_name(a) for a in document["authors"]],
        "editor": [_name(a) for a in document.get("editors", ())],
        "issued": {"date-parts": [date_parts(document)]} if document["year"] else None,
        "container-title": document["venue"],
        "volume": document["volume"],
        "issue": document["issue"],
        "page": document["pages"],
        "publisher": document["publisher"],
        "publisher-place": document.get("place"),
        "collection-title": document.get("series"),
        "edition": document.get("edition"),
        "genre": document.get("genre"),
        "URL": document.get("url"),
        "language": document["language"],
        "DOI": identifiers.get("doi"),
        "PMID": identifiers.get("pmid"),
        "PMCID": identifiers.get("pmcid"),
        "ISBN": identifiers.get("isbn"),
        "ISSN": identifiers.get("issn"),
        "status": "retracted" if mark else None,
        "note": material.remark(document["id"]),
    }
    return {name: value for name, value in plain.items() if value not in (None, [], "")}


def date_parts(document: Plain) -> list[int]:
    """Year, month and day, as far as they are known."""
    return [int(part) for part in (document.get("date") or str(document["year"])).split("-")]


def csl_type(document: Plain) -> str:
    """CSL's word for the kind of a work; an unknown kind in a journal is an article there."""
    kind = (document["kind"] or "").lower()
    known = next((csl for word, csl in TYPES.items() if word in kind), None)
    return known or ("article-journal" if document["venue"] or "article" in kind else "document")


def _name(author: Plain) -> dict[str, str]:
    if author.get("literal"):
        return {"literal": author["literal"]}
    return {part: author[part] for part in ("family", "given") if author.get(part)}
