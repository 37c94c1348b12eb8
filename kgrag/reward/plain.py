"""Scores answers by the plain rule that stands beside every reward model: most supported first, then most of
the question covered.

Knows verdicts and words. Has nothing to learn.
"""

from __future__ import annotations

from collections.abc import Sequence

from kgrag.language.words import content_words
from kgrag.types import Verdict


class MostSupportedFirst:
    """See the module. Implements ``RewardModel``."""

    identity = "most-supported-first"

    def score(
        self,
        question: str,
        answers: Sequence[str],
        evidence: Sequence[str],
        verdicts: Sequence[Sequence[Verdict]] | None = None,
    ) -> list[float]:
        """Share of supported claims, plus at most a tenth for the question's words told."""
        asked = set(content_words(question))
        judged = verdicts or [()] * len(answers)
        return [
            _supported(said) + 0.1 * len(asked & set(content_words(answer))) / (len(asked) or 1)
            for answer, said in zip(answers, judged, strict=True)
        ]


def _supported(verdicts: Sequence[Verdict]) -> float:
    return sum(v.label == "supported" for v in verdicts) / len(verdicts) if verdicts else 0.0
