"""GDAL and QGIS open rasters: the file, OGC API Coverages and Maps by GDAL's driver, map tiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from pyproj import Transformer

from tests.clients.headless import session
from tests.clients.test_gdal import run
from tests.http.test_rasters import Site, site
from tests.rasters import NORTH, PIXEL, SRID, WEST

__all__ = ["site"]
PLACE = (108.1, 15.5)


def address(site: Site) -> str:
    return str(site.client.base_url).rstrip("/")


def plane(lon: Any, lat: Any) -> Any:
    """The value that the tilted plane has at a place."""
    x, y = Transformer.from_crs(4326, SRID, always_xy=True).transform(lon, lat)
    return 100 + (NORTH - y) / PIXEL - 0.5 + ((x - WEST) / PIXEL - 0.5) / 2


@pytest.fixture(scope="module")
def layers(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one session of headless QGIS found of the raster, by the way that it was added."""
    folder = tmp_path_factory.mktemp("qgis")
    return session(
        "qgis_rasters.py", folder, address(site), str(folder), "heights", *map(str, PLACE)
    )


def test_qgis_opens_and_draws_a_raster_in_each_way(layers: dict[str, Any]) -> None:
    assert {way: found["valid"] for way, found in layers.items()} == dict.fromkeys(layers, True)
    file, coverage = layers["cog"], layers["coverage"]
    assert (file["crs"], file["width"], file["height"]) == (f"EPSG:{SRID}", 800, 600)
    assert abs(file["value"] - plane(*PLACE)) <= 0.75
    assert coverage["crs"] == "EPSG:4326"
    assert abs(coverage["value"] - plane(*PLACE)) <= 0.75
    assert layers["map"]["bands"] == 4
    # The same ground is covered, whichever way.
    for way, found in layers.items():
        assert abs(found["pixels"] / file["pixels"] - 1) < 0.02, (way, found)


def test_gdal_reads_a_coverage_where_and_what_it_is(site: Site, tmp_path: Path) -> None:
    source = f"OGCAPI:{address(site)}/ogc/collections/heights"
    path = tmp_path / "part.tif"
    box = ("107.9", "15.7", "108.3", "15.4")
    run("gdal_translate", "-q", "-oo", "CACHE=NO", "-projwin", *box, source, str(path))
    with rasterio.open(path) as opened:
        values = opened.read(1)
        assert (opened.crs.to_epsg(), opened.dtypes) == (4326, ("float32",))
        rows, columns = np.mgrid[0 : opened.height, 0 : opened.width]
        move = opened.transform
        lon, lat = move.c + move.a * (columns + 0.5), move.f + move.e * (rows + 0.5)
    assert values.shape > (300, 400)
    assert np.abs(values - plane(lon, lat)).max() < 0.1


def test_gdal_lists_rasters_among_the_collections(site: Site) -> None:
    said = run("gdalinfo", f"OGCAPI:{address(site)}/ogc")
    assert f"OGCAPI:{address(site)}/ogc/collections/heights" in said
    assert "/collections/secret" not in said
