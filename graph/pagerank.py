"""Personalised PageRank on a sparse graph held in arrays.

Knows arrays only: who the nodes are, and where the arrays lie (memory or a mapped file), is the caller's matter.
Source: Page et al. 1999; Jeh & Widom 2003 (restart at chosen nodes).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]


def transition(adjacency: sparse.csr_matrix) -> sparse.csr_matrix:
    """The column-stochastic matrix of a walk on a weighted graph; ``P @ p`` moves the mass p one step.

    Args:
        adjacency: (n, n) weights ≥ 0, row i the edges that leave node i. Rows without edges lose their mass,
            which the restart gives back.
    """
    out = np.asarray(adjacency.sum(axis=1)).ravel()
    scale = np.divide(1.0, out, out=np.zeros_like(out, dtype=np.float64), where=out > 0)
    return sparse.csr_matrix((sparse.diags(scale) @ adjacency).T)


def personalised_pagerank(walk: sparse.csr_matrix, restart: Floats, damping: float = 0.85, n_steps: int = 20, tolerance: float = 1e-9) -> Floats:
    """The stationary share of time a walk with restarts spends at each node.

    Args:
        walk: (n, n) from ``transition``.
        restart: (n,) or (n, k) weights ≥ 0, each column scaled to one here; a column of zeros gives zeros.
        damping: probability of walking on instead of starting again.
        n_steps: most steps taken; the error after s steps is at most damping**s.
        tolerance: stop once a step moves less mass than this.

    Returns:
        float64, the shape of restart, columns that sum to one.
    """
    total = restart.sum(axis=0)
    start: Floats = restart / np.where(total > 0, total, 1.0)
    scores = start
    for _ in range(n_steps):
        moved = damping * (walk @ scores)
        step: Floats = moved + start * (1.0 - moved.sum(axis=0) * (total > 0))
        change = np.abs(step - scores).sum(axis=0).max(initial=0.0)
        scores = step
        if change < tolerance:
            break
    return scores
