"""Spatial functions of CQL2, and distance in metres.

The functions are PostGIS's own, which use a GiST index on the column. Rows whose geometry is not
valid make GEOS fail, so where that is possible they are tested for it and match nothing.
"""

from __future__ import annotations

import math
from typing import Any

from spatial.cql2.errors import BadFilter, shown
from spatial.cql2.geometry import Shape, geometry_literal, is_geometry
from spatial.cql2.types import Context, Queryable, arguments, type_name
from spatial.crs import CRS84
from spatial.shapes import Box, bind_box, bind_shape
from spatial.sql import Sql, bind, join, raw, sql

_FUNCTIONS = {
    "s_intersects": "ST_Intersects",
    "s_equals": "ST_Equals",
    "s_disjoint": "ST_Disjoint",
    "s_touches": "ST_Touches",
    "s_within": "ST_Within",
    "s_overlaps": "ST_Overlaps",
    "s_crosses": "ST_Crosses",
    "s_contains": "ST_Contains",
}
OPERATORS = frozenset(_FUNCTIONS)
DISTANCES = frozenset({"s_dwithin", "s_beyond"})

_FARTHEST = 20_100_000.0
"""Metres: no two places on Earth are farther apart."""

_METRES_PER_DEGREE = 110_500.0
"""Less than the shortest degree of a meridian, so that a box made with it is never too small."""

_WIDEST = 179.0
"""Degrees: geography refuses an edge that is half way around the globe."""


def spatial_relation(op: str, args: Any, context: Context) -> Sql:
    """A spatial function of two geometries.

    Raises:
        BadFilter: an argument is no geometry, or a literal is not valid.
    """
    left, right = _shapes(op, args, context)
    function = _FUNCTIONS[op]
    if len(left) == 1 and len(right) == 1:
        return _guarded(function, left[0], right[0])
    if op == "s_intersects":
        pairs = [_guarded(function, one, other) for one in left for other in right]
        return sql("({})", join(" OR ", pairs))
    return _guarded(function, _collected(left), _collected(right))


def distance(op: str, args: Any, context: Context) -> Sql:
    """`S_DWITHIN(a, b, metres)` and `S_BEYOND(a, b, metres)`, on the ellipsoid.

    Raises:
        BadFilter: as `spatial_relation`; or the distance is not a number of metres from 0 up.
    """
    first, second, metres = arguments(op.upper(), args, 3)
    if isinstance(metres, bool) or not isinstance(metres, int | float) or not metres >= 0:
        raise BadFilter(
            f"{op.upper()} needs a distance in metres, 0 or more, not {shown(metres)}.",
            f"{op.upper()} cần khoảng cách bằng mét, từ 0 trở lên, không phải {shown(metres)}.",
        )
    metres = min(float(metres), _FARTHEST)
    left, right = _shapes(op, [first, second], context, CRS84.srid)
    for one in (*left, *right):
        _check_width(one, op)
    pairs = [_near(one, other, metres) for one in left for other in right]
    near = pairs[0] if len(pairs) == 1 else sql("({})", join(" OR ", pairs))
    if op == "s_beyond":
        return sql("(NOT {})", near)
    boxes = _boxes(left, right, metres)
    return sql("({} AND {})", boxes, near) if boxes else near


def _shapes(
    op: str, args: Any, context: Context, srid: int | None = None
) -> tuple[tuple[Shape, ...], tuple[Shape, ...]]:
    """Both arguments in one SRID: that of the first column, unless another is asked for."""
    nodes = arguments(op.upper(), args, 2)
    columns = [_column(node, op, context) for node in nodes]
    if srid is None:
        srid = next((column.srid for column in columns if column), CRS84.srid)
    left, right = (
        (Shape(_in_srid(column, srid), column),)
        if column
        else geometry_literal(node, context.filter_crs, srid)
        for node, column in zip(nodes, columns, strict=True)
    )
    return left, right


def _column(node: Any, op: str, context: Context) -> Queryable | None:
    if is_geometry(node):
        return None
    if isinstance(node, dict) and "property" in node:
        queryable = context.queryable(node["property"])
        if queryable.type == "geometry":
            return queryable
        name = queryable.name
        raise BadFilter(
            f"{op.upper()} works on geometries, and {name} is {type_name(queryable.type)}.",
            f"{op.upper()} chỉ dùng cho hình học, còn {name} là {type_name(queryable.type, 'vi')}.",
        )
    raise BadFilter(
        f"{op.upper()} works on geometries, not on {shown(node)}.",
        f"{op.upper()} chỉ dùng cho hình học, không dùng cho {shown(node)}.",
    )


def _in_srid(column: Queryable, srid: int) -> Sql:
    if column.srid == srid:
        return column.sql
    return sql("ST_Transform({}, {})", column.sql, raw(str(srid)))


def _collected(shapes: tuple[Shape, ...]) -> Shape:
    if len(shapes) == 1:
        return shapes[0]
    return Shape(sql("ST_Collect({})", join(", ", [one.sql for one in shapes])))


def _guarded(function: str, left: Shape, right: Shape) -> Sql:
    test = sql(f"{function}({{}}, {{}})", left.sql, right.sql)
    if function == "ST_Intersects" and (left.is_rectangle or right.is_rectangle):
        return test
    checks = [
        sql("ST_IsValid({})", one.sql)
        for one in (left, right)
        if one.column and not _always_valid(one.column)
    ]
    if not checks:
        return test
    guarded = sql("CASE WHEN {} THEN {} END", join(" AND ", checks), test)
    if function == "ST_Disjoint":
        return sql("({})", guarded)
    return sql("({} && {} AND {})", left.sql, right.sql, guarded)


def _always_valid(column: Queryable) -> bool:
    return column.valid or column.geometry_type in ("Point", "MultiPoint")


def _near(left: Shape, right: Shape, metres: float) -> Sql:
    sides = [
        bind_shape(one.literal, CRS84.srid, "geography")
        if one.literal is not None
        else sql("{}::geography", one.sql)
        for one in (left, right)
    ]
    test = sql("ST_DWithin({}, {}, {})", *sides, bind(metres, "float8"))
    checks = [
        sql(
            "ST_XMax({}) - ST_XMin({}) < 179 AND ST_YMax({}) - ST_YMin({}) < 179",
            *(one.sql,) * 4,
        )
        for one in (left, right)
        if one.column and one.column.geometry_type != "Point"
    ]
    return sql("CASE WHEN {} THEN {} END", join(" AND ", checks), test) if checks else test


def _check_width(one: Shape, op: str) -> None:
    if one.literal is None:
        return
    min_x, min_y, max_x, max_y = one.literal.bounds
    if max(max_x - min_x, max_y - min_y) >= _WIDEST:
        raise BadFilter(
            f"The geometry of {op.upper()} spans more than {_WIDEST:g} degrees.",
            f"Hình của {op.upper()} trải rộng quá {_WIDEST:g} độ.",
        )


def _boxes(left: tuple[Shape, ...], right: tuple[Shape, ...], metres: float) -> Sql | None:
    """A wider test by boxes in degrees that an index on the column answers."""
    columns = left if left[0].column else right
    literals = right if left[0].column else left
    column = columns[0].column
    if column is None or column.srid != CRS84.srid or literals[0].column:
        return None
    tests = []
    for one in literals:
        box = _around(one, metres)
        if box is None:
            return None
        tests.append(sql("{} && {}", column.sql, bind_box(box, CRS84.srid)))
    return tests[0] if len(tests) == 1 else sql("({})", join(" OR ", tests))


def _around(one: Shape, metres: float) -> Box | None:
    """Degrees that hold all that is near a literal; None near a pole or the antimeridian."""
    if one.literal is None:
        return None
    west, south, east, north = one.literal.bounds
    # great-circle edges bulge polewards of the straight edges in degrees
    bulge = (east - west) ** 2 / 400
    reach = metres / _METRES_PER_DEGREE + 0.001 + bulge
    farthest = max(abs(south), abs(north)) + reach
    if farthest >= 89:
        return None
    across = reach / math.cos(math.radians(farthest)) * 1.01
    box = (west - across, south - reach, east + across, north + reach)
    return box if box[0] > -180 and box[2] < 180 else None
