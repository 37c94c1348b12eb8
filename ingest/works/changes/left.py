"""Records that a changed file no longer holds: found when it was read to its end, and named.

Knows which documents a file gave before and now. A record that was changed, and has another id therefore,
takes the place of what it was; one that is gone is named and stays, since a file of another search under the
same name would else empty the library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.works.fields import ALIKE, authors_agree, title_likeness
from ingest.works.members import Member, members_of, move_home
from ingest.works.store import put_again, stored
from ingest.works.unite import regroup
from kgrag.catalogue import Catalogue
from kgrag.protocols import Extractor


@dataclass(frozen=True, slots=True)
class Reread:
    """A file that was read to its end: its path, its digest now, and the documents it gave before and now."""

    path: str
    sha256: str
    before: Sequence[str]
    now: Sequence[str]


@dataclass
class Left:
    """What became of records that are no longer in their file: told of, or changed and put in their place."""

    told: list[dict[str, Any]] = field(default_factory=list)
    n_changed: int = 0


def left_behind(catalogue: Catalogue, file: Reread, extractor: Extractor) -> Left:
    """Look after the records that a file gave before and does not hold any more.

    Args:
        catalogue: of the library.
        file: as it was read.
        extractor: for documents that lose a source.
    """
    left = Left()
    if not file.before:
        return left
    concerned = {*file.before, *(each for each in catalogue.united_ids(file.path) if each in file.now)}
    fresh = [each for each in dict.fromkeys(file.now) if each not in set(file.before)]
    for identifier in sorted(catalogue.keys_of(sorted(concerned))):
        members = members_of(catalogue, catalogue.document(identifier))
        stale = [each for each in members if _is_stale(each, file)]
        if not stale:
            continue
        if len(stale) < len(members):
            _drop(catalogue, members, stale, extractor)
            left.told += [_told(identifier, each, file, "its other sources stay") for each in stale]
        elif successor := _successor(catalogue, stale[0], fresh):
            _replace(catalogue, identifier, successor)
            left.n_changed += 1
        else:
            left.told.append(
                _told(
                    identifier, stale[0], file, f"it stays; remove it: kgrag documents delete '{identifier}'"
                )
            )
    return left


def _is_stale(member: Member, file: Reread) -> bool:
    source = member.document.record.source
    return source.path == file.path and source.sha256 != file.sha256


def _drop(
    catalogue: Catalogue, members: Sequence[Member], stale: Sequence[Member], extractor: Extractor
) -> None:
    """A united document without sources that are no longer."""
    kept = [each for each in members if each not in stale]
    stored(catalogue, regroup(catalogue, kept, dropped=stale, extractor=extractor))


def _successor(catalogue: Catalogue, member: Member, fresh: Sequence[str]) -> str | None:
    """The new document of the same file that is this record, changed: at its place or of its title, and not
    of other authors and another title both.
    """
    candidates = [catalogue.document(each) for each in fresh]
    alike = [
        candidate
        for candidate in candidates
        if (title_likeness(candidate.record, member.document.record) or 0.0) >= ALIKE
        and authors_agree(candidate.record, member.document.record) != "differ"
    ]
    number = member.document.record.source.record_number
    at_its_place = [each for each in alike if each.record.source.record_number == number]
    return next((each.id for each in (*at_its_place, *alike)), None)


def _replace(catalogue: Catalogue, old: str, new: str) -> None:
    with catalogue.writing():
        members = members_of(catalogue, catalogue.document(new))
        move_home(catalogue, old, new)
        catalogue.delete(old)
        put_again(catalogue, members)


def _told(identifier: str, member: Member, file: Reread, what: str) -> dict[str, Any]:
    title = member.document.record.title or identifier
    return {
        "path": file.path,
        "document": identifier,
        "title": title,
        "told": f"{file.path} no longer holds “{title}” ({identifier}): {what}",
    }
