"""Reads from a sentence which direction of an outcome it claims, and under what against what.

Knows the ways in ``data/claimed.toml``; no evidence.

    claimed("Compared with placebo, vitamin D increased bone density.")
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kgrag.verify.direction.marked import Compared
from kgrag.verify.direction.model import DIRECTIONS

_GROUPS = ("none", "up", "down")
"""Groups of a rule in the order of ``DIRECTIONS``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of claiming, with a sentence that it reads and one that it must not read."""

    pattern: re.Pattern[str]
    example: str
    counter: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A direction (the place in ``DIRECTIONS``) that a sentence claims."""

    compared: Compared
    direction: int

    @property
    def name(self) -> str:
        """One of ``DIRECTIONS``."""
        return DIRECTIONS[self.direction]


@cache
def rules() -> tuple[Rule, ...]:
    """The ways, in the order of their file."""
    text = files("kgrag.verify").joinpath("data", "claimed.toml").read_text("utf-8")
    grammar = tomllib.loads(text)
    return tuple(
        Rule(_compiled(row["pattern"], grammar["parts"]), row["example"], row["counter"])
        for row in grammar["rule"]
    )


def _compiled(pattern: str, parts: dict[str, str]) -> re.Pattern[str]:
    for name, part in parts.items():
        pattern = pattern.replace(f"{{{name}}}", part)
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


def claimed(sentence: str) -> Claimed | None:
    """The direction that a sentence claims; None where it claims none against a comparator."""
    for rule in rules():
        match = rule.pattern.search(sentence.strip())
        if match is None:
            continue
        held = match.groupdict()
        direction = next(number for number, name in enumerate(_GROUPS) if held.get(name))
        return Claimed(Compared(held["i"].strip(), held["c"].strip(), held["o"].strip()), direction)
    return None
