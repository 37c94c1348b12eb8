"""The pages before the door, as HTML: log in, and set the first admin's password.

Pure: words in, markup out.
"""

from __future__ import annotations

from markupsafe import Markup

from kgrag.render.templates import Templates, file_of
from ui.words import Language, word, words

TEMPLATES = Templates("ui.door")


def login_html(
    token: str, language: Language, error: str, target: str, name: str = "", *, oidc: bool = False
) -> Markup:
    """The login page; ``name`` is what was typed before."""
    form = TEMPLATES.part("door.html", "login", token, target, oidc, name, words(language))
    return _page("log_in", error, form, language)


def setup_html(
    token: str, language: Language, error: str, target: str, name: str = "", *, oidc: bool = False
) -> Markup:
    """The page that asks for the first admin's name and password."""
    form = TEMPLATES.part("door.html", "setup", token, words(language))
    return _page("set_admin", error, form, language)


def _page(title: str, error: str, form: Markup, language: Language) -> Markup:
    return TEMPLATES.part(
        "door.html",
        "page",
        title=word(title, language),
        hint=word(f"{title}_hint", language),
        error=error,
        form=form,
        lang="zh-Hans" if language == "zh" else "en",
        style=file_of("ui.door", "static/login.css"),
    )
