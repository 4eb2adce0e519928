"""p under permutation: the share of all ways to deal the values, counted one by one where few."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from spatial.stats.getis_ord import local_g
from spatial.stats.grid import grid_over
from spatial.stats.inputs import Floats
from spatial.stats.permutation import LARGEST, LEAST, Neighbourhoods, permuted, skewness_of
from spatial.stats.weights import Weights, nearest


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-3, 30), min_size=4, max_size=9).filter(lambda x: len(set(x)) > 1),
    st.integers(1, 7),
    st.integers(0, 1_000),
)
def test_p_of_whole_numbers_is_counted_over_all_samples(
    values: list[int], k: int, seed: int
) -> None:
    n = len(values)
    x = np.array(values, dtype=float)
    weights = nearest(np.random.default_rng(seed).random((n, 2)), min(k, n - 2))
    found = local_g(x, weights)
    around = weights.with_self().toarray()
    for row, z, p in zip(around, found.z, found.p, strict=True):
        size = int(row.sum())
        sums = np.array([x[list(each)].sum() for each in itertools.combinations(range(n), size)])
        tail = sums >= row @ x if z > 0 else sums <= row @ x
        assert p == pytest.approx(min(1, 2 * tail.mean()), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_p_of_other_numbers_is_that_of_all_samples_but_for_rounding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.lognormal(0, 1.5, 11)
    weights = nearest(rng.random((11, 2)), 4)
    found = local_g(x, weights)
    rounding = 5 * np.sort(x)[-5:].sum() / 32_000
    sums = np.array([x[list(each)].sum() for each in itertools.combinations(range(11), 5)])
    for seen, z, p in zip(weights.with_self() @ x, found.z, found.p, strict=True):
        beyond = (sums - seen) * np.sign(z)
        least, most = 2 * (beyond > rounding).mean(), 2 * (beyond >= -rounding).mean()
        assert min(1, least) - 1e-12 <= p <= most + 1e-12


def test_the_skewness_is_that_of_all_permutations() -> None:
    rng = np.random.default_rng(3)
    x = rng.lognormal(size=6)
    weights = Weights(sparse.csr_array(rng.random((6, 6)) * (1 - np.eye(6))))
    around = Neighbourhoods.of(weights)
    assert not around.binary.any()
    dealt = np.array(list(itertools.permutations(x)))
    sums = dealt @ weights.with_self().toarray().T
    apart = sums - sums.mean(axis=0)
    by_hand = (apart**3).mean(axis=0) / (apart**2).mean(axis=0) ** 1.5
    np.testing.assert_allclose(skewness_of(x, around), by_hand)


def samples(rng: np.random.Generator, n: int, size: int, times: int) -> np.ndarray:
    return np.argsort(rng.random((times, n)), axis=1)[:, :size]


@pytest.mark.parametrize(
    ("size", "spread", "doubt"), [(7, 1.5, 0), (40, 1.5, 0), (LARGEST + 20, 0.5, 0.05)]
)
def test_tails_are_those_of_simulated_samples(size: int, spread: float, doubt: float) -> None:
    rng = np.random.default_rng(size)
    x: Floats = rng.lognormal(0, spread, 600)
    times = 8_000
    drawn = samples(rng, 600, size, times)
    full = np.full(times, float(size))
    around = Neighbourhoods(lambda values: values[drawn].sum(axis=1), full, full, full)
    variance = x.var() * (600 * size - size**2) / 599
    z = (around.sums(x) - size * x.mean()) / variance**0.5
    p = permuted(z, x, around)
    for tail in (0.002, 0.01, 0.05, 0.2):
        for side in (z > 0, z < 0):
            if tail < side.mean():
                share = ((p <= 2 * tail) & side).mean()
                error = 3.5 * (tail * (1 - tail) / times) ** 0.5
                assert share == pytest.approx(tail, abs=error + doubt * tail)


def test_one_outlier_makes_no_cold_spot_of_what_is_far_from_it() -> None:
    grid = grid_over("hexagon", 1_000, (0, 0, 20_000, 20_000))
    x = np.random.default_rng(1).normal(100, 1, len(grid))
    x[50] = 1e6
    found = local_g(x, grid.neighbours())
    assert not (found.classes < 0).any()


def test_p_has_no_lower_bound_that_a_correction_would_feel() -> None:
    grid = grid_over("hexagon", 1_000, (0, 0, 98_000, 86_000))
    x = np.random.default_rng(2).poisson(5.0, len(grid)).astype(float)
    middle = np.hypot(*(grid.centres() - (50_000, 40_000)).T) < 1_200
    x[middle] = 500
    found = local_g(x, grid.neighbours())
    assert found.p[middle].min() == LEAST
    assert (found.classes[middle] == 3).all()
