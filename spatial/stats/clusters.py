"""Clusters of points by density, with the area each covers.

DBSCAN: Ester, Kriegel, Sander and Xu (1996), KDD-96. HDBSCAN: Campello, Moulavi and Sander (2013),
PAKDD. Both are scikit-learn's.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from spatial.errors import BadInput
from spatial.stats.inputs import Flags, Floats, Ints, points, positive, within
from spatial.stats.weights import check_pairs

NOISE = -1
MAX_HDBSCAN_POINTS = 50_000


@dataclass(frozen=True, slots=True)
class Clusters:
    """Points in clusters.

    Attributes:
        xy: n × 2, metres.
        label: the cluster of each point, from 0; `NOISE` for none.
        core: DBSCAN's core points. Its border points belong to one of several clusters by chance of
            order: compare core points only. HDBSCAN: all members.
        strength: how firmly a point belongs, 0 to 1 (HDBSCAN); 1 or 0 (DBSCAN).
    """

    xy: Floats
    label: Ints
    core: Flags
    strength: Floats

    @property
    def count(self) -> int:
        """The number of clusters."""
        return int(self.label.max(initial=NOISE)) + 1

    def members(self, cluster: int) -> Ints:
        """The indices of a cluster's points."""
        return np.flatnonzero(self.label == cluster)

    def hulls(self, around_m: float = 0.0) -> list[Any]:
        """For each cluster the convex hull of its points, widened by so many metres.

        Points on one line have a line or a point for a hull unless it is widened.
        """
        within(around_m, 0, np.inf, "The width", "Độ rộng")
        order = np.argsort(self.label, kind="stable")
        starts = np.searchsorted(self.label[order], np.arange(self.count + 1))
        shapes = [
            shapely.convex_hull(shapely.multipoints(self.xy[order[start:end]]))
            for start, end in itertools.pairwise(starts)
        ]
        return [shapely.buffer(shape, around_m) if around_m else shape for shape in shapes]


def dbscan(xy: ArrayLike, radius_m: float, min_points: int = 5) -> Clusters:
    """Clusters of points that have `min_points` within a radius, themselves among them.

    Args:
        xy: n × 2, metres.

    Raises:
        BadInput: a parameter is out of range, or the radius gives too many pairs.
    """
    from sklearn.cluster import DBSCAN

    where = points(xy)
    positive(radius_m, "The radius", "Bán kính")
    within(min_points, 2, 10_000, "The least number of points", "Số điểm tối thiểu")
    if not len(where):
        return _none(where)
    check_pairs(cKDTree(where), radius_m)
    found = DBSCAN(eps=radius_m, min_samples=min_points, algorithm="kd_tree").fit(where)
    core = np.zeros(len(where), dtype=np.bool_)
    core[found.core_sample_indices_] = True
    label = found.labels_.astype(np.intp)
    return Clusters(where, label, core, (label != NOISE).astype(np.float64))


def hdbscan(xy: ArrayLike, min_size: int = 5, min_points: int | None = None) -> Clusters:
    """Clusters of varying density, each of at least `min_size` points.

    Args:
        xy: n × 2, metres, at most `MAX_HDBSCAN_POINTS` of them.
        min_points: how many points make a neighbourhood; `min_size` if not given.

    Raises:
        BadInput: a parameter is out of range, or there are too many points.
    """
    from sklearn.cluster import HDBSCAN

    where = points(xy)
    within(min_size, 2, 10_000, "The least size of a cluster", "Số điểm tối thiểu của cụm")
    if len(where) > MAX_HDBSCAN_POINTS:
        raise BadInput(
            f"HDBSCAN takes at most {MAX_HDBSCAN_POINTS:,} points, not {len(where):,}; filter them "
            "or take DBSCAN.",
            f"HDBSCAN nhận tối đa {MAX_HDBSCAN_POINTS:,} điểm, không phải {len(where):,}; hãy lọc "
            "bớt hoặc dùng DBSCAN.",
        )
    neighbourhood = min_size if min_points is None else min_points
    within(neighbourhood, 1, 10_000, "The least number of points", "Số điểm tối thiểu")
    if len(where) < max(min_size, neighbourhood, 2):
        return _none(where)
    found = HDBSCAN(
        min_cluster_size=min_size, min_samples=neighbourhood, algorithm="kd_tree", copy=True
    ).fit(where)
    label = found.labels_.astype(np.intp)
    return Clusters(where, label, label != NOISE, found.probabilities_.astype(np.float64))


def _none(where: Floats) -> Clusters:
    n = len(where)
    return Clusters(
        where, np.full(n, NOISE, dtype=np.intp), np.zeros(n, dtype=np.bool_), np.zeros(n)
    )
