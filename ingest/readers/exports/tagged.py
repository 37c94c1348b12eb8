"""Tagged lines: records as lists of (tag, value), whatever the format.

Knows tags with continuation lines. Does not know which formats exist: each gives its pattern and its table of
tags.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.readers.base import BrokenRecord, lines_of
from ingest.readers.exports.fields import to_record
from kgrag.types import Record, RecordNotice

Pairs = list[tuple[str, str]]
_NAMES = ("author", "author_full", "author_group", "author_book", "editor", "doi")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a tagged format looks.

    Attributes:
        name: the reader's name, kept in each record's source.
        line: pattern of a tagged line with groups tag and value; other lines continue the value above.
        begins: tags that begin a record.
        ends: tags that end one.
        fields: tag → field of ``Draft`` (see ``FIELDS``); tags that are missing go to the record's extra.
        repeats: tags whose continuation lines are values of their own (Web of Science writes authors so).
        joint: what stands between a value and its continuation.
    """

    name: str
    line: re.Pattern[str]
    begins: frozenset[str]
    ends: frozenset[str]
    fields: Mapping[str, str]
    repeats: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    joint: str = " "


def read_tagged(
    path: Path,
    dialect: Dialect,
    shape: Callable[[Pairs], Mapping[str, list[str]]] | None = None,
    notices: Callable[[Pairs], Iterable[RecordNotice]] = lambda _: (),
    lines: Iterable[str] | None = None,
) -> Iterator[Record | BrokenRecord]:
    """The file's records, streaming; text before the first record is ignored, a record without any known tag
    is broken.

    Args:
        path: the file.
        dialect: its tags.
        shape: the fields of a record; ``gathered`` where the format needs no more.
        notices: what a record's tags say of retractions, concerns and corrections.
        lines: the file's lines where they were changed before.
    """
    for number, pairs in enumerate(records(lines_of(path) if lines is None else lines, dialect)):
        fields = shape(pairs) if shape else gathered(pairs, dialect)
        if fields.get("title") or fields.get("abstract") or any(map(fields.get, _NAMES)):
            yield to_record(fields, path, dialect.name, number, notices=notices(pairs))
        else:
            yield BrokenRecord(
                path, number, f"Record {number} of {path.name} has neither title nor abstract, author or DOI."
            )


def records(lines: Iterable[str], dialect: Dialect) -> Iterator[Pairs]:
    """The tagged records of the lines.

    A tag that ends a record, or a second tag that begins one, divides. Where other tags stand before the one
    that begins, the blank line above them divides.
    """
    pairs: Pairs = []
    begun, blank = False, 0
    for line in lines:
        match = dialect.line.match(line)
        if not match:
            blank = blank if line.strip() else len(pairs)
            _continue(pairs, line, dialect)
            continue
        tag, value = match.group(1).upper(), match.group(2).strip()
        if tag in dialect.ends or (tag in dialect.begins and begun):
            cut = blank if tag in dialect.begins and blank > _beginning(pairs, dialect) else len(pairs)
            if pairs[:cut]:
                yield pairs[:cut]
            pairs, begun, blank = pairs[cut:], False, 0
        begun = begun or tag in dialect.begins
        if tag not in dialect.ends and tag not in dialect.ignored:
            pairs.append((tag, value))
    if any(value for _, value in pairs):
        yield pairs


def _beginning(pairs: Pairs, dialect: Dialect) -> int:
    """The place of the tag that begins the record."""
    return next((place for place, (tag, _) in enumerate(pairs) if tag in dialect.begins), 0)


def _continue(pairs: Pairs, line: str, dialect: Dialect) -> None:
    text = line.strip()
    if not pairs or not text:
        return
    tag, value = pairs[-1]
    if tag in dialect.repeats:
        pairs.append((tag, text))
    else:
        cjk = dialect.joint == " " and value[-1:] > "\u2e80" and text[:1] > "\u2e80"
        pairs[-1] = (tag, f"{value}{'' if cjk else dialect.joint}{text}" if value else text)


def gathered(pairs: Pairs, dialect: Dialect) -> dict[str, list[str]]:
    """Values by field; tags without a field stay under ``extra:TAG``."""
    fields: dict[str, list[str]] = {}
    for tag, value in pairs:
        if value:
            fields.setdefault(dialect.fields.get(tag) or f"extra:{tag}", []).append(value)
    return fields
