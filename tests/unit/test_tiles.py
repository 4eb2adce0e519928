"""Tile matrix sets: published figures, exact edges, limits; and the keys of the points' grid."""

from __future__ import annotations

import math
import random

import pytest

from spatial.mvt import TileSource, tile_sql
from spatial.tiles import (
    MAX_ZOOM,
    MERCATOR_EXTENT,
    MERCATOR_LATITUDE,
    TILE_MATRIX_SETS,
    WEB_MERCATOR_QUAD,
    WORLD_CRS84_QUAD,
    Limits,
    Tile,
    TileMatrixSet,
)
from spatial.zorder import GRID_BITS, morton

SETS = pytest.mark.parametrize("tile_matrix_set", TILE_MATRIX_SETS.values(), ids=lambda s: s.id)
SOURCE = TileSource("a", "t", (("id", "id"),), points=True, ledger="l")


def test_figures_of_the_standard() -> None:
    """17-083r4, annex D.1 (WebMercatorQuad) and D.3 (WorldCRS84Quad)."""
    mercator, degrees = (s.document()["tileMatrices"] for s in TILE_MATRIX_SETS.values())
    assert mercator[0]["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-12)
    assert mercator[18]["scaleDenominator"] == pytest.approx(2132.72958384978, rel=1e-12)
    assert mercator[24]["cellSize"] == pytest.approx(0.009330691929342784, rel=1e-12)
    assert mercator[0]["pointOfOrigin"] == [-20037508.342789244, 20037508.342789244]
    assert degrees[0]["scaleDenominator"] == pytest.approx(279541132.014358, rel=1e-12)
    assert degrees[17]["cellSize"] == pytest.approx(5.36441802978515e-06, rel=1e-12)
    assert (degrees[0]["matrixWidth"], degrees[0]["matrixHeight"]) == (2, 1)
    assert (degrees[3]["matrixWidth"], degrees[3]["matrixHeight"]) == (16, 8)
    assert [each["id"] for each in mercator] == [str(z) for z in range(MAX_ZOOM + 1)]


@SETS
def test_neighbours_share_their_edges_to_the_bit(tile_matrix_set: TileMatrixSet) -> None:
    chance = random.Random(3)
    for _ in range(2000):
        z = chance.randrange(1, MAX_ZOOM)
        columns, rows = tile_matrix_set.size(z)
        tile = Tile(z, chance.randrange(rows - 1), chance.randrange(columns - 1))
        west, south, east, north = tile_matrix_set.bounds(tile)
        assert tile_matrix_set.bounds(tile._replace(col=tile.col + 1))[0] == east
        assert tile_matrix_set.bounds(tile._replace(row=tile.row + 1))[3] == south
        child = tile_matrix_set.bounds(Tile(z + 1, 2 * tile.row + 1, 2 * tile.col))
        assert (child[0], child[1]) == (west, south)
        assert west < east
        assert south < north


@SETS
def test_the_first_zoom_covers_the_extent(tile_matrix_set: TileMatrixSet) -> None:
    last = tile_matrix_set.columns - 1
    width, height = tile_matrix_set.half_width, tile_matrix_set.half_height
    west, south, _, north = tile_matrix_set.bounds(Tile(0, 0, 0))
    assert (west, south, north) == (-width, -height, height)
    assert tile_matrix_set.bounds(Tile(0, 0, last))[2] == width


@SETS
@pytest.mark.parametrize("tile", [(0, 1, 0), (0, 0, 2), (25, 0, 0), (-1, 0, 0), (3, -1, 0)])
def test_there_are_no_other_tiles(
    tile_matrix_set: TileMatrixSet, tile: tuple[int, int, int]
) -> None:
    assert not tile_matrix_set.holds(Tile(*tile))
    with pytest.raises(ValueError, match="has no tile"):
        tile_matrix_set.bounds(Tile(*tile))
    with pytest.raises(ValueError, match="has no tile"):
        tile_sql(SOURCE, tile_matrix_set, Tile(*tile))


@SETS
def test_a_position_is_in_its_tile(tile_matrix_set: TileMatrixSet) -> None:
    chance = random.Random(4)
    for _ in range(1000):
        lon, lat, z = chance.uniform(-180, 180), chance.uniform(-85, 85), chance.randrange(20)
        west, south, east, north = tile_matrix_set.bounds(tile_matrix_set.tile_at(lon, lat, z))
        x, y = lon, lat
        if tile_matrix_set is WEB_MERCATOR_QUAD:
            x = MERCATOR_EXTENT * lon / 180
            y = 6378137 * math.asinh(math.tan(math.radians(lat)))
        assert west - 1e-6 <= x <= east + 1e-6
        assert south - 1e-6 <= y <= north + 1e-6


def test_positions_outside_are_clamped() -> None:
    assert WEB_MERCATOR_QUAD.tile_at(180, 90, 4) == Tile(4, 0, 15)
    assert WEB_MERCATOR_QUAD.tile_at(-180, -90, 4) == Tile(4, 15, 0)
    assert WORLD_CRS84_QUAD.tile_at(180, -90, 2) == Tile(2, 3, 7)
    assert WEB_MERCATOR_QUAD.tile_at(0, MERCATOR_LATITUDE + 1, 1) == Tile(1, 0, 1)


def test_limits_of_a_box() -> None:
    """Quảng Nam's box at zoom 8, by the formulas of the web map tile addresses."""
    box = (107.2, 14.9, 108.7, 16.1)
    assert WEB_MERCATOR_QUAD.limits(box, 8) == Limits(8, 116, 117, 204, 205)
    assert WEB_MERCATOR_QUAD.limits(box, 0) == Limits(0, 0, 0, 0, 0)
    assert WORLD_CRS84_QUAD.limits(box, 8) == Limits(8, 105, 106, 408, 410)
    assert WEB_MERCATOR_QUAD.limits((179, -1, -179, 1), 3) == Limits(3, 3, 4, 0, 7)
    limits = WEB_MERCATOR_QUAD.limits(box, 8)
    assert limits.holds(Tile(8, 116, 204))
    assert not limits.holds(Tile(8, 115, 204))
    assert not limits.holds(Tile(7, 116, 204))


def test_morton_keys_of_a_tile_are_one_range() -> None:
    chance = random.Random(5)
    for _ in range(500):
        z = chance.randrange(0, 25)
        col, row = (chance.randrange(1 << z) for _ in range(2))
        shift = GRID_BITS - z
        low = morton(col, row) << 2 * shift
        for _ in range(4):
            x = (col << shift) + chance.randrange(1 << shift)
            y = (row << shift) + chance.randrange(1 << shift)
            assert low <= morton(x, y) < low + (1 << 2 * shift)


def test_a_statement_does_not_change_with_the_tile() -> None:
    """One prepared statement serves all tiles of a kind: their places are bound values."""
    for z in (3, 13):
        texts = {
            tile_sql(SOURCE, tile_matrix_set, Tile(z, row, row)).render()[0]
            for tile_matrix_set in (WEB_MERCATOR_QUAD,)
            for row in range(1, 8)
        }
        assert len(texts) == 1
