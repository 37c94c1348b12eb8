"""Pairs of documents that may be one work: listed for a person, decided, and decided back.

Knows the table ``work_decisions`` and how two documents become one (``ingest.works.unite``). Every source of
a document is kept as it was, so that undoing a merge gives both back; every later batch keeps to what was
decided.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from sqlalchemy import func, select, update

from ingest.extract.everything import DEFAULT
from ingest.works.clusters import clustered
from ingest.works.members import Member, keep_decision, members_of
from ingest.works.old_unions import is_old_union, read_again
from ingest.works.prepare import with_extraction
from ingest.works.sameness import pairs
from ingest.works.store import stored
from ingest.works.unions import unions
from ingest.works.unite import Settlement, regroup
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.rows import parcel_from_json, record_from_json
from kgrag.errors import NotFound, UsageError
from kgrag.protocols import Extractor
from kgrag.system.files import now
from kgrag.types import Document, Parcel

d = t.work_decisions.c


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two documents that may be one work, and why."""

    first: str
    second: str
    titles: tuple[str | None, str | None]
    years: tuple[int | None, int | None]
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a pair; ``first`` is the id that the merged document has."""

    key: int
    created: str
    verdict: str
    first: str
    second: str
    decided_by: str
    undone: str | None


class Duplicates:
    """The pairs of a library.

    Args:
        catalogue: of the library.
        extractor: for the text of merged documents.
    """

    def __init__(self, catalogue: Catalogue, extractor: Extractor = DEFAULT) -> None:
        self.catalogue, self.extractor = catalogue, extractor

    def doubtful(self) -> list[Doubt]:
        """Pairs not yet decided, by id. Reads every record: some minutes for some hundred thousand."""
        with self.catalogue.engine.connect() as connection:
            rows = connection.execute(
                select(t.documents.c.id, t.documents.c.record).order_by(t.documents.c.id)
            ).all()
        records, ids = [record_from_json(row.record) for row in rows], [row.id for row in rows]
        settled = {
            frozenset((decision.first, decision.second))
            for decision in self.decisions()
            if decision.undone is None
        }
        return [
            Doubt(
                ids[p.first],
                ids[p.second],
                (records[p.first].title, records[p.second].title),
                (records[p.first].year, records[p.second].year),
                p.reason,
            )
            for p in pairs(records)
            if frozenset((ids[p.first], ids[p.second])) not in settled
        ]

    def decisions(self) -> list[Decision]:
        """Every decision, newest first."""
        columns = (d.key, d.created, d.verdict, d.first, d.second, d.decided_by, d.undone)
        return [Decision(*row) for row in self.catalogue.rows(select(*columns).order_by(d.key.desc()))]

    def merge(self, first: str, second: str, decided_by: str) -> str:
        """Make two documents one; returns its id.

        Raises:
            NotFound: one of them is not in the library.
            UsageError: they are one already.
        """
        members = [each for one in self._two(first, second) for each in members_of(self.catalogue, one)]
        with self.catalogue.writing():
            keep_decision(self.catalogue, "same", first, second, decided_by)
            settlement = self._settle(members)
            merged = settlement.parcels[0].document.id
            if merged == second:
                self._turn(first, second)
        return merged

    def keep_apart(self, first: str, second: str, decided_by: str) -> None:
        """Note that two documents are different works; no batch joins them. Errors as ``merge``."""
        self._two(first, second)
        keep_decision(self.catalogue, "different", first, second, decided_by)

    def undo(self, key: int) -> Decision:
        """Take a decision back; the documents of a merge are as they were.

        Raises:
            NotFound: no such decision.
            UsageError: it was taken back before.
        """
        rows = self.catalogue.rows(select(t.work_decisions).where(d.key == key))
        if not rows:
            raise NotFound(f"No decision {key} in this library. List them: kgrag duplicates decisions")
        if rows[0].undone is not None:
            raise UsageError(f"Decision {key} was taken back on {rows[0].undone}.")
        with self.catalogue.writing() as connection:
            connection.execute(update(t.work_decisions).where(d.key == key).values(undone=now()))
            if rows[0].before:
                self._put_back(rows[0])
            elif rows[0].verdict == "same" and self.catalogue.keys_of([rows[0].first]):
                self._settle(members_of(self.catalogue, self.catalogue.document(rows[0].first)))
        return next(decision for decision in self.decisions() if decision.key == key)

    def split(self, document_id: str, decided_by: str, source: int | None = None) -> list[str]:
        """Take a united document apart; returns the ids of the documents it became.

        Args:
            document_id: of a document of several sources.
            decided_by: who is named beside the decisions, which later batches keep to.
            source: the number of the one source that is another work (``unions``); None: each is one of its
                own, but for those that are one work beyond doubt where the document is of a version that kept
                no sources.

        Raises:
            NotFound: no such document, or a source of an old union can no longer be read.
            UsageError: it has one source, or none of that number.
        """
        document = self.catalogue.document(document_id)
        members = members_of(self.catalogue, document)
        if is_old_union(self.catalogue, document):
            members = self._read_again(document)
            if len(clustered([each.record for each in members])) > 1 and source is None:
                return self._put_apart(members)
        if len(members) == 1 or not 1 <= (source or 1) <= len(members):
            raise UsageError(f"'{document_id}' has {len(members)} source(s). See: kgrag duplicates list")
        members = _told_apart(members)
        with self.catalogue.writing() as connection:
            homes = {document_id, *(each.home for each in members)}
            undone = update(t.work_decisions).where(d.verdict == "same", d.undone.is_(None))
            concerned = d.first.in_(homes) | d.second.in_(homes)
            connection.execute(undone.where(concerned).values(undone=now()))
            for one, other in combinations(members, 2):
                if source is None or members[source - 1] in (one, other):
                    keep_decision(self.catalogue, "different", one.home, other.home, decided_by)
            return self._put_apart(members)

    def _read_again(self, document: Document) -> list[Member]:
        (union,) = read_again(self.catalogue, [document], self.extractor)
        if union.lost:
            raise NotFound(
                f"Sources of '{document.id}' are gone or changed: {', '.join(union.lost)}. Put them back, or"
                f" delete it and read its files again: kgrag documents delete '{document.id}'"
            )
        return union.members

    def _put_apart(self, members: Sequence[Member]) -> list[str]:
        return sorted(parcel.document.id for parcel in self._settle(members).parcels)

    def unions(self) -> list[dict[str, Any]]:
        """What was united, as ``ingest.works.unions`` tells it."""
        return unions(self.catalogue)

    def _put_back(self, decision: Any) -> None:
        """Undo a merge of a version that kept what was before beside the decision."""
        parcels = [self._parcel(plain) for plain in decision.before]
        gone = [] if decision.first in (parcel.document.id for parcel in parcels) else [decision.first]
        for number, parcel in enumerate(parcels):
            self.catalogue.put(parcel, [] if number else gone)

    def _settle(self, members: Sequence[Member]) -> Settlement:
        settlement = regroup(self.catalogue, members, extractor=self.extractor)
        stored(self.catalogue, settlement)
        return settlement

    def _turn(self, first: str, second: str) -> None:
        """The newest decision names the document that is left first."""
        newest = select(func.max(d.key)).scalar_subquery()
        with self.catalogue.writing() as connection:
            turned = update(t.work_decisions).where(d.key == newest).values(first=second, second=first)
            connection.execute(turned)

    def _two(self, first: str, second: str) -> tuple[Document, Document]:
        if first == second:
            raise UsageError(f"'{first}' is one document. Give two.")
        return self.catalogue.document(first), self.catalogue.document(second)

    def _parcel(self, plain: dict[str, Any]) -> Parcel:
        document, passages = parcel_from_json(plain)
        return with_extraction(document, passages, self.extractor)


def _told_apart(members: Sequence[Member]) -> list[Member]:
    """The sources, those that would have one id alone each with a mark of its place."""
    taken: set[str] = set()
    apart = []
    for each in members:
        if each.home in taken:
            path, number = each.place
            mark = hashlib.sha256(f"{path}#{number}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
            each = replace(each, home=f"{each.home.partition('~')[0]}~{mark}")
        taken.add(each.home)
        apart.append(each)
    return apart
