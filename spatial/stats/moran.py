"""Moran's I: whether neighbours are alike, over the whole area and around each unit.

Cliff and Ord (1981), "Spatial Processes", for the moments under randomisation; Anselin (1995),
"Local indicators of spatial association", Geographical Analysis 27(2), for the local statistic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from spatial.errors import BadInput
from spatial.stats.inputs import MAX_PAIRS, Floats, Ints, numbers, within
from spatial.stats.significance import false_discovery, simulated, two_sided
from spatial.stats.weights import Weights

QUADRANTS = {1: "high_high", 2: "low_high", 3: "low_low", 4: "high_low", 0: "not_computed"}
"""A unit's value and that of its neighbours, above or below the mean."""

MAX_SIMULATIONS = 99_999
_CHUNK = 4_000_000
"""Numbers that a batch of simulations holds at once."""


@dataclass(frozen=True, slots=True)
class GlobalI:
    """Moran's I of all units that have neighbours.

    Attributes:
        value, expected: I, and −1/(n − 1).
        z, p: the deviate under randomisation and its two-sided p-value; NaN where all units are
            neighbours of all.
        n: the units it is made from; islands are left out.
    """

    value: float
    expected: float
    z: float
    p: float
    n: int


@dataclass(frozen=True, slots=True)
class LocalI:
    """Local Moran's I of n units.

    Attributes:
        value: NaN for islands.
        p: two-sided, of conditional permutations.
        q: p corrected for n tests (Benjamini and Hochberg).
        quadrant: the codes of `QUADRANTS`.
    """

    value: Floats
    p: Floats
    q: Floats
    quadrant: NDArray[np.int8]


def global_i(values: ArrayLike, weights: Weights) -> GlobalI:
    """Moran's I and its deviate under randomisation.

    Args:
        values: n numbers.
        weights: usually row-standardised. Islands and their values are left out.

    Raises:
        BadInput: fewer than four units have neighbours, or all their values are the same.
    """
    y = numbers(values, weights.n)
    kept = ~weights.islands
    w: Any = weights.matrix
    if not kept.all():
        w, y = w[kept][:, kept], y[kept]
    n = len(y)
    z = _centred(y)
    s0 = float(w.sum())
    value = n / s0 * float(z @ (w @ z)) / float(z @ z)
    expected = -1.0 / (n - 1)
    both = w + w.T
    both.data **= 2
    s1 = float(both.sum()) / 2
    s2 = float(((np.asarray(w.sum(axis=1)) + np.asarray(w.sum(axis=0))) ** 2).sum())
    deviate = deviate_of(value, z, s0, s1, s2)
    return GlobalI(value, expected, deviate, float(two_sided(deviate)), n)


def _centred(y: Floats) -> Floats:
    if len(y) < 4:
        raise BadInput(
            f"At least 4 units with neighbours are needed; there are {len(y)}.",
            f"Cần ít nhất 4 đơn vị có láng giềng; chỉ có {len(y)}.",
        )
    if np.ptp(y) == 0:
        raise BadInput("All values are the same.", "Mọi giá trị đều như nhau.")
    return np.asarray(y - y.mean())


def deviate_of(value: float, z: Floats, s0: float, s1: float, s2: float) -> float:
    """How many standard deviations I is from what randomisation expects (Cliff and Ord 1981, 1.42).

    Args:
        z: the centred values.
        s0, s1, s2: sums of weights: of all, of squares of w_ij + w_ji halved, of squares of each
            unit's row and column together.
    """
    n = len(z)
    b2 = float((z**4).mean() / (z**2).mean() ** 2)
    a = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    b = b2 * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = (a - b) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - 1 / (n - 1) ** 2
    return (value + 1 / (n - 1)) / variance**0.5 if variance > 1e-12 else np.nan


def local_i(values: ArrayLike, weights: Weights, simulations: int = 999, seed: int = 0) -> LocalI:
    """Local Moran's I with p-values of conditional permutations.

    For each unit its value is held and its neighbours' are drawn from all others without
    replacement. One set of draws serves all units (their places shifted past the unit itself), so
    p-values of different units are not independent, as they are not in the data either.

    Args:
        values: n numbers.
        weights: usually row-standardised.
        simulations: 99 to `MAX_SIMULATIONS`.
        seed: the same seed gives the same p-values.

    Raises:
        BadInput: the values or the number of simulations are out of range, or simulations and
            neighbours are too many together.
    """
    within(simulations, 99, MAX_SIMULATIONS, "The number of simulations", "Số lần mô phỏng")
    y = numbers(values, weights.n)
    z = _centred(y)
    n = len(z)
    scaled = (n - 1) * z / float(z @ z)
    lag = weights.matrix @ z
    greater, less = _permuted(z, weights, lag, simulations, np.random.default_rng(seed))
    # I is the unit's own z times its lag: a negative z turns the tails round
    turned = z < 0
    greater, less = np.where(turned, less, greater), np.where(turned, greater, less)
    p = simulated(greater, less, simulations)
    value = scaled * lag
    quadrant = np.select(
        [(z > 0) & (lag > 0), (z <= 0) & (lag > 0), (z <= 0) & (lag <= 0)], [1, 2, 3], 4
    )
    value[weights.islands] = p[weights.islands] = np.nan
    quadrant[weights.islands] = 0
    return LocalI(value, p, false_discovery(p), quadrant.astype(np.int8))


def _permuted(
    z: Floats, weights: Weights, lag: Floats, simulations: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """How many permuted lags are at least, and at most, each unit's own."""
    n = weights.n
    matrix = sparse.csr_array(weights.matrix)
    degree = weights.cardinalities
    widest = int(degree.max(initial=0))
    if widest * simulations > MAX_PAIRS:
        raise BadInput(
            f"{simulations:,} simulations of {widest:,} neighbours are more than {MAX_PAIRS:,} "
            "draws; take fewer simulations or a smaller neighbourhood.",
            f"{simulations:,} lần mô phỏng với {widest:,} láng giềng vượt quá {MAX_PAIRS:,} lượt "
            "rút; hãy giảm số lần mô phỏng hoặc thu hẹp vùng láng giềng.",
        )
    draws = np.empty((widest, simulations), dtype=np.int32)
    for each in range(simulations):
        draws[:, each] = rng.choice(n - 1, widest, replace=False)
    greater, less = np.zeros(n, dtype=np.intp), np.zeros(n, dtype=np.intp)
    tolerance = 1e-12 * float(np.abs(z).max())
    for k in np.unique(degree[degree > 0]):
        same = np.flatnonzero(degree == k)
        size = max(1, _CHUNK // (int(k) * simulations))
        for start in range(0, len(same), size):
            units = same[start : start + size]
            places = matrix.indptr[units][:, None] + np.arange(k)
            own = matrix.data[places]
            drawn = draws[:k]
            others = drawn[None] + (drawn[None] >= units[:, None, None])
            lags = np.einsum("uk,uks->us", own, z[others])
            apart = lags - lag[units][:, None]
            greater[units] = (apart >= -tolerance).sum(axis=1)
            less[units] = (apart <= tolerance).sum(axis=1)
    return greater, less
