"""Rasters without a server: taking files in, reading on grids, colours, zones, surfaces."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.enums import Resampling

from layers.rasters.intake import Bounds, take_in
from spatial.crs import crs_from_srid
from spatial.errors import BadInput
from spatial.rasters import grids, zones
from spatial.rasters.colours import Class, Style, parse_class, parse_style
from spatial.rasters.facts import Facts
from spatial.rasters.intake import BadRaster, Wish, take
from spatial.rasters.reading import read
from spatial.stats.bandwidth import reference_bandwidth
from spatial.stats.kernel import raster_over
from spatial.stats.surface import interpolate
from tests.rasters import HOSTILE, NORTH, PIXEL, SRID, WEST, classes, geotiff, heights

WISH = Wish(pixels=400_000_000, bytes=2_000_000)


def taken(source: Path, target: Path, **wish: object) -> Facts:
    return take(source, target, Wish(400_000_000, 10_000_000, **wish), lambda done: None)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Facts]:
    """The tilted plane as a raster of ours; its first ten rows have no value."""
    folder = tmp_path_factory.mktemp("plane")
    values = heights()
    values[:10] = -9999
    source = geotiff(folder / "plane.tif", values, nodata=-9999)
    return folder / "cog.tif", taken(source, folder / "cog.tif", unit="m", description="Độ cao")


def test_a_file_becomes_a_cloud_optimised_geotiff(plane: tuple[Path, Facts]) -> None:
    path, facts = plane
    with rasterio.open(path) as cog:
        assert cog.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert cog.profile["tiled"]
        assert cog.block_shapes == [(256, 256)]
        assert cog.overviews(1) == [2, 4]
        assert cog.crs.to_epsg() == SRID
        assert math.isnan(cog.nodata)
        assert (cog.units, cog.descriptions) == (("m",), ("Độ cao",))
        found = cog.read(1, masked=True)
    assert found.mask[:10].all()
    assert not found.mask[10:].any()
    assert (found[10:] == heights()[10:]).all()
    assert facts.valid == 590 * 800
    expected = heights()[10:].astype(float)
    assert facts.mean == pytest.approx(expected.mean())
    assert facts.std == pytest.approx(expected.std())
    assert (facts.minimum, facts.maximum) == (expected.min(), expected.max())
    assert facts.low == pytest.approx(np.percentile(expected, 2), rel=0.01)
    assert Facts.from_json(facts.to_json()) == facts


def test_whole_numbers_always_have_a_value_for_none(tmp_path: Path) -> None:
    """A type without room gets the next one, so that what is not covered is never a value."""
    facts = taken(geotiff(tmp_path / "a.tif", classes()), tmp_path / "cog.tif", categorical=True)
    assert (facts.dtype, facts.nodata) == ("int16", -32768)
    kept = taken(
        geotiff(tmp_path / "b.tif", classes(), nodata=2), tmp_path / "cog2.tif", categorical=True
    )
    assert (kept.dtype, kept.nodata, kept.valid) == ("uint8", 2, 300 * 200)
    with rasterio.open(tmp_path / "cog.tif") as cog:
        # The overviews of classes mix none.
        small = cog.read(1, out_shape=(75, 100), resampling=Resampling.nearest)
    assert set(np.unique(small)) == {1, 2}


@pytest.mark.parametrize("name", HOSTILE)
def test_bad_files_are_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    make, reason = HOSTILE[name]
    make(tmp_path / "bad.tif")
    with pytest.raises(BadRaster, match=reason) as caught:
        take(tmp_path / "bad.tif", tmp_path / "cog.tif", WISH, lambda done: None)
    assert caught.value.vi != caught.value.en
    assert len(caught.value.en) < 300


@pytest.mark.parametrize(
    "path", ["/vsicurl/http://127.0.0.1/a.tif", "https://127.0.0.1/a.tif", "zip://a.zip!b.tif"]
)
def test_only_files_are_read(tmp_path: Path, path: str) -> None:
    with pytest.raises(BadRaster, match=r"no file|cannot be read"):
        take(Path(path), tmp_path / "cog.tif", WISH, lambda done: None)


def test_what_is_beside_a_file_is_not_read(tmp_path: Path) -> None:
    source = geotiff(tmp_path / "a.tif", heights(30, 30), crs=None)
    (tmp_path / "a.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:5899</SRS></PAMDataset>")
    with pytest.raises(BadRaster, match="no CRS"):
        taken(source, tmp_path / "cog.tif")
    assert taken(source, tmp_path / "cog.tif", srid=SRID).srid == SRID


def test_a_file_can_at_most_end_the_process_that_reads_it(tmp_path: Path) -> None:
    """Three hundred megabytes for a strip of it, of which the process may not have as many."""
    big = tmp_path / "big.tif"
    with rasterio.open(
        big, "w", driver="GTiff", width=75_000, height=1_000, count=1, dtype="float64",
        crs=f"EPSG:{SRID}", transform=rasterio.Affine(1, 0, WEST, 0, -1, NORTH), sparse_ok=True,
    ):  # fmt: skip
        pass
    with pytest.raises(BadInput, match=r"memory|MB"):
        take_in(big, tmp_path / "cog.tif", WISH, Bounds(60, 300, 10))
    with pytest.raises(BadInput, match=r"0\.01 s"):
        take_in(big, tmp_path / "cog.tif", WISH, Bounds(0.01, 300, 10))


def test_pixels_are_read_as_they_are_and_elsewhere_where_they_belong(
    plane: tuple[Path, Facts],
) -> None:
    path, facts = plane
    box = (WEST + 1000.0, NORTH - 5000.0, WEST + 2000.0, NORTH - 3000.0)
    grid = grids.native(facts, box)
    assert grid is not None
    assert (grid.width, grid.height, grid.box) == (10, 20, box)
    values, valid = read(path, facts, grid, False)
    assert (values == heights()[30:50, 10:20]).all()
    assert valid.all()
    half, _ = read(path, facts, grid.resized(5, 10), False)
    assert half[0, 0] == pytest.approx(heights()[30:32, 10:12].mean())
    # In degrees the plane has the same value at the same place.
    degrees = grids.projected(facts, crs_from_srid(4326), facts.degrees)
    assert degrees is not None
    moved, there = read(path, facts, degrees, False)
    row, col = degrees.height // 2, degrees.width // 2
    assert there[row, col]
    across, down = degrees.pixel
    lon, lat = degrees.box[0] + (col + 0.5) * across, degrees.box[3] - (row + 0.5) * down
    (east,), (north,) = rasterio.warp.transform("EPSG:4326", f"EPSG:{SRID}", [lon], [lat])
    expected = 100 + (NORTH - north) / PIXEL - 0.5 + ((east - WEST) / PIXEL - 0.5) / 2
    assert moved[row, col] == pytest.approx(expected, abs=0.5)
    assert not there[0].all()


def test_the_whole_world_is_drawn_where_the_system_reaches() -> None:
    world = grids.moved_box((-180, -90, 180, 90), crs_from_srid(4326), crs_from_srid(3857))
    assert world[0] == pytest.approx(-20037508.34, rel=1e-6)
    assert world[3] > 20_000_000
    with pytest.raises(BadInput, match="5899"):
        grids.moved_box((1e9, 1e9, 2e9, 2e9), crs_from_srid(5899), crs_from_srid(3857))


def test_colours_and_legend() -> None:
    style = parse_style("heat", 0, 10, fades=True)
    values = np.array([[0.0, 10.0, 99.0, np.nan]])
    found = style.rgba(values, np.isfinite(values))
    assert found[0, 0, 3] == 0
    assert found[0, 1].tolist() == found[0, 2].tolist() == [0x80, 0x00, 0x26, 255]
    assert found[0, 3, 3] == 0
    assert [one[0] for one in style.legend()] == [0, 2, 4, 6, 8, 10]
    named = Style(classes=(Class(1, "#ff0000", "Khô"), parse_class("2=#0000FF=Ngập")))
    found = named.rgba(np.array([[1, 2, 3]]), np.ones((1, 3), dtype=bool))
    assert found.tolist() == [[[255, 0, 0, 255], [0, 0, 255, 255], [0, 0, 0, 0]]]
    assert Style.from_json(named.to_json()) == named
    for bad in ("2", "x=#0000ff=y", "1=blue=y", "1=#0000ff="):
        with pytest.raises(BadInput):
            parse_class(bad)
    with pytest.raises(BadInput, match="rainbow"):
        parse_style("rainbow", 0, 1)


def test_zonal_statistics_count_pixels_by_their_centres(
    plane: tuple[Path, Facts], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, facts = plane
    inside = shapely.box(WEST + 1000, NORTH - 5000, WEST + 2000, NORTH - 3000)
    areas = np.array(
        [
            inside,
            # Less than a pixel, and without its centre; away from the raster; half without values.
            shapely.box(WEST + 1001, NORTH - 5001, WEST + 1030, NORTH - 5020),
            shapely.box(WEST - 2000, NORTH, WEST - 1000, NORTH + 1000),
            shapely.box(WEST, NORTH - 2000, WEST + 1000, NORTH),
        ],
        dtype=object,
    )
    found = zones.zonal(path, facts, areas)
    pixels = heights()[30:50, 10:20].astype(float)
    assert found["count"].tolist() == [200, 0, 0, 100]
    assert found["mean"][0] == pytest.approx(pixels.mean())
    assert found["sum"][0] == pytest.approx(pixels.sum())
    assert found["std"][0] == pytest.approx(pixels.std())
    assert (found["min"][0], found["max"][0]) == (pixels.min(), pixels.max())
    assert np.isnan(found["mean"][1:3]).all()
    monkeypatch.setattr(zones, "MOST", 30)
    for name, column in zones.zonal(path, facts, areas).items():
        np.testing.assert_allclose(column, found[name])


def test_surfaces_through_values() -> None:
    rng = np.random.default_rng(3)
    raster = raster_over((0.0, 0.0, 1000.0, 800.0), 50.0)
    places = np.vstack(
        (rng.uniform(0, 800, (60, 2)), [[-9, -9], [1009, -9], [-9, 809], [1009, 809]])
    )
    values = 3 + places[:, 0] / 10 - places[:, 1] / 5
    mask = np.ones((raster.rows, raster.cols), dtype=bool)
    x, y = raster.centres()
    linear = interpolate(places, values, raster, mask, "linear")
    np.testing.assert_allclose(linear, 3 + x[None] / 10 - y[:, None] / 5, atol=1e-9)
    spot = [[x[4], y[5]], [x[10], y[2]]]
    idw = interpolate(spot, [7.0, 1.0], raster, mask, "idw")
    assert (idw[5, 4], idw[2, 10]) == (pytest.approx(7), pytest.approx(1))
    assert idw.min() >= 1
    assert idw.max() <= 7
    with pytest.raises(BadInput, match="line"):
        interpolate([[0, 0], [1, 1], [2, 2], [3, 3]], [1, 2, 3, 4], raster, mask, "linear")


def test_the_reference_bandwidth_of_normal_places() -> None:
    """Silverman's table 4.1: 0.96 n^(-1/6) deviations; a kernel of compact support is wider."""
    xy = np.random.default_rng(1).normal(0, 500, (4000, 2))
    gaussian = reference_bandwidth(xy, "gaussian")
    assert gaussian == pytest.approx(0.96 * 500 * 4000 ** (-1 / 6), rel=0.03)
    assert reference_bandwidth(xy, "quartic") == pytest.approx(2.9 * gaussian, rel=0.01)
    with pytest.raises(BadInput):
        reference_bandwidth([[1.0, 1.0], [1.0, 1.0]], "quartic")
