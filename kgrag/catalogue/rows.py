"""Turns values into rows and back. Knows ``types`` and the tables' columns; opens nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from kgrag.language.names import normalise_name, title_key
from kgrag.types import (
    Author,
    Document,
    Extraction,
    HeldSource,
    Passage,
    Record,
    RecordNotice,
    Reference,
    Sentence,
    Source,
)

_RECORD_FIELDS = (
    "title",
    "abstract",
    "year",
    "venue",
    "volume",
    "issue",
    "pages",
    "publisher",
    "language",
    "kind",
    "licence",
)


def record_to_json(record: Record) -> dict[str, Any]:
    """The bibliographic fields; blocks are left out because the document's text holds them."""
    plain: dict[str, Any] = {
        name: getattr(record, name) for name in _RECORD_FIELDS if getattr(record, name) is not None
    }
    plain["source"] = asdict(record.source)
    for name in ("authors", "editors"):
        plain[name] = [
            {k: v for k, v in asdict(author).items() if v is not None} for author in getattr(record, name)
        ]
    plain["notices"] = [
        {"kind": one.kind, "text": one.text, "about": list(one.about)} for one in record.notices
    ]
    plain["references"] = [_reference_to_json(reference) for reference in record.references]
    for name in ("identifiers", "extra"):
        plain[name] = dict(sorted(getattr(record, name).items()))
    for name in ("keywords", "headings"):
        plain[name] = list(getattr(record, name))
    return {name: value for name, value in plain.items() if value not in ([], {})}


def _reference_to_json(reference: Reference) -> dict[str, Any]:
    plain = {
        "text": reference.text,
        "identifiers": dict(reference.identifiers),
        "title": reference.title,
        "year": reference.year,
        "author": reference.author,
    }
    return {name: value for name, value in plain.items() if value}


def record_from_json(plain: dict[str, Any]) -> Record:
    """The inverse of ``record_to_json``."""
    return Record(
        source=Source(**plain["source"]),
        authors=tuple(Author(**author) for author in plain.get("authors", ())),
        editors=tuple(Author(**author) for author in plain.get("editors", ())),
        notices=tuple(
            RecordNotice(one["kind"], one["text"], tuple(one["about"])) for one in plain.get("notices", ())
        ),
        references=tuple(
            Reference(**({"text": ""} | reference)) for reference in plain.get("references", ())
        ),
        identifiers=plain.get("identifiers", {}),
        extra=plain.get("extra", {}),
        keywords=tuple(plain.get("keywords", ())),
        headings=tuple(plain.get("headings", ())),
        **{name: plain[name] for name in _RECORD_FIELDS if name in plain},
    )


def document_row(document: Document) -> dict[str, Any]:
    """Columns of ``documents`` without its key."""
    record = document.record
    return {
        "id": document.id,
        "title": record.title,
        "year": record.year,
        "venue": record.venue,
        "language": document.language,
        "kind": record.kind,
        "licence": record.licence,
        "retracted": document.retracted,
        "notices": [list(notice) for notice in document.notices] or None,
        "record": record_to_json(record),
        "text": document.text,
        "sha256": record.source.sha256,
    }


def document_from_row(row: Row[Any]) -> Document:
    """A document from its full row."""
    notices = tuple((kind, text) for kind, text in row.notices or ())
    return Document(
        id=row.id,
        record=record_from_json(row.record),
        text=row.text,
        language=row.language,
        retracted=row.retracted,
        notices=notices,
    )


def passage_row(passage: Passage, document_key: int) -> dict[str, Any]:
    """Columns of ``passages`` without its key. Sentences are stored as [start, end, page, boxes]."""
    return {
        "document_key": document_key,
        "id": passage.id,
        "ordinal": passage.ordinal,
        "kind": passage.kind,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "section": list(passage.section),
        "sentences": [[s.start, s.end, s.page, [list(box) for box in s.boxes]] for s in passage.sentences],
    }


def parcel_to_json(document: Document, passages: Iterable[Passage]) -> dict[str, Any]:
    """A document with its passages as JSON, so that it can be put again."""
    return {"document": document_row(document), "passages": [passage_row(passage, 0) for passage in passages]}


def parcel_from_json(plain: dict[str, Any]) -> tuple[Document, list[Passage]]:
    """The inverse of ``parcel_to_json``."""
    own = plain["document"]
    document = Document(
        own["id"], record_from_json(own["record"]), own["text"], own["language"], own["retracted"]
    )
    return document, [_passage(row | {"document_id": document.id}) for row in plain["passages"]]


def source_row(source: HeldSource, document_key: int) -> dict[str, Any]:
    """Columns of ``work_sources`` without its key."""
    place = source.document.record.source
    return {
        "document_key": document_key,
        "home": source.home,
        "path": place.path,
        "record_number": place.record_number,
        "sha256": place.sha256,
        "reason": source.reason,
        "parcel": parcel_to_json(source.document, source.passages),
    }


def source_from_row(row: Row[Any]) -> HeldSource:
    """The inverse of ``source_row``."""
    document, passages = parcel_from_json(row.parcel)
    return HeldSource(row.home, row.reason, document, tuple(passages))


def passage_from_row(row: Row[Any]) -> Passage:
    """A passage from a row that also has ``document_id``."""
    return _passage(dict(row._mapping))


def _passage(row: Mapping[str, Any]) -> Passage:
    sentences = tuple(
        Sentence(start, end, page, tuple(tuple(box) for box in boxes))
        for start, end, page, boxes in row["sentences"]
    )
    return Passage(
        id=row["id"],
        document_id=row["document_id"],
        ordinal=row["ordinal"],
        text=row["text"],
        start=row["start"],
        end=row["end"],
        section=tuple(row["section"]),
        sentences=sentences,
        kind=row["kind"],
    )


def form_rows(extraction: Extraction, entity_keys: dict[str, int], document_key: int) -> list[dict[str, Any]]:
    """Rows of ``forms``: an entity's name and aliases as this document writes them."""
    rows = []
    for entity in (*extraction.entities, *extraction.concepts):
        for form, is_name in [
            (entity.name, 1),
            *((alias, 0) for alias in entity.aliases if alias != entity.name),
        ]:
            rows.append(
                {
                    "entity_key": entity_keys[entity.id],
                    "document_key": document_key,
                    "form": form,
                    "form_key": normalise_name(form),
                    "kind": entity.kind,
                    "is_name": is_name,
                    "authorities": dict(entity.authorities),
                }
            )
    return rows


def _cited_keys(reference: Reference) -> list[str]:
    keys = [
        f"{kind}:{value}".lower() for kind, value in reference.identifiers.items() if kind in ("doi", "pmid")
    ]
    return [*keys, *filter(None, [title_key(reference.title, reference.year)])]


def link_rows(document: Document, document_key: int) -> list[dict[str, Any]]:
    """Rows of ``links``: BY persons, IN venue, ABOUT headings and keywords, CITES works by each key that they
    have in ``match_keys``.
    """
    record = document.record
    people = [
        ("BY", "person:" + (a.orcid or normalise_name(a.name)), a.name, "Person")
        for a in record.authors
        if a.name
    ]
    venue = [("IN", "venue:" + normalise_name(record.venue), record.venue, "Venue")] if record.venue else []
    topics = [
        ("ABOUT", "heading:" + normalise_name(h), h, "Heading")
        for h in (*record.headings, *record.keywords)
        if normalise_name(h)
    ]
    cited = [
        ("CITES", target, reference.title or reference.text[:200], "Document")
        for reference in record.references
        for target in _cited_keys(reference)
    ]
    unique = dict.fromkeys((kind, target) for kind, target, _, _ in people + venue + topics + cited)
    names = {
        (kind, target): (name, label)
        for kind, target, name, label in reversed(people + venue + topics + cited)
    }
    return [
        {
            "document_key": document_key,
            "type": kind,
            "target": target,
            "name": names[kind, target][0],
            "label": names[kind, target][1],
        }
        for kind, target in unique
        if target != document.id
    ]


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spare spaces, Unicode kept: equal values give equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
