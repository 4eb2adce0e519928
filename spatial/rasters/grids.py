"""Grids on which a raster is read: the pixels that an answer has, in any CRS."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pyproj.exceptions import ProjError

from spatial.crs import Crs
from spatial.errors import BadInput
from spatial.rasters.facts import Facts
from spatial.shapes import Box, transformer

_SLACK = 1e-6
"""Part of a pixel that a box may miss an edge of the grid by, from rounding."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Pixels of equal size in rows from the north.

    Attributes:
        srid: the EPSG code of the CRS.
        box: the outer edges in that CRS, x east.
    """

    srid: int
    box: Box
    width: int
    height: int

    @property
    def pixel(self) -> tuple[float, float]:
        """The width and height of a pixel."""
        west, south, east, north = self.box
        return (east - west) / self.width, (north - south) / self.height

    def resized(self, width: int, height: int) -> Grid:
        """The same box with other pixels."""
        return Grid(self.srid, self.box, width, height)


def moved_box(box: Box, source: Crs, target: Crs) -> Box:
    """The box around a box in another CRS.

    Raises:
        BadInput: it reaches where one of the two has no meaning.
    """
    if source.srid == target.srid:
        return box
    cut = shared(box, source.domain)
    found = None if cut is None else _transformed(cut, source, target)
    if found is None and cut is not None:
        # The whole world does not fit into every system: as much of it as does.
        around = _transformed(target.domain, target, source)
        cut = None if around is None else shared(cut, around)
        found = None if cut is None else _transformed(cut, source, target)
    if found is not None:
        return found
    raise BadInput(
        f"the box cannot be transformed from EPSG:{source.srid} to EPSG:{target.srid}",
        f"không chuyển được khung từ EPSG:{source.srid} sang EPSG:{target.srid}",
    )


def _transformed(box: Box, source: Crs, target: Crs) -> Box | None:
    try:
        found = transformer(source.srid, target.srid).transform_bounds(*box, densify_pts=21)
    except ProjError:
        return None
    return found if all(map(math.isfinite, found)) and found[0] < found[2] else None


def shared(box: Box, other: Box) -> Box | None:
    """What two boxes of one CRS share; None if it has no area."""
    west, south = max(box[0], other[0]), max(box[1], other[1])
    east, north = min(box[2], other[2]), min(box[3], other[3])
    return (west, south, east, north) if west < east and south < north else None


def native(facts: Facts, box: Box | None = None) -> Grid | None:
    """The raster's own pixels that a box in its CRS touches; None if there is none."""
    if box is None:
        return Grid(facts.srid, facts.bounds, facts.width, facts.height)
    part = shared(box, facts.bounds)
    if part is None:
        return None
    west, _, _, north = facts.bounds
    across, down = facts.pixel
    first_col = max(math.floor((part[0] - west) / across + _SLACK), 0)
    last_col = min(math.ceil((part[2] - west) / across - _SLACK), facts.width)
    first_row = max(math.floor((north - part[3]) / down + _SLACK), 0)
    last_row = min(math.ceil((north - part[1]) / down - _SLACK), facts.height)
    if first_col >= last_col or first_row >= last_row:
        return None
    edges = (
        west + first_col * across,
        north - last_row * down,
        west + last_col * across,
        north - first_row * down,
    )
    return Grid(facts.srid, edges, last_col - first_col, last_row - first_row)


def projected(facts: Facts, target: Crs, box: Box | None = None) -> Grid | None:
    """Square pixels in another CRS, about as many as the raster has there.

    Args:
        box: in the target's units; None: all of the raster.

    Returns:
        None where the raster is not.

    Raises:
        BadInput: the raster reaches where the CRS has no meaning.
    """
    if target.srid == facts.srid:
        return native(facts, box)
    whole = moved_box(facts.bounds, facts.crs, target)
    part = whole if box is None else shared(box, whole)
    if part is None:
        return None
    side = math.sqrt((whole[2] - whole[0]) * (whole[3] - whole[1]) / (facts.width * facts.height))
    width = max(round((part[2] - part[0]) / side), 1)
    height = max(round((part[3] - part[1]) / side), 1)
    return Grid(target.srid, part, width, height)
