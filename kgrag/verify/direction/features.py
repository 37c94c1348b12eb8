"""What a sentence says of a direction, in numbers: signs of significance, words of more and less, which group
comes first; and the words themselves, hashed.

Knows sentences and ``Compared``; no weights.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kgrag.verify.direction.marked import COMPARATOR, INTERVENTION, OUTCOME, Compared, marked, word_list

N_PHRASES, N_OUTCOMES, LONGEST = 1 << 15, 1 << 12, 3
SIGNS = (
    "significant",
    "insignificant",
    "only_significant",
    "only_insignificant",
    "ratio_below_one",
    "ratio_above_one",
    "says_none",
    "up",
    "down",
    "net",
    "order",
    "net_by_order",
    "against_intervention",
    "names_intervention",
    "names_comparator",
    "net_by_order_unless_none",
    "order_if_significant",
    "names_outcome",
    "net_with_intervention",
    "both",
    "length",
    "figures_by_order",
    "n_significant",
    "n_insignificant",
)
Floats = NDArray[np.float32]
_P_VALUE = re.compile(
    r"\bp(?:[- ]?value)?s?\s*(?:for\s+\w+\s*)?(?:was\s|of\s)?\s*([<>=≤≥＜＞]?)\s*(0?[.·]\d+)", re.I
)
_RATIO = re.compile(r"\b(?:RR|OR|HR|ratio|risk)\b[^0-9]{0,30}(\d+[.·]\d+)", re.I)
_THAN = re.compile(
    rf"(?:\bthan|\b(?:compared|relative|versus|vs|comparison)\W+(?:with|to|\.)?)\W*(?:\w+ ){{0,4}}"
    rf"({INTERVENTION}|{COMPARATOR})"
)
_FIGURES = re.compile(r"(\d+(?:[.·]\d+)?)\s*(%?)")
LEVEL = 0.05


def vectors(sentences: Sequence[str], compared: Sequence[Compared]) -> Floats:
    """Rows (n, N_PHRASES + N_OUTCOMES + len(SIGNS)), float32, of sentences beside what they compare."""
    rows = np.zeros((len(sentences), N_PHRASES + N_OUTCOMES + len(SIGNS)), np.float32)
    for row, sentence, what in zip(rows, sentences, compared, strict=True):
        tokens = marked(sentence, what)
        _count(tokens, LONGEST, row[:N_PHRASES])
        _count(re.findall(r"\w+", what.outcome.lower()), 2, row[N_PHRASES : N_PHRASES + N_OUTCOMES])
        row[N_PHRASES : N_PHRASES + N_OUTCOMES] *= 0.5
        row[N_PHRASES + N_OUTCOMES :] = _signs(sentence, tokens)
    return rows


def _count(tokens: Sequence[str], longest: int, out: Floats) -> None:
    """Counts of runs of up to ``longest`` tokens, hashed into the row, of length 1."""
    for n in range(1, longest + 1):
        for i in range(len(tokens) - n + 1):
            out[zlib.crc32(" ".join(tokens[i : i + n]).encode()) % len(out)] += 1
    norm = float(np.linalg.norm(out))
    if norm:
        out /= norm


@cache
def begins(name: str) -> re.Pattern[str]:
    """Words that begin as one of a list of ``data/direction.toml`` does: *up*, *down*, *helps*, *none*."""
    return re.compile(r"\b(?:" + "|".join(map(re.escape, word_list(name))) + ")", re.IGNORECASE)


def tells_effect(sentence: str) -> bool:
    """Whether a sentence says that something is more or less, or that it helps."""
    return any(begins(name).search(sentence) for name in ("up", "down", "helps"))


def _signs(sentence: str, tokens: Sequence[str]) -> list[float]:
    text = " ".join(tokens)
    values = [(sign, float(value.replace("·", "."))) for sign, value in _P_VALUE.findall(sentence)]
    telling = [value for sign, value in values if sign not in ">≥＞" or not sign if value <= LEVEL]
    n_yes, n_no = len(telling), len(values) - len(telling)
    ratio = _RATIO.search(sentence)
    measured = float(ratio.group(1).replace("·", ".")) if ratio else 1.0
    none = begins("none").search(sentence) is not None
    up, down = (len(begins(name).findall(sentence)) for name in ("up", "down"))
    net = float(np.sign(up - down))
    against, order = _order(text)
    has = [mark in tokens for mark in (INTERVENTION, COMPARATOR, OUTCOME)]
    return [
        float(n_yes > 0),
        float(n_no > 0),
        float(n_yes > 0 and not n_no),
        float(n_no > 0 and not n_yes),
        float(measured < 1),
        float(measured > 1),
        float(none),
        float(up > 0),
        float(down > 0),
        net,
        order,
        net * order,
        float(against),
        float(has[0]),
        float(has[1]),
        net * order * (not none),
        order * (n_yes > 0),
        float(has[2]),
        net * has[0],
        float(re.search(r"\bboth\b|\bbetween\b", text) is not None),
        len(sentence) / 500,
        _first_two(sentence) * order,
        min(n_yes, 3),
        min(n_no, 3),
    ]


def _order(text: str) -> tuple[bool, float]:
    """Whether the sentence compares against the intervention; and 1 where it tells of the intervention
    against the comparator, -1 the other way round, 0 where it names neither.
    """
    against = _THAN.search(text)
    if against:
        turned = against.group(1) == INTERVENTION
        return turned, -1.0 if turned else 1.0
    ours, theirs = text.find(INTERVENTION), text.find(COMPARATOR)
    if ours >= 0 and (theirs < 0 or ours < theirs):
        return False, 1.0
    return False, -1.0 if theirs >= 0 else 0.0


def _first_two(sentence: str) -> float:
    """Whether the first of the first two figures of one kind is the greater (1) or the smaller (-1)."""
    found = [(float(value.replace("·", ".")), kind) for value, kind in _FIGURES.findall(sentence)]
    shares = [value for value, kind in found if kind]
    values = shares if len(shares) > 1 else [value for value, _ in found]
    return float(np.sign(values[0] - values[1])) if len(values) > 1 else 0.0
