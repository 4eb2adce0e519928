"""What the map is made from: `/api/map`, `/api/search`, styles, symbols and letters."""

from __future__ import annotations

import struct
from typing import Any

import httpx
import pytest

from tests.http.abstract import abstract
from tests.http.conftest import EVERY_LAYER, LAYERS, Rows

STYLES = "ogcapi-styles-1/0.0/conf"


def results(client: httpx.Client, **parameters: Any) -> list[dict[str, Any]]:
    """The results of a search."""
    answer = client.get("/api/search", params=parameters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_map_data(client: httpx.Client, rows: Rows) -> None:
    data = client.get("/api/map").json()
    assert data["province"]["name"] == {"vi": "Quảng Nam", "en": "Quang Nam"}
    assert data["province"]["timeZone"] == "Asia/Ho_Chi_Minh"
    assert data["basemap"] is None
    assert data["synthetic"] is True
    assert sorted(name for theme in data["themes"] for name in theme["layers"]) == list(EVERY_LAYER)
    layers = {layer["id"]: layer for layer in data["layers"]}
    assert sorted(layers) == list(EVERY_LAYER)
    for name, layer in layers.items():
        ((total,),) = rows(f'SELECT count(*) FROM layer."{name}"')
        assert layer["count"] == total
        assert layer["synthetic"] is (name in LAYERS and name != "admin_units")
        columns = {column["name"] for column in layer["columns"]}
        assert {layer["titleColumn"], layer["classColumn"]} <= columns
        style = client.get(layer["style"])
        assert style.status_code == 200
    state = next(c for c in layers["checkpoints"]["columns"] if c["name"] == "state")
    assert state["codes"]["open"] == {"vi": "Đang hoạt động", "en": "Open"}
    assert "injured" not in {column["name"] for column in layers["sos_requests"]["columns"]}


def test_search_finds_places_without_accents(client: httpx.Client) -> None:
    for text in ("tam ky", "Tam Kỳ", "TAM KỲ", "Tam  Ky "):
        first, second, *_ = results(client, q=text)
        assert [first["title"], second["title"]] == ["Phường Tam Kỳ", "Thành phố Tam Kỳ"]
    assert first["layer"] == "admin_units"
    assert first["subtitle"] == "Đơn vị hành chính · Thành phố Tam Kỳ"
    west, south, east, north = first["bbox"]
    assert west < first["center"][0] < east
    assert south < first["center"][1] < north
    (titled, *_) = results(client, q="dien ban", lang="en")
    assert titled["subtitle"].startswith("Administrative units")
    assert "Điện Bàn" in titled["title"]


def test_search_finds_features_by_name_and_code(client: httpx.Client, rows: Rows) -> None:
    ((code, identifier),) = rows("SELECT code, id FROM layer.sos_requests LIMIT 1")
    (found,) = results(client, q=code.lower())
    assert found["layer"] == "sos_requests"
    assert found["id"] == str(identifier)
    assert found["title"] == code
    assert found["bbox"] == found["center"] * 2
    ((name, number),) = rows("SELECT name, id FROM layer.hotels ORDER BY length(name) LIMIT 1")
    found, *_ = results(client, q=name)
    assert (found["layer"], found["id"], found["title"]) == ("hotels", number, name)
    assert " · " in found["subtitle"]


def test_search_is_bounded(client: httpx.Client) -> None:
    assert results(client) == []
    assert results(client, q="không có gì như thế") == []
    assert len(results(client, q="xã", limit=3)) == 3
    assert len(results(client, q="a", limit=500)) == 20
    assert results(client, q="%") == results(client, q="_") == []


@pytest.mark.parametrize(
    "parameters",
    [{"q": " "}, {"q": "a\x00b"}, {"q": "x" * 101}, {"q": "a", "limit": "0"}, {"q": "a", "n": "1"}],
)
def test_bad_searches_are_refused(client: httpx.Client, parameters: dict[str, str]) -> None:
    assert client.get("/api/search", params=parameters).status_code == 400


@abstract(f"{STYLES}/core", "styles-op", "style-op", "style-metadata-op")
@abstract(f"{STYLES}/mapbox-style", "content")
@pytest.mark.parametrize("name", LAYERS)
def test_styles(client: httpx.Client, server: str, name: str) -> None:
    listed = {entry["id"]: entry for entry in client.get("/ogc/styles").json()["styles"]}
    links = {link["rel"]: link for link in listed[name]["links"]}
    answer = client.get(links["stylesheet"]["href"])
    assert answer.headers["content-type"] == links["stylesheet"]["type"]
    style = answer.json()
    assert style["version"] == 8
    assert style["sprite"] == f"{server}/ogc/sprites/sprite"
    assert style["glyphs"] == f"{server}/ogc/fonts/{{fontstack}}/{{range}}.pbf"
    for source in style["sources"].values():
        assert source["url"].startswith(f"{server}/ogc/collections/")
    metadata = client.get(links["describedby"]["href"]).json()
    assert metadata["id"] == name
    assert metadata["stylesheets"][0]["link"]["href"] == links["stylesheet"]["href"]
    assert client.get(f"/ogc/styles/{name}x").status_code == 404


def test_symbols_that_styles_name_exist(client: httpx.Client) -> None:
    for scale in ("", "@2x"):
        answer = client.get(f"/ogc/sprites/sprite{scale}.json")
        assert answer.headers["content-type"] == "application/json"
        symbols = answer.json()
        picture = client.get(f"/ogc/sprites/sprite{scale}.png")
        assert picture.headers["content-type"] == "image/png"
        width, height = struct.unpack(">II", picture.content[16:24])
        for place in symbols.values():
            assert place["x"] + place["width"] <= width
            assert place["y"] + place["height"] <= height
    for name in LAYERS:
        text = client.get(f"/ogc/styles/{name}").text
        for layer in client.get(f"/ogc/styles/{name}").json()["layers"]:
            image = layer.get("layout", {}).get("icon-image")
            if isinstance(image, str):
                assert image in symbols
        assert "http" in text


def test_glyphs(client: httpx.Client) -> None:
    path = "/ogc/fonts/{}/{}.pbf"
    for stack in ("Be Vietnam Pro Regular", "No Such Font,Be Vietnam Pro SemiBold"):
        answer = client.get(path.format(stack, "0-255"))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-protobuf"
        assert "max-age" in answer.headers["cache-control"]
        again = client.get(
            path.format(stack, "0-255"), headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.status_code == 304
        assert again.content == b""


@pytest.mark.parametrize(
    "path",
    [
        "/ogc/fonts/No Such Font/0-255.pbf",
        "/ogc/fonts/Be Vietnam Pro Regular/0-256.pbf",
        "/ogc/fonts/Be Vietnam Pro Regular/x.pbf",
        "/ogc/fonts/..%2F..%2Fstyles%2Ffonts%2FBe Vietnam Pro Regular/0-255.pbf",
        "/ogc/fonts/%2e%2e/..%2fhotels.json%00.pbf",
        "/ogc/sprites/..%2fhotels.json",
        "/ogc/sprites/%2e%2e%2f%2e%2e%2fpyproject.toml",
        "/ogc/sprites/hotels.json",
        "/ogc/styles/..%2fsprite",
        "/ogc/styles/sprite",
        "/ogc/styles/sprite@2x",
    ],
)
def test_only_files_that_are_meant_to_be_served_are(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
