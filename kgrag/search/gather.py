"""Gathers the candidates of a question: what each channel finds, and everything the ranker's features need of
them.

Knows the followers of a library. Does not order anything but by the channels' own scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kgrag.language.names import entity_id, normalise_name, without_qualifier
from kgrag.language.words import content_words_unstemmed as content_words
from kgrag.library import Library
from kgrag.search.features import RARE_SHARE, Candidates
from kgrag.types import Filters, Understood

Floats = NDArray[np.float64]
Sent = Mapping[str, Any]
DEPTH = 200
N_CHANNEL, N_HYBRID = 60, 100
N_SEEDS = 30
DENSE_WEIGHT, WORDS_WEIGHT = 0.7, 1.8
DAMPING = 0.6
ENTITY_SHARE = 0.75


@dataclass(frozen=True)
class Base:
    """What meaning and words alone find.

    Attributes:
        keys: int64 (n,), passage keys, best hybrid first, ties by key.
        dense, dense_z, words, hybrid: float64 (n,), see ``Candidates``; NaN-free.
        vectors: float64 (n, dim).
        query: float64 (dim,).
        found: how many passages each channel found.
        sent: what each channel was sent, by its name.
    """

    keys: NDArray[np.int64]
    query: Floats
    vectors: Floats
    dense: Floats
    dense_z: Floats
    words: Floats
    hybrid: Floats
    found: Mapping[str, int] = field(default_factory=dict)
    sent: Mapping[str, Sent] = field(default_factory=dict)


def words_query(question: Understood) -> str:
    """The text sent to the word index: without function words, except in Chinese; with the words that
    expansions add.
    """
    typed = question.text if question.language == "zh" else " ".join(content_words(question.text))
    return " ".join((typed, *question.queries))


def gather_base(
    library: Library,
    question: Understood,
    depth: int,
    filters: Filters,
    allowed: Sequence[int] | None,
    *,
    dense: bool,
    words: bool,
) -> Base:
    """The union of both channels' hits with both scores for each, and what each channel was sent."""
    sent: dict[str, Sent] = {}
    query, found, by_words = np.zeros(library.embedder.dim, np.float32), set[int](), dict[int, float]()
    if dense:
        query = library.embedder.embed_query(question.text)
        found = {key for key, _ in library.vectors.search(query, depth, allowed)}
        sent["dense"] = {"query": question.text, "model": library.embedder.identity, "depth": depth}
    if words:
        by_words = dict(library.words.search(words_query(question), depth, filters))
        sent["words"] = {"query": words_query(question), "method": "BM25", "depth": depth}
    base = score_base(
        library, query.astype(np.float64), np.array(sorted(found | by_words.keys()), np.int64), by_words
    )
    return replace(
        base,
        found={
            name: len(keys)
            for name, keys, used in (("dense", found, dense), ("words", by_words, words))
            if used
        },
        sent=sent,
    )


def score_base(
    library: Library,
    query: Floats,
    keys: NDArray[np.int64],
    by_words: Mapping[int, float],
    known: Base | None = None,
) -> Base:
    """Both scores of the passages with these keys; vectors that ``known`` holds are not read again."""
    vectors = _vectors(library, keys, known)
    dense = np.round(vectors @ query, 6)
    mean, covariance = (
        library.vectors.moments() if len(keys) and query.any() else (np.zeros(len(query)), np.eye(len(query)))
    )
    deviation = max(float(query @ covariance @ query), 1e-12) ** 0.5
    dense_z = np.round((dense - float(mean @ query)) / deviation, 5) if query.any() else np.zeros(len(keys))
    best = max(by_words.values(), default=0.0)
    words = np.array([by_words.get(int(key), 0.0) for key in keys]) / (best or 1.0)
    hybrid = np.round(DENSE_WEIGHT * dense_z + WORDS_WEIGHT * words, 6)
    order = np.lexsort((keys, -hybrid))
    return Base(keys[order], query, vectors[order], dense[order], dense_z[order], words[order], hybrid[order])


def _vectors(library: Library, keys: NDArray[np.int64], known: Base | None) -> Floats:
    if known is None or not len(known.keys):
        return np.asarray(library.vectors.matrix_of(keys.tolist()), np.float64)
    order = np.argsort(known.keys)
    places = order[np.minimum(np.searchsorted(known.keys, keys, sorter=order), len(order) - 1)]
    held = known.keys[places] == keys
    vectors = known.vectors[places]
    if not held.all():
        vectors[~held] = library.vectors.matrix_of(keys[~held].tolist())
    return vectors


def sent_to_walk(question: Understood) -> Sent:
    """What ``walk`` is started from, as the record of a search tells it."""
    return {
        "query": [entity.id for entity in question.entities],
        "method": "personalised PageRank",
        "first_hits": N_SEEDS,
    }


def walk(
    library: Library, question: Understood, base: Base, allowed: Sequence[int] | None = None
) -> tuple[dict[int, float], dict[int, float]]:
    """Scores by passage key of the two walks (see ``Candidates``), for passages that either reaches well (of
    those allowed).
    """
    arrays = library.graph.projection()
    if not len(arrays.passage_keys):
        return {}, {}
    keys = list(library.catalogue.entity_keys([entity.id for entity in question.entities]).values())
    columns = arrays.columns_of(keys)
    weights = {
        key: float(arrays.rarity[column]) for key, column in zip(keys, columns, strict=True) if column >= 0
    }
    total = sum(weights.values())
    seeds = {
        int(key): max(float(score), 0.0) ** 3
        for key, score in zip(base.keys[:N_SEEDS], base.dense[:N_SEEDS], strict=True)
    }
    if not any(seeds.values()):
        seeds = {
            int(key): float(score)
            for key, score in zip(base.keys[:N_SEEDS], base.words[:N_SEEDS], strict=True)
        }
    mass = sum(seeds.values()) or 1.0
    share = ENTITY_SHARE if total else 0.0
    entity = arrays.restart({}, {key: weight / total for key, weight in weights.items()} if total else {})
    first = arrays.restart({key: weight / mass for key, weight in seeds.items()}, {})
    scores = arrays.rank_many([entity, first], DAMPING)
    scores[:, 1] = (
        share * scores[:, 0] + (1 - share) * scores[:, 1]
    )  # a walk from both is the sum of the walks from each
    if allowed is not None:
        scores = np.where(np.isin(arrays.passage_keys, np.asarray(allowed, np.int64))[:, None], scores, 0.0)
    reached = np.concatenate([_best(scores[:, i], 2 * N_CHANNEL) for i in (0, 1)])
    wanted = np.unique(np.concatenate([reached, arrays.rows_of(base.keys.tolist())]))
    rows = wanted[wanted >= 0]
    rounded, by_key = np.round(scores[rows], 9), arrays.passage_keys[rows].tolist()
    return dict(zip(by_key, rounded[:, 0].tolist(), strict=True)), dict(
        zip(by_key, rounded[:, 1].tolist(), strict=True)
    )


def _best(scores: Floats, n: int) -> NDArray[np.int64]:
    """Places of the n best scores above zero, best first, ties in order."""
    reached = np.flatnonzero(scores > 0)
    return reached[np.argsort(-scores[reached], kind="stable")[:n]]


def choose(base: Base, walks: Sequence[Mapping[int, float]]) -> NDArray[np.int64]:
    """Keys of the candidates: the best of each channel and of the hybrid."""
    chosen = {int(key) for key in base.keys[:N_HYBRID]}
    for scores in (base.dense, base.words):
        chosen.update(
            int(base.keys[i]) for i in np.argsort(-scores, kind="stable")[:N_CHANNEL] if scores[i] > 0
        )
    for walked in walks:
        best = sorted((key for key in walked if walked[key] > 0), key=lambda key: (-walked[key], key))
        chosen.update(best[:N_CHANNEL])
    return np.array(sorted(chosen), np.int64)


def candidates(
    library: Library,
    question: Understood,
    base: Base,
    entity_walk: Mapping[int, float],
    both_walk: Mapping[int, float],
) -> Candidates:
    """Everything the features need of the passages of ``base`` (all of which are candidates)."""
    keys = [int(key) for key in base.keys]
    found = library.catalogue.texts_and_titles(keys)
    moved = base.query + 0.6 * base.vectors[:5].mean(axis=0) if len(keys) else base.query
    prf = np.round(base.vectors @ (moved / (np.linalg.norm(moved) or 1.0)), 6)
    texts, names = ([found[key][i] if key in found else None for key in keys] for i in (0, 1))
    mentions, about, rarity, rare, asked = _entities(library, question, keys, names)
    return Candidates(
        text=question.text,
        side_by_side=question.form.side_by_side,
        entity_names=tuple(normalise_name(entity.name) for entity in question.entities),
        query=base.query,
        vectors=base.vectors,
        dense=base.dense,
        dense_z=base.dense_z,
        words=base.words,
        hybrid=base.hybrid,
        prf=prf,
        entity_walk=np.array([entity_walk.get(key, 0.0) for key in keys]),
        walk=np.array([both_walk.get(key, 0.0) for key in keys]),
        mentions=mentions,
        about=about,
        rarity=rarity,
        rare=rare,
        asked=asked,
        texts=[text or "" for text in texts],
        titles=names,
    )


def _entities(
    library: Library, question: Understood, keys: list[int], titles: list[str | None]
) -> tuple[sparse.csr_matrix, sparse.csr_matrix, Floats, Floats, Floats]:
    """The candidates' rows of the graph, cut to the entities that any of them mentions or the question
    names.
    """
    arrays = library.graph.projection()
    rows = arrays.rows_of(keys)
    ids = [[entity_id(title), entity_id(without_qualifier(title))] if title else [] for title in titles]
    known = library.catalogue.entity_keys(
        list(dict.fromkeys([*(i for pair in ids for i in pair), *(e.id for e in question.entities)]))
    )
    column_of = dict(zip(known, arrays.columns_of(list(known.values())), strict=True))
    mentions = (
        arrays.mentioned[np.maximum(rows, 0)].astype(bool).astype(np.float64)
        if len(arrays.passage_keys)
        else sparse.csr_matrix((len(keys), 0))
    )
    mentions = sparse.diags((rows >= 0).astype(float)) @ mentions
    asked_columns = sorted({int(column_of[e.id]) for e in question.entities if column_of.get(e.id, -1) >= 0})
    title_cells = [
        (i, int(column_of[name]))
        for i, pair in enumerate(ids)
        for name in dict.fromkeys(pair)
        if column_of.get(name, -1) >= 0
    ]
    used = np.unique(
        np.array(
            [*mentions.indices.tolist(), *asked_columns, *(column for _, column in title_cells)], np.int64
        )
    )
    place = {int(column): i for i, column in enumerate(used)}
    about = sparse.csr_matrix(
        (np.ones(len(title_cells)), ([i for i, _ in title_cells], [place[c] for _, c in title_cells])),
        shape=(len(keys), len(used)),
    )
    asked = np.zeros(len(used))
    asked[[place[column] for column in asked_columns]] = 1.0
    rare = (arrays.degree[used] <= max(10.0, RARE_SHARE * len(arrays.passage_keys))).astype(np.float64)
    return sparse.csr_matrix(mentions)[:, used], about, arrays.rarity[used], rare, asked
