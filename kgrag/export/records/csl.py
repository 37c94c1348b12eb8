"""Writes the cited works as CSL-JSON, which Zotero, Pandoc and citeproc read.

Also the fields RIS and BibTeX are written from.

Source: citation-style-language/schema, csl-data.json 1.0.2. Missing stays missing.
"""

from __future__ import annotations

import json
from typing import Any

from kgrag.export.material import Material, Plain

TYPES = {
    "book": "book",
    "thesis": "thesis",
    "dissertation": "thesis",
    "chapter": "chapter",
    "report": "report",
    "preprint": "article",
    "conference": "paper-conference",
    "dataset": "dataset",
    "patent": "patent",
}


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
        "issued": {"date-parts": [[document["year"]]]} if document["year"] else None,
        "container-title": document["venue"],
        "volume": document["volume"],
        "issue": document["issue"],
        "page": document["pages"],
        "publisher": document["publisher"],
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


def csl_type(document: Plain) -> str:
    """CSL's word for the kind of a work; an unknown kind in a journal is an article there."""
    kind = (document["kind"] or "").lower()
    known = next((csl for word, csl in TYPES.items() if word in kind), None)
    return known or ("article-journal" if document["venue"] or "article" in kind else "document")


def _name(author: Plain) -> dict[str, str]:
    if author.get("literal"):
        return {"literal": author["literal"]}
    return {part: author[part] for part in ("family", "given") if author.get(part)}
