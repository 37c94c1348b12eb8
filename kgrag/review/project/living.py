"""Asks a review's search strategies of the library again: what is new since becomes a dated set.

Knows strategies and the catalogue. A work is told once: what a strategy brought before is not new, and two
that ask at once write one set, whose token is made from what it brings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, TypedDict

from sqlalchemy import select

from kgrag.catalogue import schema as t
from kgrag.catalogue.rows import document_from_row
from kgrag.review.boolean.headings import narrower
from kgrag.review.boolean.match import Searcher, rows_in
from kgrag.review.boolean.parse import parse_pubmed
from kgrag.review.boolean.strategy import record_of
from kgrag.review.project.acts import Reviews, row_of
from kgrag.types import Document, Filters

ORIGIN = "this library"


class Brought(TypedDict):
    """What a strategy brought: its set's name, the works new since it was asked last, and their titles."""

    name: str
    query: str
    new: int
    titles: list[str]


def search_into(
    reviews: Reviews, identifier: str, query: str, filters: Filters, name: str = "This library"
) -> Brought:
    """Ask a strategy in PubMed's grammar of the library; what it never brought into the review is a new set.

    Raises:
        UsageError: the strategy holds no term.
        NotFound, Forbidden: as ``Reviews.add_set``.
    """
    found = _found(reviews, query, filters)
    known = _known(reviews, identifier, query)
    rows = [_row(document) for document in found if document.id not in known]
    if rows:
        ids = " ".join(row["identifiers"]["document"] for row in rows)
        token = hashlib.sha256(f"{query}\n{ids}".encode()).hexdigest()
        reviews.add_set(identifier, name, ORIGIN, rows, query, token)
    return {"name": name, "query": query, "new": len(rows), "titles": [row["title"] or "" for row in rows]}


def refresh(reviews: Reviews, identifier: str, filters: Filters) -> list[Brought]:
    """Ask all strategies of a review again, in the order they were first asked."""
    asked = {one.query: one.name for one in reviews.open(identifier).sets if one.origin == ORIGIN}
    return [search_into(reviews, identifier, query, filters, name) for query, name in asked.items()]


def retracted(reviews: Reviews, identifier: str) -> list[dict[str, str]]:
    """The records of a review whose works the library knows to be retracted, with the notice."""
    d = t.documents.c
    marked = {
        row.id: row.retracted
        for row in reviews.catalogue.rows(select(d.id, d.retracted).where(d.retracted.is_not(None)))
    }
    told = []
    for record in reviews.open(identifier).records.values():
        names = names_of(record.identifiers)
        notice = next((marked[name] for name in names if name in marked), None)
        if notice is not None:
            told.append({"record": record.id, "title": record.title, "notice": notice})
    return told


def names_of(identifiers: Mapping[str, str]) -> list[str]:
    """Ids that a document of the library may have, by the identifiers of a record."""
    own = [identifiers["document"]] if identifiers.get("document") else []
    return [*own, *(f"{kind}:{value.lower()}" for kind, value in identifiers.items())]


def _found(reviews: Reviews, query: str, filters: Filters) -> list[Document]:
    d, catalogue = t.documents, reviews.catalogue
    rows = catalogue.rows(
        select(d).where(d.c.key.in_(catalogue.filtered_documents(filters))).order_by(d.c.key)
    )
    documents = [document_from_row(row) for row in rows]
    searcher = Searcher([record_of(document) for document in documents], narrower(catalogue))
    return [documents[row] for row in rows_in(searcher.find(parse_pubmed(query).query))]


def _known(reviews: Reviews, identifier: str, query: str) -> set[str]:
    """Ids of the documents that earlier sets of this strategy brought."""
    return {
        row["identifiers"]["document"]
        for event in reviews.events(identifier)
        if event.kind == "set" and event.body["origin"] == ORIGIN and event.body.get("query") == query
        for row in event.body["records"]
    }


def _row(document: Document) -> dict[str, Any]:
    row = row_of(document.record)
    row["identifiers"]["document"] = document.id
    return row
