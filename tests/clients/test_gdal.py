"""GDAL's OAPIF driver, as `ogrinfo` and `ogr2ogr` run it, against the real server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from layers.catalogue import CATALOGUE
from layers.migrate import sqlalchemy_url

LAYERS = {
    "admin_units": "Multi Polygon",
    "alerts": "Multi Polygon",
    "directives": "Multi Polygon",
    "checkpoints": "Point",
    "hotels": "Point",
    "quarantine_sites": "Point",
    "rescue_teams": "Point",
    "shelters": "Point",
    "sos_requests": "Point",
    "vaccination_points": "Point",
}
PAGE = ("-oo", "PAGE_SIZE=500")


def run(*arguments: str) -> str:
    """What a GDAL program says; it must say nothing of errors."""
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "ERROR" not in said, said
    return said


def info(server: str, layer: str, *arguments: str) -> str:
    """`ogrinfo -so` of a layer."""
    return run("ogrinfo", "-ro", "-so", *arguments, f"OAPIF:{server}/ogc", layer)


def feature_count(server: str, layer: str, *arguments: str) -> int:
    """How many features GDAL counts."""
    found = re.search(r"Feature Count: (\d+)", info(server, layer, *arguments))
    assert found is not None
    return int(found[1])


def count(database_url: str, layer: str, condition: str = "true") -> int:
    """What the database says."""
    engine = sa.create_engine(sqlalchemy_url(database_url))
    with engine.connect() as connection:
        text = sa.text(f'SELECT count(*) FROM layer."{layer}" WHERE {condition}')
        number = int(connection.execute(text).scalar_one())
    engine.dispose()
    return number


def downloaded(server: str, layer: str, path: Path, *arguments: str) -> list[dict[str, Any]]:
    """All features that ogr2ogr reads, as GeoJSON."""
    run("ogr2ogr", *PAGE, *arguments, "-f", "GeoJSON", str(path), f"OAPIF:{server}/ogc", layer)
    features: list[dict[str, Any]] = json.loads(path.read_text())["features"]
    return features


def test_the_layers_are_listed_with_title_and_type(server: str) -> None:
    said = run("ogrinfo", "-ro", f"OAPIF:{server}/ogc")
    for name, kind in LAYERS.items():
        assert re.search(rf"\d: {name} \(title: .+\) \({kind}\)", said)


def test_columns_have_their_types_and_the_extent_is_right(server: str) -> None:
    said = info(server, "sos_requests")
    for name, kind in {
        "id": "String",
        "people": "Integer",
        "reported_at": "DateTime",
        "resolved_at": "DateTime",
        "priority": "String",
    }.items():
        assert f"\n{name}: {kind}" in said
    assert "injured" not in said
    extent = re.search(r"Extent: \(([\d.]+), ([\d.]+)\) - \(([\d.]+), ([\d.]+)\)", said)
    assert extent is not None
    west, south, east, north = map(float, extent.groups())
    assert 107 < west < east < 109
    assert 14.9 < south < north < 16.1
    assert "area_km2: Real" in info(server, "admin_units")


def limits(said: str) -> list[int]:
    """The page sizes in GDAL's account of its requests, in order, those that repeat once."""
    return list(dict.fromkeys(int(size) for size in re.findall(r"/items\?limit=(\d+)", said)))


def test_pages_are_as_large_as_asked(server: str, tmp_path: Path) -> None:
    """GDAL before 3.8 takes 10 unless told, and reads no definition for it."""
    path = str(tmp_path / "sos.gpkg")
    size = ("-oo", "PAGE_SIZE=1000")
    said = run(
        "ogr2ogr", "--debug", "HTTP", *size, path, f"OAPIF:{server}/ogc", "sos_requests"
    )  # fmt: skip
    assert limits(said) == [1000]


def test_gdal_from_3_8_on_asks_for_large_pages_by_itself(server: str) -> None:
    """The one that pyogrio brings along: 20 features to learn the columns, then 1,000 a page."""
    code = "import sys, pyogrio; pyogrio.read_arrow(sys.argv[1], layer='sos_requests')"
    done = subprocess.run(
        [sys.executable, "-c", code, f"OAPIF:{server}/ogc"],
        env={**os.environ, "CPL_DEBUG": "HTTP"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert limits(done.stderr) == [20, 1000]


@pytest.mark.parametrize("name", LAYERS)
def test_whole_layers_are_read(server: str, database_url: str, name: str, tmp_path: Path) -> None:
    features = downloaded(server, name, tmp_path / "whole.geojson")
    total = count(database_url, name)
    assert len(features) == feature_count(server, name) == total
    # Numbers that identify features become GDAL's own, which it does not write out.
    known = CATALOGUE[name].table.c
    key = next(one for one in ("code", "number", CATALOGUE[name].id_column) if one in known)
    assert len({f["properties"][key] for f in features}) == total


@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ("priority = 'critical'", "priority = 'critical'"),
        ("priority <> 'critical' AND people > 3", "priority <> 'critical' AND people > 3"),
        ("people BETWEEN 2 AND 3", "people BETWEEN 2 AND 3"),
        ("people >= 2.5", "people >= 2.5"),
        ("NOT (state = 'new')", "state <> 'new'"),
        ("resolved_at IS NULL", "resolved_at IS NULL"),
        ("code LIKE 'S1000%'", "code LIKE 'S1000%'"),
        ("code ILIKE 's1000%'", "code ILIKE 's1000%'"),
        ("category IN ('medical', 'trapped')", "category IN ('medical', 'trapped')"),
        (
            "reported_at >= '2020/01/01 00:00:00' AND reported_at < '2099/01/01 00:00:00'",
            "true",
        ),
    ],
)
def test_attribute_filters(
    server: str, database_url: str, tmp_path: Path, where: str, condition: str
) -> None:
    expected = count(database_url, "sos_requests", condition)
    assert expected > 0
    assert feature_count(server, "sos_requests", "-where", where) == expected
    path = tmp_path / "filtered.geojson"
    assert len(downloaded(server, "sos_requests", path, "-where", where)) == expected


def test_filters_are_pushed_down(server: str) -> None:
    said = info(server, "sos_requests", "--debug", "HTTP", "-where", "people > 3")
    assert "filter=people%20%3E%203&filter-lang=cql-text" in said


@pytest.mark.parametrize("name", LAYERS)
def test_spatial_filter(server: str, database_url: str, name: str) -> None:
    inside = "ST_Intersects(geom, ST_MakeEnvelope(108.3, 15.5, 108.6, 15.65, 4326))"
    expected = count(database_url, name, inside)
    assert expected > 0
    box = ("-spat", "108.3", "15.5", "108.6", "15.65")
    assert feature_count(server, name, *box) == expected


def test_one_feature_by_id(server: str, database_url: str, tmp_path: Path) -> None:
    every = downloaded(server, "sos_requests", tmp_path / "every.geojson")
    wanted = every[7]["properties"]["id"]
    (found,) = downloaded(
        server, "sos_requests", tmp_path / "one.geojson", "-where", f"id = '{wanted}'"
    )
    assert found["properties"] == every[7]["properties"]


def test_flatgeobuf_of_the_export(server: str, database_url: str) -> None:
    address = f"/vsicurl/{server}/ogc/collections/hotels/export?f=fgb"
    said = run("ogrinfo", "-ro", "-so", "-al", address)
    assert f"Feature Count: {count(database_url, 'hotels')}" in said
    assert 'ID["EPSG",4326]' in said
