"""Knox's test: the published values of Burkitt's lymphoma, a count by hand, its p-values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spatial.errors import BadInput
from spatial.stats.knox import knox
from tests.unit.stats.reference import columns


def test_lymphoma_in_uganda_has_the_published_values() -> None:
    x, y, times = columns("burkitt", "X", "Y", "T")
    found = knox(np.column_stack((x, y)), times, 20, 5, 999, seed=1)
    assert found.observed == 13
    assert found.expected == pytest.approx(10.1438161, abs=5e-8)
    assert found.p_more == pytest.approx(0.14624558, abs=5e-9)
    assert found.p_poisson == pytest.approx(stats.poisson.sf(12, found.expected))
    # with ties of times the permutations make what the Poisson probability makes
    assert found.p_simulated == pytest.approx(found.p_poisson, abs=0.06)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 50))
def test_pairs_are_those_counted_one_by_one(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    xy, times = rng.integers(0, 10, (n, 2)).astype(float), rng.integers(0, 20, n)
    i, j = np.triu_indices(n, 1)
    space = np.hypot(*(xy[i] - xy[j]).T) <= 3
    time = np.abs(times[i] - times[j]) <= 4
    found = knox(xy, times, 3, 4)
    assert (found.near_space, found.near_time) == (space.sum(), time.sum())
    assert found.observed == (space & time).sum()
    assert found.expected == pytest.approx(space.sum() * time.sum() / len(i))
    assert np.isnan(found.p_simulated)


def test_contagion_is_found_and_chance_is_not() -> None:
    rng = np.random.default_rng(4)
    sources = rng.random((40, 3)) * (10_000, 10_000, 100)
    near = np.repeat(sources, 3, axis=0) + rng.normal(0, (100, 100, 1), (120, 3))
    found = knox(near[:, :2], near[:, 2], 500, 5, 199, seed=1)
    assert found.p_simulated == 0.005
    assert found.observed > 3 * found.expected
    p = []
    for seed in range(200):
        events = rng.random((60, 3)) * (1_000, 1_000, 100)
        p.append(knox(events[:, :2], events[:, 2], 400, 25, 99, seed).p_simulated)
    # counts of pairs are tied now and then, so p may only be larger than uniform
    assert stats.kstest(p, "uniform", alternative="greater").pvalue > 0.01
    assert stats.kstest(p, "uniform").pvalue > 0.001


def test_what_cannot_be_tested_is_said() -> None:
    with pytest.raises(BadInput, match="At least 2 events"):
        knox([[0, 0]], [1], 10, 1)
    with pytest.raises(BadInput, match="distance must be above 0, not 0"):
        knox([[0, 0], [1, 1]], [1, 2], 0, 1)
    with pytest.raises(BadInput, match="2 values are needed"):
        knox([[0, 0], [1, 1]], [1], 1, 1)
