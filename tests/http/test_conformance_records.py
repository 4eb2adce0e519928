"""OGC API Records part 1 (20-004r1): the abstract tests, by their identifiers."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.http.abstract import abstract
from tests.http.conftest import Rows
from tests.http.pages import HtmlPage
from tests.http.test_conformance import CRS84, OPENAPI, get, rels

RECORDS = "ogcapi-records-1/1.0/conf"
HERE = "/ogc/collections/records"
ITEMS = f"{HERE}/items"
CATALOG, GEOJSON = "application/ogc-catalog+json", "application/geo+json"
SPEC = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf"
PROFILE = "http://www.opengis.net/def/profile/OGC/0"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SORTABLE = ("issued", "title", "number", "updated", "type")

Json = dict[str, Any]


@pytest.fixture(scope="module")
def parameters(client: httpx.Client) -> dict[str, Json]:
    """The parameters of `/items` as the definition has them."""
    document = client.get("/ogc/api").json()
    found = {}
    for parameter in document["paths"]["/collections/records/items"]["get"]["parameters"]:
        name = parameter.get("$ref", "").rpartition("/")[2]
        one = document["components"]["parameters"][name] if name else parameter
        found[one["name"]] = one
    return found


def ids(client: httpx.Client, **asked: Any) -> list[int]:
    """The ids of the records that match, in their order."""
    found = get(client, ITEMS, limit=100, **asked)
    assert found["numberReturned"] == len(found["features"]) == found["numberMatched"]
    return [int(one["id"]) for one in found["features"]]


def all_ids(rows: Rows, condition: str = "true", order: str = "issued_on DESC, id DESC") -> Any:
    query = f"SELECT id FROM layer.directives WHERE {condition} ORDER BY {order}"
    return [row[0] for row in rows(query)]


@abstract(f"{RECORDS}/json", "conformance")
@abstract(f"{RECORDS}/html", "conformance")
@abstract(f"{RECORDS}/oas30", "conformance", "oas-common")
@abstract(f"{RECORDS}/sorting", "conformance")
@abstract(f"{RECORDS}/searchable-catalog", "conformance", "building-blocks")
@abstract(f"{RECORDS}/searchable-catalog-sorting", "sorting-conformance")
def test_the_classes_are_declared(client: httpx.Client) -> None:
    declared = set(get(client, "/ogc/conformance")["conformsTo"])
    names = (
        "searchable-catalog", "searchable-catalog-sorting", "sorting", "json", "html", "oas30",
        "record-core", "record-collection", "record-core-query-parameters", "records-api",
    )  # fmt: skip
    assert {f"{SPEC}/{name}" for name in names} <= declared
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in declared
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30" in declared


@abstract(f"{RECORDS}/records-api", "catalog-response", "catalogs-response", "features-api")
@abstract(f"{RECORDS}/record-collection", "mandatory-properties-collection", "itemType", "license")
@abstract(f"{RECORDS}/record-collection", "default-mediatype", "records", "records-array-name")
@abstract(f"{RECORDS}/searchable-catalog", "mandatory-catalog-properties")
@abstract(f"{RECORDS}/json", "catalog-response", "catalog-content", "catalog-content-profile")
def test_the_catalogue(client: httpx.Client) -> None:
    answer = client.get(HERE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, CATALOG)
    catalogue = answer.json()
    assert (catalogue["id"], catalogue["type"]) == ("records", "Collection")
    assert catalogue["itemType"] == "record"
    assert catalogue["title"]
    assert catalogue["description"]
    assert catalogue["extent"]["spatial"]["crs"] == CRS84
    assert "records" not in catalogue
    links = rels(catalogue)
    assert catalogue["license"] != "other" or links["license"]
    assert [link["href"] for link in links["profile"]] == [f"{PROFILE}/ogc-catalog"]
    listed = get(client, "/ogc/collections")["collections"]
    (same,) = [one for one in listed if one.get("itemType") == "record"]
    assert same == catalogue


@abstract(f"{RECORDS}/record-collection", "links", "links-records", "links-record", "contact")
@abstract(
    f"{RECORDS}/record-collection",
    "links-catalog-hierarchy", "links-catalog-related", "links-catalog-series",
)  # fmt: skip
def test_links_of_the_catalogue(client: httpx.Client) -> None:
    catalogue = get(client, HERE)
    links = rels(catalogue)
    assert not links.keys() & {"child", "next", "item", "related"}
    (own,) = links["self"]
    assert client.get(own["href"]).json() == catalogue
    for link in (*links["alternate"], *links["items"]):
        answer = client.get(link["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"].replace("; charset=utf-8", "") == link["type"]
    assert {link["type"] for link in links["items"]} == {GEOJSON, "text/html"}


@abstract(f"{RECORDS}/records-api", "record-op", "record-response", "resource-name-mapping")
@abstract(f"{RECORDS}/record-core", "mandatory-properties-record", "default-mediatype", "license")
@abstract(f"{RECORDS}/record-core", "links", "contact", "templated-link", "templated-link-header")
@abstract(f"{RECORDS}/searchable-catalog", "mandatory-record-properties")
@abstract(f"{RECORDS}/json", "record-response", "record-content", "record-content-profile")
def test_each_record(client: httpx.Client, rows: Rows) -> None:
    page = get(client, ITEMS, limit=100)
    assert page["type"] == "FeatureCollection"
    assert len(page["features"]) == len(all_ids(rows)) >= 12
    for inside in page["features"]:
        answer = client.get(f"{ITEMS}/{inside['id']}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, GEOJSON)
        record = answer.json()
        assert record == inside
        assert record["id"]
        assert record["type"] == "Feature"
        assert record["geometry"]["type"] == "MultiPolygon"
        properties, links = record["properties"], rels(record)
        assert properties["type"]
        assert properties["title"]
        assert datetime.fromisoformat(properties["updated"])
        assert properties["license"] != "other" or links["license"]
        assert all(one["organization"] and one["roles"] for one in properties["contacts"])
        assert "linkTemplates" not in record
        assert [link["href"] for link in links["profile"]] == [f"{PROFILE}/ogc-record"]
        assert len(links["self"]) == len(links["collection"]) == 1
        assert [link["type"] for link in links["alternate"]] == ["text/html"]
    (collection,) = links["collection"]
    assert client.get(collection["href"]).json()["itemType"] == "record"
    (feature,) = links["related"]
    assert get(client, feature["href"])["properties"]["number"] == properties["number"]
    assert client.get(f"{ITEMS}/999999").status_code == 404
    assert client.get(f"{ITEMS}/001").status_code == 404


@abstract(f"{RECORDS}/record-core", "time-instant", "time-interval", "time-instant-interval")
@abstract(f"{RECORDS}/record-core", "time-zone")
def test_times(client: httpx.Client) -> None:
    ends = set()
    for record in get(client, ITEMS, limit=100)["features"]:
        assert record["time"].keys() == {"interval"}
        first, last = record["time"]["interval"]
        assert MOMENT.fullmatch(first)
        assert last == ".." or MOMENT.fullmatch(last)
        assert last == ".." or first < last
        ends.add(last == "..")
    assert ends == {True, False}


@abstract(f"{RECORDS}/records-api", "mandatory-params", "records-op")
@abstract(
    f"{RECORDS}/record-core-query-parameters",
    "q-definition", "type-definition", "ids-definition", "externalIds-definition",
)  # fmt: skip
def test_parameters_are_defined(parameters: dict[str, Json]) -> None:
    wanted = {"q", "type", "ids", "externalIds", "bbox", "datetime", "limit", "sortby"}
    assert wanted <= parameters.keys()
    for name in ("q", "type", "ids", "externalIds"):
        one = parameters[name]
        assert (one["in"], one["required"], one["explode"]) == ("query", False, False)
        assert one["schema"]["type"] == "array"
        assert one["schema"]["items"]["type"] == "string"
    assert parameters["type"]["schema"]["items"]["maxLength"] == 64
    assert parameters["limit"]["schema"]["maximum"] == 10_000


@abstract(f"{RECORDS}/record-core-query-parameters", "q-response")
def test_words(client: httpx.Client, rows: Rows) -> None:
    def naming(*phrases: str) -> set[int]:
        condition = " OR ".join(
            "dieuhanh.fold(concat_ws(' ', title, summary, issuer, number))"
            f" ~ '\\m{phrase}\\M'" for phrase in phrases
        )  # fmt: skip
        return set(all_ids(rows, condition))

    assert set(ids(client, q="cach")) == naming("cach") != set()
    assert set(ids(client, q="tiem,bao")) == naming("tiem", "bao") != naming("tiem")
    assert set(ids(client, q="cách   ly")) == naming("cach ly") != set()
    assert ids(client, q="ly cach") == []
    assert set(ids(client, q="14/CT-UBND")) == naming("14/ct-ubnd")
    assert ids(client, q="khongcogi") == []


@abstract(
    f"{RECORDS}/record-core-query-parameters",
    "type-response", "ids-response", "externalIds-response", "bbox", "datetime", "limit",
)  # fmt: skip
def test_selections(client: httpx.Client, rows: Rows) -> None:
    everything = all_ids(rows)
    assert ids(client, type="decision,plan") == all_ids(rows, "kind IN ('decision', 'plan')")
    assert ids(client, type="photograph") == []
    some = everything[2:4]
    assert ids(client, ids=",".join(map(str, [*some, "none"]))) == some
    numbers = rows("SELECT id, number FROM layer.directives ORDER BY id LIMIT 2")
    known = ",".join(number.lower() for _, number in numbers)
    assert sorted(ids(client, externalIds=known)) == [identifier for identifier, _ in numbers]
    box = (108.30, 15.85, 108.36, 15.92)
    touching = "ST_Intersects(geom, ST_MakeEnvelope(108.30, 15.85, 108.36, 15.92, 4326))"
    assert ids(client, bbox=",".join(map(str, box))) == all_ids(rows, touching)
    assert ids(client, bbox="100,10,101,11") == []
    (middle,) = rows("SELECT valid_from FROM layer.directives ORDER BY valid_from OFFSET 4 LIMIT 1")
    moment = middle[0].strftime("%Y-%m-%dT%H:%M:%SZ")
    during = f"valid_from <= '{moment}' AND (ends_at IS NULL OR ends_at >= '{moment}')"
    assert ids(client, datetime=moment) == all_ids(rows, during)
    assert ids(client, datetime=f"../{moment}") == all_ids(rows, f"valid_from <= '{moment}'")
    both = f"{during} AND kind = 'directive'"
    assert ids(client, datetime=moment, type="directive") == all_ids(rows, both)


@pytest.mark.parametrize(
    "asked",
    [
        {"q": ""}, {"q": "a,,b"}, {"q": "x" * 300}, {"q": "a\x00"}, {"bbox": "1,2,3"},
        {"datetime": "yesterday"}, {"sortby": "nothing"}, {"limit": "0"}, {"offset": "-1"},
        {"type": "x" * 65}, {"ids": ","}, {"unknown": "1"}, {"f": "xml"},
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused(client: httpx.Client, asked: dict[str, str]) -> None:
    answer = client.get(ITEMS, params=asked)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_pages_follow_each_other(client: httpx.Client, rows: Rows) -> None:
    found: list[int] = []
    address: str | None = f"{ITEMS}?limit=5&lang=en"
    while address:
        page = client.get(address).json()
        assert page["numberMatched"] == len(all_ids(rows))
        found += [int(one["id"]) for one in page["features"]]
        address = next((x["href"] for x in page["links"] if x["rel"] == "next"), None)
    assert found == all_ids(rows)


@abstract(f"{RECORDS}/sorting", "get-sortables-op", "get-sortables-success")
@abstract(f"{RECORDS}/sorting", "defaultSortOrder-definition", "sortby-definition")
@abstract(f"{RECORDS}/searchable-catalog-sorting", "building-blocks/sorting")
def test_sortables(client: httpx.Client, parameters: dict[str, Json]) -> None:
    catalogue = get(client, HERE)
    (link,) = rels(catalogue)["http://www.opengis.net/def/rel/ogc/1.0/sortables"]
    answer = client.get(link["href"])
    assert answer.headers["content-type"] == link["type"] == "application/schema+json"
    sortables = answer.json()
    assert sortables["$schema"] == "https://json-schema.org/draft/2019-09/schema"
    assert urlsplit(sortables["$id"]).path == f"{HERE}/sortables"
    assert sortables["type"] == "object"
    assert set(sortables["properties"]) == set(SORTABLE)
    assert {one["field"] for one in catalogue["defaultSortOrder"]} <= set(SORTABLE)
    record = get(client, ITEMS, limit=1)["features"][0]
    assert set(SORTABLE) <= record["properties"].keys()
    assert "sortby" in parameters
    (definition,) = rels(get(client, "/ogc"))["service-desc"]
    assert definition["type"] == OPENAPI


@abstract(f"{RECORDS}/sorting", "sortby-response")
@pytest.mark.parametrize("name", SORTABLE)
def test_sorting(client: httpx.Client, name: str) -> None:
    def values(sortby: str) -> list[Any]:
        found = get(client, ITEMS, limit=100, sortby=sortby)["features"]
        return [one["properties"][name] for one in found]

    up, down = values(f"+{name}"), values(f"-{name}")
    assert up == values(name)
    # Titles and numbers sort as the database sorts text, which is not Python's order.
    if name not in ("title", "number"):
        assert up == sorted(up)
    assert len(set(up)) > 1
    if len(set(up)) == len(up):
        assert down == up[::-1]
    plain = [one["properties"]["issued"] for one in get(client, ITEMS, limit=100)["features"]]
    assert plain == sorted(plain, reverse=True)
    assert all(date.fromisoformat(one) for one in plain)


@abstract(f"{RECORDS}/html", "content", "definition")
def test_pages_for_people(client: httpx.Client, rows: Rows) -> None:
    first = all_ids(rows)[0]
    for path in (HERE, ITEMS, f"{ITEMS}?q=bao", f"{ITEMS}/{first}", f"{HERE}/sortables"):
        for lang in ("vi", "en"):
            mark = "&" if "?" in path else "?"
            answer = client.get(f"{path}{mark}f=html&lang={lang}")
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"].startswith("text/html")
            assert HtmlPage(answer.text).elements
    record = get(client, f"{ITEMS}/{first}")
    text = client.get(f"{ITEMS}/{first}", params={"f": "html"}).text
    for link in record["links"]:
        if link["rel"] not in ("self", "alternate"):
            assert f'href="{link["href"]}"' in text, link
    for value in ("number", "title"):
        assert record["properties"][value] in text
    (catalogued,) = [link for link in record["links"] if link["rel"] == "about"]
    assert catalogued["href"].endswith(f"/directives#{first}")


def test_answers_hold_until_a_directive_changes(client: httpx.Client) -> None:
    answer = client.get(ITEMS)
    tag = answer.headers["etag"]
    assert client.get(ITEMS, headers={"If-None-Match": tag}).status_code == 304
