"""Trains the reward models of one library from its people's rankings, measures them on held-out ones, and
promotes them only when better.

Knows: the folder ``reward`` of a library (``v0001.json`` …, and ``promoted.json``, the versions in use,
newest last) and what is held out: whole questions for the test of a version, and each rater in turn where
there are several. The shipped model stands where nothing is promoted, and every version starts from it. Does
not know how rankings are collected (``kgrag.people.feedback``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kgrag.errors import NotFound, UsageError
from kgrag.evaluate.agreement import ranking_agreement
from kgrag.library import Library
from kgrag.people.feedback import usable_rankings
from kgrag.reward.features import NAMES
from kgrag.reward.model import PATH, DefaultReward, RewardFile
from kgrag.reward.pairwise import Group, Scorer, agreement, scores_of, train_pairwise
from kgrag.reward.versions import MIN_RANKINGS, PENALTY, current, existing, is_held, stored_versions, versions


@dataclass(frozen=True, slots=True)
class Ranking:
    """One person's ranking as features and scores, with whose it is and of which question."""

    group: Group
    rater: str
    question: str
    order: tuple[int, ...]

    @property
    def held(self) -> bool:
        """Whether the question is held out."""
        return is_held(self.question)


def rankings_of(library: Library, model: DefaultReward | None = None) -> list[Ranking]:
    """The rankings in the library's catalogue that may be used, oldest first, with each answer's features."""
    reader = model or DefaultReward()
    found = []
    for row in usable_rankings(library):
        features = reader.measure(row["question"], row["answers"], row["evidence"])
        found.append(
            Ranking(Group(features, scores_of(row)), row["rater"], row["question"], tuple(row["ranking"]))
        )
    return found


def train(library: Library, model: DefaultReward | None = None) -> dict[str, Any]:
    """Trains a version from the library's rankings and stores it, unpromoted.

    Returns:
        ``version`` and its figures: see ``measure``.

    Raises:
        UsageError: too few rankings, or all of them of questions on one side of the split.
    """
    rankings = rankings_of(library, model)
    seen, held = [r for r in rankings if not r.held], [r for r in rankings if r.held]
    if len(rankings) < MIN_RANKINGS or not seen or not held:
        raise UsageError(
            f"{len(rankings)} rankings of {len({r.question for r in rankings})} questions are too few to"
            f" train and test on. Rank more answers in the chat (at least {MIN_RANKINGS} rankings, several"
            " questions)."
        )
    standing = RewardFile.read(current(library.folder))
    scorer = fit(seen)
    figures = measure(rankings, scorer, standing.scorer)
    stored = stored_versions(library.folder)
    version = stored.next()
    card = {
        "version": version,
        "trained_on": [f"{len(seen)} rankings of this library"],
        "standing": standing.card.get("version"),
        "figures": figures,
    }
    stored.folder.mkdir(exist_ok=True)
    RewardFile(scorer, NAMES, card).write(stored.path(version))
    return {"version": version} | figures


def fit(rankings: Sequence[Ranking]) -> Scorer:
    """The shipped scorer, moved by the rankings; no weight changes its sign."""
    base = RewardFile.read(PATH).scorer
    signs = [[i for i, w in enumerate(base.weight) if sign * w > 0] for sign in (1, -1)]
    return train_pairwise([r.group for r in rankings], PENALTY, None, signs[0], signs[1], base)


def measure(rankings: Sequence[Ranking], new: Scorer, standing: Scorer) -> dict[str, Any]:
    """Agreement with people of the new model and of the standing one.

    Returns:
        On held-out questions ``pairs``, ``agreement``, ``agreement_standing``; ``agreement_left_out_raters``
        (each rater judged by a model without them; None with one rater) and ``agreement_standing_raters``
        beside it; ``agreement_between_raters`` (None where no question was ranked twice); ``better``.
    """
    held = [r for r in rankings if r.held]
    n_pairs, share = _agreement(held, new)
    _, before = _agreement(held, standing)
    raters = sorted({r.rater for r in rankings})
    left = (
        [
            _agreement(
                [r for r in rankings if r.rater == rater], fit([r for r in rankings if r.rater != rater])
            )
            for rater in raters
        ]
        if len(raters) > 1
        else []
    )
    by_rater = sum(n * value for n, value in left) / sum(n for n, _ in left) if left else None
    of_all = _agreement(rankings, standing)[1] if left else None
    return {
        "pairs": n_pairs,
        "agreement": share,
        "agreement_standing": before,
        "agreement_left_out_raters": by_rater,
        "agreement_standing_raters": of_all,
        "agreement_between_raters": _between(rankings),
        "better": share > before and (by_rater is None or of_all is None or by_rater >= of_all),
    }


def evaluate(library: Library, version: str | None = None) -> dict[str, Any]:
    """The figures of a version (the newest by default) against the standing model, on today's rankings.

    Raises:
        NotFound: no such version.
    """
    name = version or next(reversed(versions(library.folder)), None)
    if name is None:
        raise NotFound("No reward model of this library. Train one: kgrag reward train")
    scorer = RewardFile.read(existing(library.folder, name)).scorer
    return {"version": name} | measure(
        rankings_of(library), scorer, RewardFile.read(current(library.folder)).scorer
    )


def _agreement(rankings: Sequence[Ranking], scorer: Scorer) -> tuple[int, float]:
    return agreement([r.group for r in rankings], [scorer(r.group.features) for r in rankings])


def _between(rankings: Sequence[Ranking]) -> float | None:
    """Share of answer pairs ordered alike by people who ranked the same answers to the same question."""
    same: dict[tuple[str, bytes], list[tuple[int, ...]]] = {}
    for r in rankings:
        same.setdefault((r.question, r.group.features.tobytes()), []).append(r.order)
    found = [ranking_agreement(orders) for orders in same.values()]
    total = sum(n for n, _ in found)
    return sum(n * (share or 0.0) for n, share in found) / total if total else None
