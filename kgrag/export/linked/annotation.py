"""Writes an answer's quotes as W3C Web Annotations: each claim annotates the exact words it rests on.

A target has a TextQuoteSelector (words with what stands around them), a TextPositionSelector (characters of
the document's text in the library) and, where the source is a PDF, a FragmentSelector a box (RFC 8118's
``page`` and ``viewrect``, points from the page's top left). Source: https://www.w3.org/TR/annotation-model/
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kgrag.export.material import VOCABULARY, Material, Quote
from kgrag.export.pages.pictures import page_height

CONTEXT = ["http://www.w3.org/ns/anno.jsonld", {"kgrag": VOCABULARY}]
PDF_FRAGMENTS = "http://tools.ietf.org/rfc/rfc3778"


def json_ld(material: Material) -> bytes:
    """An AnnotationCollection with one page that holds all annotations."""
    return json.dumps(collection(material), ensure_ascii=False, indent=1).encode("utf-8", "replace")


def collection(material: Material) -> dict[str, Any]:
    """The JSON-LD object."""
    answer, items = material.answer, [_annotation(material, q) for q in material.quotes()]
    name = material.iri("annotations", answer["id"])
    return {
        "@context": CONTEXT,
        "id": name,
        "type": "AnnotationCollection",
        "label": answer["question"],
        "total": len(items),
        "kgrag:answer": answer["id"],
        "kgrag:status": answer["status"],
        "first": {"id": f"{name}:1", "type": "AnnotationPage", "startIndex": 0, "items": items},
    }


def _annotation(material: Material, q: Quote) -> dict[str, Any]:
    claim, evidence, answer = q.claim, q.evidence, material.answer
    document = material.documents[evidence["document_id"]]
    bodies = [
        {
            "type": "TextualBody",
            "value": claim["text"],
            "format": "text/plain",
            "language": answer["language"],
            "purpose": "describing",
        }
    ]
    if mark := material.remark(document["id"]):
        bodies.append(
            {
                "type": "TextualBody",
                "value": mark,
                "format": "text/plain",
                "language": "en",
                "purpose": "moderating",
            }
        )
    return {
        "id": material.iri("annotation", f"{answer['id']}/{claim['id']}/{q.number}"),
        "type": "Annotation",
        "motivation": "linking",
        "created": material.created,
        "generator": {"id": "urn:kgrag:software", "type": "Software", "name": "kgrag"},
        "body": bodies,
        "target": {
            "type": "SpecificResource",
            "source": _source(material, document["id"]),
            "selector": _selectors(material, q),
        },
        "kgrag:claim": claim["id"],
        "kgrag:passage": evidence["passage_id"],
        "kgrag:document": document["id"],
        "kgrag:start": evidence["span"][0],
        "kgrag:end": evidence["span"][1],
        "kgrag:page": evidence["page"],
        "kgrag:boxes": [" ".join(map(repr, box)) for box in evidence["boxes"]],
        "kgrag:score": claim["support"]["score"],
        "kgrag:threshold": claim["support"]["threshold"],
    }


def _source(material: Material, document_id: str) -> dict[str, Any]:
    document = material.documents[document_id]
    plain = {
        "id": material.document_iri(document_id),
        "type": "Text",
        "kgrag:title": document["title"],
        "kgrag:sourceSha256": document["source"]["sha256"],
        "kgrag:textSha256": material.text_sha256.get(document_id),
        "kgrag:retraction": material.mark(document_id),
        "kgrag:notice": list(material.notices.get(document_id, ())) or None,
    }
    return {name: value for name, value in plain.items() if value is not None}


def _selectors(material: Material, q: Quote) -> list[dict[str, Any]]:
    words: dict[str, Any] = {"type": "TextQuoteSelector", "exact": q.evidence["quote"]}
    if q.start is None:
        return [words]
    return [
        words | {"prefix": q.before, "suffix": q.after},
        {"type": "TextPositionSelector", "start": q.start, "end": q.end},
        *(
            {"type": "FragmentSelector", "conformsTo": PDF_FRAGMENTS, "value": value}
            for value in fragments(material, q)
        ),
    ]


def fragments(material: Material, q: Quote) -> list[str]:
    """``page=3&viewrect=left,top,width,height`` a box; ``page=3`` where the PDF is not at hand to tell its
    height; none without pages.
    """
    page = q.evidence["page"]
    if not page:
        return []
    height = page_height(Path(material.documents[q.evidence["document_id"]]["source"]["path"]), page)
    if height is None or not q.evidence["boxes"]:
        return [f"page={page}"]
    return [
        f"page={page}&viewrect={x0:.2f},{height - y1:.2f},{x1 - x0:.2f},{y1 - y0:.2f}"
        for x0, y0, x1, y1 in q.evidence["boxes"]
    ]
