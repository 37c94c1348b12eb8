"""The language in which a person reads the pages: as they chose, or as their browser asks for.

Knows one cookie, which the reading room and the administration share.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from ui.words import Language

COOKIE = "kgrag_language"
YEAR_S = 365 * 86_400


def language_of(request: Any) -> Language:
    """What a request asks for; a Starlette request, or the one that Gradio gives to its handlers."""
    inner = getattr(request, "request", request)
    chosen = inner.cookies.get(COOKIE) or inner.headers.get("accept-language", "")
    return "zh" if chosen.strip().lower().startswith("zh") else "en"


def keep_language(response: Response, language: Language) -> None:
    """Let the browser ask for a language from now on."""
    response.set_cookie(COOKIE, language, max_age=YEAR_S, samesite="lax", path="/")
