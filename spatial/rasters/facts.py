"""What is known of a raster without opening its file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from spatial.crs import Crs, crs_from_srid
from spatial.shapes import Box, reproject_box
from spatial.tiles import MERCATOR_EXTENT

MOST_ZOOM = 18


@dataclass(frozen=True, slots=True)
class Facts:
    """The form of a raster of one band, rows from the north, and its statistics.

    Attributes:
        srid: the EPSG code of its CRS.
        bounds: the outer edges in that CRS, x east.
        dtype: NumPy's name of the type of its values.
        nodata: the value that stands for none; None: NaN does.
        valid: pixels with a value.
        low, high: the 2nd and 98th percentile, between which colours are spread.
    """

    srid: int
    bounds: Box
    width: int
    height: int
    dtype: str
    nodata: int | None
    valid: int
    minimum: float
    maximum: float
    mean: float
    std: float
    low: float
    high: float

    @property
    def crs(self) -> Crs:
        """The CRS."""
        return crs_from_srid(self.srid)

    @property
    def pixel(self) -> tuple[float, float]:
        """The width and height of a pixel in units of the CRS."""
        west, south, east, north = self.bounds
        return (east - west) / self.width, (north - south) / self.height

    @property
    def degrees(self) -> Box:
        """The box around the raster in degrees (CRS84)."""
        west, south, east, north = reproject_box(self.bounds, self.crs, 4326)
        return (round(west, 7), round(south, 7), round(east, 7), round(north, 7))

    @property
    def max_zoom(self) -> int:
        """The zoom of Web Mercator tiles at which a pixel of a tile is one of the raster's."""
        south, north = (min(max(y, -85.0), 85.0) for y in (self.degrees[1], self.degrees[3]))
        west, _, east, _ = self.degrees
        across = (east - west) / 360 * 2 * MERCATOR_EXTENT / self.width
        up = (_mercator(north) - _mercator(south)) / self.height
        finest = min(across, up)
        if not finest > 0:
            return MOST_ZOOM
        zoom = math.log2(2 * MERCATOR_EXTENT / 256 / finest)
        return min(max(math.ceil(zoom - 0.01), 0), MOST_ZOOM)

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON."""
        return {**asdict(self), "bounds": list(self.bounds)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Facts:
        """The facts that `to_json` wrote."""
        west, south, east, north = kept["bounds"]
        return cls(**{**kept, "bounds": (west, south, east, north)})


def _mercator(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(latitude))) * MERCATOR_EXTENT / math.pi
