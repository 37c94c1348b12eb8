"""Models that run here: embedders and the graph they share; which languages an embedder reads."""

from __future__ import annotations

from kgrag.protocols import Embedder

ENGLISH_ONLY = ("all-MiniLM",)


def reads(embedder: Embedder, language: str) -> bool:
    """Whether an embedder's vectors mean anything for a language; where not, words alone decide."""
    return language == "en" or not embedder.identity.startswith(ENGLISH_ONLY)
