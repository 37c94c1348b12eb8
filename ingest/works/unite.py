"""One work from several sources is one document: the record united field by field, the text from the fullest
source, and every source kept as it would be alone, so that it can be taken out again.

Knows records, documents and the catalogue's keys of sameness. Which records are the same is for
``ingest.works.clusters`` to say. All sources that share a key are looked at anew with each that comes, so
that the documents are the same in whatever order the files were read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ingest.extract.everything import DEFAULT
from ingest.files_seen import Move
from ingest.text.identifiers import document_id
from ingest.text.parts import own_identifiers
from ingest.works.clusters import clustered
from ingest.works.fields import family_key
from ingest.works.members import Member, decided, members_of, pairs_decided
from ingest.works.merge import merge
from ingest.works.old_unions import named_in
from ingest.works.prepare import keys_of, with_extraction
from ingest.works.sameness import identifier_keys, judged
from kgrag.catalogue import Catalogue
from kgrag.language.names import plain
from kgrag.protocols import Extractor
from kgrag.types import Document, Parcel, Passage, Record, Source

__all__ = ["Settlement", "regroup", "renamed", "settled", "unite"]

Outcome = Literal["new", "united", "unchanged", "changed"]
BY_A_PERSON = "a person's decision"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What has to be stored so that the sources of some works are grouped rightly.

    ``parcels`` are put, documents ``gone`` are removed, ``moves`` tell where sources went; ``homes`` are ids
    of sources that have another now. For a source that was read: its document's ``id``, what became of it,
    and where it stands now, if only that changed.
    """

    parcels: tuple[Parcel, ...] = ()
    gone: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    homes: tuple[tuple[str, str], ...] = ()
    id: str = ""
    outcome: Outcome = "new"
    source: Source | None = None


def unite(catalogue: Catalogue, parcel: Parcel, extractor: Extractor = DEFAULT) -> tuple[Parcel, list[str]]:
    """A parcel joined with what the library already holds of the same work from other sources.

    Returns:
        The parcel to store and the ids of the documents it takes the place of (apart from its own).
    """
    settlement = settled(catalogue, parcel, extractor)
    return next((each for each in settlement.parcels if each.document.id == settlement.id), parcel), list(
        settlement.gone
    )


def settled(catalogue: Catalogue, parcel: Parcel, extractor: Extractor = DEFAULT) -> Settlement:
    """What becomes of a document that was read, and of those that share a key with it.

    Args:
        catalogue: where twins are looked for; nothing is written.
        parcel: the newly read document.
        extractor: for united texts.
    """
    members = _around(catalogue, parcel)
    new = Member(parcel.document.id, None, "", parcel.document, parcel.passages, parcel.document.record)
    old = [member for member in members if _earlier(member, new)]
    same = next(
        (
            member
            for member in members
            if (member in old or _copied(member.document.record.source, new.document.record.source))
            and _same_content(member.document, new.document)
        ),
        None,
    )
    if same is not None and same.holder is not None:
        if same.document.record.source == new.document.record.source or same not in old:
            return Settlement(id=same.holder, outcome="unchanged")
        if not catalogue.sources_of(same.holder):
            return Settlement(id=same.holder, outcome="unchanged", source=new.document.record.source)
    new = _in_place_of(old, new, catalogue)
    settlement = regroup(
        catalogue, [member for member in members if member not in old], (new,), old, parcel, extractor
    )
    return replace(settlement, outcome="unchanged") if same is not None else settlement


def _around(catalogue: Catalogue, parcel: Parcel) -> list[Member]:
    """The sources of all documents that share a key with a parcel, or its id, or a person's word."""
    held = {twin.id: twin for twin in catalogue.twins(parcel.match_keys)}
    known = {parcel.document.id, *held}
    related = {each for verdict, *ids in decided(catalogue, known) if verdict == "same" for each in ids}
    for identifier in catalogue.keys_of(sorted((known | related) - set(held))):
        held[identifier] = catalogue.document(identifier)
    return [member for identifier in sorted(held) for member in members_of(catalogue, held[identifier])]


def _earlier(member: Member, new: Member) -> bool:
    """Whether a source is what was read before of the same record: it stood there in the file, or elsewhere
    in the file as it was. What an earlier version united from other files, too, is none.
    """
    one, other = member.document.record.source, new.document.record.source
    if one.path != other.path or any(path != other.path for path, _ in named_in(member.document.record)):
        return False
    if one.record_number == other.record_number and one.sha256 == other.sha256:
        return True
    if one.sha256 == other.sha256:
        return False
    if new.home in (member.home, member.home.partition("~")[0]) and not identifier_keys(new.record):
        return True
    verdict = judged(member.document.record, new.document.record)
    return verdict is not None and verdict.verdict == "sure" and verdict.by_key


def _copied(one: Source, other: Source) -> bool:
    """Whether two places hold the same record of a file of the same bytes."""
    return (one.sha256, one.record_number) == (other.sha256, other.record_number)


def _same_content(one: Document, other: Document) -> bool:
    bare = [replace(each.record, source=other.record.source) for each in (one, other)]
    return one.text == other.text and _plain_record(bare[0]) == _plain_record(bare[1])


def _plain_record(record: Record) -> Record:
    """A record as the catalogue gives it back: lists as tuples, nothing of its blocks."""
    return replace(record, blocks=(), identifiers=dict(record.identifiers), extra=dict(record.extra))


def _in_place_of(old: Sequence[Member], new: Member, catalogue: Catalogue) -> Member:
    """The newly read source with what people said of the one whose place it takes: its id where that was only
    marked, and corrections.
    """
    marked = next((each.home for each in old if each.home.partition("~")[0] == new.home), new.home)
    corrected = catalogue.corrected(new.record, [marked, *(each.home for each in old)])
    return replace(new, home=marked, record=corrected)


def regroup(
    catalogue: Catalogue,
    members: Sequence[Member],
    added: Sequence[Member] = (),
    dropped: Sequence[Member] = (),
    parcel: Parcel | None = None,
    extractor: Extractor = DEFAULT,
    anew: bool = False,
) -> Settlement:
    """Sources grouped by work, and what has to be stored for it.

    Args:
        catalogue: whose decisions hold; nothing is written.
        members: all sources of some documents that stay.
        added: sources that come to them; the settlement's ``id`` is the document of the first.
        dropped: sources of these documents that are no longer.
        parcel: of the first that is added, with its extraction, which is used where it stays alone.
        extractor: for united texts.
        anew: whether documents are stored that are as they were, too.
    """
    everyone = [*members, *added]
    decisions = decided(catalogue, {identifier for each in (*everyone, *dropped) for identifier in each.ids})
    groups = [
        [everyone[place] for place in places]
        for places in clustered(
            [each.record for each in everyone],
            pairs_decided(everyone, decisions, "same") | _copies(everyone),
            pairs_decided(everyone, decisions, "different"),
        )
    ]
    work = _Work(catalogue, extractor, parcel, _held(members, dropped), anew)
    work.take([[_with_reason(each, group) for each in group] for group in groups])
    first = work.ids[added[0].home, added[0].place, added[0].holder] if added else ""
    joined = added and len(next(group for group in groups if added[0] in group)) > 1
    outcome: Outcome = "changed" if dropped else "united" if joined else "new"
    homes = tuple((each.home, added[0].home) for each in dropped if added and each.home != added[0].home)
    return Settlement(
        tuple(work.parcels), work.gone(), tuple(work.moves(dropped, first)), homes, first, outcome
    )


def _copies(members: Sequence[Member]) -> frozenset[frozenset[int]]:
    """Pairs of sources that say the very same: a file that lies in two places."""
    places = range(len(members))
    return frozenset(
        frozenset((one, other))
        for one in places
        for other in places[one + 1 :]
        if members[one].home == members[other].home
        and members[one].document.text == members[other].document.text
    )


def _held(members: Sequence[Member], dropped: Sequence[Member]) -> dict[str, set[tuple[str, int]]]:
    """The documents concerned, each with the places of all its sources."""
    held: dict[str, set[tuple[str, int]]] = {}
    for each in (*members, *dropped):
        if each.holder is not None:
            held.setdefault(each.holder, set()).add(each.place)
    return held


def _with_reason(member: Member, group: Sequence[Member]) -> Member:
    """The member with the reason why it is of its group's work."""
    for other in group:
        if other is not member:
            verdict = judged(member.record, other.record)
            if verdict is not None and verdict.verdict == "sure" and verdict.by_key:
                return replace(member, reason=verdict.reason)
    return replace(member, reason=BY_A_PERSON if len(group) > 1 else "")


@dataclass
class _Work:
    """Makes documents of groups of sources, and gives each its id."""

    catalogue: Catalogue
    extractor: Extractor
    parcel: Parcel | None
    held: dict[str, set[tuple[str, int]]]
    anew: bool
    parcels: list[Parcel] = field(default_factory=list)
    ids: dict[tuple[str, tuple[str, int], str | None], str] = field(default_factory=dict)
    members: list[tuple[Member, str]] = field(default_factory=list)

    def take(self, groups: Sequence[Sequence[Member]]) -> None:
        """Every group as a document; those that are as they were are left alone."""
        taken: set[str] = set()
        for group in sorted(groups, key=self._rank):
            holder = group[0].holder
            untouched = holder is not None and self.held[holder] == {each.place for each in group}
            untouched = untouched and all(each.holder == holder for each in group)
            identifier = str(holder) if untouched else self._id(group, taken)
            taken.add(identifier)
            self.members += [(each, identifier) for each in group]
            self.ids.update({(each.home, each.place, each.holder): identifier for each in group})
            if self.anew or not untouched:
                self.parcels.append(self._joined(group, identifier))

    def _rank(self, group: Sequence[Member]) -> tuple[object, ...]:
        """Who may choose an id first: groups that stay as they are, then those that hold their id."""
        holders = {each.holder for each in group}
        stays = any(self.held.get(holder or "") == {each.place for each in group} for holder in holders)
        return not stays, _wanted(group) not in holders, min(each.place for each in group)

    def _id(self, group: Sequence[Member], taken: set[str]) -> str:
        """The id that a group wants; with a mark of its title and author where another work has it."""
        wanted = _wanted(group)
        others = taken | (set(self.catalogue.keys_of([wanted])) - set(self.held))
        if wanted not in others:
            return wanted
        return f"{wanted.partition('~')[0]}~{_mark(group[0].record)}"

    def _joined(self, group: Sequence[Member], identifier: str) -> Parcel:
        """A group as one document."""
        if len(group) == 1:
            return self._alone(group[0], identifier)
        fullest = _fullest(group)
        record = replace(
            merge([each.document.record for each in group]), source=fullest.document.record.source, blocks=()
        )
        retracted = next((each.document.retracted for each in group if each.document.retracted), None)
        document = replace(fullest.document, id=identifier, record=record, retracted=retracted)
        made = with_extraction(document, renamed(fullest.passages, identifier), self.extractor)
        keys = keys_of([record, *(r for each in group for r in (each.record, each.document.record))])
        return replace(made, match_keys=keys, sources=tuple(each.held() for each in group))

    def _alone(self, member: Member, identifier: str) -> Parcel:
        document, parcel = member.document, self.parcel
        if parcel is not None and parcel.document is document and identifier == document.id:
            made = parcel
        else:
            made = with_extraction(
                replace(document, id=identifier), renamed(member.passages, identifier), self.extractor
            )
        return replace(made, match_keys=keys_of([document.record, member.record]))

    def gone(self) -> tuple[str, ...]:
        """Ids of documents that are no longer."""
        return tuple(sorted(set(self.held) - set(self.ids.values())))

    def moves(self, dropped: Sequence[Member], first: str) -> list[Move]:
        """Where the sources of documents went, those of a file together, in its order."""
        went: dict[tuple[str, str], list[tuple[int, str]]] = {}
        stay = set()
        for each, new in [*self.members, *((each, first) for each in dropped if first)]:
            path, number = each.place
            if each.holder == new:
                stay.add((path, new))
            elif each.holder is not None:
                went.setdefault((path, each.holder), []).append((number, new))
        gone = self.gone()
        return [
            Move(path, old, tuple(new for _, new in sorted(places)), old in gone, (path, old) in stay)
            for (path, old), places in went.items()
        ]


def _wanted(group: Sequence[Member]) -> str:
    """The id that a group would have in a library of its own."""
    if len(group) == 1:
        return group[0].home
    record = merge([each.document.record for each in group])
    return document_id(own_identifiers(record)) or _fullest(group).home


def _fullest(group: Sequence[Member]) -> Member:
    """The source with the longest text."""
    return max(group, key=lambda each: (len(each.document.text), each.home))


def _mark(record: Record) -> str:
    """Tells works of one identifier apart, the same at every reading."""
    told = f"{plain(record.title or '')}|{family_key(record.authors[0]) if record.authors else ''}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def renamed(passages: Sequence[Passage], identifier: str) -> tuple[Passage, ...]:
    """Passages of a document under another id."""
    return tuple(
        replace(passage, id=f"{identifier}#p{passage.ordinal}", document_id=identifier)
        for passage in passages
    )
