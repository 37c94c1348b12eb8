"""Measures agreement with people pair by pair, by language and by length, with *longer wins* and *most
supported first* beside the model.

Knows judged rankings (``kgrag.evaluate.preferences``) and shares. Does not know where the rankings are from,
nor any feature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kgrag.evaluate.preferences import MATCHED, JudgedRanking
from kgrag.language.words import is_chinese


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers that people put in an order.

    ``model``, ``plain`` and ``longer`` say whether each rule orders them so: 1, 0, or 0.5 where it sees no
    difference.
    """

    question: str
    better: str
    worse: str
    language: str
    length: str
    model: float
    plain: float
    longer: float
    prefers_longer: float


def pairs_of(judged: Sequence[JudgedRanking]) -> list[Pair]:
    """All pairs of unequal rank, in the order of the rankings."""
    return [_pair(item, better, worse) for item in judged for better, worse in item.group.pairs()]


def agreement_report(judged: Sequence[JudgedRanking]) -> dict[str, Any]:
    """Figures over all pairs, ``by_language`` (of the question) and ``by_length`` (*alike* within
    ``MATCHED``, else which of the two people preferred).
    """
    pairs = pairs_of(judged)
    return {
        **pair_figures(pairs),
        "by_language": _by(pairs, lambda pair: pair.language),
        "by_length": _by(pairs, lambda pair: pair.length),
    }


def pair_figures(pairs: Sequence[Pair]) -> dict[str, Any]:
    """``n`` pairs; the shares in which the model, the plain rule and length order them as people did; how
    often the model prefers the longer. None without a pair.
    """
    rules = {
        "agreement": [pair.model for pair in pairs],
        "most_supported_first": [pair.plain for pair in pairs],
        "longer_wins": [pair.longer for pair in pairs],
        "prefers_longer": [pair.prefers_longer for pair in pairs],
    }
    return {
        "n": len(pairs),
        **{name: sum(values) / len(values) if values else None for name, values in rules.items()},
    }


def _pair(item: JudgedRanking, better: int, worse: int) -> Pair:
    a, b = float(item.lengths[better]), float(item.lengths[worse])
    length = (
        "alike" if max(a, b) <= MATCHED * min(a, b) else "longer preferred" if a > b else "shorter preferred"
    )
    first, second = (better, worse) if a >= b else (worse, better)
    return Pair(
        item.question,
        item.answers[better],
        item.answers[worse],
        "zh" if is_chinese(item.question) else "en",
        length,
        _above(item.rewards[better], item.rewards[worse]),
        _above(item.plain[better], item.plain[worse]),
        _above(a, b),
        0.5 if a == b else _above(item.rewards[first], item.rewards[second]),
    )


def _above(a: float, b: float) -> float:
    return 1.0 if a > b else 0.5 if a == b else 0.0


def _by(pairs: Sequence[Pair], key: Callable[[Pair], str]) -> dict[str, dict[str, Any]]:
    return {
        name: pair_figures([pair for pair in pairs if key(pair) == name])
        for name in sorted({key(pair) for pair in pairs})
    }
