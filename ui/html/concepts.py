"""The page of concepts: what is said of one, for and against, in quotes with figures; how two are connected;
and a picture of the concepts that one stands in relation with.

Pure text, no scripts. Knows the values of ``kgrag.holdings``, and the address ``/concepts``. Does not know
stores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup

from kgrag.language.predicates import reading
from ui.html.graph import short
from ui.html.parts import TEMPLATES, Plain
from ui.html.style import PAGE_STYLE
from ui.words import WORDS, Language, word, words

ADDRESS = "/concepts"
KINDS = tuple(key.removeprefix("kind_") for key in WORDS if key.startswith("kind_"))
N_QUOTES, N_DRAWN = 3, 9
WIDTH, ROW, BOX = 980, 46, 250
_MODALITIES = {
    "hedged": "concept_told_hedged",
    "asked": "concept_told_asked",
    "of others": "concept_told_others",
}
_QUANTITY = ("measure", "value", "unit")


@dataclass(frozen=True)
class Nothing:
    """Nothing asked yet: the form is empty."""

    of: str = ""
    other: str = ""
    kind: str = ""
    year_from: int | None = None
    year_to: int | None = None


def page_html(told: Any, language: Language) -> Markup:
    """The whole page.

    Args:
        told: what the graph says, and what was asked (``ui.service.concepts.Told``).
        language: of the interface.
    """
    return TEMPLATES.page(
        "concepts.html",
        language=language,
        style=PAGE_STYLE,
        w=words(language),
        form=form_html(told.asked, language),
        error=told.error,
        names=[_link(one, one.name, language) | {"n": one.documents} for one in told.names],
        head=_head(told.dossier, language),
        picture=picture_html(told.dossier, language) if told.other is None else "",
        paths=[_path(path, language) for path in told.paths],
        connected=_connected(told, language),
        relations=[_relation(one, language) for one in _relations(told)],
        facts=[_fact(one, language) for one in _facts(told)],
        conflicts=_conflicts(told, language),
    )


def form_html(asked: Any, language: Language) -> Markup:
    """The form; it needs no script, and its address can be kept."""
    kinds = [
        {"value": kind, "text": word(f"kind_{kind}", language), "chosen": asked.kind == kind}
        for kind in KINDS
    ]
    return TEMPLATES.part("concepts_form.html", "form", ADDRESS, asked, kinds, language, words(language))


def address(language: Language, **asked: object) -> str:
    """The page's address for what is asked."""
    given = {name: value for name, value in asked.items() if value}
    return f"{ADDRESS}?{urlencode({**given, 'lang': language})}"


def _link(concept: Any, name: str, language: Language) -> dict[str, Any]:
    return {"href": address(language, of=concept.id), "name": name}


def _head(dossier: Any, language: Language) -> Plain:
    if dossier is None:
        return {}
    one = dossier.concept
    kind = word(f"kind_{one.kind}", language) if one.kind in KINDS else one.kind
    line = word(
        "concept_head", language, name=one.name, kind=kind, documents=one.documents, mentions=one.mentions
    )
    return {"line": line, "aliases": ", ".join(one.aliases), "authority": one.authority}


def _relations(told: Any) -> Sequence[Any]:
    """What is said, of the one concept where two are connected not again."""
    return told.dossier.relations if told.dossier is not None and told.other is None else ()


def _facts(told: Any) -> Sequence[Any]:
    return told.dossier.facts if told.dossier is not None and told.other is None else ()


def _connected(told: Any, language: Language) -> str:
    if told.other is None:
        return ""
    return f"{told.dossier.concept.name} – {told.other.name}: {word('concept_paths', language)}"


def _relation(relation: Any, language: Language) -> Plain:
    quotes = [_quote(said, language) for said in (*relation.supporting, *relation.against, *relation.asked)]
    first = [
        _quote(said, language)
        for some in (relation.supporting, relation.against, relation.asked)
        for said in some[:1]
    ]
    more = [one for one in quotes if one not in first]
    return {
        "reads": reading(relation.predicate, relation.inverse, language),
        "other": _link(relation.other, relation.other.name, language),
        "counts": _counts(relation, language),
        "quotes": first,
        "more": more[: N_QUOTES * 4],
    }


def _counts(relation: Any, language: Language) -> str:
    sides = [
        word(f"concept_{side}", language, n=len(documents))
        for side in ("for", "against", "mixed", "asked")
        if (documents := relation.documents(side))
    ]
    since = [word("concept_since", language, year=relation.since)] if relation.since else []
    return ", ".join([*sides, *since])


def _quote(said: Any, language: Language) -> Plain:
    told = [word(_MODALITIES[said.modality], language)] if said.modality in _MODALITIES else []
    if said.polarity == "negative":
        told.insert(0, word("concept_told_against", language))
    return {
        "text": said.sentence,
        "told": ", ".join(told),
        "figure": figure(said.quantity),
        "context": "; ".join(said.context.values()),
        **_source(said, language),
        "retracted": said.retracted,
    }


def _source(held: Any, language: Language) -> dict[str, Any]:
    """The paper's title and year with its address, and the section of the quote."""
    year = f", {held.year}" if held.year else ""
    return {
        "title": f"{held.title}{year}",
        "href": _paper(held.document_id, language),
        "section": held.section,
    }


def _paper(document_id: str, language: Language) -> str:
    return f"/?document={quote(document_id, safe='')}&lang={language}"


def figure(quantity: Any) -> str:
    """A quantity as one writes it: *odds ratio 2.1, 95% CI 1.5 to 2.9, p < 0.01*."""
    if not quantity:
        return ""
    parts = [" ".join(str(quantity[name]) for name in _QUANTITY if quantity.get(name) is not None)]
    if quantity.get("ci"):
        low, high = quantity["ci"]
        parts.append(f"CI {low} – {high}")
    if quantity.get("p"):
        parts.append(f"p {quantity['p']}")
    return ", ".join(part for part in parts if part)


def _fact(fact: Any, language: Language) -> Plain:
    return {
        "what": word(f"fact_{fact.type.lower()}", language),
        "text": fact.sentence,
        **_source(fact, language),
    }


def _conflicts(told: Any, language: Language) -> list[list[Plain]]:
    if told.dossier is None or told.other is not None:
        return []
    return [
        [_quote(conflict.one, language), _quote(conflict.other, language)]
        for conflict in told.dossier.conflicts
    ]


def _path(path: Any, language: Language) -> Plain:
    """A path as its nodes with what joins them, and the quote of each step."""
    names = {node.id: node for node in path.nodes}
    steps = []
    for before, after in zip(path.nodes, path.nodes[1:], strict=False):
        step = next(s for s in path.steps if {s.source, s.target} == {before.id, after.id})
        steps.append({"reads": _joined(step, before.id, language), "node": _node(after, language)})
    quotes = [
        {"text": step.sentence, "title": step.document_id, "href": _paper(step.document_id, language)}
        for step in path.steps
        if step.sentence and step.document_id
    ]
    once = list({one["text"]: one for one in quotes}.values())
    return {
        "kind": word(f"concept_path_{path.kind}", language),
        "first": _node(names[path.nodes[0].id], language),
        "steps": steps,
        "quotes": once,
    }


def _joined(step: Any, source: str, language: Language) -> str:
    if step.predicate is None:
        return word(
            {"NAMES": "edge_mentions", "CITES": "cites", "BY": "edge_by"}.get(step.type, "edge_mentions"),
            language,
        )
    denied = {"en": "not: ", "zh": "不："}[language] if step.polarity == "negative" else ""
    return denied + reading(step.predicate, step.source != source, language)


def _node(node: Any, language: Language) -> Plain:
    href = {"Concept": address(language, of=node.id), "Document": _paper(node.id, language)}.get(
        node.kind, ""
    )
    return {"name": node.name, "href": href, "kind": node.kind}


# -- the picture -----------------------------------------------------------------------------------


def picture_html(dossier: Any, language: Language) -> Markup:
    """The concept in the middle; on the left what acts on it, on the right what it acts on, the statement
    written on each edge with the number of papers.
    """
    if dossier is None or not dossier.relations:
        return Markup("")
    told = [one for one in dossier.relations if one.supporting or one.against]
    left = [one for one in told if one.inverse][:N_DRAWN]
    right = [one for one in told if not one.inverse][:N_DRAWN]
    height = max(len(left), len(right), 1) * ROW + 10
    middle = height / 2
    rows = [
        *(_drawn(one, 2, i, len(left), middle, language) for i, one in enumerate(left)),
        *(_drawn(one, WIDTH - BOX - 2, i, len(right), middle, language) for i, one in enumerate(right)),
    ]
    centre = {
        "x": (WIDTH - 180) / 2,
        "y": middle - 17,
        "name": dossier.concept.name,
        "short": short(dossier.concept.name, 22),
    }
    return TEMPLATES.part("concepts_form.html", "picture", rows, centre, WIDTH, height, words(language))


def _drawn(relation: Any, x: float, place: int, n: int, middle: float, language: Language) -> Plain:
    """A related concept's box, and the edge between it and the middle."""
    y = middle + (place - (n - 1) / 2) * ROW
    on_left = x < WIDTH / 2
    start, end = (x + BOX, (WIDTH - 180) / 2) if on_left else ((WIDTH + 180) / 2, x)
    first, last = (y, middle) if on_left else (middle, y)
    half = (start + end) / 2
    curve = f"C{half:.0f} {first:.0f} {half:.0f} {last:.0f} {end:.0f} {last:.0f}"
    counts = [len(relation.documents(side)) for side in ("for", "against")]
    against = f" · −{counts[1]}" if counts[1] else ""
    reads = reading(relation.predicate, False, language)
    return {
        "x": x,
        "y": y - 15,
        "text_y": y + 5,
        "href": address(language, of=relation.other.id),
        "name": relation.other.name,
        "short": short(relation.other.name, 32),
        "path": f"M{start:.0f} {first:.0f} {curve}",
        "label": f"{reads} · {counts[0]}{against}",
        "label_x": x + BOX + 6 if on_left else x - 6,
        "label_y": y - 4,
        "anchor": "start" if on_left else "end",
        "against": counts[1] > counts[0],
    }
