"""An answer as one HTML file that works offline: sentences, marked quotes, chains as SVG, pages of PDFs as
pictures; no script, no address loaded.

Knows the answer's JSON. The live pages are ``ui``'s.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from kgrag.export.material import Material, Plain, Quote
from kgrag.export.pages.chain_svg import chain_svg
from kgrag.export.pages.pictures import page_picture
from kgrag.render.as_text import citation, verdict_as_text

STYLE = """
body{font-family:system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff;line-height:1.6}
blockquote{margin:.4rem 0;padding:.6rem .8rem;border-left:3px solid #1d5fa8;background:#f4f5f6;white-space:pre-wrap}
mark{background:#ffe28a;color:#111}section{border-top:1px solid #c8ccd0;margin-top:1.2rem;padding-top:.4rem}
.retracted{color:#fff;background:#b3261e;border-radius:.3em;padding:0 .4em}.place{color:#59616b;font-size:.9rem}
img,svg{max-width:100%;height:auto}@media print{a{color:inherit;text-decoration:none}section{break-inside:avoid-page}}
"""
NOTICE = (
    (
        "Answers come from this library's collection and are made by a program: check the quotes. They are no"
        " clinical advice."
    ),
    "回答由程序依据本馆馆藏生成，请核对引文；不构成医疗建议。",
)
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(material: Material) -> bytes:
    """The file in UTF-8."""
    return whole(material).encode("utf-8", "replace")


def whole(material: Material) -> str:
    """The page as text."""
    answer = material.answer
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(answer["language"])}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><meta name="viewport"'
        ' content="width=device-width, initial-scale=1">'
        f"<title>{_text(answer['question'])}</title><style>{STYLE}</style></head><body><main>{body(material)}</main></body></html>\n"
    )


def body(material: Material, *, pictures: bool = True) -> str:
    """What stands in the page; ``pictures``: with the pages of PDFs."""
    answer = material.answer
    said = "".join(
        f'{_text(claim["text"])} <a href="#{claim["id"]}" id="from-{claim["id"]}">[{number}]</a> '
        for number, claim in enumerate(answer["claims"], start=1)
    )
    refused = (
        f"<p><strong>No answer.</strong> {_text(answer['reason'] or '')}</p>"
        if answer["status"] == "abstained"
        else ""
    )
    verdict = f"<p><strong>{_text(verdict_as_text(answer))}</strong></p>" if answer.get("verdict") else ""
    note = f'<p class="place">{_text(answer["reason"])}</p>' if answer["reason"] and not refused else ""
    panels = "".join(
        _panel(material, claim, number, pictures) for number, claim in enumerate(answer["claims"], start=1)
    )
    works = "".join(f"<li>{_work(material, document)}</li>" for document in material.documents.values())
    models = "; ".join(f"{role}: {name}" for role, name in answer["models"].items())
    return (
        f"<h1>{_text(answer['question'])}</h1>{refused}{verdict}<p>{said}</p>{note}{panels}<section><h2>Documents</h2><ol>{works}</ol></section>{_withheld(answer)}<footer"
        f' class="place"><p>{NOTICE[answer["language"] == "zh"]}</p><p>Answer {escape(answer["id"])},'
        f" {escape(material.created)}. {_text(models)}</p></footer>"
    )


def _panel(material: Material, claim: Plain, number: int, pictures: bool) -> str:
    support = claim["support"]
    quotes = "".join(_quote(material, q, pictures) for q in material.quotes() if q.claim is claim)
    return (
        f'<section id="{claim["id"]}"><h2><a href="#from-{claim["id"]}">[{number}]</a>'
        f' {_text(claim["text"])}</h2>{quotes}<p class="place">{escape(support["label"])}'
        f" {support['score']:.2f} (at least {support['threshold']:.2f} for α ="
        f" {support['alpha']:g})</p>{_text(chain_svg(claim['path']), markup=True)}</section>"
    )


def _quote(material: Material, q: Quote, pictures: bool) -> str:
    evidence, document = q.evidence, material.documents[q.evidence["document_id"]]
    place = ", ".join(
        part
        for part in (evidence["section"], f"page {evidence['page']}" if evidence["page"] else None)
        if part
    )
    picture = (
        page_picture(Path(document["source"]["path"]), evidence["page"], evidence["boxes"])
        if pictures and evidence["page"]
        else None
    )
    shown = (
        f'<p><img alt="Page {evidence["page"]} with the quote boxed" src="{picture}"></p>' if picture else ""
    )
    return (
        f'<p>{_work(material, document)}</p><p class="place">{_text(place)}</p>'
        f"<blockquote>{_text(q.before)}<mark>{_text(evidence['quote'])}</mark>{_text(q.after)}</blockquote>{shown}"
    )


def _work(material: Material, document: Plain) -> str:
    mark = material.remark(document["id"])
    address = material.document_iri(document["id"])
    named = (
        f'<a href="{escape(address)}">{_text(citation(document))}</a>'
        if address.startswith("https:")
        else _text(citation(document))
    )
    return named + (f' <strong class="retracted">{_text(mark)}</strong>' if mark else "")


def _withheld(answer: Plain) -> str:
    rows = "".join(
        f"<li>{_text(item['text'])} <em>({_text(item['reason'])})</em></li>" for item in answer["withheld"]
    )
    return f"<section><h2>Withheld</h2><ul>{rows}</ul></section>" if rows else ""


def _text(value: str, *, markup: bool = False) -> str:
    """Escaped text; characters that HTML forbids are left out."""
    kept = "".join(
        char for char in value if char in "\n\t" or not (ord(char) < 32 or 0x7F <= ord(char) < 0xA0)
    )
    return kept if markup else escape(kept)
