"""Coordinates of arrays from one reference system into another, on all processors."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

DEGREES = 4326
"""The EPSG code of longitude and latitude on WGS 84."""
_PART = 100_000
"""Points for which a thread more is worth it."""


@lru_cache(maxsize=32)
def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def prepare(srid: int) -> None:
    """Make ready to move points from degrees into a system and back; processes forked from this
    one then need not look up how."""
    _transformer(DEGREES, srid)
    _transformer(srid, DEGREES)


def projected(xy: NDArray[np.float64], source: int, target: int) -> NDArray[np.float64]:
    """Points in another reference system.

    Args:
        xy: an array (n, 2) of east and north, in degrees or in the unit of the source.
        source, target: EPSG codes.

    Returns:
        An array (n, 2); infinite where the target has no place for a point.
    """
    found = np.empty((len(xy), 2))
    transformer = _transformer(source, target)

    def part(piece: slice) -> None:
        found[piece, 0], found[piece, 1] = transformer.transform(xy[piece, 0], xy[piece, 1])

    threads = min(len(os.sched_getaffinity(0)), len(xy) // _PART)
    if threads < 2:
        part(slice(None))
        return found
    ends = np.linspace(0, len(xy), threads + 1).astype(int)
    # PROJ lets the interpreter go while it works.
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, map(slice, ends[:-1], ends[1:])))
    return found
