"""Reads vocabularies (SKOS, OBO, CSV and TSV, MeSH's XML) as terms with their forms by language.

Of a table the columns are told by their names: an id (``id``, ``mesh_id``, ``code``, ``uri``), a name
(``name``, ``label``, ``term``, ``mesh_name``), other forms (``synonyms``, ``aliases``, split at ``|`` and
``;``), and names in other languages (``name_zh``, ``label_en``, ``zh``, ``中文``).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kgrag.errors import MissingExtra, ReadError, UsageError
from kgrag.language.words import has_han

SKOS = {".ttl": "turtle", ".rdf": "xml", ".skos": "xml", ".nt": "nt", ".jsonld": "json-ld", ".n3": "n3"}
_LANGUAGES = {"中文": "zh", "chinese": "zh", "英文": "en", "english": "en"}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ID = re.compile(r"^(?:.*_)?(?:id|code|uri|iri|notation|ui)$")
_NAME = re.compile(r"^(?:.*_)?(?:name|label|term|preflabel|heading|title)$")
_OTHER = re.compile(r"^(?:.*_)?(?:synonyms?|alias(?:es)?|altlabels?|entry_terms?|variants?)$")
_TREE = re.compile(r"^(?:.*_)?tree_numbers?$")
_BROADER = re.compile(r"^(?:broader|parents?)(?:_ids?)?$")
_BY_LANGUAGE = re.compile(r"^(?:(?P<what>.*)[_@.:-])?(?P<language>zh|en|de|fr|es|pt|it|ja|ko|ru)$")


@dataclass(frozen=True, slots=True)
class Term:
    """A concept of a vocabulary: its id there, its name, other forms as (form, language or None), and the ids
    of broader concepts.
    """

    id: str
    name: str
    forms: tuple[tuple[str, str | None], ...] = ()
    broader: tuple[str, ...] = ()


def read_vocabulary(path: Path) -> Iterator[Term]:
    """The terms of a file, or of every file of a folder that is a vocabulary; one id may come several times.

    Raises:
        UsageError: no format of ours.
        ReadError: the file is not what its name says.
        MissingExtra: SKOS without rdflib.
    """
    if path.is_dir():
        known = [
            file
            for file in sorted(path.rglob("*"))
            if file.suffix.lower() in {*SKOS, ".obo", ".csv", ".tsv", ".xml"}
        ]
        if not known:
            raise UsageError(
                f"{path} holds no vocabulary (known: {', '.join([*SKOS, '.obo', '.csv', '.tsv', '.xml'])})."
            )
        for file in known:
            yield from read_vocabulary(file)
        return
    suffix = path.suffix.lower()
    if suffix in SKOS:
        yield from _skos(path, SKOS[suffix])
    elif suffix == ".obo":
        yield from _obo(path)
    elif suffix in (".csv", ".tsv"):
        yield from _table(path, "\t" if suffix == ".tsv" else ",")
    elif suffix == ".xml":
        yield from _mesh(path)
    else:
        raise UsageError(
            f"{path.name} is no vocabulary known here (known:"
            f" {', '.join([*SKOS, '.obo', '.csv', '.tsv', '.xml'])})."
        )


def _skos(path: Path, form: str) -> Iterator[Term]:
    try:
        from rdflib import Graph
        from rdflib.namespace import SKOS as names
    except ImportError as error:
        raise MissingExtra("SKOS", "export") from error
    graph = Graph()
    if form == "json-ld":
        _refuse_remote(path)
    try:
        graph.parse(path, format=form)
    except Exception as error:  # rdflib raises as many kinds as it has parsers, down to the XML library's own
        raise ReadError(f"{path.name} is not readable as SKOS: {str(error)[:200]}") from error
    for concept in sorted(set(graph.subjects(names.prefLabel, None))):
        labels = [
            (str(label), label.language)
            for label in sorted(
                graph.objects(concept, names.prefLabel),
                key=lambda v: (v.language != "en", v.language or "", str(v)),
            )
        ]
        others = [
            (str(label), label.language)
            for kind in (names.altLabel, names.hiddenLabel)
            for label in sorted(graph.objects(concept, kind))
        ]
        broader = {*graph.objects(concept, names.broader), *graph.subjects(names.narrower, concept)}
        yield Term(str(concept), labels[0][0], tuple(labels + others), tuple(sorted(map(str, broader))))


def _refuse_remote(path: Path) -> None:
    """A context that lies elsewhere would be fetched by rdflib; no reading of a file fetches anything.

    Raises:
        ReadError: the file names one, or is no JSON.
    """
    try:
        waiting = [json.loads(path.read_bytes())]
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{path.name} is not readable as JSON: {str(error)[:200]}") from error
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            contexts = value.get("@context", [])
            named = contexts if isinstance(contexts, list) else [contexts]
            inside = [one.get("@import") for one in named if isinstance(one, dict)]
            remote = [one for one in (*named, *inside) if isinstance(one, str)]
            if remote:
                raise ReadError(
                    f"{path.name} takes its terms from '{remote[0][:200]}'. Nothing is fetched: put the"
                    " context into the file, or convert it to Turtle (.ttl)."
                )
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _obo(path: Path) -> Iterator[Term]:
    stanza: dict[str, list[str]] = {}
    kind = ""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in [*lines, "[End]"]:
            if line.startswith("["):
                if (
                    kind == "[Term]"
                    and stanza.get("id")
                    and stanza.get("name")
                    and "true" not in stanza.get("is_obsolete", ())
                ):
                    forms = [
                        match.group(1).replace('\\"', '"')
                        for value in stanza.get("synonym", ())
                        if (match := _QUOTED.match(value))
                    ]
                    yield Term(
                        stanza["id"][0],
                        stanza["name"][0],
                        tuple((form, _language(form)) for form in forms),
                        tuple(stanza.get("is_a", ())),
                    )
                kind, stanza = line.strip(), {}
            elif ":" in line:
                key, _, value = line.partition(":")
                stanza.setdefault(key.strip(), []).append(value.split(" ! ")[0].strip())


def _table(path: Path, separator: str) -> Iterator[Term]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, delimiter=separator)
        columns = {name: _meaning(name) for name in rows.fieldnames or ()}
        if "name" not in {kind for kind, _ in columns.values()}:
            raise ReadError(
                f"{path.name} has no column of names (found: {', '.join(columns)}; wanted: name, label or"
                " term, with id, synonyms, name_zh …)."
            )
        trees: list[tuple[Term, str]] = []
        for row in rows:
            for term in _row(row, columns):
                yield term
                trees += [
                    (term, tree)
                    for column, (kind, _) in columns.items()
                    if kind == "tree" and (tree := (row.get(column) or "").strip())
                ]
        yield from _placed(trees)


def _meaning(column: str) -> tuple[str, str | None]:
    plain = column.strip().lower().replace(" ", "_")
    if plain in _LANGUAGES:
        return "name", _LANGUAGES[plain]
    if match := _BY_LANGUAGE.match(plain):
        return (
            "other" if match.group("what") and _OTHER.match(match.group("what")) else "name"
        ), match.group("language")
    return (
        next(
            (
                kind
                for kind, pattern in (
                    ("tree", _TREE),
                    ("broader", _BROADER),
                    ("id", _ID),
                    ("other", _OTHER),
                    ("name", _NAME),
                )
                if pattern.match(plain)
            ),
            "none",
        ),
        None,
    )


def _row(row: dict[str, str | None], columns: dict[str, tuple[str, str | None]]) -> Iterator[Term]:
    names = [
        (value, language)
        for column, (kind, language) in columns.items()
        if kind == "name" and (value := (row.get(column) or "").strip())
    ]
    others = [
        (part.strip(), language)
        for column, (kind, language) in columns.items()
        if kind == "other"
        for part in re.split(r"[|;；]", row.get(column) or "")
    ]
    ids = [
        value
        for column, (kind, _) in columns.items()
        if kind == "id" and (value := (row.get(column) or "").strip())
    ]
    if names:
        forms = ((form, language or _language(form)) for form, language in [*names, *others] if form)
        broader = [
            part.strip()
            for column, (kind, _) in columns.items()
            if kind == "broader"
            for part in re.split(r"[|;；]", row.get(column) or "")
        ]
        yield Term(ids[0] if ids else names[0][0], names[0][0], tuple(forms), tuple(filter(None, broader)))


def _mesh(path: Path) -> Iterator[Term]:
    from lxml import etree

    trees: list[tuple[Term, str]] = []
    try:
        for _, record in etree.iterparse(
            str(path),
            tag="DescriptorRecord",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            recover=True,
        ):
            name = record.findtext("DescriptorName/String")
            identifier = record.findtext("DescriptorUI")
            if name and identifier:
                term = Term(
                    identifier.strip(),
                    name.strip(),
                    tuple((text.strip(), "en") for text in record.xpath(".//Term/String/text()")),
                )
                yield term
                trees += [(term, tree.strip()) for tree in record.xpath("TreeNumberList/TreeNumber/text()")]
            record.clear()
    except etree.XMLSyntaxError as error:
        raise ReadError(f"{path.name} is not MeSH XML: {error}") from error
    yield from _placed(trees)


def _placed(trees: list[tuple[Term, str]]) -> Iterator[Term]:
    """The terms once more, each below the one whose tree number its own continues (``C04.588`` below
    ``C04``).
    """
    at = {tree: term.id for term, tree in trees}
    for term, tree in trees:
        if parent := at.get(tree.rpartition(".")[0]):
            yield Term(term.id, term.name, (), (parent,))


def merged(terms: Iterable[Term]) -> Iterator[Term]:
    """One term an id: the first name, all forms, the broader terms that are there too, inverted headings
    turned (``Abdomen, Acute`` → ``Acute Abdomen``).
    """
    found: dict[str, tuple[str, dict[str, str | None], dict[str, None]]] = {}
    for term in terms:
        _, forms, broader = found.setdefault(term.id, (term.name, {}, {}))
        broader.update(dict.fromkeys(term.broader))
        for form, language in ((term.name, _language(term.name)), *term.forms):
            if form and not forms.get(form):
                forms[form] = language or _language(form)
    for identifier, (name, forms, broader) in found.items():
        turned = {
            " ".join(reversed(form.split(", "))): language
            for form, language in forms.items()
            if form.count(", ") == 1
        }
        yield Term(
            identifier,
            name,
            tuple(
                (forms | {form: language for form, language in turned.items() if form not in forms}).items()
            ),
            tuple(each for each in broader if each in found and each != identifier),
        )


def _language(form: str) -> str | None:
    return "zh" if has_han(form) else None
