"""Kernel density: close to the exact sum, its mass the number of points, its edge honest."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import BadInput
from spatial.stats.inputs import Floats
from spatial.stats.kernel import Kernel, Raster, density, raster_over

KERNELS: list[Kernel] = ["quartic", "gaussian"]
EXTENT = (540_000.0, 1_650_000.0, 560_000.0, 1_665_000.0)


def exact(xy: Floats, raster: Raster, h: float, kernel: Kernel) -> Floats:
    """The sum over points at each centre, per square kilometre, without any correction."""
    x, y = raster.centres()
    squared = ((x[None, :, None] - xy[:, 0]) ** 2 + (y[:, None, None] - xy[:, 1]) ** 2) / h**2
    if kernel == "quartic":
        each = np.where(squared < 1, 3 / np.pi * (1 - squared) ** 2, 0)
    else:
        each = np.exp(-squared / 2) / (2 * np.pi)
    return np.asarray(each.sum(axis=-1) / (h / 1000) ** 2)


def mass(values: Floats, raster: Raster) -> float:
    return float(values.sum() * (raster.cell_m / 1000) ** 2)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(("cells", "error"), [(8, 0.01), (20, 0.002)])
def test_it_is_the_exact_sum_to_the_stated_accuracy(
    kernel: Kernel, cells: int, error: float
) -> None:
    raster = raster_over(EXTENT, 200)
    h = 200.0 * cells if kernel == "quartic" else 100.0 * cells
    middle = np.array((550_000.0, 1_657_500.0))
    xy = np.random.default_rng(1).normal(middle, 800, (60, 2))
    wanted = exact(xy, raster, h, kernel)
    found = density(xy, raster, h, kernel, keep_mass=False)
    allowed = error if kernel == "quartic" else 2 * error
    assert np.abs(found - wanted).max() / wanted.max() < allowed


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 300), st.floats(500, 3_700), st.booleans())
def test_the_mass_is_the_number_of_points(
    kernel: Kernel, seed: int, n: int, h: float, masked: bool
) -> None:
    rng = np.random.default_rng(seed)
    raster = raster_over(EXTENT, 500)
    area = shapely.Point(548_000, 1_657_000).buffer(6_000)
    mask = raster.mask(area) if masked else None
    xy = rng.uniform(EXTENT[:2], EXTENT[2:], (n, 2))
    if masked:
        xy = xy[shapely.contains_xy(area, xy[:, 0], xy[:, 1])]
    found = density(xy, raster, h, kernel, mask)
    assert mass(found, raster) == pytest.approx(len(xy), rel=1e-9, abs=1e-9)
    assert (found >= 0).all()
    if mask is not None:
        assert (found[~mask] == 0).all()


def test_near_the_edge_less_of_an_even_spread_is_lost_when_mass_is_kept() -> None:
    raster = raster_over(EXTENT, 250)
    x, y = raster.centres()
    xy = np.column_stack([each.ravel() for each in np.meshgrid(x, y)])
    kept, lost = (density(xy, raster, 2_000, keep_mass=keep) for keep in (True, False))
    corner, middle = (0, 0), (raster.rows // 2, raster.cols // 2)
    assert kept[middle] == pytest.approx(16, rel=1e-6)
    assert lost[middle] == pytest.approx(16, rel=1e-6)
    assert lost[corner] < 0.35 * 16
    assert 16 - kept[corner] < 0.65 * (16 - lost[corner])


def test_weights_count_points_more_than_once() -> None:
    raster = raster_over(EXTENT, 500)
    xy = np.random.default_rng(3).uniform(EXTENT[:2], EXTENT[2:], (40, 2))
    times = np.arange(40) % 3
    repeated = density(np.repeat(xy, times, axis=0), raster, 2_000)
    np.testing.assert_allclose(density(xy, raster, 2_000, weights=times), repeated, atol=1e-9)


def test_rows_go_down_from_the_north_and_points_outside_are_left_out() -> None:
    raster = raster_over(EXTENT, 1_000)
    assert (raster.rows, raster.cols, raster.west, raster.north) == (15, 20, 540_000, 1_665_000)
    found = density([(541_500, 1_663_500), (0, 0)], raster, 1_000)
    assert np.unravel_index(found.argmax(), found.shape) == (1, 1)
    assert mass(found, raster) == pytest.approx(1)


def test_no_point_is_no_density() -> None:
    raster = raster_over(EXTENT, 1_000)
    assert not density(np.empty((0, 2)), raster, 2_000).any()


def test_what_cannot_be_a_raster_or_a_bandwidth_is_said() -> None:
    raster = raster_over(EXTENT, 1_000)
    with pytest.raises(BadInput, match="bandwidth in metres must be from 1000 to 20000, not 500"):
        density([(0, 0)], raster, 500)
    with pytest.raises(BadInput, match="from 1000 to 5000, not 6000"):
        density([(0, 0)], raster, 6_000, "gaussian")
    with pytest.raises(BadInput, match="mask must have the shape"):
        density([(0, 0)], raster, 2_000, mask=np.ones((3, 3), dtype=bool))
    with pytest.raises(BadInput, match="mask holds no cell"):
        density([(0, 0)], raster, 2_000, mask=np.zeros((15, 20), dtype=bool))
    with pytest.raises(BadInput, match="at most 4,000,000"):
        raster_over(EXTENT, 1)
    with pytest.raises(BadInput, match="extent is empty"):
        raster_over((0, 0, 0, 1), 1)
