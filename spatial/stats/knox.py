"""Knox's test: whether events that are near in space are near in time more often than by chance.

Knox and Bartlett (1964), "The detection of space-time interactions", Applied Statistics 13(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree
from scipy.special import pdtrc

from spatial.errors import BadInput
from spatial.stats.inputs import Floats, Ints, numbers, points, positive, within
from spatial.stats.moran import MAX_SIMULATIONS
from spatial.stats.weights import check_pairs

_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class Knox:
    """The pairs of n events.

    Attributes:
        observed: pairs near in both.
        expected: such pairs if space and time were independent.
        near_space, near_time: pairs near in one.
        p_poisson: the Poisson probability of at least so many pairs.
        p_more: that of more pairs than observed, which some programs print.
        p_simulated: of permuted times, one-sided; NaN without simulations. The one to trust, since
            pairs that share events are not independent.
    """

    observed: int
    expected: float
    near_space: int
    near_time: int
    p_poisson: float
    p_more: float
    p_simulated: float


def knox(
    xy: ArrayLike,
    times: ArrayLike,
    distance_m: float,
    duration: float,
    simulations: int = 0,
    seed: int = 0,
) -> Knox:
    """Count pairs of events within a distance and a duration.

    Args:
        xy: n × 2, metres.
        times: n numbers, in the unit of `duration`.
        distance_m, duration: the critical values; pairs that far apart count as near.
        simulations: permutations of the times among the places, up to `MAX_SIMULATIONS`.

    Raises:
        BadInput: fewer than 2 events, or a parameter is out of range.
    """
    where = points(xy)
    n = len(where)
    when = numbers(times, n)
    positive(distance_m, "The distance", "Khoảng cách")
    within(duration, 0, np.inf, "The duration", "Khoảng thời gian")
    within(simulations, 0, MAX_SIMULATIONS, "The number of simulations", "Số lần mô phỏng")
    if n < 2:
        raise BadInput("At least 2 events are needed.", "Cần ít nhất 2 sự kiện.")
    tree = cKDTree(where)
    check_pairs(tree, distance_m)
    pairs = tree.query_pairs(distance_m, output_type="ndarray")
    near_time = _pairs_in_time(when, duration)
    observed = _near(when, pairs, duration)
    expectation = len(pairs) * near_time / (n * (n - 1) / 2)
    simulated_p = np.nan
    if simulations:
        rng = np.random.default_rng(seed)
        extreme = sum(
            _near(rng.permutation(when), pairs, duration) >= observed for _ in range(simulations)
        )
        simulated_p = (extreme + 1) / (simulations + 1)
    return Knox(
        observed=observed,
        expected=expectation,
        near_space=len(pairs),
        near_time=near_time,
        p_poisson=float(pdtrc(observed - 1, expectation)) if observed else 1.0,
        p_more=float(pdtrc(observed, expectation)),
        p_simulated=float(simulated_p),
    )


def _pairs_in_time(when: Floats, duration: float) -> int:
    ordered = np.sort(when)
    last = np.searchsorted(ordered, ordered + duration, side="right")
    return int((last - np.arange(len(ordered)) - 1).sum())


def _near(when: Floats, pairs: Ints, duration: float) -> int:
    found = 0
    for start in range(0, len(pairs), _CHUNK):
        part = pairs[start : start + _CHUNK]
        found += int((np.abs(when[part[:, 0]] - when[part[:, 1]]) <= duration).sum())
    return found
