"""Features part 5 / Common part 3 (23-058r2): the abstract tests, by their identifiers."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.http.abstract import abstract
from tests.http.conftest import LAYERS

COMMON = "ogcapi-common-3/1.0/conf"
FEATURES = "ogcapi-features-5/1.0/conf"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
RESOURCES = ("schema", "queryables", "sortables")
GEOMETRY = re.compile(r"geometry-(point|multipolygon|polygon|linestring|multilinestring|any)")

each_layer = pytest.mark.parametrize("name", LAYERS)
each_resource = pytest.mark.parametrize("resource", RESOURCES)


def schema(client: httpx.Client, name: str, resource: str, lang: str = "vi") -> dict[str, Any]:
    """The schema resource of a collection."""
    answer = client.get(
        f"/ogc/collections/{name}/{resource}",
        headers={"Accept": "application/schema+json", "Accept-Language": lang},
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    found: dict[str, Any] = answer.json()
    return found


@abstract(f"{COMMON}/returnables-and-receivables", "link")
@abstract(f"{FEATURES}/returnables-and-receivables", "link")
@abstract(f"{COMMON}/sortables", "link")
@abstract(f"{FEATURES}/sortables", "link")
@each_layer
@each_resource
def test_collections_link_to_their_schemas(
    client: httpx.Client, server: str, name: str, resource: str
) -> None:
    links = client.get(f"/ogc/collections/{name}").json()["links"]
    (found,) = [link for link in links if link["rel"] == f"{REL}{resource}"]
    assert found["type"] == "application/schema+json"
    assert found["href"] == f"{server}/ogc/collections/{name}/{resource}"
    assert schema(client, name, resource)["$id"] == found["href"]


@abstract(f"{COMMON}/schemas", "basic-schema-inspection", "property-seq")
@abstract(f"{FEATURES}/schemas", "basic-schema-inspection", "property-seq")
@abstract(f"{COMMON}/returnables-and-receivables", "op-and-response")
@abstract(f"{FEATURES}/returnables-and-receivables", "op-and-response")
@abstract(f"{COMMON}/sortables", "op-and-response")
@abstract(f"{FEATURES}/sortables", "op-and-response")
@each_layer
@each_resource
def test_schemas_are_sound(client: httpx.Client, name: str, resource: str) -> None:
    found = schema(client, name, resource)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["type"] == "object"
    assert found["additionalProperties"] is False
    Draft202012Validator.check_schema(found)
    order = [members["x-ogc-propertySeq"] for members in found["properties"].values()]
    assert order == list(range(1, len(order) + 1))
    spatial = []
    for key, members in found["properties"].items():
        assert members["title"]
        if "type" not in members:
            assert GEOMETRY.fullmatch(members["format"])
            assert "$ref" not in members or resource == "queryables"
            spatial.append(key)
    assert spatial == ([] if resource == "sortables" else ["geom"])


@abstract(f"{COMMON}/schemas", "role", "role-id", "unit")
@abstract(f"{FEATURES}/schemas", "role", "role-id", "unit")
@abstract(f"{COMMON}/advanced-property-roles", "role-primary-geometry", "role-primary-temporal")
@abstract(f"{FEATURES}/core-roles-features", "role-primary-geometry", "role-primary-temporal")
@each_layer
def test_roles_and_units(client: httpx.Client, name: str) -> None:
    properties = schema(client, name, "schema")["properties"]
    roles = {m["x-ogc-role"]: m for m in properties.values() if "x-ogc-role" in m}
    assert roles["id"]["type"] in ("integer", "string")
    assert "type" not in roles["primary-geometry"]
    if name == "admin_units":
        assert roles.keys() == {"id", "primary-geometry"}
    elif name in ("alerts", "directives", "outbreak_zones"):
        interval = {"primary-interval-start", "primary-interval-end"}
        assert roles.keys() == {"id", "primary-geometry", *interval}
        assert all(roles[role]["format"] == "date-time" for role in interval)
    else:
        assert roles.keys() == {"id", "primary-geometry", "primary-instant"}
        assert roles["primary-instant"]["format"] == "date-time"
    for members in properties.values():
        if "x-ogc-unit" in members:
            assert members["type"] in ("integer", "number")
            ucum = re.fullmatch(r"({[a-z]+}|[a-z]+2?|\d+|[/.()])+", members["x-ogc-unit"])
            assert ucum or members["x-ogc-unitLang"] == "ISO4217"


@abstract(f"{COMMON}/returnables-and-receivables", "response-1")
@abstract(f"{FEATURES}/returnables-and-receivables", "response-1")
@each_layer
def test_features_are_valid_by_their_schema(client: httpx.Client, name: str) -> None:
    found = schema(client, name, "schema")
    by_role = {m.get("x-ogc-role"): m for m in found["properties"].values()}
    page = client.get(f"/ogc/collections/{name}/items", params={"limit": 500}).json()
    for feature in page["features"]:
        Draft202012Validator(by_role["id"]).validate(feature["id"])
        kind = found["properties"]["geom"]["format"].removeprefix("geometry-")
        assert feature["geometry"]["type"].lower() == kind
        properties = {k: v for k, v in feature["properties"].items() if v is not None}
        assert properties.keys() <= found["properties"].keys()
        required = set(found["required"]) - {"geom"}
        assert required <= properties.keys() | {"id"}
        for key, value in properties.items():
            Draft202012Validator(found["properties"][key]).validate(value)


@abstract(f"{COMMON}/sortables", "sort")
@each_layer
def test_features_can_be_sorted_by_what_is_listed(client: httpx.Client, name: str) -> None:
    path = f"/ogc/collections/{name}/items"
    for key in schema(client, name, "sortables")["properties"]:
        for sign in ("", "-", "+"):
            answer = client.get(path, params={"sortby": f"{sign}{key}", "limit": 50})
            assert answer.status_code == 200, (key, answer.text)
            values = [f["properties"].get(key, f["id"]) for f in answer.json()["features"]]
            numbers = [v for v in values if isinstance(v, int | float)]
            assert numbers == sorted(numbers, reverse=sign == "-")
    answer = client.get(path, params={"sortby": "no_such_property"})
    assert answer.status_code == 400
    assert "no_such_property" in answer.json()["detail"]


def test_titles_and_codes_are_in_the_language_asked_for(client: httpx.Client) -> None:
    for lang, title, code in (
        ("vi", "Mức ưu tiên", "Nguy cấp"),
        ("en", "Priority", "Critical"),
    ):
        members = schema(client, "sos_requests", "schema", lang)["properties"]["priority"]
        assert members["title"] == title
        assert members["oneOf"][0] == {"const": "critical", "title": code}


def test_columns_of_staff_are_in_no_schema(client: httpx.Client) -> None:
    for resource in (*RESOURCES, "schema?f=geojson"):
        text = client.get(f"/ogc/collections/sos_requests/{resource}").text
        for name in ("injured", "children", "elderly", "channel", "accuracy_m"):
            assert f'"{name}"' not in text


@each_layer
def test_the_schema_of_geojson_features(client: httpx.Client, name: str) -> None:
    found = client.get(f"/ogc/collections/{name}/schema", params={"f": "geojson"}).json()
    Draft202012Validator.check_schema(found)
    page = client.get(f"/ogc/collections/{name}/items", params={"limit": 50}).json()
    for feature in page["features"]:
        feature["properties"] = {
            key: value for key, value in feature["properties"].items() if value is not None
        }
        Draft202012Validator(found).validate(feature)
