"""OGC API Tiles over HTTP: metadata that is true, tiles that decode, answers to bad addresses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import mapbox_vector_tile
import pytest

from spatial.tiles import TILE_MATRIX_SETS, Tile
from tests.http.conftest import LAYERS

MVT = "application/vnd.mapbox-vector-tile"
SETS = tuple(TILE_MATRIX_SETS)
SOS = "/ogc/collections/sos_requests"
SOS_TILES = f"{SOS}/tiles"
CENTRE = (108.25, 15.6)
Rows = Callable[..., list[Any]]


def decoded(answer: httpx.Response, layer: str) -> list[dict[str, Any]]:
    """The features of a tile; none for an empty one."""
    if answer.status_code == 204:
        assert answer.content == b""
        return []
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MVT
    tile = mapbox_vector_tile.decode(answer.content)
    assert list(tile) == [layer]
    features: list[dict[str, Any]] = tile[layer]["features"]
    return features


def address(name: str, tile: Tile) -> str:
    """The path of a tile below a layer's `tiles`."""
    return f"{name}/{tile.z}/{tile.row}/{tile.col}"


@pytest.mark.parametrize("layer", LAYERS)
def test_tilesets_are_listed_and_described(client: httpx.Client, layer: str) -> None:
    listed = client.get(f"/ogc/collections/{layer}/tiles").json()["tilesets"]
    assert [each["tileMatrixSetURI"].rpartition("/")[2] for each in listed] == list(SETS)
    for each in listed:
        links = {link["rel"]: link for link in each["links"]}
        assert links["item"]["templated"] is True
        assert links["item"]["type"] == MVT
        described = client.get(links["self"]["href"]).json()
        assert described["crs"] == each["crs"]
        assert described["dataType"] == "vector"
        assert described["layers"][0]["id"] == layer
        scheme = links["http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"]["href"]
        assert client.get(scheme).json()["uri"] == each["tileMatrixSetURI"]


@pytest.mark.parametrize("name", SETS)
def test_limits_hold_every_feature(client: httpx.Client, rows: Rows, name: str) -> None:
    described = client.get(f"{SOS_TILES}/{name}").json()
    limits = {int(each["tileMatrix"]): each for each in described["tileMatrixSetLimits"]}
    assert sorted(limits) == list(range(23))
    for lon, lat in rows("SELECT ST_X(geom), ST_Y(geom) FROM layer.sos_requests"):
        for z in (0, 7, 12, 16, 22):
            tile = TILE_MATRIX_SETS[name].tile_at(lon, lat, z)
            assert limits[z]["minTileRow"] <= tile.row <= limits[z]["maxTileRow"]
            assert limits[z]["minTileCol"] <= tile.col <= limits[z]["maxTileCol"]


@pytest.mark.parametrize("name", SETS)
def test_tilejson_names_what_tiles_hold(client: httpx.Client, name: str) -> None:
    document = client.get(f"{SOS_TILES}/{name}", params={"f": "tilejson"}).json()
    assert document["tilejson"] == "3.0.0"
    (layer,) = document["vector_layers"]
    tile = TILE_MATRIX_SETS[name].tile_at(*CENTRE, 9)
    (template,) = document["tiles"]
    found = client.get(
        template.replace("{z}", "9").replace("{y}", str(tile.row)).replace("{x}", str(tile.col))
    )
    features = decoded(found, layer["id"])
    assert features
    for feature in features:
        assert feature["properties"].keys() <= layer["fields"].keys()
        assert "id" in feature["properties"] or "n" in feature["properties"]


def test_tile_matrix_sets(client: httpx.Client) -> None:
    listed = client.get("/ogc/tileMatrixSets").json()["tileMatrixSets"]
    assert [each["id"] for each in listed] == list(SETS)
    mercator = client.get("/ogc/tileMatrixSets/WebMercatorQuad").json()
    assert mercator["crs"] == "http://www.opengis.net/def/crs/EPSG/0/3857"
    first = mercator["tileMatrices"][0]
    assert first["scaleDenominator"] == pytest.approx(559082264.028717)
    assert first["cellSize"] == pytest.approx(156543.033928041)
    degrees = client.get("/ogc/tileMatrixSets/WorldCRS84Quad").json()
    assert (
        degrees["tileMatrices"][0]["matrixWidth"],
        degrees["tileMatrices"][0]["matrixHeight"],
    ) == (2, 1)
    assert degrees["tileMatrices"][0]["scaleDenominator"] == pytest.approx(279541132.014358)


@pytest.mark.parametrize("name", SETS)
def test_a_tile_carries_the_public_columns_of_its_record(client: httpx.Client, name: str) -> None:
    tile = TILE_MATRIX_SETS[name].tile_at(*CENTRE, 10)
    features = decoded(client.get(f"{SOS_TILES}/{address(name, tile)}"), "sos_requests")
    assert features
    for feature in features:
        assert set(feature["properties"]) == {"id", "code", "category", "priority", "state"}


@pytest.mark.parametrize("name", SETS)
def test_areas_are_cut_near_their_tile(client: httpx.Client, name: str) -> None:
    tile = TILE_MATRIX_SETS[name].tile_at(*CENTRE, 9)
    answer = client.get(f"/ogc/collections/admin_units/tiles/{address(name, tile)}")
    features = decoded(answer, "admin_units")
    assert any(f["properties"]["level"] == "commune" for f in features)
    for feature in features:
        kind, coordinates = feature["geometry"]["type"], feature["geometry"]["coordinates"]
        for polygon in [coordinates] if kind == "Polygon" else coordinates:
            for ring in polygon:
                assert all(-2048 <= value <= 6144 for place in ring for value in place)


def test_filters_select_features(client: httpx.Client, rows: Rows) -> None:
    path = f"{SOS_TILES}/WebMercatorQuad/0/0/0"
    ((expected,),) = rows("SELECT count(*) FROM layer.sos_requests WHERE state = 'new'")
    by_property = decoded(client.get(path, params={"state": "new"}), "sos_requests")
    by_filter = decoded(client.get(path, params={"filter": "state = 'new'"}), "sos_requests")
    assert len(by_property) == len(by_filter) == expected
    assert {f["properties"]["state"] for f in by_property} == {"new"}
    nothing = client.get(path, params={"datetime": "1990-01-01"})
    assert nothing.status_code == 204
    everything = decoded(client.get(path, params={"datetime": "1990-01-01/.."}), "sos_requests")
    ((total,),) = rows("SELECT count(*) FROM layer.sos_requests")
    assert sum(f["properties"].get("n", 1) for f in everything) == total


def test_an_empty_tile_has_no_content(client: httpx.Client) -> None:
    answer = client.get(f"{SOS_TILES}/WebMercatorQuad/9/0/0")
    assert (answer.status_code, answer.content) == (204, b"")


def test_an_unchanged_tile_is_not_sent_again(client: httpx.Client) -> None:
    path = f"{SOS_TILES}/WebMercatorQuad/6/29/51"
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("WebMercatorQuad/0/1/0", 404),
        ("WebMercatorQuad/0/0/1", 404),
        ("WebMercatorQuad/3/8/0", 404),
        ("WebMercatorQuad/23/0/0", 404),
        ("WebMercatorQuad/99/0/0", 404),
        ("WorldCRS84Quad/0/0/2", 404),
        ("WorldCRS84Quad/0/1/0", 404),
        ("NoSuchQuad/0/0/0", 404),
        ("NoSuchQuad", 404),
        ("WebMercatorQuad/-1/0/0", 400),
        ("WebMercatorQuad/0/x/0", 400),
        ("WebMercatorQuad/0/0/1.5", 400),
        ("WebMercatorQuad/0/0/%D9%A1", 400),
        ("WebMercatorQuad/3/99999999999999999999/0", 400),
        ("WebMercatorQuad/0/0/0?f=png", 400),
        ("WebMercatorQuad/0/0/0?colour=red", 400),
        ("WebMercatorQuad/0/0/0?state=nowhere", 400),
        ("WebMercatorQuad/0/0/0?filter=state%20%3D", 400),
        ("WebMercatorQuad/0/0/0?datetime=yesterday", 400),
        ("WebMercatorQuad?f=xml", 400),
    ],
)
def test_bad_addresses_are_answered_with_a_reason(
    client: httpx.Client, path: str, status: int
) -> None:
    answer = client.get(f"{SOS_TILES}/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(json.loads(answer.content)["detail"]) > 10
