"""Sentence boundaries as character offsets, for scholarly English, Chinese and what sentencex knows besides.

Knows one block of text at a time. Does not know passages. Repairs what sentencex cuts inside citations and
abbreviations.
"""

from __future__ import annotations

import re

_ABBREVIATED = re.compile(
    r"""
      (?:^|[\s(\[])(?:
          et\ al | etc | cf | e\.g | i\.e | viz | vs | approx | ca | resp | no | nos | vol | pp?
        | figs? | eqs? | eqns? | refs? | tabs? | secs? | sect | chap | ch | ed | eds | suppl
        | dr | prof | mr | mrs | ms | st | inc | ltd | co | corp | dept | univ | spp? | subsp
        | var | cv | str | min | max | avg | jan | feb | mar | apr | jun | jul | aug | sept?
        | oct | nov | dec | [A-Z]
      )\.[)\]]?\s*$
    """,
    re.I | re.X,
)
_GOES_ON = re.compile(r"\s*(?:[a-z,;:)\]%–—]|\d+[.,)\]]?\s*(?:[a-z,;)\]]|$))")
_ALWAYS_GOES_ON = re.compile(
    r"""
      (?:^|[\s(\[])(?:
          et\ al | cf | e\.g | i\.e | viz | vs | figs? | eqs? | eqns? | refs? | dr | prof | mr
        | mrs | ms | approx | ca | [A-Z]
      )\.\s*$
    """,
    re.I | re.X,
)
_LABEL = re.compile(
    r"""
      (?:supplementary\s+)?(?:
          figure | fig\.? | table | scheme | box | text | video | movie | dataset | data | file
        | appendix | protocol | 图 | 表
      )?\s*S?\d+[A-Za-z]?\.?\s*$  # Supplementary Figure S2.
    | S\d+\ \w+\.\s*$  # S1 Text.
    """,
    re.I | re.X,
)
_ASIDE = re.compile(r"\s*\([^()]{1,8}\)\.?\s*$")
_ITEM = re.compile(r"(?:[•●▪◦‣∙·–-]|\(?\d{1,2}[.)]|[a-z]\.)\s+(?=\S)")
_OPEN, _CLOSE = "([（【", ")]）】"


def sentences(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """The sentences of a block as (start, end) offsets without surrounding white space, in order, not
    overlapping.

    Args:
        text: one paragraph.
        language: two-letter code; English rules where it is None.
    """
    if len(text) < 40 and not re.search(r"[.!?。！？]\s*\S", text):
        return _trim(text, [(0, len(text))])
    from sentencex import get_sentence_boundaries

    bounds = [
        (item["start_index"], item["end_index"]) for item in get_sentence_boundaries(language or "en", text)
    ]
    return _trim(text, _join(text, bounds))


def _join(text: str, bounds: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in bounds:
        if out and _belongs(text, out[-1][0], out[-1][1], start, end):
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _belongs(text: str, before: int, cut: int, start: int, end: int) -> bool:
    """True where the cut between two pieces is no end of a sentence."""
    tail, following = text[max(before, cut - 24) : cut], text[start : start + 40]
    if (
        not any(sign.isalnum() for sign in text[start:end])
        or _LABEL.match(text[before:cut])
        or _ASIDE.match(text[start:end])
    ):
        return True
    if _ALWAYS_GOES_ON.search(tail) or (_ABBREVIATED.search(tail) and _GOES_ON.match(following)):
        return True
    if following.lstrip()[:1].islower() and not re.search(r"[.!?:;。！？；][\"'”’)]*\s*$", tail):
        return True
    return (
        bool(_GOES_ON.match(following))
        and re.search(r"[.!?]\s*$", tail) is not None
        and _unclosed(text[before:cut])
    )


def _unclosed(piece: str) -> bool:
    return sum(sign in _OPEN for sign in piece) > sum(sign in _CLOSE for sign in piece)


def _trim(text: str, bounds: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pieces without white space around them, and without the bullet or number of a list before them."""
    out = []
    for start, end in bounds:
        while start < end and text[start].isspace():
            start += 1
        if (item := _ITEM.match(text, start, end)) and item.end() < end:
            start = item.end()
        while end > start and text[end - 1].isspace():
            end -= 1
        if end > start:
            out.append((start, end))
    return out
