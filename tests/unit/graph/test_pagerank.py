"""Both ways to personalised PageRank agree with networkx and with each other."""

from __future__ import annotations

from pathlib import Path

import networkx
import numpy as np
import pytest
from scipy import sparse

from graph import projection
from graph.pagerank import personalised_pagerank, push
from graph.projection import Projection


def random_graph(n: int, seed: int) -> sparse.csr_matrix:
    """Symmetric weights; some nodes have no edge."""
    half = sparse.random(n, n, density=3 / n, random_state=seed, format="csr")
    return sparse.csr_matrix(half + half.T)


@pytest.mark.parametrize("seed", range(5))
def test_both_ways_equal_networkx(seed: int) -> None:
    """Power iteration and push give the same shares, on graphs with nodes without edges too."""
    adjacency, chance = random_graph(80, seed), np.random.default_rng(seed)
    restart = np.where(chance.random(80) < 0.1, chance.random(80), 0.0)
    restart[seed] = 1.0
    graph = networkx.from_scipy_sparse_array(adjacency)
    personal = {node: weight for node, weight in enumerate(restart) if weight > 0}
    expected = networkx.pagerank(graph, 0.6, personal, tol=1e-12, max_iter=500, dangling=personal)
    powered = personalised_pagerank(adjacency, restart, 0.6, n_steps=60)
    pushed = push(adjacency, np.asarray(adjacency.sum(axis=1)).ravel(), restart, 0.6, 1e-10)
    for scores in (powered, pushed):
        assert np.abs(scores - [expected[node] for node in range(80)]).max() < 1e-6


def test_push_stops(tmp_path: Path) -> None:
    """A restart of nothing gives nothing; a bound on edges is kept within one round; many columns equal
    single ones.
    """
    adjacency = random_graph(200, 1)
    out = np.asarray(adjacency.sum(axis=1)).ravel()
    assert not push(adjacency, out, np.zeros(200), 0.6, 1e-9).any()
    start = np.zeros(200)
    start[3] = 1.0
    assert push(adjacency, out, start, 0.6, 1e-12, max_edges=10).sum() == pytest.approx(1.0)
    both = personalised_pagerank(adjacency, np.stack([start, np.zeros(200)], axis=1), 0.6)
    assert np.allclose(both[:, 0], personalised_pagerank(adjacency, start, 0.6))
    assert not both[:, 1].any()


def test_a_mapped_projection_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays written and mapped rank as those in memory do, by push as by power iteration."""
    chance = np.random.default_rng(2)
    passages, entities, pairs = (
        chance.integers(0, 300, 2000),
        chance.integers(0, 90, 2000),
        chance.integers(0, 90, (40, 2)),
    )
    made = Projection(passages, entities, pairs)
    made.save(tmp_path)
    mapped = Projection.mapped(tmp_path, passages, entities, pairs)
    restart = made.restart({7: 1.0, 11: 0.5}, {3: 2.0, 89: 1.0})
    assert np.array_equal(restart, mapped.restart({7: 1.0, 11: 0.5}, {3: 2.0, 89: 1.0}))
    expected = made.rank_many([restart], 0.6)
    assert np.allclose(mapped.rank_many([restart], 0.6), expected, atol=1e-6)
    monkeypatch.setattr(projection, "LARGE", 1)
    assert np.allclose(mapped.rank_many([restart], 0.6), expected, atol=1e-3)
    assert np.argmax(mapped.rank_many([restart], 0.6)) == np.argmax(expected)
