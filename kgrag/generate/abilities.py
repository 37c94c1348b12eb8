"""Decides whether a language model writes sentences or only points to quotes: by the admin's word, by what it
was measured to do, else by its size.

Knows names of models and one small file in the library with the figures of a self-test. Asks no model.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

from kgrag.generate.confidential import model_is_local
from kgrag.settings import Settings
from kgrag.system.files import write_whole

Mode = Literal["point", "write"]
WRITES_FROM_B = 7.0
"""Billions of parameters from which a model is taken to rewrite quotes without inventing; those of 1.5 do."""
WRITES_FROM_SHARE = 0.8
"""Share of a model's own sentences that must be supported in the self-test."""
_SIZE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*([bm])(?![a-z])", re.IGNORECASE)


def mode_of(settings: Settings) -> Mode:
    """What the configured model does."""
    if settings.llm_mode != "auto":
        return settings.llm_mode
    tested = share_tested(settings)
    if tested is not None:
        return "write" if tested >= WRITES_FROM_SHARE else "point"
    size = size_of(str(settings.llm).partition(":")[2])
    if size is not None:
        return "write" if size >= WRITES_FROM_B else "point"
    return "point" if model_is_local(settings) else "write"


def size_of(name: str) -> float | None:
    """Billions of parameters as a model's name tells them (``qwen2.5:1.5b``, ``SmolLM2-135M``); the last
    such part counts, None where there is none.
    """
    found = _SIZE.findall(name)
    if not found:
        return None
    number, unit = found[-1]
    return float(number) / (1000 if unit in "mM" else 1)


def share_tested(settings: Settings) -> float | None:
    """The share of supported sentences in the last self-test of the configured model; None without one."""
    try:
        held = json.loads(_path(settings.library).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    share = held.get(_key(settings))
    return float(share) if isinstance(share, int | float) else None


def keep_tested(settings: Settings, share: float) -> None:
    """Note what a self-test of the configured model has found."""
    path = _path(settings.library)
    held = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    write_whole(path, json.dumps({**held, _key(settings): round(share, 4)}))


def _path(folder: Path) -> Path:
    return folder / "llm_selftest.json"


def _key(settings: Settings) -> str:
    return f"{settings.llm} {settings.llm_url or ''}".strip()
