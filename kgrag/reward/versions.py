"""Keeps a library's own versions of the reward model and says which one is in use.

Knows files and the rule of promotion. Training is in ``kgrag.learn.reward``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgrag.errors import NotFound, UsageError
from kgrag.library import Library
from kgrag.reward.model import PATH, RewardFile

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
    card = RewardFile.read(_existing(library.folder, version)).card
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
    _write_promoted(library.folder, [*_promoted(library.folder), version])


def rollback(library: Library) -> str:
    """Goes back to the model that stood before; returns its name (``shipped`` at last).

    Raises:
        UsageError: the shipped model stands already.
    """
    history = _promoted(library.folder)
    if not history:
        raise UsageError("The shipped reward model is in use; there is nothing to go back to.")
    _write_promoted(library.folder, history[:-1])
    return history[-2] if len(history) > 1 else "shipped"


def versions(folder: Path) -> dict[str, Mapping[str, Any]]:
    """The cards of the library's versions by name, oldest first."""
    return {path.stem: RewardFile.read(path).card for path in sorted(_folder(folder).glob("v*.json"))}


def current(folder: Path) -> Path:
    """The model file in use: the version promoted last, or the shipped one."""
    history = _promoted(folder)
    return _existing(folder, history[-1]) if history else PATH


def _folder(folder: Path) -> Path:
    return folder / "reward"


def _path(folder: Path, version: str) -> Path:
    return _folder(folder) / f"{version}.json"


def _existing(folder: Path, version: str) -> Path:
    if version not in {path.stem for path in _folder(folder).glob("v*.json")}:
        raise NotFound(f"No reward version '{version}' (found: {', '.join(versions(folder)) or 'none'}).")
    return _path(folder, version)


def _promoted(folder: Path) -> list[str]:
    path = _folder(folder) / "promoted.json"
    found: list[str] = json.loads(path.read_text("utf-8")) if path.exists() else []
    return found


def _write_promoted(folder: Path, history: Sequence[str]) -> None:
    path = _folder(folder) / "promoted.json"
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(list(history)), "utf-8")
    partial.replace(path)
