"""Emerging hotspots: where clustering is new, growing, lasting or passing.

Gi* in space and time over a cube of units and steps of time, the Mann-Kendall trend of each unit's
Gi*, and one of seventeen classes from both. The classes are those that Esri published for its
"Emerging Hot Spot Analysis"; where two of its definitions fit one unit, the order of `TRENDS`
decides, and a unit that is not hot at the last step is historical, never persistent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.errors import BadInput
from spatial.stats.getis_ord import LocalG, gi_star
from spatial.stats.inputs import Flags, Floats, Inference, within
from spatial.stats.permutation import Neighbourhoods
from spatial.stats.significance import two_sided
from spatial.stats.weights import Weights

TRENDS = (
    "new",
    "consecutive",
    "intensifying",
    "persistent",
    "diminishing",
    "sporadic",
    "oscillating",
    "historical",
)
"""In the order in which they are tried: a hot unit's class is 1 + its place here, a cold one's the
same below 0, 0 is no pattern."""

NOT_COMPUTED = -99


@dataclass(frozen=True, slots=True)
class Trend:
    """Mann and Kendall's test of n series for a trend that only rises or only falls.

    Attributes:
        s: rises less falls among all pairs of steps.
        tau: Kendall's τ-b; NaN if the series does not vary.
        z, p: with correction for ties and continuity; two-sided.
    """

    s: Floats
    tau: Floats
    z: Floats
    p: Floats


@dataclass(frozen=True, slots=True)
class Emerging:
    """Emerging hotspots of n units over t steps.

    Attributes:
        g: Gi* in space and time, n × t, corrected for n × t tests.
        trend: of each unit's z.
        classes: see `TRENDS`; `NOT_COMPUTED` for islands.
    """

    g: LocalG
    trend: Trend
    classes: NDArray[np.int8]

    @property
    def names(self) -> list[str]:
        """The classes as codes: `hot_new`, `cold_historical`, `no_pattern`, `not_computed`."""
        return [class_name(int(each)) for each in self.classes]


def class_name(number: int) -> str:
    """The code of a class: `hot_…` or `cold_…` with one of `TRENDS`."""
    if number == NOT_COMPUTED:
        return "not_computed"
    if number == 0:
        return "no_pattern"
    return ("hot_" if number > 0 else "cold_") + TRENDS[abs(number) - 1]


def emerging(
    cube: ArrayLike,
    weights: Weights,
    steps_back: int = 1,
    alpha: float = 0.05,
    inference: Inference = "permutation",
) -> Emerging:
    """Classify units by the history of their clustering.

    Args:
        cube: n × t values, such as counts, the steps of time in order and equally long.
        weights: binary weights of the n units.
        steps_back: the earlier steps that belong to a neighbourhood.
        alpha: the level of the corrected Gi* and of the trend.
        inference: what the p-values of Gi* are taken from.

    Raises:
        BadInput: the cube's shape does not fit, or a parameter is out of range.
    """
    within(alpha, 1e-6, 0.5, "The level", "Mức ý nghĩa")
    g = space_time_g(cube, weights, steps_back, inference)
    z = g.z
    trend = mann_kendall(np.where(np.isnan(z), 0.0, z))
    significant = g.q <= alpha
    moving = np.where(trend.p <= alpha, np.sign(trend.s), 0)
    hot = classify(significant & (z > 0), significant & (z < 0), moving)
    cold = classify(significant & (z < 0), significant & (z > 0), -moving)
    classes = np.where(hot > 0, hot, -cold).astype(np.int8)
    classes[np.isnan(z).all(axis=1)] = NOT_COMPUTED
    return Emerging(g, trend, classes)


def space_time_g(
    cube: ArrayLike,
    weights: Weights,
    steps_back: int = 1,
    inference: Inference = "permutation",
) -> LocalG:
    """Gi* of each unit at each step, n × t.

    A neighbourhood is the unit and its neighbours at the step and at `steps_back` steps before;
    mean and variance are those of the whole cube. NaN for islands.

    Raises:
        BadInput: the cube has another number of units, holds what is no number, or has too few
            steps.
    """
    x = np.asarray(cube, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] != weights.n or not np.isfinite(x).all():
        raise BadInput(
            f"The cube must hold finite numbers, {weights.n} units by steps, not {x.shape}.",
            f"Khối dữ liệu phải gồm số hữu hạn, {weights.n} đơn vị nhân số bước, không phải "
            f"{x.shape}.",
        )
    within(x.shape[1], 2, 100_000, "The number of steps", "Số bước thời gian")
    within(steps_back, 0, x.shape[1] - 1, "The number of earlier steps", "Số bước trước")
    near = Neighbourhoods.of(weights)
    steps = np.minimum(np.arange(x.shape[1]), steps_back) + 1.0
    around = Neighbourhoods(
        lambda values: _with_earlier(near.sums(values), steps_back),
        *(np.outer(each, steps) for each in (near.total, near.squares, near.cubes)),
    )
    return gi_star(x, around, weights.islands, inference)


def _with_earlier(values: Floats, steps_back: int) -> Floats:
    total = np.cumsum(values, axis=1)
    total[:, steps_back + 1 :] -= total[:, : -steps_back - 1].copy()
    return np.asarray(total)


def mann_kendall(series: ArrayLike) -> Trend:
    """Mann and Kendall's trend test of each row.

    Mann (1945), "Nonparametric tests against trend", Econometrica 13; Kendall (1975), "Rank
    Correlation Methods", for ties. A series that does not vary has z 0 and p 1.

    Raises:
        BadInput: there are fewer than 2 steps.
    """
    x = np.atleast_2d(np.asarray(series, dtype=np.float64))
    t = x.shape[1]
    within(t, 2, 100_000, "The number of steps", "Số bước thời gian")
    s = np.zeros(len(x))
    for lag in range(1, t):
        s += np.sign(x[:, lag:] - x[:, :-lag]).sum(axis=1)
    ties, tied_pairs = _ties(x)
    variance = (t * (t - 1) * (2 * t + 5) - ties) / 18
    z = np.divide(s - np.sign(s), np.sqrt(variance), out=np.zeros(len(x)), where=variance > 0)
    pairs = t * (t - 1) / 2
    scale = np.sqrt((pairs - tied_pairs) * pairs)
    tau = np.divide(s, scale, out=np.full(len(x), np.nan), where=scale > 0)
    return Trend(s, tau, z, two_sided(z))


def _ties(x: Floats) -> tuple[Floats, Floats]:
    """For each row the sum of g(g−1)(2g+5) over its groups of g equal values, and tied pairs."""
    n, t = x.shape
    ordered = np.sort(x, axis=1)
    starts = np.ones((n, t), dtype=np.bool_)
    starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    group = np.cumsum(starts.ravel()) - 1
    size = np.bincount(group).astype(np.float64)
    row = np.flatnonzero(starts.ravel()) // t
    ties = np.bincount(row, size * (size - 1) * (2 * size + 5), minlength=n)
    tied_pairs = np.bincount(row, size * (size - 1) / 2, minlength=n)
    return np.asarray(ties, np.float64), np.asarray(tied_pairs, np.float64)


def classify(hot: Flags, cold: Flags, moving: ArrayLike) -> NDArray[np.int8]:
    """The place in `TRENDS`, from 1, of each unit as a hot spot; 0 for none.

    For cold spots give cold as `hot`, hot as `cold`, and the trend turned round.

    Args:
        hot, cold: n × t, at which steps the unit is significantly hot or cold.
        moving: n, 1 if the strength of clustering rises significantly, −1 if it falls, else 0.
    """
    trend = np.asarray(moving)
    steps = hot.shape[1]
    times = hot.sum(axis=1)
    # times as a whole number: 0.9 of the steps is not exact
    often = times * 10 >= steps * 9
    last = hot[:, -1]
    run = np.where(hot.all(axis=1), steps, np.argmin(hot[:, ::-1], axis=1))
    seldom = last & ~often
    return np.select(
        [
            last & (times == 1),
            seldom & (run >= 2) & (times == run),
            last & often & (trend > 0),
            last & often & (trend == 0),
            last & often & (trend < 0),
            seldom & ~cold.any(axis=1),
            seldom,
            ~last & often,
        ],
        range(1, 9),
        0,
    ).astype(np.int8)
