"""The look of the pages: colours for light and dark with enough contrast (WCAG AA), and one style sheet.

Knows where the style sheets are.
"""

from __future__ import annotations

from kgrag.render.templates import file_of

STYLE = file_of("ui.html", "static/kgrag.css")
PAGE_STYLE = STYLE + file_of("ui.html", "static/page.css")
"""For pages that stand alone, without Gradio's switch between light and dark."""
