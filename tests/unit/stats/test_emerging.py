"""Emerging hotspots: the trend test, Gi* in time, and the classes as they were published."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from spatial.errors import BadInput
from spatial.stats.emerging import (
    TRENDS,
    class_name,
    classify,
    emerging,
    mann_kendall,
    space_time_g,
)
from spatial.stats.getis_ord import local_g
from spatial.stats.grid import grid_over
from spatial.stats.weights import Weights, distance_band, nearest


def by_pairs(series: list[float]) -> tuple[float, float]:
    """S and its deviate, from the formula with a sum over pairs and over groups of ties."""
    n = len(series)
    s = sum(
        (later > earlier) - (later < earlier)
        for earlier, later in itertools.combinations(series, 2)
    )
    variance = n * (n - 1) * (2 * n + 5)
    for value in set(series):
        tied = series.count(value)
        variance -= tied * (tied - 1) * (2 * tied + 5)
    if variance == 0 or s == 0:
        return s, 0.0
    return s, (s - 1 if s > 0 else s + 1) / (variance / 18) ** 0.5


@settings(deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=2, max_size=25))
def test_the_trend_is_mann_and_kendalls_with_ties(series: list[int]) -> None:
    found = mann_kendall(series)
    s, z = by_pairs([float(each) for each in series])
    assert found.s[0] == s
    assert found.z[0] == pytest.approx(z, abs=1e-12)
    assert found.p[0] == pytest.approx(2 * stats.norm.sf(abs(z)))
    tau = stats.kendalltau(np.arange(len(series)), series).statistic
    np.testing.assert_allclose(found.tau[0], tau, atol=1e-12)


def test_rows_are_tested_side_by_side() -> None:
    rows = np.random.default_rng(0).integers(0, 6, (50, 17))
    together = mann_kendall(rows)
    for k, row in enumerate(rows):
        assert mann_kendall(row).z[0] == together.z[k]


def test_the_trend_is_rarely_significant_where_there_is_none() -> None:
    p = mann_kendall(np.random.default_rng(6).normal(size=(4_000, 40))).p
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.011)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 4))
def test_gi_in_time_is_gi_of_a_graph_over_units_and_steps(seed: int, back: int) -> None:
    rng = np.random.default_rng(seed)
    n, t = 12, 5
    weights = nearest(rng.random((n, 2)), 3)
    cube = rng.poisson(3, (n, t)).astype(float)
    near = weights.with_self().toarray() > 0
    x, size = cube.ravel(), n * t
    found = space_time_g(cube, weights, back)
    graph = np.zeros((n, t, n, t))
    for i, k in itertools.product(range(n), range(t)):
        inside = graph[i, k]
        inside[near[i], max(0, k - back) : k + 1] = 1
        w = inside.ravel()
        spread = (size * (w**2).sum() - w.sum() ** 2) / (size - 1)
        by_hand = (w @ x - x.mean() * w.sum()) / (x.std() * spread**0.5)
        assert found.z[i, k] == pytest.approx(by_hand, abs=1e-9)
    others = sparse.csr_array(graph.reshape(size, size) - np.eye(size))
    np.testing.assert_allclose(found.p.ravel(), local_g(x, Weights(others)).p, atol=1e-12)


HISTORIES = (
    # h hot, c cold, . neither; the trend; the class
    ("........ch", 0, "new"),
    ("c........h", 0, "new"),
    ("..........", 1, None),
    (".......hhh", 0, "consecutive"),
    ("c......hhh", 1, "consecutive"),
    (".hhhhhhhhh", 1, "intensifying"),
    ("hhhh.hhhhh", 1, "intensifying"),
    ("hhhhhhhhhh", 0, "persistent"),
    ("hhhh.hhhhh", 0, "persistent"),
    ("hhhhhhhhhh", -1, "diminishing"),
    ("hhhchhhhhh", -1, "diminishing"),
    ("h.h....h.h", 0, "sporadic"),
    ("hhhhhh.h.h", 1, "sporadic"),
    ("h.......hh", 0, "sporadic"),
    ("hc.....hhh", 0, "oscillating"),
    ("ccccch.cch", 1, "oscillating"),
    ("hhhhhhhhh.", 0, "historical"),
    ("hhhhhhhhhc", -1, "historical"),
    ("hhhhhhhh..", 0, None),
    ("hhhhhhhh.c", 0, None),
)


@pytest.mark.parametrize(("history", "trend", "wanted"), HISTORIES)
def test_classes_follow_the_published_definitions(
    history: str, trend: int, wanted: str | None
) -> None:
    steps = np.array([list(history)])
    number = int(classify(steps == "h", steps == "c", [trend])[0])
    assert (TRENDS[number - 1] if number else None) == wanted


@settings(deadline=None)
@given(st.lists(st.sampled_from("hc."), min_size=1, max_size=24), st.sampled_from([-1, 0, 1]))
def test_any_history_has_the_first_class_whose_definition_it_meets(
    history: list[str], trend: int
) -> None:
    hot = [step == "h" for step in history]
    n, now, often = len(hot), hot[-1], sum(hot) >= 0.9 * len(hot) - 1e-9
    run = next((k for k, step in enumerate(reversed(hot)) if not step), n)
    meets = {
        "new": now and not any(hot[:-1]),
        "consecutive": run >= 2 and not any(hot[: n - run]) and not often,
        "intensifying": often and now and trend > 0,
        "persistent": often and now and trend == 0,
        "diminishing": often and now and trend < 0,
        "sporadic": now and not often and "c" not in history,
        "oscillating": now and not often and "c" in history[:-1],
        "historical": not now and often,
    }
    wanted = next((name for name in TRENDS if meets[name]), None)
    steps = np.array([history])
    number = int(classify(steps == "h", steps == "c", [trend])[0])
    assert (TRENDS[number - 1] if number else None) == wanted


def test_codes_are_unique_names() -> None:
    codes = [class_name(number) for number in (*range(-8, 9), -99)]
    assert len(set(codes)) == 18
    assert (class_name(1), class_name(-8)) == ("hot_new", "cold_historical")
    assert (class_name(0), class_name(-99)) == ("no_pattern", "not_computed")


def test_hot_and_cold_places_of_a_province_have_their_classes() -> None:
    grid = grid_over("square", 1_000, (500, 500, 19_500, 19_500))
    rng = np.random.default_rng(5)
    level = np.full((len(grid), 30), 10.0)
    places = {
        "hot_persistent": ((4_000, 4_000), lambda t: 30.0 + 0 * t),
        "hot_intensifying": ((15_000, 4_000), lambda t: 25.0 + 1.5 * t),
        "cold_persistent": ((4_000, 15_000), lambda t: 0.5 + 0 * t),
        "hot_consecutive": ((15_000, 15_000), lambda t: np.where(t >= 25, 35.0, 10.0)),
    }
    for (x, y), course in places.values():
        near = np.hypot(*(grid.centres() - (x, y)).T) < 2_500
        level[near] = course(np.arange(30))
    found = emerging(rng.poisson(level), grid.neighbours())
    at = grid.locate([place for place, _ in places.values()])
    assert [found.names[k] for k in at] == list(places)
    far = np.min([np.hypot(*(grid.centres() - place).T) for place, _ in places.values()], axis=0)
    quiet = np.array(found.names)[far > 5_000]
    assert (quiet == "no_pattern").mean() > 0.9


def test_islands_are_not_computed() -> None:
    xy = [[x, y] for x in range(4) for y in range(4)] + [[99, 99]]
    cube = np.random.default_rng(0).poisson(3, (17, 10))
    found = emerging(cube, distance_band(xy, 1))
    assert found.names[16] == "not_computed"
    assert np.isnan(found.g.z[16]).all()
    assert np.isfinite(found.g.q[:16]).all()


def test_what_is_no_cube_is_said() -> None:
    weights = nearest(np.random.default_rng(0).random((5, 2)), 2)
    with pytest.raises(BadInput, match="5 units by steps, not"):
        emerging(np.ones((4, 9)), weights)
    with pytest.raises(BadInput, match="number of steps must be from 2"):
        emerging(np.ones((5, 1)), weights)
    with pytest.raises(BadInput, match="earlier steps must be from 0 to 2, not 3"):
        emerging(np.ones((5, 3)), weights, 3)
    with pytest.raises(BadInput, match="from 2 to 100000, not 1"):
        mann_kendall([[1.0]])
