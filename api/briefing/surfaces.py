"""A result that is a raster: a picture of it with its legend, and its values by commune."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from pyproj import Transformer

from api.briefing.findings import Finding, Found, Opened, lacking
from api.briefing.page import Picture
from layers.analysis.processes import process_of
from layers.analysis.surfaces import PROVENANCE
from layers.analysis.surroundings import Unit
from spatial.crs import crs_from_srid
from spatial.rasters import encoding
from spatial.rasters.colours import Style
from spatial.rasters.facts import Facts
from spatial.rasters.grids import projected
from spatial.rasters.opening import opened
from spatial.rasters.reading import read
from spatial.rasters.zones import zonal

MOST_PIXELS = 1000
"""Pixels of the longer side of the picture."""
MERCATOR = 3857
"""The system of Leaflet's maps, in which the picture must be to lie where it belongs."""


@dataclass(frozen=True, slots=True)
class Surface:
    """A raster on the map: its picture, its colours by values, and the unit of these."""

    picture: Picture
    legend: tuple[tuple[float, str], ...]
    unit: str


def opened_raster(body: bytes) -> Opened:
    """What a raster says of its making.

    Raises:
        BadInput: it says nothing of that.
        rasterio.errors.RasterioError: it cannot be read.
    """
    with _file(body) as path, opened(path) as dataset:
        tag = dataset.tags().get(PROVENANCE)
    try:
        told = json.loads(tag or "")
        layer, version = str(told["inputs"]["layer"]), int(told["layer_version"])
        process = process_of(str(told["process"]))
    except (KeyError, TypeError, json.JSONDecodeError):
        raise lacking(PROVENANCE) from None
    return Opened(process, layer, version, {"provenance": told})


def read_surface(
    body: bytes, result: Opened, summary: Mapping[str, Any], units: Sequence[Unit]
) -> tuple[Finding, Surface]:
    """The picture of a raster, and its values by commune.

    Args:
        summary: what the process said of its result; empty where only the file is there.

    Raises:
        rasterio.errors.RasterioError: it cannot be read.
    """
    communes = [unit for unit in units if unit.level == "commune"]
    told = result.content["provenance"]
    with _file(body) as path:
        facts, unit = _facts(path)
        areas = _areas(communes, facts.srid)
        by_commune = zonal(path, facts, areas)
        is_density = result.process.id == "density"
        style = Style(
            "heat" if is_density else "viridis",
            0.0 if is_density else facts.low,
            facts.high,
            is_density,
        )
        picture = _picture(path, facts, style)
    found = tuple(
        Found(
            one.code,
            one.name,
            None,
            {name: _plain(values[at]) for name, values in by_commune.items()},
        )
        for at, one in enumerate(communes)
        if by_commune["count"][at]
    )
    kept = {name: value for name, value in summary.items() if not isinstance(value, dict)}
    across, down = facts.pixel
    about = {
        "n": round(facts.mean * facts.valid * across * down / 1e6) if is_density else None,
        **kept,
        "minimum": facts.minimum,
        "maximum": facts.maximum,
        "unit": unit,
    }
    legend = tuple((value, colour) for value, colour, _ in style.legend())
    finding = Finding(result.process, told["inputs"], about, told, found)
    return finding, Surface(picture, legend, unit)


@contextmanager
def _file(body: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dieuhanh-briefing-") as folder:
        path = Path(folder) / "surface.tif"
        path.write_bytes(body)
        yield path


def _facts(path: Path) -> tuple[Facts, str]:
    """The facts of a raster of a process, and the unit of its values."""
    with opened(path) as dataset:
        values = dataset.read(1)
        valid = values[np.isfinite(values)].astype(np.float64)
        if not len(valid) or dataset.crs is None or dataset.crs.to_epsg() is None:
            raise lacking("EPSG, values")
        spread = valid[valid > 0] if valid.min() >= 0 and (valid > 0).any() else valid
        low, high = np.percentile(valid, 2), np.percentile(spread, 99)
        facts = Facts(
            dataset.crs.to_epsg(),
            tuple(dataset.bounds),
            dataset.width,
            dataset.height,
            dataset.dtypes[0],
            None,
            len(valid),
            float(valid.min()),
            float(valid.max()),
            float(valid.mean()),
            float(valid.std()),
            float(low),
            float(max(low, high)),
        )
        return facts, dataset.units[0] or ""


def _areas(units: Sequence[Unit], srid: int) -> Any:
    """The units in a raster's system."""
    move = Transformer.from_crs(4326, srid, always_xy=True)
    shapes = shapely.from_geojson([orjson.dumps(unit.outline).decode() for unit in units])
    return shapely.transform(shapes, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))


def _picture(path: Path, facts: Facts, style: Style) -> Picture:
    grid = projected(facts, crs_from_srid(MERCATOR))
    assert grid is not None
    shrink = min(1.0, MOST_PIXELS / max(grid.width, grid.height))
    grid = grid.resized(max(1, round(grid.width * shrink)), max(1, round(grid.height * shrink)))
    values = read(path, facts, grid, False)
    to_degrees = Transformer.from_crs(MERCATOR, 4326, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*grid.box)
    return Picture(encoding.png(style.rgba(*values)), (west, south, east, north))


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
