"""Plans of the graph: what is said of a thing, relation by relation, and how two things are connected, path
by path; each as the sentences that say it.

Knows the forms ``said`` and ``connected``, and the statements of the catalogue. What is retracted, asked, or
told of others supports nothing here. Does not judge: that is done to every draft alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kgrag.ask.loaded import Loaded
from kgrag.holdings.connections import Connection, Step, connections
from kgrag.holdings.knowledge.concepts import Concept, asked, concepts
from kgrag.holdings.knowledge.said_of import Relation, said_of
from kgrag.holdings.knowledge.statements import Said
from kgrag.language.predicates import reading
from kgrag.types import Evidence, Filters, Understood

N_RELATIONS, N_PATHS = 6, 3
SURE = 0.5
"""Chance given to a sentence of the graph: it is not ranked among others."""
_UP = frozenset(("causes", "predisposes", "increases"))
_DOWN = frozenset(("treats", "prevents", "decreases"))
_ALIKE = _UP | _DOWN | {"associated_with", "predicts", "coexists_with", "affects"}
_WANTED: Mapping[str, tuple[frozenset[str], bool | None]] = {
    "associated": (_ALIKE, None),
    "causes": (_UP, True),
    "treatments": (_DOWN, True),
}
"""Predicates of each field of the form, and whether the thing asked about is their object."""

Quotes = list[tuple[str, Evidence]]


def quotes_of_graph(loaded: Loaded, understood: Understood, filters: Filters) -> Quotes:
    """(heading, quote) of what the graph says; empty where it says nothing of the things asked about."""
    form = understood.form
    if form.kind == "said":
        concept = _meant(loaded, form.thing, filters)
        return list(_of_one(loaded, concept, form.field, understood.language, filters)) if concept else []
    one, other = (_meant(loaded, name, filters) for name in form.ends)
    if one is None or other is None:
        return []
    paths = connections(loaded.library.catalogue, one, other, N_PATHS, filters)
    return list(_of_paths(loaded, paths, understood.language))


def _meant(loaded: Loaded, name: str, filters: Filters) -> Concept | None:
    """The concept that a name in a question means; the longest one named in it."""
    catalogue = loaded.library.catalogue
    found = asked(catalogue, name, 1)
    return next(iter(concepts(catalogue, [found[0].id], filters)), None) if found else None


def _of_one(
    loaded: Loaded, concept: Concept, field: str, language: str, filters: Filters
) -> Iterator[tuple[str, Evidence]]:
    """The best own finding on each side of the relations asked for."""
    dossier = said_of(loaded.library.catalogue, concept, filters)
    chosen = [relation for relation in dossier.relations if _is_wanted(relation, field)][:N_RELATIONS]
    told = [
        (
            _told(
                f"{reading(relation.predicate, relation.inverse, language)} {relation.other.name}",
                said,
                language,
            ),
            said,
        )
        for relation in chosen
        for side in (relation.supporting, relation.against)
        for said in _own(side)[:1]
    ]
    evidence = _evidence(loaded, [(said.passage_id, said.span) for _, said in told])
    for heading, said in told:
        if (item := evidence.get((said.passage_id, said.span))) is not None:
            yield heading, item


def _told(heading: str, said: Said | Step, language: str) -> str:
    """A heading that says where its sentence denies it."""
    if said.polarity != "negative":
        return heading
    return f"{heading}（否认）" if language == "zh" else f"{heading} (denied)"


def _is_wanted(relation: Relation, field: str) -> bool:
    if field not in _WANTED:
        return True
    predicates, inverse = _WANTED[field]
    return relation.predicate in predicates and inverse in (None, relation.inverse)


def _own(side: Sequence[Said]) -> list[Said]:
    return [said for said in side if said.modality in ("asserted", "hedged") and not said.retracted]


def _of_paths(loaded: Loaded, paths: Iterable[Connection], language: str) -> Iterator[tuple[str, Evidence]]:
    """The quote of each step of the paths that are said somewhere."""
    for path in paths:
        names = {node.id: node.name for node in path.nodes}
        steps = [step for step in path.steps if step.sentence and step.document_id]
        found = [_located(loaded, step) for step in steps]
        if not steps or len(steps) < len(path.steps) or None in found:
            continue
        for step, item in zip(steps, found, strict=True):
            between = reading(step.predicate, language=language) if step.predicate else "–"
            if item is not None:
                heading = f"{names.get(step.source, '')} {between} {names.get(step.target, '')}".strip()
                yield _told(heading, step, language), item


def _located(loaded: Loaded, step: Step) -> Evidence | None:
    """The step's sentence in its document."""
    catalogue = loaded.library.catalogue
    sentence = step.sentence or ""
    for passage in catalogue.passages_of(step.document_id or ""):
        start = passage.text.find(sentence)
        if start >= 0:
            document = catalogue.document(passage.document_id)
            if document.retracted is not None:
                return None
            return Evidence(passage, document, start, start + len(sentence), 0.5, None, SURE)
    return None


def _evidence(
    loaded: Loaded, places: Sequence[tuple[str, tuple[int, int]]]
) -> dict[tuple[str, tuple[int, int]], Evidence]:
    """Quotes by passage and span, of documents that stand."""
    catalogue = loaded.library.catalogue
    keys = catalogue.passage_keys([passage for passage, _ in places])
    passages = catalogue.passages_by_key(keys.values())
    documents = catalogue.documents_by_key({document for _, document in passages.values()})
    found = {}
    for passage_id, span in places:
        if keys.get(passage_id) not in passages:
            continue
        passage, document = passages[keys[passage_id]]
        if documents[document].retracted is None:
            found[passage_id, span] = Evidence(passage, documents[document], *span, 0.5, None, SURE)
    return found
