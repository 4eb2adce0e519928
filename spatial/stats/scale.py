"""At what distance to look: a distance band that the data suggest, with the reason.

Clustering is measured by Moran's I, with binary weights, at growing distances; the first distance
at which its deviate peaks is where the process that makes the clusters works (incremental spatial
autocorrelation, in Esri's "Optimized Hot Spot Analysis"). Where there is no significant peak, the
band is the mean distance to k neighbours, k a twentieth of the units but 3 to 30, and at most one
standard distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from spatial.errors import BadInput
from spatial.stats.inputs import MAX_PAIRS, Floats, Ints, numbers, points, within
from spatial.stats.moran import deviate_of
from spatial.stats.weights import check_pairs, nearest_distances

SIGNIFICANT = 1.96
MAX_STEPS = 100

Reason = Literal["autocorrelation_peak", "mean_distance_to_neighbours", "standard_distance"]


@dataclass(frozen=True, slots=True)
class Scale:
    """A distance band.

    Attributes:
        distance_m: the band.
        reason: how it was found.
        neighbours: k, where the reason is a distance to neighbours; else 0.
        distances_m, deviates: what was tried, and Moran's z there.
    """

    distance_m: float
    reason: Reason
    neighbours: int
    distances_m: Floats
    deviates: Floats


def distance_band_for(xy: ArrayLike, values: ArrayLike, steps: int = 20) -> Scale:
    """The band at which values cluster most clearly.

    Distances begin where nine tenths of the units have a neighbour, grow by the mean distance to
    the nearest one, and end at half the extent's diagonal or where pairs would be too many.

    Args:
        xy: n × 2, metres.
        values: n numbers.
        steps: how many distances are tried, 3 to `MAX_STEPS`.

    Raises:
        BadInput: fewer than 10 units, all at one place, or `steps` out of range.
    """
    where = points(xy)
    y = numbers(values, len(where))
    within(steps, 3, MAX_STEPS, "The number of steps", "Số bước")
    if len(where) < 10:
        raise BadInput(
            f"At least 10 units are needed; there are {len(where)}.",
            f"Cần ít nhất 10 đơn vị; chỉ có {len(where)}.",
        )
    near = nearest_distances(where, 1)
    if near.max() == 0:
        raise BadInput("All units share their places.", "Các đơn vị đều trùng vị trí.")
    distances, found = _tried(where, y, near, steps)
    peak = _first_peak(found)
    if peak is not None:
        return Scale(float(distances[peak]), "autocorrelation_peak", 0, distances, found)
    k = int(np.clip(round(0.05 * len(where)), 3, 30))
    mean = float(nearest_distances(where, k).mean())
    standard = float(np.sqrt(((where - where.mean(axis=0)) ** 2).sum(axis=1).mean()))
    if mean > standard:
        return Scale(standard, "standard_distance", 0, distances, found)
    return Scale(mean, "mean_distance_to_neighbours", k, distances, found)


def _tried(where: Floats, y: Floats, near: Floats, steps: int) -> tuple[Floats, Floats]:
    """The distances, and z of Moran's I at each; none where the values do not vary."""
    step = float(near[near > 0].mean())
    # a hair above: the neighbours of a regular grid lie at the distance itself
    first = float(np.quantile(near, 0.9)) * (1 + 1e-9)
    first = first if first > 0 else step
    reach = float(np.hypot(*np.ptp(where, axis=0))) / 2
    distances = first + step * np.arange(steps)
    distances = distances[(distances <= reach) | (np.arange(steps) == 0)]
    tree = cKDTree(where)
    while len(distances) > 1 and tree.count_neighbors(tree, distances[-1]) > MAX_PAIRS // 4:
        distances = distances[:-1]
    check_pairs(tree, float(distances[-1]))
    if np.ptp(y) == 0:
        return distances, np.zeros(len(distances))
    pairs = tree.query_pairs(float(distances[-1]), output_type="ndarray")
    apart = np.hypot(*(where[pairs[:, 0]] - where[pairs[:, 1]]).T)
    return distances, _deviates(y, pairs, np.searchsorted(distances, apart), len(distances))


def _deviates(y: Floats, pairs: Ints, first: Ints, steps: int) -> Floats:
    """z of Moran's I with binary weights at each step; `first` is where each pair begins to count.

    Each pair is looked at once: sums of products and the numbers of neighbours only grow.
    """
    order = np.argsort(first, kind="stable")
    bounds = np.searchsorted(first[order], np.arange(steps + 1))
    y = y - y.mean()
    least = 1e-12 * float(y @ y)
    degree, products = np.zeros(len(y)), 0.0
    found = np.zeros(steps)
    for step in range(steps):
        i, j = pairs[order[bounds[step] : bounds[step + 1]]].T
        degree += np.bincount(i, minlength=len(y)) + np.bincount(j, minlength=len(y))
        products += 2 * float(y[i] @ y[j])
        joined = degree > 0
        mean = y[joined].mean() if joined.any() else 0.0
        z, s0 = y[joined] - mean, degree.sum()
        if len(z) < 4 or float(z @ z) <= least:
            continue
        # the products of values less their mean, from those of the values
        alike = products - 2 * mean * float(degree @ y) + mean**2 * s0
        value = len(z) / s0 * alike / float(z @ z)
        found[step] = deviate_of(value, z, s0, 2 * s0, 4 * float(degree @ degree))
    return np.nan_to_num(found)


def _first_peak(deviates: Floats) -> int | None:
    """The first distance whose deviate is significant and above both its neighbours."""
    for k in range(1, len(deviates) - 1):
        before, here, after = deviates[k - 1 : k + 2]
        if here > SIGNIFICANT and here > before and here > after:
            return k
    return None
