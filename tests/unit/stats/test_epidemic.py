"""Growth and reproduction numbers: published values, and series whose answer is known."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import BadInput
from spatial.stats.epidemic import growth, reproduction, serial_interval, trailing_mean

# Onsets of illness by day in a school in Pennsylvania, 2009: Cauchemez et al. (2011), "Role of
# social networks in shaping disease transmission during a community outbreak of 2009 H1N1 pandemic
# influenza", PNAS 108(7):2825-2830; as given with the reference implementation of Cori et al.
SCHOOL = [
    1, 1, 0, 2, 5, 3, 3, 3, 6, 2, 5, 9, 13, 12, 13, 11,
    12, 6, 6, 6, 3, 1, 0, 2, 0, 0, 0, 0, 2, 0, 2, 0,
]  # fmt: skip
# What that implementation prints for it, mean 2.6 and standard deviation 1.5 days: the windows that
# end on days 8 to 13, their mean and their quantiles 0.025 and 0.975.
PRINTED = [
    (1.735798, 1.0287437, 2.624781),
    (1.749168, 1.1088223, 2.533119),
    (1.537058, 0.9947030, 2.195540),
    (1.431839, 0.9514466, 2.008849),
    (1.422725, 0.9731426, 1.956336),
    (1.635373, 1.1786332, 2.165745),
]
INTERVAL = [
    0, 2.331721e-01, 3.585794e-01, 1.981108e-01, 1.033427e-01, 5.290518e-02, 2.682146e-02,
    1.351620e-02, 6.783438e-03, 3.394351e-03, 1.694674e-03, 8.445945e-04, 4.203313e-04,
]  # fmt: skip
"""The serial interval that it prints, from 0 days on."""


def test_the_serial_interval_is_the_published_one() -> None:
    assert serial_interval(2.6, 1.5)[: len(INTERVAL)] == pytest.approx(INTERVAL, rel=2e-5, abs=1e-9)


def test_reproduction_numbers_are_the_published_ones() -> None:
    found = reproduction(SCHOOL, serial_interval(2.6, 1.5, least=1e-12), fewest_cases=0)
    told = list(zip(found.mean[7:13], found.low[7:13], found.high[7:13], strict=True))
    for one, printed in zip(told, PRINTED, strict=True):
        assert one == pytest.approx(printed, rel=1e-6)
    assert np.isnan(found.mean[:7]).all()


@settings(max_examples=15, deadline=None)
@given(rate=st.floats(-0.12, 0.25), mean=st.floats(2.5, 8), sd=st.floats(1, 3))
def test_exponential_growth_has_the_number_of_the_closed_form(
    rate: float, mean: float, sd: float
) -> None:
    """R = 1 / sum(w(s) exp(-r s)), Wallinga and Lipsitch (2007)."""
    interval = serial_interval(mean, sd)
    days = np.arange(120)
    found = reproduction(1e13 * np.exp(rate * days), interval)
    closed = 1 / float(interval @ np.exp(-rate * np.arange(len(interval))))
    assert found.mean[-1] == pytest.approx(closed, rel=1e-4)
    assert found.low[-1] < closed < found.high[-1]


@settings(max_examples=15, deadline=None)
@given(double=st.floats(1.5, 60), falls=st.booleans(), first=st.floats(50, 1e5))
def test_the_doubling_time_of_exact_growth_is_exact(
    double: float, falls: bool, first: float
) -> None:
    rate = (-1 if falls else 1) * log(2) / double
    found = growth(first * np.exp(rate * np.arange(14)))
    assert found.doubling == pytest.approx(log(2) / rate, rel=1e-9)


def test_a_noisy_growth_has_an_interval_around_it() -> None:
    chance = np.random.default_rng(5)
    inside = 0
    for _ in range(200):
        counts = np.exp(4 + 0.1 * np.arange(14) + chance.normal(0, 0.2, 14))
        found = growth(counts)
        inside += found.low <= 0.1 <= found.high
    assert 180 <= inside <= 199  # 190 of 200 on average
    assert growth([50, 60, 40, 55, 45, 52, 49]).doubling_limits is None


def test_few_cases_are_refused_in_both_languages() -> None:
    with pytest.raises(BadInput) as refused:
        growth([1, 0, 2, 0, 0, 3, 1, 1, 1, 1, 1])
    assert "11 ca" in refused.value.vi
    assert "too few" in str(refused.value)
    with pytest.raises(BadInput):
        growth([500, 0, 0, 0, 0, 0, 800])
    ended = reproduction([5, 3, 2, 1, *[0] * 20], serial_interval(4.7, 2.9))
    assert np.isnan(ended.mean[6:]).all()


def test_a_mean_of_seven_days_needs_seven_days() -> None:
    found = trailing_mean([7, 0, 0, 0, 0, 0, 0, 14])
    assert np.isnan(found[:6]).all()
    assert list(found[6:]) == [1, 2]
    assert list(trailing_mean([1, 2])) == pytest.approx([np.nan] * 2, nan_ok=True)


@pytest.mark.parametrize("counts", [[1, -1, 3], [1, float("nan")], [1, float("inf")]])
def test_what_is_no_count_is_refused(counts: list[float]) -> None:
    for work in (trailing_mean, growth, lambda c: reproduction(c, serial_interval(4, 2))):
        with pytest.raises(BadInput):
            work(counts)


def test_an_interval_that_is_none_is_refused() -> None:
    for wrong in ([0.5, 0.5], [0, 0.5, 0.2], [0, 1.5, -0.5]):
        with pytest.raises(BadInput):
            reproduction(SCHOOL, wrong)
    for mean, sd in ((0.5, 1), (4, 0), (exp(9), 1)):
        with pytest.raises(BadInput):
            serial_interval(mean, sd)
