"""One's own history: searched, opened again, copied, shared by its permanent address, deleted.

Knows Gradio's components of this page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from kgrag.errors import KgragError
from ui.door.door import require_person
from ui.html import scripts
from ui.html.answer import act
from ui.pages import chat
from ui.service.service import Service
from ui.words import Language, word


@dataclass(frozen=True)
class HistoryPage:
    """What other pages need of this one."""

    listed: Any
    first: Callable[..., Any]
    first_inputs: list[Any]
    first_outputs: list[Any]
    labels: list[chat.Relabel]


def build_history(service: Service, language: Any) -> HistoryPage:
    """The page's components and events, inside the tab that is open now."""
    hint = gr.Markdown(word("history_hint", "en"))
    with gr.Row():
        sought = gr.Textbox(
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
        return _listed(theirs, words, lang), f"<p class='kg-told'>{word('deleted', lang)}</p>"

    def remove_all(lang: Language, request: gr.Request) -> tuple[str, str]:
        theirs = service.of(require_person(request))
        theirs.desk.forget()
        return _listed(theirs, "", lang), f"<p class='kg-told'>{word('deleted', lang)}</p>"

    sought.change(show, [sought, language], listed, show_progress="hidden", trigger_mode="always_last")
    listed.delete(remove, [sought, language], [listed, said], show_progress="hidden")
    clear.click(
        remove_all,
        [language],
        [listed, said],
        show_progress="hidden",
        js=(
            "(...all) => { if (!confirm(all[0] === 'zh' ? '删除全部提问历史？' : 'Delete your whole"
            " history?')) throw new Error('kept'); return all; }"
        ),
    )
    language.change(show, [sought, language], listed, show_progress="hidden")
    labels: list[chat.Relabel] = [
        (hint, lambda lang: word("history_hint", lang)),
        (sought, lambda lang: gr.update(label=word("history_search", lang))),
        (clear, lambda lang: word("delete_all", lang)),
    ]
    return HistoryPage(listed, show, [sought, language], [listed], labels)


def turn_of(service: Service, answer_id: str) -> chat.Turn | None:
    """A question of before as the first of a conversation; None where it is gone."""
    try:
        question = service.answer(answer_id)["question"]
    except KgragError:
        return None
    return {"id": answer_id, "asked": question, "typed": question, "note": []}


def _listed(service: Service, words: str, language: Language) -> str:
    if not service.library.settings.history_days:
        return f"<p class='kg-empty'>{word('history_off', language)}</p>"
    rows = "".join(
        _row(item.answer_id, item.question, item.created, language)
        for item in service.desk.history((words or "").strip())
    )
    return (
        f"<ol class='kg-hits'>{rows}</ol>"
        if rows
        else f"<p class='kg-empty'>{word('history_empty', language)}</p>"
    )


def _row(answer_id: str, question: str, created: str, language: Language) -> str:
    address = f"/answers/{answer_id}"
    acts = (
        act("open", word("open", language), answer=answer_id),
        act("copy", word("copy", language), copy=question),
        act("copy", word("copy_link", language), copy_path=address),
        act("remove", word("delete", language), answer=answer_id),
    )
    return (
        f"<li><h2>{escape(question)}</h2><p"
        f" class='kg-place'>{word('asked_on', language, when=escape(created[:16].replace('T', ' ')))}</p><div"
        f" class='kg-row'>{''.join(acts)}<a class='kg-button' href='{escape(address)}' target='_blank'"
        f" rel='noopener'>{word('permanent', language)}</a></div></li>"
    )
