"""A text from elsewhere, checked: what it claims, and what it cites, against the library. Knows Gradio's components of this page; nothing typed here is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from kgrag.errors import KgragError
from ui import chat, scripts
from ui.auth import require_person
from ui.render_check import claims_html, failed_html, progress_html, references_html
from ui.service import Service
from ui.words import Language, word

MAX_CHARACTERS = 20_000


@dataclass(frozen=True)
class CheckPage:
    """What other pages need of this one."""

    checked: Any
    labels: list[chat.Relabel]


def build_check(service: Service, language: Any) -> CheckPage:
    """The page's components and events, inside the tab that is open now."""
    hint = gr.Markdown(word("check_hint", "en"))
    text = gr.Textbox("", label=word("check_text", "en"), lines=8, max_lines=24, max_length=MAX_CHARACTERS, elem_id="kg-check-text")
    with gr.Row():
        claims = gr.Button(word("check_claims", "en"), variant="primary", elem_id="kg-check-claims", min_width=160)
        references = gr.Button(word("check_references", "en"), elem_id="kg-check-references", min_width=160)
    checked = gr.HTML("", elem_id="kg-checked", js_on_load=scripts.ACTS)

    def of_claims(given: str, lang: Language, request: gr.Request) -> Iterator[str]:
        yield from _claims(service.of(require_person(request)), given or "", lang)

    def of_references(given: str, lang: Language, request: gr.Request) -> str:
        try:
            return references_html(service.of(require_person(request)).check_references(given or ""), lang)
        except KgragError as error:
            return failed_html(str(error), lang)

    def emptied() -> str:
        return ""

    claims.click(of_claims, [text, language], checked, show_progress="hidden", concurrency_limit=None)
    references.click(of_references, [text, language], checked, show_progress="hidden")
    language.change(emptied, None, checked, show_progress="hidden")
    labels: list[chat.Relabel] = [(hint, lambda lang: word("check_hint", lang)), (text, lambda lang: gr.update(label=word("check_text", lang))),
                                  (claims, lambda lang: word("check_claims", lang)), (references, lambda lang: word("check_references", lang))]
    return CheckPage(checked, labels)


def _claims(service: Service, text: str, language: Language) -> Iterator[str]:
    """How far it is, then the claims."""
    last = time.monotonic()
    yield progress_html(0, 0, language) if text.strip() else ""
    for kind, value in service.checks(text):
        if kind == "step" and time.monotonic() - last > chat.PACE_S:
            last = time.monotonic()
            done, of = value
            yield progress_html(done, of, language)
        elif kind == "claims":
            yield claims_html(value, language)
        elif kind == "error":
            yield failed_html(str(value) if isinstance(value, KgragError) else word("unexpected", language, what=type(value).__name__), language)
