"""The line above every page that says who is logged in, with the way out; and the banner while no admin is set. Pure: values in, HTML out."""

from __future__ import annotations

from html import escape
from typing import Any

from kgrag.rights import LOCAL, Person, Rights, may
from ui.auth import Auth, current_person
from ui.words import Language, word

HIDDEN_EXPORTS = "<style>.kg-exports,.kg-turn details:has(.kg-exports){display:none}</style>"
"""For who may not export: the links would lead to refusals."""


def bar_html(request: Any, language: Language) -> str:
    """The line for whoever sends a request (Starlette's or Gradio's)."""
    inner = getattr(request, "request", request)
    person = current_person(request)
    if person is None:
        return ""
    hidden = _hidden(person, inner.scope["state"]["auth"])
    if person.id.startswith("open-"):
        return hidden
    if person == LOCAL:
        return (f"{hidden}<p class='kg-bar kg-open' role='note'>{word('open_banner', language)} <a href='/setup'>{word('set_admin', language)}</a> "
                f"<a href='/admin'>{word('admin', language)}</a></p>")
    session = inner.scope["state"]["auth"].session(inner.headers)
    way_in = f"<a href='/admin'>{word('admin', language)}</a> " if may(person, "ingest") else ""
    return (f"{hidden}<form class='kg-bar' method='post' action='/logout'><span>{escape(person.name)} · {word('role_' + person.role, language)}</span> {way_in}"
            f"<input type='hidden' name='csrf' value='{escape(session.csrf if session else '')}'><button type='submit'>{word('log_out', language)}</button></form>")


def asks(person: Person, auth: Auth) -> bool:
    """Whether the person may ask, and answers are on for them; else the pages are a search interface."""
    return may(person, "ask") and Rights(auth.catalogue).switches(person).answers


def _hidden(person: Person, auth: Auth) -> str:
    """A style that leaves out what would lead to refusals alone; the refusals themselves are the service's."""
    gone = ["[role=tab][data-tab-id=ask]", "#kg-ask-paper", "#kg-ask-paper-send"] if not asks(person, auth) else []
    gone += [] if may(person, "feedback") else ["[role=tab][data-tab-id=ranking]"]
    style = f"<style>{','.join(gone)}{{display:none!important}}</style>" if gone else ""
    return style + ("" if may(person, "export") else HIDDEN_EXPORTS)
