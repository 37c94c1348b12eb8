"""Which records describe the same work.

Knows records. Does not know stores: the caller keeps decisions. Three steps: equal identifiers; equal title,
year and first author; then a fuzzy comparison inside small blocks, whose pairs are left to a person. What
speaks against one work (``fields.conflicts``, other titles and authors) makes a sure pair a doubtful one.
Every verdict is on two records alone and the same either way round.
Sources: blocking and comparison as in Christen, *Data Matching* (2012); rapidfuzz for edit distance.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ingest.text.parts import identifier_keys, own_identifiers
from ingest.works.fields import (
    ALIKE,
    UNLIKE,
    VERY_ALIKE,
    authors_agree,
    conflicts,
    family_key,
    family_of,
    form_of,
    forms_agree,
    is_container_of,
    is_guessed,
    pages_agree,
    same_numbers,
    title_likeness,
    volumes_agree,
)
from ingest.works.merge import merge
from kgrag.language.names import plain, work_key
from kgrag.types import Record

__all__ = ["Pair", "Verdict", "identifier_keys", "judged", "match_key", "merge", "pairs", "similarity"]

MAX_BLOCK = 200
SURE, DOUBTFUL = 94.0, 86.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two records are, or may be, one work, and why; ``by_key``: an identifier says so, or title,
    year and first author, and not only likeness.
    """

    verdict: Literal["sure", "doubtful"]
    reason: str
    by_key: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records (places in the list given) that are, or may be, one work, and why."""

    first: int
    second: int
    verdict: Literal["sure", "doubtful"]
    reason: str


def match_key(record: Record) -> str | None:
    """Title, year and first author as one key, or None where the title is missing or too short to tell works
    apart.
    """
    return work_key(record.title, record.year, family_of(record.authors[0]) if record.authors else "")


def judged(one: Record, other: Record) -> Verdict | None:
    """The verdict on two records; None where nothing says that they may be one work."""
    if is_container_of(one, other) or is_container_of(other, one):
        return None
    if shared := sorted(set(identifier_keys(one)) & set(identifier_keys(other))):
        return _by_identifier(one, other, [key.partition(":")[0] for key in shared])
    key = match_key(one)
    same_key = key is not None and key == match_key(other)
    if different := different_identifiers(one, other):
        return _two_versions(one, other, different) if same_key else None
    return _by_title(one, other) if same_key else _by_likeness(one, other)


def _by_identifier(one: Record, other: Record, kinds: Sequence[str]) -> Verdict:
    """Equal identifiers: sure, unless the records have nothing else in common, or two fields or more speak
    against it. An ISBN is also a set's, whose volumes are works of their own.
    """
    kind = next((each for each in kinds if each != "isbn"), "isbn")
    if kind == "isbn":
        if other_book := _other_book(one, other):
            return Verdict("doubtful", f"same isbn, but other {other_book}")
        return Verdict("sure", "same isbn")
    likeness = title_likeness(one, other)
    if likeness is not None and likeness < UNLIKE and _nothing_in_common(one, other):
        return Verdict("doubtful", f"same {kind}, but other title and authors")
    if len(apart := _disagreements(one, other)) > 1:
        return Verdict("doubtful", f"same {kind}, but other {' and '.join(apart)}")
    return Verdict("sure", f"same {kind}")


def _other_book(one: Record, other: Record) -> str:
    """What tells two books of one ISBN apart; nothing where they are one."""
    if not same_numbers(one, other) or volumes_agree(one, other) == "differ":
        return "volume"
    likeness = title_likeness(one, other)
    return "title" if likeness is not None and likeness < VERY_ALIKE else ""


def _disagreements(one: Record, other: Record) -> list[str]:
    """Of title, authors and pages, those that two records of one identifier have not in common. A page's look
    proves nothing.
    """
    if is_guessed(one) or is_guessed(other):
        return []
    likeness = title_likeness(one, other)
    differ = {
        "title": likeness is not None and (likeness < ALIKE or not same_numbers(one, other)),
        "authors": authors_agree(one, other) == "differ",
        "pages": pages_agree(one, other) == "differ",
    }
    return [name for name, differs in differ.items() if differs]


def _nothing_in_common(one: Record, other: Record) -> bool:
    """Of two records with unlike titles: whether authors, pages or forms are others too. Where a page was
    guessed at, only authors on both sides count.
    """
    authors = authors_agree(one, other)
    if authors == "differ":
        return True
    if is_guessed(one) or is_guessed(other):
        return False
    apart = "differ" in (pages_agree(one, other), forms_agree(one, other))
    return apart or (authors == "unknown" and pages_agree(one, other) != "agree")


def different_identifiers(one: Record, other: Record) -> list[str]:
    """Kinds of which both carry an identifier, and the two differ."""
    first, second = own_identifiers(one), own_identifiers(other)
    return [
        kind
        for kind in ("doi", "pmid", "pmcid", "isbn")
        if kind in first and kind in second and first[kind] != second[kind]
    ]


def _two_versions(one: Record, other: Record, different: Sequence[str]) -> Verdict | None:
    """Equal title, year and author under two identifiers: versions of one text, or one of them is wrong; else
    two works.
    """
    if forms_agree(one, other) == "differ":
        return Verdict(
            "doubtful", f"versions: {' and '.join(sorted((str(form_of(one)), str(form_of(other)))))}"
        )
    if pages_agree(one, other) == "agree":
        return Verdict("doubtful", f"same title, year, author and pages, but other {', '.join(different)}")
    return None


def _by_title(one: Record, other: Record) -> Verdict:
    if one.year is None or not one.authors:
        return Verdict("doubtful", "same title")
    if apart := conflicts(*sorted((one, other), key=_order)):
        return Verdict("doubtful", f"same title, year and first author, but {'; '.join(apart)}")
    return Verdict("sure", "same title, year and first author")


def _order(record: Record) -> tuple[str, ...]:
    """Either way round, a reason names the same record first."""
    return (
        record.volume or "",
        record.issue or "",
        record.pages or "",
        record.venue or "",
        record.kind or "",
    )


def _by_likeness(one: Record, other: Record) -> Verdict | None:
    score = similarity(one, other)
    if score < DOUBTFUL:
        return None
    sure = score >= SURE and not conflicts(one, other)
    return Verdict("sure" if sure else "doubtful", f"alike ({score:.0f} of 100)", by_key=False)


def pairs(records: Sequence[Record]) -> list[Pair]:
    """All pairs that are surely or doubtfully the same work.

    Args:
        records: without blocks or with them; at most some hundred thousand.

    Returns:
        Ordered by place; each pair once.
    """
    judged_pairs: dict[tuple[int, int], Verdict | None] = {}
    for first, second in (
        *_equal(records, identifier_keys),
        *_equal(records, _title_keys),
        *_candidates(records),
    ):
        place = (min(first, second), max(first, second))
        if place not in judged_pairs:
            judged_pairs[place] = judged(records[place[0]], records[place[1]])
    return [
        Pair(*place, verdict.verdict, verdict.reason)
        for place, verdict in sorted(judged_pairs.items(), key=lambda item: item[0])
        if verdict is not None
    ]


def _title_keys(record: Record) -> list[str]:
    return [key] if (key := match_key(record)) else []


def _equal(records: Sequence[Record], keys: Any) -> Iterator[tuple[int, int]]:
    """Pairs with an equal key: all of a group, of a very large one each with the first."""
    groups: dict[str, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        for key in keys(record):
            groups[key].append(place)
    for group in groups.values():
        yield from _all_pairs(group if len(group) <= MAX_BLOCK else group[:1], group)


def _all_pairs(firsts: Sequence[int], group: Sequence[int]) -> Iterator[tuple[int, int]]:
    for place, first in enumerate(firsts):
        for second in group[place + 1 :]:
            if first != second:
                yield first, second


def _candidates(records: Sequence[Record]) -> Iterator[tuple[int, int]]:
    """Pairs that share a block: the rarest words of the title with the year, or journal, volume and first
    page.
    """
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        for key in _block_keys(record):
            blocks[key].append(place)
    for block in blocks.values():
        if len(block) <= MAX_BLOCK:
            yield from _all_pairs(block, block)


def _block_keys(record: Record) -> Iterator[str]:
    title = plain(record.title or "")
    words = sorted(set(re.findall(r"[^\W\d_]{4,}", title)), key=lambda word: (-len(word), word))[:3]
    if title[:1] > "\u2e80":
        words = [title[:6], title[-6:]]
    for word in words:
        for year in (record.year, (record.year or 0) + 1) if record.year else (None,):
            yield f"{word}|{year}"
    first_page = re.match(r"\w+", record.pages or "")
    if record.venue and record.volume and first_page:
        yield f"{plain(record.venue)[:12]}|{record.volume}|{first_page.group()}"


def similarity(one: Record, other: Record) -> float:
    """How alike two records are, 0 … 100: title above all, then authors, year, pages.

    Unknown fields count neither way.
    """
    from rapidfuzz import fuzz

    a, b = plain(one.title or ""), plain(other.title or "")
    if not a or not b or not same_numbers(one, other):
        return 0.0
    score, weight = 6.0 * fuzz.ratio(a, b), 6.0
    if one.authors and other.authors:
        score, weight = (
            score + 2.0 * fuzz.ratio(family_key(one.authors[0]), family_key(other.authors[0])),
            weight + 2,
        )
    if one.year and other.year:
        apart = abs(one.year - other.year)
        score, weight = score + (100.0 if apart == 0 else 70.0 if apart == 1 else 0.0), weight + 1
    if one.pages and other.pages:
        score, weight = (
            score + 100.0 * (re.findall(r"\w+", one.pages)[:1] == re.findall(r"\w+", other.pages)[:1]),
            weight + 1,
        )
    known = weight - 6
    return score / weight - (0 if known >= 2 else 8)


def same_work(records: Iterable[Record]) -> bool:
    """Whether records, each with each, are one work by their keys."""
    listed = list(records)
    verdicts = [judged(one, other) for place, one in enumerate(listed) for other in listed[place + 1 :]]
    return all(each is not None and each.verdict == "sure" and each.by_key for each in verdicts)
