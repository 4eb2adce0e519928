"""The scan statistic: SaTScan's clusters of New York, a search by brute force, its p-values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spatial.errors import BadInput
from spatial.stats import scan as module
from spatial.stats.inputs import Floats, Ints
from spatial.stats.scan import Circles, Cluster, circles, scan, space_time_scan
from tests.unit.stats.reference import new_york

SATSCAN = (
    # log likelihood ratio, observed, expected, relative risk, people, tracts nearest first
    (
        11.577255, 85, 49.71, 1.84, 95_249,
        "49 48 50 47 1 15 51 2 13 14 3 35 16 52 36 37 12 11 5 17 10 4 6 38 18 9",
    ),
    (9.019716, 38, 17.79, 2.22, 34_083, "89 88 87 84 90 86 92 85"),
    (
        6.114140, 64, 40.85, 1.64, 78_280,
        "112 113 115 111 116 219 117 123 218 114 122 110 124 220 118 133 121 125 216 120 134 217"
        " 126 139 215 132 141 140 127 142 138 131 119",
    ),
    (4.651839, 25, 12.82, 1.99, 24_571, "62 64 67 65"),
    (4.169203, 28, 15.54, 1.84, 29_782, "46 45 41 54 44 43 53"),
    (3.363518, 12, 5.14, 2.37, 9_840, "266 281 267 265"),
    (3.209485, 11, 4.61, 2.41, 8_839, "166 159 167"),
)  # fmt: skip
"""What SaTScan 9.6 lists for floor(cases), Poisson, circles of at most 10 % of the people."""


def satscans_circles(population: Floats) -> Circles:
    """The circles that grow along SaTScan's own lists, around its seven centres."""
    order = [np.array(tracts.split(), dtype=np.intp) - 1 for *_, tracts in SATSCAN]
    assert all(population[each].sum() <= 0.1 * population.sum() for each in order)
    steps = [np.arange(len(each), dtype=np.intp) for each in order]
    none = np.empty(0, dtype=np.intp)
    rest = len(population) - len(order)
    return Circles(
        order + [none] * rest, [each.astype(float) for each in steps] + [np.empty(0)] * rest,
        steps + [none] * rest,
    )  # fmt: skip


def test_leukaemia_in_new_york_has_satscans_clusters() -> None:
    tracts = new_york()
    cases, people = np.floor(tracts["cases"]), tracts["population"]
    found = scan(cases, people, satscans_circles(people), 999, seed=3)
    for cluster, (ratio, observed, expected, risk, inside, members) in zip(
        found, SATSCAN, strict=False
    ):
        assert cluster.log_likelihood_ratio == pytest.approx(ratio, abs=5e-7)
        assert cluster.observed == observed
        assert cluster.expected == pytest.approx(expected, abs=0.005)
        assert cluster.relative_risk == pytest.approx(risk, abs=0.005)
        assert cluster.population == inside
        assert sorted(cluster.members + 1) == sorted(map(int, members.split()))
    assert len(found[0].members) == 26


def test_leukaemia_in_new_york_clusters_also_around_the_tracts_own_centroids() -> None:
    tracts = new_york()
    cases, people = np.floor(tracts["cases"]).astype(int), tracts["population"]
    xy = np.column_stack((tracts["x"], tracts["y"]))
    found = scan(cases, people, circles(xy, people, 0.1), 999, seed=3)
    assert found[0].log_likelihood_ratio == pytest.approx(
        by_brute_force(xy, cases, people, 0.1), abs=1e-9
    )
    assert found[0].p < 0.01
    # these windows are the same around any centroids: SaTScan's fourth, sixth and seventh
    ratios = [round(each.log_likelihood_ratio, 6) for each in found]
    assert {4.651839, 3.363518, 3.209485} <= set(ratios)


def poisson_ratio(observed: int, expected: float, total: int) -> float:
    if observed <= expected or observed < 2:
        return 0.0
    found = observed * math.log(observed / expected)
    if observed < total:
        found += (total - observed) * math.log((total - observed) / (total - expected))
    return found


def by_brute_force(xy: Floats, cases: Ints, people: Floats, share: float) -> float:
    """The largest ratio over every circle around every unit, each counted anew."""
    total, everyone = int(cases.sum()), people.sum()
    best = 0.0
    for centre in xy:
        apart = np.hypot(*(xy - centre).T)
        for radius in np.unique(apart):
            inside = apart <= radius * (1 + 1e-12)
            if people[inside].sum() <= share * everyone * (1 + 1e-12):
                observed = int(cases[inside].sum())
                expected = total * people[inside].sum() / everyone
                best = max(best, poisson_ratio(observed, expected, total))
    return best


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 25), st.booleans(), st.sampled_from([0.1, 0.3, 0.5]))
def test_the_best_circle_is_that_of_a_search_by_brute_force(
    seed: int, n: int, ties: bool, share: float
) -> None:
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 5, (n, 2)).astype(float) if ties else rng.random((n, 2))
    people = rng.integers(1, 1_000, n).astype(float)
    cases = rng.poisson(people / 50)
    found = scan(cases, people, circles(xy, people, share), 0)
    best = by_brute_force(xy, cases, people, share)
    assert (found[0].log_likelihood_ratio if found else 0.0) == pytest.approx(best, abs=1e-9)
    for cluster in found:
        assert np.isnan(cluster.p)
        inside = np.hypot(*(xy - xy[cluster.centre]).T) <= cluster.radius_m * (1 + 1e-12)
        assert sorted(cluster.members) == np.flatnonzero(inside).tolist()
        assert cluster.observed == cases[inside].sum()
    members = [unit for cluster in found for unit in cluster.members]
    assert len(members) == len(set(members))
    ratios = [each.log_likelihood_ratio for each in found]
    assert ratios == sorted(ratios, reverse=True)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_the_best_cylinder_is_that_of_a_search_by_brute_force(seed: int, prospective: bool) -> None:
    rng = np.random.default_rng(seed)
    n, t, longest = 8, 6, 3
    xy, people = rng.random((n, 2)), rng.integers(10, 1_000, (n, t)).astype(float)
    cases = rng.poisson(people / 80)
    total, everyone = int(cases.sum()), people.sum()
    best = 0.0
    for centre in xy:
        order = np.argsort(np.hypot(*(xy - centre).T))
        for size in range(1, n + 1):
            units = order[:size]
            if people[units].sum() > 0.5 * everyone:
                break
            for last in [t - 1] if prospective else range(t):
                for first in range(max(0, last - longest + 1), last + 1):
                    observed = int(cases[units, first : last + 1].sum())
                    expected = total * people[units, first : last + 1].sum() / everyone
                    best = max(best, poisson_ratio(observed, expected, total))
    windows = circles(xy, people.sum(axis=1), 0.5)
    found = space_time_scan(cases, people, windows, longest, 0, prospective=prospective)
    assert (found[0].log_likelihood_ratio if found else 0.0) == pytest.approx(best, abs=1e-9)
    if found:
        one = found[0]
        assert one.observed == cases[one.members, one.first : one.last + 1].sum()
        assert one.last == t - 1 or not prospective


def province(rng: np.random.Generator, n: int = 60) -> tuple[Floats, Floats]:
    return rng.random((n, 2)) * 50_000, rng.integers(2_000, 20_000, n).astype(float)


def test_a_planted_cluster_is_found_with_its_units() -> None:
    rng = np.random.default_rng(8)
    xy, people = province(rng, 100)
    inside = np.hypot(*(xy - (25_000, 25_000)).T) < 9_000
    cases = rng.poisson(people / 400 * np.where(inside, 2.5, 1))
    found = scan(cases, people, circles(xy, people), 199, seed=1, max_p=0.05)
    assert len(found) == 1
    hit = np.isin(np.arange(100), found[0].members)
    assert (hit & inside).sum() / (hit | inside).sum() > 0.8
    assert found[0].relative_risk == pytest.approx(2.5, rel=0.3)
    assert found[0].p == 0.005


def test_p_values_are_uniform_where_cases_fall_by_population_alone() -> None:
    rng = np.random.default_rng(23)
    xy, people = province(rng, 25)
    windows = circles(xy, people)
    p = []
    for seed in range(300):
        cases = rng.multinomial(400, people / people.sum())
        p.append(scan(cases, people, windows, 99, seed, max_clusters=1)[0].p)
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert (np.array(p) <= 0.05).mean() <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)


def test_a_cluster_of_the_last_days_is_found_in_space_and_time() -> None:
    rng = np.random.default_rng(9)
    xy, people = province(rng, 40)
    inside = np.hypot(*(xy - (25_000, 25_000)).T) < 12_000
    rate = np.repeat(people[:, None] / 20_000, 30, axis=1)
    rate[inside, 24:] *= 5
    cases = rng.poisson(rate)
    windows = circles(xy, people)
    found = space_time_scan(cases, people, windows, 10, 99, seed=2, max_p=0.05)
    best = found[0]
    assert (best.first, best.last) == (24, 29)
    hit = np.isin(np.arange(40), best.members)
    assert (hit & inside).sum() / (hit | inside).sum() > 0.7
    early = space_time_scan(cases[:, :24], people, windows, 10, 99, seed=2, max_p=0.05)
    assert not early


def test_p_values_of_cylinders_are_uniform_where_nothing_happens() -> None:
    rng = np.random.default_rng(31)
    xy, people = province(rng, 12)
    windows = circles(xy, people)
    share = np.repeat(people / people.sum() / 8, 8)
    p = []
    for seed in range(150):
        cases = rng.multinomial(300, share).reshape(12, 8)
        p.append(space_time_scan(cases, people, windows, 3, 99, seed, max_clusters=1)[0].p)
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_the_seed_decides_and_batches_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    xy, people = province(rng, 30)
    cases, windows = rng.poisson(people / 500), circles(xy, people)

    def p(seed: int) -> list[float]:
        return [each.p for each in scan(cases, people, windows, 99, seed)]

    whole = p(5)
    assert whole == p(5)
    assert whole != p(6)
    monkeypatch.setattr(module, "_CHUNK", 200)
    assert whole == p(5)


def test_expected_cases_may_stand_for_people() -> None:
    rng = np.random.default_rng(2)
    xy, people = province(rng, 30)
    cases = rng.poisson(people / 300)
    windows = circles(xy, people)

    def ratios(found: list[Cluster]) -> list[float]:
        return [each.log_likelihood_ratio for each in found]

    expected = people * cases.sum() / people.sum()
    assert ratios(scan(cases, people, windows, 0)) == pytest.approx(
        ratios(scan(cases, expected, windows, 0))
    )


def test_a_radius_bounds_the_circles() -> None:
    rng = np.random.default_rng(2)
    xy, people = province(rng, 30)
    windows = circles(xy, people, max_radius_m=8_000)
    assert max(each.max(initial=0) for each in windows.radius_m) <= 8_000
    assert windows.windows < circles(xy, people).windows


def test_no_case_is_no_cluster() -> None:
    xy = np.random.default_rng(0).random((5, 2))
    assert scan(np.zeros(5), np.ones(5), circles(xy, np.ones(5)), 99) == []


def test_what_cannot_be_scanned_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    xy, people = province(np.random.default_rng(0), 10)
    windows = circles(xy, people)
    with pytest.raises(BadInput, match=r"from 1e-06 to 0.5, not 0.9"):
        circles(xy, people, 0.9)
    with pytest.raises(BadInput, match="No unit has any people"):
        circles(xy, people * 0)
    with pytest.raises(BadInput, match="whole numbers from 0"):
        scan(np.full(10, 0.5), people, windows)
    with pytest.raises(BadInput, match="cases but no population"):
        scan(np.ones(10), np.where(np.arange(10) == 3, 0, people), windows)
    with pytest.raises(BadInput, match="from 0 to 9999, not -1"):
        scan(np.ones(10), people, windows, -1)
    with pytest.raises(BadInput, match="longest cluster in steps must be from 1 to 4, not 5"):
        space_time_scan(np.ones((10, 8)), people, windows, 5)
    with pytest.raises(BadInput, match="number of cases must be from 0 to 10000000, not 10000010"):
        scan(np.full(10, 1_000_001), people, windows)
    monkeypatch.setattr(module, "MAX_WORK", 1_000)
    with pytest.raises(BadInput, match=r"are too many for one scan \(at most 1,000\)"):
        scan(np.ones(10), people, windows, 99)
    monkeypatch.setattr(module, "MAX_MEMBERS", 20)
    with pytest.raises(BadInput, match="more than 20 units together"):
        circles(xy, people)
