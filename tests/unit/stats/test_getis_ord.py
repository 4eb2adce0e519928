"""Gi*: the published values of Columbus, equal to esda's everywhere, islands and edges told."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import esda
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spatial.errors import BadInput
from spatial.stats.getis_ord import CLASSES, classify, local_g
from spatial.stats.grid import grid_over
from spatial.stats.inputs import Floats, Inference
from spatial.stats.weights import Weights, distance_band, nearest
from tests.unit.stats.reference import adjacency, columns, to_libpysal


def esdas(values: Floats, weights: Weights) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return esda.G_Local(values, to_libpysal(weights), transform="B", star=True, permutations=0)


def test_crime_in_columbus_has_the_published_values() -> None:
    (crime,) = columns("columbus", "CRIME")
    found = local_g(crime, adjacency("columbus"))
    expected = [-1.43277965, -1.34000810, -0.77199868, -0.13173336, 1.28536280]
    np.testing.assert_allclose(found.z[:5], expected, atol=5e-9)
    assert found.z.argmax() == 15
    assert found.z.max() == pytest.approx(3.47505136, abs=5e-9)


def test_the_correction_keeps_half_of_what_was_significant_in_columbus() -> None:
    (crime,) = columns("columbus", "CRIME")
    found = local_g(crime, adjacency("columbus"), "normal")
    assert (found.p < 0.05).sum() == 18
    assert (found.q <= 0.05).sum() == 9
    assert (abs(found.classes) >= 2).sum() == 9


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(12, 80),
    st.sampled_from(["normal", "poisson", "skewed"]),
    st.integers(1, 8),
)
def test_it_is_esdas_on_random_data(seed: int, n: int, shape: str, k: int) -> None:
    rng = np.random.default_rng(seed)
    values = {
        "normal": rng.normal(50, 9, n),
        "poisson": rng.poisson(2, n).astype(float),
        "skewed": rng.lognormal(0, 2, n),
    }[shape]
    weights = nearest(rng.random((n, 2)), k)
    if np.ptp(values) == 0:
        assert np.isnan(local_g(values, weights).z).all()
        return
    theirs = esdas(values, weights)
    ours = local_g(values, weights, "normal")
    np.testing.assert_allclose(ours.z, theirs.Zs, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.p, 2 * theirs.p_norm, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(ours.q, stats.false_discovery_control(ours.p))


def test_weights_other_than_binary_follow_the_formula() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=30)
    weights = nearest(rng.random((30, 2)), 4).row_standardised()
    w = weights.matrix.toarray() + np.eye(30)
    by_hand = (w @ x - x.mean() * w.sum(1)) / (
        x.std() * np.sqrt((30 * (w**2).sum(1) - w.sum(1) ** 2) / 29)
    )
    np.testing.assert_allclose(local_g(x, weights).z, by_hand)


def test_islands_are_not_computed_and_no_test_of_the_correction() -> None:
    xy = [[x, y] for x in range(5) for y in range(4)] + [[100, 100]]
    values = np.arange(21.0)
    found = local_g(values, distance_band(xy, 1))
    assert np.isnan([found.z[20], found.p[20], found.q[20]]).all()
    assert found.classes[20] == -9
    assert CLASSES[int(found.classes[20])] == "not_computed"
    np.testing.assert_allclose(found.q[:20], stats.false_discovery_control(found.p[:20]))


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9 / 3])
def test_values_that_do_not_vary_have_no_hotspot(value: float) -> None:
    weights = grid_over("square", 1, (0, 0, 5, 5)).neighbours()
    assert np.isnan(local_g(np.full(weights.n, value), weights).z).all()


def test_a_neighbourhood_of_everything_has_no_value() -> None:
    assert np.isnan(
        local_g([1, 2, 3, 9], nearest(np.random.default_rng(0).random((4, 2)), 3)).z
    ).all()


def test_classes_are_hot_or_cold_at_99_95_and_90_percent() -> None:
    z = np.array([3, 3, 3, 3, -3, -3, -3, np.nan])
    p = np.array([0.01, 0.05, 0.10, 0.11, 0.009, 0.04, 0.06, np.nan])
    codes = [CLASSES[int(each)] for each in classify(z, p)]
    assert codes == [
        "hot_99",
        "hot_95",
        "hot_90",
        "not_significant",
        "cold_99",
        "cold_95",
        "cold_90",
        "not_computed",
    ]


GRID = grid_over("hexagon", 1_000, (0, 0, 20_000, 20_000))
SPARSE = 0.3
"""Events a cell."""


@pytest.mark.parametrize(("events", "times"), [(5, 3), (SPARSE, 10)])
def test_a_planted_hotspot_is_found(events: float, times: float) -> None:
    rng = np.random.default_rng(11)
    away = np.hypot(*(GRID.centres() - (10_000, 10_000)).T)
    planted = local_g(
        rng.poisson(np.where(away < 2_500, times * events, events)), GRID.neighbours()
    )
    hot = planted.classes >= 2
    # at its border a neighbourhood lies half outside
    assert hot[away < 1_500].mean() > 0.9
    assert hot[away < 2_500].mean() > 0.6
    assert hot[away >= 2_500].mean() < 0.02


def false_alarms(shape: str, inference: Inference, maps: int) -> float:
    """The share of maps without any cluster on which some cell is significant."""
    rng = np.random.default_rng(12)
    weights, n = GRID.neighbours(), len(GRID)
    draw: dict[str, Callable[[], Any]] = {
        "sparse": lambda: rng.poisson(SPARSE, n),
        "poisson": lambda: rng.poisson(5, n),
        "overdispersed": lambda: rng.negative_binomial(1, 1 / 6, n),
        "skewed": lambda: rng.lognormal(0, 1, n),
    }
    return float(
        np.mean([(local_g(draw[shape](), weights, inference).q <= 0.05).any() for _ in range(maps)])
    )


@pytest.mark.parametrize("shape", ["sparse", "poisson", "overdispersed", "skewed"])
def test_nothing_is_found_in_noise_beyond_the_level(shape: str) -> None:
    # two standard errors above it
    assert false_alarms(shape, "permutation", 300) <= 0.05 + 2 * (0.05 * 0.95 / 300) ** 0.5


@pytest.mark.parametrize("shape", ["sparse", "overdispersed", "skewed"])
def test_the_normal_p_finds_hotspots_in_skewed_noise(shape: str) -> None:
    assert false_alarms(shape, "normal", 40) > 0.25


def test_what_is_not_a_value_for_each_unit_is_said() -> None:
    weights = grid_over("square", 1, (0, 0, 5, 5)).neighbours()
    with pytest.raises(BadInput, match=f"{weights.n} values are needed"):
        local_g([1, 2], weights)
    with pytest.raises(BadInput, match="not a finite number"):
        local_g(np.full(weights.n, np.nan), weights)
