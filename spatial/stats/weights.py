"""Who is whose neighbour: spatial weights as a sparse matrix.

Row i of the matrix holds the weights of the neighbours of unit i; the diagonal is empty, and what
counts the unit itself (Gi*) says so. A unit without neighbours is an island: methods report it as
not computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from spatial.errors import BadInput
from spatial.stats.inputs import MAX_PAIRS, Flags, Floats, Ints, points, positive, within


@dataclass(frozen=True, slots=True)
class Weights:
    """Spatial weights of n units.

    Attributes:
        matrix: n × n, sparse by rows, without a diagonal.
    """

    matrix: Any

    @property
    def n(self) -> int:
        """The number of units."""
        return int(self.matrix.shape[0])

    @property
    def cardinalities(self) -> Ints:
        """The number of neighbours of each unit."""
        return np.asarray(np.diff(self.matrix.indptr), dtype=np.intp)

    @property
    def islands(self) -> Flags:
        """Which units have no neighbour."""
        return np.asarray(self.cardinalities == 0)

    def row_standardised(self) -> Weights:
        """The same neighbours with weights that sum to 1 in each row; islands keep none."""
        sums = np.asarray(self.matrix.sum(axis=1)).ravel()
        scale = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)
        return Weights(sparse.csr_array(sparse.diags_array(scale) @ self.matrix))

    def with_self(self) -> Any:
        """The matrix with 1 on its diagonal: each unit in its own neighbourhood."""
        return sparse.csr_array(self.matrix + sparse.eye_array(self.n, format="csr"))


def from_pairs(n: int, i: Ints, j: Ints) -> Weights:
    """Binary weights of ordered pairs: j is i's neighbour. Pairs may repeat; i = j is left out."""
    other = i != j
    ones = np.ones(int(other.sum()))
    matrix = sparse.csr_array((ones, (i[other], j[other])), shape=(n, n))
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    matrix.sort_indices()
    return Weights(matrix)


def contiguity(
    polygons: Sequence[BaseGeometry],
    kind: Literal["queen", "rook"] = "queen",
    tolerance_m: float = 0.0,
) -> Weights:
    """Binary weights of polygons that touch.

    Args:
        polygons: n areas, in metres.
        kind: `queen`, a common point is enough; `rook`, a common line is needed.
        tolerance_m: gaps and overlaps up to this width count as touching, for boundaries that were
            not drawn with common vertices. With `rook` the common line must then be longer than
            twice the tolerance.

    Raises:
        BadInput: the tolerance is negative.
    """
    within(tolerance_m, 0, np.inf, "The tolerance", "Dung sai")
    shapes = np.asarray(polygons, dtype=object)
    tree = shapely.STRtree(shapes)
    if tolerance_m:
        i, j = tree.query(shapes, predicate="dwithin", distance=tolerance_m)
    else:
        i, j = tree.query(shapes, predicate="intersects")
    once = i < j
    i, j = i[once], j[once]
    if kind == "rook":
        line = _shares_line(shapes, i, j, tolerance_m)
        i, j = i[line], j[line]
    return from_pairs(len(shapes), np.concatenate((i, j)), np.concatenate((j, i)))


def _shares_line(shapes: Any, i: Ints, j: Ints, tolerance_m: float) -> Flags:
    boundaries = shapely.boundary(shapes)
    if not tolerance_m:
        common = shapely.intersection(shapes[i], shapes[j])
        # overlapping areas share more than a line
        return np.asarray((shapely.length(common) > 0) | (shapely.area(common) > 0))
    wide = shapely.buffer(shapes[j], tolerance_m)
    length = shapely.length(shapely.intersection(boundaries[i], wide))
    return np.asarray(length > 4 * tolerance_m)


def on_outline(
    polygons: Sequence[BaseGeometry], outline: BaseGeometry, tolerance_m: float = 0.0
) -> Flags:
    """Which polygons lie at the edge of the area, where neighbours are missing from the data."""
    edge = shapely.boundary(outline)
    shapely.prepare(edge)
    return np.asarray(shapely.dwithin(np.asarray(polygons, dtype=object), edge, tolerance_m))


def distance_band(xy: ArrayLike, radius_m: float) -> Weights:
    """Binary weights of the units at most so far from each other.

    Args:
        xy: n × 2, metres.
        radius_m: the distance, which is itself within the band.

    Raises:
        BadInput: the radius is not above 0, or gives more than `MAX_PAIRS` pairs.
    """
    where = points(xy)
    positive(radius_m, "The radius", "Bán kính")
    tree = cKDTree(where)
    check_pairs(tree, radius_m)
    pairs = tree.query_pairs(radius_m, output_type="ndarray")
    i, j = pairs[:, 0], pairs[:, 1]
    return from_pairs(len(where), np.concatenate((i, j)), np.concatenate((j, i)))


def check_pairs(tree: Any, radius_m: float) -> int:
    """The number of ordered pairs within a radius, each point with itself among them.

    Raises:
        BadInput: there are more than `MAX_PAIRS`.
    """
    found = int(tree.count_neighbors(tree, radius_m))
    if found > MAX_PAIRS:
        raise BadInput(
            f"A radius of {radius_m:g} m gives {found:,} pairs of neighbours; at most "
            f"{MAX_PAIRS:,} can be held. Take a smaller radius.",
            f"Bán kính {radius_m:g} m cho {found:,} cặp láng giềng; tối đa là {MAX_PAIRS:,}. "
            "Hãy chọn bán kính nhỏ hơn.",
        )
    return found


def nearest(xy: ArrayLike, k: int) -> Weights:
    """Binary weights of the k nearest other units; not symmetric.

    Args:
        xy: n × 2, metres. Of units equally far, which are taken is not defined.
        k: 1 to n − 1.

    Raises:
        BadInput: k is out of range.
    """
    where = points(xy)
    n = len(where)
    within(k, 1, n - 1, "The number of neighbours", "Số láng giềng")
    _, found = cKDTree(where).query(where, k + 1)
    itself = found == np.arange(n)[:, None]
    # among points that coincide with more than k others, a point may miss itself
    itself[~itself.any(axis=1), k] = True
    return from_pairs(n, np.repeat(np.arange(n), k), found[~itself])


def nearest_distances(xy: ArrayLike, k: int) -> Floats:
    """The distance of each unit to its k-th nearest other unit, in metres.

    Raises:
        BadInput: k is out of range.
    """
    where = points(xy)
    within(k, 1, len(where) - 1, "The number of neighbours", "Số láng giềng")
    distance, _ = cKDTree(where).query(where, [k + 1])
    return np.asarray(distance[:, 0], dtype=np.float64)
