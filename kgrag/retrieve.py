"""Retrieval: dense, lexical and graph channels, fused by rank.

Knows the followers. Source of the fusion: Cormack et al. 2009 (reciprocal rank fusion).
"""

from __future__ import annotations

from collections import defaultdict

from kgrag.library import Library
from kgrag.types import Filters, Hit, Understood

DEPTH = 100
RRF = 60
MODES = ("full", "nograph", "dense", "words", "graph")


class Retriever:
    """Searches one library.

    Args:
        library: an open library; its followers are brought up to date on each search.
    """

    def __init__(self, library: Library) -> None:
        self.library = library

    def search(self, question: Understood, top_k: int = 10, mode: str = "full", filters: Filters = Filters()) -> list[Hit]:
        """Passages for a question, best first, ties by passage id.

        Args:
            question: as understood.
            top_k: how many, at most.
            mode: full, nograph, dense, words or graph.
            filters: limits, applied inside each channel.
        """
        library = self.library
        allowed = library.catalogue.filtered_passages(filters) if filters != Filters() else None
        depth = max(DEPTH, top_k)
        channels: dict[str, list[tuple[int, float]]] = {}
        if mode in ("full", "nograph", "dense", "graph"):
            channels["dense"] = library.vectors.search(library.embedder.embed_query(question.text), depth, allowed)
        if mode in ("full", "nograph", "words"):
            channels["words"] = library.words.search(question.text, depth, filters)
        fused: dict[int, float] = defaultdict(float)
        for found in channels.values():
            for rank, (key, _) in enumerate(found):
                fused[key] += 1 / (RRF + rank)
        return self._hits(fused, channels, top_k)

    def _hits(self, fused: dict[int, float], channels: dict[str, list[tuple[int, float]]], top_k: int) -> list[Hit]:
        keys = sorted(fused, key=lambda key: (-fused[key], key))[:top_k]
        passages = self.library.catalogue.passages_by_key(keys)
        documents = self.library.catalogue.documents_by_key({document for _, document in passages.values()})
        scores = {name: dict(found) for name, found in channels.items()}
        hits = [Hit(passages[key][0], documents[passages[key][1]], fused[key], {name: s[key] for name, s in scores.items() if key in s})
                for key in keys if key in passages]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))
