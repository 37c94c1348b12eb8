"""An answer as a Word document: sentences with numbers, then each number's quote, source, retraction mark and
chain. Needs python-docx.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from kgrag.export.material import Material, Plain
from kgrag.render.as_text import chain_as_text, citation, verdict_as_text

RED = (0xB3, 0x26, 0x1E)


def document(material: Material) -> bytes:
    """The .docx file (extra ``export``)."""
    import docx

    answer, file = material.answer, docx.Document()
    file.core_properties.title, file.core_properties.author = _text(answer["question"])[:255], "kgrag"
    file.core_properties.created = datetime.fromisoformat(material.created).replace(tzinfo=None)
    file.add_heading(_text(answer["question"]), 0)
    if verdict := verdict_as_text(answer):
        file.add_paragraph(_text(verdict)).runs[0].bold = True
    said = file.add_paragraph(
        _text(f"No answer. {answer['reason']}") if answer["status"] == "abstained" else ""
    )
    for number, claim in enumerate(answer["claims"], start=1):
        said.add_run(_text(claim["text"]) + " ")
        said.add_run(f"[{number}] ").font.superscript = True
    for number, claim in enumerate(answer["claims"], start=1):
        _evidence(file, material, claim, number)
    file.add_heading("Documents", 1)
    for work in material.documents.values():
        _cited(file.add_paragraph(style="List Number"), material, work["id"])
    if answer["withheld"]:
        file.add_heading("Withheld", 1)
        for item in answer["withheld"]:
            file.add_paragraph(_text(f"{item['text']} ({item['reason']})"), style="List Bullet")
    models = "; ".join(f"{role}: {name}" for role, name in answer["models"].items())
    file.add_paragraph(_text(f"Answer {answer['id']}, {material.created}. {models}"))
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


def _evidence(file: Any, material: Material, claim: Plain, number: int) -> None:
    support = claim["support"]
    file.add_heading(f"[{number}]", 2)
    for evidence in claim["evidence"]:
        _cited(file.add_paragraph(), material, evidence["document_id"])
        place = ", ".join(
            part
            for part in (evidence["section"], f"page {evidence['page']}" if evidence["page"] else None)
            if part
        )
        if place:
            file.add_paragraph(_text(place))
        file.add_paragraph(_text(evidence["quote"]), style="Intense Quote")
    file.add_paragraph(
        _text(
            f"{support['label']} {support['score']:.2f} (at least {support['threshold']:.2f} for α ="
            f" {support['alpha']:g}). Chain: {chain_as_text(claim['path'])}"
        )
    )


def _cited(paragraph: Any, material: Material, document_id: str) -> None:
    from docx.shared import RGBColor

    paragraph.add_run(_text(citation(material.documents[document_id])))
    if mark := material.remark(document_id):
        run = paragraph.add_run(" " + _text(mark))
        run.bold, run.font.color.rgb = True, RGBColor(*RED)


def _text(value: str) -> str:
    """XML holds no control characters and no lone surrogates."""
    return (
        "".join(char for char in value if char in "\n\t" or ord(char) >= 32)
        .encode("utf-8", "replace")
        .decode()
    )
