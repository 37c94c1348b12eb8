"""k shortest simple paths by breadth from both ends, over any store that can list the neighbours of a set of
nodes.

Knows edges and depths. Of equally short paths, those with the alphabetically first node ids come first, so
the order repeats.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

from kgrag.types import Chain, Edge, Node

Expand = Callable[[Sequence[str]], dict[str, list[Edge]]]
Name = Callable[[Iterable[str]], dict[str, Node]]

MAX_FRONTIER = 20_000
LONGER = 2


def shortest_paths(
    source: str, target: str, k: int, max_hops: int, expand: Expand, name: Name
) -> list[Chain]:
    """Up to k shortest simple paths.

    Args:
        source, target: node ids; equal ids give one chain of one node.
        expand: all edges that touch each of the given nodes.
        name: nodes by id; ids that do not exist are left out.

    Returns:
        Chains, shortest first, ties by node ids; none longer than max_hops, nor longer than the shortest by
        more than ``LONGER``.
    """
    if source == target:
        return [Chain((node,), ()) for node in name([source]).values()][:k]
    seen, limit = _Seen(source, target, expand), max_hops
    found: list[tuple[str, ...]] = []
    for length in range(1, max_hops + 1):
        if length > limit or len(found) >= k or not seen.grown(length):
            break
        found.extend(seen.walks(length, k - len(found)))
        limit = min(max_hops, len(found[0]) - 1 + LONGER) if found else max_hops
    nodes = name({node for path in found for node in path})
    return [_chain(path, nodes, seen.edges) for path in found]


class _Seen:
    """What is known around both ends: all nodes up to a depth from each, and their edges.

    The side with fewer nodes at its rim grows first.
    """

    def __init__(self, source: str, target: str, expand: Expand) -> None:
        self.source, self.target, self.expand = source, target, expand
        self.edges: dict[str, dict[str, Edge]] = {}
        self.distance: dict[str, dict[str, int]] = {source: {source: 0}, target: {target: 0}}
        self.rim: dict[str, list[str]] = {source: [source], target: [target]}
        self.depth: dict[str, int] = {source: 0, target: 0}

    def grown(self, length: int) -> bool:
        """Grow until every edge of every path of this length is known; False where a rim is too wide for
        that.
        """
        while sum(self.depth.values()) < length:
            end = min((self.target, self.source), key=lambda one: len(self.rim[one]))
            if len(self.rim[end]) > MAX_FRONTIER:
                return False
            self._grow(end)
        return True

    def _grow(self, end: str) -> None:
        distance, depth, reached = self.distance[end], self.depth[end] + 1, []
        for node, edges in (self.expand(sorted(self.rim[end])) if self.rim[end] else {}).items():
            for edge in edges:
                other = edge.target if edge.source == node else edge.source
                self._remember(node, other, edge)
                if other not in distance:
                    distance[other] = depth
                    reached.append(other)
        self.rim[end], self.depth[end] = reached, depth

    def _remember(self, node: str, other: str, edge: Edge) -> None:
        for one, two in ((node, other), (other, node)):
            kept = self.edges.setdefault(one, {}).get(two)
            if kept is None or (edge.type, edge.source) < (kept.type, kept.source):
                self.edges[one][two] = edge

    def walks(self, length: int, wanted: int) -> list[tuple[str, ...]]:
        """Simple paths of exactly this many edges, in order of ids, at most ``wanted``."""
        found: list[tuple[str, ...]] = []
        stack: list[tuple[str, ...]] = [(self.source,)]
        while stack and len(found) < wanted:
            path = stack.pop()
            left = length - len(path)
            if path[-1] == self.target:
                if left < 0:
                    found.append(path)
                continue
            nexts = [
                node for node in self.edges.get(path[-1], {}) if node not in path and self._near(node, left)
            ]
            stack.extend((*path, node) for node in sorted(nexts, reverse=True))
        return found

    def _near(self, node: str, hops: int) -> bool:
        """Whether the target may be so near; what lies beyond the known depth may."""
        known = self.distance[self.target].get(node)
        return known <= hops if known is not None else hops > self.depth[self.target]


def _chain(path: tuple[str, ...], nodes: dict[str, Node], edges_of: dict[str, dict[str, Edge]]) -> Chain:
    edges = tuple(edges_of[a][b] for a, b in itertools.pairwise(path))
    return Chain(tuple(nodes[node] for node in path), edges)
