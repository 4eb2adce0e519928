"""The space-filling key of points: Morton order on a grid of 2^30 by 2^30 cells.

The grid divides WebMercatorQuad (17-083r4); rows run downwards. A tile of that set is one range
of keys; any other box is covered by a few ranges.
"""

from __future__ import annotations

import math

from spatial.shapes import Box
from spatial.tiles import MERCATOR_LATITUDE

GRID_BITS = 30
COVER_CELLS = 5
"""Cells along the longer side of a box whose cover is made of whole cells."""

_SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


def _spread(number: int) -> int:
    for shift, mask in _SPREAD:
        number = (number | (number << shift)) & mask
    return number


def morton(col: int, row: int) -> int:
    """The bits of a column and a row (up to 32 each) interleaved, the column's first."""
    return _spread(col) | (_spread(row) << 1)


def is_on_grid(box: Box) -> bool:
    """Whether all points of a box (degrees, EPSG:4326) have a key."""
    return box[1] > -MERCATOR_LATITUDE and box[3] < MERCATOR_LATITUDE


def cover(boxes: tuple[Box, ...]) -> tuple[list[int], list[int]]:
    """Ranges of keys, ascending and apart, that hold every point of the boxes and some others.

    Args:
        boxes: in degrees, EPSG:4326, `is_on_grid`.

    Returns:
        The first key of each range, and the first after it.
    """
    ranges: list[tuple[int, int]] = []
    for box in boxes:
        ranges += _cells(box)
    ranges.sort()
    starts: list[int] = []
    ends: list[int] = []
    for start, end in ranges:
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends


def _cells(box: Box) -> list[tuple[int, int]]:
    grid = 1 << GRID_BITS
    # One cell wider: PostgreSQL's arithmetic may put a point on the other side of a line.
    left = max(0, math.floor((box[0] + 180) / 360 * grid) - 1)
    right = min(grid - 1, math.floor((box[2] + 180) / 360 * grid) + 1)
    top = max(0, _row(box[3]) - 1)
    bottom = min(grid - 1, _row(box[1]) + 1)
    shift = max(0, (max(right - left, bottom - top) // COVER_CELLS).bit_length())
    columns = [_spread(col) for col in range(left >> shift, (right >> shift) + 1)]
    rows = [_spread(row) << 1 for row in range(top >> shift, (bottom >> shift) + 1)]
    size = 2 * shift
    return [((col | row) << size, ((col | row) + 1) << size) for row in rows for col in columns]


def _row(latitude: float) -> int:
    return math.floor(
        (0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)) * (1 << GRID_BITS)
    )
