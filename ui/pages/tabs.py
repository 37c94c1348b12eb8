"""All pages in one Gradio application: heading, language, and a tab each for asking, the library, concepts,
checking a text, ranking and one's own history.

Knows which page acts on which. Each page is a module of its own.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import gradio as gr

from kgrag.people.rights import may
from ui.door.bar import bar_html
from ui.door.door import require_person
from ui.door.language import language_of
from ui.html import scripts
from ui.pages import addresses, chat, conversation
from ui.pages import check as check_page
from ui.pages import concepts as concepts_page
from ui.pages import history as history_page
from ui.pages import library as library_page
from ui.pages import ranking as ranking_page
from ui.pages.limits import Relabel, offered
from ui.service.asking import Asking
from ui.service.service import Service
from ui.words import Language, word

MAX_WAITING = 500
"""Acts on the pages that wait for their turn; more are refused."""
MAX_VISITORS = 100
"""Open pages whose conversations are kept in memory; of more, those longest unused begin anew (what was asked
stays in their history).
"""


def theme() -> Any:
    """Gradio's plain theme with system fonts and one blue that has contrast enough on white and on dark."""
    blue = gr.themes.Color(
        "#eef5fc",
        "#e8f1fb",
        "#cfe2f6",
        "#a9cbee",
        "#7db4f0",
        "#4a90dc",
        "#1d5fa8",
        "#174d89",
        "#0b3a6e",
        "#092f59",
        "#061f3b",
    )
    made = gr.themes.Base(
        primary_hue=blue,
        secondary_hue=blue,
        neutral_hue="slate",
        radius_size="md",
        font=["system-ui", "sans-serif"],
        font_mono=["monospace"],
    )
    return made.set(
        button_primary_background_fill="#1d5fa8",
        button_primary_background_fill_hover="#174d89",
        button_primary_text_color="#ffffff",
        button_primary_background_fill_dark="#1d5fa8",
        button_primary_background_fill_hover_dark="#2a6cb5",
        button_primary_text_color_dark="#ffffff",
        body_background_fill="#f5f7f9",
        body_background_fill_dark="#12161b",
        body_text_color="#1b1f24",
        body_text_color_dark="#e8ebef",
        body_text_color_subdued="#525b66",
        body_text_color_subdued_dark="#b4bcc6",
        block_label_text_color="#1b1f24",
        block_label_text_color_dark="#e8ebef",
        block_title_text_color="#1b1f24",
        block_title_text_color_dark="#e8ebef",
        input_placeholder_color="#5f6873",
        input_placeholder_color_dark="#a3acb7",
        input_border_color="#7a8591",
        input_border_color_dark="#6b7480",
    )


def build_pages(service: Service) -> Any:
    """The Gradio Blocks of all pages; the interface's language follows a switch."""
    with gr.Blocks(title="kgrag", analytics_enabled=False, fill_width=True) as blocks:
        blocks.state_session_capacity = MAX_VISITORS
        blocks.queue(max_size=MAX_WAITING, api_open=False)
        asking, reading = Asking(), Asking()
        bar, closed_tabs = gr.HTML("", elem_id="kg-bar"), gr.Textbox("", visible=False)
        where, revisit = gr.Textbox("", visible=False), gr.Button("", elem_id="kg-revisit")
        with gr.Row(equal_height=True, elem_id="kg-head"):
            heading = gr.Markdown(f"# {word('title', 'en')}", elem_id="kg-heading")
            language = gr.Radio(
                [("English", "en"), ("中文", "zh")],
                value="en",
                label=word("language", "en"),
                elem_id="kg-language",
                container=False,
                min_width=190,
            )
            dark = gr.Button(word("dark", "en"), size="sm", elem_id="kg-dark", min_width=90)
        with gr.Tabs(elem_id="kg-tabs") as tabs:
            with gr.Tab(word("ask", "en"), id="ask") as ask_tab:
                asked = chat.build_chat(service, language, asking, where)
            with gr.Tab(word("library", "en"), id="library") as library_tab:
                library = library_page.build_library(service, language, reading, where)
            with gr.Tab(word("concepts", "en"), id="concepts") as concepts_tab:
                concepts = concepts_page.build_concepts(language)
            with gr.Tab(word("check", "en"), id="check") as check_tab:
                checked = check_page.build_check(service, language)
            with gr.Tab(word("ranking", "en"), id="ranking") as ranking_tab:
                ranking = ranking_page.build_ranking(service, language, asked.turns)
            with gr.Tab(word("history", "en"), id="history") as history_tab:
                history = history_page.build_history(service, language)
        notice = gr.Markdown(word("notice", "en"), elem_id="kg-notice")
        pages = (
            (ask_tab, "ask"),
            (library_tab, "library"),
            (concepts_tab, "concepts"),
            (check_tab, "check"),
            (ranking_tab, "ranking"),
            (history_tab, "history"),
        )
        labels: list[Relabel] = [
            (heading, lambda lang: f"# {word('title', lang)}"),
            (language, lambda lang: gr.update(label=word("language", lang))),
            (dark, lambda lang: word("dark", lang)),
            (notice, lambda lang: word("notice", lang)),
            *((tab, lambda lang, key=key: gr.update(label=word(key, lang))) for tab, key in pages),
            *asked.labels,
            *library.labels,
            *concepts,
            *checked.labels,
            *ranking.labels,
            *history.labels,
        ]

        def relabel(lang: Language) -> list[Any]:
            return [named(lang) for _, named in labels]

        def who(lang: Language, request: gr.Request) -> str:
            return bar_html(request, lang)

        def again(told: list[conversation.Turn], lang: Language, request: gr.Request) -> str:
            theirs = service.of(require_person(request))
            return conversation.transcript_html(theirs, told, lang) or conversation.empty(theirs, lang)

        def begin(request: gr.Request) -> dict[Any, Any]:
            theirs, lang = service.of(require_person(request)), language_of(request)
            asks, ranks = theirs.asks(), may(theirs.person, "feedback")
            closed = " ".join(name for name, is_open in (("ask", asks), ("ranking", ranks)) if not is_open)
            words = {component: named(lang) for component, named in labels} if lang == "zh" else {}
            return {
                **words,
                language: gr.update(value=lang, label=word("language", lang)),
                bar: bar_html(request, lang),
                asked.transcript: conversation.empty(theirs, lang),
                closed_tabs: closed,
                library.asks: gr.update(visible=asks),
                tabs: gr.skip() if asks else gr.Tabs(selected="library"),
                **dict(zip(asked.offers, offered(theirs), strict=True)),
            }

        def visit(address: str, lang: Language, request: gr.Request) -> dict[Any, Any]:
            """What an address asks for; see ``ui.pages.addresses``."""
            theirs = service.of(require_person(request))
            return addresses.opened(theirs, address or "", lang, parts)

        def arrive(address: str, lang: Language, request: gr.Request) -> dict[Any, Any]:
            """The same for a page just loaded; without an address, what a person chose meanwhile stays."""
            return visit(address, lang, request) if (address or "").strip("?") else {tabs: gr.skip()}

        def paper(lang: Language, event: gr.EventData, request: gr.Request) -> list[Any]:
            data = event._data or {}
            node = str(data.get("node", ""))
            wanted = str(
                data.get("document") or (node.rpartition("#")[0] if data.get("kind") == "Passage" else node)
            )
            return [
                gr.Tabs(selected="library"),
                *library_page.opened(service.of(require_person(request)), wanted, lang),
                f"?{urlencode({'paper': wanted})}",
            ]

        def reopen(lang: Language, event: gr.EventData, request: gr.Request) -> list[Any]:
            theirs, data = service.of(require_person(request)), event._data or {}
            turn = history_page.turn_of(theirs, str(data["answer"]))
            told = [turn] if turn else []
            return [
                gr.Tabs(selected="ask"),
                conversation.transcript_html(theirs, told, lang) or conversation.empty(theirs, lang),
                told,
                conversation.address_of(told),
            ]

        def leave(request: gr.Request) -> None:
            """Nobody is there any more for whom to work on."""
            for one in (asking, reading):
                one.stop(str(request.session_hash))

        blocks.unload(leave)
        parts = addresses.Parts(tabs, asked, library, ranking)
        blocks.load(
            begin,
            None,
            [
                *dict.fromkeys(component for component, _ in labels),
                *(bar, asked.transcript, closed_tabs, library.asks, tabs, *asked.offers),
            ],
            show_progress="hidden",
        ).then(None, [closed_tabs], None, js=scripts.CLOSE_TABS).then(
            None, [language], None, js=scripts.LANGUAGE
        ).then(arrive, [where, language], parts.outputs, show_progress="hidden", js=scripts.HERE).then(
            None, js=scripts.ARRIVED
        )
        revisit.click(visit, [where, language], parts.outputs, show_progress="hidden", js=scripts.HERE).then(
            None, js=scripts.ARRIVED
        )
        language.input(None, [language], None, js=scripts.KEEP_LANGUAGE)
        language.input(
            relabel, [language], [component for component, _ in labels], show_progress="hidden"
        ).then(None, [closed_tabs], None, js=scripts.CLOSE_TABS)
        language.input(who, [language], bar, show_progress="hidden")
        language.input(again, [asked.turns, language], asked.transcript, show_progress="hidden")
        dark.click(None, js=scripts.DARK)
        for html in (asked.transcript, asked.panel, checked.checked, *library.papers):
            html.expand(paper, [language], [tabs, *library.outputs, where], show_progress="hidden").then(
                None, js=scripts.SHOW_PAPER
            ).then(None, [where], None, js=scripts.PUSH)
        history.listed.upload(
            reopen, [language], [tabs, asked.transcript, asked.turns, where], show_progress="hidden"
        ).then(None, [where], None, js=scripts.PUSH)
        library_tab.select(library.first, library.first_inputs, library.first_outputs, show_progress="hidden")
        ranking_tab.select(ranking.first, ranking.first_inputs, ranking.first_outputs, show_progress="hidden")
        history_tab.select(history.first, history.first_inputs, history.first_outputs, show_progress="hidden")
    return blocks
