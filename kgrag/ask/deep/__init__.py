"""Deep search: the assistant's own tools, called round after round by a plan made by rule, each step kept."""

from __future__ import annotations

from kgrag.ask.deep.rounds import DeepSearch, Done, deep_search, replayed
from kgrag.ask.deep.tools import TOOLS, Found, Step, run_step

__all__ = ["TOOLS", "DeepSearch", "Done", "Found", "Step", "deep_search", "replayed", "run_step"]
