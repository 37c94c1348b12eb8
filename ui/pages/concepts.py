"""The way to the page of concepts: its form. What it shows stands at an address of its own, which can be kept
and sent (``ui.api.concepts``).

Knows Gradio's components of this tab.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.html.concepts import Nothing, form_html
from ui.pages.limits import Relabel
from ui.words import word


def build_concepts(language: Any) -> list[Relabel]:
    """The tab's components; returns what changes with the language.

    Args:
        language: the component that says which language the interface has.
    """
    hint = gr.Markdown(word("concepts_hint", "en"))
    form = gr.HTML(form_html(Nothing(), "en"), elem_id="kg-concepts")
    language.change(lambda lang: form_html(Nothing(), lang), [language], form, show_progress="hidden")
    return [(hint, lambda lang: word("concepts_hint", lang))]
