"""Kulldorff's scan: the circle, or the cylinder in space and time, that holds too many cases.

Kulldorff (1997), "A spatial scan statistic", Communications in Statistics 26(6); Kulldorff (2001),
"Prospective time periodic geographical disease surveillance using a scan statistic", Journal of
the Royal Statistical Society A 164(1). Cases are Poisson, given their total; only high rates are
sought.

Circles are centred on units and grow from unit to unit; units equally far enter together. A
cluster's p-value compares its likelihood ratio with the largest of each simulated map, so it holds
for the search as a whole, and is conservative for secondary clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.errors import BadInput
from spatial.stats.inputs import Flags, Floats, Ints, counts, numbers, points, within

MAX_SIMULATIONS = 9_999
MAX_WORK = 20_000_000_000
"""Likelihood ratios of one scan: windows × simulations; minutes of one core."""
MAX_CASES = 10_000_000
MAX_MEMBERS = 20_000_000
"""Units of all largest circles together, about 500 MB."""
_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """A window with more cases than expected.

    Attributes:
        centre: the unit in the middle.
        radius_m: to the furthest member.
        members: units, nearest first.
        observed, expected, population: within the window; the population of a cylinder is the mean
            of its steps.
        relative_risk: the rate inside over the rate outside.
        log_likelihood_ratio, p: p counts the observed map as one of the simulations.
        first, last: the steps of time of a cylinder, ends included; 0, 0 for a circle.
    """

    centre: int
    radius_m: float
    members: Ints
    observed: int
    expected: float
    population: float
    relative_risk: float
    log_likelihood_ratio: float
    p: float
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Circles:
    """The circles around each unit.

    Attributes:
        order: for each centre its units, nearest first, as far as the largest circle.
        radius_m: of each of them.
        ends: which of them complete a circle: the last of those equally far.
    """

    order: list[Ints]
    radius_m: list[Floats]
    ends: list[Ints]

    @property
    def windows(self) -> int:
        """The number of circles."""
        return sum(len(each) for each in self.ends)


def circles(
    xy: ArrayLike, population: ArrayLike, max_share: float = 0.5, max_radius_m: float = np.inf
) -> Circles:
    """The circles that hold at most a share of the population.

    Args:
        xy: n × 2, metres.
        population: n numbers from 0.
        max_share: above 0, up to 0.5, the most that one can call a cluster.
        max_radius_m: no circle is larger.

    Raises:
        BadInput: a parameter is out of range, there is no population, or the circles would hold
            more than `MAX_MEMBERS`.
    """
    where = points(xy)
    people = numbers(population, len(where), least=0)
    within(max_share, 1e-6, 0.5, "The largest share of the population", "Tỷ lệ dân số tối đa")
    within(max_radius_m, 0, np.inf, "The largest radius", "Bán kính tối đa")
    if people.sum() <= 0:
        raise BadInput("No unit has any people.", "Không đơn vị nào có dân.")
    most = max_share * people.sum() * (1 + 1e-12)
    order, radius, ends = [], [], []
    members = 0
    for centre in where:
        apart = np.hypot(*(where - centre).T)
        near = np.argsort(apart, kind="stable")
        near = near[: np.searchsorted(apart[near], max_radius_m, side="right")]
        far = apart[near]
        complete = np.ones(len(near), dtype=np.bool_)
        # what rounding makes of equal distances is equal
        complete[:-1] = far[1:] > far[:-1] * (1 + 1e-12)
        complete &= np.cumsum(people[near]) <= most
        last = np.flatnonzero(complete)
        size = int(last[-1]) + 1 if len(last) else 0
        members += size
        if members > MAX_MEMBERS:
            raise BadInput(
                f"The circles hold more than {MAX_MEMBERS:,} units together; take a smaller share "
                "or radius, or fewer units.",
                f"Các vòng tròn chứa tổng cộng hơn {MAX_MEMBERS:,} đơn vị; hãy giảm tỷ lệ dân số, "
                "bán kính hoặc số đơn vị.",
            )
        order.append(near[:size])
        radius.append(far[:size])
        ends.append(last)
    return Circles(order, radius, ends)


def scan(
    cases: ArrayLike,
    population: ArrayLike,
    windows: Circles,
    simulations: int = 999,
    seed: int = 0,
    *,
    min_cases: int = 2,
    max_p: float = 1.0,
    max_clusters: int = 20,
) -> list[Cluster]:
    """Clusters of cases in space, the most likely first, none sharing a unit with another.

    Args:
        cases: n whole numbers.
        population: n people, or n expected cases, such as those of age groups.
        windows: from `circles`.
        simulations: 0 to `MAX_SIMULATIONS`; without, p is NaN.
        seed: the same seed gives the same p-values.
        min_cases: the least number of cases that make a cluster.
        max_p, max_clusters: clusters of a larger p, or beyond that number, are left out.

    Raises:
        BadInput: a parameter is out of range, cases are where nobody is, or the work is over
            `MAX_WORK`.
    """
    n = len(windows.order)
    seen = counts(cases, (n,))[:, None]
    people = numbers(population, n, least=0)[:, None]
    search = _search(seen, people, windows, [(0, 0)], min_cases)
    largest = _largest_by_chance(search, simulations, seed)
    return _clusters(search, largest, max_p, max_clusters)


def space_time_scan(
    cases: ArrayLike,
    population: ArrayLike,
    windows: Circles,
    max_steps: int,
    simulations: int = 999,
    seed: int = 0,
    *,
    prospective: bool = True,
    min_cases: int = 2,
    max_p: float = 1.0,
    max_clusters: int = 20,
) -> list[Cluster]:
    """Clusters in space and time, the most likely first, none sharing a unit with another.

    Args:
        cases: n × t whole numbers, the steps of time in order and equally long.
        population: n people, or n × t if they change, or expected cases.
        max_steps: the longest cylinder, up to half of t.
        prospective: only cylinders that last until the last step, the ones still going on.

    The other arguments are those of `scan`.

    Raises:
        BadInput: as `scan`.
    """
    n = len(windows.order)
    shape = np.shape(cases)
    t = shape[1] if len(shape) == 2 else 0
    seen = counts(cases, (n, t))
    within(t, 2, 10_000, "The number of steps", "Số bước thời gian")
    within(max_steps, 1, t // 2, "The longest cluster in steps", "Số bước tối đa của cụm")
    people = np.asarray(population, dtype=np.float64)
    if people.ndim == 1:
        people = np.repeat(people[:, None], t, axis=1)
    people = numbers(people.ravel(), n * t, least=0).reshape(n, t)
    lasts = [t - 1] if prospective else range(t)
    spans = [
        (first, last) for last in lasts for first in range(max(0, last - max_steps + 1), last + 1)
    ]
    search = _search(seen, people, windows, spans, min_cases)
    largest = _largest_by_chance(search, simulations, seed)
    return _clusters(search, largest, max_p, max_clusters)


@dataclass(frozen=True, slots=True)
class _Search:
    """A map of cases, and what its windows may be.

    Attributes:
        cases, population, expected: n × t; cases and expected cases have the same total.
        spans: the first and last step of each interval of time.
        table: c log c + (C − c) log(C − c) for each number of cases up to the total C.
    """

    cases: NDArray[np.int64]
    population: Floats
    expected: Floats
    windows: Circles
    spans: list[tuple[int, int]]
    min_cases: int
    table: Floats

    @property
    def total(self) -> int:
        return len(self.table) - 1

    def ratios(self, observed: NDArray[np.integer], expected: Floats) -> Floats:
        """The log likelihood ratio of windows; 0 where there are not more cases than expected."""
        least, slope, offset = self._terms(expected, 0.0)
        found = np.asarray(self.table[observed])
        found -= observed * slope
        found -= offset
        found[observed < least] = 0.0
        return found

    def raise_to(self, found: Floats, observed: NDArray[np.int32], expected: Floats) -> None:
        """Raise the largest ratio of each map to that of some windows.

        Args:
            found: of each map.
            observed: windows × maps.
            expected: of each window.
        """
        least, slope, offset = self._terms(expected, float(found.min()))
        place = np.flatnonzero(observed >= least[:, None])
        window, each = np.divmod(place, len(found))
        cases = observed.ravel()[place]
        np.maximum.at(found, each, self.table[cases] - cases * slope[window] - offset[window])

    def _terms(self, expected: Floats, above: float) -> tuple[NDArray[np.int32], Floats, Floats]:
        """For each window the least number of cases whose ratio may be above a value, and the
        slope and offset of what is subtracted from `table`.

        With d = c − E the ratio is at most d² (1/2E + 1/(C − E)), since (1 + u) log(1 + u) − u is
        at most u²/2, and (1 − v) log(1 − v) + v at most v².
        """
        total = self.total
        possible = (expected > 0) & (expected < total)
        basis = np.where(possible, expected, 1.0)
        rest = np.where(possible, total - expected, 1.0)
        reach = np.sqrt(above / (0.5 / basis + 1.0 / rest))
        # a ratio just at the value is found as well, whatever rounding made of it
        least = np.maximum(np.floor(basis) + 1, np.ceil(basis + reach * (1 - 1e-9)))
        least = np.where(possible, np.clip(least, self.min_cases, total + 1), total + 1)
        outside = np.log(rest)
        return least.astype(np.int32), np.log(basis) - outside, total * outside


def _search(
    cases: NDArray[np.int64],
    population: Floats,
    windows: Circles,
    spans: list[tuple[int, int]],
    min_cases: int,
) -> _Search:
    within(min_cases, 1, 1_000_000, "The least number of cases", "Số ca tối thiểu")
    if (population[cases > 0] <= 0).any():
        raise BadInput(
            "A unit has cases but no population.", "Có đơn vị có ca bệnh nhưng không có dân số."
        )
    total = int(cases.sum())
    within(total, 0, MAX_CASES, "The number of cases", "Số ca")
    whole = float(population.sum())
    expected = population * (total / whole if whole else 0.0)
    c = np.arange(total + 1, dtype=np.float64)
    logs = c * np.log(np.maximum(c, 1))
    return _Search(cases, population, expected, windows, spans, min_cases, logs + logs[::-1])


def _largest_by_chance(search: _Search, simulations: int, seed: int) -> Floats:
    """The largest ratio of each of the simulated maps, whose cases fall by population alone."""
    within(simulations, 0, MAX_SIMULATIONS, "The number of simulations", "Số lần mô phỏng")
    work = search.windows.windows * len(search.spans) * simulations
    if work > MAX_WORK:
        raise BadInput(
            f"{work:,} likelihood ratios are too many for one scan (at most {MAX_WORK:,}); take a "
            "smaller share, radius, duration or number of simulations.",
            f"{work:,} phép tính tỷ số hợp lý là quá nhiều cho một lần quét (tối đa {MAX_WORK:,}); "
            "hãy giảm tỷ lệ dân số, bán kính, thời gian hoặc số lần mô phỏng.",
        )
    rng = np.random.default_rng(seed)
    shape = search.cases.shape
    chance = search.expected.ravel() / max(search.total, 1)
    batch = max(1, _CHUNK // search.cases.size)
    found = [np.empty(0)]
    for start in range(0, simulations, batch):
        size = min(batch, simulations - start)
        maps = rng.multinomial(search.total, chance, size).astype(np.int32)
        found.append(_largest(search, np.ascontiguousarray(maps.T).reshape(*shape, size)))
    return np.concatenate(found)


def _largest(search: _Search, maps: NDArray[np.int32]) -> Floats:
    """The largest ratio of each map; maps are n × t × maps."""
    found = np.zeros(maps.shape[2])
    for first, last in search.spans:
        cases = maps[:, first : last + 1].sum(axis=1, dtype=np.int32)
        expected = search.expected[:, first : last + 1].sum(axis=1)
        for order, ends in zip(search.windows.order, search.windows.ends, strict=True):
            if len(ends):
                observed = _at_ends(cases[order], ends)
                search.raise_to(found, observed, _at_ends(expected[order], ends))
    return found


def _at_ends(values: NDArray[Any], ends: Ints) -> NDArray[Any]:
    """Sums over circles of values of units, nearest first."""
    sums = np.cumsum(values, axis=0, dtype=values.dtype)
    return sums if len(ends) == len(sums) else sums[ends]


def _clusters(search: _Search, largest: Floats, max_p: float, max_clusters: int) -> list[Cluster]:
    """The clusters of the observed map, each the best that shares no unit with those before."""
    within(max_p, 0, 1, "The largest p-value", "Giá trị p tối đa")
    within(max_clusters, 1, 1_000, "The number of clusters", "Số cụm")
    totals = [_before(each) for each in (search.cases, search.expected, search.population)]
    first, last = np.array(search.spans).T
    cases, expected, population = (each[:, last + 1] - each[:, first] for each in totals)
    free = np.ones(len(cases), dtype=np.bool_)
    found: list[Cluster] = []
    while len(found) < max_clusters:
        best = _best(search, cases, expected, free)
        if best is None:
            break
        ratio, centre, size, span = best
        p = float((largest >= ratio - 1e-9).sum() + 1) / (len(largest) + 1)
        if len(largest) and p > max_p:
            break
        members = search.windows.order[centre][:size]
        observed = int(cases[members, span].sum())
        basis = float(expected[members, span].sum())
        rest = (search.total - observed) / (search.total - basis)
        found.append(
            Cluster(
                centre=centre,
                radius_m=float(search.windows.radius_m[centre][size - 1]),
                members=members,
                observed=observed,
                expected=basis,
                population=float(population[members, span].sum())
                / (search.spans[span][1] - search.spans[span][0] + 1),
                relative_risk=observed / basis / rest if rest else np.inf,
                log_likelihood_ratio=ratio,
                p=p if len(largest) else np.nan,
                first=search.spans[span][0],
                last=search.spans[span][1],
            )
        )
        free[members] = False
    return found


def _before(values: NDArray[Any]) -> NDArray[Any]:
    """Sums over the steps before each step, and over all: n × (t + 1)."""
    return np.concatenate((np.zeros_like(values[:, :1]), np.cumsum(values, axis=1)), axis=1)


def _best(
    search: _Search, cases: NDArray[np.int64], expected: Floats, free: Flags
) -> tuple[float, int, int, int] | None:
    """The largest ratio among windows of free units: ratio, centre, number of units, span."""
    found: tuple[float, int, int, int] | None = None
    for centre, (order, ends) in enumerate(
        zip(search.windows.order, search.windows.ends, strict=True)
    ):
        taken = np.flatnonzero(~free[order])
        kept = ends[: np.searchsorted(ends, taken[0])] if len(taken) else ends
        if not len(kept):
            continue
        near = order[: kept[-1] + 1]
        ratios = search.ratios(_at_ends(cases[near], kept), _at_ends(expected[near], kept))
        place = int(ratios.argmax())
        if ratios.flat[place] > (found[0] + 1e-12 if found else 0.0):
            end, span = divmod(place, ratios.shape[1])
            found = (float(ratios.flat[place]), centre, int(kept[end]) + 1, span)
    return found
