"""OGC API Features part 2 (18-058r1): the abstract tests, by their identifiers."""

from __future__ import annotations

from typing import Any

import httpx
import pyproj
import pytest

from tests.http.abstract import abstract
from tests.http.conftest import EVERY_LAYER, LAYERS

CRS = "ogcapi-features-2/1.0/conf/crs"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
LISTED = (CRS84, *(f"{EPSG}{code}" for code in (4326, 3857, 4756, 3405, 3406, 5899)))
METRES = 0.5
"""Two ways to shift between datums differ by less than this."""

HOTELS = "/ogc/collections/hotels/items"


def transformer(uri: str) -> pyproj.Transformer:
    """From CRS84 to a listed system, both in the order of axes that clients write."""
    target = "OGC:CRS84" if uri == CRS84 else f"EPSG:{uri.rpartition('/')[2]}"
    return pyproj.Transformer.from_crs("OGC:CRS84", target)


def points(client: httpx.Client, **parameters: Any) -> dict[Any, list[float]]:
    """The coordinates of all hotels that match, by id."""
    answer = client.get(HOTELS, params={"limit": 1000, **parameters})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-crs"] == f"<{parameters.get('crs', CRS84)}>"
    return {f["id"]: f["geometry"]["coordinates"] for f in answer.json()["features"]}


@abstract(CRS, "crs-uri", "default-crs", "storageCrs")
def test_collections_list_their_systems(client: httpx.Client) -> None:
    document = client.get("/ogc/collections").json()
    assert document["crs"] == list(LISTED)
    features = [one for one in document["collections"] if one["itemType"] == "feature"]
    assert {one["id"] for one in features} == set(EVERY_LAYER)
    for entry in features:
        assert entry["crs"] == list(LISTED)
        assert entry["storageCrs"] == CRS84


@abstract(CRS, "crs-parameter-default")
@pytest.mark.parametrize("name", LAYERS)
def test_answers_say_their_system(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/ogc/collections/{name}/items")
    assert answer.headers["content-crs"] == f"<{CRS84}>"


@abstract(CRS, "crs-parameter", "crs-parameter-transform")
@pytest.mark.parametrize("uri", LISTED)
def test_coordinates_are_in_the_system_asked_for(client: httpx.Client, uri: str) -> None:
    change = transformer(uri)
    tolerance = METRES if uri[-4:] in ("3857", "3405", "3406", "5899") else METRES / 1e5
    there = points(client, crs=uri)
    for identifier, (longitude, latitude) in points(client).items():
        expected = change.transform(longitude, latitude)
        assert there[identifier] == pytest.approx(expected, abs=tolerance)
    first = next(iter(there))
    one = client.get(f"{HOTELS}/{first}", params={"crs": uri})
    assert one.headers["content-crs"] == f"<{uri}>"
    assert one.json()["geometry"]["coordinates"] == there[first]


@abstract(CRS, "crs-parameter-invalid", "bbox-crs-parameter-invalid")
@pytest.mark.parametrize("uri", [f"{EPSG}27700", "EPSG:4326x", "http://example.org/crs", ""])
def test_systems_that_are_not_listed_are_refused(client: httpx.Client, uri: str) -> None:
    for path, parameters in (
        (HOTELS, {"crs": uri}),
        (f"{HOTELS}/1", {"crs": uri}),
        (HOTELS, {"bbox": "108,15,109,16", "bbox-crs": uri}),
    ):
        answer = client.get(path, params=parameters)
        assert answer.status_code == 400
        assert "crs" in answer.json()["detail"]


@abstract(CRS, "bbox-crs-parameter", "bbox-crs-parameter-default")
@pytest.mark.parametrize("uri", LISTED)
def test_bbox_in_each_system(client: httpx.Client, uri: str) -> None:
    every = points(client)
    west, east = sorted(p[0] for p in every.values())[5:-5:29]
    south, north = 15.0, 16.2
    change = transformer(uri)
    corners = [change.transform(x, y) for x in (west, east) for y in (south, north)]
    box = [
        min(x for x, _ in corners),
        min(y for _, y in corners),
        max(x for x, _ in corners),
        max(y for _, y in corners),
    ]
    found = points(client, bbox=",".join(map(repr, box)), **{"bbox-crs": uri})
    inside = {
        identifier
        for identifier, place in every.items()
        if _within(change.transform(place[0], place[1]), box)
    }
    assert 0 < len(inside) < len(every)
    assert found.keys() == inside


def _within(place: tuple[float, float], box: list[float]) -> bool:
    return box[0] <= place[0] <= box[2] and box[1] <= place[1] <= box[3]
