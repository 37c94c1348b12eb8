"""How far two screeners agree beyond chance.

Knows pairs of verdicts. Cohen's kappa falls where nearly all are excluded although people agree; Gwet's AC1
does not, so both are told. Source: Gwet 2008, Computing inter-rater reliability and its variance in the
presence of high agreement.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import combinations
from typing import TypedDict

from kgrag.evaluate.agreement import cohen_kappa
from kgrag.review.project.state import VERDICTS, Review, Stage


class Agreement(TypedDict):
    """Two people on the records that both decided on; None where it cannot be said."""

    first: str
    second: str
    records: int
    same: int
    kappa: float | None
    ac1: float | None


def agreements(review: Review, stage: Stage) -> list[Agreement]:
    """Of each two people who decided on a record in common."""
    by_person: dict[str, dict[str, str]] = {}
    for (its_stage, person, record), decision in review.decisions.items():
        if its_stage == stage:
            by_person.setdefault(person, {})[record] = decision.verdict
    found: list[Agreement] = []
    for one, other in combinations(sorted(by_person), 2):
        common = sorted(by_person[one].keys() & by_person[other].keys())
        if common:
            a, b = ([by_person[person][record] for record in common] for person in (one, other))
            same = sum(x == y for x, y in zip(a, b, strict=True))
            found.append(
                {
                    "first": one,
                    "second": other,
                    "records": len(common),
                    "same": same,
                    "kappa": _rounded(cohen_kappa(a, b)),
                    "ac1": _rounded(ac1(a, b, len(VERDICTS))),
                }
            )
    return found


def ac1(a: Sequence[Hashable], b: Sequence[Hashable], categories: int) -> float | None:
    """Gwet's first-order agreement of two raters over the same items; None without items."""
    if not a:
        return None
    both = [*a, *b]
    shares = [both.count(value) / len(both) for value in set(both)]
    chance = sum(share * (1 - share) for share in shares) / (categories - 1)
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
    return (observed - chance) / (1 - chance)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
