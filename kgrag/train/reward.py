"""Trains the shipped reward model: ``python -m kgrag.train.reward --data ../shared/data --out kgrag/models/data/reward``.

Knows: haluquestqa's rankings, the degradations of ``kgrag.train.degrade``, and what is held out. Prints cross-validated
agreement, agreement on pairs matched in length, and how far the reward prefers the longer answer. Needs no torch.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.evaluate.preferences import MATCHED, scores_of
from kgrag.models.minilm import MiniLM
from kgrag.reward.features import NAMES, features_of
from kgrag.reward.model import RewardFile, judge_answers
from kgrag.reward.pairwise import Group, Scorer, agreement, train_pairwise
from kgrag.train.data import read_jsonl
from kgrag.train.degrade import Ranked, degraded
from kgrag.verify.model import DefaultVerifier

POSITIVE = ("cosine", "cosine_best", "cosine_top3", "cosine_first", "cosine_mean", "coverage", "coverage_rare", "complete", "grounded",
            "supported", "support_mean", "support_least")
NEGATIVE = ("evasion", "repetition", "padding", "contradicted", "unfinished", "hedges", "informal", "person")
PENALTY = 0.5
DEGRADED_WEIGHT = 2.0


def fit(groups: Sequence[Group], weights: Sequence[float]) -> Scorer:
    """The scorer with the signs that its features must have."""
    return train_pairwise(groups, PENALTY, weights, [NAMES.index(n) for n in POSITIVE], [NAMES.index(n) for n in NEGATIVE])


def human_groups(path: Path, embedder: MiniLM) -> tuple[list[Group], list[NDArray[np.float64]]]:
    """Rankings by people as groups, and the length of each answer in characters."""
    groups, lengths = [], []
    for row in read_jsonl(path):
        answers = [str(a) for a in row["answers"]]  # type: ignore[attr-defined]
        groups.append(Group(features_of(str(row["question"]), answers, (), None, embedder), scores_of(row)))
        lengths.append(np.array([len(a) for a in answers], np.float64))
    return groups, lengths


def degraded_groups(rankings: Sequence[Ranked], embedder: MiniLM, verifier: DefaultVerifier) -> list[Group]:
    """Degraded answers as groups, with verdicts of the shipped verifier."""
    return [Group(features_of(r.question, r.answers, r.evidence, judge_answers(verifier, r.answers, r.evidence), embedder),
                  np.array(r.scores)) for r in rankings]


def cross_validated(people: Sequence[Group], made: Sequence[Group], n_folds: int = 5, seed: int = 7) -> list[NDArray[np.float64]]:
    """Rewards of each group of people by a scorer that has not seen it; the degradations are always seen."""
    order = np.random.default_rng(seed).permutation(len(people))
    out: list[NDArray[np.float64]] = [np.zeros(0)] * len(people)
    for fold in range(n_folds):
        tested = set(order[fold::n_folds].tolist())
        kept = [g for i, g in enumerate(people) if i not in tested]
        scorer = fit([*kept, *made], [1.0] * len(kept) + [DEGRADED_WEIGHT] * len(made))
        for i in tested:
            out[i] = scorer(people[i].features)
    return out


def report(people: Sequence[Group], lengths: Sequence[NDArray[np.float64]], made: Sequence[Group]) -> dict[str, Any]:
    """Cross-validated figures on people's rankings, and held-out figures on degradations (trained on the other half)."""
    rewards = cross_validated(people, made)
    near = [i for i, n in enumerate(lengths) if n.max() <= MATCHED * n.min()]
    prefers = [Group(g.features, r) for g, r in zip(people, rewards, strict=True)]
    half = len(made) // 2
    scorer = fit([*people, *made[:half]], [1.0] * len(people) + [DEGRADED_WEIGHT] * half)
    return {
        "n": agreement(people, rewards)[0], "agreement": agreement(people, rewards)[1], "longer_wins": agreement(people, lengths)[1],
        "n_matched": len(near), "agreement_matched": agreement([people[i] for i in near], [rewards[i] for i in near])[1],
        "longer_wins_matched": agreement([people[i] for i in near], [lengths[i] for i in near])[1],
        "reward_prefers_longer": agreement(prefers, lengths)[1],
        "degraded_held_out": agreement(made[half:], [scorer(g.features) for g in made[half:]])[1],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, trains on everything, writes reward.json, prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--degraded", type=int, default=120)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    embedder, verifier = MiniLM(), DefaultVerifier()
    people, lengths = human_groups(options.data / "preferences" / "haluquestqa.jsonl", embedder)
    rankings = degraded(options.data / "qa" / "pubmedqa_train500.jsonl", options.degraded, options.seed)
    made = degraded_groups(rankings, embedder, verifier)
    figures = report(people, lengths, made)
    scorer = fit([*people, *made], [1.0] * len(people) + [DEGRADED_WEIGHT] * len(made))
    card = {"version": "shipped", "trained_on": ["haluquestqa", f"{len(made)} degraded PubMedQA answers"], "figures": figures}
    RewardFile(scorer, NAMES, card).write(options.out / "reward.json")
    print(json.dumps(figures | {"weights": dict(zip(NAMES, scorer.weight.round(3).tolist(), strict=True))}, indent=1))


if __name__ == "__main__":
    main()
