"""One paper as its page shows it: the record, the card in its own sentences, citations both ways, similar
papers with the reason, duplicates and sources.

Knows the library through a ``Service``, whose filters hold back what the person may not see. Does not know
HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kgrag.answer.card import Card, card_of
from kgrag.errors import NotFound
from kgrag.holdings.citations import cited_by, cited_in
from kgrag.holdings.similar import similar
from kgrag.language.names import normalise_name
from kgrag.system.names import real
from kgrag.types import Document, Evidence, Passage
from ui.service.library import brief, doubts, union
from ui.service.service import Service
from ui.service.sources import held


def paper(service: Service, document_id: str) -> dict[str, Any]:
    """One paper with all that is known of it, or its record alone; see ``ui.html.library.paper_html``."""
    if not service.records.readable(document_id):
        shown = service.records.document(document_id)
        return {
            "document": service.records.as_json(shown, full=True),
            "held": "record",
            "objects": [],
            "pages": 0,
            "passages": [],
            "duplicates": [],
            "union": None,
            "citations": None,
            "similar": [],
        }
    found, catalogue, limits = service.document(document_id), service.library.catalogue, service.filters()
    passages = catalogue.passages_of(document_id)
    objects = catalogue.objects_of(catalogue.passage_keys([p.id for p in passages]).values())
    inside = cited_in(catalogue, found.id, limits)
    return {
        "document": service.records.as_json(found, full=True),
        "held": held(service, [document_id])[document_id],
        "objects": _card(card_of(found, passages, objects)),
        "pages": service.page_count(real(found.record.source.path)),
        "passages": [
            {"id": p.id, "text": p.text, "section": " / ".join(p.section), "page": p.page} for p in passages
        ],
        "duplicates": doubts(service, document_id),
        "union": union(service, document_id),
        "citations": {
            "cites": [brief(d) for d in inside],
            "cited_by": [brief(d) for d in cited_by(catalogue, found.id, limits)],
            "outside": max(0, len(found.record.references) - len(inside)),
            "references": _references(found, inside),
        },
        "similar": [
            {"id": one.id, "title": one.title, "year": one.year, "shared": list(one.shared)}
            for one in similar(catalogue, document_id, limits)
        ],
    }


def original(service: Service, document_id: str) -> Path:
    """The PDF that a paper was read from, for who may read its text.

    Raises:
        NotFound: no such paper, or none for them, or its source is no PDF any more.
    """
    path = Path(real(service.document(document_id).record.source.path))
    if path.suffix.lower() != ".pdf" or not path.is_file():
        raise NotFound(f"The paper '{document_id}' has no PDF here.")
    return path


def _references(found: Document, inside: Sequence[Document]) -> list[dict[str, str]]:
    """The list of references, each with the id of the document where the library holds it."""
    by_doi = {d.record.identifiers.get("doi", "").casefold(): d.id for d in inside}
    by_title = {normalise_name(d.title): d.id for d in inside if d.title}
    rows = []
    for reference in found.record.references:
        doi = reference.identifiers.get("doi", "").casefold()
        text = " ".join((reference.text or reference.title or doi).split())
        one = (by_doi.get(doi) if doi else None) or by_title.get(normalise_name(reference.title or ""), "")
        rows.append({"text": text, "id": one or ""})
    return [row for row in rows if row["text"]]


def _card(card: Card) -> list[dict[str, Any]]:
    """The parts of the card as rows."""
    parts: Sequence[tuple[str, Sequence[Evidence]]] = (
        ("aim", card.aim),
        ("sample", card.sample),
        ("result", card.results),
        ("conclusion", card.conclusion),
        ("limitation", card.limitations),
    )
    return [_row(role, item.passage, item.quote) for role, items in parts for item in items]


def _row(role: str, passage: Passage, text: str) -> dict[str, Any]:
    return {
        "role": role,
        "text": text,
        "passage_id": passage.id,
        "section": " / ".join(passage.section),
        "page": passage.page,
    }
