"""Gives works that were gathered by hand the shape of an answer, so that every export format takes them; and
writes them as people paste them.

Knows the answer's JSON and the formats. Does not know sets, nor who may see what.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from kgrag.errors import MissingExtra, UsageError
from kgrag.export import FORMATS, write
from kgrag.export.batch import DATE
from kgrag.export.material import Material, material_of
from kgrag.library import Library
from kgrag.render.as_text import citation

STYLES = ("apa", "gb-t-7714", "chicago", "ieee", "vancouver")
"""Citation styles, each the name of a format too; ``plain`` needs no packages."""
PLAIN = "plain"
TOGETHER = ("ris", "bibtex", "docx", "csv")
"""What *in one go* means: for a reference manager, for LaTeX, for Word, and the evidence as a table."""
FOR_WORKS = ("csl", "ris", "bibtex", "csv", "markdown", "html", "docx", "pdf", *STYLES)
"""Formats that make sense without a question."""


def of_works(
    library: Library,
    name: str,
    documents: Sequence[Mapping[str, Any]],
    claims: Sequence[Mapping[str, Any]] = (),
    *,
    id: str = "works",
    created: str = "",
) -> Material:
    """What an export of some works needs.

    Args:
        library: open.
        name: what they are gathered under; it stands where a question stands.
        documents: their records as the person sees them.
        claims: sentences with their evidence, as in an answer; ids are given anew.
        id: of the set.
        created: when it was made; default today.
    """
    created = created or f"{datetime.now(UTC).date()}T00:00:00+00:00"
    answer: dict[str, Any] = {
        "id": id,
        "question": name,
        "language": "en",
        "status": "answered",
        "reason": None,
        "text": "\n".join(claim["text"] for claim in claims),
        "claims": [dict(claim) | {"id": f"c{n}"} for n, claim in enumerate(claims, start=1)],
        "withheld": [],
        "documents": [dict(document) for document in documents],
        "candidates": [],
        "models": {},
        "trace": {"timings_ms": {}, "retrieved": []},
    }
    return material_of(library, answer, json.dumps(answer, ensure_ascii=False), created)


def quote_of(passage_id: str, document_id: str, section: Sequence[str], page: int | None, text: str) -> Any:
    """A passage that somebody kept, as a claim whose evidence is the passage itself."""
    span = [0, len(text)]
    evidence = {
        "passage_id": passage_id,
        "document_id": document_id,
        "section": " / ".join(section) or None,
        "page": page,
        "boxes": [],
        "span": span,
        "quote": text,
        "score": 1.0,
    }
    support = {"label": "supported", "score": 1.0, "threshold": 0.0, "alpha": 0.0}
    return {"id": "", "text": text, "span": span, "support": support, "evidence": [evidence], "path": []}


def write_works(material: Material, format: str) -> bytes:
    """Works in one of the formats that make sense for them.

    Raises:
        UsageError: no such format, or one that needs a question.
        MissingExtra: it needs packages that are not installed.
    """
    if format not in FOR_WORKS:
        raise UsageError(f"No format '{format}' for works (found: {', '.join(('zip', *FOR_WORKS))}).")
    return write(material, format)


def together(material: Material) -> bytes:
    """RIS, BibTeX, Word and the evidence table as one zip; what is not installed is left out and said."""
    buffer, left_out = io.BytesIO(), []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in TOGETHER:
            try:
                content = write(material, name)
            except MissingExtra as error:
                left_out.append(f"{name}: {error}")
                continue
            told = zipfile.ZipInfo(f"{_file_name(name)}{FORMATS[name].suffix}", DATE)
            archive.writestr(told, content, zipfile.ZIP_DEFLATED)
        if left_out:
            archive.writestr(zipfile.ZipInfo("left-out.txt", DATE), "\n".join(left_out) + "\n")
    return buffer.getvalue()


def _file_name(format: str) -> str:
    return {"csv": "evidence", "docx": "set"}.get(format, "references")


def references(material: Material, style: str) -> list[str]:
    """A line for each work in a citation style; without the extra ``styles`` the plain form.

    Raises:
        UsageError: no such style.
    """
    if style not in (PLAIN, *STYLES):
        raise UsageError(f"No style '{style}' (found: {', '.join((PLAIN, *STYLES))}).")
    try:
        if style != PLAIN:
            return write(material, style).decode().splitlines()
    except MissingExtra:
        pass
    marks = ((work, material.remark(work["id"])) for work in material.documents.values())
    return [f"{citation(work)}{f' [{mark}]' if mark else ''}" for work, mark in marks]


def copied(material: Material, style: str, address: str) -> str:
    """An answer as one pastes it: each sentence with the numbers of its works, the works in a citation style,
    and where the answer stands.

    Args:
        material: of the answer.
        style: one of ``STYLES``, or ``plain``.
        address: of the answer; empty for none.
    """
    answer = material.answer
    numbers: dict[str, int] = {}
    sentences = []
    for claim in answer["claims"]:
        works = dict.fromkeys(evidence["document_id"] for evidence in claim["evidence"])
        marks = "".join(f"[{numbers.setdefault(work, len(numbers) + 1)}]" for work in works)
        sentences.append(f"{claim['text'].strip()} {marks}")
    for fact in answer.get("record", ()):
        number = numbers.setdefault(fact["document_id"], len(numbers) + 1)
        sentences.append(f"{fact['value']} [{number}]")
    known = {work: material.documents[work] for work in numbers if work in material.documents}
    lines = dict(zip(known, references(_only(material, known), style), strict=True))
    listed = [f"[{numbers[work]}] {_bare(line)}" for work, line in lines.items()]
    text = " ".join(sentences) or answer["reason"] or ""
    return "\n\n".join(filter(None, (text, "\n".join(listed), address))) + "\n"


def _only(material: Material, documents: Mapping[str, Any]) -> Material:
    return replace(material, documents=dict(documents))


def _bare(line: str) -> str:
    """A reference without the number that its style gives."""
    head, _, rest = line.partition(" ")
    return rest if head.strip("[].").isdecimal() else line
