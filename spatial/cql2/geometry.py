"""Geometry literals of a filter: checked GeoJSON or a bbox, to a constant PostGIS geometry.

Coordinates come in the filter CRS's axis order (OGC API Features part 3, /req/filter/filter-crs).
Everything is checked here, so that PostGIS never meets a shape it refuses; heights are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import shape as to_shape
from shapely.geometry.base import BaseGeometry

from spatial.bbox import BadBbox, Bbox, make_bbox
from spatial.cql2.errors import BadFilter, shown
from spatial.cql2.types import Queryable
from spatial.crs import Crs
from spatial.shapes import bind_shape, box_shape, is_finite, reproject
from spatial.sql import Sql

_NESTING = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""How many lists hold the positions of each type."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry in a filter.

    Attributes:
        sql: the geometry in PostGIS.
        column: the queryable it is, if it is not a literal.
        literal: the literal, in the SRID it was asked in.
    """

    sql: Sql
    column: Queryable | None = None
    literal: BaseGeometry | None = None

    @property
    def is_rectangle(self) -> bool:
        """Whether it is a rectangle along the axes, against which GEOS tests even invalid rows."""
        shape = self.literal
        if not isinstance(shape, shapely.Polygon) or shapely.get_num_coordinates(shape) != 5:
            return False
        return bool(shape.equals(shapely.box(*shape.bounds)))


def is_geometry(node: Any) -> bool:
    """Whether a piece of CQL2 JSON is a geometry literal."""
    return isinstance(node, dict) and ("bbox" in node or "coordinates" in node or "type" in node)


def geometry_literal(node: dict[str, Any], crs: Crs, srid: int) -> tuple[Shape, ...]:
    """The geometry, in `srid`; a bbox across the antimeridian is two of them.

    Raises:
        BadFilter: it is no GeoJSON geometry or bbox, is not valid, or lies where the CRS has no
            meaning.
    """
    if "bbox" in node and "type" not in node:
        shapes = [box_shape(box) for box in _bbox(node["bbox"], crs).boxes]
    else:
        shapes = [_geojson(node, crs)]
    for one in shapes:
        _check_domain(one, crs)
        if not one.is_valid:
            reason = shapely.is_valid_reason(one)
            raise BadFilter(
                f"The filter's {one.geom_type} is not valid: {shown(reason)}.",
                f"Hình {one.geom_type} trong bộ lọc không hợp lệ: {shown(reason)}.",
            )
    moved = [reproject(one, crs, srid) for one in shapes]
    return tuple(Shape(bind_shape(one, srid), None, one) for one in moved)


def _bbox(numbers: Any, crs: Crs) -> Bbox:
    if not isinstance(numbers, list) or not all(is_finite(number) for number in numbers):
        raise BadFilter(
            "A bbox has four numbers, or six with heights.",
            "bbox gồm bốn số, hoặc sáu số nếu có độ cao.",
        )
    try:
        return make_bbox([float(number) for number in numbers], crs)
    except BadBbox as error:
        raise BadFilter(error.en, error.vi) from None


def _geojson(node: Any, crs: Crs) -> BaseGeometry:
    kind = node.get("type") if isinstance(node, dict) else None
    if kind == "GeometryCollection":
        members = node.get("geometries")
        if not isinstance(members, list) or not members:
            raise _bad_shape(kind)
        return shapely.GeometryCollection([_simple(member, crs) for member in members])
    return _simple(node, crs)


def _simple(node: Any, crs: Crs) -> BaseGeometry:
    kind = node.get("type") if isinstance(node, dict) else None
    if not isinstance(kind, str) or kind not in _NESTING:
        raise BadFilter(
            f"'{shown(kind)}' is no geometry type; there are {', '.join(_NESTING)} and "
            "GeometryCollection.",
            f"'{shown(kind)}' không phải là kiểu hình học; các kiểu là {', '.join(_NESTING)} và "
            "GeometryCollection.",
        )
    positions = _positions(node.get("coordinates"), _NESTING[kind], kind, crs)
    _check_parts(kind, positions)
    try:
        return to_shape({"type": kind, "coordinates": positions})
    except (ValueError, shapely.errors.ShapelyError):
        raise _bad_shape(kind) from None


def _positions(value: Any, nesting: int, kind: str, crs: Crs) -> Any:
    """Nested lists of positions as x, y; every list holds at least one member."""
    if not isinstance(value, list) or not value:
        raise _bad_shape(kind)
    if nesting:
        return [_positions(member, nesting - 1, kind, crs) for member in value]
    if len(value) not in (2, 3, 4) or not all(is_finite(number) for number in value):
        raise BadFilter(
            f"A position has two or three numbers, not {shown(value)}.",
            f"Một vị trí gồm hai hoặc ba số, không phải {shown(value)}.",
        )
    return crs.east_north(float(value[0]), float(value[1]))


def _check_parts(kind: str, positions: Any) -> None:
    if kind in ("LineString", "MultiLineString"):
        lines = [positions] if kind == "LineString" else positions
        if any(len(set(line)) < 2 for line in lines):
            raise BadFilter(
                f"A line of the filter's {kind} needs two different positions.",
                f"Mỗi đường của {kind} trong bộ lọc cần ít nhất hai vị trí khác nhau.",
            )
    if kind in ("Polygon", "MultiPolygon"):
        polygons = [positions] if kind == "Polygon" else positions
        for ring in (ring for polygon in polygons for ring in polygon):
            if len(ring) < 4 or ring[0] != ring[-1]:
                raise BadFilter(
                    f"A ring of the filter's {kind} needs at least four positions, "
                    "the last equal to the first.",
                    f"Mỗi vòng của {kind} trong bộ lọc cần ít nhất bốn vị trí, "
                    "vị trí cuối trùng vị trí đầu.",
                )


def _check_domain(one: BaseGeometry, crs: Crs) -> None:
    min_x, min_y, max_x, max_y = one.bounds
    for x, y in ((min_x, min_y), (max_x, max_y)):
        if not crs.covers(x, y):
            first, second = crs.east_north(x, y)  # back to the order the client wrote
            raise BadFilter(
                f"The position {first:.10g}, {second:.10g} lies outside the area of {crs.name}.",
                f"Vị trí {first:.10g}, {second:.10g} nằm ngoài phạm vi của hệ toạ độ {crs.name}.",
            )


def _bad_shape(kind: str) -> BadFilter:
    return BadFilter(
        f"The coordinates of the filter's {kind} do not form one.",
        f"Toạ độ của {kind} trong bộ lọc không tạo thành hình.",
    )
