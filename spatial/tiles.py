"""Tile matrix sets: which tiles there are, and where they lie.

OGC Two Dimensional Tile Matrix Set and Tile Set Metadata 2.0 (17-083r4), annex D: WebMercatorQuad
(EPSG:3857) and WorldCRS84Quad (CRS84). Rows count from the top, columns from the left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Bounds = tuple[float, float, float, float]
"""West, south, east, north, in the units of the CRS the text names."""

MERCATOR_EXTENT = math.pi * 6378137.0
"""Half the side of the square that EPSG:3857 tiles cover, in metres."""

MERCATOR_LATITUDE = math.degrees(math.atan(math.sinh(math.pi)))
"""The latitude, in degrees, at which WebMercatorQuad ends: 85.0511…"""

MAX_ZOOM = 24
_PIXEL = 0.00028
_METRES_PER_DEGREE = MERCATOR_EXTENT / 180


class Tile(NamedTuple):
    """One tile: the zoom (tile matrix), the row from the top, the column from the left."""

    z: int
    row: int
    col: int


class Limits(NamedTuple):
    """The rows and columns of one tile matrix that hold data, ends included."""

    z: int
    min_row: int
    max_row: int
    min_col: int
    max_col: int

    def holds(self, tile: Tile) -> bool:
        """Whether the tile is of this matrix and within the limits."""
        return (
            tile.z == self.z
            and self.min_row <= tile.row <= self.max_row
            and self.min_col <= tile.col <= self.max_col
        )

    def document(self) -> dict[str, Any]:
        """The element of `tileMatrixSetLimits` (17-083r4, 8.2)."""
        return {
            "tileMatrix": str(self.z),
            "minTileRow": self.min_row,
            "maxTileRow": self.max_row,
            "minTileCol": self.min_col,
            "maxTileCol": self.max_col,
        }


@dataclass(frozen=True, slots=True)
class TileMatrixSet:
    """A quadtree of tiles over an extent that is symmetric about its CRS's origin.

    Attributes:
        columns: columns of zoom 0 (it has one row).
        half_width, half_height: half the extent, in the units of the CRS.
    """

    id: Literal["WebMercatorQuad", "WorldCRS84Quad"]
    title: str
    crs: str
    srid: int
    axes: tuple[str, str]
    scale_set: str
    columns: int
    half_width: float
    half_height: float
    metres_per_unit: float

    @property
    def uri(self) -> str:
        """The identifier of this set in OGC's register."""
        return f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{self.id}"

    def size(self, z: int) -> tuple[int, int]:
        """The number of columns and rows of a zoom."""
        return self.columns << z, 1 << z

    def holds(self, tile: Tile) -> bool:
        """Whether the tile exists in this set."""
        if not 0 <= tile.z <= MAX_ZOOM:
            return False
        columns, rows = self.size(tile.z)
        return 0 <= tile.col < columns and 0 <= tile.row < rows

    def bounds(self, tile: Tile) -> Bounds:
        """The tile's box in the units of the set's CRS (x first).

        Each edge is one rounding of an exact dyadic fraction of the extent, so neighbours, and
        tiles of different zooms, share their edges to the last bit.

        Raises:
            ValueError: the set has no such tile.
        """
        if not self.holds(tile):
            raise ValueError(f"{self.id} has no tile {tile.z}/{tile.row}/{tile.col}")
        columns, rows = self.size(tile.z)
        return (
            self.half_width * ((2 * tile.col - columns) / columns),
            self.half_height * ((rows - 2 * tile.row - 2) / rows),
            self.half_width * ((2 * tile.col + 2 - columns) / columns),
            self.half_height * ((rows - 2 * tile.row) / rows),
        )

    def position(self, lon: float, lat: float) -> tuple[float, float]:
        """A position's place in the extent: 0 to 1 from the west, 0 to 1 from the north."""
        if self.id == "WorldCRS84Quad":
            return (lon + 180) / 360, (90 - lat) / 180
        if lat >= 90 or lat <= -90:
            return (lon + 180) / 360, -math.inf if lat > 0 else math.inf
        return (lon + 180) / 360, (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2

    def tile_at(self, lon: float, lat: float, z: int) -> Tile:
        """The tile of a zoom that holds a position, clamped to the set's extent."""
        columns, rows = self.size(z)
        across, down = (min(max(part, 0.0), 1.0) for part in self.position(lon, lat))
        return Tile(z, min(int(down * rows), rows - 1), min(int(across * columns), columns - 1))

    def limits(self, bbox: Bounds, z: int) -> Limits:
        """The rows and columns of a zoom that a box touches.

        Args:
            bbox: west, south, east, north in degrees (CRS84); west > east crosses the antimeridian,
                for which every column is given.
        """
        west, south, east, north = bbox
        first, last = self.tile_at(west, north, z), self.tile_at(east, south, z)
        if west > east:
            return Limits(z, first.row, last.row, 0, self.size(z)[0] - 1)
        return Limits(z, first.row, last.row, first.col, last.col)

    def cell_size(self, z: int) -> float:
        """The side of a pixel of a 256-pixel tile, in the units of the CRS."""
        return 2 * self.half_height / (256 << z)

    def scale_denominator(self, z: int) -> float:
        """The scale of a zoom at 0.28 mm a pixel (17-083r4, 6.1.1)."""
        return self.cell_size(z) * self.metres_per_unit / _PIXEL

    def document(self, max_zoom: int = MAX_ZOOM) -> dict[str, Any]:
        """The set in the JSON encoding of 17-083r4 (clause 7 and annex E)."""
        return {
            "id": self.id,
            "title": self.title,
            "uri": self.uri,
            "crs": self.crs,
            "orderedAxes": list(self.axes),
            "wellKnownScaleSet": self.scale_set,
            "tileMatrices": [self._matrix(z) for z in range(max_zoom + 1)],
        }

    def _matrix(self, z: int) -> dict[str, Any]:
        columns, rows = self.size(z)
        return {
            "id": str(z),
            "scaleDenominator": self.scale_denominator(z),
            "cellSize": self.cell_size(z),
            "cornerOfOrigin": "topLeft",
            "pointOfOrigin": [-self.half_width, self.half_height],
            "tileWidth": 256,
            "tileHeight": 256,
            "matrixWidth": columns,
            "matrixHeight": rows,
        }


WEB_MERCATOR_QUAD = TileMatrixSet(
    id="WebMercatorQuad",
    title="Google Maps Compatible for the World",
    crs="http://www.opengis.net/def/crs/EPSG/0/3857",
    srid=3857,
    axes=("X", "Y"),
    scale_set="http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
    columns=1,
    half_width=MERCATOR_EXTENT,
    half_height=MERCATOR_EXTENT,
    metres_per_unit=1.0,
)

WORLD_CRS84_QUAD = TileMatrixSet(
    id="WorldCRS84Quad",
    title="CRS84 for the World",
    crs="http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    srid=4326,
    axes=("Lon", "Lat"),
    scale_set="http://www.opengis.net/def/wkss/OGC/1.0/GoogleCRS84Quad",
    columns=2,
    half_width=180.0,
    half_height=90.0,
    metres_per_unit=_METRES_PER_DEGREE,
)

TILE_MATRIX_SETS: dict[str, TileMatrixSet] = {
    tile_matrix_set.id: tile_matrix_set for tile_matrix_set in (WEB_MERCATOR_QUAD, WORLD_CRS84_QUAD)
}
