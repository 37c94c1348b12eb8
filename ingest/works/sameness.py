"""Which records describe the same work, and the one record made of them.

Knows records. Does not know stores: the caller keeps decisions. Three steps: equal identifiers; equal title,
year and first author; then a fuzzy comparison inside small blocks, whose doubtful pairs are left to a person.
Sources: blocking and comparison as in Christen, *Data Matching* (2012); rapidfuzz for edit distance.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from ingest.text.identifiers import WORK_KINDS
from kgrag.language.names import plain, work_key
from kgrag.language.wordlists import ordered_words
from kgrag.types import Author, Record

MAX_BLOCK = 200
SURE, DOUBTFUL = 94.0, 86.0
_STRUCTURED = ordered_words("readers_by_structure", __file__)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records (places in the list given) that are, or may be, one work, and why."""

    first: int
    second: int
    verdict: Literal["sure", "doubtful"]
    reason: str


def identifier_keys(record: Record) -> tuple[str, ...]:
    """``kind:value`` of every identifier that names the work (not its journal)."""
    return tuple(
        f"{kind}:{record.identifiers[kind]}"
        for kind in WORK_KINDS
        if record.identifiers.get(kind) and kind != "local"
    )


def match_key(record: Record) -> str | None:
    """Title, year and first author as one key, or None where the title is missing or too short to tell works
    apart.
    """
    return work_key(record.title, record.year, family_of(record.authors[0]) if record.authors else "")


def family_of(author: Author) -> str:
    """The family name, as far as the record tells."""
    return author.family or (author.literal or "").split(",")[0]


def family_key(author: Author) -> str:
    """The family name for comparison."""
    return plain(family_of(author)).replace(" ", "")


def pairs(records: Sequence[Record]) -> list[Pair]:
    """All pairs that are surely or doubtfully the same work.

    Args:
        records: without blocks or with them; at most some hundred thousand.

    Returns:
        Ordered by place; each pair once, with its strongest reason. Records whose identifiers of one kind
        differ are never paired.
    """
    found: dict[tuple[int, int], Pair] = {}

    def note(first: int, second: int, verdict: Literal["sure", "doubtful"], reason: str) -> None:
        key = (min(first, second), max(first, second))
        if first != second and key not in found and not _contradict(records[first], records[second], reason):
            found[key] = Pair(*key, verdict, reason)

    for first, second, kind in _equal(records, identifier_keys):
        note(first, second, "sure", f"same {kind}")
    for first, second, _ in _equal(records, lambda record: [key] if (key := match_key(record)) else []):
        same_year = records[first].year is not None and bool(records[first].authors)
        note(
            first,
            second,
            "sure" if same_year else "doubtful",
            "same title, year and first author" if same_year else "same title",
        )
    for first, second in _candidates(records):
        if (min(first, second), max(first, second)) not in found:
            score = similarity(records[first], records[second])
            if score >= DOUBTFUL:
                note(first, second, "sure" if score >= SURE else "doubtful", f"alike ({score:.0f} of 100)")
    return [found[key] for key in sorted(found)]


def _equal(records: Sequence[Record], keys: Any) -> Iterator[tuple[int, int, str]]:
    """Pairs with an equal key: each record with the first that had the key."""
    first: dict[str, int] = {}
    for place, record in enumerate(records):
        for key in keys(record):
            if key in first:
                yield first[key], place, str(key).partition(":")[0]
            else:
                first[key] = place


def _contradict(one: Record, other: Record, reason: str) -> bool:
    """True where both carry an identifier of one kind and the two differ (a preprint and its article, parts
    of a series).
    """
    if reason.startswith("same ") and reason[5:] in WORK_KINDS:
        return False
    return any(
        one.identifiers[kind] != other.identifiers[kind]
        for kind in ("doi", "pmid", "pmcid", "isbn")
        if kind in one.identifiers and kind in other.identifiers
    )


def _candidates(records: Sequence[Record]) -> Iterator[tuple[int, int]]:
    """Pairs that share a block: the rarest words of the title with the year, or journal, volume and first
    page.
    """
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        for key in _block_keys(record):
            blocks[key].append(place)
    seen: set[tuple[int, int]] = set()
    for block in blocks.values():
        if len(block) > MAX_BLOCK:
            continue
        for place, first in enumerate(block):
            for second in block[place + 1 :]:
                if (first, second) not in seen:
                    seen.add((first, second))
                    yield first, second


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
    if not a or not b or re.findall(r"\d+", a) != re.findall(r"\d+", b):
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


def merge(records: Iterable[Record]) -> Record:
    """One record of several that describe the same work.

    Args:
        records: at least one.

    Returns:
        Bibliographic fields from the most structured source that has each; blocks, the text of the paper,
        from the record that holds the longest text; ``source`` from the one that gave the text.
        ``extra["from:FIELD"]`` names the source of each field that does not come from there,
        ``extra["merged"]`` all sources.
    """
    listed = sorted(
        records, key=lambda record: (_rank(record), record.source.path, record.source.record_number)
    )
    body = max(listed, key=lambda record: sum(len(block.text) for block in record.blocks))
    if len(listed) == 1:
        return body
    values: dict[str, Any] = {}
    came_from: dict[str, str] = {}
    for item in fields(Record):
        if item.name in ("source", "blocks", "extra", "identifiers"):
            continue
        giver = next((record for record in listed if getattr(record, item.name) not in (None, (), "")), None)
        if giver is not None:
            values[item.name] = getattr(giver, item.name)
            if giver is not body:
                came_from[f"from:{item.name}"] = _name(giver)
    extra = _united(record.extra for record in listed)
    merged = {"merged": " | ".join(dict.fromkeys(_name(record) for record in listed))}
    return replace(
        body,
        **values,
        identifiers=_united(record.identifiers for record in listed),
        extra={**extra, **came_from, **merged},
    )


def _rank(record: Record) -> int:
    reader = record.source.reader
    return _STRUCTURED.index(reader) if reader in _STRUCTURED else len(_STRUCTURED)


def _name(record: Record) -> str:
    return f"{record.source.path}#{record.source.record_number} ({record.source.reader})"


def _united(mappings: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """All keys; of equal ones the first value."""
    out: dict[str, str] = {}
    for mapping in mappings:
        for key, value in mapping.items():
            out.setdefault(key, value)
    return out
