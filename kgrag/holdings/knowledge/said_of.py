"""What a library says of a concept: each relation to another concept with the documents for and against,
quotes and figures, since when; which papers study or use it; and what contradicts what.

Knows statements and facts of papers. Order: what most documents say first, own findings before what is told
of others. Does not know how it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kgrag.catalogue import Catalogue
from kgrag.holdings.knowledge.concepts import Concept
from kgrag.holdings.knowledge.conflicts import Conflict, conflicts_among
from kgrag.holdings.knowledge.paper_facts import PaperFact, paper_facts
from kgrag.holdings.knowledge.statements import Said, statements
from kgrag.language.predicates import SYMMETRIC
from kgrag.types import Filters

MAX_STATEMENTS, MAX_FACTS = 2_000, 500


@dataclass(frozen=True, slots=True)
class Relation:
    """One predicate between the concept and another one; ``inverse``: the concept is the object.

    The statements of each side, best first; ``asked`` are those that leave it open. A document that says both
    is *mixed*.
    """

    predicate: str
    inverse: bool
    other: Concept
    supporting: tuple[Said, ...] = ()
    against: tuple[Said, ...] = ()
    asked: tuple[Said, ...] = ()

    def documents(self, side: str) -> list[str]:
        """Ids of the documents on a side: ``for``, ``against``, ``mixed`` or ``asked``."""
        for_, against = ({s.document_id for s in some} for some in (self.supporting, self.against))
        sides = {
            "for": for_ - against,
            "against": against - for_,
            "mixed": for_ & against,
            "asked": {s.document_id for s in self.asked} - for_ - against,
        }
        return sorted(sides[side])

    @property
    def since(self) -> int | None:
        """The year of the first document that says so or denies it."""
        return min((s.year for s in (*self.supporting, *self.against) if s.year), default=None)

    @property
    def until(self) -> int | None:
        """The year of the last one."""
        return max((s.year for s in (*self.supporting, *self.against) if s.year), default=None)


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is said of a concept."""

    concept: Concept
    relations: tuple[Relation, ...]
    facts: tuple[PaperFact, ...]
    conflicts: tuple[Conflict, ...]


def said_of(
    catalogue: Catalogue, concept: Concept, filters: Filters = Filters(), kind: str | None = None
) -> Dossier:
    """The dossier of a concept.

    Args:
        catalogue: of the library.
        concept: the one asked about.
        filters: limits to part of the library, years among them.
        kind: only relations to concepts of this kind.
    """
    found = statements(catalogue, None, concept.id, filters, MAX_STATEMENTS)
    if kind is not None:
        found = [said for said in found if _other(said, concept.id).kind == kind]
    facts = paper_facts(catalogue, None, concept.id, filters, MAX_FACTS)
    return Dossier(concept, tuple(_relations(found, concept.id)), tuple(facts), tuple(conflicts_among(found)))


def _relations(found: Sequence[Said], concept: str) -> list[Relation]:
    groups: dict[tuple[str, bool, str], list[Said]] = {}
    for said in found:
        inverse = said.object.id == concept and said.predicate not in SYMMETRIC
        groups.setdefault((said.predicate, inverse, _other(said, concept).id), []).append(said)
    made = [
        _relation(predicate, inverse, concept, group) for (predicate, inverse, _), group in groups.items()
    ]
    return sorted(made, key=_rank)


def _relation(predicate: str, inverse: bool, concept: str, group: Sequence[Said]) -> Relation:
    best = sorted(group, key=_quality)
    open_ = tuple(said for said in best if said.modality == "asked")
    told = [said for said in best if said.modality != "asked"]
    return Relation(
        predicate,
        inverse,
        _other(best[0], concept),
        tuple(said for said in told if said.polarity == "positive"),
        tuple(said for said in told if said.polarity == "negative"),
        open_,
    )


def _quality(said: Said) -> tuple[object, ...]:
    """Own findings with figures before others; a retracted paper last."""
    return (
        said.retracted,
        said.modality != "asserted",
        said.quantity is None,
        -said.score,
        -(said.year or 0),
        said.id,
    )


def _rank(relation: Relation) -> tuple[object, ...]:
    told = (*relation.supporting, *relation.against)
    documents = {said.document_id for said in told}
    own = sum(said.modality == "asserted" for said in told)
    best = max((said.score for said in told), default=0.0)
    return (-len(documents), -own, -best, relation.other.name.casefold(), relation.predicate)


def _other(said: Said, concept: str) -> Concept:
    return said.object if said.subject.id == concept else said.subject
