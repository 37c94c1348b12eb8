"""CSL-JSON, and Crossref's JSON, which is nearly the same.

Knows their keys. Source: CSL-JSON schema; Crossref REST API.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import source, year_of
from ingest.readers.exports.fields import split_terms
from ingest.readers.exports.markup import strip_tags
from ingest.readers.exports.standing import standing
from ingest.readers.notice_text import date_of, notice_about, own_notice, update_kind, work_keys
from ingest.readers.services.values import Work, as_list, as_text, rest
from ingest.text import identifiers
from kgrag.language.wordlists import word_list
from kgrag.types import Author, Record, RecordNotice, Reference
from kgrag.types.documents import NoticeKind

_CSL = word_list("csl_known", __file__)


def csl_record(item: Work, path: Path, number: int) -> Record:
    """CSL-JSON, and Crossref's JSON, which is nearly the same."""
    licences = item.get("license") or []
    return Record(
        source=source(path, "csl-json", number),
        title=_join_title(item),
        abstract=strip_tags(as_text(item.get("abstract")) or "") or None,
        authors=_csl_people(item, "author"),
        editors=_csl_people(item, "editor"),
        year=_csl_year(item),
        venue=_venue(item),
        volume=as_text(item.get("volume")),
        issue=as_text(item.get("issue")),
        pages=as_text(item.get("page")) or as_text(item.get("article-number")),
        publisher=as_text(item.get("publisher")),
        identifiers=_csl_identifiers(item),
        language=as_text(item.get("language")),
        kind=as_text(item.get("type")),
        licence=next((str(entry.get("URL")) for entry in licences if isinstance(entry, dict)), None),
        keywords=tuple(
            split_terms(
                [part for value in as_list(item.get("keyword")) for part in re.split(r",\s*", str(value))]
            )
        ),
        headings=tuple(map(str, as_list(item.get("subject")))),
        references=tuple(
            _csl_reference(entry) for entry in item.get("reference") or [] if isinstance(entry, dict)
        ),
        extra=_extra(item),
        notices=_notices(item),
    )


_PARTS = frozenset({"book-chapter", "chapter", "proceedings-article", "paper-conference"})


def _venue(item: Work) -> str | None:
    """The journal, or the book of a chapter: Crossref names the series before the book."""
    titles = [title for title in map(as_text, as_list(item.get("container-title"))) if title]
    return strip_tags(titles[-1 if str(item.get("type")) in _PARTS else 0]) if titles else None


_NAMES = {
    "publisher-place": "place",
    "publisher-location": "place",
    "URL": "url",
    "collection-title": "series",
}


def _extra(item: Work) -> dict[str, str]:
    """Everything else; the place and the address by the names that other formats give them."""
    return {_NAMES.get(key, key): value for key, value in rest(item, _CSL).items()}


def _notices(item: Work) -> tuple[RecordNotice, ...]:
    """What Crossref links say of retractions, concerns and corrections, then what the words say."""
    own = identifiers.doi(as_text(item.get("DOI")))
    told = [
        own_notice(kind, _named(update.get("DOI")), date_of(update.get("updated")))
        for kind, update in _updates(item, "updated-by")
    ]
    for kind, update in _updates(item, "update-to"):
        day = date_of(update.get("updated") or item.get("issued"))
        if notice := notice_about(kind, work_keys(update.get("DOI"), None), _named(own), day):
            told.append(notice)
    kinds = {(notice.kind, bool(notice.about)) for notice in told}
    title, note = _join_title(item) or "", as_text(item.get("note")) or ""
    words = standing({"title": [title], "note": [note], "doi": [own or ""]})
    return (*told, *(one for one in words if (one.kind, bool(one.about)) not in kinds))


def _updates(item: Work, key: str) -> Iterator[tuple[NoticeKind, Work]]:
    for update in as_list(item.get(key)):
        if kind := update_kind(str(update.get("type") or update.get("label") or "")):
            yield kind, update


def _named(doi: str | None) -> str | None:
    found = identifiers.doi(doi)
    return f"doi:{found}" if found else None


def _csl_people(item: Work, role: str) -> tuple[Author, ...]:
    people = (_csl_author(person) for person in as_list(item.get(role)) if isinstance(person, dict))
    return tuple(filter(None, people))


def _csl_identifiers(item: Work) -> dict[str, str]:
    named = [
        (kind.lower(), str(value))
        for kind in ("DOI", "PMID", "PMCID", "ISBN", "ISSN")
        for value in as_list(item.get(kind))
    ]
    address = as_text(item.get("URL")) if "doi.org" in str(item.get("URL")) else None
    return identifiers.normal([*named, ("doi", address)])


def _join_title(item: Work) -> str | None:
    title, subtitle = (
        strip_tags(as_text(item.get("title")) or ""),
        strip_tags(as_text(item.get("subtitle")) or ""),
    )
    return (
        f"{title}: {subtitle}"
        if title and subtitle and subtitle.lower() not in title.lower()
        else title or None
    )


def _csl_author(person: Work) -> Author | None:
    family, given = person.get("family"), person.get("given")
    particle = person.get("non-dropping-particle")
    affiliations = person.get("affiliation")
    where = (
        "; ".join(
            str(entry.get("name")) for entry in affiliations if isinstance(entry, dict) and entry.get("name")
        )
        if isinstance(affiliations, list)
        else None
    )
    orcid = identifiers.orcid(person.get("ORCID"))
    if not family:
        literal = person.get("literal") or person.get("name") or given
        return Author(literal=str(literal), orcid=orcid, affiliation=where or None) if literal else None
    given = " ".join(str(part) for part in (given, person.get("dropping-particle")) if part)
    given = ", ".join(str(part) for part in (given, person.get("suffix")) if part)
    return Author(
        f"{particle} {family}" if particle else str(family), given or None, None, orcid, where or None
    )


def _csl_year(item: Work) -> int | None:
    for key in ("issued", "published", "published-print", "published-online", "created"):
        date = item.get(key)
        if isinstance(date, dict):
            parts = date.get("date-parts")
            found = parts[0][0] if parts and parts[0] else date.get("raw") or date.get("literal")
            if found and (year := year_of(str(found))):
                return year
        elif date and (year := year_of(str(date))):
            return year
    return None


def _csl_reference(entry: Work) -> Reference:
    parts = [
        entry.get(key)
        for key in (
            "author",
            "year",
            "article-title",
            "volume-title",
            "journal-title",
            "volume",
            "first-page",
        )
    ]
    text = entry.get("unstructured") or ". ".join(str(part) for part in parts if part)
    title = entry.get("article-title") or entry.get("volume-title")
    return Reference(
        str(text),
        identifiers.normal([("doi", entry.get("DOI") or identifiers.doi(str(text)))]),
        title,
        year_of(str(entry.get("year") or "")),
        entry.get("author"),
    )
