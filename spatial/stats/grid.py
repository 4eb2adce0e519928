"""Grids of squares or hexagons over an extent in metres.

A grid is cut from one endless lattice that hangs on the origin of the CRS, so a cell has the same
column and row, and therefore the same id, whatever the extent. Vertices are multiples of two fixed
steps, so neighbours share theirs to the last bit.

Hexagons stand on a point. Odd rows are shifted half a cell to the east; `size_m` is the distance
between the centres of neighbours, which is also a cell's width. Squares have the side `size_m`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from spatial.errors import BadInput
from spatial.stats.inputs import Flags, Floats, Ints, points, positive, within
from spatial.stats.weights import Weights, from_pairs

Kind = Literal["hexagon", "square"]
MAX_CELLS = 1_000_000
MAX_RINGS = 50

_CORNERS: dict[Kind, tuple[tuple[int, int], ...]] = {
    "square": ((0, 0), (2, 0), (2, 2), (0, 2)),
    "hexagon": ((0, -2), (1, -1), (1, 1), (0, 2), (-1, 1), (-1, -1)),
}
"""Corners in steps from a cell's reference point: a square's lower left corner, a hexagon's
centre."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of a lattice, in the order of rows from the south, then columns from the west.

    Attributes:
        size_m: a cell's width.
        col, row: of each cell, counted from the origin of the CRS.
    """

    kind: Kind
    size_m: float
    col: Ints
    row: Ints

    def __len__(self) -> int:
        return len(self.col)

    @property
    def ids(self) -> list[str]:
        """The cells' ids, such as `h500:12:-7`; stable for a kind and size."""
        prefix = f"{self.kind[0]}{self.size_m:.12g}"
        return [f"{prefix}:{col}:{row}" for col, row in zip(self.col, self.row, strict=True)]

    @property
    def area_m2(self) -> float:
        """The area of a cell."""
        return self.size_m**2 * (1.0 if self.kind == "square" else math.sqrt(3) / 2)

    @property
    def _steps(self) -> tuple[float, float]:
        """Half a cell's width, and the vertical step: half a square, or half a hexagon's side."""
        up = self.size_m / 2 if self.kind == "square" else self.size_m / (2 * math.sqrt(3))
        return self.size_m / 2, up

    def _reference(self) -> tuple[Ints, Ints]:
        if self.kind == "square":
            return 2 * self.col, 2 * self.row
        return 2 * self.col + (self.row & 1), 3 * self.row

    def centres(self) -> Floats:
        """The cells' centres, n × 2."""
        across, up = self._steps
        x, y = self._reference()
        shift = 1 if self.kind == "square" else 0
        return np.column_stack(((x + shift) * across, (y + shift) * up))

    def polygons(self) -> Any:
        """The cells as an array of shapely polygons, counter-clockwise."""
        return shapely.polygons(self.rings())

    def rings(self) -> Floats:
        """Corners in metres, n × corners × 2, counter-clockwise; the last is the first again."""
        across, up = self._steps
        x, y = self._reference()
        corners = np.array([*_CORNERS[self.kind], _CORNERS[self.kind][0]])
        return np.stack(
            (
                (x[:, None] + corners[:, 0]) * across,
                (y[:, None] + corners[:, 1]) * up,
            ),
            axis=-1,
        )

    def clipped(self, area: BaseGeometry) -> Grid:
        """The cells that share more than a boundary with the area."""
        shapely.prepare(area)
        polygons = self.polygons()
        inside = np.asarray(shapely.intersects(area, polygons))
        inside &= ~np.asarray(shapely.touches(area, polygons))
        return replace(self, col=self.col[inside], row=self.row[inside])

    def locate(self, xy: ArrayLike) -> Ints:
        """The index of the cell that holds each point; −1 for a point in none."""
        where = points(xy)
        col, row = _cells(self.kind, self.size_m, where)
        return self._index(col, row)

    def count(self, xy: ArrayLike) -> Ints:
        """The number of points in each cell."""
        found = self.locate(xy)
        return np.bincount(found[found >= 0], minlength=len(self)).astype(np.intp)

    def _index(self, col: Ints, row: Ints) -> Ints:
        if not len(self):
            return np.full(len(col), -1, dtype=np.intp)
        west, south = self.col.min(), self.row.min()
        columns = int(self.col.max() - west) + 1
        rows = int(self.row.max() - south) + 1
        table = np.full(columns * rows, -1, dtype=np.intp)
        table[(self.row - south) * columns + (self.col - west)] = np.arange(len(self))
        col, row = col - west, row - south
        known = (col >= 0) & (col < columns) & (row >= 0) & (row < rows)
        return np.where(known, table[np.where(known, row * columns + col, 0)], -1)

    def neighbours(self, rings: int = 1, corners: bool = True) -> Weights:
        """Binary weights of the cells up to `rings` steps away.

        Args:
            rings: 1 gives 6 neighbours of a hexagon, 8 of a square (4 without `corners`).
            corners: for squares, whether a common corner is enough.

        Raises:
            BadInput: rings is not from 1 to `MAX_RINGS`.
        """
        every = np.arange(len(self))
        i, j = [every[:0]], [every[:0]]
        for col, row in self._around(rings, corners):
            found = self._index(col, row)
            i.append(every[found >= 0])
            j.append(found[found >= 0])
        return from_pairs(len(self), np.concatenate(i), np.concatenate(j))

    def edge(self) -> Flags:
        """Which cells lack one of the neighbours that touch them: the grid's edge."""
        lacking = np.zeros(len(self), dtype=np.bool_)
        for col, row in self._around(1, corners=True):
            lacking |= self._index(col, row) < 0
        return lacking

    def _around(self, rings: int, corners: bool) -> list[tuple[Ints, Ints]]:
        """For each offset within the rings, the columns and rows that all cells have there."""
        within(rings, 1, MAX_RINGS, "The number of rings", "Số vòng láng giềng")
        steps = range(-rings, rings + 1)
        found = []
        for up in steps:
            for across in steps:
                if (across, up) == (0, 0):
                    continue
                if self.kind == "square":
                    if corners or abs(across) + abs(up) <= rings:
                        found.append((self.col + across, self.row + up))
                elif abs(across + up) <= rings:
                    # axial coordinates: q + r/2 is the offset in x
                    row = self.row + up
                    q = self.col - (self.row - (self.row & 1)) // 2 + across
                    found.append((q + (row - (row & 1)) // 2, row))
        return found


def grid_over(kind: Kind, size_m: float, extent: tuple[float, float, float, float]) -> Grid:
    """The cells whose boxes meet an extent; each point of the extent lies in one of them.

    Args:
        size_m: a cell's width in metres.
        extent: min x, min y, max x, max y in metres.

    Raises:
        BadInput: the size is not above 0, the extent is empty or not finite, or there would be more
            than `MAX_CELLS` cells.
    """
    positive(size_m, "The size of a cell", "Kích thước ô")
    corners = points([extent[:2], extent[2:]])
    if (corners[0] > corners[1]).any():
        raise BadInput("The extent is empty.", "Phạm vi rỗng.")
    height = size_m if kind == "square" else size_m * math.sqrt(3) / 2
    span = (corners[1] - corners[0]) / (size_m, height)
    if (span[0] + 3) * (span[1] + 3) > MAX_CELLS:
        raise BadInput(
            f"Cells of {size_m:g} m would be more than {MAX_CELLS:,}; take larger ones.",
            f"Ô {size_m:g} m sẽ cho hơn {MAX_CELLS:,} ô; hãy chọn ô lớn hơn.",
        )
    low, high = np.floor(corners / (size_m, height)).astype(np.intp)
    col, row = np.meshgrid(
        np.arange(low[0] - 1, high[0] + 2), np.arange(low[1] - 1, high[1] + 2), indexing="xy"
    )
    every = Grid(kind, size_m, col.ravel().astype(np.intp), row.ravel().astype(np.intp))
    return _meeting(every, corners)


def _meeting(grid: Grid, corners: Floats) -> Grid:
    across, up = grid._steps
    tall = 2 * up if grid.kind == "hexagon" else up
    centres = grid.centres()
    # a point on a common edge may be rounded into either cell: both are kept
    half = np.array((across, tall)) + 1e-6 * grid.size_m
    meets = ((centres + half >= corners[0]) & (centres - half <= corners[1])).all(axis=1)
    return replace(grid, col=grid.col[meets], row=grid.row[meets])


def _cells(kind: Kind, size_m: float, where: Floats) -> tuple[Ints, Ints]:
    """The column and row of the lattice's cell that holds each point."""
    if kind == "square":
        found = np.floor(where / size_m).astype(np.intp)
        return found[:, 0], found[:, 1]
    # rounding in cube coordinates gives the nearest centre, which is the hexagon's definition
    r = where[:, 1] / (size_m * math.sqrt(3) / 2)
    q = where[:, 0] / size_m - r / 2
    s = -q - r
    near_q, near_r, near_s = np.rint(q), np.rint(r), np.rint(s)
    off_q, off_r, off_s = np.abs(near_q - q), np.abs(near_r - r), np.abs(near_s - s)
    fix_q = (off_q > off_r) & (off_q > off_s)
    fix_r = ~fix_q & (off_r > off_s)
    near_q = np.where(fix_q, -near_r - near_s, near_q)
    near_r = np.where(fix_r, -near_q - near_s, near_r)
    row = near_r.astype(np.intp)
    return near_q.astype(np.intp) + (row - (row & 1)) // 2, row
