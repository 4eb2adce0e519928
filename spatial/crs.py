"""Coordinate reference systems: their names, the order of their axes, how precise to write them.

OGC API Features part 2 names a CRS by its URI; axis order is the authority's (EPSG:4326 is
latitude, longitude) and is read from PROJ's database. PostGIS always works in x (east), y (north).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import pyproj
from pyproj.exceptions import CRSError, ProjError

from spatial.errors import BadInput, shown

CRS84_URI = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG_URI = "http://www.opengis.net/def/crs/EPSG/0/{}"

_CRS84 = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/OGC/(?:1\.3|0)/CRS84"
    r"|urn:ogc:def:crs:OGC:(?:1\.3)?:CRS84|(?:OGC:)?CRS84|\[OGC:CRS84\])",
    re.IGNORECASE | re.ASCII,
)
_EPSG = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/EPSG/[0-9.]{1,10}/(\d{4,6})"
    r"|urn:ogc:def:crs:EPSG:[0-9.]{0,10}:(\d{4,6})|EPSG:(\d{4,6})|\[EPSG:(\d{4,6})\])",
    re.IGNORECASE | re.ASCII,
)

_DOMAIN_MARGIN = 20.0
"""Degrees around a projected CRS's area of use within which its formulas are still sound."""


class UnknownCrs(BadInput):
    """The text names no CRS that this server knows."""

    def __init__(self, value: str) -> None:
        self.value = value
        super().__init__(
            f"'{shown(value)}' is not a coordinate reference system this server knows; "
            f"write it like {CRS84_URI} or {EPSG_URI.format(4326)}.",
            f"'{shown(value)}' không phải là hệ toạ độ mà máy chủ này biết; hãy viết như "
            f"{CRS84_URI} hoặc {EPSG_URI.format(4326)}.",
        )


@dataclass(frozen=True, slots=True)
class Crs:
    """A coordinate reference system.

    Attributes:
        uri: its name in OGC API.
        srid: its number in PostGIS.
        axis: the order in which clients write coordinates: `xy` is east, north; `yx` north, east.
        name: its name in PROJ's database.
        decimals: the digits after the point that are worth writing (about a centimetre).
        geographic: whether its coordinates are degrees.
        domain: (min x, min y, max x, max y) in its own units, x east; outside it transformation
            has no meaning and may fail.
    """

    uri: str
    srid: int
    axis: Literal["xy", "yx"]
    name: str = field(compare=False)
    decimals: int = field(compare=False)
    geographic: bool = field(compare=False)
    domain: tuple[float, float, float, float] = field(compare=False)

    def east_north(self, first: float, second: float) -> tuple[float, float]:
        """A position as clients write it, turned to x, y."""
        return (first, second) if self.axis == "xy" else (second, first)

    def covers(self, x: float, y: float) -> bool:
        """Whether x, y lies where transforming from this CRS has a meaning."""
        min_x, min_y, max_x, max_y = self.domain
        return min_x <= x <= max_x and min_y <= y <= max_y


def crs_from_uri(text: str) -> Crs:
    """The CRS of an OGC URI (http or https), a safe CURIE, a URN, or `EPSG:n`.

    Raises:
        UnknownCrs: the text is none of these, or PROJ has no such two-dimensional CRS.
    """
    text = text.strip()
    if _CRS84.fullmatch(text):
        return CRS84
    match = _EPSG.fullmatch(text)
    if match is None:
        raise UnknownCrs(text)
    srid = int(next(group for group in match.groups() if group))
    try:
        return crs_from_srid(srid)
    except UnknownCrs:
        raise UnknownCrs(text) from None


@lru_cache(maxsize=256)
def crs_from_srid(srid: int) -> Crs:
    """The CRS of an EPSG code.

    Raises:
        UnknownCrs: PROJ has no such code, or it is not a two-dimensional CRS of east and north.
    """
    try:
        definition = pyproj.CRS.from_epsg(srid)
    except CRSError:
        raise UnknownCrs(f"EPSG:{srid}") from None
    directions = tuple(axis.direction for axis in definition.axis_info)
    if directions not in (("east", "north"), ("north", "east")):
        raise UnknownCrs(f"EPSG:{srid}")
    if not (definition.is_geographic or definition.is_projected):
        raise UnknownCrs(f"EPSG:{srid}")
    return Crs(
        uri=EPSG_URI.format(srid),
        srid=srid,
        axis="xy" if directions[0] == "east" else "yx",
        name=definition.name,
        decimals=7 if definition.is_geographic else 2,
        geographic=definition.is_geographic,
        domain=_domain(definition),
    )


def _domain(definition: pyproj.CRS) -> tuple[float, float, float, float]:
    """Where the CRS can be transformed: its area of use and a wide margin, in its own units."""
    world = (-180.0, -90.0, 180.0, 90.0)
    area = definition.area_of_use
    if definition.is_geographic:
        return world
    if area is None or area.west > area.east:
        west, south, east, north = world
    else:
        west, south, east, north = area.bounds
    wide = (
        max(west - _DOMAIN_MARGIN, -180.0),
        max(south - _DOMAIN_MARGIN, -89.0),
        min(east + _DOMAIN_MARGIN, 180.0),
        min(north + _DOMAIN_MARGIN, 89.0),
    )
    transformer = pyproj.Transformer.from_crs(
        definition.geodetic_crs, definition, always_xy=True, allow_ballpark=True
    )
    for bounds in (wide, (west, south, east, north)):
        try:
            box = transformer.transform_bounds(*bounds, densify_pts=21)
        except ProjError:
            continue
        if all(map(math.isfinite, box)) and box[0] < box[2] and box[1] < box[3]:
            return box
    raise UnknownCrs(definition.to_string())


CRS84 = Crs(
    uri=CRS84_URI,
    srid=4326,
    axis="xy",
    name="WGS 84 (CRS84)",
    decimals=7,
    geographic=True,
    domain=(-180.0, -90.0, 180.0, 90.0),
)


def listed_crs(extra_srids: Iterable[int] = ()) -> tuple[Crs, ...]:
    """The CRS that layers are offered in: CRS84, EPSG:4326, EPSG:3857, then the province's own.

    Raises:
        UnknownCrs: one of the province's codes is not in PROJ's database.
    """
    srids = dict.fromkeys((4326, 3857, *extra_srids))
    return (CRS84, *map(crs_from_srid, srids))
