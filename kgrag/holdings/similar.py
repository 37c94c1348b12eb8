"""Finds papers that are like one, with the reason: the concepts and subjects that they share and few others
have.

Knows concepts' mentions and headings. Does not know vectors or pages.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.types import Filters

N_CONCEPTS, MOST_SHARED = 60, 0.3
"""Concepts of the paper that are looked at; of the library's documents, the share above which what they have
in common tells nothing (and always two documents may share it).
"""


@dataclass(frozen=True, slots=True)
class Alike:
    """A paper with what it shares, the most telling first."""

    id: str
    title: str
    year: int | None
    shared: tuple[str, ...]


def similar(
    catalogue: Catalogue, document_id: str, filters: Filters = Filters(), limit: int = 5, names: int = 4
) -> list[Alike]:
    """Papers that share at least two telling concepts or subjects with one, the most telling first.

    Args:
        catalogue: of the library.
        document_id: of the one.
        filters: what others must pass.
        limit: how many papers.
        names: how many shared things are named of each.
    """
    chosen = catalogue.filtered_documents(filters)
    total = int(catalogue.rows(select(func.count()).where(t.documents.c.key.in_(chosen)))[0][0])
    most = max(3.0, MOST_SHARED * total)
    weights: dict[int, float] = {}
    shared: dict[int, list[tuple[float, str]]] = {}
    for holders, name in (*_concepts(catalogue, document_id), *_subjects(catalogue, document_id)):
        if not 1 < len(holders) <= most:
            continue
        weight = 1.0 / len(holders)
        for key in holders:
            weights[key] = weights.get(key, 0.0) + weight
            shared.setdefault(key, []).append((-weight, name))
    d = t.documents.c
    keys = [key for key, found in shared.items() if len({name.casefold() for _, name in found}) > 1]
    rows = catalogue.rows(
        select(d.key, d.id, d.title, d.year).where(d.key.in_(keys), d.key.in_(chosen), d.id != document_id)
    )
    best = sorted(rows, key=lambda row: (-weights[row.key], row.id))[:limit]
    return [Alike(row.id, row.title or row.id, row.year, _named(shared[row.key], names)) for row in best]


def _named(found: list[tuple[float, str]], most: int) -> tuple[str, ...]:
    names: dict[str, str] = {}
    for _, name in sorted(found):
        names.setdefault(name.casefold().lstrip("*"), name.lstrip("*"))
    return tuple(names.values())[:most]


def _concepts(catalogue: Catalogue, document_id: str) -> list[tuple[set[int], str]]:
    """Documents that name each concept of the paper, and what the paper calls it."""
    m, p, d, f = t.concept_mentions.c, t.passages.c, t.documents.c, t.forms.c
    own = (
        select(m.entity_key)
        .join(t.passages, p.key == m.passage_key)
        .join(t.documents, d.key == p.document_key)
        .where(d.id == document_id)
        .group_by(m.entity_key)
        .order_by(func.count().desc(), m.entity_key)
        .limit(N_CONCEPTS)
    )
    keys = [row.entity_key for row in catalogue.rows(own)]
    holders: dict[int, set[int]] = {}
    for row in catalogue.rows(
        select(m.entity_key, p.document_key)
        .join(t.passages, p.key == m.passage_key)
        .where(m.entity_key.in_(keys))
        .distinct()
    ):
        holders.setdefault(row.entity_key, set()).add(row.document_key)
    names = {
        row.entity_key: row.form
        for row in catalogue.rows(
            select(f.entity_key, f.form)
            .join(t.documents, d.key == f.document_key)
            .where(f.entity_key.in_(keys), d.id == document_id)
            .order_by(f.is_name, f.key.desc())
        )
    }
    return [(found, names[key]) for key, found in holders.items() if key in names]


def _subjects(catalogue: Catalogue, document_id: str) -> list[tuple[set[int], str]]:
    """Documents that bear each heading or keyword of the paper."""
    link, d = t.links.c, t.documents.c
    own = catalogue.rows(
        select(link.target, link.name)
        .join(t.documents, d.key == link.document_key)
        .where(d.id == document_id, link.type == "ABOUT")
    )
    names = {row.target: row.name for row in own}
    holders: dict[str, set[int]] = {}
    for row in catalogue.rows(
        select(link.target, link.document_key).where(link.type == "ABOUT", link.target.in_(list(names)))
    ):
        holders.setdefault(row.target, set()).add(row.document_key)
    return [(found, names[target]) for target, found in holders.items()]
