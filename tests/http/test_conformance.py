"""OGC API Features part 1 (17-069r4) and Common: the abstract tests, by their identifiers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from api.ogc.conformance import CLASSES
from tests.http.abstract import abstract, identifiers
from tests.http.conftest import EVERY_LAYER, LAYERS, Rows

CORE = "ogcapi-features-1/1.0/conf/core"
COMMON = "ogcapi-common-1/1.0/conf"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
TAM_KY = (108.3, 15.5, 108.6, 15.65)

Json = dict[str, Any]


def get(client: httpx.Client, path: str, **parameters: Any) -> Json:
    """The JSON of a successful answer."""
    answer = client.get(path, params=parameters or None)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def rels(document: Json) -> dict[str, list[Json]]:
    """The links of a document by relation; every link has a type."""
    found: dict[str, list[Json]] = {}
    for link in document["links"]:
        assert link["rel"]
        assert link["type"]
        assert link["href"].startswith("http")
        found.setdefault(link["rel"], []).append(link)
    return found


def test_every_declared_class_is_tested() -> None:
    tested = identifiers()
    for uri in CLASSES:
        assert any(name.startswith(f"{uri}/") for name in tested), f"nothing tests {uri}"


@abstract(CORE, "root-op", "root-success")
@abstract(f"{COMMON}/core", "root-op")
@abstract(f"{COMMON}/landing-page", "root-success", "root-op")
@pytest.mark.parametrize("path", ["/ogc", "/ogc/"])
def test_landing_page(client: httpx.Client, path: str) -> None:
    document = get(client, path)
    links = rels(document)
    assert document["title"]
    assert document["description"]
    assert [link["type"] for link in links["service-desc"]] == [OPENAPI]
    assert [link["type"] for link in links["data"]] == ["application/json"]
    assert [link["type"] for link in links["service-doc"]] == ["text/html"]
    assert {"self", "alternate", "conformance"} <= links.keys()
    for link in document["links"]:
        if link["rel"] == "license":
            continue  # another host's
        answer = client.get(link["href"])
        if "tileMatrixSets" not in link["href"]:
            assert answer.status_code == 200
            assert answer.headers["content-type"].replace("; charset=utf-8", "") == link["type"]


@abstract(CORE, "api-definition-op", "api-definition-success")
@abstract(f"{COMMON}/oas30", "completeness")
def test_definition_is_where_the_landing_page_says(client: httpx.Client) -> None:
    for link in rels(get(client, "/ogc"))["service-desc"]:
        answer = client.get(link["href"], headers={"Accept": link["type"]})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == OPENAPI
        assert answer.json()["openapi"].startswith("3.0")


@abstract(CORE, "conformance-op", "conformance-success")
@abstract(f"{COMMON}/json", "content")
def test_conformance(client: httpx.Client) -> None:
    assert get(client, "/ogc/conformance")["conformsTo"] == list(CLASSES)


@abstract(CORE, "fc-md-op", "fc-md-success", "fc-md-links", "fc-md-items", "fc-md-items-links")
@abstract(CORE, "sfc-md-op", "sfc-md-success")
@abstract("ogcapi-common-2/1.0/conf/collections", "rc-md-success")
def test_collections_are_the_same_in_the_list_as_alone(client: httpx.Client) -> None:
    document = get(client, "/ogc/collections")
    assert {"self", "alternate"} <= rels(document).keys()
    catalogues = [one["id"] for one in document["collections"] if one["itemType"] == "record"]
    assert catalogues == ["records"]
    features = [one for one in document["collections"] if one["itemType"] == "feature"]
    assert sorted(entry["id"] for entry in features) == list(EVERY_LAYER)
    assert document["numberMatched"] == len(features) + 1
    for entry in features:
        items = rels(entry)["items"]
        assert items[0]["type"] == "application/geo+json"
        assert "text/html" in [link["type"] for link in items]
        assert get(client, f"/ogc/collections/{entry['id']}") == entry


def test_the_data_licence_is_linked(client: httpx.Client) -> None:
    """17-069r4, recommendation fc-md-license; a layer may have terms of its own."""
    apache, mit = (
        "https://www.apache.org/licenses/LICENSE-2.0",
        "https://spdx.org/licenses/MIT.html",
    )
    (link,) = rels(get(client, "/ogc"))["license"]
    assert (link["href"], link["type"]) == (apache, "text/html")
    for entry in get(client, "/ogc/collections")["collections"]:
        (link,) = rels(entry)["license"]
        assert link["href"] == (mit if entry["id"] == "admin_units" else apache)
    page = client.get("/ogc/collections/admin_units", params={"f": "html", "lang": "en"}).text
    assert f'<a href="{mit}" rel="license">MIT License</a>' in page


@abstract(CORE, "fc-md-extent", "fc-md-extent-multi", "crs84")
def test_extents_are_exact(client: httpx.Client, rows: Rows) -> None:
    for name in LAYERS:
        extent = get(client, f"/ogc/collections/{name}")["extent"]
        ((west, south, east, north),) = rows(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)"
            f' FROM (SELECT ST_Extent(geom) AS e FROM layer."{name}") AS b'
        )
        assert extent["spatial"] == {"bbox": [[west, south, east, north]], "crs": CRS84}
    time = get(client, "/ogc/collections/sos_requests")["extent"]["temporal"]["interval"]
    ((first, last),) = rows("SELECT min(reported_at), max(reported_at) FROM layer.sos_requests")
    assert [datetime.fromisoformat(text) for text in time[0]] == [first, last]
    assert "temporal" not in get(client, "/ogc/collections/admin_units")["extent"]


@abstract(CORE, "fc-op", "fc-response", "fc-links", "fc-timeStamp")
@abstract(CORE, "fc-numberMatched", "fc-numberReturned")
@abstract("ogcapi-features-1/1.0/conf/geojson", "definition", "content")
@pytest.mark.parametrize("name", LAYERS)
def test_items(client: httpx.Client, rows: Rows, name: str) -> None:
    answer = client.get(f"/ogc/collections/{name}/items", params={"limit": 7})
    assert answer.headers["content-type"] == "application/geo+json"
    page = answer.json()
    ((total,),) = rows(f'SELECT count(*) FROM layer."{name}"')
    assert page["type"] == "FeatureCollection"
    assert page["numberMatched"] == total
    assert page["numberReturned"] == len(page["features"]) == 7
    assert datetime.fromisoformat(page["timeStamp"]).utcoffset() is not None
    links = rels(page)
    assert links["self"][0]["type"] == "application/geo+json"
    assert {"text/html", "application/flatgeobuf"} <= {link["type"] for link in links["alternate"]}
    assert links["next"][0]["type"] == "application/geo+json"
    for feature in page["features"]:
        assert feature["type"] == "Feature"
        assert feature["id"] is not None


def test_following_next_gives_every_feature_once(client: httpx.Client, rows: Rows) -> None:
    address = "/ogc/collections/vaccination_points/items?limit=50&sortby=-district_code,name"
    seen: list[Any] = []
    while address:
        page = get(client, address)
        seen += [feature["id"] for feature in page["features"]]
        address = next((link["href"] for link in rels(page).get("next", ())), "")
    ((total,),) = rows("SELECT count(*) FROM layer.vaccination_points")
    assert len(seen) == len(set(seen)) == total


@abstract(CORE, "fc-bbox-definition", "fc-bbox-response")
@pytest.mark.parametrize("name", LAYERS)
def test_bbox(client: httpx.Client, rows: Rows, name: str) -> None:
    path = f"/ogc/collections/{name}/items"
    west, south, east, north = TAM_KY
    flat = get(client, path, bbox=f"{west},{south},{east},{north}", limit=10000)
    tall = get(client, path, bbox=f"{west},{south},-10,{east},{north},90", limit=10000)
    expected = rows(
        f'SELECT count(*) FROM layer."{name}"'
        f" WHERE ST_Intersects(geom, ST_MakeEnvelope({west},{south},{east},{north},4326))"
    )
    assert flat["numberReturned"] == expected[0][0] > 0
    assert [f["id"] for f in flat["features"]] == [f["id"] for f in tall["features"]]


def test_bbox_across_the_antimeridian(client: httpx.Client, rows: Rows) -> None:
    page = get(client, "/ogc/collections/hotels/items", bbox="100,-10,-170,20", limit=1)
    ((total,),) = rows("SELECT count(*) FROM layer.hotels")
    assert page["numberMatched"] == total
    page = get(client, "/ogc/collections/hotels/items", bbox="170,-10,-170,20")
    assert page["numberMatched"] == 0


@abstract(CORE, "fc-limit-definition", "fc-limit-response")
def test_limit(client: httpx.Client) -> None:
    path = "/ogc/collections/vaccination_points/items"
    limit = get(client, "/ogc/api")["components"]["parameters"]["limit"]["schema"]
    assert get(client, path)["numberReturned"] == limit["default"]
    assert get(client, path, limit=3)["numberReturned"] == 3
    over = get(client, path, limit=limit["maximum"] + 1)
    assert over["numberReturned"] <= limit["maximum"]


@abstract(CORE, "fc-time-definition", "fc-time-response")
@pytest.mark.parametrize(
    ("interval", "condition"),
    [
        ("{middle}", "reported_at = :middle"),
        ("{first}/{middle}", "reported_at BETWEEN :first AND :middle"),
        ("{middle}/{last}", "reported_at BETWEEN :middle AND :last"),
        ("../{middle}", "reported_at <= :middle"),
        ("/{middle}", "reported_at <= :middle"),
        ("{middle}/..", "reported_at >= :middle"),
        ("{middle}/", "reported_at >= :middle"),
        ("0000-01-01T00:00:00Z/{middle}", "reported_at <= :middle"),
        ("{middle}/9999-12-31T00:00:00Z", "reported_at >= :middle"),
        ("{day}", "(reported_at AT TIME ZONE 'UTC')::date = CAST(:day AS date)"),
    ],
)
def test_datetime(client: httpx.Client, rows: Rows, interval: str, condition: str) -> None:
    ((first, last, middle),) = rows(
        "SELECT min(reported_at), max(reported_at),"
        " percentile_disc(0.5) WITHIN GROUP (ORDER BY reported_at) FROM layer.sos_requests"
    )
    times = {"first": first, "last": last, "middle": middle, "day": f"{middle:%Y-%m-%d}"}
    expected = rows(f"SELECT count(*) FROM layer.sos_requests WHERE {condition}", **times)
    written = {
        name: value if isinstance(value, str) else value.isoformat().replace("+00:00", "Z")
        for name, value in times.items()
    }
    page = get(
        client, "/ogc/collections/sos_requests/items", datetime=interval.format(**written), limit=1
    )
    assert page["numberMatched"] == expected[0][0] > 0


def test_datetime_of_a_layer_without_time_selects_all(client: httpx.Client) -> None:
    path = "/ogc/collections/admin_units/items"
    every = get(client, path, limit=1)["numberMatched"]
    assert get(client, path, datetime="2001-01-01", limit=1)["numberMatched"] == every


@abstract(CORE, "query-param-unknown", "query-param-invalid")
@pytest.mark.parametrize(
    "path",
    [
        "/ogc",
        "/ogc/conformance",
        "/ogc/api",
        "/ogc/collections",
        "/ogc/collections/hotels",
        "/ogc/collections/hotels/schema",
        "/ogc/collections/hotels/items",
        "/ogc/collections/hotels/items/1",
        "/ogc/styles",
        "/ogc/styles/hotels",
    ],
)
def test_unknown_parameters_are_refused(client: httpx.Client, path: str) -> None:
    answer = client.get(path, params={"no_such_parameter": "1"})
    assert answer.status_code == 400
    assert "no_such_parameter" in answer.json()["detail"]
    assert client.get(path, params={"f": "no_such_format"}).status_code == 400


@abstract(CORE, "f-op", "f-success", "f-links")
@pytest.mark.parametrize("name", LAYERS)
def test_feature(client: httpx.Client, name: str) -> None:
    path = f"/ogc/collections/{name}/items"
    for listed in get(client, path, limit=3)["features"]:
        answer = client.get(f"{path}/{listed['id']}")
        assert answer.headers["content-type"] == "application/geo+json"
        feature = answer.json()
        links = rels(feature)
        assert {"self", "alternate", "collection"} <= links.keys()
        assert {key: feature[key] for key in listed} == listed


@abstract("ogcapi-features-1/1.0/conf/html", "definition", "content")
@abstract(f"{COMMON}/html", "definition", "content")
@pytest.mark.parametrize(
    "path",
    [
        "/ogc",
        "/ogc/conformance",
        "/ogc/api",
        "/ogc/collections",
        "/ogc/collections/hotels",
        "/ogc/collections/hotels/queryables",
        "/ogc/collections/hotels/sortables",
        "/ogc/collections/hotels/schema",
        "/ogc/collections/hotels/items",
        "/ogc/collections/hotels/items/1",
        "/ogc/styles",
        "/ogc/styles/hotels",
        "/ogc/styles/hotels/metadata",
    ],
)
def test_pages_for_people(client: httpx.Client, path: str) -> None:
    for lang, word in (("vi", "Quảng Nam"), ("en", "Quang Nam")):
        answer = client.get(path, params={"lang": lang}, headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert f'<html lang="{lang}"' in answer.text
        assert word in answer.text


@abstract(CORE, "http")
def test_head_answers_as_get_without_a_body(client: httpx.Client) -> None:
    for path in ("/ogc", "/ogc/collections/hotels/items", "/ogc/collections/hotels/items/1"):
        got, head = client.get(path), client.head(path)
        assert head.status_code == 200
        assert head.content == b""
        assert head.headers["content-type"] == got.headers["content-type"]


@abstract("ogcapi-features-1/1.0/conf/oas30", "completeness", "exceptions-codes")
def test_answers_are_those_of_the_definition(client: httpx.Client) -> None:
    """Every collection's page of features is valid by the schema that the definition gives."""
    definition = get(client, "/ogc/api")
    for name in LAYERS:
        operation = definition["paths"][f"/collections/{name}/items"]["get"]
        content = operation["responses"]["200"]["content"]["application/geo+json"]["schema"]
        schema = _without_nullable({**content, "components": definition["components"]})
        page = get(client, f"/ogc/collections/{name}/items", limit=100)
        Draft202012Validator(schema).validate(page)


def _without_nullable(schema: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema."""
    if isinstance(schema, list):
        return [_without_nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {k: _without_nullable(v) for k, v in schema.items() if k != "nullable"}
    return {"anyOf": [found, {"type": "null"}]} if schema.get("nullable") is True else found
