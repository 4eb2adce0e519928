"""Which representation and which language a client gets."""

from __future__ import annotations

import httpx
import pytest

from tests.http.conftest import LAYERS

ITEMS = "/ogc/collections/hotels/items"
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
QGIS_DEFINITION = (
    "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0,"
    " application/json"
)
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
STYLE = "application/vnd.mapbox.style+json"


@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("/ogc", None, "application/json"),
        ("/ogc", "*/*", "application/json"),
        ("/ogc", CHROME, "text/html"),
        ("/ogc", "application/json;q=0.5, text/html;q=0.9", "text/html"),
        ("/ogc", "text/*;q=0.3, application/json", "application/json"),
        (ITEMS, "application/geo+json, application/json", "application/geo+json"),
        (ITEMS, "application/json", "application/geo+json"),
        (ITEMS, CHROME, "text/html"),
        (ITEMS, "text/csv", "text/csv"),
        (ITEMS, "application/geo+json-seq", "application/geo+json-seq"),
        (ITEMS, "application/flatgeobuf", "application/flatgeobuf"),
        (f"{ITEMS}/1", "application/geo+json", "application/geo+json"),
        (f"{ITEMS}/1", CHROME, "text/html"),
        ("/ogc/collections/hotels/schema", SCHEMA, SCHEMA),
        ("/ogc/collections/hotels/schema", "application/json", SCHEMA),
        ("/ogc/collections/hotels/queryables", CHROME, "text/html"),
        ("/ogc/api", QGIS_DEFINITION, OPENAPI),
        ("/ogc/api", "application/json", OPENAPI),
        ("/ogc/api", CHROME, "text/html"),
        ("/ogc/styles/hotels", "*/*", STYLE),
        ("/ogc/styles/hotels", STYLE, STYLE),
    ],
)
def test_accept(client: httpx.Client, path: str, accept: str | None, expected: str) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    given = answer.headers["content-type"]
    assert given == expected or given.startswith(f"{expected};")
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        ("json", "application/geo+json"),
        ("html", "text/html; charset=utf-8"),
        ("csv", "text/csv; charset=utf-8; header=present"),
        ("geojsonl", "application/geo+json-seq"),
        ("fgb", "application/flatgeobuf"),
    ],
)
def test_f_overrides_accept(client: httpx.Client, f: str, expected: str) -> None:
    for accept in (CHROME, "application/geo+json", "image/png"):
        answer = client.get(ITEMS, params={"f": f}, headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == expected


@pytest.mark.parametrize("path", ["/ogc", ITEMS, "/ogc/api", "/ogc/collections/hotels/schema"])
def test_what_cannot_be_given_is_refused(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert "text/html" in answer.json()["detail"]
    answer = client.get(path, params={"f": "shp"})
    assert answer.status_code == 400
    assert "'shp'" in answer.json()["detail"]


def test_links_of_each_representation_lead_to_it(client: httpx.Client) -> None:
    for name in LAYERS:
        collection = client.get(f"/ogc/collections/{name}").json()
        for link in collection["links"]:
            if link["rel"] in ("enclosure", "items", "license") or "/tiles" in link["href"]:
                continue
            answer = client.get(link["href"], headers={"Accept": link["type"]})
            assert answer.status_code == 200, link
            assert answer.headers["content-type"].startswith(link["type"]), link


@pytest.mark.parametrize(
    ("parameters", "accepted", "expected"),
    [
        ({}, None, "vi"),
        ({}, "fr", "vi"),
        ({}, "en-GB,en;q=0.9", "en"),
        ({}, "vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ({"lang": "en"}, "vi", "en"),
        ({"lang": "vi"}, "en", "vi"),
    ],
)
def test_language(
    client: httpx.Client, parameters: dict[str, str], accepted: str | None, expected: str
) -> None:
    headers = {} if accepted is None else {"Accept-Language": accepted}
    titles = {"vi": "Điểm tiêm chủng", "en": "Vaccination points"}
    path = "/ogc/collections/vaccination_points"
    for f in ("json", "html"):
        answer = client.get(path, params={**parameters, "f": f}, headers=headers)
        assert titles[expected] in answer.text
    assert "Accept-Language" in client.get(path, headers=headers).headers["vary"]


def test_an_unknown_language_is_refused(client: httpx.Client) -> None:
    answer = client.get("/ogc", params={"lang": "fr"})
    assert answer.status_code == 400
    assert "'fr'" in answer.json()["detail"]
