"""The space-filling key: its bits, and the ranges that cover a box."""

from __future__ import annotations

import math

from hypothesis import example, given
from hypothesis import strategies as st

from spatial.zorder import COVER_CELLS, GRID_BITS, cover, morton

LONGITUDE = st.floats(-180, 180)
LATITUDE = st.floats(-85, 85)
GRID = 1 << GRID_BITS


def key_of(x: float, y: float) -> int:
    """The key as the definition has it, bit by bit."""
    col = min(math.floor((x + 180) / 360 * GRID), GRID - 1)
    row = math.floor((0.5 - math.asinh(math.tan(math.radians(y))) / (2 * math.pi)) * GRID)
    key = 0
    for bit in range(GRID_BITS):
        key |= (col >> bit & 1) << (2 * bit) | (row >> bit & 1) << (2 * bit + 1)
    return key


@given(st.integers(0, GRID - 1), st.integers(0, GRID - 1))
def test_bits_are_interleaved(col: int, row: int) -> None:
    assert f"{morton(col, row):060b}"[1::2] == f"{col:030b}"
    assert f"{morton(col, row):060b}"[::2] == f"{row:030b}"


@given(LONGITUDE, LATITUDE, LONGITUDE, LATITUDE, st.floats(0, 1), st.floats(0, 1))
@example(-180, -85, 180, 85, 0.5, 0.5)
@example(180, 85, 180, 85, 0, 0)
def test_every_point_of_a_box_is_covered(
    x1: float, y1: float, x2: float, y2: float, across: float, up: float
) -> None:
    west, east, south, north = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
    starts, ends = cover(((west, south, east, north),))
    x = min(east, max(west, west + (east - west) * across))
    y = min(north, max(south, south + (north - south) * up))
    key = key_of(x, y)
    assert any(start <= key < end for start, end in zip(starts, ends, strict=True))
    assert len(starts) <= (COVER_CELLS + 2) ** 2
    assert all(end < start for end, start in zip(ends, starts[1:], strict=False))
