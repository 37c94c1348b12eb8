"""Writes the record of the search that an answer rests on, as JSON, CSV or a paragraph for a methods section
(PRISMA-S), with the retractions known today.
"""

from __future__ import annotations

from kgrag.errors import NotFound
from kgrag.export.material import Material, Plain
from kgrag.render.search_report import as_csv, as_json, methods_paragraph


def record(material: Material) -> bytes:
    """The record; ``kgrag search --replay FILE`` runs it again."""
    return as_json(_record(material)).encode()


def table(material: Material) -> bytes:
    """One row a passage found."""
    return as_csv(_record(material)).encode()


def methods(material: Material) -> bytes:
    """The paragraph in English."""
    return (methods_paragraph(_record(material)) + "\n").encode()


def methods_zh(material: Material) -> bytes:
    """The paragraph in Chinese."""
    return (methods_paragraph(_record(material), "zh") + "\n").encode()


def _record(material: Material) -> Plain:
    if material.search is None:
        raise NotFound(
            f"Answer '{material.answer['id']}' has no search record: it was given before records were kept,"
            " or its record was forgotten."
        )
    marks = {identifier: mark for identifier in material.documents if (mark := material.remark(identifier))}
    return {**material.search, "retracted": {**material.search["retracted"], **marks}}
