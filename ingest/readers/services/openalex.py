"""Works as OpenAlex writes them.

Knows its keys. Source: OpenAlex API documentation.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest.readers.base import author_of, source
from ingest.readers.exports.markup import strip_tags
from ingest.readers.exports.standing import standing
from ingest.readers.services.values import Work, as_text
from ingest.text import identifiers
from kgrag.types import Author, Record, RecordNotice, Reference


def openalex_record(item: Work, path: Path, number: int) -> Record:
    where = (item.get("primary_location") or {}).get("source") or item.get("host_venue") or {}
    biblio = item.get("biblio") or {}
    first, last = biblio.get("first_page"), biblio.get("last_page")
    return Record(
        source=source(path, "openalex", number),
        title=strip_tags(as_text(item.get("title") or item.get("display_name")) or "") or None,
        abstract=_uninverted(item.get("abstract_inverted_index")) or as_text(item.get("abstract")),
        authors=tuple(filter(None, map(_openalex_author, item.get("authorships") or []))),
        year=item.get("publication_year"),
        venue=where.get("display_name"),
        volume=as_text(biblio.get("volume")),
        issue=as_text(biblio.get("issue")),
        pages=f"{first}-{last}" if first and last and first != last else as_text(first),
        publisher=where.get("host_organization_name") or where.get("publisher"),
        identifiers=_openalex_identifiers(item, where),
        language=item.get("language"),
        kind=item.get("type"),
        licence=(item.get("primary_location") or {}).get("license"),
        keywords=tuple(
            str((one.get("display_name") or one.get("keyword")) if isinstance(one, dict) else one)
            for one in item.get("keywords") or []
        ),
        headings=tuple(
            str(one.get("descriptor_name")) for one in item.get("mesh") or [] if isinstance(one, dict)
        ),
        references=tuple(
            Reference(str(one), {"openalex": str(one).rpartition("/")[2]})
            for one in item.get("referenced_works") or []
        ),
        notices=_notices(item),
    )


def _notices(item: Work) -> tuple[RecordNotice, ...]:
    """Whether OpenAlex marks the work as retracted, and what its title says."""
    told = {"is_retracted": ["yes"] if item.get("is_retracted") is True else []}
    title = as_text(item.get("title") or item.get("display_name")) or ""
    return standing({**told, "title": [title], "doi": [as_text(item.get("doi")) or ""]})


def _openalex_author(entry: Work) -> Author | None:
    person = entry.get("author") or {}
    places = [one.get("display_name") for one in entry.get("institutions") or []]
    return author_of(
        person.get("display_name") or entry.get("raw_author_name") or "",
        identifiers.orcid(person.get("orcid")),
        "; ".join(str(place) for place in places if place) or None,
    )


def _openalex_identifiers(item: Work, where: Work) -> dict[str, str]:
    ids = item.get("ids") or {}
    named = [
        ("doi", item.get("doi") or ids.get("doi")),
        ("pmid", ids.get("pmid")),
        ("pmcid", ids.get("pmcid")),
        ("openalex", str(item.get("id", "")).rpartition("/")[2] or None),
    ]
    return identifiers.normal(named + [("issn", value) for value in where.get("issn") or []])


def _uninverted(index: Any) -> str | None:
    if not isinstance(index, dict) or not index:
        return None
    words = sorted((int(place), str(word)) for word, places in index.items() for place in places)
    return " ".join(word for _, word in words)
