"""Abbreviations with their long forms, in both directions and with Chinese brackets.

Source: Schwartz & Hearst 2003, extended to ``SHORT (long form)`` and to （ ）. Does not know entities or
graphs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BRACKET = re.compile(r"[(（]([^()（）]{2,120})[)）]")
_SHORT = re.compile(r"[^\W_][\w./+-]{0,9}[\w+]", re.UNICODE)
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_CJK_LONG = re.compile(r"[\u4e00-\u9fff]{3,20}$")


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and its long form, each with its span in the text."""

    short: str
    long: str
    short_span: tuple[int, int]
    long_span: tuple[int, int]


def find_abbreviations(text: str) -> list[Abbreviation]:
    """Every definition in the text, in order; ``text[a:b]`` is the form for each span (a, b)."""
    found = []
    for bracket in _BRACKET.finditer(text):
        definition = _short_inside(text, bracket) or _long_inside(text, bracket)
        if definition:
            found.append(definition)
    return found


def _is_short(form: str) -> bool:
    letters = sum(c.isalpha() for c in form)
    return (
        bool(_SHORT.fullmatch(form))
        and not _CJK.search(form)
        and 2 <= len(form) <= 10
        and letters > 0
        and (form != form.lower() or any(c.isdigit() for c in form))
        and not form.isdigit()
    )


def _short_inside(text: str, bracket: re.Match[str]) -> Abbreviation | None:
    """``long form (SHORT)``; also ``长形式（SHORT）`` and ``长形式（Long Form, SHORT）``."""
    inner = bracket.group(1)
    for piece in re.finditer(r"[^,，;；:：]+", inner):
        form = piece.group().strip()
        if not _is_short(form):
            continue
        start = bracket.start(1) + piece.start() + piece.group().index(form)
        short_span = (start, start + len(form))
        long_span = _long_before(text, bracket.start(), form)
        if long_span:
            return Abbreviation(form, text[long_span[0] : long_span[1]], short_span, long_span)
    return None


def _long_inside(text: str, bracket: re.Match[str]) -> Abbreviation | None:
    """``SHORT (long form)``."""
    before = re.search(r"[^\s()（）]{2,10}\s*$", text[: bracket.start()])
    form = before.group().rstrip() if before else ""
    if not before or not _is_short(form) or sum(c.isupper() for c in form) < 2:
        return None
    long = bracket.group(1)
    begin = _match_letters(form, long)
    if begin is None or (begin > 0 and not long[:begin].isspace()):
        return None
    return Abbreviation(form, long, (before.start(), before.start() + len(form)), bracket.span(1))


def _long_before(text: str, end: int, short: str) -> tuple[int, int] | None:
    stripped = text[:end].rstrip()
    chinese = _CJK_LONG.search(stripped)
    if chinese:
        return _chinese_long(chinese)
    words = list(_WORD.finditer(stripped, max(0, len(stripped) - 160)))[
        -min(len(short) + 5, len(short) * 2) :
    ]
    if not words:
        return None
    window = stripped[words[0].start() :]
    initial = _match_initials(short, words)
    begin = _match_letters(short, window) if initial is None else initial - words[0].start()
    if begin is None:
        return None
    start = words[0].start() + begin
    long = stripped[start:]
    if len(long) <= len(short) or short in long.split() or re.search(r"[.;:。；：]\s", long):
        return None
    return start, len(stripped)


def _chinese_long(run: re.Match[str]) -> tuple[int, int] | None:
    """The last word-like part of a run of Chinese: what follows the last function word."""
    cut = max((m.end() for m in re.finditer(r"[的和与及在是为用对将由于以从了或]", run.group())), default=0)
    start = run.start() + cut
    return (start, run.end()) if 2 <= run.end() - start <= 12 else None


def _match_initials(short: str, words: list[re.Match[str]]) -> int | None:
    """The start of the last words whose initials spell ``short``; this is preferred to letters inside
    words.
    """
    last = words[-len(short) :]
    if len(last) == len(short) and all(
        word.group()[0].lower() == c for word, c in zip(last, short.lower(), strict=True)
    ):
        return last[0].start()
    return None


def _match_letters(short: str, long: str) -> int | None:
    """Where in ``long`` the letters of ``short`` begin, matched from the right, the first at a word's
    start.
    """
    position = len(long)
    letters = [c for c in short.lower() if c.isalnum()]
    for index in range(len(letters) - 1, -1, -1):
        position -= 1
        while position >= 0 and (
            long[position].lower() != letters[index]
            or (index == 0 and position > 0 and long[position - 1].isalnum())
        ):
            position -= 1
        if position < 0:
            return None
    return position
