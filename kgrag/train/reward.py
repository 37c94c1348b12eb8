"""Trains the shipped reward model: ``python -m kgrag.train.reward --data ../shared/data --out
kgrag/models/data/reward``.

Knows: haluquestqa's rankings, the degradations of ``kgrag.train.steps.degrade``, and what is held out. Prints
cross-validated agreement, agreement on pairs matched in length, and how far length drives the reward: on
answers cut to equal length, and on answers cut in half. Needs no torch.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.evaluate.preferences import MATCHED
from kgrag.language.sentences import split_sentences
from kgrag.models.minilm import MiniLM
from kgrag.reward.features import NAMES, features_of
from kgrag.reward.model import RewardFile, judge_answers
from kgrag.reward.pairwise import Group, Scorer, agreement, scores_of, train_pairwise
from kgrag.train.steps.data import read_jsonl
from kgrag.train.steps.degrade import Ranked, degraded
from kgrag.verify.model import DefaultVerifier

POSITIVE = (
    "cosine",
    "cosine_best",
    "cosine_top3",
    "cosine_first",
    "cosine_mean",
    "coverage",
    "coverage_rare",
    "complete",
    "grounded",
    "supported",
    "support_mean",
    "support_least",
)
UNUSED = ("complete",)
"""Features whose weight stays zero: length by another name."""
NEGATIVE = ("evasion", "repetition", "padding", "contradicted", "unfinished", "hedges", "informal", "person")
PENALTY = 0.5
DEGRADED_WEIGHT = 2.0


def fit(groups: Sequence[Group], weights: Sequence[float]) -> Scorer:
    """The scorer with the signs that its features must have."""
    return train_pairwise(
        groups,
        PENALTY,
        weights,
        [NAMES.index(n) for n in (*POSITIVE, *UNUSED)],
        [NAMES.index(n) for n in (*NEGATIVE, *UNUSED)],
    )


@dataclass(frozen=True, slots=True)
class People:
    """Rankings by people: answers as they were, cut to the words of the shortest, and cut in half;
    ``lengths`` in characters of the whole ones.
    """

    whole: list[Group]
    cut: list[Group]
    halves: list[Group]
    lengths: list[NDArray[np.float64]]

    def both(self, rows: Iterable[int]) -> list[Group]:
        """What a model learns from: the whole answers, and once more at equal length."""
        chosen = list(rows)
        return [self.whole[i] for i in chosen] + [self.cut[i] for i in chosen]


def people_of(path: Path, embedder: MiniLM) -> People:
    """The rankings of a file of preferences."""
    found = People([], [], [], [])
    for row in read_jsonl(path):
        answers = [str(a) for a in row["answers"]]
        least = min(len(a.split()) for a in answers)
        versions = (
            answers,
            [shortened(a, least) for a in answers],
            [shortened(a, len(a.split()) // 2) for a in answers],
        )
        for groups, texts in zip((found.whole, found.cut, found.halves), versions, strict=True):
            groups.append(Group(features_of(str(row["question"]), texts, (), None, embedder), scores_of(row)))
        found.lengths.append(np.array([len(a) for a in answers], np.float64))
    return found


def shortened(text: str, n_words: int) -> str:
    """The first sentences of a text with together at most so many words; at least one."""
    kept: list[str] = []
    left = n_words
    for a, b in split_sentences(text):
        left -= len(text[a:b].split())
        if kept and left < 0:
            break
        kept.append(text[a:b])
    return " ".join(kept)


def degraded_groups(rankings: Sequence[Ranked], embedder: MiniLM, verifier: DefaultVerifier) -> list[Group]:
    """Degraded answers as groups, with verdicts of the shipped verifier."""
    return [
        Group(
            features_of(
                r.question, r.answers, r.evidence, judge_answers(verifier, r.answers, r.evidence), embedder
            ),
            np.array(r.scores),
        )
        for r in rankings
    ]


def cross_validated(people: People, made: Sequence[Group], n_folds: int = 5, seed: int = 7) -> People:
    """Rewards, as one-column groups, of each group of people by a scorer that has not seen it; the
    degradations are always seen.
    """
    order = np.random.default_rng(seed).permutation(len(people.whole))
    blank = [Group(np.zeros((0, 1)), np.zeros(0))] * len(order)
    out = People([*blank], [*blank], [*blank], people.lengths)
    for fold in range(n_folds):
        tested = order[fold::n_folds].tolist()
        scorer = _fitted(people, sorted(set(order.tolist()) - set(tested)), made)
        for i in tested:
            for into, groups in (
                (out.whole, people.whole),
                (out.cut, people.cut),
                (out.halves, people.halves),
            ):
                into[i] = Group(scorer(groups[i].features)[:, None], groups[i].scores)
    return out


def _fitted(people: People, rows: Sequence[int], made: Sequence[Group]) -> Scorer:
    return fit([*people.both(rows), *made], [0.5] * 2 * len(rows) + [DEGRADED_WEIGHT] * len(made))


def report(people: People, made: Sequence[Group]) -> dict[str, Any]:
    """Cross-validated figures on people's rankings, and held-out figures on degradations (trained on the
    other half).
    """
    rewards, half = cross_validated(people, made), len(made) // 2
    scorer = _fitted(people, range(len(people.whole)), made[:half])
    return length_figures(rewards) | {
        "degraded_held_out": agreement(made[half:], [scorer(g.features) for g in made[half:]])[1]
    }


def length_figures(rewards: People) -> dict[str, Any]:
    """How often rewards and people agree, and what length has to do with it.

    Args:
        rewards: the rewards as the only column of each group.

    Returns:
        Agreement on all pairs, on those within a quarter of each other's length, on those where people
        preferred the longer or the shorter; the share of pairs in which the reward prefers the longer; both
        again with the answers cut to equal length; ``halved_loses``: how many deviations of the reward
        between answers an answer loses when its second half is cut.
    """
    whole, cut, halves = (
        [g.features[:, 0] for g in groups] for groups in (rewards.whole, rewards.cut, rewards.halves)
    )
    groups, lengths = rewards.whole, rewards.lengths
    longer = [Group(g.features, n) for g, n in zip(groups, lengths, strict=True)]
    wins = np.array([agreement([g], [n])[1] for g, n in zip(groups, lengths, strict=True)])

    def share(
        rows: Sequence[int] | NDArray[Any],
        by: Sequence[NDArray[np.float64]],
        people: Sequence[Group] = groups,
    ) -> float:
        return round(agreement([people[i] for i in rows], [by[i] for i in rows])[1], 4)

    every, near = range(len(groups)), [i for i, n in enumerate(lengths) if n.max() <= MATCHED * n.min()]
    spread = float(np.std(np.concatenate(whole)))
    return {
        "n": len(groups),
        "agreement": share(every, whole),
        "longer_wins": share(every, lengths),
        "n_matched": len(near),
        "agreement_matched": share(near, whole),
        "longer_wins_matched": share(near, lengths),
        "agreement_where_longer_preferred": share(np.flatnonzero(wins == 1), whole),
        "agreement_where_shorter_preferred": share(np.flatnonzero(wins == 0), whole),
        "prefers_longer": share(every, whole, longer),
        "agreement_cut_to_equal": share(every, cut),
        "prefers_longer_cut_to_equal": share(every, cut, longer),
        "halved_loses": round(float(np.mean(np.concatenate(whole) - np.concatenate(halves))) / spread, 3),
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
    people = people_of(options.data / "preferences" / "haluquestqa.jsonl", embedder)
    rankings = degraded(options.data / "qa" / "pubmedqa_train500.jsonl", options.degraded, options.seed)
    made = degraded_groups(rankings, embedder, verifier)
    figures = report(people, made)
    scorer = _fitted(people, range(len(people.whole)), made)
    card = {
        "version": "shipped",
        "trained_on": ["haluquestqa", f"{len(made)} degraded PubMedQA answers"],
        "figures": figures,
    }
    RewardFile(scorer, NAMES, card).write(options.out / "reward.json")
    print(
        json.dumps(
            figures | {"weights": dict(zip(NAMES, scorer.weight.round(3).tolist(), strict=True))}, indent=1
        )
    )


if __name__ == "__main__":
    main()
