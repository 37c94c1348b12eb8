"""Aligning a language model of one's own with a library's people: examples from the catalogue, then trl and
peft. Start at ``run.align``.
"""

from __future__ import annotations
