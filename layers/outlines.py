"""Geometries that a caller sends as GeoJSON: read, checked, transformed to how they are stored.

RFC 7946, clause 3.1, in any system that the server lists and in its authority's axis order
(OGC API Features part 4, requirement class Features, `Content-Crs`). Heights are dropped; a
coordinate is stored to 7 decimals of a degree, about a centimetre.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.layer import GeometryType, Layer, Text
from layers.places import UNITS
from layers.rows import DEGREE_DECIMALS
from spatial.crs import Crs
from spatial.errors import shown
from spatial.shapes import is_finite, transformer
from spatial.sql import Sql, bind, literal, sql

STORED_SRID = 4326
_POINT = struct.Struct("<BIIdd")
_POINT_WITH_SRID = 0x20000001

Position = tuple[float, float]


class BadShape(ValueError):
    """A geometry breaks a rule.

    Attributes:
        value: the part that breaks it.
        rule: the rule.
    """

    def __init__(self, value: Any, vi: str, en: str) -> None:
        super().__init__(en)
        self.value = value
        self.rule = Text(vi, en)


def read_shape(given: Any, wanted: GeometryType, crs: Crs, vertices: int) -> str:
    """A GeoJSON geometry as hexadecimal EWKB in EPSG:4326, longitude first.

    Args:
        given: the parsed JSON.
        wanted: the layer's type; a single geometry becomes a collection of one where need be.
        crs: the system of the coordinates.
        vertices: positions at most.

    Raises:
        BadShape: it is not of that type, not finite, not closed, not valid, outside of the
            system, or too large.
    """
    kind, coordinates = _parts(given)
    if wanted == f"Multi{kind}":
        kind, coordinates = wanted, [coordinates]
    if kind != wanted and wanted != "Geometry":
        raise BadShape(kind, f"lớp này cần {wanted}", f"the layer holds {wanted}")
    reader = _Reader(crs, vertices)
    shape = _placed(reader.shape(kind, coordinates), crs)
    if kind == "Point":
        packed = _POINT.pack(1, _POINT_WITH_SRID, STORED_SRID, *shape.coords[0])
        return packed.hex()
    reason = shapely.is_valid_reason(shape)
    if reason != "Valid Geometry":
        what, _, place = reason.partition("[")
        place = place.rstrip("]").replace(" ", ", ")
        raise BadShape(
            place or None,
            f"hình học không hợp lệ: {what} tại kinh độ, vĩ độ {place}",
            f"the geometry is not valid: {what} at longitude, latitude {place}",
        )
    marked = shapely.set_srid(shape, STORED_SRID)
    written: str = shapely.to_wkb(marked, hex=True, include_srid=True)
    return written


def _parts(given: Any) -> tuple[str, Any]:
    if not isinstance(given, Mapping) or given.get("type") not in _SHAPES:
        kinds = ", ".join(_SHAPES)
        found = given.get("type") if isinstance(given, Mapping) else given
        raise BadShape(
            shown(found),
            f"phải là hình học GeoJSON: {kinds}",
            f"must be a GeoJSON geometry: {kinds}",
        )
    return given["type"], given.get("coordinates")


class _Reader:
    """Reads coordinates, counting positions."""

    def __init__(self, crs: Crs, vertices: int) -> None:
        self._crs = crs
        self._limit = vertices
        self._count = 0

    def shape(self, kind: str, coordinates: Any) -> BaseGeometry:
        """The geometry in x, y order.

        Raises:
            BadShape: the coordinates are not those of that kind.
        """
        return _SHAPES[kind](self, coordinates)

    def position(self, given: Any) -> Position:
        """One position, x first."""
        self._count += 1
        if self._count > self._limit:
            raise BadShape(
                None,
                f"có hơn {self._limit:,} đỉnh",
                f"has more than {self._limit:,} positions",
            )
        if not isinstance(given, list) or not 2 <= len(given) <= 4:
            raise BadShape(shown(given), "vị trí phải gồm hai số", "a position must be two numbers")
        first, second = given[0], given[1]
        if not is_finite(first) or not is_finite(second):
            raise BadShape(
                shown(given), "tọa độ phải là số hữu hạn", "coordinates must be finite numbers"
            )
        x, y = self._crs.east_north(float(first), float(second))
        if not self._crs.covers(x, y):
            raise BadShape(
                shown(given),
                f"nằm ngoài phạm vi của {self._crs.name}",
                f"lies outside of {self._crs.name}",
            )
        return x, y

    def positions(self, given: Any, least: int) -> list[Position]:
        """A list of positions, so many at least."""
        if not isinstance(given, list) or len(given) < least:
            raise BadShape(
                shown(given),
                f"phải có ít nhất {least} vị trí",
                f"must have {least} positions or more",
            )
        return [self.position(one) for one in given]

    def ring(self, given: Any) -> list[Position]:
        """A closed ring of four positions or more."""
        read = self.positions(given, 4)
        if read[0] != read[-1]:
            raise BadShape(
                shown(given[-1]),
                "vòng chưa khép kín: vị trí cuối phải trùng vị trí đầu",
                "the ring is not closed: its last position must be its first",
            )
        return read

    def polygon(self, given: Any) -> BaseGeometry:
        """An area with its holes."""
        rings = self.many(given, self.ring)
        return shapely.Polygon(rings[0], rings[1:])

    def many(self, given: Any, read: Callable[[Any], Any]) -> list[Any]:
        """A list of parts, one at least."""
        if not isinstance(given, list) or not given:
            raise BadShape(shown(given), "hình học rỗng", "the geometry is empty")
        return [read(one) for one in given]


_SHAPES: dict[str, Callable[[_Reader, Any], BaseGeometry]] = {
    "Point": lambda reader, given: shapely.Point(reader.position(given)),
    "MultiPoint": lambda reader, given: shapely.MultiPoint(reader.positions(given, 1)),
    "LineString": lambda reader, given: shapely.LineString(reader.positions(given, 2)),
    "MultiLineString": lambda reader, given: shapely.MultiLineString(
        reader.many(given, lambda line: reader.positions(line, 2))
    ),
    "Polygon": lambda reader, given: reader.polygon(given),
    "MultiPolygon": lambda reader, given: shapely.MultiPolygon(reader.many(given, reader.polygon)),
}


def _placed(shape: BaseGeometry, crs: Crs) -> BaseGeometry:
    """The geometry in EPSG:4326, vertex by vertex: what is drawn straight stays as it was drawn."""
    move = None if crs.srid == STORED_SRID else transformer(crs.srid, STORED_SRID).transform

    def placed(points: NDArray[np.float64]) -> NDArray[np.float64]:
        if move is not None:
            points = np.column_stack(move(points[:, 0], points[:, 1], errcheck=False))
        return np.round(points, DEGREE_DECIMALS)

    moved: BaseGeometry = shapely.transform(shape, placed)
    west, south, east, north = moved.bounds
    # Compared this way round so that what is not a number is outside as well.
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise BadShape(None, f"nằm ngoài phạm vi của {crs.name}", f"lies outside of {crs.name}")
    return moved


OUTSIDE = Text("nằm ngoài địa bàn tỉnh", "lies outside of the province")


def outside_sql(shapes: list[str], units: str) -> Sql:
    """Rows `ord`: which of the geometries (from 1) no administrative unit covers.

    Where no units are loaded, nothing is outside.

    Args:
        shapes: hexadecimal EWKB in EPSG:4326.
        units: the quoted table of the administrative units.
    """
    return sql(
        "SELECT g.ord FROM unnest({}) WITH ORDINALITY AS g(shape, ord)"
        f" WHERE EXISTS (SELECT FROM {units}) AND NOT EXISTS (SELECT FROM {units} AS u"
        f" WHERE u.level IN ({literal('commune')}, {literal('province')})"
        " AND ST_Covers(u.geom, g.shape::geometry)) ORDER BY g.ord",
        bind(shapes, "text[]"),
    )


def is_bound(layer: Layer) -> bool:
    """Whether the layer's features must lie inside the province, whose outline is a layer too."""
    return not layer.allows_outside and layer.id != UNITS
