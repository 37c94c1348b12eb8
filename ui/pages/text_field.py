"""The fields in which people write, all alike in what the browser keeps of them: nothing.

Knows Gradio's text box alone.
"""

from __future__ import annotations

from typing import Any

import gradio as gr


def text_field(value: str, **options: Any) -> Any:
    """A text box whose words the browser offers to nobody and does not write down to open the page again.

    Args:
        value: that it has at first.
        options: of ``gr.Textbox``.
    """
    return gr.Textbox(value, html_attributes=gr.InputHTMLAttributes(autocomplete="off"), **options)
