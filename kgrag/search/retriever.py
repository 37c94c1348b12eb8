"""Searches: gathers candidates from the channels, ranks them, and gives them back as hits.

Knows the order of the steps. Equal library, question and arguments give equal hits and scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kgrag.catalogue.visible import rights_version
from kgrag.library import Library
from kgrag.models import reads
from kgrag.search.features import Candidates, graph_features, text_features
from kgrag.search.gather import (
    DEPTH,
    Base,
    Sent,
    candidates,
    choose,
    gather_base,
    score_base,
    sent_to_walk,
    walk,
)
from kgrag.search.ranker import load_ranker
from kgrag.types import Filters, Hit, Understood

MODES = ("full", "nograph", "dense", "words", "graph")
Floats = NDArray[np.float64]
Walks = tuple[Mapping[int, float], Mapping[int, float]]
MAX_REMEMBERED = 8


@dataclass(frozen=True)
class Ranked:
    """Passage keys, best first, with the score they are ordered by and each channel's own; ``counts`` and
    ``sent`` as in ``Found``.
    """

    keys: NDArray[np.int64]
    scores: Floats
    channels: Mapping[str, Mapping[int, float]]
    counts: Mapping[str, int]
    sent: Mapping[str, Sent]


@dataclass(frozen=True)
class Found:
    """Hits, best first, and how many passages each step left.

    Attributes:
        counts: ``filtered`` (passages that the filters let through, only with filters), ``dense`` and
            ``words`` and ``graph`` (found by the channel), ``candidates`` (the union), ``reranked`` (ordered
            by the ranker), ``returned``.
        sent: what each channel was sent, filled in where it is sent.
    """

    hits: list[Hit]
    counts: Mapping[str, int]
    sent: Mapping[str, Sent]


class Retriever:
    """Searches one library.

    Args:
        library: an open library, its followers up to date.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self._allowed: dict[tuple[Filters, int, int], list[int]] = {}

    def search(
        self, question: Understood, top_k: int = 10, mode: str = "full", filters: Filters = Filters()
    ) -> list[Hit]:
        """Passages for a question, best first, ties by passage key.

        Args:
            question: as understood.
            top_k: how many, at most.
            mode: full, nograph (meaning and words: the control), dense, words or graph.
            filters: limits, applied inside each channel.
        """
        return self.find(question, top_k, mode, filters).hits

    def find(
        self, question: Understood, top_k: int = 10, mode: str = "full", filters: Filters = Filters()
    ) -> Found:
        """As ``search``, with the counts of each step."""
        allowed = self._passages(filters) if filters != Filters() else None
        ranked = self._rank(question, top_k, mode, filters, allowed)
        hits = self._hits(ranked, top_k)
        limited = {} if allowed is None else {"filtered": len(allowed)}
        return Found(
            hits,
            {**limited, **ranked.counts, "candidates": len(ranked.keys), "returned": len(hits)},
            ranked.sent,
        )

    def _passages(self, filters: Filters) -> list[int]:
        """Keys of the passages within the limits, remembered while neither the catalogue nor the collections
        change.
        """
        catalogue = self.library.catalogue
        key = (filters, catalogue.head(), rights_version(catalogue))
        if key not in self._allowed:
            self._allowed = {
                **dict(list(self._allowed.items())[-MAX_REMEMBERED + 1 :]),
                key: catalogue.filtered_passages(filters),
            }
        return self._allowed[key]

    def _rank(
        self, question: Understood, top_k: int, mode: str, filters: Filters, allowed: list[int] | None
    ) -> Ranked:
        readable = reads(self.library.embedder, question.language)
        dense = mode == "dense" or (mode != "words" and readable)
        base = gather_base(
            self.library, question, max(DEPTH, top_k), filters, allowed, dense=dense, words=mode != "dense"
        )
        if mode in ("dense", "words"):
            return _by(base, base.dense if mode == "dense" else base.words, mode)
        walks: Walks = ({}, {})
        if mode in ("full", "graph"):
            walks = walk(self.library, question, _first(base), allowed)
            base = replace(base, sent={**base.sent, "graph": sent_to_walk(question)})
        if mode == "graph":
            return _by_walk(walks[1], base.sent)
        chosen = choose(_first(base), walks)
        return self._reranked(question, base, chosen, walks, graph=mode == "full", learned=dense)

    def _reranked(
        self,
        question: Understood,
        base: Base,
        chosen: NDArray[np.int64],
        walks: tuple[Mapping[int, float], Mapping[int, float]],
        *,
        graph: bool,
        learned: bool,
    ) -> Ranked:
        """The candidates in the ranker's order, then the rest in the hybrid's."""
        channels = _channels(base) | ({"graph": walks[1]} if graph else {})
        counts = dict(base.found) | ({"graph": len(walks[1])} if graph else {})
        if not learned or not len(chosen):
            return Ranked(base.keys, base.hybrid, channels, counts, base.sent)
        few, seen = self._seen(question, base, chosen, walks)
        ranker, text = load_ranker(), text_features(seen)
        scores = ranker.score(text, graph_features(seen)) if graph else ranker.score_text(text)
        scores = np.round(scores, 6)
        order = np.lexsort((few.keys, -scores))
        rest = ~np.isin(base.keys, few.keys)
        low = float(scores.min(initial=0)) - 1 - (base.hybrid.max(initial=0) - base.hybrid[rest])
        return Ranked(
            np.concatenate([few.keys[order], base.keys[rest]]),
            np.concatenate([scores[order], low]),
            channels,
            {**counts, "reranked": len(few.keys)},
            base.sent,
        )

    def _seen(
        self,
        question: Understood,
        base: Base,
        chosen: NDArray[np.int64],
        walks: tuple[Mapping[int, float], Mapping[int, float]],
    ) -> tuple[Base, Candidates]:
        by_words = {int(key): float(score) for key, score in zip(base.keys, base.words, strict=True)}
        few = score_base(self.library, base.query, chosen, by_words, base)
        return few, candidates(self.library, question, few, *walks)

    def features(self, question: Understood) -> tuple[Floats, list[str]]:
        """What the ranker sees of each candidate (for training): features (n, len(NAMES)), and the
        candidates' document ids.
        """
        base = gather_base(self.library, question, DEPTH, Filters(), None, dense=True, words=True)
        walks = walk(self.library, question, base)
        few, seen = self._seen(question, base, choose(base, walks), walks)
        passages = self.library.catalogue.passages_by_key(few.keys.tolist())
        return np.concatenate([text_features(seen), graph_features(seen)], axis=1), [
            passages[int(key)][0].document_id for key in few.keys
        ]

    def _hits(self, found: Ranked, top_k: int) -> list[Hit]:
        keys = [int(key) for key in found.keys[:top_k]]
        passages = self.library.catalogue.passages_by_key(keys)
        documents = self.library.catalogue.documents_by_key({document for _, document in passages.values()})
        return [
            Hit(
                passages[key][0],
                documents[passages[key][1]],
                float(score),
                {name: s[key] for name, s in found.channels.items() if key in s},
            )
            for key, score in zip(keys, found.scores[:top_k], strict=True)
            if key in passages
        ]


def _first(base: Base) -> Base:
    """The part of a deeper list that decides on candidates, so that top_k does not change the order."""
    if len(base.keys) <= 2 * DEPTH:
        return base
    by_dense = np.argsort(-base.dense, kind="stable")[:DEPTH]
    by_words = [i for i in np.argsort(-base.words, kind="stable")[:DEPTH] if base.words[i] > 0]
    kept = np.unique(np.concatenate([by_dense, np.array(by_words, np.int64)]))
    return Base(
        base.keys[kept],
        base.query,
        base.vectors[kept],
        base.dense[kept],
        base.dense_z[kept],
        base.words[kept],
        base.hybrid[kept],
        base.found,
        base.sent,
    )


def _channels(base: Base) -> dict[str, dict[int, float]]:
    return {
        name: {int(key): float(score) for key, score in zip(base.keys, scores, strict=True) if score != 0}
        for name, scores in (("dense", base.dense), ("words", base.words))
    }


def _by(base: Base, scores: Floats, name: str) -> Ranked:
    order = np.lexsort((base.keys, -scores))
    order = order[scores[order] != 0]
    return Ranked(
        base.keys[order],
        scores[order],
        {name: dict(zip(base.keys.tolist(), scores.tolist(), strict=True))},
        base.found,
        base.sent,
    )


def _by_walk(scores: Mapping[int, float], sent: Mapping[str, Sent]) -> Ranked:
    keys = sorted((key for key, score in scores.items() if score > 0), key=lambda key: (-scores[key], key))
    return Ranked(
        np.array(keys, np.int64),
        np.array([scores[key] for key in keys]),
        {"graph": scores},
        {"graph": len(keys)},
        sent,
    )
