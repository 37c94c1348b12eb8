"""One's own history as HTML: a question a row, with what can be done with it. Pure: values in, markup out."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from ui.html.parts import TEMPLATES, said_html
from ui.words import Language, word, words


def history_html(asked: Sequence[tuple[str, str, str]], language: Language) -> Markup:
    """Questions, newest first.

    Args:
        asked: the answer's id, the question, and when it was asked (ISO 8601).
        language: of the interface.
    """
    if not asked:
        return said_html(word("history_empty", language), "kg-empty")
    rows = [(answer, question, created[:16].replace("T", " ")) for answer, question, created in asked]
    return TEMPLATES.part("history.html", "history", rows, words(language))
