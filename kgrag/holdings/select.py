"""Selects works by what their records say: author, journal, years, citations.

Knows the catalogue's tables and how names are written. A name that no record bears selects nothing here;
whether the question then means something else is for the caller to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlalchemy import select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.rows import document_from_row
from kgrag.holdings.citations import cited_by, cited_in
from kgrag.language.names import plain
from kgrag.language.words import has_han
from kgrag.types import Document, Filters, RecordQuery


def selected(catalogue: Catalogue, query: RecordQuery, filters: Filters = Filters()) -> list[Document] | None:
    """The works that a query selects, newest first, ties by id.

    Args:
        catalogue: of the library.
        query: from the question; its subject is left to the search.
        filters: in force beside it.

    Returns:
        None where the query names an author, journal or work that no record of the library bears.
    """
    if query.author and not (names := _authors(catalogue, query.author, filters)):
        return None
    if query.venue and not (venues := _venues(catalogue, query.venue, filters)):
        return None
    limits = replace(
        filters,
        authors=tuple(names) if query.author else filters.authors,
        venues=tuple(venues) if query.venue else filters.venues,
        year_from=query.year_from if query.year_from is not None else filters.year_from,
        year_to=query.year_to if query.year_to is not None else filters.year_to,
    )
    if query.cites:
        return _beside(catalogue, query.cites, limits, cited_by)
    if query.cited_by:
        return _beside(catalogue, query.cited_by, limits, cited_in)
    d = t.documents.c
    rows = catalogue.rows(
        select(t.documents)
        .where(d.key.in_(catalogue.filtered_documents(limits)))
        .order_by(d.year.desc().nulls_last(), d.id)
    )
    return [document_from_row(row) for row in rows]


def works_titled(catalogue: Catalogue, title: str, filters: Filters = Filters()) -> list[Document]:
    """Works whose title is the given one, or else begins with it or holds it word for word; by id."""
    d, name = t.documents.c, plain(title)
    if len(name.replace(" ", "")) < 4:
        return []
    word = max(name.split(), key=len, default="")
    rows = catalogue.rows(
        select(t.documents)
        .where(d.title.icontains(word, autoescape=True), d.key.in_(catalogue.filtered_documents(filters)))
        .order_by(d.id)
    )
    documents = [document_from_row(row) for row in rows]
    same = [item for item in documents if plain(item.record.title or "") == name]
    return same or [item for item in documents if _holds(plain(item.record.title or ""), name)]


def _holds(title: str, name: str) -> bool:
    return f" {name} " in f" {title} " or (has_han(name) and name in title)


def _beside(
    catalogue: Catalogue,
    title: str,
    limits: Filters,
    step: Callable[[Catalogue, str, Filters], list[Document]],
) -> list[Document] | None:
    """The works that cite, or are cited by, the works of a title."""
    meant = works_titled(catalogue, title, Filters(hidden=limits.hidden))
    if not meant:
        return None
    return list({work.id: work for item in meant for work in step(catalogue, item.id, limits)}.values())


def _authors(catalogue: Catalogue, name: str, filters: Filters) -> list[str]:
    """Names in the records that may be this person's: the same last word, first names that agree as far as
    both are written.
    """
    link = t.links.c
    last = name if has_han(name) else _words(name)[-1] if _words(name) else name
    rows = catalogue.rows(
        select(link.name)
        .distinct()
        .where(
            link.type == "BY",
            link.name.icontains(last, autoescape=True),
            link.document_key.in_(catalogue.filtered_documents(Filters(hidden=filters.hidden))),
        )
    )
    return sorted(row.name for row in rows if _same_person(name, row.name))


def _same_person(asked: str, held: str) -> bool:
    if has_han(asked):
        return asked.replace(" ", "") == held.replace(" ", "").replace(",", "")
    mine, theirs = _words(asked), _words(held)
    if not mine or not theirs or mine[-1] != theirs[-1]:
        return False
    first = [word for word in theirs[:-1]]
    return all(any(_agree(word, other) for other in first) for word in mine[:-1]) or len(mine) == 1


def _agree(word: str, other: str) -> bool:
    """Whether two first names may be one: the same, or one the other's initial."""
    return word == other or (min(len(word), len(other)) == 1 and word[0] == other[0])


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", plain(name))


def _venues(catalogue: Catalogue, name: str, filters: Filters) -> list[str]:
    """Journals as the records write them whose name is this one, but for case, signs and *the*."""
    d = t.documents.c
    rows = catalogue.rows(
        select(d.venue)
        .distinct()
        .where(
            d.venue.is_not(None),
            d.key.in_(catalogue.filtered_documents(Filters(hidden=filters.hidden))),
        )
    )
    wanted = _without_article(name)
    return sorted(row.venue for row in rows if _without_article(row.venue) == wanted)


def _without_article(name: str) -> str:
    return plain(name).removeprefix("the ")


def newest_first(documents: Iterable[Document]) -> list[Document]:
    """By year, the newest first, those without one last; ties by id."""
    return sorted(documents, key=lambda item: (-(item.year or -9999), item.id))
