"""Tagged lines: records as lists of (tag, value), whatever the format; and the record made of them.

Knows tags with continuation lines. Does not know which formats exist: each gives its pattern and its table of
tags.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ingest.readers.base import BrokenRecord, author_of, lines_of, source, year_of
from ingest.text import identifiers
from ingest.text.clean import clean
from ingest.text.language import code_of
from kgrag.types import Author, Record

Pairs = list[tuple[str, str]]


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
    path: Path, dialect: Dialect, shape: Callable[[Pairs], Mapping[str, list[str]]] | None = None
) -> Iterator[Record | BrokenRecord]:
    """The file's records, streaming; text before the first record is ignored, a record without any known tag
    is broken.
    """
    for number, pairs in enumerate(records(lines_of(path), dialect)):
        fields = shape(pairs) if shape else gathered(pairs, dialect)
        if fields.get("title") or fields.get("abstract") or fields.get("author") or fields.get("doi"):
            yield to_record(fields, path, dialect.name, number)
        else:
            yield BrokenRecord(
                path, number, f"Record {number} of {path.name} has neither title nor abstract, author or DOI."
            )


def records(lines: Iterable[str], dialect: Dialect) -> Iterator[Pairs]:
    """The tagged records of the lines."""
    pairs: Pairs = []
    for line in lines:
        found = dialect.line.match(line)
        if not found:
            _continue(pairs, line, dialect)
            continue
        tag, value = found.group(1).upper(), found.group(2).strip()
        if tag in dialect.ends or (tag in dialect.begins and pairs):
            if pairs:
                yield pairs
            pairs = []
        if tag not in dialect.ends and tag not in dialect.ignored:
            pairs.append((tag, value))
    if any(value for _, value in pairs):
        yield pairs


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


def one(fields: Mapping[str, list[str]], *names: str) -> str | None:
    """The first value of the first of the fields that is present."""
    return next(
        (clean(fields[name][0]) for name in names if fields.get(name) and clean(fields[name][0])), None
    )


def to_record(fields: Mapping[str, list[str]], path: Path, reader: str, number: int) -> Record:
    """A record from values by field name: the same names for every format of flat fields.

    Names: title, abstract, author (written names), author_full, year, venue, venue_short, volume, issue,
    pages, page_first, page_last, publisher, doi, pmid, pmcid, issn, isbn, sn (ISSN or ISBN), language, kind,
    licence, keyword, heading, url, and any other, kept in extra.
    """
    return Record(
        source=source(path, reader, number),
        title=one(fields, "title"),
        abstract=_paragraphs(fields.get("abstract", [])),
        authors=tuple(authors_of(fields)),
        year=next(filter(None, map(year_of, fields.get("year", []))), None),
        venue=_venue(fields),
        volume=_number(one(fields, "volume")),
        issue=_number(one(fields, "issue")),
        pages=pages_of(fields),
        publisher=one(fields, "publisher"),
        identifiers=identifiers_of(fields),
        language=code_of(one(fields, "language")),
        kind=one(fields, "kind"),
        licence=one(fields, "licence"),
        keywords=tuple(split_terms(fields.get("keyword", []))),
        headings=tuple(split_terms(fields.get("heading", []))),
        extra=_extra(fields),
    )


_USED = {
    "title",
    "abstract",
    "author",
    "author_full",
    "year",
    "venue",
    "venue_short",
    "volume",
    "issue",
    "pages",
    "page_first",
    "page_last",
    "publisher",
    "doi",
    "pmid",
    "pmcid",
    "sn",
    "issn",
    "isbn",
    "language",
    "kind",
    "licence",
    "keyword",
    "heading",
    "wos",
    "arxiv",
    "openalex",
    "oai",
    "cnki",
    "local",
}


def _venue(fields: Mapping[str, list[str]]) -> str | None:
    """The serial's title; a Chinese one has brackets of full width, as its catalogue entry has."""
    venue = one(fields, "venue", "venue_short")
    return (
        venue.replace("(", "（").replace(")", "）")
        if venue and re.search(r"[\u3400-\u9fff]", venue)
        else venue
    )


def _number(text: str | None) -> str | None:
    """A volume or issue without leading zeros."""
    return (text.lstrip("0") or text) if text else None


def _extra(fields: Mapping[str, list[str]]) -> dict[str, str]:
    kept = {
        name.removeprefix("extra:"): "; ".join(values) for name, values in fields.items() if name not in _USED
    }
    short = one(fields, "venue_short")
    return {**kept, "venue_short": short} if short and short != one(fields, "venue", "venue_short") else kept


def _paragraphs(values: list[str]) -> str | None:
    return (
        "\n".join(
            dict.fromkeys(
                filter(None, map(clean, chain.from_iterable(value.split("\n") for value in values)))
            )
        )
        or None
    )


def authors_of(fields: Mapping[str, list[str]]) -> Iterator[Author]:
    """The authors in order; full names stand for abbreviated ones."""
    names = fields.get("author_full") or fields.get("author") or []
    for name in chain.from_iterable(map(split_names, names)):
        if author := author_of(name):
            yield author


def split_names(value: str) -> list[str]:
    """The single names of a value that may hold several, divided by semicolons (or by commas between Chinese
    names).
    """
    if re.search(r"[\u3400-\u9fff]", value):
        return [name for name in re.split(r"[;；，,、]\s*", value) if name.strip()]
    return [name for name in value.split(";") if name.strip()]


def split_terms(values: list[str]) -> list[str]:
    """The single terms of keyword values, each divided by semicolons where it has any."""
    parts = chain.from_iterable(
        re.split(r"[;；]{1,2}\s*", value) if re.search("[;；]", value) else [value] for value in values
    )
    return list(dict.fromkeys(filter(None, map(clean, parts))))


def pages_of(fields: Mapping[str, list[str]]) -> str | None:
    """``first-last``, from one value or from two."""
    found = _pages(fields)
    if not found or re.search(r"specified|^n/?a$", found, re.I):
        return None
    short = re.fullmatch(r"(\d+)-(\d+)", found)
    if short and len(short.group(2)) < len(short.group(1)):
        first, last = short.groups()
        return f"{first}-{first[: len(first) - len(last)]}{last}"
    return found


def _pages(fields: Mapping[str, list[str]]) -> str | None:
    whole = one(fields, "pages")
    if whole:
        return re.sub(r"\s*[-‐‑–—－]+\s*", "-", re.sub(r"\s*[+]\s*", ", ", whole)).removeprefix("pp. ")
    first, last = one(fields, "page_first"), one(fields, "page_last")
    if first and last and last != first and not re.search(r"[-–—]", first):
        return f"{first}-{last}"
    return re.sub(r"\s*[-‐‑–—－]+\s*", "-", first) if first else last


def identifiers_of(fields: Mapping[str, list[str]]) -> dict[str, str]:
    """Normalised identifiers from the fields that may hold them, addresses included."""
    pairs: list[tuple[str, str | None]] = [
        (kind, value) for kind in ("doi", "pmid", "pmcid", "issn", "isbn") for value in fields.get(kind, [])
    ]
    for value in fields.get("sn", []):
        pairs += [("isbn", value), ("issn", value)]
    for name in ("url", "note"):
        pairs += [
            ("doi", value)
            for value in fields.get(name, [])
            if re.search(r"doi\.org/|cnki\.net/doi/|doi:\s*10\.", value, re.I)
        ]
        pairs += [
            ("pmcid", found.group(1))
            for value in fields.get(name, [])
            if (found := re.search(r"\b(PMC\d{4,9})\b", value))
        ]
        pairs += [
            ("cnki", found.group(1))
            for value in fields.get(name, [])
            if (found := re.search(r"cnki\.net/(?:urlid|kcms/detail)/([\w.\-]+\d)", value))
        ]
    pairs += [
        (name, value)
        for name in ("wos", "arxiv", "openalex", "oai", "cnki", "local")
        for value in fields.get(name, [])
    ]
    return identifiers.normal(pairs)
