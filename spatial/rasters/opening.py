"""Opening GeoTIFF with GDAL and nothing else: no other format, no file beside it, no network."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rasterio
from rasterio.errors import RasterioError

from spatial.errors import BadInput, shown

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""How a TIFF begins (TIFF 6.0, section 2) and a BigTIFF."""

OPTIONS: dict[str, Any] = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64 * 1024 * 1024,
    "GDAL_NUM_THREADS": 1,
}


class BadRaster(BadInput):
    """A file that is not taken as a raster; the sentence says why."""


@contextmanager
def opened(path: Path, **options: Any) -> Iterator[Any]:
    """A GeoTIFF, open for reading.

    Raises:
        rasterio.errors.RasterioError: GDAL cannot read it.
    """
    with (
        rasterio.Env(**OPTIONS),
        rasterio.open(path, driver="GTiff", sharing=False, **options) as dataset,
    ):
        yield dataset


def checked(path: Path, most_bytes: int) -> Path:
    """The file's own path, once it is known to be a regular file that begins as a TIFF does.

    Raises:
        BadRaster: it is none, or too large.
    """
    text = str(path)
    if text.startswith(("/vsi", "http:", "https:", "ftp:")) or "://" in text:
        raise BadRaster(
            f"'{shown(text)}' is no file on this machine",
            f"'{shown(text)}' không phải là tệp trên máy này",
        )
    try:
        found = path.resolve(strict=True)
        about = found.stat()
        if not stat.S_ISREG(about.st_mode):
            raise BadRaster("it is no regular file", "không phải là tệp thông thường")
        if about.st_size > most_bytes:
            raise BadRaster(
                f"it has {about.st_size:,} bytes, more than {most_bytes:,}",
                f"tệp có {about.st_size:,} byte, nhiều hơn mức {most_bytes:,}",
            )
        with found.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise BadRaster(f"it cannot be read: {reason}", f"không đọc được: {reason}") from None
    if start not in SIGNATURES:
        raise BadRaster(
            f"it is no GeoTIFF: it begins with {start!r}",
            f"không phải là GeoTIFF: tệp bắt đầu bằng {start!r}",
        )
    return found


def reason_of(error: Exception) -> str:
    """What GDAL says of a file, in one line and without its path."""
    cause = error.__cause__ if isinstance(error, RasterioError) and error.__cause__ else error
    line = " ".join(str(cause).split()) or type(error).__name__
    return shown(line.rpartition("/")[2] if line.startswith("/") else line)
