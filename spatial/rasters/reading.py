"""Reading a raster on a grid: its own pixels, or another CRS's, from the overview that fits."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.transform import from_bounds
from rasterio.warp import reproject
from rasterio.windows import Window

from spatial.crs import crs_from_srid
from spatial.errors import BadInput
from spatial.rasters.facts import Facts
from spatial.rasters.grids import Grid, moved_box, shared
from spatial.rasters.opening import opened

_WARP_MB = 64
Values = tuple[NDArray[Any], NDArray[np.bool_]]
"""Values in the raster's type, and which of them count."""


def read(path: Path, facts: Facts, grid: Grid, categorical: bool) -> Values:
    """The values of a raster on a grid.

    Args:
        categorical: take the nearest value instead of mixing neighbours.

    Raises:
        rasterio.errors.RasterioError: the file cannot be read.
    """
    if grid.srid == facts.srid and shared(grid.box, facts.bounds) == grid.box:
        return _own(path, facts, grid, categorical)
    return _moved(path, facts, grid, categorical)


def _own(path: Path, facts: Facts, grid: Grid, categorical: bool) -> Values:
    west, _, _, north = facts.bounds
    across, down = facts.pixel
    window = Window(
        (grid.box[0] - west) / across,
        (north - grid.box[3]) / down,
        (grid.box[2] - grid.box[0]) / across,
        (grid.box[3] - grid.box[1]) / down,
    )
    shrinks = window.width > grid.width or window.height > grid.height
    mixing = Resampling.average if shrinks else Resampling.bilinear
    whole = round(window.width) == grid.width and round(window.height) == grid.height
    how = Resampling.nearest if categorical or whole else mixing
    if whole:
        window = window.round_offsets().round_lengths()
    with opened(path) as dataset:
        found = dataset.read(1, window=window, out_shape=(grid.height, grid.width), resampling=how)
    return found, _counts(found, facts)


def _moved(path: Path, facts: Facts, grid: Grid, categorical: bool) -> Values:
    nodata: float = math.nan if facts.nodata is None else facts.nodata
    found = np.full((grid.height, grid.width), nodata, dtype=facts.dtype)
    level = _overview(path, facts, grid)
    if level is None:
        return found, np.zeros(found.shape, dtype=bool)
    options = {} if level < 0 else {"overview_level": level}
    with opened(path, **options) as dataset:
        reproject(
            rasterio.band(dataset, 1),
            found,
            dst_transform=from_bounds(*grid.box, grid.width, grid.height),
            dst_crs=CRS.from_epsg(grid.srid),
            src_nodata=nodata,
            dst_nodata=nodata,
            resampling=Resampling.nearest if categorical else Resampling.bilinear,
            warp_mem_limit=_WARP_MB,
            num_threads=1,
        )
    return found, _counts(found, facts)


def _overview(path: Path, facts: Facts, grid: Grid) -> int | None:
    """The coarsest overview still as fine as the grid; -1: the raster itself; None: not there."""
    crs = crs_from_srid(grid.srid)
    try:
        there = moved_box(grid.box, crs, facts.crs)
    except BadInput:
        return None
    if shared(there, facts.bounds) is None:
        return None
    across, down = facts.pixel
    coarser = min(
        (there[2] - there[0]) / grid.width / across, (there[3] - there[1]) / grid.height / down
    )
    with opened(path) as dataset:
        overviews = dataset.overviews(1)
    fitting = [index for index, factor in enumerate(overviews) if factor <= coarser * 1.01]
    return fitting[-1] if fitting else -1


def _counts(values: NDArray[Any], facts: Facts) -> NDArray[np.bool_]:
    if facts.nodata is None:
        return np.asarray(np.isfinite(values))
    return np.asarray(values != facts.nodata)
