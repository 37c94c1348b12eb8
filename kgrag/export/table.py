"""Writes claims and evidence as CSV: one row a quote.

UTF-8 with a byte order mark, so that Excel shows Chinese and accents rightly.
"""

from __future__ import annotations

from functools import partial

from kgrag.export.material import Material, Quote
from kgrag.render.as_text import chain_as_text, citation
from kgrag.render.csv_text import csv_text

COLUMNS = (
    "answer_id",
    "question",
    "claim_id",
    "claim",
    "label",
    "score",
    "threshold",
    "alpha",
    "document_id",
    "citation",
    "retraction",
    "passage_id",
    "section",
    "page",
    "span_start",
    "span_end",
    "document_start",
    "document_end",
    "quote",
    "chain",
)


def rows(material: Material) -> bytes:
    """The header is always there; text that a spreadsheet would run as a formula gets a leading
    apostrophe.
    """
    return b"\xef\xbb\xbf" + csv_text(COLUMNS, map(partial(_row, material), material.quotes())).encode(
        "utf-8", "replace"
    )


def _row(material: Material, q: Quote) -> tuple[object, ...]:
    answer, claim, evidence, support = material.answer, q.claim, q.evidence, q.claim["support"]
    document_id = evidence["document_id"]
    return (
        answer["id"],
        answer["question"],
        claim["id"],
        claim["text"],
        support["label"],
        support["score"],
        support["threshold"],
        support["alpha"],
        document_id,
        citation(material.documents[document_id]),
        material.remark(document_id) or "",
        evidence["passage_id"],
        evidence["section"] or "",
        evidence["page"] or "",
        *evidence["span"],
        _or_empty(q.start),
        _or_empty(q.end),
        evidence["quote"],
        chain_as_text(claim["path"]),
    )


def _or_empty(value: int | None) -> int | str:
    return "" if value is None else value
