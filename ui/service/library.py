"""What the library page needs, in its words: documents found and counted, one paper, one node of the graph;
all as plain values.

Knows the library through a ``Service``, whose filters hold back what the person may not see. Does not know
Gradio or HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kgrag.backends import load_backend
from kgrag.holdings import browse
from kgrag.holdings.facets import facets
from kgrag.people.rights import may
from kgrag.system.names import real
from kgrag.types import Document, Filters
from ui.service.service import Service


def choices(service: Service) -> dict[str, list[str]]:
    """What the chat's filters offer: venues, authors, languages and kinds that documents have, most frequent
    first.
    """
    catalogue, limits = service.library.catalogue, service.filters()
    found = facets(catalogue, limits)
    plural = {"venue": "venues", "language": "languages", "kind": "kinds"}
    return {
        "authors": browse.authors(catalogue, limits),
        **{name: [value for value, _ in found.get(facet, ()) if value] for facet, name in plural.items()},
    }


def counts(service: Service) -> dict[str, int]:
    """Number of documents and passages that the person may see."""
    return browse.counts(service.library.catalogue, service.filters())


def brief(document: Document) -> dict[str, Any]:
    """A document as a list shows it."""
    record = document.record
    return {
        "id": document.id,
        "title": document.title,
        "authors": [a.literal or a.family or a.name for a in record.makers],
        "year": document.year,
        "venue": record.venue,
        "kind": record.kind,
        "retracted": document.retracted is not None,
        "notices": [{"kind": kind, "text": text} for kind, text in document.notices],
    }


def document(service: Service, document_id: str) -> Document:
    """A document that the person may see.

    Raises:
        NotFound: none there, or none for them.
    """
    return service.document(document_id)


def doubts(service: Service, document_id: str) -> list[dict[str, Any]]:
    """Documents that may be the same work as this one and are not decided yet, for whoever may decide; none
    for others.
    """
    if not may(service.person, "curate"):
        return []
    pairs = [
        pair
        for pair in load_backend("ingest", "duplicates")(service.library.catalogue).doubtful()
        if document_id in (pair.first, pair.second)
    ]
    others = [(pair, pair.second if pair.first == document_id else pair.first) for pair in pairs]
    return [
        brief(service.library.catalogue.document(other))
        | {
            "first": pair.first,
            "second": pair.second,
            "reason": pair.reason,
        }
        for pair, other in others
        if service.rights.sees(service.person, other)
    ]


def union(service: Service, document_id: str) -> dict[str, Any] | None:
    """What a document was united from, field by field; ``may_split`` for whoever may take it apart. None
    where it has one source.
    """
    told: dict[str, Any] = load_backend("ingest", "union")(service.library.catalogue, document_id)
    if len(told["sources"]) < 2:
        return None
    sources = [source | {"path": source["path"].rpartition("/")[2]} for source in told["sources"]]
    return told | {"sources": sources, "may_split": may(service.person, "curate")}


def split(service: Service, document_id: str, source: int | None) -> str:
    """Take a document apart; returns the id of one that it became.

    Raises:
        Forbidden: the person may not decide.
        NotFound: it is gone, or not for them.
    """
    became = service.desk.split_document(document_id, source)
    return document_id if document_id in became else became[0]


def decide(service: Service, first: str, second: str, *, same: bool) -> str:
    """Keep a person's word on a doubtful pair; returns the id of the document to show: the united one, or the
    first.

    Raises:
        Forbidden: the person may not decide.
        NotFound: one of the two is gone, or not for them.
    """
    if same:
        return service.desk.merge_documents(first, second)
    service.desk.keep_apart(first, second)
    return first


def entity(service: Service, entity_id: str) -> dict[str, Any] | None:
    """An entity with the passages that mention it; see ``render.entity_html``.

    None where the person may see none.
    """
    found = browse.named(service.library.catalogue, entity_id, service.filters())
    if found is None:
        return None
    passages = [
        brief(document) | {"document_id": document.id, "text": passage.text, "spans": list(spans)}
        for passage, document, spans in found.passages
    ]
    return {
        "id": found.id,
        "name": found.name,
        "kind": found.kind,
        "aliases": list(found.aliases),
        "n_passages": found.n_passages,
        "n_documents": found.n_documents,
        "passages": passages,
    }


def node(service: Service, node_id: str, kind: str) -> dict[str, Any] | None:
    """Any node as ``entity`` gives it; a person, venue or heading has papers and no passages."""
    if kind in ("Concept", "Entity"):
        return entity(service, node_id)
    beside = browse.beside(service.library.catalogue, node_id, kind, service.filters())
    papers = [
        {"document_id": b.id, "title": b.name, "text": "", "spans": [], "retracted": False}
        for b in beside
        if b.kind == "Document"
    ]
    name = node_id.partition(":")[2] or node_id
    return (
        {
            "id": node_id,
            "name": name,
            "kind": kind,
            "aliases": [],
            "n_passages": 0,
            "n_documents": len(papers),
            "passages": papers,
        }
        if papers
        else None
    )


def tree(service: Service, document_id: str, opened: Sequence[str]) -> dict[str, Any]:
    """A paper's place in the graph as a tree: what stands beside it, and beside each node that was opened (by
    its place, ``0.3``); see ``ui.html.graph``.
    """
    root = document(service, document_id)
    return _branch(
        service,
        {"place": "0", "edge": None, "id": root.id, "name": root.title, "kind": "Document", "n": 1},
        {"0", *opened},
        {root.id},
    )


def _branch(service: Service, node: dict[str, Any], opened: set[str], path: set[str]) -> dict[str, Any]:
    if node["place"] not in opened:
        return node | {"children": None}
    beside = [
        b
        for b in browse.beside(service.library.catalogue, node["id"], node["kind"], service.filters())
        if b.id not in path
    ]
    children = [
        _branch(
            service,
            {
                "place": f"{node['place']}.{number}",
                "edge": b.edge,
                "id": b.id,
                "name": b.name,
                "kind": b.kind,
                "n": b.n,
            },
            opened,
            {*path, b.id},
        )
        for number, b in enumerate(beside)
    ]
    return node | {"children": children}


def page_image(
    service: Service, document_id: str, page: int, boxes: Sequence[Sequence[float]] = ()
) -> bytes | None:
    """A page of a paper's source as PNG with boxes on it; None where it has no such page."""
    return service.page_png(real(document(service, document_id).record.source.path), page, boxes)


def limited_to(document_id: str) -> Filters:
    """One paper alone."""
    return replace(Filters(), documents=(document_id,))
