"""One's own history: searched, opened again, copied, shared by its permanent address, deleted.

Knows Gradio's components of this page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from kgrag.errors import KgragError
from ui.door.door import require_person
from ui.html import scripts
from ui.html.history import history_html
from ui.html.parts import said_html
from ui.pages import conversation
from ui.pages.limits import Relabel
from ui.pages.text_field import text_field
from ui.service.service import Service
from ui.words import Language, word


@dataclass(frozen=True)
class HistoryPage:
    """What other pages need of this one."""

    listed: Any
    first: Callable[..., Any]
    first_inputs: list[Any]
    first_outputs: list[Any]
    labels: list[Relabel]


def build_history(service: Service, language: Any) -> HistoryPage:
    """The page's components and events, inside the tab that is open now."""
    hint = gr.Markdown(word("history_hint", "en"))
    with gr.Row():
        sought = text_field(
            "", label=word("history_search", "en"), elem_id="kg-history-sought", scale=5, max_length=500
        )
        clear = gr.Button(
            word("delete_all", "en"),
            variant="stop",
            size="sm",
            elem_id="kg-history-clear",
            scale=1,
            min_width=120,
        )
    said = gr.HTML("", elem_id="kg-history-said", js_on_load=scripts.STATUS)
    listed = gr.HTML("", elem_id="kg-history", js_on_load=scripts.ACTS)

    def show(words: str, lang: Language, request: gr.Request) -> str:
        return _listed(service.of(require_person(request)), words, lang)

    def remove(words: str, lang: Language, event: gr.EventData, request: gr.Request) -> tuple[str, str]:
        theirs = service.of(require_person(request))
        theirs.desk.forget([str((event._data or {})["answer"])])
        return _listed(theirs, words, lang), said_html(word("deleted", lang))

    def remove_all(lang: Language, request: gr.Request) -> tuple[str, str]:
        theirs = service.of(require_person(request))
        theirs.desk.forget()
        return _listed(theirs, "", lang), said_html(word("deleted", lang))

    sought.change(show, [sought, language], listed, show_progress="hidden", trigger_mode="always_last")
    listed.delete(remove, [sought, language], [listed, said], show_progress="hidden")
    clear.click(
        remove_all,
        [language],
        [listed, said],
        show_progress="hidden",
        js=scripts.FORGET_ALL,
    )
    language.input(show, [sought, language], listed, show_progress="hidden")
    labels: list[Relabel] = [
        (hint, lambda lang: word("history_hint", lang)),
        (sought, lambda lang: gr.update(label=word("history_search", lang))),
        (clear, lambda lang: word("delete_all", lang)),
    ]
    return HistoryPage(listed, show, [sought, language], [listed], labels)


def turn_of(service: Service, answer_id: str) -> conversation.Turn | None:
    """A question of before as the first of a conversation; None where it is gone."""
    try:
        question = service.answer(answer_id)["question"]
    except KgragError:
        return None
    return {"id": answer_id, "asked": question, "typed": question, "note": []}


def _listed(service: Service, words: str, language: Language) -> str:
    if not service.library.settings.history_days:
        return said_html(word("history_off", language), "kg-empty")
    found = service.desk.history((words or "").strip())
    return history_html([(item.answer_id, item.question, item.created) for item in found], language)
