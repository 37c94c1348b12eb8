"""Splits an answer's text into claims: its sentences, and the parts of its compound sentences, each with its
span.

Knows: where sentences end in English and in Chinese, which full stops end none, and where a compound sentence
joins two statements that can be checked alone. Does not know whether a claim is true, nor any evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kgrag.language.wordlists import word_list
from kgrag.language.words import is_chinese

ABBREVIATIONS = word_list("abbreviations")
_END = re.compile(
    r"""
      (?:[。！？!?]+|\.{1,3})(?:["'”’」』）)\]]*)(?:\[[\d,;–\- ]+\])*
      (?=\s|$|(?<=[。！？])|[A-Z\u4e00-\u9fff])  # as claimed.”[3] Next
    | \n{2,}
    | \n(?=\s*(?:[-*•]|\d+[.)])\s)  # an item of a list
    """,
    re.X,
)
_CJK = re.compile(r"[\u3400-\u9fff]")
_JOINT = re.compile(
    r"(?:;\s+|；|,\s+(?:and|but|while|whereas|although|so|yet)\s+|，(?:而且|并且|但是|而|但|同时))",
    re.IGNORECASE,
)
_LEADS_ON = re.compile(
    r"\s*(?:;|；|,\s+(?:and|but|while|whereas|although|so|yet)|，(?:而且|并且|但是|而|但|同时))$",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"""
      \b(?:
          is | are | was | were | be | been | has | have | had | do | does | did | can | could
        | may | might | must | shall | should | will | would
        | \w{3,}(?:ed|es|ise|ize|ates|ows|ain|ead|eads|uces|ects|ins)
      )\b
    """,
    re.IGNORECASE | re.X,
)
_MIN_WORDS = 4


@dataclass(frozen=True, slots=True)
class ClaimSpan:
    """A claim: ``answer[start:end]`` without surrounding blanks; ``sentence`` counts the sentence it stands
    in.
    """

    text: str
    start: int
    end: int
    sentence: int = 0


def split_sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a text.

    Args:
        text: English, Chinese or mixed, of any length.

    Returns:
        Offsets (start, end) in the text, end exclusive, in order, without surrounding blanks, none empty.
    """
    spans, start = [], 0
    for match in _END.finditer(text):
        if _ends_nothing(text, match.start(), match.end()):
            continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(text)))
    return [span for span in (_trim(text, a, b) for a, b in spans) if span[0] < span[1]]


def split_claims(text: str) -> list[ClaimSpan]:
    """Each sentence of an answer as a claim, compound sentences as one claim a part.

    A sentence is cut at a semicolon, or at a comma with a conjunction, where both sides have a verb and at
    least four words (Chinese: eight characters) and the right side does not lean on the left ("and it …"
    leans).

    Returns:
        Claims in order; ``text[claim.start:claim.end] == claim.text``.
    """
    claims = []
    for number, (start, end) in enumerate(split_sentences(text)):
        for a, b in _parts(text, start, end):
            claims.append(ClaimSpan(text[a:b], a, b, number))
    return claims


def without_joint(part: str) -> str:
    """A part of a compound sentence without what leads on to the next (*; and* …), for where the next does
    not follow.
    """
    return _LEADS_ON.sub("", part)


def _ends_nothing(text: str, start: int, end: int) -> bool:
    """Whether the stop at start belongs to an abbreviation, an initial or a number."""
    if text[start] != ".":
        return False
    before = text[max(0, start - 12) : start]
    word = re.search(r"[\w.]+$", before)
    name = word.group().lower() if word else ""
    if name in ABBREVIATIONS or (len(name) == 1 and name.isalpha() and text[start - 1].isupper()):
        return True
    after = text[end : end + 2]
    if after[:1].strip() and not (len(name) > 1 and name[-1].islower()):
        return True
    following = after.lstrip()
    return bool(following) and following[0].islower()


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts = [start]
    for match in _JOINT.finditer(text, start, end):
        if _stands_alone(text[cuts[-1] : match.start()]) and _stands_alone(
            text[match.end() : end], right=True
        ):
            cuts.append(match.end())
    return [_trim(text, a, b) for a, b in zip(cuts, [*cuts[1:], end], strict=True)]


def _stands_alone(part: str, *, right: bool = False) -> bool:
    if is_chinese(part):
        return len(_CJK.findall(part)) >= 8
    words = part.split()
    if (
        right
        and words
        and words[0].lower().strip(",")
        in {"it", "they", "this", "these", "that", "which", "who", "its", "their"}
    ):
        return False
    return len(words) >= _MIN_WORDS and bool(_VERB.search(part))
