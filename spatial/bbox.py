"""The `bbox` parameter: a box in some CRS, and the rows whose geometry it touches.

OGC API Features part 1, /req/core/fc-bbox-definition; part 2, /req/crs/fc-bbox-crs-definition.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from spatial.crs import CRS84, Crs
from spatial.errors import BadInput, shown
from spatial.shapes import Box, bind_box, bind_shape, box_shape, reproject, reproject_box
from spatial.sql import Sql, bind, join, raw, sql

WEB_MERCATOR = 3857

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class BadBbox(BadInput):
    """The text is not a box in its CRS."""


@dataclass(frozen=True, slots=True)
class Bbox:
    """A box in a CRS, x east and y north whatever the CRS's axis order. Heights are kept, not used.

    `min_x` > `max_x` only in a geographic CRS: the box crosses the antimeridian.
    """

    crs: Crs
    min_x: float
    min_y: float
    max_x: float
    max_y: float
    min_z: float | None = None
    max_z: float | None = None

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The box, or the two boxes on either side of the antimeridian."""
        if self.min_x <= self.max_x:
            return ((self.min_x, self.min_y, self.max_x, self.max_y),)
        return (
            (self.min_x, self.min_y, 180.0, self.max_y),
            (-180.0, self.min_y, self.max_x, self.max_y),
        )

    def sql(
        self,
        geometry: Sql,
        storage_srid: int = 4326,
        *,
        points: bool = False,
        indexed: bool = True,
    ) -> Sql:
        """The condition that a geometry column touches the box, its edges included.

        The box is transformed, never the rows, so that the column's GiST index is used.

        Args:
            geometry: the column, in `storage_srid`.
            points: every row of the column is a single point (or null), which has a faster test.
            indexed: whether the column's index may find the rows; else the test stands alone.
        """
        tests = [
            _touches(geometry, box, self.crs, storage_srid, points, indexed)
            for box in self.boxes
            if overlaps(box, self.crs.domain)
        ]
        if not tests:
            return raw("FALSE")
        return tests[0] if len(tests) == 1 else sql("({})", join(" OR ", tests))


def parse_bbox(text: str, crs: Crs = CRS84) -> Bbox:
    """The box of a `bbox` parameter: four or six numbers, in the CRS's axis order.

    Raises:
        BadBbox: not four or six finite numbers, a minimum above its maximum, or degrees that are
            not on the globe.
    """
    numbers = [_number(part.strip(), text) for part in text.split(",")]
    return make_bbox(numbers, crs)


def make_bbox(numbers: list[float], crs: Crs) -> Bbox:
    """The box of four or six numbers in the CRS's axis order.

    Raises:
        BadBbox: see `parse_bbox`.
    """
    given = ",".join(format(number, "g") for number in numbers[:8])
    if len(numbers) not in (4, 6):
        raise BadBbox(
            f"A bbox has four numbers (or six, with heights), and this one has {len(numbers)}: "
            f"'{shown(given)}'.",
            f"bbox gồm bốn số (hoặc sáu số nếu có độ cao), nhưng ở đây có {len(numbers)} số: "
            f"'{shown(given)}'.",
        )
    half = len(numbers) // 2
    low, high = numbers[:half], numbers[half:]
    min_x, min_y = crs.east_north(low[0], low[1])
    max_x, max_y = crs.east_north(high[0], high[1])
    bbox = Bbox(crs, min_x, min_y, max_x, max_y, *((low[2], high[2]) if half == 3 else ()))
    _check(bbox, given)
    return bbox


def overlaps(box: Box, other: Box) -> bool:
    """Whether two boxes of one CRS share at least a point."""
    return box[0] <= other[2] and other[0] <= box[2] and box[1] <= other[3] and other[1] <= box[3]


def _touches(
    geometry: Sql, box: Box, crs: Crs, srid: int, points: bool, indexed: bool = True
) -> Sql:
    if crs.srid != srid:
        box = _cut(box, crs.domain)
        if crs.srid != WEB_MERCATOR:
            return _meets(geometry, reproject(box_shape(box), crs, srid), srid, points)
        box = reproject_box(box, crs, srid)  # its grid lines are meridians and parallels
    if points:
        return _holds(geometry, box, srid, indexed)
    if box[0] < box[2] and box[1] < box[3]:
        return sql("ST_Intersects({}, {})", geometry, bind_box(box, srid))
    return _meets(geometry, box_shape(box), srid, points)


def _holds(geometry: Sql, box: Box, srid: int, indexed: bool) -> Sql:
    """A point column in a rectangle."""
    min_x, min_y, max_x, max_y = (bind(number, "float8") for number in box)
    # The planner takes a CASE to keep half the rows; it would take two BETWEENs to keep none
    inside = sql(
        "CASE WHEN ST_X({}) BETWEEN {} AND {} THEN ST_Y({}) BETWEEN {} AND {} ELSE FALSE END",
        *(geometry, min_x, max_x),
        *(geometry, min_y, max_y),
    )
    # && alone compares boxes rounded to float4, so it also finds points a metre outside.
    return sql("({} && {} AND {})", geometry, bind_box(box, srid), inside) if indexed else inside


def _meets(geometry: Sql, shape: BaseGeometry, srid: int, points: bool) -> Sql:
    """A column that meets a shape which may not be a rectangle."""
    bound = bind_shape(shape, srid)
    if points:
        return sql("ST_Intersects({}, {})", geometry, bound)
    # GEOS tests an invalid row against rectangles only: else its box decides
    return sql(
        "({} && {} AND CASE WHEN ST_IsValid({}) THEN ST_Intersects({}, {}) ELSE TRUE END)",
        *(geometry, bound, geometry, geometry, bound),
    )


def _cut(box: Box, domain: Box) -> Box:
    """The part of a box where its CRS can be transformed; the two overlap."""
    return (
        max(box[0], domain[0]),
        max(box[1], domain[1]),
        min(box[2], domain[2]),
        min(box[3], domain[3]),
    )


def _number(part: str, text: str) -> float:
    number = float(part) if _NUMBER.fullmatch(part) else math.nan
    if not math.isfinite(number):
        raise BadBbox(
            f"'{shown(part)}' is not a number, in bbox '{shown(text)}'.",
            f"'{shown(part)}' không phải là số, trong bbox '{shown(text)}'.",
        )
    return number


def _check(bbox: Bbox, given: str) -> None:
    crs = bbox.crs
    if crs.geographic:
        for longitude in (bbox.min_x, bbox.max_x):
            if not -180 <= longitude <= 180:
                raise BadBbox(
                    f"Longitude {longitude:g} is not between -180 and 180, in bbox '{given}'.",
                    f"Kinh độ {longitude:g} không nằm trong khoảng -180 đến 180, "
                    f"trong bbox '{given}'.",
                )
        for latitude in (bbox.min_y, bbox.max_y):
            if not -90 <= latitude <= 90:
                raise BadBbox(
                    f"Latitude {latitude:g} is not between -90 and 90, in bbox '{given}'.",
                    f"Vĩ độ {latitude:g} không nằm trong khoảng -90 đến 90, trong bbox '{given}'.",
                )
    pairs = [(bbox.min_y, bbox.max_y, "y")]
    if not crs.geographic:
        pairs.append((bbox.min_x, bbox.max_x, "x"))
    if bbox.min_z is not None and bbox.max_z is not None:
        pairs.append((bbox.min_z, bbox.max_z, "z"))
    for low, high, axis in pairs:
        if low > high:
            raise BadBbox(
                f"The lower {axis} {low:g} is above the upper {axis} {high:g}, in bbox '{given}'.",
                f"Cận dưới {axis} {low:g} lớn hơn cận trên {axis} {high:g}, trong bbox '{given}'.",
            )
