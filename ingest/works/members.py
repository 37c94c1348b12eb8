"""The sources of documents as the catalogue holds them: each as it would be alone, and what people decided on
it.

Knows the tables of sources and decisions. Does not know which sources are one work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import insert, or_, select, update

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.corrections import move
from kgrag.system.files import now
from kgrag.types import Document, HeldSource, Passage, Record

d = t.work_decisions.c


@dataclass(frozen=True, slots=True)
class Member:
    """One source of a work.

    ``home`` is the id that it has alone, ``holder`` the document it is in (None: it is new), ``record`` its
    record as people corrected it, by which it is compared; ``document`` and ``passages`` are as they were
    read.
    """

    home: str
    holder: str | None
    reason: str
    document: Document
    passages: tuple[Passage, ...]
    record: Record

    @property
    def place(self) -> tuple[str, int]:
        """File and number of the record in it."""
        source = self.document.record.source
        return source.path, source.record_number

    @property
    def ids(self) -> set[str]:
        """The ids by which people decided on it."""
        return {self.home, *filter(None, [self.holder])}

    def held(self) -> HeldSource:
        """As a united document keeps it."""
        return HeldSource(self.home, self.reason, self.document, self.passages)


def members_of(catalogue: Catalogue, document: Document) -> list[Member]:
    """The sources of a document: those that it was united from, or itself."""
    held = catalogue.sources_of(document.id)
    if held:
        return [
            Member(
                source.home,
                document.id,
                source.reason,
                source.document,
                source.passages,
                catalogue.corrected(source.document.record, [source.home]),
            )
            for source in held
        ]
    passages = tuple(catalogue.passages_of(document.id))
    as_read = replace(document, record=catalogue.uncorrected(document.record, document.id))
    return [Member(document.id, document.id, "", as_read, passages, document.record)]


def decided(catalogue: Catalogue, ids: Iterable[str]) -> list[tuple[str, str, str]]:
    """What people decided on the ids and did not take back: verdict, and the two ids."""
    wanted = sorted(ids)
    rows = catalogue.rows(
        select(d.verdict, d.first, d.second).where(
            d.undone.is_(None), or_(d.first.in_(wanted), d.second.in_(wanted))
        )
    )
    return [(row.verdict, row.first, row.second) for row in rows]


def pairs_decided(
    members: Sequence[Member], decisions: Iterable[tuple[str, str, str]], verdict: str
) -> frozenset[frozenset[int]]:
    """The pairs of members (by place) on which people gave a verdict."""
    chosen = [(first, second) for said, first, second in decisions if said == verdict]
    return frozenset(
        frozenset((one, other))
        for first, second in chosen
        for one, member in enumerate(members)
        for other, partner in enumerate(members)
        if one != other and _on_both(member, partner, first, second, verdict)
    )


def _on_both(member: Member, partner: Member, first: str, second: str, verdict: str) -> bool:
    """Whether a decision is about two members. What was called one work may be in one document since."""
    if verdict == "same":
        return bool(member.ids & {first, second}) and bool(partner.ids & {first, second})
    if member.holder is not None and member.holder == partner.holder:
        return {member.home, partner.home} == {first, second}
    return first in member.ids and second in partner.ids


def keep_decision(catalogue: Catalogue, verdict: str, first: str, second: str, decided_by: str) -> None:
    """Note what a person decided on two documents."""
    row = {
        "created": now(),
        "verdict": verdict,
        "first": first,
        "second": second,
        "decided_by": decided_by,
        "before": [],
    }
    with catalogue.writing() as connection:
        connection.execute(insert(t.work_decisions).values(row))


def move_home(catalogue: Catalogue, old: str, new: str) -> None:
    """What people said of an id goes over to the one that its source has now."""
    with catalogue.writing() as connection:
        for column in (d.first, d.second):
            connection.execute(update(t.work_decisions).where(column == old).values({column.name: new}))
        move(connection, old, new)
