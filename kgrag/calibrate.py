"""Thresholds: how sure a verdict must be for its claim to be shown."""

from __future__ import annotations


def threshold_for(alpha: float) -> float:
    """The lowest supported-score at which at most alpha of the shown claims are unsupported."""
    return 1.0 - alpha
