"""Learns from a library's people: reward, threshold, extraction, and a language model of one's own
(``align``).
"""

from __future__ import annotations
