"""Values of a raster as files for clients: GeoTIFF, CoverageJSON, PNG."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from PIL import Image
from rasterio.crs import CRS
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds

from spatial.crs import Crs, crs_from_srid
from spatial.rasters.cog import BLOCK
from spatial.rasters.facts import Facts
from spatial.rasters.grids import Grid
from spatial.rasters.reading import Values

FIELD = "value"
"""The name of the only field of a coverage."""


def geotiff(values: Values, facts: Facts, grid: Grid, *, unit: str, title: str) -> bytes:
    """A GeoTIFF of the values, in the type that the raster has."""
    found, _ = values
    tiled = grid.width >= BLOCK and grid.height >= BLOCK
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=grid.width,
            height=grid.height,
            count=1,
            dtype=facts.dtype,
            crs=CRS.from_epsg(grid.srid),
            transform=from_bounds(*grid.box, grid.width, grid.height),
            nodata=np.nan if facts.nodata is None else facts.nodata,
            compress="deflate",
            zlevel=6,
            **({"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK} if tiled else {}),
        ) as dataset:
            dataset.write(found, 1)
            dataset.set_band_description(1, title)
            dataset.units = (unit,)
        return bytes(memory.read())


def coverage_json(
    values: Values, facts: Facts, grid: Grid, *, unit: str, title: dict[str, str]
) -> bytes:
    """CoverageJSON (OGC 21-069r2): a grid by the centres of its pixels, none as null."""
    found, valid = values
    crs = crs_from_srid(grid.srid)
    numbers = found.astype(np.float64).ravel()
    listed: list[Any] = (
        numbers.round(10).tolist() if facts.dtype.startswith("float") else (found.ravel().tolist())
    )
    for index in np.flatnonzero(~valid.ravel()):
        listed[index] = None
    parameter: dict[str, Any] = {
        "type": "Parameter",
        "description": title,
        "observedProperty": {"label": title},
    }
    if unit:
        parameter["unit"] = {"symbol": unit}
    return orjson.dumps(
        {
            "type": "Coverage",
            "domain": _domain(grid, crs),
            "parameters": {FIELD: parameter},
            "ranges": {
                FIELD: {
                    "type": "NdArray",
                    "dataType": "float" if facts.dtype.startswith("float") else "integer",
                    "axisNames": ["y", "x"],
                    "shape": [grid.height, grid.width],
                    "values": listed,
                }
            },
        }
    )


def _domain(grid: Grid, crs: Crs) -> dict[str, Any]:
    west, south, east, north = grid.box
    across, down = grid.pixel
    return {
        "type": "Domain",
        "domainType": "Grid",
        "axes": {
            "x": {"start": west + across / 2, "stop": east - across / 2, "num": grid.width},
            "y": {"start": north - down / 2, "stop": south + down / 2, "num": grid.height},
        },
        "referencing": [
            {
                "coordinates": ["x", "y"] if crs.axis == "xy" else ["y", "x"],
                "system": {
                    "type": "GeographicCRS" if crs.geographic else "ProjectedCRS",
                    "id": crs.uri,
                },
            }
        ],
    }


def png(rgba: NDArray[np.uint8], background: tuple[int, int, int] | None = None) -> bytes:
    """A PNG; with a background it has no transparency."""
    picture = Image.fromarray(rgba, "RGBA")
    if background is not None:
        whole = Image.new("RGBA", picture.size, (*background, 255))
        picture = Image.alpha_composite(whole, picture).convert("RGB")
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=6)
    return out.getvalue()
