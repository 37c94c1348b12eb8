"""What becomes of the duplicates in exports of real reviews: united, listed for a person, or missed.

    python -m tests.bench.reading.duplicates FILE.xml… [--show N]

EndNote exports whose label (caption) ``Duplicate`` marks every record that has another of the same work
beside it. A marked record is *found* where it is united with another, or a pair with it is listed; an
unmarked one is wrongly *merged* where it is united with any. ``--show`` prints that many pairs of each kind
to be read.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from ingest.readers.exports.endnote_xml import EndNoteXmlReader
from ingest.readers.xml import child, stream, text_of
from ingest.text.normalise import to_document
from ingest.works.clusters import clustered
from ingest.works.sameness import Pair, pairs
from kgrag.types import Record


@dataclass(frozen=True, slots=True)
class Case:
    """A review's records, those marked as duplicates, the groups that are united, and all pairs."""

    records: list[Record]
    marked: frozenset[int]
    groups: list[list[int]]
    pairs: list[Pair]


def read(path: Path) -> Case:
    """A case from an EndNote export."""
    marked = frozenset(
        number
        for number, item in enumerate(stream(path, "record"))
        if text_of(child(item, "caption")).lower() == "duplicate"
    )
    records = [to_document(item).record for item in EndNoteXmlReader().read(path) if isinstance(item, Record)]
    return Case(records, marked, united(records), pairs(records))


def united(records: Sequence[Record]) -> list[list[int]]:
    """The groups that a library would make of the records: components of pairs that keys join, each settled
    as a batch settles it.
    """
    component = list(range(len(records)))
    for pair in pairs(records):
        one, other = component[pair.first], component[pair.second]
        component = [one if each == other else each for each in component]
    groups = []
    for root in sorted(set(component)):
        places = [place for place, each in enumerate(component) if each == root]
        groups += [
            [places[each] for each in group] for group in clustered([records[each] for each in places])
        ]
    return groups


def main() -> None:
    """Print the figures of each file and of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--show", type=int, default=0)
    arguments = parser.parse_args()
    print("file\trecords\tmarked\tunited\tlisted only\tmissed\tfound\tunmarked merged\tspecificity")
    for path in arguments.files:
        case = read(path)
        _print(path.name, case)
        if arguments.show:
            _show(case, arguments.show)


def _print(name: str, case: Case) -> None:
    in_group = {place for group in case.groups if len(group) > 1 for place in group}
    in_pair = {place for pair in case.pairs for place in (pair.first, pair.second)}
    n_united = len(case.marked & in_group)
    n_listed = len(case.marked & in_pair - in_group)
    n_missed = len(case.marked - in_pair - in_group)
    wrong = _wrongly_merged(case)
    unmarked = len(case.records) - len(case.marked)
    print(
        f"{name}\t{len(case.records)}\t{len(case.marked)}\t{n_united}\t{n_listed}\t{n_missed}\t"
        f"{(n_united + n_listed) / max(1, len(case.marked)):.4f}\t{wrong}\t{1 - wrong / max(1, unmarked):.4f}"
    )


def _wrongly_merged(case: Case) -> int:
    """Unmarked records that were united with any other: every record of a set of duplicates is marked."""
    return sum(1 for group in case.groups if len(group) > 1 for each in group if each not in case.marked)


def _show(case: Case, n: int) -> None:
    """Pairs to be read by eye: united though both are unmarked, listed, and marked records missed."""
    inside = [pair for group in case.groups for pair in combinations(group, 2)]
    unmarked = [pair for pair in inside if not case.marked & set(pair)]
    together = set(inside)
    listed = [place for pair in case.pairs if (place := (pair.first, pair.second)) not in together]
    chance = random.Random(0)
    for name, some in (("united, both unmarked", unmarked), ("united", inside), ("listed", listed)):
        print(f"-- {name}: {len(some)}")
        for one, other in chance.sample(some, min(n, len(some))):
            print(f"{_line(case, one)}\n{_line(case, other)}\n")
    in_pair = {place for pair in case.pairs for place in (pair.first, pair.second)}
    print("-- missed")
    for place in sorted(case.marked - in_pair):
        print(_line(case, place))


def _line(case: Case, place: int) -> str:
    record = case.records[place]
    names = ", ".join(author.family or author.literal or "" for author in record.authors[:3])
    mark = "*" if place in case.marked else " "
    place_of_it = f"{record.venue} {record.volume}({record.issue}) {record.pages}"
    return (
        f"{mark}{place}: {record.title} | {names} | {record.year} | {place_of_it}"
        f" | {dict(record.identifiers)} | {record.kind}"
    )


if __name__ == "__main__":
    main()
