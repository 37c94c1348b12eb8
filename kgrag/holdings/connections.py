"""How two concepts are connected: paths through statements, documents that share a concept, citations,
authors.

Knows the catalogue's tables. Paths are scored by what they add: a statement more than a specific concept that
two documents share, that more than a citation, an author, and the same passage. Does not know questions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema as t
from kgrag.holdings.citations import cites
from kgrag.holdings.knowledge.concepts import Concept, concepts
from kgrag.holdings.knowledge.statements import Said, statements
from kgrag.language.phrase_keys import PREFIX
from kgrag.types import Filters, Node

WORTH = {
    "statement": 1.0,
    "concept": 0.6,
    "citation": 0.45,
    "author": 0.35,
    "passage": 0.25,
    "document": 0.15,
}
ASSERTED, ELSE, DENIED = 1.0, 0.7, 0.4
"""What is told of others, doubted or asked connects less than what is found, and what is denied least."""
MAX_SAID, MAX_DOCUMENTS, MAX_SHARED = 400, 30, 20


@dataclass(frozen=True, slots=True)
class Step:
    """An edge of a path, with the sentence that says it where one does."""

    type: str
    source: str
    target: str
    predicate: str | None = None
    polarity: str | None = None
    modality: str | None = None
    statement_id: str | None = None
    document_id: str | None = None
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A path; ``kind`` names what it goes by."""

    kind: str
    score: float
    nodes: tuple[Node, ...]
    steps: tuple[Step, ...]


def connections(
    catalogue: Catalogue, one: Concept, other: Concept, top_k: int = 5, filters: Filters = Filters()
) -> list[Connection]:
    """Paths between two concepts, those that tell most first, ties by their nodes."""
    if one.id == other.id:
        return []
    found = [
        *_by_statements(catalogue, one, other, filters),
        *_by_documents(catalogue, one, other, filters),
    ]
    best: dict[tuple[str, ...], Connection] = {}
    for path in found:
        key = tuple(node.id for node in path.nodes)
        if key not in best or path.score > best[key].score:
            best[key] = path
    return sorted(best.values(), key=lambda path: (-path.score, [node.id for node in path.nodes]))[:top_k]


def _by_statements(
    catalogue: Catalogue, one: Concept, other: Concept, filters: Filters
) -> Iterator[Connection]:
    """One statement between them, or two that meet in a third concept."""
    near = statements(catalogue, None, one.id, filters, MAX_SAID)
    far = statements(catalogue, None, other.id, filters, MAX_SAID)
    for said in near:
        if other.id in (said.subject.id, said.object.id):
            yield Connection(
                "statement", round(_worth(said) + 0.5, 3), (_node(one), _node(other)), (_step(said),)
            )
    meeting: dict[str, list[Said]] = {}
    for said in far:
        meeting.setdefault(_across(said, other.id).id, []).append(said)
    for said in near:
        middle = _across(said, one.id)
        for second in meeting.get(middle.id, ()):
            if middle.id in (one.id, other.id):
                continue
            apart = 0.2 if said.document_id != second.document_id else 0.0
            score = (_worth(said) + _worth(second)) / 2 * _rarity(middle) + apart
            yield Connection(
                "statements",
                round(score, 3),
                (_node(one), _node(middle), _node(other)),
                (_step(said), _step(second)),
            )


def _by_documents(
    catalogue: Catalogue, one: Concept, other: Concept, filters: Filters
) -> Iterator[Connection]:
    """Through the documents that name them: the same passage, the same document, two that share a concept,
    cite one another, or have an author in common.
    """
    first, second = (_documents(catalogue, c.id, filters) for c in (one, other))
    for key in [key for key in first if key in second][:MAX_DOCUMENTS]:
        together = _same_passage(catalogue, key, one.id, other.id)
        worth = WORTH["passage" if together else "document"]
        document = first[key]
        yield Connection(
            "passage" if together else "document",
            worth,
            (_node(one), document, _node(other)),
            (
                Step("NAMES", document.id, one.id, document_id=document.id, sentence=together),
                Step("NAMES", document.id, other.id, document_id=document.id, sentence=together),
            ),
        )
    left = {key: node for key, node in first.items() if key not in second}
    right = {key: node for key, node in second.items() if key not in first}
    left, right = (dict(itertools.islice(some.items(), MAX_DOCUMENTS)) for some in (left, right))
    if left and right:
        yield from _across_documents(catalogue, one, other, left, right)


def _across_documents(
    catalogue: Catalogue, one: Concept, other: Concept, left: dict[int, Node], right: dict[int, Node]
) -> Iterator[Connection]:
    for a, b, middle, n in _shared(catalogue, left, right):
        if middle.id in (one.id, other.id):
            continue
        score = WORTH["concept"] * _rarity(middle) * min(1.0, 0.6 + 0.1 * n)
        steps = (
            Step("NAMES", left[a].id, one.id, document_id=left[a].id),
            Step("NAMES", left[a].id, middle.id, document_id=left[a].id),
            Step("NAMES", right[b].id, middle.id, document_id=right[b].id),
            Step("NAMES", right[b].id, other.id, document_id=right[b].id),
        )
        nodes = (_node(one), left[a], _node(middle), right[b], _node(other))
        yield Connection("concept", round(score, 3), nodes, steps)
    cited = t.documents.alias()
    query = select(t.documents.c.key, cited.c.key.label("cited")).select_from(cites(cited)).distinct()
    for row in catalogue.rows(
        query.where(t.documents.c.key.in_([*left, *right]), cited.c.key.in_([*left, *right]))
    ):
        for a, b in ((row.key, row.cited), (row.cited, row.key)):
            if a in left and b in right:
                by_citation = (
                    Step("NAMES", left[a].id, one.id, document_id=left[a].id),
                    Step("CITES", (left | right)[row.key].id, (left | right)[row.cited].id),
                    Step("NAMES", right[b].id, other.id, document_id=right[b].id),
                )
                ends = (_node(one), left[a], right[b], _node(other))
                yield Connection("citation", WORTH["citation"], ends, by_citation)
    yield from _by_author(catalogue, one, other, left, right)


def _by_author(
    catalogue: Catalogue, one: Concept, other: Concept, left: dict[int, Node], right: dict[int, Node]
) -> Iterator[Connection]:
    x, y = t.links.alias(), t.links.alias()
    query = select(x.c.document_key.label("a"), y.c.document_key.label("b"), x.c.target, x.c.name).join(
        y, x.c.target == y.c.target
    )
    for row in catalogue.rows(
        query.where(
            x.c.type == "BY",
            y.c.type == "BY",
            x.c.document_key.in_(list(left)),
            y.c.document_key.in_(list(right)),
        )
    ):
        person = Node(row.target, row.name, "Person")
        steps = (
            Step("NAMES", left[row.a].id, one.id, document_id=left[row.a].id),
            Step("BY", left[row.a].id, person.id),
            Step("BY", right[row.b].id, person.id),
            Step("NAMES", right[row.b].id, other.id, document_id=right[row.b].id),
        )
        nodes = (_node(one), left[row.a], person, right[row.b], _node(other))
        yield Connection("author", WORTH["author"], nodes, steps)


def _shared(
    catalogue: Catalogue, left: dict[int, Node], right: dict[int, Node]
) -> list[tuple[int, int, Concept, int]]:
    """(document, document, concept, mentions) of the concepts that both sides name, most telling first."""
    e, m, p = t.entities.c, t.concept_mentions.c, t.passages.c
    counted: dict[str, dict[int, int]] = {}
    query = (
        select(e.id, p.document_key, func.count().label("n"))
        .join(t.concept_mentions, e.key == m.entity_key)
        .join(t.passages, p.key == m.passage_key)
        .where(p.document_key.in_([*left, *right]))
        .group_by(e.id, p.document_key)
    )
    for row in catalogue.rows(query):
        counted.setdefault(row.id, {})[row.document_key] = row.n
    both = {i: of for i, of in counted.items() if any(k in left for k in of) and any(k in right for k in of)}
    known = {c.id: c for c in concepts(catalogue, sorted(both))}
    out = []
    for identifier, of in both.items():
        a = max((k for k in of if k in left), key=lambda k: of[k])
        b = max((k for k in of if k in right), key=lambda k: of[k])
        out.append((a, b, known[identifier], min(of[a], of[b])))
    return sorted(out, key=lambda row: (-_rarity(row[2]) * math.log1p(row[3]), row[2].id))[:MAX_SHARED]


def _documents(catalogue: Catalogue, identifier: str, filters: Filters) -> dict[int, Node]:
    """Documents that name a concept, those that name it most first."""
    e, m, p, d = t.entities.c, t.concept_mentions.c, t.passages.c, t.documents.c
    query = (
        select(d.key, d.id, d.title, func.count().label("n"))
        .join(t.passages, p.document_key == d.key)
        .join(t.concept_mentions, p.key == m.passage_key)
        .join(t.entities, e.key == m.entity_key)
        .where(e.id == identifier, d.key.in_(catalogue.filtered_documents(filters)))
        .group_by(d.key, d.id, d.title)
        .order_by(func.count().desc(), d.key)
    )
    return {row.key: Node(row.id, row.title or row.id, "Document") for row in catalogue.rows(query)}


def _same_passage(catalogue: Catalogue, document: int, one: str, other: str) -> str | None:
    """The sentence of a document's passage that names both; None where no sentence does."""
    p = t.passages.c
    x, y = t.concept_mentions.alias(), t.concept_mentions.alias()
    e, g = t.entities.alias(), t.entities.alias()
    query = (
        select(p.text, p.sentences, x.c.start.label("a"), y.c.start.label("b"))
        .join(x, x.c.passage_key == p.key)
        .join(y, y.c.passage_key == p.key)
        .join(e, e.c.key == x.c.entity_key)
        .join(g, g.c.key == y.c.entity_key)
        .where(p.document_key == document, e.c.id == one, g.c.id == other)
        .order_by(p.ordinal)
    )
    for row in catalogue.rows(query):
        for start, end, *_ in row.sentences:
            if start <= row.a < end and start <= row.b < end:
                return str(row.text[start:end])
    return None


def _worth(said: Said) -> float:
    sure = ASSERTED if said.modality == "asserted" and not said.retracted else ELSE
    return WORTH["statement"] * said.score * sure * (DENIED if said.polarity == "negative" else 1.0)


def _rarity(concept: Concept) -> float:
    """Between 0 and 1: a concept that many documents name connects them by little."""
    return (
        1 / (1 + math.log1p(max(concept.documents - 2, 0)) / 2) * (0.8 if concept.kind == "unknown" else 1.0)
    )


def _across(said: Said, identifier: str) -> Concept:
    return said.object if said.subject.id == identifier else said.subject


def _node(concept: Concept) -> Node:
    return Node(concept.id, concept.name, "Concept")


def _step(said: Said) -> Step:
    return Step(
        "STATES",
        said.subject.id,
        said.object.id,
        said.predicate,
        said.polarity,
        said.modality,
        said.id,
        said.document_id,
        said.sentence,
    )


def is_concept_id(name: str) -> bool:
    """Whether an id is a concept's."""
    return name.startswith(PREFIX)


__all__: Sequence[str] = ("Connection", "Step", "connections", "is_concept_id")
