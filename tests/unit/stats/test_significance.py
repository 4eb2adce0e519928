"""The correction for many tests is SciPy's, with tests that were not made left out."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spatial.stats.significance import false_discovery, pearson3, simulated, two_sided

P = st.floats(0, 1)


@settings(deadline=None)
@given(st.lists(st.one_of(P, st.just(np.nan)), max_size=40))
def test_the_correction_is_scipys_over_the_tests_made(p: list[float]) -> None:
    values = np.array(p)
    tested = ~np.isnan(values)
    found = false_discovery(values)
    assert (np.isnan(found) == ~tested).all()
    if tested.any():
        np.testing.assert_array_equal(
            found[tested], stats.false_discovery_control(values[tested], method="bh")
        )


def test_the_correction_keeps_the_shape_and_the_argument() -> None:
    p = np.array([[0.01, np.nan], [0.04, 0.5]])
    before = p.copy()
    assert false_discovery(p).shape == (2, 2)
    np.testing.assert_array_equal(p, before)


@settings(deadline=None)
@given(st.floats(-30, 30))
def test_the_normal_p_is_two_sided(z: float) -> None:
    np.testing.assert_allclose(two_sided(z), 2 * stats.norm.sf(abs(z)), rtol=1e-12)


@settings(deadline=None)
@given(st.floats(-6, 6), st.one_of(st.just(0.0), st.floats(-4, 4)))
def test_the_skewed_tail_is_scipys(z: float, skewness: float) -> None:
    # where SciPy still tells a skewness from none
    wanted = stats.norm.sf(z) if abs(skewness) < 1e-3 else stats.pearson3.sf(z, skewness)
    np.testing.assert_allclose(
        pearson3(z, skewness), wanted, rtol=0.1 if abs(skewness) < 1e-3 else 1e-6, atol=1e-14
    )


def test_a_simulated_p_counts_the_observed_value_and_is_never_above_one() -> None:
    greater, less = np.array([0, 50, 99]), np.array([99, 99, 0])
    np.testing.assert_allclose(simulated(greater, less, 99), [0.02, 1.0, 0.02])
