"""The requests of QGIS 3.32 and newer, replayed: the order, the Accept headers, the CQL2 it writes.

QGIS pushes filters down where the conformance list lets it, and writes them as its
`QgsOapifCql2TextExpressionCompiler` does: names that are not alphanumeric in double quotes,
every comparison in parentheses, `TIMESTAMP('…')` for times.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.http.conftest import LAYERS, Rows

DEFINITION = (
    "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0,"
    " application/json"
)
ITEMS = "application/geo+json, application/json"
SCHEMA = "application/schema+json"
SPEC = "http://www.opengis.net/spec/"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
EPSG_4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"
AGENT = {"User-Agent": "Mozilla/5.0 QGIS/33200/Linux", "Accept-Language": "vi"}

BOX = "108.3,15.5,108.6,15.65"
INSIDE = "ST_Intersects(geom, ST_MakeEnvelope(108.3, 15.5, 108.6, 15.65, 4326))"


def fetch(client: httpx.Client, address: str, accept: str = "application/json") -> dict[str, Any]:
    """The JSON of a successful answer."""
    answer = client.get(address, headers={**AGENT, "Accept": accept})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def page(client: httpx.Client, name: str, query: str) -> dict[str, Any]:
    """A page as QGIS asks for it: its own page size first, then the filter."""
    address = f"/ogc/collections/{name}/items?limit=1000&{query}"
    return fetch(client, address, ITEMS)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_added(client: httpx.Client, rows: Rows, name: str) -> None:
    links = {link["rel"]: link for link in fetch(client, "/ogc")["links"]}
    assert links["service-desc"]["type"] == "application/vnd.oai.openapi+json;version=3.0"
    definition = fetch(client, links["service-desc"]["href"], DEFINITION)
    limit = definition["components"]["parameters"]["limit"]["schema"]
    assert min(max(1000, limit["default"]), limit["maximum"]) == 1000

    assert links["data"]["type"] == "application/json"
    collection = fetch(client, f"{links['data']['href']}/{name}")
    assert collection["storageCrs"].endswith("CRS84")
    (box,) = collection["extent"]["spatial"]["bbox"]
    assert len(box) == 4

    declared = set(fetch(client, links["conformance"]["href"])["conformsTo"])
    assert {
        f"{SPEC}{known}"
        for known in (
            "ogcapi-features-2/1.0/conf/crs",
            "ogcapi-features-3/1.0/conf/filter",
            "ogcapi-features-3/1.0/conf/features-filter",
            "cql2/1.0/conf/cql2-text",
            "cql2/1.0/conf/basic-cql2",
            "cql2/1.0/conf/advanced-comparison-operators",
            "cql2/1.0/conf/case-insensitive-comparison",
            "cql2/1.0/conf/basic-spatial-operators",
            "ogcapi-features-5/1.0/conf/schemas",
        )
    } <= declared

    queryables = fetch(client, f"/ogc/collections/{name}/queryables", SCHEMA)["properties"]
    spatial = [
        key
        for key, members in queryables.items()
        if "type" not in members and members["$ref"].startswith("https://geojson.org/schema/")
    ]
    assert spatial == ["geom"]
    assert all(isinstance(each.get("type", ""), str) for each in queryables.values())

    first = fetch(client, f"/ogc/collections/{name}/items?limit=10", ITEMS)
    assert first["numberMatched"] == rows(f'SELECT count(*) FROM layer."{name}"')[0][0]

    (described,) = [link for link in collection["links"] if link["rel"] == f"{REL}schema"]
    assert described["type"] == SCHEMA
    members = fetch(client, described["href"], SCHEMA)["properties"]
    order = [each["x-ogc-propertySeq"] for each in members.values()]
    assert len(order) == len(set(order))
    properties = first["features"][0]["properties"]
    assert properties.keys() <= members.keys()

    options = client.options(f"/ogc/collections/{name}/items", headers=AGENT)
    assert options.status_code < 400
    assert "POST" not in options.headers.get("allow", "")


COMPILED = [
    ("(priority = 'critical')", "priority = 'critical'"),
    ("(priority <> 'critical')", "priority <> 'critical'"),
    ("((people > 3) AND (state = 'new'))", "people > 3 AND state = 'new'"),
    ("((people <= 2) OR (NOT ((state = 'new'))))", "people <= 2 OR NOT state = 'new'"),
    ('("resolved_at" IS NULL)', "resolved_at IS NULL"),
    ('("resolved_at" IS NOT NULL)', "resolved_at IS NOT NULL"),
    ("people BETWEEN 2 AND 4", "people BETWEEN 2 AND 4"),
    ("people NOT BETWEEN 2 AND 4", "people NOT BETWEEN 2 AND 4"),
    ("category IN ('medical','trapped')", "category IN ('medical','trapped')"),
    ("category NOT IN ('medical','trapped')", "category NOT IN ('medical','trapped')"),
    ("(code LIKE 'S1000%')", "code LIKE 'S1000%'"),
    ("(code NOT LIKE 'S1000%')", "code NOT LIKE 'S1000%'"),
    ("(CASEI(code) LIKE CASEI('s1000%'))", "code ILIKE 's1000%'"),
    ("(CASEI(code) NOT LIKE CASEI('s1000%'))", "code NOT ILIKE 's1000%'"),
    ("((people + 1) >= (2 * 3))", "people + 1 >= 6"),
    ("(people > ( - (1)))", "people > -1"),
    ("((people % 2) = 0)", "people % 2 = 0"),
    ("((people ^ 2) > 9)", "people ^ 2 > 9"),
    (
        "(\"reported_at\" >= TIMESTAMP('{middle}.000Z'))",
        "reported_at >= '{middle}Z'",
    ),
    (
        "((\"reported_at\" >= TIMESTAMP('{middle}.000Z')) AND (people > 3))",
        "reported_at >= '{middle}Z' AND people > 3",
    ),
    (f"S_INTERSECTS(geom,BBOX({BOX}))", INSIDE),
    (f"((people > 2) AND S_INTERSECTS(geom,BBOX({BOX})))", f"people > 2 AND {INSIDE}"),
]


@pytest.fixture(scope="module")
def middle(rows: Rows) -> str:
    """A time that about half of the requests were reported after, in UTC."""
    ((found,),) = rows(
        "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY reported_at AT TIME ZONE 'UTC')"
        " FROM layer.sos_requests"
    )
    return f"{found:%Y-%m-%dT%H:%M:%S}"


@pytest.mark.parametrize(("compiled", "condition"), COMPILED)
def test_filters_are_pushed_down(
    client: httpx.Client, rows: Rows, middle: str, compiled: str, condition: str
) -> None:
    compiled, condition = compiled.format(middle=middle), condition.format(middle=middle)
    found = page(client, "sos_requests", f"filter={quote(compiled)}&filter-lang=cql2-text")
    expected = rows("SELECT id::text FROM layer.sos_requests WHERE " + condition)
    assert expected
    assert found["numberMatched"] == len(expected)
    ids = {row[0] for row in expected}
    while found["features"]:
        for feature in found["features"]:
            ids.remove(feature["id"])
        following = [link for link in found["links"] if link["rel"] == "next"]
        if not following:
            break
        assert following[0]["type"] == "application/geo+json"
        found = fetch(client, following[0]["href"], ITEMS)
    assert not ids


def test_a_filter_of_a_view_is_joined_to_the_layers_own(client: httpx.Client, rows: Rows) -> None:
    joined = quote("((people > 3)) AND ((state = 'new'))")
    found = page(client, "sos_requests", f"filter={joined}&filter-lang=cql2-text")
    ((expected,),) = rows(
        "SELECT count(*) FROM layer.sos_requests WHERE people > 3 AND state = 'new'"
    )
    assert found["numberMatched"] == expected


def test_points_and_areas_in_the_axis_order_of_the_layers_system(
    client: httpx.Client, rows: Rows
) -> None:
    """With a layer in EPSG:4326 QGIS sends latitude first, everywhere."""
    uri = quote(EPSG_4326, safe="")
    text = quote("S_INTERSECTS(geom,POINT(15.56 108.48))")
    query = f"filter={text}&filter-lang=cql2-text&filter-crs={uri}&crs={uri}"
    found = page(client, "admin_units", query)
    names = rows(
        "SELECT code FROM layer.admin_units"
        " WHERE ST_Intersects(geom, 'SRID=4326;POINT(108.48 15.56)') ORDER BY code"
    )
    assert [feature["id"] for feature in found["features"]] == [row[0] for row in names]
    latitude, longitude = found["features"][0]["geometry"]["coordinates"][0][0][0]
    assert 14 < latitude < 17
    assert 107 < longitude < 109

    view = f"bbox=15.5,108.3,15.65,108.6&bbox-crs={uri}&crs={uri}"
    found = page(client, "sos_requests", view)
    ((expected,),) = rows(f"SELECT count(*) FROM layer.sos_requests WHERE {INSIDE}")
    assert found["numberMatched"] == expected


def test_times_before_filters_could_be_pushed_down(
    client: httpx.Client, rows: Rows, middle: str
) -> None:
    """Older versions write open ends as the years 0 and 9999."""
    for interval, sign in (
        (f"{middle}Z%2F9999-12-31T00:00:00Z", ">="),
        (f"0000-01-01T00:00:00Z%2F{middle}Z", "<="),
    ):
        found = page(client, "sos_requests", f"datetime={interval}")
        ((expected,),) = rows(
            f"SELECT count(*) FROM layer.sos_requests WHERE reported_at {sign} '{middle}Z'"
        )
        assert found["numberMatched"] == expected


def test_the_count_of_a_filtered_layer(client: httpx.Client, rows: Rows) -> None:
    text = quote("(people > 3)")
    address = f"/ogc/collections/sos_requests/items?limit=1&filter={text}&filter-lang=cql2-text"
    found = fetch(client, address, ITEMS)
    ((expected,),) = rows("SELECT count(*) FROM layer.sos_requests WHERE people > 3")
    assert (found["numberMatched"], found["numberReturned"]) == (expected, 1)
