"""Features part 3 (19-079r2) and CQL2 (21-065r2): the abstract tests, by their identifiers.

What a filter selects is compared with what the database says to the same condition in SQL.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pyproj
import pytest

from tests.http.abstract import abstract
from tests.http.conftest import LAYERS, Rows

PART3 = "ogcapi-features-3/1.0/conf"
CQL2 = "cql2/1.0/conf"
REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
SOS = "/ogc/collections/sos_requests/items"
UNITS = "/ogc/collections/admin_units/items"
POINTS = "/ogc/collections/vaccination_points/items"

each_layer = pytest.mark.parametrize("name", LAYERS)


def matched(client: httpx.Client, path: str, **parameters: Any) -> int:
    """How many features match, exactly."""
    answer = client.get(path, params={"resultType": "hits", **_named(parameters)})
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["numberMatched"]
    return number


def refused(client: httpx.Client, path: str, **parameters: Any) -> str:
    """Why a request is refused; the answer is 400."""
    answer = client.get(path, params=_named(parameters))
    assert answer.status_code == 400, answer.text
    detail: str = answer.json()["detail"]
    return detail


def _named(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("filter_", "filter-"): value for name, value in parameters.items()}


def count(rows: Rows, table: str, condition: str) -> int:
    """What the database says."""
    number: int = rows(f"SELECT count(*) FROM layer.{table} WHERE {condition}")[0][0]
    return number


@abstract(f"{PART3}/queryables", "get-conformance", "get-queryables-uris", "get-queryables")
@abstract(f"{PART3}/filter", "get-conformance")
@abstract(f"{PART3}/features-filter", "get-conformance")
@abstract(f"{PART3}/queryables-query-parameters", "get-conformance")
@each_layer
def test_queryables(client: httpx.Client, name: str) -> None:
    declared = client.get("/ogc/conformance").json()["conformsTo"]
    for kind in ("queryables", "queryables-query-parameters", "filter", "features-filter"):
        assert f"http://www.opengis.net/spec/{PART3}/{kind}" in declared
    head = client.head(f"/ogc/collections/{name}/items", headers={"Accept": "application/json"})
    assert head.status_code == 200
    address = head.links[REL]["url"]
    answer = client.get(address, headers={"Accept": "application/schema+json"})
    found = answer.json()
    assert answer.headers["content-type"] == "application/schema+json"
    assert found["$id"] == address
    assert found["properties"]
    for members in found["properties"].values():
        assert "type" in members or members["format"].startswith("geometry-")


@abstract(f"{PART3}/queryables-query-parameters", "query-param")
@each_layer
def test_queryables_are_parameters(client: httpx.Client, name: str) -> None:
    path = f"/ogc/collections/{name}/items"
    properties = client.get(f"/ogc/collections/{name}/queryables").json()["properties"]
    (feature,) = client.get(path, params={"limit": 1}).json()["features"]
    for key, members in properties.items():
        value = feature["properties"].get(key, feature["id"] if key == "id" else None)
        if value is None or "type" not in members:
            continue
        text = json.dumps(value).strip('"') if not isinstance(value, str) else value
        page = client.get(path, params={key: text, "limit": 100}).json()
        assert feature["id"] in [f["id"] for f in page["features"]] or page["numberMatched"] > 100
        for found in page["features"]:
            assert found["properties"].get(key, found["id"]) == value
        if members["type"] != "string" or "oneOf" in members or "format" in members:
            assert "not a value" in refused(client, path, **{key: "not a value"})


@abstract(f"{PART3}/filter", "filter-param", "filter-lang-default", "expression-construction")
@abstract(f"{PART3}/features-filter", "filter-param")
@each_layer
def test_filter(client: httpx.Client, rows: Rows, name: str) -> None:
    path = f"/ogc/collections/{name}/items"
    properties = client.get(f"/ogc/collections/{name}/queryables").json()["properties"]
    for key in properties:
        if key == "geom":
            continue
        expected = count(rows, name, f'"{key}" IS NULL')
        assert matched(client, path, filter=f"{key} IS NULL") == expected
        assert matched(client, path, filter=f"{key} IS NULL", filter_lang="cql2-text") == expected
        encoded = json.dumps({"op": "isNull", "args": [{"property": key}]})
        assert matched(client, path, filter=encoded, filter_lang="cql2-json") == expected
    for invalid in ("THIS IS NOT A FILTER", "this_is_not_a_queryable IS NULL", "", "id ="):
        assert refused(client, path, filter=invalid)
        assert refused(client, path, filter=invalid, filter_lang="cql2-text")
    assert "this_is_not_a_queryable" in refused(
        client, path, filter="this_is_not_a_queryable IS NULL"
    )
    assert refused(client, path, filter="{", filter_lang="cql2-json")
    assert "xml" in refused(client, path, filter="id IS NULL", filter_lang="xml")


@abstract(f"{PART3}/filter", "filter-crs-wgs84", "filter-crs-param")
@pytest.mark.parametrize("code", ["", "4326", "3857", "4756", "3405", "3406", "5899"])
def test_filter_crs(client: httpx.Client, code: str) -> None:
    every = matched(client, POINTS)
    collection = client.get("/ogc/collections/vaccination_points").json()
    ((west, south, east, north),) = collection["extent"]["spatial"]["bbox"]
    margin = 0.05
    corners = [
        (x, y) for x in (west - margin, east + margin) for y in (south - margin, north + margin)
    ]
    parameters = {}
    if code:
        change = pyproj.Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
        corners = [change.transform(*corner) for corner in corners]
        parameters["filter_crs"] = f"{EPSG}{code}"
    low = ",".join(repr(min(corner[axis] for corner in corners)) for axis in (0, 1))
    high = ",".join(repr(max(corner[axis] for corner in corners)) for axis in (0, 1))
    inside = f"S_INTERSECTS(geom,BBOX({low},{high}))"
    assert matched(client, POINTS, filter=inside, **parameters) == every
    if not code:
        refused(client, POINTS, filter="S_INTERSECTS(geom,BBOX(1000000,1000000,2000000,2000000))")
        unknown = "http://www.opengis.net/def/crs/OGC/0/does_not_exist"
        assert "does_not_exist" in refused(client, POINTS, filter=inside, filter_crs=unknown)


FILTERS = [
    ("basic-cql2", SOS, "priority = 'critical'", "priority = 'critical'"),
    ("basic-cql2", SOS, "priority <> 'critical'", "priority <> 'critical'"),
    ("basic-cql2", SOS, "people > 5 AND NOT (state = 'new')", "people > 5 AND state <> 'new'"),
    ("basic-cql2", SOS, "people <= 2 OR people >= 8", "people <= 2 OR people >= 8"),
    ("basic-cql2", SOS, "resolved_at IS NOT NULL", "resolved_at IS NOT NULL"),
    ("basic-cql2", UNITS, "area_km2 < 100.5", "area_km2 < 100.5"),
    (
        "basic-cql2",
        SOS,
        "reported_at >= TIMESTAMP('2020-01-01T00:00:00Z')",
        "reported_at >= '2020-01-01T00:00:00Z'",
    ),
    ("basic-cql2", "hotels", "paid_quarantine = TRUE", "paid_quarantine"),
    ("advanced-comparison-operators", POINTS, "name LIKE '%Phường%'", "name LIKE '%Phường%'"),
    (
        "advanced-comparison-operators",
        POINTS,
        "name NOT LIKE '%P_ường%'",
        "name NOT LIKE '%P_ường%'",
    ),
    ("advanced-comparison-operators", SOS, "people BETWEEN 2 AND 4", "people BETWEEN 2 AND 4"),
    (
        "advanced-comparison-operators",
        SOS,
        "category IN ('medical','trapped')",
        "category IN ('medical','trapped')",
    ),
    (
        "advanced-comparison-operators",
        SOS,
        "category NOT IN ('medical')",
        "category NOT IN ('medical')",
    ),
    (
        "case-insensitive-comparison",
        UNITS,
        "CASEI(name) LIKE CASEI('%TAM KỲ%')",
        "name ILIKE '%tam kỳ%'",
    ),
    (
        "case-insensitive-comparison",
        UNITS,
        "CASEI(name) = CASEI('phường tam kỳ')",
        "name = 'Phường Tam Kỳ'",
    ),
    (
        "accent-insensitive-comparison",
        UNITS,
        "ACCENTI(name) LIKE ACCENTI('%Tam Ky%')",
        "name LIKE '%Tam Kỳ%'",
    ),
    (
        "accent-insensitive-comparison",
        UNITS,
        "ACCENTI(CASEI(name)) = ACCENTI(CASEI('phuong tam ky'))",
        "name = 'Phường Tam Kỳ'",
    ),
    (
        "basic-spatial-functions",
        POINTS,
        "S_INTERSECTS(geom, BBOX(108.3,15.5,108.6,15.65))",
        "ST_Intersects(geom, ST_MakeEnvelope(108.3,15.5,108.6,15.65,4326))",
    ),
    (
        "basic-spatial-functions",
        UNITS,
        "S_INTERSECTS(geom, POINT(108.48 15.56))",
        "ST_Intersects(geom, 'SRID=4326;POINT(108.48 15.56)')",
    ),
    (
        "basic-spatial-functions-plus",
        POINTS,
        "S_INTERSECTS(geom, POLYGON((108.3 15.5,108.6 15.5,108.3 15.9,108.3 15.5)))",
        "ST_Intersects(geom, 'SRID=4326;POLYGON((108.3 15.5,108.6 15.5,108.3 15.9,108.3 15.5))')",
    ),
    *(
        (
            "spatial-functions",
            UNITS,
            f"S_{name.upper()}(geom, POLYGON((108.3 15.5,108.6 15.5,108.3 15.9,108.3 15.5)))",
            f"ST_{name}(geom, 'SRID=4326;POLYGON((108.3 15.5,108.6 15.5,108.3 15.9,108.3 15.5))')",
        )
        for name in ("Contains", "Within", "Disjoint", "Overlaps", "Touches", "Equals")
    ),
    (
        "spatial-functions",
        UNITS,
        "S_CROSSES(geom, LINESTRING(107.5 15.2,108.6 15.9))",
        "ST_Crosses(geom, 'SRID=4326;LINESTRING(107.5 15.2,108.6 15.9)')",
    ),
    (
        "temporal-functions",
        SOS,
        "T_AFTER(reported_at, TIMESTAMP('2020-06-01T00:00:00Z'))",
        "reported_at > '2020-06-01T00:00:00Z'",
    ),
    (
        "temporal-functions",
        SOS,
        "T_INTERSECTS(INTERVAL(reported_at, resolved_at), INTERVAL('2000-01-01', '..'))",
        "resolved_at IS NOT NULL",
    ),
    (
        "temporal-functions",
        SOS,
        "T_DURING(reported_at, INTERVAL('2000-01-01T00:00:00Z', '2100-01-01T00:00:00Z'))",
        "reported_at BETWEEN '2000-01-01T00:00:00Z' AND '2100-01-01T00:00:00Z'",
    ),
    ("property-property", SOS, "resolved_at > reported_at", "resolved_at > reported_at"),
    ("property-property", "hotels", "occupied = rooms_quarantine", "occupied = rooms_quarantine"),
    ("arithmetic", "hotels", "rooms - occupied >= 10 * 2 + 1", "rooms - occupied >= 10 * 2 + 1"),
    ("arithmetic", UNITS, "area_km2 / 2 > 25", "area_km2 / 2 > 25"),
]


@abstract(f"{CQL2}/cql2-text", "validate", "logical", "filter")
@abstract(f"{CQL2}/basic-cql2", "comparison", "logical", "is-null")
@abstract(f"{CQL2}/advanced-comparison-operators", "like", "between", "in")
@abstract(f"{CQL2}/case-insensitive-comparison", "casei")
@abstract(f"{CQL2}/accent-insensitive-comparison", "accenti")
@abstract(f"{CQL2}/basic-spatial-functions", "s_intersects")
@abstract(f"{CQL2}/basic-spatial-operators", "s_intersects")
@abstract(f"{CQL2}/basic-spatial-functions-plus", "s_intersects")
@abstract(f"{CQL2}/spatial-functions", "predicates")
@abstract(f"{CQL2}/temporal-functions", "predicates")
@abstract(f"{CQL2}/property-property", "comparison")
@abstract(f"{CQL2}/arithmetic", "comparison")
@pytest.mark.parametrize(("kind", "path", "text", "condition"), FILTERS)
def test_cql2_text(
    client: httpx.Client, rows: Rows, kind: str, path: str, text: str, condition: str
) -> None:
    path = path if path.startswith("/") else f"/ogc/collections/{path}/items"
    table = path.split("/")[3]
    assert (
        f"http://www.opengis.net/spec/{CQL2}/{kind}"
        in (client.get("/ogc/conformance").json()["conformsTo"])
    )
    assert matched(client, path, filter=text) == count(rows, table, condition)


PRIORITY = {"property": "priority"}
BOX = {"bbox": [108.3, 15.5, 108.6, 15.65]}
ENCODED = [
    ({"op": "=", "args": [PRIORITY, "critical"]}, "priority = 'critical'"),
    (
        {
            "op": "and",
            "args": [
                {"op": ">", "args": [{"property": "people"}, 5]},
                {"op": "not", "args": [{"op": "=", "args": [{"property": "state"}, "new"]}]},
            ],
        },
        "people > 5 AND state <> 'new'",
    ),
    ({"op": "in", "args": [PRIORITY, ["high", "low"]]}, "priority IN ('high','low')"),
    ({"op": "between", "args": [{"property": "people"}, 2, 4]}, "people BETWEEN 2 AND 4"),
    ({"op": "like", "args": [{"property": "code"}, "S1000%"]}, "code LIKE 'S1000%'"),
    (
        {"op": "s_intersects", "args": [{"property": "geom"}, BOX]},
        "geom && ST_MakeEnvelope(108.3,15.5,108.6,15.65,4326)",
    ),
    (
        {
            "op": "s_within",
            "args": [
                {"property": "geom"},
                {
                    "type": "Polygon",
                    "coordinates": [[[108.3, 15.5], [108.6, 15.5], [108.3, 15.9], [108.3, 15.5]]],
                },
            ],
        },
        "ST_Within(geom, 'SRID=4326;POLYGON((108.3 15.5,108.6 15.5,108.3 15.9,108.3 15.5))')",
    ),
    (
        {
            "op": "t_after",
            "args": [{"property": "reported_at"}, {"timestamp": "2020-06-01T00:00:00Z"}],
        },
        "reported_at > '2020-06-01T00:00:00Z'",
    ),
]


@abstract(f"{CQL2}/cql2-json", "validate", "filter")
@pytest.mark.parametrize(("encoded", "condition"), ENCODED)
def test_cql2_json(
    client: httpx.Client, rows: Rows, encoded: dict[str, Any], condition: str
) -> None:
    found = matched(client, SOS, filter=json.dumps(encoded), filter_lang="cql2-json")
    assert found == count(rows, "sos_requests", condition) > 0


@abstract(f"{PART3}/features-filter", "filter-and-other-parameters")
def test_all_conditions_must_hold(client: httpx.Client, rows: Rows) -> None:
    found = matched(
        client,
        SOS,
        filter="people >= 2",
        bbox="108,15,109,16",
        datetime="2020-01-01/..",
        priority="high",
    )
    condition = (
        "people >= 2 AND priority = 'high' AND reported_at >= '2020-01-01'"
        " AND geom && ST_MakeEnvelope(108,15,109,16,4326)"
    )
    assert found == count(rows, "sos_requests", condition) > 0
