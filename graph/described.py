"""What Neo4j's concept nodes say beside their id: name, kind, aliases, counts, and the terms of vocabularies
that they are, with broader ones.

Knows the catalogue; does not know Cypher.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import chunks
from kgrag.holdings.knowledge.concepts import Concept, concepts

KIND_LABELS = {
    "disease": "Disease",
    "chemical": "Chemical",
    "gene_or_protein": "GeneOrProtein",
    "organism": "Organism",
    "anatomy_or_cell": "AnatomyOrCell",
    "process": "Process",
    "method_or_instrument": "MethodOrInstrument",
    "software": "Software",
    "dataset_or_cohort": "DatasetOrCohort",
    "measure_or_outcome": "MeasureOrOutcome",
    "population": "Population",
    "place": "Place",
    "organisation": "Organisation",
    "event": "Event",
    "unknown": "OfUnknownKind",
}
MAX_LEVELS = 12


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of vocabularies: their names, which concepts they are, and which stand above which."""

    names: list[dict[str, str]] = field(default_factory=list)
    of_concepts: list[dict[str, str]] = field(default_factory=list)
    broader: list[dict[str, str]] = field(default_factory=list)


def described(catalogue: Catalogue, ids: Sequence[str]) -> tuple[list[dict[str, Any]], Terms]:
    """Rows for the nodes of these concepts, and their terms."""
    found = concepts(catalogue, ids)
    return [concept_row(one) for one in found], terms_of(catalogue, found)


def concept_row(one: Concept) -> dict[str, Any]:
    """The properties of a concept's node, and its label by kind."""
    return {
        "id": one.id,
        "label": KIND_LABELS.get(one.kind, KIND_LABELS["unknown"]),
        "name": one.name,
        "kind": one.kind,
        "aliases": list(one.aliases) or None,
        "authority": [f"{scheme}:{value}" for scheme, value in one.authority.items()] or None,
        "documents": one.documents,
        "mentions": one.mentions,
    }


def terms_of(catalogue: Catalogue, found: Sequence[Concept]) -> Terms:
    """The authority terms of concepts, and all above them."""
    pairs = {(scheme, value) for one in found for scheme, value in one.authority.items()}
    links = [
        {"concept": one.id, "term": term_id(scheme, value)}
        for one in found
        for scheme, value in one.authority.items()
    ]
    broader: list[dict[str, str]] = []
    seen, rim = set(pairs), set(pairs)
    for _ in range(MAX_LEVELS):
        above = _above(catalogue, rim)
        broader += [{"term": term_id(v, one), "broader": term_id(v, up)} for v, one, up in above]
        rim = {(v, up) for v, _, up in above} - seen
        seen |= rim
        if not rim:
            break
    names = _names(catalogue, seen)
    return Terms(
        [{"id": term_id(*pair), "name": names.get(pair, pair[1])} for pair in sorted(seen)], links, broader
    )


def term_id(vocabulary: str, term: str) -> str:
    """The id of a term's node."""
    return f"term:{vocabulary}/{term}"


def _above(catalogue: Catalogue, pairs: set[tuple[str, str]]) -> list[tuple[str, str, str]]:
    b = t.vocabulary_broader.c
    rows = []
    for some in chunks(sorted({term for _, term in pairs})):
        rows += catalogue.rows(select(b.vocabulary, b.term, b.broader).where(b.term.in_(some)))
    return [(r.vocabulary, r.term, r.broader) for r in rows if (r.vocabulary, r.term) in pairs]


def _names(catalogue: Catalogue, pairs: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    f = t.vocabulary_forms.c
    found: dict[tuple[str, str], str] = {}
    for some in chunks(sorted({term for _, term in pairs})):
        query = select(f.vocabulary, f.term, f.form).where(f.term.in_(some), f.is_name == 1).order_by(f.key)
        for row in catalogue.rows(query):
            found.setdefault((row.vocabulary, row.term), row.form)
    return found
