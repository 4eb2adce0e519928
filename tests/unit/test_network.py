"""Ways on a network: against a plain Dijkstra in Python, on random graphs."""

from __future__ import annotations

import heapq
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.network import Network


def network(edges: list[tuple[int, int, float, float, float]], size: int) -> Network:
    columns = np.array(edges, dtype=float).reshape(-1, 5)
    return Network(
        np.column_stack((np.arange(size) * 1000.0, np.zeros(size))),
        columns[:, 0].astype(np.intp),
        columns[:, 1].astype(np.intp),
        columns[:, 2],
        columns[:, 3],
        columns[:, 4],
    )


def plain(
    edges: list[tuple[int, int, float, float, float]], goal: int
) -> dict[int, tuple[float, float]]:
    """Minutes, and the metres of a quickest way, to a goal."""
    found: dict[int, tuple[float, float]] = {}
    heap = [(0.0, 0.0, goal)]
    while heap:
        minutes, metres, node = heapq.heappop(heap)
        if node in found:
            continue
        found[node] = (minutes, metres)
        for source, target, ahead, back, length in edges:
            if target == node and ahead >= 0:
                heapq.heappush(heap, (minutes + ahead, metres + length, source))
            if source == node and back >= 0:
                heapq.heappush(heap, (minutes + back, metres + length, target))
    return found


ONE_WAY = st.one_of(st.just(-1.0), st.floats(0.1, 50))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_ways_are_those_of_a_plain_search(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 9))
    node = st.integers(0, size - 1)
    edge = st.tuples(node, node, ONE_WAY, ONE_WAY, st.floats(1, 5000)).filter(
        lambda one: one[0] != one[1]
    )
    edges = data.draw(st.lists(edge, min_size=1, max_size=25))
    goals = np.arange(size)
    minutes, metres = network(edges, size).ways_to(goals)
    for goal in range(size):
        found = plain(edges, goal)
        for start in range(size):
            quickest, length = found.get(start, (math.inf, math.inf))
            assert math.isclose(minutes[goal, start], quickest, rel_tol=1e-9, abs_tol=1e-9)
            assert math.isclose(metres[goal, start], length, rel_tol=1e-9, abs_tol=1e-9)


def test_a_one_way_road_is_driven_one_way() -> None:
    # 0 → 1 ⇄ 2, a kilometre and a minute each.
    roads = network([(0, 1, 1, -1, 1000), (1, 2, 1, 1, 1000)], 3)
    minutes, metres = roads.ways_to(np.array([2, 0]))
    assert minutes.tolist() == [[2, 1, 0], [0, math.inf, math.inf]]
    assert metres.tolist() == [[2000, 1000, 0], [0, math.inf, math.inf]]


def test_reach_ends_within_an_edge() -> None:
    roads = network([(0, 1, 1, -1, 1000), (1, 2, 4, 4, 1000)], 3)
    left = roads.left_at(1, 1.0, 3.0, "minutes")
    assert left.tolist() == [1.0, 2.0, -1.0]
    edges, from_source, from_target = roads.reached(left, "minutes")
    # All of the one-way road leads to node 1; of the other the half beside it.
    assert edges.tolist() == [0, 1]
    assert from_source.tolist() == [0.0, 0.5]
    assert from_target.tolist() == [1.0, 0.0]


def test_what_the_way_to_the_road_uses_up_is_gone() -> None:
    roads = network([(0, 1, 1, 1, 1000)], 2)
    assert roads.left_at(0, 5.0, 3.0, "minutes").tolist() == [-1.0, -1.0]
    assert roads.left_at(0, 0.0, 3000.0, "metres").tolist() == [3000.0, 2000.0]


def test_places_enter_at_the_nearest_node() -> None:
    node, away = network([(0, 1, 1, 1, 1000)], 2).enter(np.array([[300.0, 40.0], [1000.0, 0.0]]))
    assert node.tolist() == [0, 1]
    assert np.allclose(away, [math.hypot(300, 40), 0])
