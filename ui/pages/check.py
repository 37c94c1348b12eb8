"""A text from elsewhere, checked: what it claims, and what it cites, against the library.

Knows Gradio's components of this page; nothing typed here is kept.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from kgrag.desk.asking import MOST_TEXT
from kgrag.errors import KgragError
from ui.door.door import require_person
from ui.html import scripts
from ui.html.check import claims_html, progress_html, references_html
from ui.html.parts import failed_html
from ui.pages import chat
from ui.pages.limits import Relabel
from ui.pages.text_field import text_field
from ui.service.service import Service
from ui.words import Language, word

Found = tuple[str, list[dict[str, Any]]] | None
"""What was found: ``claims`` or ``references``, as the command line prints them."""


@dataclass(frozen=True)
class CheckPage:
    """What other pages need of this one."""

    checked: Any
    labels: list[Relabel]


def build_check(service: Service, language: Any) -> CheckPage:
    """The page's components and events, inside the tab that is open now."""
    hint = gr.Markdown(word("check_hint", "en"))
    text = text_field(
        "",
        label=word("check_text", "en"),
        lines=8,
        max_lines=24,
        max_length=MOST_TEXT,
        elem_id="kg-check-text",
    )
    with gr.Row():
        claims = gr.Button(
            word("check_claims", "en"), variant="primary", elem_id="kg-check-claims", min_width=160
        )
        references = gr.Button(word("check_references", "en"), elem_id="kg-check-references", min_width=160)
    checked, found = gr.HTML("", elem_id="kg-checked", js_on_load=scripts.ACTS), gr.State(None)

    def of_claims(given: str, lang: Language, request: gr.Request) -> Iterator[tuple[str, Found]]:
        yield from _claims(service.of(require_person(request)), given or "", lang)

    def of_references(given: str, lang: Language, request: gr.Request) -> tuple[str, Found]:
        try:
            items = ("references", service.of(require_person(request)).check_references(given or ""))
        except KgragError as error:
            return failed_html(str(error), lang), None
        return _shown(items, lang), items

    claims.click(
        of_claims, [text, language], [checked, found], show_progress="hidden", concurrency_limit=None
    )
    references.click(of_references, [text, language], [checked, found], show_progress="hidden")
    language.input(_shown, [found, language], checked, show_progress="hidden")
    labels: list[Relabel] = [
        (hint, lambda lang: word("check_hint", lang)),
        (text, lambda lang: gr.update(label=word("check_text", lang))),
        (claims, lambda lang: word("check_claims", lang)),
        (references, lambda lang: word("check_references", lang)),
    ]
    return CheckPage(checked, labels)


def _claims(service: Service, text: str, language: Language) -> Iterator[tuple[str, Found]]:
    """How far it is, then the claims."""
    last = time.monotonic()
    yield progress_html(0, 0, language), None
    for kind, value in service.checks(text):
        if kind == "step" and time.monotonic() - last > chat.PACE_S:
            last = time.monotonic()
            done, of = value
            yield progress_html(done, of, language), None
        elif kind == "claims":
            yield _shown((kind, value), language), (kind, value)
        elif kind == "error":
            yield (
                failed_html(
                    (
                        str(value)
                        if isinstance(value, KgragError)
                        else word("unexpected", language, what=type(value).__name__)
                    ),
                    language,
                ),
                None,
            )


def _shown(found: Found, language: Language) -> str:
    if found is None:
        return ""
    kind, items = found
    return claims_html(items, language) if kind == "claims" else references_html(items, language)
