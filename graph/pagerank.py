"""Personalised PageRank on a sparse symmetric graph held in arrays: by power iteration, and by local push
where the graph is large.

Knows arrays only: who the nodes are, and where the arrays lie (memory or a mapped file), is the caller's
matter. Source: Page et al. 1999; Jeh & Widom 2003 (restart at chosen nodes); Andersen, Chung & Lang 2006
(local push).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def reciprocal(out: Floats) -> Floats:
    """1 / out, and 0 where a node has no edge (its mass is lost, and the restart gives it back)."""
    return np.divide(1.0, out, out=np.zeros_like(out, dtype=np.float64), where=out > 0)


def personalised_pagerank(
    adjacency: sparse.csr_matrix,
    restart: Floats,
    damping: float = 0.85,
    n_steps: int = 20,
    tolerance: float = 1e-9,
    out: Floats | None = None,
) -> Floats:
    """The stationary share of time a walk with restarts spends at each node, by power iteration.

    Args:
        adjacency: (n, n) symmetric weights ≥ 0.
        restart: (n,) or (n, k) weights ≥ 0, each column scaled to one here; a column of zeros gives zeros.
        damping: probability of walking on instead of starting again.
        n_steps: most steps taken; the error after s steps is at most damping**s.
        tolerance: stop once a step moves less mass than this; 0 takes every step and saves the looking.
        out: (n,) row sums of adjacency, where they are known.

    Returns:
        float64, the shape of restart, columns that sum to one.
    """
    ones = np.ones(adjacency.shape[0])
    total = ones @ restart
    start: Floats = restart / np.where(total > 0, total, 1.0)
    scale = (
        reciprocal(np.asarray(adjacency.sum(axis=1), np.float64).ravel() if out is None else out) * damping
    )
    scale = scale if restart.ndim == 1 else scale[:, None]
    scores = start
    for _ in range(n_steps):
        moved = adjacency @ (scores * scale)
        step: Floats = moved + start * (1.0 - (ones @ moved) * (total > 0))
        settled = tolerance > 0 and np.max(ones @ np.abs(step - scores), initial=0.0) < tolerance
        scores = step
        if settled:
            break
    return scores


def push(
    adjacency: sparse.csr_matrix,
    out: Floats,
    restart: Floats,
    damping: float,
    tolerance: float,
    max_edges: int = 4_000_000,
) -> Floats:
    """The same shares by local push: only nodes that the restart reaches well are touched, so the cost does
    not grow with the graph.

    Args:
        adjacency: (n, n) symmetric weights ≥ 0; its arrays may be mapped from a file.
        out: (n,) row sums of it.
        restart: (n,) weights ≥ 0.
        damping: probability of walking on instead of starting again.
        tolerance: mass a node may keep for each of its edges instead of passing it on; the work is at most 1
            / (tolerance · (1 − damping)) edges.
        max_edges: stop after so many edges, whatever the tolerance.

    Returns:
        float64 (n,) that sums to one; all zeros for a restart of zeros.
    """
    scores, waiting, touched = np.zeros(len(restart)), np.zeros(len(restart)), np.zeros(len(restart), bool)
    total = restart.sum()
    if total <= 0:
        return scores
    active = np.flatnonzero(restart)
    waiting[active] = restart[active] / total
    walked = 0
    while len(active) and walked < max_edges:
        mass = waiting[active]
        scores[active] += (1 - damping) * mass
        waiting[active] = 0.0
        targets, weights, lengths = _edges(adjacency, active)
        np.add.at(waiting, targets, weights * np.repeat(damping * mass * reciprocal(out[active]), lengths))
        touched[targets] = True
        reached = np.flatnonzero(touched)
        touched[reached] = False
        degree = adjacency.indptr[reached + 1] - adjacency.indptr[reached]
        active = reached[waiting[reached] > tolerance * degree]
        walked += len(targets)
    scores /= scores.sum()
    return scores


def _edges(adjacency: sparse.csr_matrix, nodes: Ints) -> tuple[Ints, Floats, Ints]:
    """Ends and weights of all edges that leave the nodes, and how many leave each."""
    starts, lengths = (
        adjacency.indptr[nodes].astype(np.int64),
        (adjacency.indptr[nodes + 1] - adjacency.indptr[nodes]).astype(np.int64),
    )
    places = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(
        lengths.sum()
    )
    return adjacency.indices[places].astype(np.int64), adjacency.data[places].astype(np.float64), lengths
