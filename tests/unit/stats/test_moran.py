"""Moran's I: the published values, equal to esda's, with p-values that are right under the null."""

from __future__ import annotations

import warnings

import esda
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spatial.errors import BadInput
from spatial.stats.grid import grid_over
from spatial.stats.moran import QUADRANTS, global_i, local_i
from spatial.stats.weights import Weights, distance_band, nearest
from tests.unit.stats.reference import adjacency, columns, to_libpysal


def random_weights(seed: int, n: int, k: int) -> Weights:
    xy = np.random.default_rng(seed).random((n, 2))
    return (nearest(xy, k) if k else distance_band(xy, 0.3)).row_standardised()


def test_crime_in_columbus_has_the_published_values() -> None:
    (crime,) = columns("columbus", "CRIME")
    found = global_i(crime, adjacency("columbus").row_standardised())
    assert found.value == pytest.approx(0.5001885571828611, abs=1e-15)
    assert found.z == pytest.approx(5.58938267, abs=1e-8)
    assert found.expected == pytest.approx(-1 / 48)
    assert found.n == 49


def test_infant_deaths_in_north_carolina_have_the_published_value() -> None:
    (rate,) = columns("sids2", "SIDR74")
    found = global_i(rate, adjacency("sids2").row_standardised())
    assert found.value == pytest.approx(0.24772519320480135, abs=1e-15)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(7, 70), st.integers(1, 5), st.booleans())
def test_both_are_esdas_on_random_data(seed: int, n: int, k: int, standardised: bool) -> None:
    rng = np.random.default_rng(seed)
    values = rng.gamma(2, 3, n)
    xy = rng.random((n, 2))
    weights = nearest(xy, k)
    weights = weights.row_standardised() if standardised else weights
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = esda.Moran(values, to_libpysal(weights), transformation="O", permutations=0)
        local = esda.Moran_Local(
            values, to_libpysal(weights), transformation="O", permutations=0, geoda_quads=False
        )
    ours = global_i(values, weights)
    assert ours.value == pytest.approx(theirs.I, rel=1e-9, abs=1e-12)
    assert ours.z == pytest.approx(theirs.z_rand, rel=1e-7, abs=1e-9)
    assert ours.p == pytest.approx(theirs.p_rand, rel=1e-6, abs=1e-12)
    mine = local_i(values, weights, simulations=99)
    np.testing.assert_allclose(mine.value, local.Is, rtol=1e-9, atol=1e-12)
    assert (mine.quadrant == local.q).all()


def test_local_p_values_are_esdas_within_what_simulation_leaves_open() -> None:
    (crime,) = columns("columbus", "CRIME")
    weights = adjacency("columbus").row_standardised()
    ours = local_i(crime, weights, simulations=9_999, seed=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = esda.Moran_Local(crime, to_libpysal(weights), permutations=9_999, seed=4)
    np.testing.assert_allclose(ours.p, np.minimum(1, 2 * theirs.p_sim), atol=0.03)
    assert (ours.p <= 0.05).sum() > 8


def test_the_seed_decides_the_p_values() -> None:
    (crime,) = columns("columbus", "CRIME")
    weights = adjacency("columbus").row_standardised()
    one, same, other = (local_i(crime, weights, 199, seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one.p, same.p)
    assert (one.p != other.p).any()


def test_p_values_are_uniform_where_nothing_is_clustered() -> None:
    rng = np.random.default_rng(21)
    weights = grid_over("square", 1, (0.5, 0.5, 6.5, 6.5)).neighbours(corners=False)
    weights = weights.row_standardised()
    unit = weights.n // 2
    local, overall = [], []
    for seed in range(250):
        values = rng.normal(size=weights.n)
        local.append(local_i(values, weights, 199, seed).p[unit])
        overall.append(global_i(values, weights).p)
    assert stats.kstest(local, "uniform").pvalue > 0.01
    assert stats.kstest(overall, "uniform").pvalue > 0.01


def test_large_and_small_batches_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(2).normal(size=60)
    weights = random_weights(3, 60, 0)
    whole = local_i(values, weights, 199, 5)
    monkeypatch.setattr("spatial.stats.moran._CHUNK", 1_000)
    np.testing.assert_array_equal(local_i(values, weights, 199, 5).p, whole.p)


def test_islands_have_no_local_value_and_no_part_in_the_global_one() -> None:
    xy = [[x, y] for x in range(4) for y in range(4)]
    values = np.random.default_rng(1).normal(size=17)
    alone = distance_band([*xy, [90, 90]], 1).row_standardised()
    without = distance_band(xy, 1).row_standardised()
    assert global_i(values, alone) == global_i(values[:16], without)
    found = local_i(values, alone, 99)
    assert np.isnan([found.value[16], found.p[16], found.q[16]]).all()
    assert QUADRANTS[int(found.quadrant[16])] == "not_computed"


def test_an_outlier_and_a_cluster_lie_in_their_quadrants() -> None:
    grid = grid_over("square", 1, (0.5, 0.5, 8.5, 8.5))
    values = np.where(grid.centres()[:, 0] < 4, 10.0, 1.0)
    values += np.random.default_rng(0).normal(0, 0.1, len(grid))
    low = int(grid.locate([[1.5, 1.5]])[0])
    values[low] = 0.0
    found = local_i(values, grid.neighbours().row_standardised(), 999, 3)
    assert QUADRANTS[int(found.quadrant[low])] == "low_high"
    middle = int(grid.locate([[1.5, 6.5]])[0])
    assert QUADRANTS[int(found.quadrant[middle])] == "high_high"
    assert found.q[middle] < 0.1


@pytest.mark.parametrize(
    ("values", "simulations", "words"),
    [
        (np.ones(16), 99, "All values are the same"),
        (np.arange(16.0), 10, "from 99 to 99999, not 10"),
        (np.arange(15.0), 99, "16 values are needed"),
    ],
)
def test_what_cannot_be_computed_is_said(values: object, simulations: int, words: str) -> None:
    weights = distance_band([[x, y] for x in range(4) for y in range(4)], 1)
    with pytest.raises(BadInput, match=words):
        local_i(values, weights, simulations)  # type: ignore[arg-type]


def test_more_draws_than_can_be_held_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spatial.stats.moran.MAX_PAIRS", 300)
    with pytest.raises(BadInput, match="99 simulations of 4 neighbours are more than 300 draws"):
        local_i(np.arange(20.0), nearest(np.random.default_rng(0).random((20, 2)), 4), 99)


def test_where_all_are_neighbours_of_all_there_is_no_deviate() -> None:
    found = global_i(np.arange(6.0) ** 2, nearest(np.random.default_rng(0).random((6, 2)), 5))
    assert found.value == pytest.approx(found.expected)
    assert np.isnan([found.z, found.p]).all()


def test_too_few_units_with_neighbours_are_told() -> None:
    with pytest.raises(BadInput, match="At least 4 units with neighbours are needed; there are 2"):
        global_i([1, 2, 3, 4, 5], distance_band([[0, 0], [1, 0], [9, 9], [20, 20], [40, 40]], 2))
