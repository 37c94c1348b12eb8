"""Reads from a written reference what stands at known places: the journal behind the title, the first page.

Knows one reference and the title of the work that it means.
"""

from __future__ import annotations

import re

N_WORDS, MOST_WORDS = 3, 12
_BEFORE = re.compile(r"^[\s.,:;'\"”’*_\-–—]*(?:\[[A-Z/]+\])?[\s.,:;*_]*(?:in:?\s+)?", re.IGNORECASE)
_END = re.compile(r"\d|\bdoi\b|https?:|\bvol\b|\bno\b\.?|[;,]|\[|[（(]|$", re.IGNORECASE)


def written_venue(text: str, title: str) -> str | None:
    """What a reference names behind a work's title as the place where it appeared; None where it names none,
    or the title does not stand in it.

    Args:
        text: of the reference.
        title: of the work.
    """
    words = re.findall(r"\w+", title)[-N_WORDS:]
    if not words:
        return None
    found = re.search(r"\W+".join(map(re.escape, words)), text, re.IGNORECASE)
    if found is None:
        return None
    rest = _BEFORE.sub("", text[found.end() :])
    told = _END.split(rest, maxsplit=1)[0].strip(" .,:;*_-–—\"'”’")
    if len(re.findall(r"[^\W\d_]", told)) < 3 or len(told.split()) > MOST_WORDS:
        return None
    return told


def first_page(pages: str | None) -> str | None:
    """The first of a range of pages."""
    found = re.match(r"\s*([A-Za-z]?\d+)", pages or "")
    return found.group(1) if found else None
