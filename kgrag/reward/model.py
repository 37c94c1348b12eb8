"""Computes the reward r(question, answer, evidence): named features weighed by what people preferred.

Knows: the model file (JSON: names, mean, deviation, weight, card), how a verdict a sentence is made where
evidence is given, and the law that a non-answer never outranks an answer. Does not know how a ranking was
collected, nor how it is trained.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.errors import NotFound, UsageError
from kgrag.language.sentences import split_claims
from kgrag.protocols import Embedder, Verifier
from kgrag.reward.features import NAMES, features_of
from kgrag.reward.pairwise import Scorer
from kgrag.system.files import write_whole
from kgrag.types import Verdict

PATH = Path(__file__).parent.parent / "models" / "data" / "reward" / "reward.json"
EVASION_COST = 8.0
"""What an answer loses that only evades; the spread of rewards is about 1."""
MAX_CLAIMS = 16


@dataclass(frozen=True, slots=True)
class RewardFile:
    """A stored reward model: its scorer, the names of its features, and what is known of how it was made."""

    scorer: Scorer
    names: tuple[str, ...]
    card: Mapping[str, Any]

    def write(self, path: Path) -> None:
        """Writes the model as JSON, whole or not at all."""
        content = {
            "names": list(self.names),
            "mean": self.scorer.mean.tolist(),
            "deviation": self.scorer.deviation.tolist(),
            "weight": self.scorer.weight.tolist(),
            "card": dict(self.card),
        }
        write_whole(path, json.dumps(content, indent=1))

    @classmethod
    def read(cls, path: Path) -> RewardFile:
        """Reads a model.

        Raises:
            NotFound: no such file.
            UsageError: the file is not a reward model.
        """
        if not path.is_file():
            raise NotFound(f"No reward model '{path}'. Train one: kgrag reward train")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            parts = (np.array(content[name], np.float64) for name in ("mean", "deviation", "weight"))
            return cls(Scorer(*parts), tuple(content["names"]), content.get("card", {}))
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"'{path}' is no reward model: {error}") from error


class DefaultReward:
    """Scores candidate answers to one question; higher is better. Offline, deterministic.

    Args:
        path: the model file; the shipped one by default.
        embedder: texts to vectors; MiniLM by default.
        verifier: makes verdicts where evidence is given without them; the shipped one by default.
    """

    def __init__(
        self, path: Path = PATH, embedder: Embedder | None = None, verifier: Verifier | None = None
    ) -> None:
        self.file = RewardFile.read(path)
        if self.file.names != NAMES:
            raise UsageError(
                f"'{path}' was trained on other features than this version has. Train again: kgrag reward"
                " train"
            )
        self.identity = f"kgrag-reward-1/{self.file.card.get('version', path.stem)}"
        self._given_embedder, self._given_verifier = embedder, verifier

    def score(
        self,
        question: str,
        answers: Sequence[str],
        evidence: Sequence[str],
        verdicts: Sequence[Sequence[Verdict]] | None = None,
    ) -> list[float]:
        """One score an answer.

        Args:
            question: as asked.
            answers: the candidates.
            evidence: the texts that the answers should rest on; may be empty.
            verdicts: each answer's per-sentence verdicts where known; made by the verifier where evidence is
                given without.
        """
        return [float(reward) for reward in self.rewards(self.measure(question, answers, evidence, verdicts))]

    def rewards(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rewards, float64 (n_answers,), of rows (n_answers, len(NAMES)); an answer that mostly evades loses
        ``EVASION_COST``.
        """
        share = features[:, NAMES.index("evasion")]
        out: NDArray[np.float64] = self.file.scorer(features) - EVASION_COST * np.where(
            share >= 0.5, share, 0.0
        )
        return out

    def measure(
        self,
        question: str,
        answers: Sequence[str],
        evidence: Sequence[str],
        verdicts: Sequence[Sequence[Verdict]] | None = None,
    ) -> NDArray[np.float64]:
        """The named features, float64 (n_answers, len(NAMES)); for showing why one answer scored above
        another.
        """
        if verdicts is None and any(text.strip() for text in evidence):
            verdicts = judge_answers(self._verifier, answers, evidence)
        return features_of(question, answers, evidence, verdicts, self._embedder)

    def explain(self, features: NDArray[np.float64]) -> list[dict[str, float]]:
        """What each named feature adds to each answer's reward."""
        parts = self.file.scorer.standardised(features) * self.file.scorer.weight
        return [dict(zip(NAMES, map(float, row), strict=True)) for row in parts]

    @cached_property
    def _embedder(self) -> Embedder:
        if self._given_embedder is not None:
            return self._given_embedder
        from kgrag.models.minilm import MiniLM

        return MiniLM()

    @cached_property
    def _verifier(self) -> Verifier:
        if self._given_verifier is not None:
            return self._given_verifier
        from kgrag.verify.model import DefaultVerifier

        return DefaultVerifier()


def judge_answers(verifier: Verifier, answers: Sequence[str], evidence: Sequence[str]) -> list[list[Verdict]]:
    """Each answer's per-claim verdicts against the evidence, at most ``MAX_CLAIMS`` an answer."""
    claims = [[claim.text for claim in split_claims(answer)][:MAX_CLAIMS] for answer in answers]
    flat = [claim for group in claims for claim in group]
    found = iter(verifier.verify(flat, [evidence] * len(flat)))
    return [[next(found) for _ in group] for group in claims]
