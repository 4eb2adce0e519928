"""Grids: each point in the cell that covers it, ids that stay, neighbours that touch."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from spatial.errors import BadInput
from spatial.stats.grid import Grid, Kind, grid_over
from spatial.stats.weights import contiguity

KINDS: list[Kind] = ["hexagon", "square"]
EXTENT = (545_000.0, 1_650_000.0, 551_000.0, 1_654_500.0)


@pytest.mark.parametrize("kind", KINDS)
def test_each_point_lies_in_its_cell(kind: Kind) -> None:
    rng = np.random.default_rng(3)
    grid = grid_over(kind, 500, EXTENT)
    xy = rng.uniform(EXTENT[:2], EXTENT[2:], (20_000, 2))
    cell = grid.locate(xy)
    assert cell.min() >= 0
    covers = shapely.dwithin(grid.polygons()[cell], shapely.points(xy), 1e-6)
    assert covers.all()
    if kind == "hexagon":
        assert (cKDTree(grid.centres()).query(xy)[1] == cell).all()
    assert (grid.count(xy) == np.bincount(cell, minlength=len(grid))).all()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=50, deadline=None)
@given(
    st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 3_000), st.floats(0, 3_000), st.data()
)
@example(0, 0, 0, 0, None)
@example(500, 500 * 3**0.5 / 2, 1000, 1000, None)
def test_no_point_of_the_extent_is_outside_the_grid(
    kind: Kind, x: float, y: float, width: float, height: float, data: st.DataObject | None
) -> None:
    grid = grid_over(kind, 500, (x, y, x + width, y + height))
    corners = [(x, y), (x + width, y), (x, y + height), (x + width, y + height)]
    if data is not None:
        inner = st.tuples(st.floats(x, x + width), st.floats(y, y + height))
        corners += data.draw(st.lists(inner, max_size=5))
    assert (grid.locate(corners) >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_cells_fill_the_plane_and_share_their_vertices(kind: Kind) -> None:
    grid = grid_over(kind, 500, EXTENT)
    cells = grid.polygons()
    np.testing.assert_allclose(shapely.area(cells), grid.area_m2, rtol=1e-9)
    # vertices that were equal only nearly would leave gaps in the union
    union = shapely.unary_union(cells)
    assert union.geom_type == "Polygon"
    assert len(union.interiors) == 0
    assert union.area == pytest.approx(grid.area_m2 * len(grid), rel=1e-9)
    assert shapely.is_ccw(shapely.get_exterior_ring(cells)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_keeps_its_id_and_place_in_any_extent(kind: Kind) -> None:
    one = grid_over(kind, 250, EXTENT)
    west, south, east, north = EXTENT
    other = grid_over(kind, 250, (west - 3_117, south - 911, east - 2_000, north + 777))
    places = dict(zip(one.ids, map(tuple, one.centres()), strict=True))
    common = {
        cell: at
        for cell, at in zip(other.ids, map(tuple, other.centres()), strict=True)
        if cell in places
    }
    assert len(common) > 100
    assert all(places[cell] == at for cell, at in common.items())
    assert len(set(one.ids)) == len(one)


@pytest.mark.parametrize(
    ("kind", "corners"), [("hexagon", True), ("square", True), ("square", False)]
)
def test_neighbours_are_the_cells_that_touch(kind: Kind, corners: bool) -> None:
    grid = grid_over(kind, 500, EXTENT)
    touching = contiguity(grid.polygons(), "queen" if corners else "rook")
    assert (grid.neighbours(corners=corners).matrix != touching.matrix).nnz == 0


@pytest.mark.parametrize("rings", [2, 3])
def test_rings_are_steps_from_cell_to_cell(rings: int) -> None:
    for kind, corners in itertools.product(KINDS, (True, False)):
        grid = grid_over(kind, 1_000, EXTENT)
        one = grid.neighbours(corners=corners).with_self()
        steps = one
        for _ in range(rings - 1):
            steps = steps @ one
        reached = steps.toarray() > 0
        np.fill_diagonal(reached, False)
        found = grid.neighbours(rings, corners).matrix.toarray() > 0
        assert (found == reached).all()


def test_edge_cells_lack_a_neighbour() -> None:
    grid = grid_over("hexagon", 500, EXTENT)
    assert (grid.edge() == (grid.neighbours().cardinalities < 6)).all()
    assert 0 < grid.edge().sum() < len(grid)


def test_a_clipped_grid_keeps_the_cells_that_cover_the_area() -> None:
    area = shapely.Point(548_000, 1_652_000).buffer(1_300)
    grid = grid_over("hexagon", 300, area.bounds).clipped(area)
    cells = shapely.unary_union(grid.polygons())
    assert area.difference(cells).area < 1e-3
    assert (shapely.area(shapely.intersection(grid.polygons(), area)) > 0).all()
    assert grid.locate([[548_000, 1_652_000], [548_000, 1_654_000]]).tolist()[1] == -1


def test_an_empty_grid_holds_nothing() -> None:
    none = np.empty(0, dtype=np.intp)
    assert Grid("square", 10, none, none).locate([[1, 1]]).tolist() == [-1]


@pytest.mark.parametrize(
    ("size", "extent", "words"),
    [
        (0, EXTENT, "above 0"),
        (500, (1, 1, 0, 2), "The extent is empty"),
        (500, (0, 0, np.inf, 1), "not a finite number"),
        (0.5, EXTENT, "more than 1,000,000"),
    ],
)
def test_what_cannot_be_a_grid_is_said(
    size: float, extent: tuple[float, float, float, float], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        grid_over("hexagon", size, extent)


def test_rings_out_of_range_are_refused() -> None:
    with pytest.raises(BadInput, match="rings must be from 1 to 50, not 0"):
        grid_over("square", 500, EXTENT).neighbours(0)
