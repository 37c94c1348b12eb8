"""The pages' few lines of JavaScript: what is chosen in our own HTML becomes an event of Gradio's.

Knows where the scripts are; nothing of what they do.
"""

from __future__ import annotations

from kgrag.render.templates import file_of


def _script(name: str) -> str:
    return str(file_of("ui.html", f"static/{name}.js")).strip()


ACTS = _script("acts")
"""For every piece of our HTML: ``data-act`` names the act."""
RANKING = f"{ACTS}\n{_script('ranking')}"
"""For the ranking, whose cards move."""
STATUS = _script("status")
"""For a piece of HTML whose changes a screen reader should say."""
SHOW_PANEL = _script("show_panel")
"""After a chip was chosen: the evidence is in view, and the keyboard is there."""
SHOW_PAPER = _script("show_paper")
DARK = _script("dark")
LANGUAGE, KEEP_LANGUAGE = _script("language"), _script("keep_language")
"""Tells the browser, for those who hear the page; the second one also for the next visit."""
PUSH, HERE = _script("push"), _script("here")
"""Takes an address into the browser's line, and reads it from there."""
ONCE_ARRIVED = _script("once_arrived")
"""What is asked while the page still opens its address waits for it; else the address would be shown over
the answer.
"""
BUSY = _script("busy")
"""The same for a search; while a list is sought anew, the old one is grey and cannot be clicked."""
ARRIVED = _script("arrived")
"""After an address was opened: the passage that it names is in view, the question that it brings is asked,
and else the question's field has the focus.
"""
CLOSE_TABS = _script("close_tabs")
"""Tabs that a person may not use are not shown; the service refuses what they do in any case."""
FORGET_ALL = _script("forget_all")
"""Before all of a person's history is deleted."""
READING = f"{_script('tour')}\n{_script('reading')}"
"""For every page, ours and Gradio's: cite, copy, keep, export, sort, the tour."""
