"""GeoTIFF for tests: made small, or made to be refused."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import Affine, from_origin

SRID = 5899
WEST, NORTH, PIXEL = 500_000.0, 1_750_000.0, 100.0


def geotiff(path: Path, values: NDArray[Any], **profile: Any) -> Path:
    """Write a GeoTIFF of one band, in the province's metric system unless told otherwise."""
    usual = {
        "crs": f"EPSG:{SRID}",
        "transform": from_origin(WEST, NORTH, PIXEL, PIXEL),
        "dtype": values.dtype,
        "count": 1,
    }
    height, width = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, **{**usual, **profile}
    ) as made:
        for band in range(made.count):
            made.write(values, band + 1)
    return path


def heights(rows: int = 600, columns: int = 800) -> NDArray[np.float32]:
    """A tilted plane: 100 in the north-west, one more for each pixel south, 0.5 for each east."""
    down, across = np.mgrid[0:rows, 0:columns]
    return np.asarray(100 + down + across / 2, dtype=np.float32)


def classes(rows: int = 300, columns: int = 400) -> NDArray[np.uint8]:
    """1 in the western half, 2 in the eastern."""
    return np.where(np.arange(columns) < columns // 2, 1, 2).astype(np.uint8)[None].repeat(rows, 0)


def _truncated(path: Path) -> None:
    whole = geotiff(path, heights()).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _lying(path: Path) -> None:
    """A header that tells of 65,535 tags, of which there are none."""
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, 65535) + bytes(40))


def _endless(path: Path) -> None:
    """A directory of the file that says it is followed by itself."""
    tag = struct.pack("<HHII", 256, 4, 1, 10)
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, 1) + tag + struct.pack("<I", 8))


def _sparse(path: Path) -> None:
    """100,000 × 100,000 pixels in half a megabyte."""
    profile = {"dtype": "uint8", "crs": f"EPSG:{SRID}", "tiled": True, "sparse_ok": True}
    with rasterio.open(
        path, "w", driver="GTiff", width=100_000, height=100_000, count=1, bigtiff="yes",
        transform=from_origin(WEST, NORTH, 1, 1), **profile,
    ):  # fmt: skip
        pass


def _turned(path: Path) -> None:
    geotiff(path, heights(20, 20), transform=Affine.rotation(10) * from_origin(0, 0, 1, 1))


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (_truncated, "GDAL cannot read it"),
    "lying header": (_lying, "GDAL cannot read it"),
    "endless directories": (_endless, "GDAL cannot read it"),
    "sparse": (_sparse, "100000 × 100000 pixels"),
    "VRT": (
        lambda path: path.write_text(
            '<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand><SimpleSource>'
            "<SourceFilename>/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand>"
            "</VRTDataset>"
        ),
        "no GeoTIFF: it begins with b'<VRT'",
    ),
    "text": (lambda path: path.write_text("hello"), "no GeoTIFF"),
    "empty": (lambda path: path.write_bytes(b""), "no GeoTIFF"),
    "PNG": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n"), "no GeoTIFF"),
    "folder": (lambda path: path.mkdir(), "no regular file"),
    "nothing": (lambda path: None, "cannot be read"),
    "complex": (lambda path: geotiff(path, heights(9, 9).astype("complex64")), "complex64"),
    "no CRS": (lambda path: geotiff(path, heights(9, 9), crs=None), "no CRS"),
    "elsewhere": (lambda path: geotiff(path, heights(9, 9), crs="EPSG:4326"), "EPSG:4326"),
    "turned": (_turned, "rectify"),
    "bands": (lambda path: geotiff(path, heights(9, 9), count=3), "3 bands"),
    "no value": (
        lambda path: geotiff(path, np.full((9, 9), np.nan, np.float32)),
        "no pixel with a value",
    ),
    "large": (lambda path: path.write_bytes(b"II*\0" + bytes(3_000_000)), "bytes, more than"),
}
"""Files that are refused: what makes one, and a part of the reason that is given."""
