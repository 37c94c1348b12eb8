"""The sources of documents that earlier versions united without keeping them: named in ``extra["merged"]``
and in the table of files, and read again.

Knows what those versions noted. A file that was changed since tells nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import select

from ingest.extract.everything import DefaultExtractor
from ingest.files_seen import FileState, gave
from ingest.readers import read_file
from ingest.works.members import Member, members_of
from ingest.works.prepare import prepare
from ingest.works.sameness import match_key
from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.errors import ReadError
from kgrag.protocols import Extractor
from kgrag.system.names import real, shown
from kgrag.types import Document, Record

_SOURCE = re.compile(r"(.+)#(\d+) \([^()]*\)")
Place = tuple[str, int]
"""A file and the number of a record in it."""


@dataclass
class OldUnion:
    """A document, its sources as they are read today, and the names of those that cannot be read."""

    document: Document
    members: list[Member] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


@dataclass
class _Wanted:
    """Of a file, the documents that a record is of: by its number, and by its place among those stored.
    ``lost`` are places whose documents are no longer: these versions did not note where in a file's own
    records a document went.
    """

    by_number: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_place: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    lost: set[int] = field(default_factory=set)

    @property
    def ids(self) -> set[str]:
        """Every document that has a record of the file."""
        return {each for ids in (*self.by_number.values(), *self.by_place.values()) for each in ids}


def is_old_union(catalogue: Catalogue, document: Document) -> bool:
    """Whether some of its sources were united by a version that did not keep them."""
    if not document.record.extra.get("merged"):
        return False
    return any(each.document.record.extra.get("merged") for each in members_of(catalogue, document))


def read_again(
    catalogue: Catalogue, documents: Iterable[Document], extractor: Extractor | None = None
) -> list[OldUnion]:
    """The sources of old unions as they are read today; each file is read once."""
    found = {document.id: OldUnion(document) for document in documents}
    wanted = _wanted(catalogue, found.values())
    for path, places in sorted(wanted.items()):
        left = {number: set(ids) for number, ids in places.by_number.items()}
        for record, ids in _records(catalogue, path, places):
            left.pop(record.source.record_number, None)
            parcel = prepare(record, extractor or DefaultExtractor(()))
            lost = not ids
            for identifier in sorted(ids or places.ids):
                if lost and not _may_be_of(found[identifier].document.record, parcel.document.record):
                    continue
                one = parcel.document
                member = Member(one.id, identifier, "", one, parcel.passages, one.record)
                found[identifier].members.append(member)
        for number, ids in left.items():
            for identifier in ids:
                found[identifier].lost.append(f"{path}#{number}")
    return list(found.values())


def _wanted(catalogue: Catalogue, unions: Iterable[OldUnion]) -> dict[str, _Wanted]:
    """What is to be read of each file: the sources that a document names, and the records that a file gave
    into it.
    """
    wanted: dict[str, _Wanted] = defaultdict(_Wanted)
    ids = set()
    for union in unions:
        ids.add(union.document.id)
        for path, number in named_sources(catalogue, union.document):
            wanted[path].by_number[number].add(union.document.id)
    for row in catalogue.rows(select(t.files.c.path, t.files.c.documents)):
        for place, identifier in enumerate(row.documents):
            if identifier in ids:
                wanted[row.path].by_place[place].add(identifier)
    for path, places in wanted.items():
        given = gave(catalogue, path)
        held = set(catalogue.keys_of(sorted(set(given))))
        places.lost = {place for place, each in enumerate(given) if each not in held}
    return wanted


def _may_be_of(union: Record, record: Record) -> bool:
    """Whether earlier versions may have made a record part of a union: by any identifier, or by its title."""
    shared = set(union.identifiers.items()) & set(record.identifiers.items())
    return any(kind != "issn" for kind, _ in shared) or match_key(union) == match_key(record) is not None


def named_sources(catalogue: Catalogue, document: Document) -> list[Place]:
    """The sources that the document, or one that was united into it since, names itself."""
    records = [document.record, *(each.document.record for each in members_of(catalogue, document))]
    return list(dict.fromkeys(place for record in records for place in named_in(record)))


def named_in(record: Record) -> list[Place]:
    """The sources that a united record names, once each."""
    matches = filter(None, map(_SOURCE.fullmatch, record.extra.get("merged", "").split(" | ")))
    return list(dict.fromkeys((match.group(1), int(match.group(2))) for match in matches))


def _records(catalogue: Catalogue, path: str, wanted: _Wanted) -> Iterator[tuple[Record, set[str]]]:
    """The records wanted of a file that is as it was, each with the documents it is of."""
    place = -1
    try:
        if not _is_as_it_was(catalogue, path):
            return
        for item in read_file(real(path)):
            if not isinstance(item, Record):
                continue
            place += 1
            number = item.source.record_number
            ids = wanted.by_number.get(number, set()) | wanted.by_place.get(place, set())
            if ids or place in wanted.lost:
                yield replace(item, source=replace(item.source, path=shown(item.source.path))), ids
    except (ReadError, OSError):
        return


def _is_as_it_was(catalogue: Catalogue, path: str) -> bool:
    """Whether a file is the one that was read last."""
    rows = catalogue.rows(select(t.files.c.size, t.files.c.mtime).where(t.files.c.path == path))
    if not rows or not Path(real(path)).exists():
        return False
    state = FileState.of(real(path))
    return (rows[0].size, rows[0].mtime) == (state.size, state.mtime)
