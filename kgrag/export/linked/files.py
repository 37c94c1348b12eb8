"""Streams linked data into files: N-Triples line by line, JSON-LD node by node.

Knows the two syntaxes. Any RDF tool turns either into what else is wanted. Source:
https://www.w3.org/TR/n-triples/, https://www.w3.org/TR/json-ld11/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from kgrag.catalogue import Catalogue
from kgrag.errors import UsageError
from kgrag.export.linked.library import FOAF, RDF_TYPE, SKOS, TERMS, XSD, Triple, Value, triples
from kgrag.export.material import VOCABULARY

CONTEXT = {"dcterms": TERMS, "skos": SKOS, "foaf": FOAF, "xsd": XSD, "kgrag": VOCABULARY}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def linked_data(catalogue: Catalogue, format: str = "ntriples") -> Iterator[str]:
    """The whole graph in pieces of text.

    Args:
        catalogue: of the library.
        format: ``ntriples`` or ``jsonld``.

    Raises:
        UsageError: no such format.
    """
    if format not in FORMATS:
        raise UsageError(f"No format '{format}' for the dump (found: {', '.join(FORMATS)}).")
    return FORMATS[format](triples(catalogue))


def n_triples(found: Iterable[Triple]) -> Iterator[str]:
    """A line a triple, ended by `` .`` and a line break."""
    return (f"<{triple.subject}> <{triple.predicate}> {_term(triple.value)} .\n" for triple in found)


def json_ld(found: Iterable[Triple]) -> Iterator[str]:
    """One document with its context inside, a line a node; a subject that comes again has a node again, which
    JSON-LD reads as one.
    """
    yield '{"@context": ' + json.dumps(CONTEXT) + ', "@graph": ['
    for number, (subject, group) in enumerate(groupby(found, key=lambda triple: triple.subject)):
        yield (",\n" if number else "\n") + json.dumps(_node(subject, group), ensure_ascii=False).encode(
            "utf-8", "replace"
        ).decode()
    yield "\n]}\n"


def _node(subject: str, group: Iterable[Triple]) -> dict[str, Any]:
    values: dict[str, list[Any]] = {}
    for triple in group:
        name, value = (
            ("@type", _short(triple.value.text))
            if triple.predicate == RDF_TYPE
            else (_short(triple.predicate), _json(triple.value))
        )
        if value not in (held := values.setdefault(name, [])):
            held.append(value)
    return {"@id": subject, **{name: held[0] if len(held) == 1 else held for name, held in values.items()}}


def _short(iri: str) -> str:
    return next(
        (f"{prefix}:{iri.removeprefix(start)}" for prefix, start in CONTEXT.items() if iri.startswith(start)),
        iri,
    )


def _json(value: Value) -> Any:
    if value.datatype == "@id":
        return {"@id": value.text}
    if value.datatype:
        return {"@value": value.text, "@type": _short(value.datatype)}
    return {"@value": value.text, "@language": value.language} if value.language else value.text


def _term(value: Value) -> str:
    if value.datatype == "@id":
        return f"<{value.text}>"
    return _literal(value.text) + (
        f"^^<{value.datatype}>" if value.datatype else f"@{value.language}" if value.language else ""
    )


def _literal(text: str) -> str:
    """Control characters as escapes, lone surrogates replaced."""
    kept = text.translate(_ESCAPES).encode("utf-8", "replace").decode()
    return (
        '"'
        + "".join(char if ord(char) >= 32 and ord(char) != 127 else f"\\u{ord(char):04X}" for char in kept)
        + '"'
    )


FORMATS: dict[str, Callable[[Iterable[Triple]], Iterator[str]]] = {"ntriples": n_triples, "jsonld": json_ld}
