"""OGC API Tiles part 1 (20-057), Tile Matrix Set 2.0 (17-083r4): abstract tests by identifier."""

from __future__ import annotations

import math
from typing import Any

import httpx
import mapbox_vector_tile
import pytest

from tests.http.abstract import abstract
from tests.http.conftest import LAYERS, Rows

TILES = "ogcapi-tiles-1/1.0/conf"
TMS = "tms/2.0/conf"
MVT = "application/vnd.mapbox-vector-tile"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
SETS = ("WebMercatorQuad", "WorldCRS84Quad")

each_layer = pytest.mark.parametrize("name", LAYERS)
each_set = pytest.mark.parametrize("grid", SETS)


def get(client: httpx.Client, address: str) -> dict[str, Any]:
    """The JSON of a successful answer."""
    answer = client.get(address, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def link(document: dict[str, Any], rel: str) -> dict[str, Any]:
    """The first link of that relation."""
    found: dict[str, Any] = next(each for each in document["links"] if each["rel"] == rel)
    return found


@abstract(f"{TMS}/tilematrixset", "definition")
@abstract(f"{TMS}/json-tilematrixset", "definition")
@abstract(f"{TILES}/core", "tms-definition")
@each_set
def test_tile_matrix_sets(client: httpx.Client, grid: str) -> None:
    listed = {each["id"]: each for each in get(client, "/ogc/tileMatrixSets")["tileMatrixSets"]}
    assert sorted(listed) == sorted(SETS)
    found = get(client, link(listed[grid], "self")["href"])
    assert found["id"] == grid
    for level, matrix in enumerate(found["tileMatrices"]):
        assert matrix["id"] == str(level)
        assert matrix["matrixHeight"] == 2**level
        assert matrix["tileWidth"] == matrix["tileHeight"] == 256
        first = found["tileMatrices"][0]
        assert matrix["scaleDenominator"] == pytest.approx(first["scaleDenominator"] / 2**level)
    scales = {"WebMercatorQuad": 559082264.028717, "WorldCRS84Quad": 279541132.014358}
    assert first["scaleDenominator"] == pytest.approx(scales[grid], rel=1e-9)


@abstract(f"{TILES}/tilesets-list", "tileset-list")
@abstract(f"{TILES}/geodata-tilesets", "desc-links")
@abstract(f"{TILES}/tileset", "desc-links", "tileset-metadata", "tms-limits")
@abstract(f"{TMS}/tilesetmetadata", "metadata")
@abstract(f"{TMS}/json-tilesetmetadata", "metadata")
@each_layer
def test_tilesets(client: httpx.Client, name: str) -> None:
    collection = get(client, f"/ogc/collections/{name}")
    listed = get(client, link(collection, f"{REL}tilesets-vector")["href"])["tilesets"]
    assert len(listed) == len(SETS)
    for each in listed:
        found = get(client, link(each, "self")["href"])
        assert found["dataType"] == "vector"
        assert found["tileMatrixSetURI"] == each["tileMatrixSetURI"]
        assert get(client, link(found, f"{REL}tiling-scheme")["href"])["crs"]
        assert [layer["id"] for layer in found["layers"]] == [name]
        assert found["tileMatrixSetLimits"]
        template = link(found, "item")
        assert template["templated"] is True
        assert template["type"] == MVT
        for variable in ("{tileMatrix}", "{tileRow}", "{tileCol}"):
            assert variable in template["href"]


@abstract(f"{TILES}/core", "tc-op", "tc-success", "tc-mediatype-link")
@abstract(f"{TILES}/mvt", "content")
@each_set
@each_layer
def test_tiles_of_the_limits_hold_the_layer(
    client: httpx.Client, rows: Rows, name: str, grid: str
) -> None:
    found = get(client, f"/ogc/collections/{name}/tiles/{grid}")
    template = link(found, "item")["href"]
    limits = next(each for each in found["tileMatrixSetLimits"] if each["tileMatrix"] == "7")
    total = 0
    for row in range(limits["minTileRow"], limits["maxTileRow"] + 1):
        for column in range(limits["minTileCol"], limits["maxTileCol"] + 1):
            address = template.format(tileMatrix=7, tileRow=row, tileCol=column)
            answer = client.get(address)
            assert answer.status_code in (200, 204)
            if answer.status_code == 204:
                continue
            assert answer.headers["content-type"] == MVT
            tile = mapbox_vector_tile.decode(answer.content)
            assert list(tile) == [name]
            for feature in tile[name]["features"]:
                total += feature["properties"].get("n", 1)
    if name in ("admin_units", "alerts", "directives", "outbreak_zones"):
        # An area is in every tile that it reaches into.
        assert total > 0
    else:
        assert total == rows(f'SELECT count(*) FROM layer."{name}"')[0][0]


@abstract(f"{TILES}/core", "tc-error")
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("WebMercatorQuad/0/1/0", 404),
        ("WebMercatorQuad/5/32/0", 404),
        ("WebMercatorQuad/25/0/0", 404),
        ("WebMercatorQuad/99999999999/0/0", 400),
        ("WebMercatorQuad/a/0/0", 400),
        ("WebMercatorQuad/1/-1/0", 400),
        ("WebMercatorQuad/1/0.5/0", 400),
        ("WebMercatorQuad/1/١/0", 400),
        ("NoSuchQuad/0/0/0", 404),
        ("NoSuchQuad", 404),
        ("WebMercatorQuad/0/0/0?f=png", 400),
        ("WebMercatorQuad/0/0/0?nope=1", 400),
        ("WebMercatorQuad/0/0/0?filter=nope", 400),
    ],
)
def test_tiles_that_do_not_exist(client: httpx.Client, address: str, status: int) -> None:
    answer = client.get(f"/ogc/collections/hotels/tiles/{address}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@abstract(f"{TILES}/oas30", "completeness", "oas-impl")
def test_tiles_are_in_the_definition(client: httpx.Client) -> None:
    paths = client.get("/ogc/api").json()["paths"]
    for name in LAYERS:
        for path in ("tiles", "tiles/{tms}", "tiles/{tms}/{z}/{row}/{col}"):
            assert f"/collections/{name}/{path}" in paths


@each_layer
def test_tilejson_leads_to_the_tiles(client: httpx.Client, name: str) -> None:
    found = get(client, f"/ogc/collections/{name}/tiles/WebMercatorQuad?f=tilejson")
    assert found["tilejson"] == "3.0.0"
    west, south, east, north = found["bounds"]
    longitude, latitude = (west + east) / 2, (south + north) / 2
    zoom = 8
    x = int((longitude + 180) / 360 * 2**zoom)
    y = int((0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)) * 2**zoom)
    answer = client.get(found["tiles"][0].format(z=zoom, x=x, y=y))
    assert answer.status_code == 200
    tile = mapbox_vector_tile.decode(answer.content)[name]
    fields = found["vector_layers"][0]["fields"]
    for feature in tile["features"]:
        assert feature["properties"].keys() <= fields.keys()
