"""Rates: the published ones of North Carolina, esda's, and those of small populations."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from esda.moran import assuncao_rate
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from esda.smoothing import Empirical_Bayes

from spatial.errors import BadInput
from spatial.stats import rates
from tests.unit.stats.reference import columns


def test_infant_deaths_in_north_carolina_have_the_published_rates() -> None:
    deaths, births = columns("sids2", "SID74", "BIR74")
    found = rates.empirical_bayes(deaths, births)
    expected = [0.0016973, 0.0017054, 0.0017731, 0.0020129, 0.0035349]
    np.testing.assert_allclose(found[:5], expected, atol=5e-8)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 60))
def test_they_are_esdas_where_rates_vary_more_than_chance(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    people = rng.integers(100, 50_000, n)
    events = rng.poisson(people * rng.gamma(2, 0.005, n))
    theirs = Empirical_Bayes(events, people).r.ravel()
    mean = events.sum() / people.sum()
    variance = (people * (events / people - mean) ** 2).sum() / people.sum()
    variance -= mean / people.mean()
    ours = rates.empirical_bayes(events, people)
    np.testing.assert_allclose(ours, theirs if variance > 0 else np.full(n, mean), rtol=1e-9)
    np.testing.assert_allclose(
        rates.standardised(events, people), assuncao_rate(events, people), rtol=1e-9, atol=1e-12
    )


def test_a_small_population_is_moved_further_than_a_large_one() -> None:
    people = np.array([50, 100_000, 20_000, 20_000, 20_000])
    events = np.array([2, 4_000, 200, 400, 100])
    raw, shrunk = rates.raw(events, people), rates.empirical_bayes(events, people)
    mean = events.sum() / people.sum()
    assert raw[0] == raw[1] == 0.04
    assert mean < shrunk[0] < 0.85 * raw[0]
    assert shrunk[1] == pytest.approx(raw[1], rel=0.01)


def test_where_nobody_lives_there_is_no_rate() -> None:
    events, people = [3, 0, 5], [100, 0, 100]
    for found in (
        rates.raw(events, people),
        rates.empirical_bayes(events, people),
        rates.standardised(events, people),
    ):
        assert np.isnan(found).tolist() == [False, True, False]


def test_no_event_at_all_is_a_rate_of_nought() -> None:
    assert rates.empirical_bayes([0, 0, 0], [10, 20, 30]).tolist() == [0, 0, 0]
    assert rates.standardised([0, 0, 0], [10, 20, 30]).tolist() == [0, 0, 0]


def test_expected_events_follow_the_ages_of_each_area() -> None:
    people = [[1_000, 100], [100, 1_000]]
    assert rates.expected(people, [0.001, 0.1]).tolist() == [11, 100.1]


@settings(deadline=None)
@given(st.integers(0, 300), st.floats(0.1, 300))
def test_ratios_have_the_exact_poisson_limits(events: int, basis: float) -> None:
    found = rates.ratios([events], [basis])
    low = stats.chi2.ppf(0.025, 2 * events) / 2 if events else 0
    high = stats.chi2.ppf(0.975, 2 * events + 2) / 2
    np.testing.assert_allclose(found.low * basis, low, rtol=1e-8)
    np.testing.assert_allclose(found.high * basis, high, rtol=1e-8)
    assert found.ratio[0] == events / basis


def test_nothing_expected_gives_no_ratio() -> None:
    assert np.isnan(rates.ratios([1], [0]).ratio).all()


@pytest.mark.parametrize(
    ("events", "people", "words"),
    [
        ([1, -1], [10, 10], "-1 is below 0"),
        ([1, 1], [10], "2 values are needed"),
        ([0, 0], [0, 0], "No unit has any people"),
    ],
)
def test_what_is_no_rate_is_said(events: list[int], people: list[int], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        rates.empirical_bayes(events, people)
