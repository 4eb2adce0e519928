"""A coverage's grid and values as the Coverage Implementation Schema has them (09-146r8, JSON).

Drafts of OGC API Coverages put these into the collection's metadata, and GDAL's driver OGCAPI, by
which QGIS opens a coverage, reads them there. It knows no other system than degrees.
"""

from __future__ import annotations

from typing import Any

from layers.rasters.raster import Raster
from spatial.crs import CRS84
from spatial.errors import BadInput
from spatial.rasters.grids import projected

_TYPES = {
    "uint8": "unsignedByte",
    "int8": "signedByte",
    "uint16": "unsignedShort",
    "int16": "signedShort",
    "uint32": "unsignedInt",
    "int32": "signedInt",
    "float32": "float32",
    "float64": "float64",
}
"""NumPy's names of the types of values, and OGC's."""
_METRES_PER_DEGREE = 111_319.490_793
"""On the equator, as scales of tile matrices in degrees are reckoned (17-083r4, 6.1)."""
_PIXEL_M = 0.000_28
"""The side of a pixel of a screen, by which scales are reckoned (17-083r4, 6.1)."""


def domain(raster: Raster) -> dict[str, Any]:
    """The members of a collection that tell of its grid in degrees, its scale and its values.

    None of the grid where the raster cannot be moved to degrees.
    """
    found = {"rangeType": {"type": "DataRecord", "field": [_field(raster)]}}
    try:
        grid = projected(raster.facts, CRS84)
    except BadInput:
        return found
    if grid is None:
        return found
    (west, south, east, north), (across, down) = grid.box, grid.pixel
    return {
        "scaleDenominator": min(across, down) * _METRES_PER_DEGREE / _PIXEL_M,
        "domainSet": {
            "type": "DomainSet",
            "generalGrid": {
                "type": "GeneralGridCoverage",
                "srsName": CRS84.uri,
                "axisLabels": ["Lon", "Lat"],
                "axis": [_axis("Lon", west, east, across), _axis("Lat", south, north, down)],
                "gridLimits": {
                    "type": "GridLimits",
                    "axisLabels": ["i", "j"],
                    "axis": [_index("i", grid.width), _index("j", grid.height)],
                },
            },
        },
        **found,
    }


def _axis(label: str, low: float, high: float, resolution: float) -> dict[str, Any]:
    return {
        "type": "RegularAxis",
        "axisLabel": label,
        "lowerBound": low,
        "upperBound": high,
        "resolution": resolution,
        "uomLabel": "deg",
    }


def _index(label: str, count: int) -> dict[str, Any]:
    return {"type": "IndexAxis", "axisLabel": label, "lowerBound": 0, "upperBound": count - 1}


def _field(raster: Raster) -> dict[str, Any]:
    facts = raster.facts
    none = "NaN" if facts.nodata is None else facts.nodata
    return {
        "type": "Quantity",
        "name": "value",
        "definition": f"ogcType:{_TYPES[facts.dtype]}",
        "uom": {"type": "UnitReference", "code": raster.unit or "1"},
        "nilValues": [
            {"value": none, "reason": "http://www.opengis.net/def/nil/OGC/0/missing"},
        ],
    }
