"""Surfaces through measured values: inverse distances, or planes over triangles.

Shepard (1968), "A two-dimensional interpolation function for irregularly-spaced data", for the
first; the second is linear on Delaunay's triangulation.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import QhullError, cKDTree

from spatial.errors import BadInput
from spatial.stats.inputs import Flags, Floats, numbers, points
from spatial.stats.kernel import Raster

Method = Literal["idw", "linear"]
_CHUNK = 200_000
"""Cells whose neighbours are held at a time."""


def interpolate(
    xy: ArrayLike,
    values: ArrayLike,
    raster: Raster,
    mask: Flags,
    method: Method = "idw",
    power: float = 2.0,
    neighbours: int = 12,
) -> Floats:
    """The value at the centre of each cell, rows × columns; NaN where there is none.

    Args:
        xy: n × 2, metres; values at one place are averaged.
        mask: the cells that are wanted.
        method: `idw` reaches everywhere; `linear` only between the points.
        power: of the inverse distance.
        neighbours: that count for a cell.

    Raises:
        BadInput: there are too few places.
    """
    where, known = _merged(points(xy), numbers(values, len(points(xy))))
    least = 3 if method == "linear" else 1
    if len(where) < least:
        raise BadInput(
            f"{len(where)} places have a value; at least {least} are needed",
            f"chỉ {len(where)} vị trí có giá trị; cần ít nhất {least}",
        )
    x, y = raster.centres()
    rows, cols = np.nonzero(mask)
    centres = np.column_stack((x[cols], y[rows]))
    found = np.full(mask.shape, np.nan)
    if method == "linear":
        try:
            # Near zero, where the triangulation is exact to the millimetre.
            middle = where.mean(axis=0)
            found[rows, cols] = LinearNDInterpolator(where - middle, known)(centres - middle)
        except QhullError:
            raise BadInput(
                "all places lie on one line; take method idw",
                "mọi vị trí nằm trên một đường thẳng; hãy chọn method idw",
            ) from None
        return found
    tree = cKDTree(where)
    k = min(neighbours, len(where))
    for start in range(0, len(centres), _CHUNK):
        part = slice(start, start + _CHUNK)
        away, index = tree.query(centres[part], k=range(1, k + 1))
        # A cell's centre on a place has its value: the others weigh nothing beside it.
        weights = 1.0 / np.maximum(away, 1e-6) ** power
        mixed = (weights * known[index]).sum(axis=1) / weights.sum(axis=1)
        found[rows[part], cols[part]] = mixed
    return found


def _merged(where: Floats, known: Floats) -> tuple[Floats, Floats]:
    places, index = np.unique(where, axis=0, return_inverse=True)
    index = index.ravel()
    sums = np.bincount(index, known, minlength=len(places))
    return places, sums / np.bincount(index, minlength=len(places))
