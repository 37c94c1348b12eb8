"""Loads the models and channels of an open library on use and keeps them warm between questions.

Knows the settings' names of models. Does not know the order in which a question needs them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kgrag.backends import load_backend, open_verifier
from kgrag.generate.extractive import ExtractiveGenerator
from kgrag.library import Library
from kgrag.models.minilm import MiniLM
from kgrag.protocols import Generator, RewardModel, Verifier
from kgrag.reward.plain import MostSupportedFirst
from kgrag.reward.versions import current
from kgrag.search import Retriever
from kgrag.verify.model import DefaultVerifier
from kgrag.verify.yesno import YesNo


@dataclass
class Loaded:
    """A library with its models.

    Args:
        library: an open library.
    """

    library: Library
    _reward: tuple[dict[str, Path], RewardModel] | None = field(default=None, init=False, repr=False)

    @cached_property
    def retriever(self) -> Retriever:
        """The retrieval channels."""
        return Retriever(self.library)

    @cached_property
    def generator(self) -> Generator:
        """The language model of the settings, or the extractive generator."""
        if self.library.settings.llm is None:
            return ExtractiveGenerator()
        made: Generator = load_backend("generator", "llm")(self.library.settings)
        return made

    @cached_property
    def verifier(self) -> Verifier:
        """The claim verifier of the settings."""
        made: Verifier = open_verifier(self.library.settings.verifier)
        return made

    @cached_property
    def yesno(self) -> YesNo:
        """The model of yes, no and maybe; it shares the shipped models."""
        shared = self.verifier if isinstance(self.verifier, DefaultVerifier) else None
        return YesNo(embedder=self._shared_embedder, verifier=shared)

    @property
    def reward(self) -> RewardModel:
        """The reward model of the settings, the library's own version where one is promoted; `off`: the plain
        rule.
        """
        name = self.library.settings.reward
        promoted = {"path": current(self.library.folder)} if name == "default" else {}
        if self._reward is None or self._reward[0] != promoted:
            self._reward = (promoted, self._reward_named(name, promoted))
        return self._reward[1]

    def _reward_named(self, name: str, promoted: dict[str, Path]) -> RewardModel:
        if name == "off":
            return MostSupportedFirst()
        made: RewardModel = load_backend("reward", name)(embedder=self._shared_embedder, **promoted)
        return made

    @property
    def _shared_embedder(self) -> MiniLM | None:
        """The library's embedder, where the shipped models can share it."""
        return self.library.embedder if isinstance(self.library.embedder, MiniLM) else None

    def warm_up(self) -> None:
        """Load the models, so that the first question is fast."""
        self.library.embedder.embed_query("warm")
        self.verifier.verify(["The library is open."], [["The library is open today."]])
        self.reward.score("Is the library open?", ["The library is open."], [])

    def identities(self) -> dict[str, str]:
        """The models by their roles, as an answer names them."""
        return {
            "embedder": self.library.embedder.identity,
            "generator": self.generator.identity,
            "verifier": self.verifier.identity,
            "reward": self.reward.identity,
            **({"prompt": prompt} if (prompt := getattr(self.generator, "prompt", None)) else {}),
        }
