"""The line above every page that says who is logged in, with the way out; and the banner while no admin is
set. Pure: values in, markup out.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from kgrag.people.rights import LOCAL, may
from ui.door.door import current_person
from ui.door.login_html import TEMPLATES
from ui.words import Language, words

HIDDEN_EXPORTS = TEMPLATES.part("door.html", "hidden_exports")
"""For who may not export: the links would lead to refusals."""


def bar_html(request: Any, language: Language) -> Markup:
    """The line for whoever sends a request (Starlette's or Gradio's)."""
    inner = getattr(request, "request", request)
    person = current_person(request)
    if person is None:
        return Markup("")
    hidden = Markup("") if may(person, "export") else HIDDEN_EXPORTS
    if person.id.startswith("open-"):
        return hidden + TEMPLATES.part("door.html", "nameless_bar", words(language))
    if person == LOCAL:
        return TEMPLATES.part("door.html", "open_bar", words(language))
    session = inner.scope["state"]["auth"].session(inner.headers)
    return hidden + TEMPLATES.part(
        "door.html",
        "bar",
        name=person.name,
        role=person.role,
        token=session.csrf if session else "",
        is_admin=may(person, "ingest"),
        w=words(language),
    )
