"""The `bbox` parameter: a box in some CRS, and the rows whose geometry it touches.

OGC API Features part 1, /req/core/fc-bbox-definition; part 2, /req/crs/fc-bbox-crs-definition.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from spatial.crs import CRS84, Crs
from spatial.errors import BadInput, shown
from spatial.sql import Sql, bind, join, raw, sql

Box = tuple[float, float, float, float]
"""min x, min y, max x, max y; x is east."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)

_EDGE_PARTS = 128
"""Into how many parts an edge is cut before it is transformed: a grid line of 100 km then bends by
less than a centimetre between two of its points."""


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

    def sql(self, geometry: Sql, storage_srid: int = 4326, *, points: bool = False) -> Sql:
        """The condition that a geometry column touches the box, its edges included.

        The box is transformed, never the rows, so that the column's GiST index is used.

        Args:
            geometry: the column, in `storage_srid`.
            points: every row of the column is a single point (or null), which has a faster test.
        """
        tests = [
            _touches(geometry, box, self.crs, storage_srid, points)
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


def envelope(box: Box, crs: Crs, storage_srid: int) -> Sql:
    """The box as a geometry of `storage_srid`: a polygon, or a line or point if it has no width.

    A box of a projected CRS is cut to where that CRS has a meaning, and its edges are densified,
    since a straight grid line is a curve in another CRS.
    """
    min_x, min_y, max_x, max_y = box
    if crs.srid != storage_srid:
        low_x, low_y, high_x, high_y = crs.domain
        min_x, max_x = max(min_x, low_x), min(max_x, high_x)
        min_y, max_y = max(min_y, low_y), min(max_y, high_y)
    corners = (bind(min_x, "float8"), bind(min_y, "float8"))
    opposite = (bind(max_x, "float8"), bind(max_y, "float8"))
    srid = raw(str(crs.srid))
    if min_x == max_x and min_y == max_y:
        shape = sql("ST_SetSRID(ST_MakePoint({}, {}), {})", *corners, srid)
    elif min_x == max_x or min_y == max_y:
        shape = sql(
            "ST_SetSRID(ST_MakeLine(ST_MakePoint({}, {}), ST_MakePoint({}, {})), {})",
            *corners,
            *opposite,
            srid,
        )
    else:
        shape = sql("ST_MakeEnvelope({}, {}, {}, {}, {})", *corners, *opposite, srid)
    if crs.srid == storage_srid:
        return shape
    if crs.srid != 3857:  # its grid lines are meridians and parallels
        part = max(max_x - min_x, max_y - min_y) / _EDGE_PARTS
        if part > 0:
            shape = sql("ST_Segmentize({}, {})", shape, bind(part, "float8"))
    return sql("ST_Transform({}, {})", shape, raw(str(storage_srid)))


def overlaps(box: Box, other: Box) -> bool:
    """Whether two boxes of one CRS share at least a point."""
    return box[0] <= other[2] and other[0] <= box[2] and box[1] <= other[3] and other[1] <= box[3]


def _touches(geometry: Sql, box: Box, crs: Crs, storage_srid: int, points: bool) -> Sql:
    shape = envelope(box, crs, storage_srid)
    if points and crs.srid == storage_srid:
        # && alone compares boxes rounded to float4, so it also finds points a metre outside
        return sql(
            "({} && {} AND ST_X({}) BETWEEN {} AND {} AND ST_Y({}) BETWEEN {} AND {})",
            geometry,
            shape,
            geometry,
            bind(box[0], "float8"),
            bind(box[2], "float8"),
            geometry,
            bind(box[1], "float8"),
            bind(box[3], "float8"),
        )
    return sql("ST_Intersects({}, {})", geometry, shape)


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
