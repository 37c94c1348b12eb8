"""The chat and search pages in Gradio: a question, a streamed answer with chips, and the evidence of the chip clicked.

Knows Gradio's components and events. What is shown is made by ``ui.render``; what is done, by ``ui.service``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from typing import Any

import gradio as gr

from kgrag.errors import KgragError
from kgrag.types import Filters
from ui import render
from ui.auth import require_person
from ui.auth_bar import bar_html
from ui.service import Service
from ui.words import Language, word

CHIPS_JS = """
element.addEventListener('click', (event) => {
  const chip = event.target.closest('[data-claim]');
  if (chip) trigger('select', {turn: Number(chip.dataset.turn), claim: Number(chip.dataset.claim)});
});
"""
RANKING_JS = """
element.addEventListener('click', (event) => {
  const form = event.target.closest('.kg-ranking');
  if (!event.target.closest('.kg-save') || !form) return;
  const ranks = [];
  form.querySelectorAll('select').forEach((box) => { ranks[Number(box.dataset.index)] = Number(box.value); });
  trigger('submit', {turn: Number(form.dataset.turn), ranks: ranks, note: form.querySelector('input').value});
});
"""
PANEL_JS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('.kg-verdict');
  if (button) trigger('like', {turn: Number(button.dataset.turn), claim: Number(button.dataset.verdictClaim), right: button.dataset.right === '1'});
});
"""
EXAMPLES = {"en": ("Why are most published research findings false?", "What is blue marble health?"),
            "zh": ("什么是系统综述？", "What is blue marble health?")}


def build_chat(service: Service) -> Any:
    """The Gradio Blocks of the chat; the interface's language follows a switch on the page."""
    with gr.Blocks(title="kgrag", analytics_enabled=False, fill_width=True) as blocks:
        turns = gr.State([])
        bar = gr.HTML("", elem_id="kg-bar")
        with gr.Row(equal_height=True):
            heading = gr.Markdown(f"# {word('title', 'en')}", elem_id="kg-heading")
            language = gr.Radio([("English", "en"), ("中文", "zh")], value="en", label=word("language", "en"), elem_id="kg-language", container=False)
        with gr.Tabs():
            with gr.Tab(word("ask", "en"), id="ask") as ask_tab, gr.Row():
                with gr.Column(scale=3, min_width=320):
                    transcript = gr.HTML("", elem_id="kg-transcript", js_on_load=CHIPS_JS)
                    question = gr.Textbox(label=word("question", "en"), placeholder=word("placeholder", "en"), lines=1, elem_id="kg-question")
                    with gr.Row():
                        send = gr.Button(word("ask", "en"), variant="primary", elem_id="kg-ask")
                        stop = gr.Button(word("stop", "en"), elem_id="kg-stop")
                        new = gr.Button(word("new", "en"), elem_id="kg-new")
                    with gr.Accordion(word("filters", "en"), open=False) as limits, gr.Row():
                        from_year = gr.Number(label=word("from_year", "en"), value=None, precision=0)
                        to_year = gr.Number(label=word("to_year", "en"), value=None, precision=0)
                with gr.Column(scale=2, min_width=320):
                    panel = gr.HTML(_hint("en"), elem_id="kg-panel", js_on_load=PANEL_JS)
                    with gr.Accordion(word("rank", "en"), open=False, elem_id="kg-rank") as rank_box:
                        ranking = gr.HTML("", elem_id="kg-ranking", js_on_load=RANKING_JS)
                    said = gr.HTML("", elem_id="kg-said")
            with gr.Tab(word("search", "en"), id="search") as search_tab:
                sought = gr.Textbox(label=word("search", "en"), elem_id="kg-sought")
                find = gr.Button(word("search_button", "en"), elem_id="kg-find")
                results = gr.HTML("", elem_id="kg-results")
        notice = gr.Markdown(word("notice", "en"), elem_id="kg-notice")

        def answer(asked: str, told: list[dict[str, Any]], lang: Language, low: float | None, high: float | None, request: gr.Request) -> Iterator[Any]:
            yield from _answer(service.of(require_person(request)), asked, told, lang, _filters(low, high))

        def evidence(told: list[dict[str, Any]], lang: Language, event: gr.EventData, request: gr.Request) -> str:
            data = event._data or {}
            return _evidence(service.of(require_person(request)), told, lang, data)

        def rank(told: list[dict[str, Any]], lang: Language, event: gr.EventData, request: gr.Request) -> str:
            data, theirs = event._data or {}, service.of(require_person(request))
            return _kept(lambda: theirs.rank(told[int(data["turn"])]["id"], [int(r) for r in data["ranks"]], str(data["note"])), lang)

        def judge(told: list[dict[str, Any]], lang: Language, event: gr.EventData, request: gr.Request) -> str:
            data, theirs = event._data or {}, service.of(require_person(request))
            answer = told[int(data["turn"])]
            return _kept(lambda: theirs.judge(answer["id"], answer["claims"][int(data["claim"])]["id"], bool(data["right"])), lang)

        def form(told: list[dict[str, Any]], lang: Language) -> tuple[str, str]:
            return render.ranking_html(told[-1], len(told) - 1, lang) if told else "", ""

        def look(asked: str, lang: Language, low: float | None, high: float | None, request: gr.Request) -> str:
            return _search(service.of(require_person(request)), asked, lang, _filters(low, high))

        def who(lang: Language, request: gr.Request) -> str:
            return bar_html(request, lang)

        blocks.load(who, [language], bar, show_progress="hidden")
        language.change(who, [language], bar, show_progress="hidden")
        asking = [send.click(answer, [question, turns, language, from_year, to_year], [transcript, turns, question, panel], show_progress="hidden"),
                  question.submit(answer, [question, turns, language, from_year, to_year], [transcript, turns, question, panel], show_progress="hidden")]
        stop.click(None, cancels=asking)
        new.click(lambda lang: ("", [], _hint(lang)), [language], [transcript, turns, panel], cancels=asking)
        turns.change(form, [turns, language], [ranking, said], show_progress="hidden")
        ranking.submit(rank, [turns, language], said, show_progress="hidden")
        panel.like(judge, [turns, language], said, show_progress="hidden")
        transcript.select(evidence, [turns, language], panel, show_progress="hidden")
        for trigger in (find.click, sought.submit):
            trigger(look, [sought, language, from_year, to_year], results, show_progress="hidden")
        language.change(_relabel, [language], [heading, language, ask_tab, search_tab, question, send, stop, new, limits, from_year, to_year, sought,
                                               find, notice, rank_box], show_progress="hidden")
    return blocks


def _answer(service: Service, asked: str, told: list[dict[str, Any]], language: Language, filters: Filters) -> Iterator[Any]:
    before = "".join(render.turn_html(answer, turn, language) for turn, answer in enumerate(told))
    if not asked.strip():
        yield before, told, asked, _hint(language)
        return
    steps: list[str] = []
    yield before + render.working_html(asked, steps, language), told, "", _hint(language)
    for kind, value in service.steps(asked, filters):
        if kind == "step":
            steps.append(value)
            yield before + render.working_html(asked, steps, language), told, "", _hint(language)
        elif kind == "error":
            yield before + render.error_html(asked, str(value), language), told, asked, _hint(language)
        else:
            told = [*told, value]
            panel = _evidence(service, told, language, {"turn": len(told) - 1, "claim": 0}) if value["claims"] else _hint(language)
            yield before + render.turn_html(value, len(told) - 1, language), told, "", panel


def _evidence(service: Service, told: list[dict[str, Any]], language: Language, data: dict[str, Any]) -> str:
    turn, number = int(data.get("turn", -1)), int(data.get("claim", -1))
    if not 0 <= turn < len(told) or not 0 <= number < len(told[turn]["claims"]):
        return _hint(language)
    answer = told[turn]
    passages = service.passages(answer)
    evidence = answer["claims"][number]["evidence"][0]
    text = passages.get(evidence["passage_id"])
    shown = {**evidence, "text": text} if text is not None else None
    if shown is None:
        return render.error_html(answer["question"], f"The passage {evidence['passage_id']} was deleted from the library.", language)
    return render.evidence_html(answer, number, shown, service.page_of(answer, number), language) + render.verdict_buttons(turn, number, language)


def _search(service: Service, asked: str, language: Language, filters: Filters) -> str:
    if not asked.strip():
        return ""
    try:
        return render.hits_html(service.search(asked, filters), language)
    except KgragError as error:
        return render.error_html(asked, str(error), language)


def _kept(work: Callable[[], object], language: Language) -> str:
    """Do it and say that it is kept; or say what is wrong."""
    try:
        work()
    except KgragError as error:
        return f"<p class='kg-error' role='alert'>{escape(str(error))}</p>"
    return f"<p role='status'>{word('saved', language)}</p>"


def _filters(low: float | None, high: float | None) -> Filters:
    return Filters(year_from=int(low) if low else None, year_to=int(high) if high else None)


def _hint(language: Language) -> str:
    return f"<p class='kg-note'>{word('evidence_hint', language)}</p>"


def _relabel(language: Language) -> list[Any]:
    label = {key: word(key, language) for key in ("title", "language", "ask", "search", "question", "placeholder", "stop", "new", "filters",
                                                   "from_year", "to_year", "search_button", "notice", "rank")}
    return [f"# {label['title']}", gr.Radio(label=label["language"]), gr.Tab(label=label["ask"]), gr.Tab(label=label["search"]),
            gr.Textbox(label=label["question"], placeholder=label["placeholder"]), label["ask"], label["stop"], label["new"],
            gr.Accordion(label=label["filters"]), gr.Number(label=label["from_year"]), gr.Number(label=label["to_year"]),
            gr.Textbox(label=label["search"]), label["search_button"], label["notice"], gr.Accordion(label=label["rank"])]
