"""Statistics of a raster's values in areas: pixels whose centre lies inside."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import geometry_mask
from rasterio.windows import Window
from rasterio.windows import transform as transform_of

from spatial.rasters.cog import Sums
from spatial.rasters.facts import Facts
from spatial.rasters.opening import opened

MOST = 4_000_000
"""Pixels that are in memory at a time."""
COLUMNS = ("count", "mean", "min", "max", "sum", "std")


def zonal(
    path: Path,
    facts: Facts,
    areas: NDArray[np.object_],
    step: Callable[[float], None] = lambda done: None,
) -> dict[str, NDArray[np.float64]]:
    """Statistics of each area, by name.

    An area without a pixel's centre has the count 0, and NaN for the rest. `std` is that of the
    population of pixels.

    Args:
        areas: polygons in the raster's CRS, shapely's; None and empty ones have no pixel.
        step: told the done part of the work, from 0 to 1.

    Raises:
        rasterio.errors.RasterioError: the file cannot be read.
    """
    found = {name: np.full(len(areas), np.nan) for name in COLUMNS}
    with opened(path) as dataset:
        for number, area in enumerate(areas):
            sums = Sums()
            for window in _windows(facts, area):
                sums.add(_inside(dataset, facts, area, window))
            found["count"][number] = sums.count
            if sums.count:
                found["mean"][number] = sums.mean
                found["min"][number] = sums.minimum
                found["max"][number] = sums.maximum
                found["sum"][number] = sums.mean * sums.count
                found["std"][number] = math.sqrt(sums.squares / sums.count)
            step((number + 1) / len(areas))
    return found


def _windows(facts: Facts, area: Any) -> list[Window]:
    """Parts of the raster, few enough pixels each, that together hold an area."""
    if area is None or shapely.is_empty(area):
        return []
    west, _, _, north = facts.bounds
    across, down = facts.pixel
    low_x, low_y, high_x, high_y = shapely.bounds(area)
    first_col = max(math.floor((low_x - west) / across), 0)
    last_col = min(math.ceil((high_x - west) / across), facts.width)
    first_row = max(math.floor((north - high_y) / down), 0)
    last_row = min(math.ceil((north - low_y) / down), facts.height)
    width = last_col - first_col
    if width <= 0 or first_row >= last_row:
        return []
    rows = max(MOST // width, 1)
    return [
        Window(first_col, row, width, min(rows, last_row - row))
        for row in range(first_row, last_row, rows)
    ]


def _inside(dataset: Any, facts: Facts, area: Any, window: Window) -> NDArray[Any]:
    values = dataset.read(1, window=window)
    outside = geometry_mask(
        [area], values.shape, transform_of(window, dataset.transform), all_touched=False
    )
    none = ~np.isfinite(values) if facts.nodata is None else values == facts.nodata
    return np.asarray(values[~(outside | none)])
