"""What an address of the reading room opens: a paper, a passage, a concept, a search, a conversation, a set
to ask alone, a question, an answer's candidates, a tab.

Knows the pages' components and the queries of addresses. What a person may not see does not open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import gradio as gr

from kgrag.errors import KgragError, NotFound
from ui.html.parts import said_html
from ui.pages import chat, conversation
from ui.pages import library as library_page
from ui.pages import ranking as ranking_page
from ui.service.service import Service
from ui.words import Language, word

TABS = ("ask", "library", "concepts", "check", "ranking", "history")


@dataclass(frozen=True)
class Parts:
    """The pages whose components an address fills."""

    tabs: Any
    chat: chat.Chat
    library: library_page.LibraryPage
    ranking: ranking_page.RankingPage

    @property
    def outputs(self) -> list[Any]:
        """All of them."""
        return [
            self.tabs,
            self.chat.transcript,
            self.chat.turns,
            self.chat.question,
            self.chat.panel,
            self.chat.shown,
            self.chat.only,
            self.chat.only_said,
            *self.library.outputs,
            *self.library.first_outputs,
            *self.library.state,
            *self.ranking.outputs,
        ]


def opened(service: Service, address: str, language: Language, parts: Parts) -> dict[Any, Any]:
    """What the components show for an address.

    Args:
        service: of the person who comes.
        address: the query, with its question mark.
        language: of the interface.
        parts: the components.
    """
    query = {name: values[0] for name, values in parse_qs(address.removeprefix("?")).items()}
    try:
        return _opened(service, query, language, parts)
    except KgragError as error:
        said = said_html(f"{word('not_an_address', language)} {error}", "kg-error", "alert")
        return {parts.tabs: gr.Tabs(selected="ask"), parts.chat.transcript: said}


def _opened(service: Service, query: dict[str, str], language: Language, parts: Parts) -> dict[Any, Any]:
    library, talk = parts.library, parts.chat
    if wanted := query.get("paper") or query.get("document"):
        return _library(parts, library_page.opened(service, wanted, language))
    if wanted := query.get("passage"):
        found = service.desk.passage(wanted)
        if found is None:
            raise NotFound(f"No passage '{wanted}' in this library.")
        return _library(parts, library_page.opened(service, found.document_id, language))
    if wanted := query.get("concept"):
        return _library(parts, library_page.named(service, wanted, language))
    if wanted := query.get("find"):
        shown, state = library_page.sought_by(service, wanted, language)
        return {
            **_library(parts, library_page.shut(library.outputs)),
            **dict(zip(library.first_outputs, shown, strict=True)),
            **dict(zip(library.state, (state["text"], state), strict=True)),
        }
    if wanted := query.get("rank"):
        chosen = ranking_page.chosen(service, wanted, language)
        return {
            parts.tabs: gr.Tabs(selected="ranking"),
            **dict(zip(parts.ranking.outputs, chosen, strict=True)),
        }
    if wanted := query.get("conversation"):
        return _conversation(service, wanted.split(), language, parts)
    if wanted := query.get("only"):
        only, said = conversation.only_of(service, wanted, language)
        return {parts.tabs: gr.Tabs(selected="ask"), talk.only: only, talk.only_said: said}
    if wanted := query.get("ask"):
        return {parts.tabs: gr.Tabs(selected="ask"), talk.question: wanted}
    return _home(service, query, language, parts)


def _conversation(service: Service, ids: list[str], language: Language, parts: Parts) -> dict[Any, Any]:
    """A conversation by its answers, the newest one's first evidence beside it."""
    told = conversation.told_by(service, ids)
    at = {"turn": len(told) - 1, "claim": 0}
    return {
        parts.tabs: gr.Tabs(selected="ask"),
        parts.chat.transcript: conversation.transcript_html(service, told, language)
        or conversation.empty(service, language),
        parts.chat.turns: told,
        parts.chat.panel: chat.evidence_of(service, told, language, at),
        parts.chat.shown: at,
    }


def _library(parts: Parts, shown: list[Any]) -> dict[Any, Any]:
    return {
        parts.tabs: gr.Tabs(selected="library"),
        **dict(zip(parts.library.outputs, shown, strict=True)),
    }


def _home(service: Service, query: dict[str, str], language: Language, parts: Parts) -> dict[Any, Any]:
    """A tab, or the beginning: a conversation that has not begun."""
    asks = service.asks()
    tab = query.get("tab") if query.get("tab") in TABS else "ask" if asks else "library"
    shown: dict[Any, Any] = {parts.tabs: gr.Tabs(selected=tab)}
    if tab == "library":
        shown |= _library(parts, library_page.shut(parts.library.outputs))
        listed = library_page.everything(service, language)
        shown |= dict(zip(parts.library.first_outputs, listed, strict=True))
        shown |= dict(zip(parts.library.state, ("", dict(library_page.NEW)), strict=True))
    elif tab == "ask":
        shown |= {parts.chat.transcript: conversation.empty(service, language), parts.chat.turns: []}
    return shown
