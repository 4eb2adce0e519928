"""A network of roads as arrays: the quickest ways on it, and what lies within reach.

Places off the roads come in at the nearest node. Ways are Dijkstra's (1959, Numerische Mathematik
1), by SciPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

DETOUR = 1.4
"""A way off the roads is so much longer than the straight line."""

OFF_ROAD_KMH = 30.0
"""The speed off the roads, in kilometres an hour; of the nearest teams (`dieuhanh.sos_teams`)."""


def off_road_minutes(straight_m: Floats) -> Floats:
    """Minutes for straight distances in metres, off the roads."""
    return straight_m * DETOUR / 1000 / OFF_ROAD_KMH * 60


@dataclass(frozen=True, eq=False)
class Network:
    """Directed edges between nodes.

    Attributes:
        nodes: places in metres, (n, 2).
        source, target: indices of the nodes of each edge, (m,).
        minutes: from source to target, (m,); a negative one closes the direction.
        back_minutes: from target to source, likewise.
        metres: the length of each edge, (m,).
    """

    nodes: Floats
    source: Ints
    target: Ints
    minutes: Floats
    back_minutes: Floats
    metres: Floats

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.nodes)

    def enter(self, places: Floats) -> tuple[Ints, Floats]:
        """The nearest node of each place (k, 2) in metres, and the metres there."""
        away, node = self._tree.query(places)
        return np.asarray(node, dtype=np.intp), np.asarray(away, dtype=np.float64)

    @cached_property
    def _arcs(self) -> tuple[Ints, Ints, Floats, Floats]:
        """The open directions, turned round: from where one gets to where one comes from."""
        ahead, back = self.minutes >= 0, self.back_minutes >= 0
        start = np.concatenate((self.target[ahead], self.source[back]))
        end = np.concatenate((self.source[ahead], self.target[back]))
        minutes = np.concatenate((self.minutes[ahead], self.back_minutes[back]))
        metres = np.concatenate((self.metres[ahead], self.metres[back]))
        # A sparse matrix would add up the edges between the same nodes: the quickest stays.
        order = np.lexsort((metres, minutes, end, start))
        start, end, minutes, metres = start[order], end[order], minutes[order], metres[order]
        first = np.ones(len(start), dtype=bool)
        first[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
        return start[first], end[first], minutes[first], metres[first]

    def _matrix(self, weights: Floats) -> csr_matrix:
        start, end, _, _ = self._arcs
        size = len(self.nodes)
        return csr_matrix((weights, (start, end)), shape=(size, size))

    @cached_property
    def _minutes(self) -> csr_matrix:
        return self._matrix(self._arcs[2])

    @cached_property
    def _metres(self) -> csr_matrix:
        return self._matrix(self._arcs[3])

    def ways_to(self, goals: Ints) -> tuple[Floats, Floats]:
        """The quickest way from every node to each goal.

        Args:
            goals: indices of nodes, (g,).

        Returns:
            Minutes and metres of the ways, (g, n) each; infinite where there is none.
        """
        minutes, before = dijkstra(
            self._minutes, directed=True, indices=goals, return_predecessors=True
        )
        metres = np.stack(
            [self._lengths(one, int(goal)) for one, goal in zip(before, goals, strict=True)]
        )
        metres[~np.isfinite(minutes)] = np.inf
        return minutes, metres

    def _lengths(self, before: NDArray[np.int32], goal: int) -> Floats:
        """Metres from each node along its way, whose next node is `before`."""
        on_way = before >= 0
        following = np.where(on_way, before, np.arange(len(before)))
        metres = np.zeros(len(before))
        nodes = np.flatnonzero(on_way)
        metres[nodes] = np.asarray(self._metres[before[nodes], nodes]).ravel()
        # Each round doubles the part of the way that is added up.
        while True:
            further = following[following]
            metres += metres[following]
            if np.array_equal(further, following):
                metres[goal] = 0.0
                return metres
            following = further

    def left_at(self, goal: int, start: float, budget: float, by: str) -> Floats:
        """What is left of a budget at every node from which a goal is reached in it.

        Args:
            goal: the index of a node.
            start: what is spent between the node and the place it stands for.
            budget: minutes, or metres.
            by: `minutes` or `metres`.

        Returns:
            An array (n,); -1 where the goal is not reached.
        """
        matrix = self._minutes if by == "minutes" else self._metres
        limit = budget - start
        if limit < 0:
            return np.full(len(self.nodes), -1.0)
        spent = dijkstra(matrix, directed=True, indices=goal, limit=limit)
        return np.where(np.isfinite(spent), limit - spent, -1.0)

    def reached(self, left: Floats, by: str) -> tuple[Ints, Floats, Floats]:
        """The parts of edges from which there is enough left.

        Args:
            left: of `left_at`.

        Returns:
            Indices of edges, and for each the shares of its length, from its source and from its
            target, on which one can stand and still reach the goal.
        """
        ahead = self.minutes if by == "minutes" else self.metres
        back = self.back_minutes if by == "minutes" else self.metres
        at_source, at_target = left[self.source], left[self.target]
        # Who stands near the source drives to it against the edge; to the target along it.
        with np.errstate(divide="ignore", invalid="ignore"):
            from_source = np.where(
                (at_source >= 0) & (self.back_minutes >= 0), at_source / back, -1.0
            )
            from_target = np.where((at_target >= 0) & (self.minutes >= 0), at_target / ahead, -1.0)
        edges = np.flatnonzero((from_source > 0) | (from_target > 0))
        return (
            edges,
            np.clip(from_source[edges], 0.0, 1.0),
            np.clip(from_target[edges], 0.0, 1.0),
        )
