"""What the search page shows: documents that fit words and limits, in an order, with the facets of what was
found; those that are about it before those that probably are not.

Knows the library through a ``Service``, whose filters hold back what the person may not see. Does not know
Gradio or HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kgrag.catalogue.parcels.members import members_query
from kgrag.desk.asking import MOST_QUESTION
from kgrag.holdings import browse
from kgrag.holdings.facets import facets, filters_of, kind_of, licence_name, merged
from kgrag.holdings.full_text import whole_among
from kgrag.language.words import content_words, words
from kgrag.search.about import about
from kgrag.search.understand import understand
from kgrag.types import Document, Filters, Hit, Passage
from ui.service.library import brief
from ui.service.service import Service

N_HITS, N_QUOTES, PAGE = 200, 2, 20
SHORT = 420
"""Characters of a passage that a list of results shows."""
NOTHING = (-1,)
"""A collection that holds nothing."""


def find(
    service: Service,
    text: str,
    chosen: Mapping[str, Sequence[str]],
    offset: int = 0,
    sort: str = "best",
) -> dict[str, Any]:
    """Documents that fit a text (or all) and the facets chosen, a page of them, with the facets of what was
    found; see ``ui.html.library.results_html``.
    """
    wanted = _wanted(service, chosen)
    if not text.strip():
        seen = service.records.filters(wanted)
        total, documents = browse.listed(service.library.catalogue, seen, offset, PAGE, sort)
        found = _found(service, documents, {}, total, offset, False)
        return found | {"facets": _facets(service, seen, None), "n_about": total, "sort": sort}
    service.desk.within(text, MOST_QUESTION, "question")
    return _sought(service, text, wanted, offset, sort)


def _wanted(service: Service, chosen: Mapping[str, Sequence[str]]) -> Filters:
    wanted = filters_of(chosen)
    names = chosen.get("collection", ())
    if not names:
        return wanted
    keys = tuple(one.key for one in service.collections() if one.name in names)
    return replace(wanted, collections=keys or NOTHING)


def _sought(service: Service, text: str, wanted: Filters, offset: int, sort: str) -> dict[str, Any]:
    filters = service.filters(wanted)
    understood = understand(text, service.library, filters.hidden)
    hits: dict[str, list[Hit]] = {}
    for hit in service.asker.retriever.search(understood, top_k=N_HITS, filters=filters):
        hits.setdefault(hit.document.id, []).append(hit)
    near = [one for one, found in hits.items() if about(understood.text, found)]
    far = [one for one in hits if one not in set(near)]
    ids = [*_sorted(near, hits, sort), *far]
    asked = set(content_words(text))
    quotes = {
        name: [_quote(hit.passage, asked) for hit in hits[name][:N_QUOTES]]
        for name in ids[offset : offset + PAGE]
    }
    documents = [hits[name][0].document for name in quotes]
    found = _found(service, documents, quotes, len(ids), offset, True)
    records = [] if offset else service.records.matching(text, wanted)
    return found | {
        "facets": _facets(service, filters, near or ids),
        "n_about": len(near),
        "sort": sort,
        "records": [brief(d) | {"access": "record", "link": service.records.link(d)} for d in records],
    }


def _sorted(ids: Sequence[str], hits: Mapping[str, Sequence[Hit]], sort: str) -> list[str]:
    """Ids in the order asked for; what has no such field stands last."""

    def key(one: str) -> tuple[bool, Any]:
        document = hits[one][0].document
        makers = document.record.makers
        if sort == "title":
            return not document.title, (document.title or "").casefold()
        if sort == "author":
            return not makers, (makers[0].family or makers[0].name or "").casefold() if makers else ""
        return document.year is None, (document.year or 0) * (1 if sort == "oldest" else -1)

    return list(ids) if sort == "best" else sorted(ids, key=key)


def _facets(
    service: Service, filters: Filters, among: Sequence[str] | None
) -> dict[str, list[tuple[str, int]]]:
    """Facets with the spellings of one journal, the texts of one licence and the names of one kind taken
    together; and the collections that are open to the person.
    """
    found = facets(service.library.catalogue, filters, among)
    alike = {"venue": str.casefold, "licence": _licence, "kind": kind_of}
    told = {name: merged(values, alike[name]) if name in alike else values for name, values in found.items()}
    return told | {"collection": _collections(service, filters, among)}


def _licence(value: str) -> str:
    """A licence without its version."""
    name = licence_name(value)
    return " ".join(name.split()[:2]) if name.startswith("CC ") else name


def _collections(service: Service, filters: Filters, among: Sequence[str] | None) -> list[tuple[str, int]]:
    catalogue = service.library.catalogue
    free = replace(filters, collections=())
    counted = []
    for one in service.collections():
        rows = catalogue.rows(members_query([one.key]))
        held = {row.document_id for row in rows}
        passed = held & set(among) if among is not None else held & set(catalogue.filtered_ids(free))
        if passed:
            counted.append((one.name, len(passed)))
    return counted


def _found(
    service: Service,
    documents: Sequence[Document],
    quotes: Mapping[str, list[dict[str, Any]]],
    total: int,
    offset: int,
    ranked: bool,
) -> dict[str, Any]:
    records = service.records
    whole = whole_among(service.library.catalogue, [d.id for d in documents])
    return {
        "total": total,
        "offset": offset,
        "limit": PAGE,
        "ranked": ranked,
        "records": [],
        "documents": [
            brief(d)
            | {
                "passages": quotes.get(d.id, []),
                "link": records.link(d),
                "whole": whole.get(d.id, False),
                "access": "text" if d.id in quotes or records.readable(d.id) else "record",
            }
            for d in documents
        ],
    }


def _quote(passage: Passage, asked: set[str]) -> dict[str, Any]:
    """The part of a passage around its first asked word, with the asked words' spans."""
    first = next(
        (s.start for s in passage.sentences if asked & set(content_words(passage.text[s.start : s.end]))), 0
    )
    text = passage.text[first : first + SHORT]
    cut = ("… " if first else "") + text + ("…" if first + SHORT < len(passage.text) else "")
    return {
        "text": cut,
        "spans": _spans(cut, asked),
        "section": " / ".join(passage.section),
        "page": passage.page,
    }


def _spans(text: str, asked: set[str]) -> list[tuple[int, int]]:
    spans, at = [], 0
    for token in words(text):
        start = text.lower().find(token.lower(), at)
        if start < 0:
            continue
        at = start + len(token)
        if asked & set(content_words(token)):
            spans.append((start, at))
    return spans
