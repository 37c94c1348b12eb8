"""Measures how often a reward model orders answers as people did, beside "the longer answer wins".

Knows: the preferences file and how rankings and scores become pairs. Does not know any feature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.evaluate.lines import as_texts, read_lines
from kgrag.protocols import RewardModel, Verifier
from kgrag.reward.model import judge_answers
from kgrag.reward.pairwise import Floats, Group, agreement, scores_of
from kgrag.reward.plain import MostSupportedFirst

MATCHED = 1.25
"""Two answers match in length when the longer has at most this many times the characters of the shorter."""


@dataclass(frozen=True, slots=True)
class JudgedRanking:
    """A ranking by people with the rewards of a model and of the plain rule *most supported first*, each
    float64 (n_answers,).
    """

    question: str
    answers: tuple[str, ...]
    group: Group
    rewards: Floats
    plain: Floats

    @property
    def lengths(self) -> Floats:
        """Characters of each answer."""
        return np.array([len(answer) for answer in self.answers], np.float64)


def evaluate_preferences(path: Path, model: RewardModel | None = None) -> dict[str, Any]:
    """Measures a reward model on people's rankings.

    Args:
        path: JSON Lines with ``question``, ``answers``, ``ranking`` (indices, best first) or ``scores``
            (higher is better, equal scores are ties and not counted); optionally ``evidence`` (texts).
        model: the shipped one by default.

    Returns:
        ``n`` pairs of unequal rank, ``agreement`` with people, ``longer_wins`` (the share in which people
        preferred the longer); and, of pairs matched in length, ``n_matched`` and ``agreement_matched`` (None
        where there is none).
    """
    judged = judge_rankings(
        read_lines(path, ("question", "answers")), model if model is not None else default_reward()
    )
    groups, rewards, lengths = (
        [item.group for item in judged],
        [item.rewards for item in judged],
        [item.lengths for item in judged],
    )
    n_pairs, share = agreement(groups, rewards)
    n_matched, share_matched = matched(groups, rewards, lengths)
    return {
        "n": n_pairs,
        "agreement": share,
        "longer_wins": agreement(groups, lengths)[1],
        "n_matched": n_matched,
        "agreement_matched": share_matched,
    }


def judge_rankings(
    rows: Sequence[Mapping[str, Any]], model: RewardModel, verifier: Verifier | None = None
) -> list[JudgedRanking]:
    """Each line with the model's rewards.

    Args:
        rows: ``question``, ``answers``, ``ranking`` or ``scores``, optionally ``evidence``.
        model: the reward model.
        verifier: makes each answer's verdicts where there is evidence, once for the model and for the plain
            rule; None: the model makes its own, and the plain rule has none.
    """
    judged = []
    for row in rows:
        question, answers, evidence = (
            str(row["question"]),
            [str(answer) for answer in row["answers"]],
            as_texts(row.get("evidence")),
        )
        verdicts = (
            judge_answers(verifier, answers, evidence)
            if verifier is not None and any(text.strip() for text in evidence)
            else None
        )
        rewards, plain = (
            model.score(question, answers, evidence, verdicts),
            MostSupportedFirst().score(question, answers, evidence, verdicts),
        )
        judged.append(
            JudgedRanking(
                question,
                tuple(answers),
                Group(np.zeros((len(answers), 0)), scores_of(row)),
                np.array(rewards, np.float64),
                np.array(plain, np.float64),
            )
        )
    return judged


def default_reward() -> RewardModel:
    """The shipped reward model."""
    from kgrag.reward.model import DefaultReward

    return DefaultReward()


def matched(
    groups: Sequence[Group], rewards: Sequence[NDArray[Any]], lengths: Sequence[NDArray[Any]]
) -> tuple[int, float | None]:
    """Number of pairs matched in length, and agreement on them."""
    right, n_pairs = 0.0, 0
    for group, reward, length in zip(groups, rewards, lengths, strict=True):
        for i, j in group.pairs():
            if max(length[i], length[j]) <= MATCHED * min(length[i], length[j]):
                n_pairs += 1
                right += 1.0 if reward[i] > reward[j] else 0.5 if reward[i] == reward[j] else 0.0
    return n_pairs, right / n_pairs if n_pairs else None
