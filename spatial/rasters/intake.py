"""Taking in a GeoTIFF that somebody brings: checked, and written anew as one of ours.

It is to run in a process of its own with bounded memory and time (`layers/rasters/intake`): a file
may be made to break its reader.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError
from rasterio.windows import Window

from spatial.crs import UnknownCrs, crs_from_srid
from spatial.errors import shown
from spatial.rasters.cog import STRIP, Form, Strip, write_cog
from spatial.rasters.facts import Facts
from spatial.rasters.opening import BadRaster, checked, opened, reason_of

TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
WIDER = {"uint8": "int16", "int8": "int16", "uint16": "int32", "int16": "int32",
         "uint32": "float64", "int32": "float64"}  # fmt: skip
"""The next type with room for a value that stands for none."""
MOST_BANDS = 1000
_NORTH_UP = 1e-9


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be taken from a file, and how much it may be.

    Attributes:
        band: its number from 1; None where the file has only one.
        srid: the EPSG code of its CRS, where the file does not say it or is wrong.
        nodata: the value that stands for none, where the file does not say it.
        categorical: values are classes.
        unit, description: for the band of the file that is written.
        pixels, bytes: at most.
    """

    pixels: int
    bytes: int
    band: int | None = None
    srid: int | None = None
    nodata: float | None = None
    categorical: bool = False
    unit: str = ""
    description: str = ""


def take(source: Path, target: Path, wish: Wish, step: Callable[[float], None]) -> Facts:
    """Check a file and write its band as a cloud-optimised GeoTIFF.

    Args:
        step: told the done part of the work, from 0 to 1.

    Raises:
        BadRaster: the file is not taken; the sentence says why.
        OSError: the target cannot be written.
    """
    path = checked(source, wish.bytes)
    try:
        with opened(path) as dataset:
            form, band = _form(dataset, wish)
            facts = write_cog(target, form, _strips(dataset, band, form, wish, step))
    except RasterioError as error:
        why = reason_of(error)
        raise BadRaster(f"GDAL cannot read it: {why}", f"GDAL không đọc được: {why}") from None
    except MemoryError:
        raise BadRaster(
            "reading it takes more memory than it may", "đọc tệp cần nhiều bộ nhớ hơn mức cho phép"
        ) from None
    if not facts.valid:
        raise BadRaster("it has no pixel with a value", "không có điểm ảnh nào có giá trị")
    step(1.0)
    return facts


def _form(dataset: Any, wish: Wish) -> tuple[Form, int]:
    """What the file is like, and which of its bands is taken.

    Raises:
        BadRaster: it breaks a rule.
    """
    width, height = dataset.width, dataset.height
    if width * height > wish.pixels:
        raise BadRaster(
            f"it has {width} × {height} pixels, more than {wish.pixels:,}",
            f"tệp có {width} × {height} điểm ảnh, nhiều hơn mức {wish.pixels:,}",
        )
    band = _band(dataset, wish)
    dtype = dataset.dtypes[band - 1]
    if dtype not in TYPES:
        raise BadRaster(
            f"its values are of type {dtype}; {', '.join(TYPES)} are taken",
            f"giá trị có kiểu {dtype}; chỉ nhận {', '.join(TYPES)}",
        )
    srid = _srid(dataset, wish)
    bounds = _bounds(dataset, srid)
    kept, nodata = _kept_type(dataset, band, dtype, wish)
    form = Form(
        srid, bounds, width, height, kept, nodata, wish.categorical, wish.unit, wish.description
    )
    return form, band


def _band(dataset: Any, wish: Wish) -> int:
    count = dataset.count
    if not 1 <= count <= MOST_BANDS:
        raise BadRaster(
            f"it has {count} bands; 1 to {MOST_BANDS} are possible",
            f"tệp có {count} kênh; cần từ 1 đến {MOST_BANDS}",
        )
    band = wish.band or (1 if count == 1 else 0)
    if not 1 <= band <= count:
        raise BadRaster(
            f"it has {count} bands: say which one, 1 to {count} (--band)",
            f"tệp có {count} kênh: hãy chọn một kênh, từ 1 đến {count} (--band)",
        )
    return band


def _srid(dataset: Any, wish: Wish) -> int:
    srid = wish.srid
    if srid is None and dataset.crs is not None:
        srid = dataset.crs.to_epsg()
    if srid is None:
        what = "no CRS" if dataset.crs is None else "a CRS without an EPSG code"
        vi = "không có hệ toạ độ" if dataset.crs is None else "có hệ toạ độ không mang mã EPSG"
        raise BadRaster(
            f"it has {what}: say which one it is (--crs EPSG:5899)",
            f"tệp {vi}: hãy chỉ rõ (--crs EPSG:5899)",
        )
    try:
        return crs_from_srid(srid).srid
    except UnknownCrs as error:
        raise BadRaster(error.en, error.vi) from None


def _bounds(dataset: Any, srid: int) -> tuple[float, float, float, float]:
    transform = dataset.transform
    numbers = tuple(transform)[:6]
    if dataset.gcps[0] and transform.is_identity:
        raise BadRaster(
            "it has control points instead of a grid: rectify it first (gdalwarp)",
            "tệp chỉ có điểm khống chế: hãy nắn ảnh trước (gdalwarp)",
        )
    turned = abs(transform.b) > _NORTH_UP or abs(transform.d) > _NORTH_UP
    if not all(map(math.isfinite, numbers)) or turned or transform.a <= 0 or transform.e >= 0:
        raise BadRaster(
            "its rows do not run from west to east, from the north down: rectify it first"
            " (gdalwarp)",
            "các hàng không chạy từ tây sang đông, từ bắc xuống nam: hãy nắn ảnh trước (gdalwarp)",
        )
    found = dataset.bounds
    west, south, east, north = crs_from_srid(srid).domain
    inside = west <= found.left < found.right <= east and south <= found.bottom < found.top <= north
    if not inside:
        box = ", ".join(f"{number:.10g}" for number in found)
        raise BadRaster(
            f"its edges {box} are not where EPSG:{srid} is used",
            f"phạm vi {box} nằm ngoài nơi dùng EPSG:{srid}",
        )
    return (found.left, found.bottom, found.right, found.top)


def _kept_type(dataset: Any, band: int, dtype: str, wish: Wish) -> tuple[str, int | None]:
    """The type that is written and its value for none; there always is one, so that what a
    raster does not cover is never taken for a value."""
    if dtype.startswith("float"):
        return dtype, None
    nodata = _nodata(dataset, band, wish)
    info = np.iinfo(dtype)
    if nodata is not None and nodata == int(nodata) and info.min <= nodata <= info.max:
        return dtype, int(nodata)
    kept = WIDER[dtype]
    return kept, None if kept == "float64" else int(np.iinfo(kept).min)


def _nodata(dataset: Any, band: int, wish: Wish) -> float | None:
    found: float | None = wish.nodata
    if found is None:
        found = dataset.nodatavals[band - 1]
    return found if found is not None and math.isfinite(found) else None


def _strips(
    dataset: Any, band: int, form: Form, wish: Wish, step: Callable[[float], None]
) -> Iterator[Strip]:
    nodata = _nodata(dataset, band, wish)
    flags = dataset.mask_flag_enums[band - 1]
    has_mask = MaskFlags.per_dataset in flags or MaskFlags.alpha in flags
    for row in range(0, form.height, STRIP):
        window = Window(0, row, form.width, min(STRIP, form.height - row))
        values = dataset.read(band, window=window)
        valid = np.ones(values.shape, dtype=bool)
        if values.dtype.kind == "f":
            valid = np.isfinite(values)
        if nodata is not None:
            valid &= values != np.asarray(nodata).astype(values.dtype)
        if has_mask:
            valid &= dataset.read_masks(band, window=window) != 0
        yield row, values, valid
        step(0.8 * (row + window.height) / form.height)


def described(error: Exception) -> str:
    """An error of no known kind as the reason why a file is refused."""
    return shown(f"{type(error).__name__}: {error}")
