"""What the library's documents state between concepts, each with its sentence, paper and place.

Knows the catalogue's tables. Documents that do not pass the filters count for nothing. Does not know how
statements were found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.holdings.knowledge.concepts import ALL, Concept, concepts
from kgrag.holdings.knowledge.quoted import QUOTED, from_papers
from kgrag.language.phrase_keys import PREFIX
from kgrag.types import Filters


@dataclass(frozen=True, slots=True)
class Said:
    """A statement with its ends and its sentence."""

    id: str
    subject: Concept
    predicate: str
    object: Concept
    polarity: str
    modality: str
    quantity: dict[str, Any] | None
    context: dict[str, str]
    section: str
    sentence: str
    document_id: str
    title: str
    year: int | None
    passage_id: str
    span: tuple[int, int]
    score: float
    retracted: bool


def statements(
    catalogue: Catalogue,
    document: str | None = None,
    concept: str | None = None,
    filters: Filters = Filters(),
    limit: int = ALL,
) -> list[Said]:
    """Statements between concepts, by document and place; of one document, or of one concept."""
    s = t.statements.c
    one, other = t.entities.alias(), t.entities.alias()
    ends_of = (one.c.id.label("one"), other.c.id.label("other"), t.documents.c.retracted)
    query = from_papers(catalogue, select(t.statements, *QUOTED, *ends_of), s.passage_key, document, filters)
    query = (
        query.join(one, one.c.key == s.subject_key)
        .join(other, other.c.key == s.object_key)
        .where(one.c.id.like(PREFIX + "%"))
        .order_by(t.documents.c.key, t.passages.c.ordinal, s.start, s.id)
        .limit(limit)
    )
    if concept is not None:
        query = query.where((one.c.id == concept) | (other.c.id == concept))
    rows = catalogue.rows(query)
    ends = {
        c.id: c for c in concepts(catalogue, sorted({i for r in rows for i in (r.one, r.other)}), filters)
    }
    return [_said(row, ends) for row in rows if row.one in ends and row.other in ends]


def _said(row: Any, ends: dict[str, Concept]) -> Said:
    return Said(
        row.id,
        ends[row.one],
        row.predicate,
        ends[row.other],
        row.polarity,
        row.modality,
        row.quantity,
        row.context or {},
        " > ".join(row.section),
        row.text[row.start : row.end],
        row.document_id,
        row.title or row.document_id,
        row.year,
        row.passage_id,
        (row.start, row.end),
        row.score,
        bool(row.retracted),
    )
