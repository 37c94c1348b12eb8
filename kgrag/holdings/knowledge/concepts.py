"""What the library's graph says in concepts: which there are, what is said of them, where.

Knows the catalogue's tables. A concept is an entity whose id begins with ``c:``; its name is the form that
most documents use. Documents that do not pass the filters count for nothing. Does not know how concepts were
found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import chunks
from kgrag.errors import NotFound
from kgrag.language.names import normalise_name
from kgrag.language.phrase_keys import PREFIX, concept_id, phrase_key
from kgrag.language.words import has_han
from kgrag.types import Entity, Filters

ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept as the library's documents write it, with how many name it and how often."""

    id: str
    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    authority: dict[str, str] = field(default_factory=dict)
    documents: int = 0
    mentions: int = 0


def concepts(
    catalogue: Catalogue, ids: Sequence[str] | None = None, filters: Filters = Filters(), limit: int = ALL
) -> list[Concept]:
    """Concepts, those that most documents name first, ties by mentions and id; all, or those of ``ids``."""
    e, f = t.entities.c, t.forms.c
    query = (
        select(e.id, f.document_key, f.form, f.kind, f.is_name, f.authorities)
        .join(t.entities, e.key == f.entity_key)
        .where(f.document_key.in_(catalogue.filtered_documents(filters)))
    )
    found: dict[str, _Forms] = {}
    for row in _of(catalogue, query, e.id, ids):
        found.setdefault(row.id, _Forms()).see(row)
    counts = _mentions(catalogue, ids, filters)
    made = [forms.concept(identifier, counts.get(identifier, 0)) for identifier, forms in found.items()]
    return sorted(made, key=lambda c: (-c.documents, -c.mentions, c.id))[:limit]


def named(catalogue: Catalogue, name: str, filters: Filters = Filters()) -> Concept:
    """The concept that a name or id means; of several that most documents name.

    Raises:
        NotFound: none is called so.
    """
    e, f = t.entities.c, t.forms.c
    ids = [name] if name.startswith(PREFIX) else [concept_id(phrase_key(name))]
    found = concepts(catalogue, ids, filters)
    if not found:
        query = (
            select(e.id)
            .distinct()
            .join(t.forms, e.key == f.entity_key)
            .where(f.form_key == normalise_name(name), e.id.like(PREFIX + "%"))
        )
        found = concepts(catalogue, [row.id for row in catalogue.rows(query)], filters)
    if not found:
        raise NotFound(f"No concept '{name}' in this library. List them: kgrag graph concepts")
    return found[0]


def most_named(
    catalogue: Catalogue, filters: Filters = Filters(), limit: int = 40, beginning: str = ""
) -> list[Concept]:
    """The concepts that most documents name, those of them whose form begins so; none read but these."""
    f, e = t.forms.c, t.entities.c
    query = (
        select(e.id, func.count(func.distinct(f.document_key)).label("n"))
        .join(t.entities, e.key == f.entity_key)
        .where(e.id.like(PREFIX + "%"), f.document_key.in_(catalogue.filtered_documents(filters)))
        .group_by(e.id)
        .order_by(func.count(func.distinct(f.document_key)).desc(), e.id)
        .limit(limit)
    )
    if beginning:
        query = query.where(f.form_key.startswith(normalise_name(beginning), autoescape=True))
    return concepts(catalogue, [row.id for row in catalogue.rows(query)], filters)


def asked(catalogue: Catalogue, text: str, limit: int = 8) -> list[Entity]:
    """The concepts that a text names, the longest and rarest names first; none inside a longer one."""
    spans = _spans(text)
    ids = {concept_id(phrase_key(text[a:b])) for a, b in spans}
    forms = {normalise_name(text[a:b]): (a, b) for a, b in spans}
    e, f = t.entities.c, t.forms.c
    query = select(e.id, f.form_key).distinct().join(t.forms, e.key == f.entity_key)
    rows = [
        row
        for some in chunks(sorted(forms))
        for row in catalogue.rows(query.where(f.form_key.in_(some), e.id.like(PREFIX + "%")))
    ]
    rows += [row for some in chunks(sorted(ids)) for row in catalogue.rows(query.where(e.id.in_(some)))]
    known = {c.id: c for c in concepts(catalogue, sorted({row.id for row in rows}))}
    by_id = {concept_id(phrase_key(text[a:b])): (a, b) for a, b in spans}
    places = {row.id: forms.get(row.form_key) or by_id.get(row.id) for row in rows}
    found = [(place, known[i]) for i, place in places.items() if place is not None and i in known]
    found.sort(key=lambda one: (one[0][0] - one[0][1], one[1].documents, one[1].id))
    kept: list[tuple[tuple[int, int], Concept]] = []
    for (start, end), concept in found:
        if not any(a <= start and end <= b and (start, end) != (a, b) for (a, b), _ in kept):
            kept.append(((start, end), concept))
    return [Entity(c.id, c.name, c.kind, c.aliases, c.authority) for _, c in kept[:limit]]


def _spans(text: str) -> list[tuple[int, int]]:
    """Places of runs of up to five words (Chinese: two to ten signs)."""
    words = [match.span() for match in re.finditer(r"[^\s,;:()?!。，；：（）？！]+", text)]
    runs = [(words[a][0], words[b][1]) for a in range(len(words)) for b in range(a, min(a + 5, len(words)))]
    if has_han(text):
        runs += [(a, b) for a in range(len(text)) for b in range(a + 2, min(a + 10, len(text)) + 1)]
    return runs


class _Forms:
    """How documents write one concept."""

    def __init__(self) -> None:
        self.names: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.forms: set[str] = set()
        self.authority: dict[str, str] = {}
        self.documents: set[int] = set()

    def see(self, row: Any) -> None:
        self.forms.add(row.form)
        self.documents.add(row.document_key)
        self.authority.update(row.authorities or {})
        if row.is_name:
            self.names[row.form] += 1
            self.kinds[row.kind] += 1

    def concept(self, identifier: str, mentions: int) -> Concept:
        name = min(self.names or self.forms, key=lambda form: (-self.names[form], form))
        known = [kind for kind in self.kinds if kind != "unknown"] or list(self.kinds) or ["unknown"]
        kind = min(known, key=lambda one: (-self.kinds[one], one))
        others = tuple(sorted(self.forms - {name}))
        return Concept(
            identifier,
            name,
            kind,
            others,
            dict(sorted(self.authority.items())),
            len(self.documents),
            mentions,
        )


def _mentions(catalogue: Catalogue, ids: Sequence[str] | None, filters: Filters) -> dict[str, int]:
    e, m, p = t.entities.c, t.concept_mentions.c, t.passages.c
    query = (
        select(e.id, func.count().label("n"))
        .join(t.concept_mentions, e.key == m.entity_key)
        .join(t.passages, p.key == m.passage_key)
        .where(p.document_key.in_(catalogue.filtered_documents(filters)))
        .group_by(e.id)
    )
    return {row.id: int(row.n) for row in _of(catalogue, query, e.id, ids)}


def _of(catalogue: Catalogue, query: Select[Any], column: Any, ids: Sequence[str] | None) -> Iterable[Any]:
    """Rows of the concepts of ``ids``, or of all."""
    if ids is None:
        yield from catalogue.rows(query.where(column.like(PREFIX + "%")))
        return
    for some in chunks(ids):
        yield from catalogue.rows(query.where(column.in_(some)))
