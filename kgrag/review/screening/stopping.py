"""Tells how many records that matter may be unread, and when reading on is hardly worth it.

Knows decisions in the order of reading and the number of records; no texts. The test asks of every tail of
the reading that began after an included record: had the tail been drawn blindly, and were the target missed,
how likely would it hold so few? A ranked tail holds more than a blind one, so the answer errs towards
reading on. Source: Callaghan and Müller-Hansen 2020, Statistical stopping criteria for automated screening in
systematic reviews.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

TARGET = 0.95
CONFIDENCE = 0.9
"""A tail that is ranked makes the test err towards reading on, so nine tenths here kept the target in all
runs that were measured (decisions/070).
"""

EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Missing:
    """The most included records among the unread: at even odds (``expected``), and with ``CONFIDENCE``."""

    expected: int
    most: int


@dataclass(slots=True)
class Stopping:
    """The decisions on a set of records so far.

    Args:
        n: records in all.
        target: share of the included that must be found.
    """

    n: int
    target: float = TARGET
    read: int = 0
    found: int = 0
    _starts: list[tuple[int, int]] = field(default_factory=list)
    """After each included record: how many were read and found by then."""

    def note(self, included: bool) -> None:
        """Take the next decision in."""
        self.read += 1
        if included:
            self.found += 1
            self._starts.append((self.read, self.found))

    def p_value(self) -> float:
        """How likely the reading would look like this if the target were missed; 1 while nothing is found.

        A tail that begins right after an included record is at least as telling as one that begins later
        before the next, so only those are asked.
        """
        if not self.found:
            return 1.0
        starts = np.array(self._starts)
        wanted = np.floor(self.found / self.target - starts[:, 1] + 1).astype(int)
        return float(self._chances(starts, wanted).min())

    def advises(self) -> bool:
        """Whether the target is reached with ``CONFIDENCE``, or nothing is unread."""
        return self.read >= self.n or self.p_value() < 1 - CONFIDENCE

    def missing(self) -> Missing:
        """How many included records the unread hold, by the test that advises."""
        left = self.n - self.read
        if not left or not self._starts:
            return Missing(left, left)
        return Missing(self._most(left, EVEN), self._most(left, CONFIDENCE))

    def _most(self, left: int, confidence: float) -> int:
        """The most included records among ``left`` unread that the test does not reject."""
        return bisect_left(range(left), True, key=lambda m: self._rejects(m + 1, confidence))

    def _rejects(self, missing: int, confidence: float) -> bool:
        starts = np.array(self._starts)
        wanted = self.found - starts[:, 1] + missing
        return bool(self._chances(starts, wanted).min() < 1 - confidence)

    def _chances(self, starts: NDArray[Any], wanted: NDArray[Any]) -> NDArray[np.float64]:
        """For each start: the chance of no more than what was found, with ``wanted`` in the urn."""
        from scipy.stats import hypergeom

        urn, drawn = self.n - starts[:, 0], self.read - starts[:, 0]
        return np.asarray(hypergeom.cdf(self.found - starts[:, 1], urn, np.minimum(wanted, urn), drawn))
