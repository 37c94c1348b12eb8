"""Gives the answer as it is stored, byte for byte: the JSON object of ``kgrag ask --json``."""

from __future__ import annotations

from kgrag.export.material import Material


def stored(material: Material) -> bytes:
    """The stored JSON, as it was given; what was retracted since is not in it (``kgrag verify`` tells)."""
    return material.body.encode()
