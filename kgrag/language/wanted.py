"""Tells whether a text holds what a question's form wants: a number, a date, a name.

Knows how these are written in English and Chinese; no question and no model.
"""

from __future__ import annotations

import re

from kgrag.types.questions import QuestionForm, Wanted

STEM = 6
"""Letters by which two forms of a counted word are taken for one."""

_PATTERNS: dict[Wanted, re.Pattern[str]] = {
    "number": re.compile(
        r"""\d
        | \b(?:one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million|half|twice)\b
        | [一二三四五六七八九十百千万亿两]""",
        re.IGNORECASE | re.VERBOSE,
    ),
    "share": re.compile(
        r"""\d\s*(?:%|％|percent|per\s+cent)     # 53.0%
        | \b\d+\s+(?:out\s+)?of\s+\d+           # 9 of 10
        | \b[01]?\.\d                          # .53""",
        re.IGNORECASE | re.VERBOSE,
    ),
    "date": re.compile(
        r"""\b(?:1[0-9]{3}|20[0-9]{2})\b                                      # 1995
        | \b(?:january|february|march|april|may|june|july|august|september    # in March
          |october|november|december)\b
        | [0-9一二三四五六七八九十]+\s*[年月日]                                  # 三月""",
        re.IGNORECASE | re.VERBOSE,
    ),
    "name": re.compile(r"(?<=[a-z,;:(] )[A-Z][\w'’-]+"),
}

_COUNT = r"""(?:
    \b(?!(?:1[89]|20)\d\d\b)\d[\d.,]*                   # 300, but no year
    | \b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve
      |[a-z]{3,5}teen|[a-z]{3,5}ty                      # fourteen, sixty
      |dozens?|hundreds?|thousands?|[mb]illions?)\b)"""

_REFERENCE = re.compile(
    r"""\[[\d,;–\s-]+\]                                 # [12, 14]
    | \([^()]*\b(?:1[0-9]{3}|20[0-9]{2})[a-z]?\)        # (Oliver 2013)
    | \b(?:[Ff]igs?|[Tt]ables?|[Ss]ections?)\.?\s*\d+   # Fig. 2""",
    re.VERBOSE,
)


def holds(wanted: Wanted | None, text: str) -> bool:
    """Whether a number, date or name that is wanted stands in the text; True where none is wanted."""
    return wanted is None or _PATTERNS[wanted].search(text) is not None


def holds_figure(form: QuestionForm, text: str) -> bool:
    """Whether a number or date that is asked for stands in the text, other than as a reference or year of
    one; True where neither is asked for.

    *How many* asks for a number with one of the question's words soon after it.
    """
    bare = _REFERENCE.sub(" ", text)
    if form.counted:
        words = re.findall(r"[^\W\d_]{3,}", form.counted)
        things = "|".join(re.escape(word[:STEM]) for word in words)
        pattern = rf"{_COUNT}(?:\W+\w+){{0,3}}?\W+(?:{things})"
        return re.search(pattern, bare, re.IGNORECASE | re.VERBOSE) is not None
    return form.wanted == "name" or holds(form.wanted, bare)
