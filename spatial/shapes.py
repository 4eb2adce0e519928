"""Geometries that a client sent, made constants of a statement.

They are transformed and written here, not by functions in the statement: under a generic plan
PostgreSQL would call such functions again for every row.
"""

from __future__ import annotations

import math
import struct
from functools import lru_cache
from typing import Any, Literal

import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.crs import Crs
from spatial.sql import Sql, bind

Box = tuple[float, float, float, float]
"""min x, min y, max x, max y; x is east."""

_EWKB_RECTANGLE = struct.Struct("<BIIII10d")
_POLYGON_WITH_SRID = 0x20000003

_EDGE_PARTS = 128
_ADDED_VERTICES = 5_000
_SHORTEST_PART = {True: 0.01, False: 1_000.0}
"""Degrees (of a geographic CRS) or metres: a grid line so long is straight to a millimetre."""


def bind_shape(
    shape: BaseGeometry, srid: int, type: Literal["geometry", "geography"] = "geometry"
) -> Sql:
    """A geometry, its coordinates already in `srid`, as one bound value; heights are dropped."""
    marked = shapely.set_srid(shape, srid)
    text = shapely.to_wkb(marked, hex=True, output_dimension=2, include_srid=True)
    return bind(text, type)


def bind_box(box: Box, srid: int) -> Sql:
    """A box as one bound polygon; a line or a point if it has no width or height."""
    min_x, min_y, max_x, max_y = box
    if min_x == max_x or min_y == max_y:
        return bind_shape(box_shape(box), srid)
    ring = (min_x, min_y, min_x, max_y, max_x, max_y, max_x, min_y, min_x, min_y)
    return bind(_EWKB_RECTANGLE.pack(1, _POLYGON_WITH_SRID, srid, 1, 5, *ring).hex(), "geometry")


def box_shape(box: Box) -> BaseGeometry:
    """The box as a polygon; a line or a point if it has no width or height."""
    min_x, min_y, max_x, max_y = box
    if min_x == max_x and min_y == max_y:
        return shapely.Point(min_x, min_y)
    if min_x == max_x or min_y == max_y:
        return shapely.LineString([(min_x, min_y), (max_x, max_y)])
    return shapely.box(*box)


def reproject(shape: BaseGeometry, crs: Crs, srid: int) -> BaseGeometry:
    """A geometry of a CRS in another, to within a centimetre along edges up to 100 km.

    Vertices are added first, since a straight edge is a curve in another CRS. All of the geometry
    must lie in the CRS's domain.
    """
    if crs.srid == srid:
        return shape
    move: Any = transformer(crs.srid, srid).transform
    moved = shapely.transform(densified(shape, crs), move, interleaved=False)
    # moving the vertices can close a sliver, and GEOS refuses to test what is not valid
    return moved if moved.is_valid else shapely.make_valid(moved)


def densified(shape: BaseGeometry, crs: Crs) -> BaseGeometry:
    """The geometry with edges cut into parts of a kilometre, or longer where it is large."""
    min_x, min_y, max_x, max_y = shape.bounds
    longest = max(max_x - min_x, max_y - min_y)
    part = max(
        longest / _EDGE_PARTS,
        shapely.length(shape) / _ADDED_VERTICES,
        _SHORTEST_PART[crs.geographic],
    )
    return shapely.segmentize(shape, part) if part < longest else shape


def reproject_box(box: Box, crs: Crs, srid: int) -> Box:
    """The box around a box in another CRS; exactly that box if grid lines stay grid lines."""
    return transformer(crs.srid, srid).transform_bounds(*box, densify_pts=21)


@lru_cache(maxsize=256)
def transformer(source: int, target: int) -> pyproj.Transformer:
    """PROJ's best transformation between two EPSG codes, x east and y north on both sides."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def is_finite(value: object) -> bool:
    """Whether a JSON value is a number that is not infinite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an int that no float can hold
        return False
