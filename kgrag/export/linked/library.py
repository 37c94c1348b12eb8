"""Gives the whole graph as linked data, statement by statement from the catalogue: stable names, and
entities, headings and loaded vocabularies as SKOS concepts.

Knows the catalogue's tables. Memory does not grow with the library. How statements are written is
``linked_files``'. Source: https://www.w3.org/TR/skos-reference/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import Select, or_, select, union

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.rows import document_from_row
from kgrag.export.material import VOCABULARY
from kgrag.language.phrase_keys import PREFIX
from kgrag.types import Document

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
TERMS, SKOS, FOAF, XSD = (
    "http://purl.org/dc/terms/",
    "http://www.w3.org/2004/02/skos/core#",
    "http://xmlns.com/foaf/0.1/",
    "http://www.w3.org/2001/XMLSchema#",
)
LINKS = {
    "BY": TERMS + "creator",
    "IN": TERMS + "isPartOf",
    "ABOUT": TERMS + "subject",
    "CITES": TERMS + "references",
}
AUTHORITIES = {
    "mesh": "http://id.nlm.nih.gov/mesh/",
    "orcid": "https://orcid.org/",
    "issn": "https://portal.issn.org/resource/ISSN/",
    "doi": "https://doi.org/",
}


class Value(NamedTuple):
    """The end of a triple: a name (``datatype`` "@id"), or a literal with its datatype (empty for plain text)
    or language.
    """

    text: str
    datatype: str = ""
    language: str = ""


class Triple(NamedTuple):
    """Subject, predicate and object; the first two are IRIs."""

    subject: str
    predicate: str
    value: Value


def triples(catalogue: Catalogue) -> Iterator[Triple]:
    """Every statement; those of one subject mostly stand together.

    Documents, then entities, vocabularies, mentions and statements.
    """
    names = Names(catalogue.library_id)
    scheme = names.thing("scheme", "entities")
    yield _line(scheme, RDF_TYPE, _iri(SKOS + "ConceptScheme"))
    for row in _streamed(catalogue, select(t.documents).order_by(t.documents.c.key)):
        yield from _document(names, document_from_row(row))
    yield from _passages(catalogue, names)
    yield from _links(catalogue, names)
    yield from _entities(catalogue, names, scheme)
    yield from _vocabularies(catalogue, names)
    yield from _mentions(catalogue, names)
    yield from _statements(catalogue, names)


class Names:
    """The names of things: public addresses where there are, else names within the library.

    Args:
        library_id: the library's own id.
    """

    def __init__(self, library_id: str) -> None:
        self.library_id = library_id

    def thing(self, kind: str, identifier: str) -> str:
        """``urn:kgrag:LIBRARY:KIND:ID``."""
        return (
            f"urn:kgrag:{self.library_id}:{kind}:{quote(identifier.encode('utf-8', 'replace'), safe='-._~')}"
        )

    def document(self, document_id: str) -> str:
        """The address behind a DOI or PubMed id."""
        kind, _, value = document_id.partition(":")
        if kind == "doi":
            return "https://doi.org/" + quote(value, safe="/:;()-._~")
        if kind == "pmid":
            return f"https://pubmed.ncbi.nlm.nih.gov/{quote(value)}/"
        return self.thing("document", document_id)

    def concept(self, vocabulary: str, term: str) -> str:
        """A term of a vocabulary: its own address where it has one."""
        if term.startswith(("http://", "https://")):
            return quote(term, safe="/:;()-._~?&=#@%+,!$*")
        return (
            AUTHORITIES[vocabulary] + quote(term, safe="/-._~")
            if vocabulary in AUTHORITIES
            else self.thing("concept", f"{vocabulary}/{term}")
        )

    def node(self, kind: str, identifier: str) -> str:
        """The name of a node of any kind."""
        return self.document(identifier) if kind == "Document" else self.thing(kind.lower(), identifier)


def _document(names: Names, document: Document) -> Iterator[Triple]:
    subject, record = names.document(document.id), document.record
    yield _line(subject, RDF_TYPE, _iri(VOCABULARY + "Document"))
    yield _line(subject, TERMS + "identifier", _text(document.id))
    fields = (
        ("title", document.title),
        ("abstract", record.abstract),
        ("language", document.language),
        ("license", record.licence),
        ("publisher", record.publisher),
    )
    yield from (_line(subject, TERMS + name, _text(value)) for name, value in fields if value)
    if record.year:
        yield _line(subject, TERMS + "issued", Value(f"{record.year:04}", XSD + "gYear"))
    if document.retracted:
        yield _line(subject, VOCABULARY + "retraction", _text(document.retracted))
    for _, notice in document.notices:
        yield _line(subject, VOCABULARY + "notice", _text(notice))


def _passages(catalogue: Catalogue, names: Names) -> Iterator[Triple]:
    query = select(
        t.passages.c.id,
        t.passages.c.start,
        t.passages.c.end,
        t.passages.c.text,
        t.documents.c.id.label("document"),
    ).join(t.documents)
    for row in _streamed(catalogue, query.order_by(t.passages.c.key)):
        subject = names.thing("passage", row.id)
        yield _line(subject, RDF_TYPE, _iri(VOCABULARY + "Passage"))
        yield _line(subject, TERMS + "isPartOf", _iri(names.document(row.document)))
        yield _line(subject, VOCABULARY + "text", _text(row.text))
        yield from (
            _line(subject, VOCABULARY + name, _integer(value))
            for name, value in (("start", row.start), ("end", row.end))
        )


def _links(catalogue: Catalogue, names: Names) -> Iterator[Triple]:
    """Persons, venues and headings with the documents they belong to, and what documents cite."""
    kinds = {"Person": FOAF + "Person", "Venue": TERMS + "BibliographicResource", "Heading": SKOS + "Concept"}
    query = (
        select(t.links, t.documents.c.id.label("document"))
        .join(t.documents)
        .where(~t.links.c.target.startswith("titled:"))
    )
    query = query.order_by(t.links.c.target, t.links.c.key)
    for (target, label), rows in groupby(
        _streamed(catalogue, query), key=lambda row: (row.target, row.label)
    ):
        node = names.node(label, target)
        for number, row in enumerate(rows):
            if number == 0 and label in kinds:
                yield _line(node, RDF_TYPE, _iri(kinds[label]))
                yield _line(
                    node,
                    {"Heading": SKOS + "prefLabel", "Person": FOAF + "name"}.get(label, TERMS + "title"),
                    _text(row.name),
                )
            yield _line(names.document(row.document), LINKS[row.type], _iri(node))


def _stated() -> Any:
    """Keys of the ends of statements: those that a language model names are no concepts."""
    s = t.statements.c
    return union(select(s.subject_key), select(s.object_key))


def _entities(catalogue: Catalogue, names: Names, scheme: str) -> Iterator[Triple]:
    """One preferred label each: the form that most documents use as the name, ties to the alphabetically
    first; the others are alternatives.
    """
    query = (
        select(t.entities.c.id, t.forms.c.form, t.forms.c.is_name, t.forms.c.authorities)
        .select_from(t.entities.join(t.forms))
        .where(or_(t.entities.c.id.like(PREFIX + "%"), t.entities.c.key.in_(_stated())))
        .order_by(t.entities.c.id)
    )
    loaded = {row.name for row in catalogue.rows(select(t.vocabularies.c.name))}
    for entity_id, found in groupby(_streamed(catalogue, query), key=lambda row: str(row.id)):
        rows, subject = list(found), names.thing("entity", entity_id)
        used = [row.form for row in rows if row.is_name] or [row.form for row in rows]
        preferred = min(set(used), key=lambda form: (-used.count(form), form))
        yield _line(subject, RDF_TYPE, _iri(SKOS + "Concept"))
        yield _line(subject, SKOS + "inScheme", _iri(scheme))
        yield _line(subject, SKOS + "prefLabel", _text(preferred))
        yield from (
            _line(subject, SKOS + "altLabel", _text(form))
            for form in sorted({row.form for row in rows} - {preferred})
        )
        known = {
            (kind, str(value))
            for row in rows
            for kind, value in (row.authorities or {}).items()
            if kind in AUTHORITIES or kind in loaded
        }
        yield from (
            _line(subject, SKOS + "exactMatch", _iri(names.concept(kind, value)))
            for kind, value in sorted(known)
        )


def _vocabularies(catalogue: Catalogue, names: Names) -> Iterator[Triple]:
    """Each loaded vocabulary as a scheme, its terms as concepts with labels, and which is broader than
    which.
    """
    f, b = t.vocabulary_forms.c, t.vocabulary_broader.c
    for vocabulary in catalogue.rows(select(t.vocabularies.c.name).order_by(t.vocabularies.c.name)):
        scheme = names.thing("scheme", vocabulary.name)
        yield _line(scheme, RDF_TYPE, _iri(SKOS + "ConceptScheme"))
        query = (
            select(f.term, f.form, f.language, f.is_name)
            .where(f.vocabulary == vocabulary.name)
            .order_by(f.term, f.is_name.desc(), f.key)
        )
        for term, found in groupby(_streamed(catalogue, query), key=lambda row: str(row.term)):
            concept = names.concept(vocabulary.name, term)
            yield _line(concept, RDF_TYPE, _iri(SKOS + "Concept"))
            yield _line(concept, SKOS + "inScheme", _iri(scheme))
            yield from (
                _line(concept, SKOS + ("altLabel" if number else "prefLabel"), _text(row.form, row.language))
                for number, row in enumerate(found)
            )
        for row in _streamed(
            catalogue,
            select(b.term, b.broader).where(b.vocabulary == vocabulary.name).order_by(b.term, b.broader),
        ):
            ends = names.concept(vocabulary.name, row.term), names.concept(vocabulary.name, row.broader)
            yield _line(ends[0], SKOS + "broader", _iri(ends[1]))
            yield _line(ends[1], SKOS + "narrower", _iri(ends[0]))


def _mentions(catalogue: Catalogue, names: Names) -> Iterator[Triple]:
    query = (
        select(t.passages.c.id.label("passage"), t.entities.c.id.label("entity"))
        .select_from(t.concept_mentions.join(t.passages).join(t.entities))
        .distinct()
    )
    for row in _streamed(catalogue, query.order_by(t.passages.c.id, t.entities.c.id)):
        yield _line(
            names.thing("passage", row.passage),
            VOCABULARY + "MENTIONS",
            _iri(names.thing("entity", row.entity)),
        )


def _statements(catalogue: Catalogue, names: Names) -> Iterator[Triple]:
    subject, object_ = t.entities.alias(), t.entities.alias()
    s = t.statements.c
    query = select(
        s.id,
        s.predicate,
        s.polarity,
        s.start,
        s.end,
        t.passages.c.id.label("passage"),
        subject.c.id.label("subject"),
        object_.c.id.label("object"),
    ).select_from(
        t.statements.join(t.passages)
        .join(subject, s.subject_key == subject.c.key)
        .join(object_, s.object_key == object_.c.key)
    )
    for row in _streamed(catalogue, query.order_by(s.id)):
        name = names.thing("statement", row.id)
        yield _line(name, RDF_TYPE, _iri(VOCABULARY + "Statement"))
        yield from (
            _line(name, VOCABULARY + key, _iri(value))
            for key, value in (
                ("SUBJECT", names.thing("entity", row.subject)),
                ("OBJECT", names.thing("entity", row.object)),
                ("SAID_IN", names.thing("passage", row.passage)),
            )
        )
        yield from (
            _line(name, VOCABULARY + key, _text(value))
            for key, value in (("predicate", row.predicate), ("polarity", row.polarity))
        )
        yield from (
            _line(name, VOCABULARY + key, _integer(value))
            for key, value in (("start", row.start), ("end", row.end))
        )


def _streamed(catalogue: Catalogue, query: Select[Any]) -> Iterable[Any]:
    with catalogue.engine.connect() as connection:
        yield from connection.execution_options(yield_per=500).execute(query)


def _line(subject: str, predicate: str, value: Value) -> Triple:
    return Triple(subject, predicate, value)


def _iri(name: str) -> Value:
    return Value(name, "@id")


def _integer(value: int) -> Value:
    return Value(str(value), XSD + "integer")


def _text(value: str, language: str | None = None) -> Value:
    return Value(value, "", language or "")
