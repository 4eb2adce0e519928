"""Cloud-optimised GeoTIFF: one band in tiles, with overviews, written in strips of rows."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import ColorInterp
from rasterio.shutil import copy
from rasterio.transform import from_bounds

from spatial.rasters.facts import Facts
from spatial.rasters.opening import OPTIONS, opened
from spatial.shapes import Box

BLOCK = 256
"""Pixels of a tile's side in the file."""
STRIP = 512
"""Rows that are in memory at a time."""
_SAMPLE = 1024
"""Pixels of a side, at most, of the picture that percentiles are taken from."""

Strip = tuple[int, NDArray[Any], NDArray[np.bool_]]
"""The first row, values, and which of them count."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a file to write is like.

    Attributes:
        nodata: the value for none; None: NaN, of a type of floating point.
        categorical: values are classes, which overviews do not mix.
        unit, description: of the band, for whoever opens the file.
        tags: texts that the file carries.
    """

    srid: int
    bounds: Box
    width: int
    height: int
    dtype: str
    nodata: int | None = None
    categorical: bool = False
    unit: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Sums:
    """Count, mean, squares about the mean and extremes of values that come in parts (Chan 1979)."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf

    def add(self, values: NDArray[Any]) -> None:
        """Take in more values."""
        if not values.size:
            return
        found = values.astype(np.float64)
        mean = float(found.mean())
        squares = float(((found - mean) ** 2).sum())
        total = self.count + found.size
        apart = mean - self.mean
        self.squares += squares + apart**2 * self.count * found.size / total
        self.mean += apart * found.size / total
        self.count = total
        self.minimum = min(self.minimum, float(found.min()))
        self.maximum = max(self.maximum, float(found.max()))


def write_cog(target: Path, form: Form, strips: Iterable[Strip]) -> Facts:
    """Write a file and tell what is in it.

    The same values give the same octets.

    Raises:
        rasterio.errors.RasterioError, OSError: it cannot be written.
    """
    sums = Sums()
    nodata: float = math.nan if form.nodata is None else form.nodata
    with (
        rasterio.Env(**OPTIONS),
        tempfile.TemporaryDirectory(prefix="dieuhanh-raster-", dir=target.parent) as folder,
    ):
        plain = Path(folder) / "plain.tif"
        with rasterio.open(plain, "w", **_profile(form, nodata)) as dataset:
            dataset.colorinterp = (ColorInterp.gray,)
            dataset.update_tags(**form.tags)
            if form.description:
                dataset.set_band_description(1, form.description)
            if form.unit:
                dataset.units = (form.unit,)
            for row, values, valid in strips:
                sums.add(values[valid])
                written = np.where(valid, values, nodata).astype(form.dtype)
                window = ((row, row + values.shape[0]), (0, form.width))
                dataset.write(written, 1, window=window)
        copy(
            plain,
            target,
            driver="COG",
            BLOCKSIZE=str(BLOCK),
            COMPRESS="DEFLATE",
            PREDICTOR="YES",
            BIGTIFF="IF_SAFER",
            OVERVIEWS="IGNORE_EXISTING",
            OVERVIEW_RESAMPLING="MODE" if form.categorical else "AVERAGE",
        )
    low, high = _percentiles(target) if sums.count else (0.0, 0.0)
    return Facts(
        form.srid, form.bounds, form.width, form.height, form.dtype, form.nodata, sums.count,
        *((sums.minimum, sums.maximum) if sums.count else (0.0, 0.0)), sums.mean,
        math.sqrt(sums.squares / sums.count) if sums.count else 0.0, low, high,
    )  # fmt: skip


def _profile(form: Form, nodata: float) -> dict[str, Any]:
    return {
        "driver": "GTiff",
        "width": form.width,
        "height": form.height,
        "count": 1,
        "dtype": form.dtype,
        "crs": CRS.from_epsg(form.srid),
        "transform": from_bounds(*form.bounds, form.width, form.height),
        "nodata": nodata,
        "tiled": True,
        "blockxsize": STRIP,
        "blockysize": STRIP,
        "compress": "deflate",
        "zlevel": 1,
        "bigtiff": "if_safer",
    }


def _percentiles(path: Path) -> tuple[float, float]:
    with opened(path) as dataset:
        shrink = max(dataset.width / _SAMPLE, dataset.height / _SAMPLE, 1)
        shape = (max(int(dataset.height / shrink), 1), max(int(dataset.width / shrink), 1))
        values = dataset.read(1, out_shape=shape, masked=True).compressed()
        if not values.size:
            values = dataset.read(1, masked=True).compressed()
    low, high = np.percentile(values.astype(np.float64), (2, 98))
    return float(low), float(high)


def strips_of(values: NDArray[Any], valid: NDArray[np.bool_]) -> Iterator[Strip]:
    """An array in memory, strip by strip."""
    for row in range(0, values.shape[0], STRIP):
        yield row, values[row : row + STRIP], valid[row : row + STRIP]
