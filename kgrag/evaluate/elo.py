"""Rates models and prompts from pairwise outcomes, by Elo and Bradley-Terry.

Knows: the rating formula (Elo 1978) and its order-free form, Bradley–Terry by the MM algorithm (Hunter 2004),
on Elo's scale. Does not know where the comparisons come from.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

SCALE = 400 / math.log(10)


def expected(a: float, b: float) -> float:
    """The chance that a player rated ``a`` beats one rated ``b``."""
    return 1.0 / (1.0 + 10 ** ((b - a) / 400))


def elo(games: Sequence[tuple[str, str, float]], k: float = 16.0, start: float = 1000.0) -> dict[str, float]:
    """Ratings after games in order.

    Args:
        games: (a, b, result of a: 1 won, 0.5 tie, 0 lost).
        k: how far one game moves a rating.
        start: everyone's first rating.

    Returns:
        Ratings by name, best first, ties by name; their mean stays ``start``.
    """
    ratings: dict[str, float] = {}
    for a, b, result in games:
        ra, rb = ratings.setdefault(a, start), ratings.setdefault(b, start)
        gain = k * (result - expected(ra, rb))
        ratings[a], ratings[b] = ra + gain, rb - gain
    return _ranked(ratings)


def bradley_terry(
    games: Sequence[tuple[str, str, float]], rounds: int = 200, start: float = 1000.0
) -> dict[str, float]:
    """Ratings that do not depend on the order of the games: half a win each way is added between players who
    met.
    """
    wins: defaultdict[tuple[str, str], float] = defaultdict(float)
    for a, b, result in games:
        wins[a, b] += result
        wins[b, a] += 1 - result
    met = {(a, b) for a, b in wins if a != b}
    names = sorted({name for pair in met for name in pair})
    strength = dict.fromkeys(names, 1.0)
    for _ in range(rounds):
        strength = {
            a: (
                sum(wins[a, b] + 0.5 for x, b in met if x == a)
                / sum((wins[a, b] + wins[b, a] + 1) / (strength[a] + strength[b]) for x, b in met if x == a)
            )
            for a in names
        }
        mean = math.exp(sum(map(math.log, strength.values())) / max(len(strength), 1))
        strength = {name: value / mean for name, value in strength.items()}
    return _ranked({name: start + SCALE * math.log(value) for name, value in strength.items()})


def _ranked(ratings: dict[str, float]) -> dict[str, float]:
    return dict(sorted(ratings.items(), key=lambda item: (-item[1], item[0])))
