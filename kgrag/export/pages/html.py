"""An answer as one HTML file that works offline: sentences, marked quotes, chains as SVG, pages of PDFs as
pictures; no script, no address loaded.

Knows the answer's JSON. The live pages are ``ui``'s.
"""

from __future__ import annotations

import re
from pathlib import Path

from markupsafe import Markup

from kgrag.export.material import Material, Plain, Quote
from kgrag.export.pages.chain_svg import chain_svg
from kgrag.export.pages.pictures import page_picture
from kgrag.render.as_text import citation, verdict_as_text
from kgrag.render.templates import Templates, file_of

NOTICE = (
    (
        "Answers come from this library's collection and are made by a program: check the quotes. They are no"
        " clinical advice."
    ),
    "回答由程序依据本馆馆藏生成，请核对引文；不构成医疗建议。",
)
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TEMPLATES = Templates("kgrag.export.pages")


def page(material: Material) -> bytes:
    """The file in UTF-8."""
    return whole(material).encode("utf-8", "replace")


def whole(material: Material) -> Markup:
    """The page as text."""
    style = file_of("kgrag.export.pages", "templates/answer.css")
    made = _TEMPLATES.part("answer.html", "whole", material.answer, body(material), POLICY, style)
    return _allowed(made)


def body(material: Material, *, pictures: bool = True) -> Markup:
    """What stands in the page; ``pictures``: with the pages of PDFs."""
    answer = material.answer
    made = _TEMPLATES.part(
        "answer.html",
        "body",
        answer=answer,
        verdict=verdict_as_text(answer) if answer.get("verdict") else "",
        panels=[_panel(material, claim, pictures) for claim in answer["claims"]],
        works=[_work(material, document) for document in material.documents.values()],
        created=material.created,
        notice=NOTICE[answer["language"] == "zh"],
    )
    return _allowed(made)


def _panel(material: Material, claim: Plain, pictures: bool) -> tuple[Plain, list[Plain], Markup]:
    """A claim, its quotes and its chain."""
    quotes = [_quote(material, q, pictures) for q in material.quotes() if q.claim is claim]
    return claim, quotes, chain_svg(claim["path"])


def _quote(material: Material, q: Quote, pictures: bool) -> Plain:
    evidence, document = q.evidence, material.documents[q.evidence["document_id"]]
    page = evidence["page"]
    picture = (
        page_picture(Path(document["source"]["path"]), page, evidence["boxes"]) if pictures and page else None
    )
    place = (evidence["section"], f"page {page}" if page else None)
    return {
        "work": _work(material, document),
        "place": ", ".join(part for part in place if part),
        "before": q.before,
        "quote": evidence["quote"],
        "after": q.after,
        "page": page,
        "picture": picture,
    }


def _work(material: Material, document: Plain) -> Plain:
    """A work's citation, its address and what must be known of it."""
    return {
        "citation": citation(document),
        "address": material.document_iri(document["id"]),
        "mark": material.remark(document["id"]),
    }


def _allowed(made: Markup) -> Markup:
    """A page without the characters that HTML forbids."""
    return Markup(_FORBIDDEN.sub("", made))  # noqa: S704 - it only becomes shorter
