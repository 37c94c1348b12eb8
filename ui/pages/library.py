"""The library page: search and facets, and one paper with its place in the graph and its pages, about which
alone one can ask.

Knows Gradio's components and events of this page. What is shown is made by ``ui.html.library`` and
``ui.html.graph``; what is found, by ``ui.service.library``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import gradio as gr
from markupsafe import Markup

from kgrag.errors import KgragError
from kgrag.holdings.browse import SORTS
from kgrag.people.sealed import seal, unseal
from ui.door.door import require_person
from ui.html import answer as render
from ui.html import graph as graph_view
from ui.html import library as render_library
from ui.html import scripts
from ui.html.parts import said_html
from ui.pages import chat
from ui.pages.limits import Relabel
from ui.pages.stored import answer_of, pages_of, passage_of
from ui.pages.text_field import text_field
from ui.service import library as reading
from ui.service.asking import Asking
from ui.service.finding import find
from ui.service.papers import paper as paper_of
from ui.service.service import Service
from ui.words import Language, word

NEW: dict[str, Any] = {"chosen": {}, "offset": 0, "text": "", "sort": "best"}
"""What the list shows before anything was sought."""
MAX_OPENED = 60
"""Nodes of a paper's graph that are open at a time; of more, the first close."""


@dataclass(frozen=True)
class LibraryPage:
    """What other pages need of this one: the components that ``opened`` fills, those whose papers can be
    chosen, and what happens on the first look.
    """

    outputs: list[Any]
    papers: list[Any]
    asks: Any
    first: Callable[..., Any]
    first_inputs: list[Any]
    first_outputs: list[Any]
    state: list[Any]
    labels: list[Relabel]


def build_library(service: Service, language: Any, asking: Asking, where: Any) -> LibraryPage:
    """The page's components and events, inside the tab that is open now; ``where`` takes the address of what
    is shown.
    """
    view = gr.State(dict(NEW))
    at = gr.State({"document": "", "opened": [], "turns": []})
    with gr.Column(elem_id="kg-browse") as browse:
        with gr.Row():
            sought = text_field(
                "", label=word("library_search", "en"), elem_id="kg-sought", scale=5, max_length=2000
            )
            find = gr.Button(
                word("search_button", "en"), variant="primary", elem_id="kg-find", scale=1, min_width=110
            )
        with gr.Row():
            with gr.Column(scale=1, min_width=240):
                facets = gr.HTML("", elem_id="kg-facets", js_on_load=scripts.ACTS)
            with gr.Column(scale=3, min_width=320):
                results = gr.HTML("", elem_id="kg-results", js_on_load=scripts.ACTS)
    with gr.Row(visible=False, elem_id="kg-reading") as read:
        with gr.Column(scale=3, min_width=320):
            paper = gr.HTML("", elem_id="kg-paper", js_on_load=scripts.ACTS)
            graph_title = gr.Markdown(f"### {word('in_graph', 'en')}", elem_id="kg-graph-title")
            graph = gr.HTML("", elem_id="kg-graph", js_on_load=scripts.ACTS)
        with gr.Column(scale=2, min_width=320, elem_id="kg-beside"):
            with gr.Row() as asks:
                asked = text_field(
                    "",
                    label=word("read_together", "en"),
                    info=word("read_hint", "en"),
                    elem_id="kg-ask-paper",
                    scale=5,
                    max_length=2000,
                )
                send = gr.Button(
                    word("ask", "en"), variant="primary", elem_id="kg-ask-paper-send", scale=1, min_width=90
                )
            answers = gr.HTML("", elem_id="kg-paper-answers", js_on_load=scripts.ACTS)
            pages = gr.HTML("", elem_id="kg-paper-pages", js_on_load=scripts.ACTS)
    outputs = [browse, read, paper, graph, pages, answers, asked, at]

    def look(text: str, state: dict[str, Any], lang: Language, request: gr.Request) -> tuple[Any, ...]:
        state = {**state, "text": text or "", "offset": 0}
        theirs = service.of(require_person(request))
        return *_found(theirs, state, lang), state, search_address(theirs, state)

    def first(state: dict[str, Any], lang: Language, request: gr.Request) -> tuple[Any, Any]:
        return _found(service.of(require_person(request)), state, lang)

    def choose(
        state: dict[str, Any], lang: Language, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        state = _after(state, event._data or {})
        theirs = service.of(require_person(request))
        return *_found(theirs, state, lang), state, search_address(theirs, state)

    def on_paper(
        lang: Language, state: dict[str, Any], event: gr.EventData, request: gr.Request
    ) -> list[Any]:
        data = event._data or {}
        theirs = service.of(require_person(request))
        if data.get("act") == "split":
            return [*_split(theirs, data, lang), gr.skip()]
        if data.get("act") == "duplicate":
            return [*_decided(theirs, data, lang), gr.skip()]
        if data.get("act") == "results":
            return [*shut(outputs), search_address(theirs, state)]
        return [gr.skip()] * (len(outputs) + 1)

    def grow(
        where: dict[str, Any], lang: Language, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, Any]:
        where = _grown(where, event._data or {})
        return _graph(service.of(require_person(request)), where, lang), where

    def ask(text: str, where: dict[str, Any], lang: Language, request: gr.Request) -> Iterator[Any]:
        yield from _ask_paper(
            service.of(require_person(request)), asking.start(str(request.session_hash)), text, where, lang
        )

    def point(where: dict[str, Any], lang: Language, event: gr.EventData, request: gr.Request) -> Any:
        data = event._data or {}
        if data.get("act") != "evidence":
            return gr.skip()
        return _evidence(
            service.of(require_person(request)), where, int(data["turn"]), int(data["claim"]), lang
        )

    for trigger in (find.click, sought.submit):
        trigger(
            look,
            [sought, view, language],
            [facets, results, view, where],
            show_progress="hidden",
            concurrency_limit=4,
            js=scripts.BUSY,
        ).then(None, [where], None, js=scripts.PUSH)
    for html in (facets, results):
        html.select(
            choose,
            [view, language],
            [facets, results, view, where],
            show_progress="hidden",
            concurrency_limit=4,
        ).then(None, [where], None, js=scripts.PUSH)
    paper.select(on_paper, [language, view], [*outputs, where], show_progress="hidden").then(
        None, [where], None, js=scripts.PUSH
    )
    graph.select(grow, [at, language], [graph, at], show_progress="hidden")
    for trigger in (send.click, asked.submit):
        trigger(
            ask,
            [asked, at, language],
            [answers, asked, pages, at],
            show_progress="hidden",
            concurrency_limit=None,
        )
    answers.select(point, [at, language], pages, show_progress="hidden")
    language.input(first, [view, language], [facets, results], show_progress="hidden")
    labels: list[Relabel] = [
        (sought, lambda lang: gr.update(label=word("library_search", lang))),
        (find, lambda lang: word("search_button", lang)),
        (graph_title, lambda lang: f"### {word('in_graph', lang)}"),
        (asked, lambda lang: gr.update(label=word("read_together", lang), info=word("read_hint", lang))),
        (send, lambda lang: word("ask", lang)),
    ]
    return LibraryPage(
        outputs,
        [results, paper, graph, answers],
        asks,
        first,
        [view, language],
        [facets, results],
        [sought, view],
        labels,
    )


def everything(service: Service, language: Language) -> list[Any]:
    """Facets and results before anything was sought, for ``LibraryPage.first_outputs``."""
    return list(_found(service, NEW, language))


def sought_by(service: Service, sealed: str, language: Language) -> tuple[list[Any], dict[str, Any]]:
    """A search by its address: facets and results, and the state that the page keeps.

    Raises:
        NotFound: this library made no such address.
    """
    state = NEW | unseal(service.library.folder, sealed)
    return list(_found(service, state, language)), state


def search_address(service: Service, state: dict[str, Any]) -> str:
    """The address of a search: sealed, so that a browser's history does not tell what was sought."""
    told = {name: value for name, value in state.items() if value != NEW.get(name)}
    return f"?find={seal(service.library.folder, told)}" if told else "?tab=library"


def opened(service: Service, document_id: str, language: Language) -> list[Any]:
    """One paper, for ``LibraryPage.outputs``; what cannot be shown is said in its place."""
    where = {"document": document_id, "opened": [], "turns": []}
    try:
        found = paper_of(service, document_id)
    except KgragError as error:
        return [
            gr.update(visible=False),
            gr.update(visible=True),
            _missing(str(error), language),
            "",
            "",
            "",
            "",
            where,
        ]
    return [
        gr.update(visible=False),
        gr.update(visible=True),
        render_library.paper_html(found, language),
        _graph(service, where, language),
        _pages(document_id, found["pages"], language),
        "",
        "",
        where,
    ]


def shut(outputs: Sequence[Any]) -> list[Any]:
    """No paper but the list, for ``LibraryPage.outputs``."""
    return [gr.update(visible=True), gr.update(visible=False), *[gr.skip()] * (len(outputs) - 2)]


def named(service: Service, concept: str, language: Language) -> list[Any]:
    """A concept or another node of the graph with what names it, for ``LibraryPage.outputs``."""
    prefix = concept.partition(":")[0]
    found = reading.node(service, concept, {"c": "Concept", "e": "Entity"}.get(prefix, prefix.capitalize()))
    shown = (
        render.entity_html(found, language) if found else _missing(word("not_an_address", language), language)
    )
    where = {"document": "", "opened": [], "turns": []}
    return [gr.update(visible=False), gr.update(visible=True), shown, "", "", "", "", where]


def _decided(service: Service, data: dict[str, Any], language: Language) -> list[Any]:
    """What is shown after a person said whether two documents are one work."""
    first, second = str(data["first"]), str(data["second"])
    try:
        return opened(service, reading.decide(service, first, second, same=data["do"] == "merge"), language)
    except KgragError as error:
        return [gr.skip(), gr.skip(), _missing(str(error), language), *[gr.skip()] * 5]


def _split(service: Service, data: dict[str, Any], language: Language) -> list[Any]:
    """What is shown after a person said that a document's sources are different works."""
    source = int(data["source"]) if str(data.get("source", "")).isdecimal() else None
    try:
        return opened(service, reading.split(service, str(data["document"]), source), language)
    except KgragError as error:
        return [gr.skip(), gr.skip(), _missing(str(error), language), *[gr.skip()] * 5]


def _missing(text: str, language: Language) -> str:
    return render_library.missing_html(render.error_html("", text, language), language)


def _found(service: Service, state: dict[str, Any], language: Language) -> tuple[Any, Any]:
    try:
        found = find(service, state["text"], state["chosen"], state["offset"], state["sort"])
    except KgragError as error:
        return gr.skip(), render.error_html(state["text"], str(error), language)
    return render_library.facets_html(
        found["facets"], state["chosen"], language
    ), render_library.results_html(found, language)


def _after(state: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """What is shown after a facet, a page of results or "clear" was chosen."""
    if data.get("act") == "turn":
        return {**state, "offset": int(data["offset"])}
    if data.get("act") == "clear":
        return {**state, "chosen": {}, "offset": 0}
    if data.get("act") == "sort" and data.get("value") in SORTS:
        return {**state, "sort": data["value"], "offset": 0}
    if data.get("act") == "years":
        years = {name: [str(data[name])] for name in ("year_from", "year_to") if str(data.get(name) or "")}
        chosen = {k: v for k, v in state["chosen"].items() if k not in ("year", "year_from", "year_to")}
        return {**state, "chosen": {**chosen, **years}, "offset": 0}
    if data.get("act") != "facet":
        return state
    facet, value = str(data["facet"]), str(data["value"])
    before = state["chosen"].get(facet, [])
    after = [v for v in before if v != value] if value in before else [*before, value]
    return {**state, "chosen": {**state["chosen"], facet: after}, "offset": 0}


def _grown(where: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """A node that was chosen opens; one that was open closes, with what hung on it."""
    place = str(data.get("place", "0"))
    kept = [p for p in where["opened"] if p != place and not p.startswith(place + ".")]
    opened = kept if place in where["opened"] else [*where["opened"], place]
    return {**where, "opened": opened[-MAX_OPENED:]}


def _graph(service: Service, where: dict[str, Any], language: Language) -> str:
    if not service.records.readable(where["document"]):
        return ""
    tree = reading.tree(service, where["document"], where["opened"])
    return graph_view.graph_html(tree, language)


def _pages(document_id: str, pages: int, language: Language, page: int = 1, boxes: str = "") -> str:
    if not pages:
        return said_html(word("no_pages", language), "kg-note")
    more = f"&boxes={quote(boxes)}" if boxes else ""
    return render.page_html_of(
        {"base": f"/pages/{{page}}.png?document={quote(document_id)}{more}", "page": page, "pages": pages},
        language,
    )


# -- reading together ------------------------------------------------------------------------------


def _ask_paper(
    service: Service, stopped: Callable[[], bool], text: str, where: dict[str, Any], language: Language
) -> Iterator[Any]:
    """Answers from one paper alone; the newest stands first, its first quote on the page beside it."""
    if not (text or "").strip() or not where["document"]:
        yield gr.skip(), text, gr.skip(), where
        return
    before = _answers(service, where, language)
    yield render.working_html(text, (), language) + before, "", gr.skip(), where
    for kind, value in chat.events(service, text, reading.limited_to(where["document"]), stopped, []):
        if kind == "error":
            yield chat.failed(text, value, language) + before, text, gr.skip(), where
        elif kind == "answer":
            where = {**where, "turns": [*where["turns"], {"id": value["id"], "asked": text}]}
            pages = (
                _evidence(service, where, len(where["turns"]) - 1, 0, language)
                if value["claims"]
                else gr.skip()
            )
            yield (
                _answers(service, where, language),
                gr.skip(),
                pages,
                where,
            )  # the field is emptied once: see ``chat._answer``


def _answers(service: Service, where: dict[str, Any], language: Language) -> Markup:
    turns = list(enumerate(where["turns"]))
    shown = [
        render.turn_html(answer_of(service, turn["id"]), number, language) for number, turn in reversed(turns)
    ]
    return render.conversation_html(shown, language)


def _evidence(service: Service, where: dict[str, Any], turn: int, claim: int, language: Language) -> Any:
    """The quote of a sentence, on its page where there are pages, else in its passage."""
    if not 0 <= turn < len(where["turns"]):
        return gr.skip()
    answer = answer_of(service, where["turns"][turn]["id"])
    if not 0 <= claim < len(answer["claims"]):
        return gr.skip()
    evidence = answer["claims"][claim]["evidence"][0]
    text, page = passage_of(service, answer, claim), pages_of(service, answer, claim)
    return render.quoted_html(text, evidence["span"], page, language)
