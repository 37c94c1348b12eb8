"""What all statements of one concept about another come to: the documents for, against and mixed, since when,
how often asserted, and which of them carry a notice.

Knows the catalogue's tables. What a document only asks counts for nothing. Does not know whether two
documents are comparable: that is ``kgrag.holdings.knowledge.conflicts``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.engine import chunks
from kgrag.language.phrase_keys import PREFIX
from kgrag.types import Filters

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Summary:
    """One predicate between two concepts, over all documents (their ids, each list ordered).

    ``asserted`` are those that say so as their own finding; ``noticed`` those retracted or under a notice.
    """

    subject: str
    predicate: str
    object: str
    supporting: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()
    asserted: tuple[str, ...] = ()
    noticed: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    statements: int = 0

    def properties(self) -> dict[str, Any]:
        """What an edge in a graph database says; a side without documents is not there."""
        return {
            "predicate": self.predicate,
            "supporting": list(self.supporting) or None,
            "against": list(self.against) or None,
            "mixed": list(self.mixed) or None,
            "asserted": list(self.asserted) or None,
            "noticed": list(self.noticed) or None,
            "since": self.since,
            "until": self.until,
            "statements": self.statements,
        }


@dataclass(slots=True)
class _Counted:
    sides: dict[str, set[str]] = field(default_factory=dict)
    asserted: set[str] = field(default_factory=set)
    noticed: set[str] = field(default_factory=set)
    years: set[int] = field(default_factory=set)
    n: int = 0

    def see(self, row: Any) -> None:
        self.n += 1
        self.sides.setdefault(row.document, set()).add(row.polarity)
        if row.modality == "asserted":
            self.asserted.add(row.document)
        if row.retracted or row.notices:
            self.noticed.add(row.document)
        if row.year:
            self.years.add(row.year)

    def summary(self, subject: str, predicate: str, object_: str) -> Summary:
        both = {document for document, sides in self.sides.items() if len(sides) > 1}
        denied = {document for document, sides in self.sides.items() if sides == {"negative"}}
        return Summary(
            subject,
            predicate,
            object_,
            tuple(sorted(self.sides.keys() - both - denied)),
            tuple(sorted(denied)),
            tuple(sorted(both)),
            tuple(sorted(self.asserted)),
            tuple(sorted(self.noticed)),
            min(self.years, default=None),
            max(self.years, default=None),
            self.n,
        )


def summaries(
    catalogue: Catalogue,
    pairs: Collection[Pair] | None = None,
    concept: str | None = None,
    filters: Filters = Filters(),
) -> list[Summary]:
    """Summaries by subject, object and predicate: of these pairs, of one concept, or of all."""
    query = summed().where(t.documents.c.key.in_(catalogue.filtered_documents(filters)))
    one, other = _ends(query)
    if concept is not None:
        query = query.where((one == concept) | (other == concept))
    if pairs is None:
        return summaries_of(catalogue.rows(query))
    wanted = set(pairs)
    rows = (
        row
        for some in chunks(sorted({subject for subject, _ in wanted}))
        for row in catalogue.rows(query.where(one.in_(some)))
        if (row.subject, row.object) in wanted
    )
    return summaries_of(rows)


def summed() -> Select[Any]:
    """The statements between concepts that count."""
    one, other = t.entities.alias(), t.entities.alias()
    s, p, d = t.statements.c, t.passages.c, t.documents.c
    return (
        select(
            one.c.id.label("subject"),
            s.predicate,
            other.c.id.label("object"),
            s.polarity,
            s.modality,
            d.id.label("document"),
            d.year,
            d.retracted,
            d.notices,
        )
        .select_from(t.statements)
        .join(one, one.c.key == s.subject_key)
        .join(other, other.c.key == s.object_key)
        .join(t.passages, p.key == s.passage_key)
        .join(t.documents, d.key == p.document_key)
        .where(one.c.id.like(PREFIX + "%"), s.modality != "asked")
    )


def summaries_of(rows: Iterable[Any]) -> list[Summary]:
    """Summaries of rows of ``summed``."""
    counted: dict[tuple[str, str, str], _Counted] = {}
    for row in rows:
        counted.setdefault((row.subject, row.object, row.predicate), _Counted()).see(row)
    return [
        counted[subject, object_, predicate].summary(subject, predicate, object_)
        for subject, object_, predicate in sorted(counted)
    ]


def _ends(query: Select[Any]) -> Sequence[Any]:
    columns = query.selected_columns
    return columns.subject, columns.object
