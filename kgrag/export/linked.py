"""The whole graph as linked data: N-Triples with stable names, entities and headings as SKOS concepts, line by line from the catalogue.

Knows the catalogue's tables. Memory does not grow with the library. Any RDF tool turns N-Triples into what else is wanted.
Source: https://www.w3.org/TR/n-triples/, https://www.w3.org/TR/skos-reference/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any
from urllib.parse import quote

from sqlalchemy import Select, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.catalogue.rows import document_from_row
from kgrag.export.material import VOCABULARY
from kgrag.types import Document

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
TERMS, SKOS, FOAF, XSD = ("http://purl.org/dc/terms/", "http://www.w3.org/2004/02/skos/core#", "http://xmlns.com/foaf/0.1/", "http://www.w3.org/2001/XMLSchema#")
LINKS = {"BY": TERMS + "creator", "IN": TERMS + "isPartOf", "ABOUT": TERMS + "subject", "CITES": TERMS + "references"}
AUTHORITIES = {"mesh": "http://id.nlm.nih.gov/mesh/", "orcid": "https://orcid.org/", "issn": "https://portal.issn.org/resource/ISSN/", "doi": "https://doi.org/"}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def n_triples(catalogue: Catalogue) -> Iterator[str]:
    """The lines, each a triple ended by `` .`` and a line break; documents, then entities, mentions and statements."""
    names = Names(catalogue.library_id)
    scheme = names.thing("scheme", "entities")
    yield _line(scheme, RDF_TYPE, _iri(SKOS + "ConceptScheme"))
    for row in _streamed(catalogue, select(t.documents).order_by(t.documents.c.key)):
        yield from _document(names, document_from_row(row))
    yield from _passages(catalogue, names)
    yield from _links(catalogue, names)
    yield from _entities(catalogue, names, scheme)
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
        return f"urn:kgrag:{self.library_id}:{kind}:{quote(identifier.encode('utf-8', 'replace'), safe='-._~')}"

    def document(self, document_id: str) -> str:
        """The address behind a DOI or PubMed id."""
        kind, _, value = document_id.partition(":")
        if kind == "doi":
            return "https://doi.org/" + quote(value, safe="/:;()-._~")
        if kind == "pmid":
            return f"https://pubmed.ncbi.nlm.nih.gov/{quote(value)}/"
        return self.thing("document", document_id)

    def node(self, kind: str, identifier: str) -> str:
        """The name of a node of any kind."""
        return self.document(identifier) if kind == "Document" else self.thing(kind.lower(), identifier)


def _document(names: Names, document: Document) -> Iterator[str]:
    subject, record = names.document(document.id), document.record
    yield _line(subject, RDF_TYPE, _iri(VOCABULARY + "Document"))
    yield _line(subject, TERMS + "identifier", _text(document.id))
    fields = (("title", document.title), ("abstract", record.abstract), ("language", document.language), ("license", record.licence), ("publisher", record.publisher))
    yield from (_line(subject, TERMS + name, _text(value)) for name, value in fields if value)
    if record.year:
        yield _line(subject, TERMS + "issued", f'"{record.year:04}"^^<{XSD}gYear>')
    if document.retracted:
        yield _line(subject, VOCABULARY + "retraction", _text(document.retracted))
    for _, notice in document.notices:
        yield _line(subject, VOCABULARY + "notice", _text(notice))


def _passages(catalogue: Catalogue, names: Names) -> Iterator[str]:
    query = select(t.passages.c.id, t.passages.c.start, t.passages.c.end, t.passages.c.text, t.documents.c.id.label("document")).join(t.documents)
    for row in _streamed(catalogue, query.order_by(t.passages.c.key)):
        subject = names.thing("passage", row.id)
        yield _line(subject, RDF_TYPE, _iri(VOCABULARY + "Passage"))
        yield _line(subject, TERMS + "isPartOf", _iri(names.document(row.document)))
        yield _line(subject, VOCABULARY + "text", _text(row.text))
        yield from (_line(subject, VOCABULARY + name, _integer(value)) for name, value in (("start", row.start), ("end", row.end)))


def _links(catalogue: Catalogue, names: Names) -> Iterator[str]:
    """Persons, venues and headings with the documents they belong to, and what documents cite."""
    kinds = {"Person": FOAF + "Person", "Venue": TERMS + "BibliographicResource", "Heading": SKOS + "Concept"}
    query = select(t.links, t.documents.c.id.label("document")).join(t.documents).where(~t.links.c.target.startswith("titled:"))
    query = query.order_by(t.links.c.target, t.links.c.key)
    for (target, label), rows in groupby(_streamed(catalogue, query), key=lambda row: (row.target, row.label)):
        node = names.node(label, target)
        for number, row in enumerate(rows):
            if number == 0 and label in kinds:
                yield _line(node, RDF_TYPE, _iri(kinds[label]))
                yield _line(node, {"Heading": SKOS + "prefLabel", "Person": FOAF + "name"}.get(label, TERMS + "title"), _text(row.name))
            yield _line(names.document(row.document), LINKS[row.type], _iri(node))


def _entities(catalogue: Catalogue, names: Names, scheme: str) -> Iterator[str]:
    """One preferred label each: the form that most documents use as the name, ties to the alphabetically first; the others are alternatives."""
    query = select(t.entities.c.id, t.forms.c.form, t.forms.c.is_name, t.forms.c.authorities).select_from(t.entities.join(t.forms)).order_by(t.entities.c.id)
    for entity_id, found in groupby(_streamed(catalogue, query), key=lambda row: str(row.id)):
        rows, subject = list(found), names.thing("entity", entity_id)
        used = [row.form for row in rows if row.is_name] or [row.form for row in rows]
        preferred = min(set(used), key=lambda form: (-used.count(form), form))
        yield _line(subject, RDF_TYPE, _iri(SKOS + "Concept"))
        yield _line(subject, SKOS + "inScheme", _iri(scheme))
        yield _line(subject, SKOS + "prefLabel", _text(preferred))
        yield from (_line(subject, SKOS + "altLabel", _text(form)) for form in sorted({row.form for row in rows} - {preferred}))
        known = {(kind, value) for row in rows for kind, value in (row.authorities or {}).items() if kind in AUTHORITIES}
        yield from (_line(subject, SKOS + "exactMatch", _iri(AUTHORITIES[kind] + quote(str(value), safe="/-._~"))) for kind, value in sorted(known))


def _mentions(catalogue: Catalogue, names: Names) -> Iterator[str]:
    query = select(t.passages.c.id.label("passage"), t.entities.c.id.label("entity")).select_from(t.mentions.join(t.passages).join(t.entities)).distinct()
    for row in _streamed(catalogue, query.order_by(t.passages.c.id, t.entities.c.id)):
        yield _line(names.thing("passage", row.passage), VOCABULARY + "MENTIONS", _iri(names.thing("entity", row.entity)))


def _statements(catalogue: Catalogue, names: Names) -> Iterator[str]:
    subject, object_ = t.entities.alias(), t.entities.alias()
    s = t.statements.c
    query = select(s.id, s.predicate, s.polarity, s.start, s.end, t.passages.c.id.label("passage"), subject.c.id.label("subject"), object_.c.id.label("object")).select_from(
        t.statements.join(t.passages).join(subject, s.subject_key == subject.c.key).join(object_, s.object_key == object_.c.key))
    for row in _streamed(catalogue, query.order_by(s.id)):
        name = names.thing("statement", row.id)
        yield _line(name, RDF_TYPE, _iri(VOCABULARY + "Statement"))
        yield from (_line(name, VOCABULARY + key, _iri(value)) for key, value in (
            ("SUBJECT", names.thing("entity", row.subject)), ("OBJECT", names.thing("entity", row.object)), ("SAID_IN", names.thing("passage", row.passage))))
        yield from (_line(name, VOCABULARY + key, _text(value)) for key, value in (("predicate", row.predicate), ("polarity", row.polarity)))
        yield from (_line(name, VOCABULARY + key, _integer(value)) for key, value in (("start", row.start), ("end", row.end)))


def _streamed(catalogue: Catalogue, query: Select[Any]) -> Iterable[Any]:
    with catalogue.engine.connect() as connection:
        yield from connection.execution_options(yield_per=500).execute(query)


def _line(subject: str, predicate: str, object_: str) -> str:
    return f"<{subject}> <{predicate}> {object_} .\n"


def _iri(name: str) -> str:
    return f"<{name}>"


def _integer(value: int) -> str:
    return f'"{value}"^^<{XSD}integer>'


def _text(value: str) -> str:
    """A literal; control characters as escapes, lone surrogates replaced."""
    kept = value.translate(_ESCAPES).encode("utf-8", "replace").decode()
    return '"' + "".join(char if ord(char) >= 32 and ord(char) != 127 else f"\\u{ord(char):04X}" for char in kept) + '"'
