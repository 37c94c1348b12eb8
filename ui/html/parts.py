"""Small pieces of HTML that several pages share, and the templates of all pages.

What can be clicked carries ``data-act`` and what the act needs; the pages act on it. Does not know any page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kgrag.render.templates import Templates
from ui.words import Language, words

Plain = Mapping[str, Any]


def signs(document: Plain) -> list[str]:
    """What must be known of a document: retracted, or what its notices are."""
    retracted = ["retracted"] if document["retracted"] else []
    return list(dict.fromkeys([*retracted, *(notice["kind"] for notice in document.get("notices", ()))]))


TEMPLATES = Templates("ui.html", {"signs": signs})


def act(name: str, text: str, kind: str = "kg-button", **data: object) -> Markup:
    """A button that does something: ``data-act`` and its values; ``label`` among them is what a screen reader
    says instead of the text.
    """
    return TEMPLATES.part("parts.html", "act", name, text, kind, **data)


def mark(document: Plain, language: Language) -> Markup:
    """The signs of a document that was retracted or corrected, or of which concern was expressed."""
    return TEMPLATES.part("parts.html", "marks", signs(document), words(language))


def said_html(text: str, kind: str = "kg-told", role: str = "") -> Markup:
    """A paragraph that says something.

    Args:
        text: what.
        kind: its class: kg-told, kg-note, kg-error, kg-empty.
        role: for screen readers, such as alert.
    """
    return TEMPLATES.part("parts.html", "said", text, kind, role)


def failed_html(text: str, language: Language) -> Markup:
    """What went wrong, in the words of the command line."""
    return TEMPLATES.part("parts.html", "failed", text, words(language))


def marked(text: str, span: Sequence[int]) -> Markup:
    """A passage with the quote in ``<mark>``."""
    return TEMPLATES.part("parts.html", "marked", cut(text, [span]))


def all_marked(text: str, spans: Sequence[Sequence[int]]) -> Markup:
    """A text with several spans in ``<mark>``; overlapping ones are marked once."""
    return TEMPLATES.part("parts.html", "marked", cut(text, spans))


def cut(text: str, spans: Sequence[Sequence[int]]) -> list[str]:
    """A text in pieces, every second one a span; a span that begins in the one before is left out."""
    pieces, at = [], 0
    for start, end in sorted((span[0], span[1]) for span in spans):
        if start >= at:
            pieces += [text[at:start], text[start:end]]
            at = end
    return [*pieces, text[at:]]
