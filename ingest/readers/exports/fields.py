"""A record from values by field name: the same names for every format of flat fields.

Knows names of people, pages, identifiers and what stands in addresses and notes. Does not know formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from ingest.readers.base import author_of, source, year_of
from ingest.readers.exports.markup import strip_tags
from ingest.readers.exports.standing import standing
from ingest.text import identifiers
from ingest.text.clean import clean
from ingest.text.language import code_of
from kgrag.language.names import plain
from kgrag.language.wordlists import word_list
from kgrag.types import Author, Record, RecordNotice

Fields = Mapping[str, list[str]]
_USED = word_list("fields_used", __file__)


def one(fields: Fields, *names: str) -> str | None:
    """The first value of the first of the fields that is present."""
    return next(
        (clean(fields[name][0]) for name in names if fields.get(name) and clean(fields[name][0])), None
    )


def to_record(
    fields: Fields,
    path: Path,
    reader: str,
    number: int,
    *,
    authors: Iterable[Author] | None = None,
    editors: Iterable[Author] | None = None,
    notices: Iterable[RecordNotice] = (),
) -> Record:
    """A record from values by field name.

    Names: title, abstract, author, author_full and author_group (written names), editor, year, venue,
    venue_short, volume, issue, pages, page_first, page_last, article_number, publisher, doi, pmid, pmcid,
    issn, isbn, sn (ISSN or ISBN), language, kind, licence, keyword, heading, url, and any other, kept in
    extra (``place``, ``series``, ``edition`` …).

    Args:
        fields: the values.
        path: the file.
        reader: the reader's name.
        number: of the record in the file, from 0.
        authors: instead of the written names, where the format tells their parts.
        editors: the same for editors.
        notices: what the format's own fields say of retractions, concerns and corrections.
    """
    people = _people(fields)
    return Record(
        source=source(path, reader, number),
        title=strip_tags(one(fields, "title") or "") or None,
        abstract=_paragraphs(
            [strip_tags(value) for value in fields.get("abstract", []) if value.strip() != "NA"]
        ),
        authors=tuple(people[0] if authors is None else authors),
        editors=tuple(people[1] if editors is None else editors),
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
        notices=_notices(notices, fields),
    )


def _notices(own: Iterable[RecordNotice], fields: Fields) -> tuple[RecordNotice, ...]:
    """What the format's fields say, then what the words say that they do not."""
    known = tuple(own)
    told = {(one.kind, bool(one.about)) for one in known}
    return known + tuple(one for one in standing(fields) if (one.kind, bool(one.about)) not in told)


def _people(fields: Fields) -> tuple[list[Author], list[Author]]:
    """Authors and editors; a name that is marked as an editor's is one, and the makers of an edited book are
    its editors.
    """
    editors = list(_named(fields.get("editor_full") or fields.get("editor") or []))
    authors: list[Author] = []
    for name in _author_names(fields):
        bare = _EDITOR_MARK.sub("", name)
        if author := author_of(bare):
            (editors if bare != name else authors).append(author)
    groups = chain(fields.get("author_group", []), fields.get("author_book_group", []))
    authors += [Author(literal=clean(name)) for value in groups for name in split_names(value) if clean(name)]
    if authors and not editors and one(fields, "edited"):
        authors, editors = [], authors
    return authors, editors


_EDITOR_MARK = re.compile(
    r"[\s,]*[\[(（]\s*(?:eds?|editors?|hg|hrsg|herausgeber|主编|编)\.?\s*[\])）]\s*$", re.I
)


def _author_names(fields: Fields) -> list[str]:
    """Written names of authors, each in its fullest form."""
    for full, short in (("author_full", "author"), ("author_book_full", "author_book")):
        long_names = list(chain.from_iterable(map(split_names, fields.get(full, []))))
        short_names = list(chain.from_iterable(map(split_names, fields.get(short, []))))
        if long_names or short_names:
            return fuller(short_names, long_names)
    return []


def fuller(short: list[str], full: list[str]) -> list[str]:
    """The full names; where some authors have only a short one, those in their places among them."""
    if len(full) >= len(short):
        return full
    left = {_family(name): name for name in full}
    named = [left.pop(_family(name), name) for name in short]
    return named + list(left.values())


def _family(name: str) -> str:
    author = author_of(name)
    return plain((author.family or author.literal or "") if author else "")


def _named(values: Iterable[str]) -> Iterator[Author]:
    for name in chain.from_iterable(map(split_names, values)):
        if author := author_of(_EDITOR_MARK.sub("", name)):
            yield author


def _venue(fields: Fields) -> str | None:
    """The serial's or the book's title; a Chinese one has brackets of full width, as its catalogue entry
    has.
    """
    names = (
        ("venue_book", "venue")
        if one(fields, "kind") in ("chapter", "paper-conference")
        else ("venue", "venue_book")
    )
    venue = one(fields, *names, "venue_short")
    return (
        venue.replace("(", "（").replace(")", "）")
        if venue and re.search(r"[\u3400-\u9fff]", venue)
        else venue
    )


def _number(text: str | None) -> str | None:
    """A volume or issue without leading zeros."""
    return (text.lstrip("0") or text) if text else None


def _extra(fields: Fields) -> dict[str, str]:
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


def pages_of(fields: Fields) -> str | None:
    """``first-last``, from one value or from two."""
    found = _pages(fields)
    if not found or re.search(r"specified|^n/?a$", found, re.I):
        return None
    short = re.fullmatch(r"(\d+)-(\d+)", found)
    if short and len(short.group(2)) < len(short.group(1)):
        first, last = short.groups()
        return f"{first}-{first[: len(first) - len(last)]}{last}"
    return found


def _pages(fields: Fields) -> str | None:
    whole = one(fields, "pages")
    if whole and whole != "-":
        return re.sub(r"\s*[-‐‑–—－]+\s*", "-", re.sub(r"\s*[+]\s*", ", ", whole)).removeprefix("pp. ")
    first, last = one(fields, "page_first"), one(fields, "page_last")
    if first and last and last != first and not re.search(r"[-–—]", first):
        return f"{first}-{last}"
    return re.sub(r"\s*[-‐‑–—－]+\s*", "-", first) if first else last or one(fields, "article_number")


def identifiers_of(fields: Fields) -> dict[str, str]:
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
    pairs += [("arxiv", value) for value in fields.get("url", []) if "arxiv.org/" in value]
    pairs += [
        (name, value)
        for name in ("wos", "arxiv", "openalex", "oai", "cnki", "local")
        for value in fields.get(name, [])
    ]
    return identifiers.normal(pairs)
