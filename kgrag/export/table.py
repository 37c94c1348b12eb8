"""Writes claims and evidence as CSV: one row a quote.

UTF-8 with a byte order mark, so that Excel shows Chinese and accents rightly.
"""

from __future__ import annotations

import csv
import io

from kgrag.export.material import Material
from kgrag.render.as_text import chain_as_text, citation

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
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(material: Material) -> bytes:
    """The header is always there; text that a spreadsheet would run as a formula gets a leading
    apostrophe.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    answer = material.answer
    for q in material.quotes():
        claim, evidence, support = q.claim, q.evidence, q.claim["support"]
        document_id = evidence["document_id"]
        values = (
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
        writer.writerow([_harmless(value) for value in values])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8", "replace")


def _or_empty(value: int | None) -> int | str:
    return "" if value is None else value


def _harmless(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
