"""k shortest simple paths by breadth, over any store that can list the neighbours of a set of nodes.

Knows edges and levels. Of equally short paths, those with the alphabetically first node ids come first, so the order repeats.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

from kgrag.types import Chain, Edge, Node

Expand = Callable[[Sequence[str]], dict[str, list[Edge]]]
Name = Callable[[Iterable[str]], dict[str, Node]]

MAX_FRONTIER = 20_000


def shortest_paths(source: str, target: str, k: int, max_hops: int, expand: Expand, name: Name) -> list[Chain]:
    """Up to k shortest simple paths.

    Args:
        source, target: node ids; equal ids give one chain of one node.
        expand: all edges that touch each of the given nodes.
        name: nodes by id; ids that do not exist are left out.

    Returns:
        Chains, shortest first, ties by node ids; empty where no path of max_hops exists.
    """
    if source == target:
        return [Chain((node,), ()) for node in name([source]).values()][:k]
    levels = _levels(source, target, max_hops, expand)
    found: list[tuple[str, ...]] = []
    for length in range(1, max_hops + 1):
        if len(found) >= k:
            break
        found.extend(sorted(_walks(source, target, length, levels, k - len(found))))
    nodes = name({node for path in found for node in path})
    return [_chain(path, nodes, levels) for path in found[:k]]


class _Levels:
    """Adjacency gathered so far, and each node's distance to the target (for pruning)."""

    def __init__(self) -> None:
        self.edges: dict[str, dict[str, Edge]] = {}
        self.to_target: dict[str, int] = {}


def _levels(source: str, target: str, max_hops: int, expand: Expand) -> _Levels:
    """Breadth first from the target until max_hops, remembering edges; stops when the source's level plus two is full."""
    levels, frontier, limit = _Levels(), [target], max_hops
    levels.to_target[target] = 0
    for distance in range(1, max_hops + 1):
        if distance > limit or not frontier or len(frontier) > MAX_FRONTIER:
            break
        frontier = _step(levels, frontier, distance, expand)
        if source in levels.to_target and limit == max_hops:
            limit = min(max_hops, distance + 2)
    return levels


def _step(levels: _Levels, frontier: list[str], distance: int, expand: Expand) -> list[str]:
    reached: list[str] = []
    for node, edges in expand(sorted(frontier)).items():
        for edge in edges:
            other = edge.target if edge.source == node else edge.source
            for one, two in ((node, other), (other, node)):
                kept = levels.edges.setdefault(one, {}).get(two)
                if kept is None or (edge.type, edge.source) < (kept.type, kept.source):
                    levels.edges[one][two] = edge
            if other not in levels.to_target:
                levels.to_target[other] = distance
                reached.append(other)
    return reached


def _walks(source: str, target: str, length: int, levels: _Levels, wanted: int) -> list[tuple[str, ...]]:
    """Simple paths of exactly this many edges, in order of ids, at most ``wanted``."""
    found: list[tuple[str, ...]] = []
    stack: list[tuple[str, ...]] = [(source,)]
    while stack and len(found) < wanted:
        path = stack.pop()
        left = length - len(path) + 1
        if path[-1] == target:
            if left == 0:
                found.append(path)
            continue
        nexts = [n for n in levels.edges.get(path[-1], {}) if n not in path and levels.to_target.get(n, left) <= left - 1]
        stack.extend((*path, node) for node in sorted(nexts, reverse=True))
    return found


def _chain(path: tuple[str, ...], nodes: dict[str, Node], levels: _Levels) -> Chain:
    edges = tuple(levels.edges[a][b] for a, b in itertools.pairwise(path))
    return Chain(tuple(nodes[node] for node in path), edges)
