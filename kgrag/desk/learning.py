"""Acts by which the library learns from its people: the reward model, the scorer of extraction, the
threshold, a language model's adapter.

What takes long is noted before it begins; what is put to use, in one step with its line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgrag.desk.counter import Counter

if TYPE_CHECKING:
    from kgrag.learn.align import Options
    from kgrag.protocols import Verifier


class Learning(Counter):
    """See the module. Errors are those of ``kgrag.learn`` and ``kgrag.reward.versions``."""

    def train_reward(self) -> dict[str, Any]:
        """Train a version of the reward model from the rankings; it is not in use yet."""
        from kgrag.learn import reward

        self._begun("train", "reward-trained")
        return reward.train(self.library)

    def evaluate_reward(self, version: str | None = None) -> dict[str, Any]:
        """The figures of a version (the newest by default) against the one in use; nothing changes."""
        from kgrag.learn import reward

        self.require("train")
        return reward.evaluate(self.library, version)

    def promote_reward(self, version: str) -> None:
        """Put a version to use."""
        from kgrag.reward.versions import promote

        self._noted("train", "reward-promoted", version, lambda: promote(self.library, version))

    def roll_back_reward(self) -> str:
        """Go back to the model that was in use before; returns its name."""
        from kgrag.reward.versions import rollback

        return self._noted("train", "reward-rolled-back", "", lambda: rollback(self.library))

    def rank_extraction(self, file: Path, *, rater: str | None = None) -> int:
        """Keep people's rankings of extracted terms or statements; returns how many."""
        from kgrag.learn.extraction import store_rankings

        return self._noted(
            "train",
            "extraction-ranked",
            file.name,
            lambda: store_rankings(self.library, file, rater or self.person.id),
        )

    def train_extraction(self, precision: float) -> dict[str, Any]:
        """Train the scorer of extraction from the rankings, and put it to use."""
        from kgrag.learn.extraction import train

        self._begun("train", "extraction-trained")
        return train(self.library, precision)

    def forget_extraction(self) -> None:
        """Go back to extraction without a scorer."""
        from kgrag.learn.extraction import forget

        self._noted("train", "extraction-scorer-removed", "", lambda: forget(self.library))

    def calibrate(self, verifier: Verifier, *, files: Sequence[Path] = ()) -> None:
        """Set the threshold anew from people's verdicts, and put it to use."""
        from kgrag.learn.threshold import recalibrate

        self._begun("train", "threshold-calibrated")
        recalibrate(self.library, verifier, files)

    def reset_threshold(self) -> None:
        """Go back to the shipped threshold."""
        from kgrag.verify.library_threshold import reset

        self._noted("train", "threshold-reset", "", lambda: reset(self.library.folder))

    def align(self, method: str, model: str, *, out: Path, options: Options) -> dict[str, Any]:
        """Fine-tune a language model on the library's answers and rankings, as an adapter."""
        from kgrag.learn.align import align

        self._begun("train", "model-aligned", method)
        return align(self.library, method, model, out, options)
