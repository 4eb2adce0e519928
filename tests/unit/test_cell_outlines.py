"""The outlines of a grid's cells: GeoJSON as a geometry library reads it, where the cells are."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from layers.analysis.cells import outlines
from spatial.stats.grid import grid_over

SRID = 5899


@pytest.mark.parametrize("kind", ["hexagon", "square"])
def test_outlines_are_the_cells_in_degrees(kind: Literal["hexagon", "square"]) -> None:
    grid = grid_over(kind, 2000, (500_000, 1_690_000, 512_000, 1_702_000))
    found = shapely.from_geojson(outlines(grid, SRID))
    assert len(found) == len(grid) > 20
    assert shapely.is_valid(found).all()
    move = Transformer.from_crs(SRID, 4326, always_xy=True).transform
    there = np.stack(move(*np.moveaxis(grid.rings(), -1, 0)), axis=-1)
    assert np.abs(shapely.get_coordinates(found) - there.reshape(-1, 2)).max() <= 0.6e-7
