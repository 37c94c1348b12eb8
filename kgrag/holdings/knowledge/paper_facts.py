"""What papers as wholes do: which concepts each studies, by what method, on what data, in whom and where, and
which of its sentences are its findings and its conclusion.

Knows the catalogue's tables. Does not know how facts were found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Text, cast, func, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.holdings.knowledge.concepts import ALL, Concept, concepts
from kgrag.holdings.knowledge.quoted import QUOTED, from_papers
from kgrag.language.phrase_keys import PREFIX
from kgrag.types import Filters, Node


@dataclass(frozen=True, slots=True)
class PaperFact:
    """A fact with its sentence; ``target`` is a concept, or a knowledge object named by its own words."""

    type: str
    target: Node
    kind: str
    document_id: str
    title: str
    year: int | None
    passage_id: str
    span: tuple[int, int]
    sentence: str
    section: str
    score: float
    noticed: bool


def paper_facts(
    catalogue: Catalogue,
    document: str | None = None,
    concept: str | None = None,
    filters: Filters = Filters(),
    limit: int = ALL,
) -> list[PaperFact]:
    """Facts by document, in the order in which they were found; of one document, or about one concept."""
    f, d = t.facts.c, t.documents.c
    notice = func.coalesce(d.retracted, cast(d.notices, Text)).label("notice")
    query = from_papers(catalogue, select(t.facts, *QUOTED, notice), f.passage_key, document, filters)
    query = query.order_by(d.key, f.key).limit(limit)
    if concept is not None:
        query = query.where(f.target == concept)
    rows = catalogue.rows(query)
    known = _concepts(catalogue, [row.target for row in rows], filters)
    found = []
    for row in rows:
        sentence = row.text[row.start : row.end]
        one = known.get(row.target)
        if row.target.startswith(PREFIX) and one is None:
            continue
        target = Node(row.target, one.name if one else sentence, "Concept" if one else "KnowledgeObject")
        found.append(
            PaperFact(
                row.type,
                target,
                one.kind if one else row.target.rpartition("/")[2],
                row.document_id,
                row.title or row.document_id,
                row.year,
                row.passage_id,
                (row.start, row.end),
                sentence,
                " > ".join(row.section),
                row.score,
                row.notice is not None,
            )
        )
    return found


def _concepts(catalogue: Catalogue, targets: Sequence[str], filters: Filters) -> dict[str, Concept]:
    ids = sorted({target for target in targets if target.startswith(PREFIX)})
    return {one.id: one for one in concepts(catalogue, ids, filters)}
