"""Keeps a library's own versions of the reward model and says which one is in use.

Knows files and the rule of promotion. Training is in ``kgrag.learn.reward``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kgrag.errors import NotFound, UsageError
from kgrag.library import Library
from kgrag.reward.model import PATH, RewardFile
from kgrag.system.files import Versions

HELD, PENALTY, MIN_RANKINGS = 0.3, 0.1, 4
"""Share of questions held out; how strongly the weights are held to the shipped ones; rankings below which
nothing is trained.
"""


def is_held(question: str) -> bool:
    """Whether a question is held out of training; decided by its text alone, so that it stays so."""
    return int(hashlib.sha256(question.encode()).hexdigest()[:12], 16) / 16**12 < HELD


def promote(library: Library, version: str) -> None:
    """Puts a version to use.

    Raises:
        NotFound: no such version.
        UsageError: it was not better than the model that stood when it was trained, or another stands since.
    """
    card = RewardFile.read(existing(library.folder, version)).card
    standing = RewardFile.read(current(library.folder)).card.get("version")
    if not card["figures"]["better"]:
        raise UsageError(
            f"Version {version} agrees with people no better than {card['standing']} on held-out rankings; it"
            " is not promoted."
        )
    if card["standing"] != standing:
        raise UsageError(
            f"Version {version} was compared with {card['standing']}, but {standing} stands now. Train again:"
            " kgrag reward train"
        )
    stored_versions(library.folder).choose([*_promoted(library.folder), version])


def rollback(library: Library) -> str:
    """Goes back to the model that stood before; returns its name (``shipped`` at last).

    Raises:
        UsageError: the shipped model stands already.
    """
    history = _promoted(library.folder)
    if not history:
        raise UsageError("The shipped reward model is in use; there is nothing to go back to.")
    stored_versions(library.folder).choose(history[:-1])
    return history[-2] if len(history) > 1 else "shipped"


def versions(folder: Path) -> dict[str, Mapping[str, Any]]:
    """The cards of the library's versions by name, oldest first."""
    stored = stored_versions(folder)
    return {name: RewardFile.read(stored.path(name)).card for name in stored.names()}


def current(folder: Path) -> Path:
    """The model file in use: the version promoted last, or the shipped one."""
    history = _promoted(folder)
    return existing(folder, history[-1]) if history else PATH


def stored_versions(folder: Path) -> Versions:
    """The folder of versions in a library's folder; ``promoted.json`` lists those promoted, the last in
    use.
    """
    return Versions(folder / "reward", "promoted.json")


def existing(folder: Path, version: str) -> Path:
    """The file of a version.

    Raises:
        NotFound: no such version.
    """
    stored = stored_versions(folder)
    if version not in stored.names():
        raise NotFound(f"No reward version '{version}' (found: {', '.join(stored.names()) or 'none'}).")
    return stored.path(version)


def _promoted(folder: Path) -> list[str]:
    found: list[str] = stored_versions(folder).chosen() or []
    return found
