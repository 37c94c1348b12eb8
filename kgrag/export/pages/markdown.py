"""An answer as Markdown with footnotes (Pandoc, GitHub, Obsidian, Jupyter): each sentence has the quote it
rests on below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgrag.export.material import Material, Plain
from kgrag.render.as_text import chain_as_text, citation, verdict_as_text

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~$])")


def page(material: Material) -> bytes:
    """The page in UTF-8."""
    return ("\n".join(_lines(material)) + "\n").encode("utf-8", "replace")


def _lines(material: Material) -> Iterator[str]:
    answer = material.answer
    yield f"# {escaped(answer['question'])}"
    yield ""
    if answer["status"] == "abstained":
        yield f"**No answer.** {escaped(answer['reason'] or '')}"
    if said := verdict_as_text(answer):
        yield from (escaped(said), "")
    yield " ".join(f"{escaped(claim['text'])}[^{claim['id']}]" for claim in answer["claims"])
    for claim in answer["claims"]:
        yield ""
        yield from _footnote(material, claim)
    yield from ("", "## Documents", "")
    for document in material.documents.values():
        mark = material.remark(document["id"])
        yield (
            f"- {escaped(citation(document))}{f' **{escaped(mark)}**' if mark else ''}"
            f" <{material.document_iri(document['id'])}>"
        )
    if answer["withheld"]:
        yield from ("", "## Withheld", "")
        yield from (f"- {escaped(item['text'])} ({escaped(item['reason'])})" for item in answer["withheld"])
    yield from (
        "",
        f"Answer `{answer['id']}`, {material.created}. "
        + escaped("; ".join(f"{k}: {v}" for k, v in answer["models"].items())),
    )


def _footnote(material: Material, claim: Plain) -> Iterator[str]:
    support = claim["support"]
    lines = []
    for evidence in claim["evidence"]:
        mark = material.remark(evidence["document_id"])
        place = ", ".join(
            part
            for part in (evidence["section"], f"page {evidence['page']}" if evidence["page"] else None)
            if part
        )
        cited = escaped(citation(material.documents[evidence["document_id"]]))
        marked = f" **{escaped(mark)}**" if mark else ""
        lines.append(f"{cited}{marked}{'. ' + escaped(place) if place else ''}.")
        lines.append(f"> {escaped(evidence['quote'])}")
    lines.append(
        f"Support {support['score']:.2f} (at least {support['threshold']:.2f} for α = {support['alpha']:g})."
        f" Chain: {escaped(chain_as_text(claim['path']))}"
    )
    yield f"[^{claim['id']}]: {lines[0]}"
    for line in lines[1:]:
        yield ""
        yield "    " + line


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
