"""The line above every page that says who is logged in, with the way out; and the banner while no admin is
set. Pure: values in, HTML out.
"""

from __future__ import annotations

from html import escape
from typing import Any

from kgrag.people.rights import LOCAL, may
from ui.door.door import current_person
from ui.words import Language, word

HIDDEN_EXPORTS = "<style>.kg-exports,.kg-turn details:has(.kg-exports){display:none}</style>"
"""For who may not export: the links would lead to refusals."""


def bar_html(request: Any, language: Language) -> str:
    """The line for whoever sends a request (Starlette's or Gradio's)."""
    inner = getattr(request, "request", request)
    person = current_person(request)
    if person is None:
        return ""
    hidden = "" if may(person, "export") else HIDDEN_EXPORTS
    if person.id.startswith("open-"):
        return hidden
    if person == LOCAL:
        return (
            f"<p class='kg-bar kg-open' role='note'>{word('open_banner', language)} <a"
            f" href='/setup'>{word('set_admin', language)}</a> <a"
            f" href='/admin'>{word('admin', language)}</a></p>"
        )
    session = inner.scope["state"]["auth"].session(inner.headers)
    way_in = f"<a href='/admin'>{word('admin', language)}</a> " if may(person, "ingest") else ""
    return (
        f"{hidden}<form class='kg-bar' method='post' action='/logout'><span>{escape(person.name)} ·"
        f" {word('role_' + person.role, language)}</span> {way_in}<input type='hidden' name='csrf'"
        f" value='{escape(session.csrf if session else '')}'><button"
        f" type='submit'>{word('log_out', language)}</button></form>"
    )
