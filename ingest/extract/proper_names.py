"""Spans that look like names: capitalised runs, quoted titles and 《titles》, found by form alone.

Knows English and other Latin-script capitalisation, and Chinese title marks. Does not know which names are
frequent or related: weights come from counts over the whole library, elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgrag.language.wordlists import word_list

Span = tuple[int, int]

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’\-–](?!s\b)[^\W_]+)*")
_QUOTED = re.compile(r"[\"“]\s?([^\"“”\n]{2,80}?)\s?[\"”]|《([^《》\n]{2,40})》")
_SENTENCE_END = re.compile(r"[.!?。！？]\s*[\"”')\]]*\s*$|^\s*$|\n\s*$")
_STRONG = word_list("name_connectors", __file__)
_WEAK = word_list("name_weak_connectors", __file__)
_FUNCTION = word_list("name_openers", __file__)
MAX_WORDS = 9


def name_spans(text: str) -> list[Span]:
    """Spans of names in the text, ordered by (start, end), without repeats.

    A run joined by connecting words is given whole and in its parts: ``University of Lagos`` also gives
    ``Lagos``.
    """
    tokens = list(_TOKEN.finditer(text))
    spans: set[Span] = set()
    for run in _runs(text, tokens):
        spans.update(_whole_and_parts(run))
    for quoted in _QUOTED.finditer(text):
        group = 1 if quoted.group(1) else 2
        if group == 2 or (quoted.group(1)[0].isupper() and len(quoted.group(1).split()) <= MAX_WORDS):
            spans.add(quoted.span(group))
    return sorted(spans)


def _runs(text: str, tokens: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Runs of name words with connecting words between them, cut at punctuation."""
    run: list[re.Match[str]] = []
    for index, token in enumerate(tokens):
        gap = text[tokens[index - 1].end() : token.start()] if index else ""
        if run and gap.strip(" &") and not _joins(run[-1].group(), gap):
            yield from _finish(run)
            run = []
        if _is_name_word(text, tokens, index) or (
            run and (token.group().lower() in _STRONG | _WEAK or token.group()[0].isdigit())
        ):
            run.append(token)
        else:
            yield from _finish(run)
            run = []
    yield from _finish(run)


def _joins(previous: str, gap: str) -> bool:
    """An initial or title may be followed by a full stop inside a name."""
    return gap in (". ", ".") and (len(previous) == 1 or previous in ("Dr", "Mr", "Mrs", "St", "Jr", "Sr"))


def _is_name_word(text: str, tokens: list[re.Match[str]], index: int) -> bool:
    token = tokens[index]
    word = token.group()
    if not word[0].isupper() and not any(c.isupper() for c in word):
        return False
    if word.lower() not in _FUNCTION:
        return True
    follows_name = index + 1 < len(tokens) and tokens[index + 1].group()[0].isupper()
    return follows_name and not _starts_sentence(text, token.start())


def _starts_sentence(text: str, start: int) -> bool:
    return bool(_SENTENCE_END.search(text[max(0, start - 8) : start])) or start == 0


def _finish(run: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    while run and _is_loose(run[-1].group()):
        run = run[:-1]
    while run and (_is_loose(run[0].group()) or run[0].group()[0].isdigit()):
        run = run[1:]
    if run:
        yield run


def _is_loose(word: str) -> bool:
    return word.lower() in _FUNCTION or word in _STRONG or word in _WEAK


def _whole_and_parts(run: list[re.Match[str]]) -> Iterator[Span]:
    for connectors in ((), _WEAK, _WEAK | _STRONG):
        part: list[re.Match[str]] = []
        for token in [*run, None]:
            if token is not None and token.group() not in connectors:
                part.append(token)
                continue
            for kept in _finish(part):
                if len(kept) <= MAX_WORDS:
                    yield kept[0].start(), kept[-1].end()
            part = []
