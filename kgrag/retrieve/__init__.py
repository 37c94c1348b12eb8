"""Retrieval: dense, words and graph channels, and the ranker that orders what they find."""

from kgrag.retrieve.retriever import MODES, Retriever

__all__ = ["MODES", "Retriever"]
