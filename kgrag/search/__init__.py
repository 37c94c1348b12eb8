"""Retrieval: dense, words and graph channels, and the ranker that orders what they find."""

from __future__ import annotations

from kgrag.search.retriever import MODES, Retriever

__all__ = ["MODES", "Retriever"]
