"""Asks one question of a library: the order of the steps is in ``asker``, which is the page to read first.

from kgrag.ask import Asker
answer = Asker(library).ask("Why are most published research findings false?")
"""

from __future__ import annotations

from kgrag.ask.asker import Asker, ask

__all__ = ["Asker", "ask"]
