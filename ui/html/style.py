"""The look of the pages: colours for light and dark with enough contrast (WCAG AA), and one style sheet.

Knows where the style sheets are.
"""

from __future__ import annotations

from markupsafe import Markup

from kgrag.render.templates import file_of

_DARK = file_of("ui.html", "static/dark.css")
_SHEET = file_of("ui.html", "static/kgrag.css")
STYLE = Markup("{}\n.dark {{\n{}}}\n").format(_SHEET, _DARK)
"""For the pages that Gradio makes, with its switch between light and dark."""

_AS_THE_READER_HAS_IT = Markup("@media (prefers-color-scheme: dark) {{\n:root {{\n{}}}\n}}\n").format(_DARK)
PAGE_STYLE = STYLE + _AS_THE_READER_HAS_IT + file_of("ui.html", "static/page.css")
"""For pages that stand alone, without Gradio's switch between light and dark."""
