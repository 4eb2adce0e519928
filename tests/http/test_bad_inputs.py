"""Bad inputs for every parameter and path: none is a server's error, each is told what is wrong."""

from __future__ import annotations

import json

import httpx
import pytest

ITEMS = "/ogc/collections/sos_requests/items"
HOTELS = "/ogc/collections/hotels/items"
UNITS = "/ogc/collections/admin_units/items"
SEARCH = "/api/search"
DEEP = "(" * 5000 + "people > 1" + ")" * 5000
LONG = "1" * 5000

BAD: dict[str, dict[str, list[str]]] = {
    ITEMS: {
        "f": ["", "xml", "JSON", "json,html", "../json"],
        "lang": ["", "fr", "VI", "vi-VN"],
        "limit": ["", "0", "-1", "1.5", "1e3", "abc", "0x10", "١٢", "1_000", " 5", "+5", LONG],
        "offset": ["", "-1", "2.5", "x", "10000001", LONG],
        "cursor": ["", "x", "!!!!", "W10", "WyJhIl0", "bnVsbA", "W251bGwsbnVsbF0", LONG],
        "resultType": ["", "HITS", "all"],
        "bbox": [
            "",
            "1,2,3",
            "1,2,3,4,5",
            "1,2,3,4,5,6,7",
            "a,b,c,d",
            "NaN,0,1,1",
            "inf,0,1,1",
            "-inf,-inf,inf,inf",
            "108,16,109,15",
            "1,2,,4",
            "1 2 3 4",
            "1,2,3,4\x00",
            "0,-100,1,100",
            "1e400,0,1,1",
            f"{LONG},0,1,1",
        ],
        "bbox-crs": ["", "EPSG:99999", "http://www.opengis.net/def/crs/EPSG/0/2154", "'"],
        "crs": ["", "4326", "http://www.opengis.net/def/crs/EPSG/0/0", "x" * 3000],
        "filter-crs": ["", "urn:x", "EPSG:2154"],
        "datetime": [
            "",
            "yesterday",
            "2021-13-01",
            "2021-02-30",
            "2021-08-17T25:00:00Z",
            "2021-08-17T08:00:00",
            "2021-08-17/2021-08-16",
            "2021/08/17/2021",
            "..",
            "../..",
            "2021-08-17 08:00:00Z/..",
            "10000-01-01",
            LONG,
        ],
        "q": ["", " ", ",", "a\x00b", "x" * 201, " ".join("abcdefghijklm")],
        "properties": ["nope", "code,nope", "injured", "geom", 'code"', "feature", "search"],
        "skipGeometry": ["", "yes", "1", "True"],
        "sortby": ["", "nope", "-", "--code", "code,code", "injured", "geom", "code;drop", "code,"],
        "filter": [
            "",
            "people",
            "people >",
            "people > 'abc'",
            "nope = 1",
            "injured > 0",
            "geom = 1",
            "people = 1; DROP TABLE layer.hotels",
            "code = 'a",
            "code LIKE 5",
            "people BETWEEN 1",
            "people IN ()",
            "S_INTERSECTS(geom)",
            "S_INTERSECTS(geom, POINT(1))",
            "S_INTERSECTS(code, POINT(1 2))",
            "S_INTERSECTS(geom, POLYGON((0 0,1 1)))",
            "S_INTERSECTS(geom, POINT(NaN 1))",
            "S_INTERSECTS(geom, POINT(1e999 1))",
            "reported_at > TIMESTAMP('2021-13-01T00:00:00Z')",
            "reported_at > DATE('x')",
            "T_AFTER(people, DATE('2021-01-01'))",
            "pg_sleep(5) = 1",
            "CASEI(people) = 1",
            "people > 99999999999999999999999999",
            "\x00",
            "NOT",
            DEEP,
            LONG * 3,
        ],
        "filter-lang": ["", "cql", "sql"],
        "id": ["1", "not-a-uuid", "00000000-0000-0000-0000-00000000000g", "\x00"],
        "priority": ["", "urgent", "CRITICAL", "critical,high"],
        "people": ["", "x", "1.5", "99999999999999999999", "NaN"],
        "reported_at": ["", "x", "2021-99-99"],
        "code": ["a\x00b"],
        "injured": ["1"],
        "nope": ["1", ""],
        "limit ": ["5"],
        "f\x00": ["json"],
    },
    HOTELS: {
        "stars": ["five", "1.0", ""],
        "paid_quarantine": ["yes", "TRUE", "1", ""],
        "price_vnd": ["1,000", "₫5"],
    },
    UNITS: {"area_km2": ["NaN", "inf", "1_0", "0x1", "", "1e999"]},
    "/ogc/collections/hotels/export": {"f": ["", "shp", "mvt"], "limit": ["5"], "cursor": ["x"]},
    f"{HOTELS}/1": {"crs": ["x"], "f": ["csv"], "bbox": ["1,2,3,4"], "properties": ["nope"]},
    "/ogc": {"f": ["xml", ""], "lang": ["xx"], "x": ["1"]},
    "/ogc/conformance": {"f": ["xml"], "x": ["1"]},
    "/ogc/api": {"f": ["yaml"], "x": ["1"]},
    "/ogc/collections": {"f": ["csv"], "limit": ["1"]},
    "/ogc/collections/hotels": {"f": ["csv"], "x": ["1"]},
    "/ogc/collections/hotels/queryables": {"f": ["geojson"], "x": ["1"]},
    "/ogc/collections/hotels/schema": {"f": ["xml"], "x": ["1"]},
    "/ogc/styles": {"f": ["mapbox"], "x": ["1"]},
    "/ogc/styles/hotels": {"f": ["sld"], "x": ["1"]},
    "/ogc/sprites/sprite.json": {"x": ["1"]},
    SEARCH: {"q": [" ", "\x00", "x" * 101], "limit": ["0", "-1", "x", "1.5"], "x": ["1"]},
    "/api/map": {"x": ["1"]},
    "/api/layers/sos_requests/timeline": {
        "step": ["", "hour", "Day"],
        "datetime": ["", "x", "2021-08-20/2021-08-01"],
        "filter": ["", "x"],
        "state": ["nope"],
        "x": ["1"],
    },
}

CASES = [
    pytest.param(path, name, value, id=f"{path} {name}={value[:30]!r}".replace("\x00", "NUL"))
    for path, parameters in BAD.items()
    for name, values in parameters.items()
    for value in values
]


@pytest.mark.parametrize(("path", "name", "value"), CASES)
def test_bad_parameter(client: httpx.Client, path: str, name: str, value: str) -> None:
    parameters = {name: value}
    if name in ("bbox-crs", "filter-crs", "filter-lang"):
        parameters |= {"bbox": "108,15,109,16", "filter": "people > 1"}
    answer = client.get(path, params=parameters, headers={"Accept": "application/json"})
    assert answer.status_code == 400, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    detail = problem["detail"]
    assert name.strip().rstrip("\x00") in detail
    shown = value[:20]
    told = not detail.startswith("Unknown parameter") and name not in ("filter", "cursor")
    if told and shown.isprintable():
        assert shown.strip() in detail.replace("\\\\", "\\")
    for secret in ("psycopg", "asyncpg", "SELECT", "Traceback", "syntax error at"):
        assert secret not in detail


@pytest.mark.parametrize("name", ["limit", "bbox", "f", "people", "filter"])
def test_a_parameter_given_twice_is_refused(client: httpx.Client, name: str) -> None:
    answer = client.get(f"{ITEMS}?{name}=1&{name}=1")
    assert answer.status_code == 400
    assert name in answer.json()["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '"people"',
        '{"op":"="}',
        '{"op":"=","args":[]}',
        '{"op":"=","args":[{"property":"people"}]}',
        '{"op":"nope","args":[{"property":"people"},1]}',
        '{"op":"=","args":[{"property":5},1]}',
        '{"op":"=","args":[{"property":"people"},{"nope":1}]}',
        '{"op":"and","args":[1,2]}',
        '{"op":"in","args":[{"property":"people"},1]}',
        '{"op":"like","args":[{"property":"code"},1]}',
        '{"op":"s_intersects","args":[{"property":"geom"},{"type":"Point","coordinates":[1]}]}',
        '{"op":"s_intersects","args":[{"property":"geom"},{"type":"Nope","coordinates":[1,2]}]}',
        '{"op":"s_intersects","args":[{"property":"geom"},{"bbox":[1,2,3]}]}',
        '{"op":"t_after","args":[{"property":"reported_at"},{"timestamp":"x"}]}',
        '{"op":"=","args":[{"property":"people"},NaN]}',
        '{"op":"=","args":[{"property":"people"},1e999]}',
        json.dumps({"op": "not", "args": [{"op": "not", "args": []}]}),
        '{"op":"not","args":[' * 400 + "true" + "]}" * 400,
        '{"op":"=","args":[{"property":"code"},"\\u0000"]}',
        '{"op":"=","args":[{"property":"code"},"\\ud800"]}',
    ],
)
def test_bad_json_filters(client: httpx.Client, text: str) -> None:
    answer = client.get(ITEMS, params={"filter": text, "filter-lang": "cql2-json"})
    assert answer.status_code == 400, answer.text[:300]
    assert "filter" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/ogc/collections/nope", "nope"),
        ("/ogc/collections/nope/items", "nope"),
        ("/ogc/collections/nope/schema", "nope"),
        ("/ogc/collections/hotels%00", "hotels"),
        ("/ogc/collections/HOTELS", "HOTELS"),
        (f"{HOTELS}/0", "'0'"),
        (f"{HOTELS}/-5", "-5"),
        (f"{HOTELS}/1.0", "1.0"),
        (f"{HOTELS}/abc", "abc"),
        (f"{HOTELS}/99999999999999999999999", "99999999999999999999999"),
        (f"{HOTELS}/1%00", "1"),
        (f"{HOTELS}/%F0%9F%98%80", "😀"),
        (f"{ITEMS}/not-a-uuid", "not-a-uuid"),
        (f"{ITEMS}/00000000-0000-0000-0000-000000000000", "00000000-0000"),
        (f"{UNITS}/%27%3B--", "';--"),
        ("/ogc/styles/nope", "nope"),
        ("/ogc/styles/nope/metadata", "nope"),
        ("/ogc/sprites/nope.png", "nope.png"),
        ("/ogc/fonts/Nope/0-255.pbf", "Nope"),
        ("/ogc/nope", ""),
        ("/nope", ""),
        ("/ogc/collections/hotels/nope", ""),
    ],
)
def test_what_does_not_exist_is_404(client: httpx.Client, path: str, named: str) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert named in answer.json()["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_methods_that_are_not_offered_are_405(client: httpx.Client, method: str) -> None:
    for path in ("/ogc", ITEMS, "/ogc/collections/hotels", "/api/map"):
        answer = client.request(method, path)
        if (method, path) == ("POST", ITEMS):
            assert answer.status_code == 401  # offered, to those who sign in
            continue
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]


def test_bad_bytes_in_a_request_are_no_error_of_the_server(client: httpx.Client) -> None:
    for query in ("q=%ff%fe", "filter=%c3%28", "%ff=1", "bbox=%80", "&&&", "=1", "limit=%31%30"):
        answer = client.get(f"{ITEMS}?{query}")
        assert answer.status_code in (200, 400), (query, answer.status_code)
    assert client.get("/ogc/collections/%ff%fe/items").status_code == 404
    assert client.get(f"{HOTELS}/%c3%28").status_code == 404
