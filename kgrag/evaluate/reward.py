"""Measures the reward model of a library by its people's rankings: agreement, raters among each other, and a
table of the models and prompts that wrote the answers.

Knows the rankings in the catalogue and puts figures together (``kgrag.evaluate.pairs``, ``agreement``,
``elo``). Does not train.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kgrag.backends import open_verifier
from kgrag.evaluate.agreement import pairwise_kappa, ranking_agreement
from kgrag.evaluate.elo import bradley_terry, elo
from kgrag.evaluate.pairs import agreement_report, pair_figures, pairs_of
from kgrag.evaluate.preferences import judge_rankings
from kgrag.library import Library
from kgrag.people.feedback import usable_rankings
from kgrag.protocols import RewardModel, Verifier
from kgrag.reward.model import DefaultReward
from kgrag.reward.pairwise import scores_of
from kgrag.reward.versions import current, is_held, versions

Row = Mapping[str, Any]


def reward_report(
    library: Library, model: RewardModel | None = None, verifier: Verifier | None = None
) -> dict[str, Any]:
    """Everything that people's rankings say of the model in use.

    Args:
        library: open.
        model: the one in use by default.
        verifier: the one of the settings by default.

    Returns:
        ``model``, ``rankings``, ``questions``; ``agreement`` (see ``agreement_report``; a model of this
        library has seen part of these) and ``held_out`` (the same figures on the questions that no version
        was trained on); ``raters``; ``elo``; ``versions`` with their figures, and the one ``in_use``.
    """
    rows = usable_rankings(library)
    judge = verifier or open_verifier(library.settings.verifier)
    used = model or DefaultReward(path=current(library.folder), verifier=judge)
    judged = judge_rankings(rows, used, judge)
    held = pairs_of([item for item in judged if is_held(item.question)])
    stored = versions(library.folder)
    name = current(library.folder).stem
    return {
        "model": used.identity,
        "rankings": len(rows),
        "questions": len({row["question"] for row in rows}),
        "agreement": agreement_report(judged),
        "held_out": pair_figures(held),
        "raters": between_raters(rows),
        "elo": ratings(rows),
        "in_use": name if name in stored else "shipped",
        "versions": [
            {"version": version, "figures": card.get("figures", {})} for version, card in stored.items()
        ],
    }


def between_raters(rows: Sequence[Row]) -> dict[str, Any]:
    """Number of ``raters``; over pairs of answers that two of them ranked: ``n_pairs``, ``alike`` (the share
    ordered alike) and ``kappa`` (Cohen's, of better, worse or tie).
    """
    orders: dict[tuple[str, ...], list[Sequence[int]]] = {}
    said: dict[str, dict[tuple[str, str, str], float]] = {}
    for row in rows:
        orders.setdefault((row["question"], *row["answers"]), []).append(row["ranking"])
        said.setdefault(row["rater"], {}).update(_said(row))
    found = [ranking_agreement(same) for same in orders.values()]
    total = sum(n for n, _ in found)
    n_pairs, kappa = pairwise_kappa(list(said.values()))
    return {
        "raters": len(said),
        "n_pairs": n_pairs,
        "alike": sum(n * (share or 0.0) for n, share in found) / total if total else None,
        "kappa": kappa,
    }


def ratings(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Models and prompts by Elo's scale, best first: ``player``, ``rating`` (of all games at once, so that
    their order does not count), ``elo`` (game after game), ``games``, ``won`` (a tie is half). Answers of one
    player among each other are no games.
    """
    games = [game for row in rows for game in games_of(row)]
    played: Counter[str] = Counter()
    won: defaultdict[str, float] = defaultdict(float)
    for a, b, result in games:
        played.update((a, b))
        won[a] += result
        won[b] += 1 - result
    in_order = elo(games)
    return [
        {
            "player": name,
            "rating": round(value, 1),
            "elo": round(in_order[name], 1),
            "games": played[name],
            "won": won[name],
        }
        for name, value in bradley_terry(games).items()
    ]


def games_of(row: Row) -> list[tuple[str, str, float]]:
    """One game for each two answers of a ranking that different players wrote: (player, player, result of the
    first).
    """
    players, scores = players_of(row), scores_of(row)
    return [
        (players[i], players[j], float(np.sign(scores[i] - scores[j]) + 1) / 2)
        for i in range(len(players))
        for j in range(i + 1, len(players))
        if players[i] != players[j]
    ]


def players_of(row: Row) -> list[str]:
    """Who wrote each answer: its maker, and for a language model the prompt it was given; ``unknown`` where
    an older ranking does not say.
    """
    prompt = row.get("models", {}).get("prompt")
    makers = row.get("makers") or ["unknown"] * len(row["answers"])
    return [f"{maker}, prompt {prompt}" if prompt and ":" in maker else maker for maker in makers]


def _said(row: Row) -> dict[tuple[str, str, str], float]:
    """For each two answers of a ranking, in an order that all raters share: -1, 0 or 1."""
    scores, texts = scores_of(row), [str(answer) for answer in row["answers"]]
    order = sorted(range(len(texts)), key=lambda i: texts[i])
    return {
        (row["question"], texts[a], texts[b]): float(np.sign(scores[a] - scores[b]))
        for n, a in enumerate(order)
        for b in order[n + 1 :]
    }
