"""Reads the role of a section's sentences from its name, as structured medical abstracts name their sections.

Knows names; no model.
"""

from __future__ import annotations

import re
from itertools import pairwise

_MIXED = re.compile(
    r"""
      (?=.*METHOD)(?=.*RESULT) | LIMITATION | UNLABELLED | PRESENTATION | CASE\ REPORT  # METHODS AND RESULTS
    | MEASUREMENTS?\ AND\ (?:MAIN\ )?RESULTS
    """,
    re.X,
)
_SECTIONS = (
    ("question", re.compile(r"OBJECT|PURPOSE|\bAIM|HYPOTHES")),
    ("background", re.compile(r"BACKGROUND|INTRODUCTION|CONTEXT|RATIONALE")),
    ("method", re.compile(r"METHOD|DESIGN|INTERVENTION|OUTCOME|MEASURE|SELECTION|EXTRACTION|END ?POINT")),
    ("result", re.compile(r"RESULT|FINDING|OBSERVATION|SYNTHESIS")),
    ("data", re.compile(r"PATIENT|PARTICIPANT|SETTING|SUBJECT|POPULATION|DATA SOURCE|LOCATION|SAMPLE")),
    ("conclusion", re.compile(r"CONCLU|DISCUSSION")),
)
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z0-9(\"'])")


def role_of_section(name: str) -> str | None:
    """The role that a section's name says; None where it says two or none."""
    upper = name.upper()
    return (
        None
        if _MIXED.search(upper)
        else next((role for role, pattern in _SECTIONS if pattern.search(upper)), None)
    )


def split_plainly(text: str) -> list[str]:
    """Sentences by their final stops; abbreviations are not known, as the labels are by section."""
    cuts = [0, *(match.end() for match in _END.finditer(text)), len(text)]
    return [piece for a, b in pairwise(cuts) if (piece := text[a:b].strip())]
