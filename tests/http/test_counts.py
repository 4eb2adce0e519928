"""`/counts`: how many features match and have each value, as PostgreSQL itself counts them."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg2
import pytest

from tests.http.conftest import Rows
from tests.people import person

CHECKPOINTS = "/ogc/collections/checkpoints/counts"
SOS = "/ogc/collections/sos_requests/counts"
BOX = "108.2,15.7,108.5,16.0"


def counted(client: httpx.Client, path: str, **parameters: Any) -> dict[str, Any]:
    """The answer: the number of matches as `""`, and each column's values with theirs."""
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    for one in body["counts"]:
        listed = sum(value["count"] for value in one["values"])
        assert listed + one["others"] == one["numberMatched"]
    return {
        "": body["numberMatched"],
        **{
            one["property"]: {value["value"]: value["count"] for value in one["values"]}
            for one in body["counts"]
        },
    }


def of(rows: Rows, column: str, where: str = "true", table: str = "checkpoints") -> dict[Any, int]:
    """The same as PostgreSQL counts it."""
    return dict(
        rows(f"SELECT {column}, count(*) FROM layer.{table} WHERE {where} GROUP BY {column}")
    )


def test_all_features_by_several_columns(client: httpx.Client, rows: Rows) -> None:
    found = counted(client, CHECKPOINTS, by="state,kind,wifi,officers")
    assert found[""] == sum(of(rows, "id").values())
    assert list(found)[1:] == ["state", "kind", "wifi", "officers"]
    for column in ("state", "kind", "wifi", "officers"):
        assert found[column] == of(rows, column)
    assert set(found["wifi"]) == {True, False}
    assert counted(client, CHECKPOINTS) == {"": found[""]}


def test_every_condition_of_a_read_counts(client: httpx.Client, rows: Rows) -> None:
    west, south, east, north = BOX.split(",")
    inside = f"geom && ST_MakeEnvelope({west}, {south}, {east}, {north}, 4326)"
    found = counted(client, CHECKPOINTS, by="state", bbox=BOX, filter="wifi = TRUE")
    assert found["state"] == of(rows, "state", f"wifi AND {inside}")
    assert 0 < found[""] == sum(found["state"].values())
    assert counted(client, CHECKPOINTS, by="kind", state="open")["kind"] == of(
        rows, "kind", "state = 'open'"
    )
    assert counted(client, SOS, q="khong co gi")[""] == 0
    until = {"datetime": "../2021-08-15T00:00:00Z"}
    hits = client.get(SOS.replace("counts", "items"), params={**until, "resultType": "hits"})
    assert counted(client, SOS, **until)[""] == hits.json()["numberMatched"]


def test_a_drawn_area_is_a_filter_like_others(client: httpx.Client, rows: Rows) -> None:
    area = "POLYGON((108.2 15.7,108.6 15.7,108.4 16,108.2 15.7))"
    found = counted(client, SOS, by="category", filter=f"S_INTERSECTS(geom, {area})")
    inside = f"ST_Intersects(geom, ST_GeomFromText('{area}', 4326))"
    assert found["category"] == of(rows, "category", inside, "sos_requests")
    assert found[""] > 0


def test_a_column_counted_without_its_own_conditions(client: httpx.Client, rows: Rows) -> None:
    condition = "state IN ('closed', 'congested') AND wifi = TRUE AND officers >= 2"
    whole = counted(client, CHECKPOINTS, by="state,wifi,kind", filter=condition)
    assert whole["state"] == of(rows, "state", condition)
    apart = counted(client, CHECKPOINTS, by="state,wifi,kind", filter=condition, own="false")
    assert apart[""] == whole[""]
    assert apart["kind"] == whole["kind"]
    assert apart["state"] == of(rows, "state", "wifi AND officers >= 2")
    others = "state IN ('closed', 'congested') AND officers >= 2"
    assert apart["wifi"] == of(rows, "wifi", others)
    equal = counted(client, CHECKPOINTS, by="state", state="open", own="false")
    assert equal["state"] == of(rows, "state")
    assert equal[""] == of(rows, "state")["open"]


def test_missing_values_are_counted_as_null(client: httpx.Client, rows: Rows) -> None:
    found = counted(client, SOS, by="resolved_at", limit=1000)["resolved_at"]
    assert found[None] == of(rows, "resolved_at", table="sos_requests")[None] > 0
    item = client.get("/ogc/collections/sos_requests/items?filter=resolved_at IS NOT NULL&limit=1")
    (feature,) = item.json()["features"]
    instant = feature["properties"]["resolved_at"]
    answer = counted(
        client, SOS, by="resolved_at", filter=f"code = '{feature['properties']['code']}'"
    )
    assert answer["resolved_at"] == {instant: 1}


def test_values_are_bounded_and_the_rest_is_said(client: httpx.Client, rows: Rows) -> None:
    (one,) = client.get(CHECKPOINTS, params={"by": "name", "limit": 2}).json()["counts"]
    assert len(one["values"]) == 2
    assert one["others"] == one["numberMatched"] - sum(v["count"] for v in one["values"])
    (usual,) = client.get(SOS, params={"by": "code"}).json()["counts"]
    assert len(usual["values"]) == 100
    counts = [
        v["count"] for v in client.get(SOS, params={"by": "people"}).json()["counts"][0]["values"]
    ]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"by": ""}, "by="),
        ({"by": ","}, "one to 12"),
        ({"by": "nope"}, "'nope'"),
        ({"by": "injured"}, "'injured'"),
        ({"by": "geom"}, "'geom'"),
        ({"by": "geom_exact"}, "'geom_exact'"),
        ({"by": "search"}, "'search'"),
        ({"by": "state;DROP TABLE layer.hotels"}, "DROP TABLE"),
        ({"by": 'state"'}, 'state"'),
        ({"by": "state\x00"}, "by="),
        ({"by": "state", "limit": "0"}, "limit"),
        ({"by": "state", "limit": "1001"}, "limit"),
        ({"own": "no"}, "own"),
        ({"filter": "injured > 0", "by": "state"}, "injured"),
        ({"filter": "state = 'open", "by": "state", "own": "false"}, "filter"),
        ({"filter": "", "own": "false"}, "filter"),
        ({"sortby": "state"}, "sortby"),
        ({"properties": "state"}, "properties"),
        ({"offset": "1"}, "offset"),
        ({"f": "csv"}, "f="),
    ],
)
def test_bad_questions_are_answered_400(
    client: httpx.Client, parameters: dict[str, str], said: str
) -> None:
    answer = client.get(SOS, params=parameters)
    assert answer.status_code == 400, answer.text
    assert said in answer.json()["detail"]


def test_what_is_wrong_with_a_filter_is_said_in_both_languages(client: httpx.Client) -> None:
    rule = client.get(CHECKPOINTS, params={"filter": "wifii"}).json()["rule"]
    assert "wifii" in rule["vi"]
    assert "wifii" in rule["en"]
    assert rule["vi"] != rule["en"]


def test_hostile_values_are_only_values(client: httpx.Client) -> None:
    hostile = "name = 'x''; DROP TABLE layer.hotels; --'"
    assert counted(client, CHECKPOINTS, by="name", filter=hostile, own="true")[""] == 0
    apart = counted(client, CHECKPOINTS, by="name", filter=hostile, own="false", limit=1)
    assert apart[""] == 0
    assert sum(apart["name"].values()) > 0
    missing = client.get("/ogc/collections/nope/counts")
    assert missing.status_code == 404


def test_staff_count_their_columns_and_the_public_does_not(
    fresh_database_url: str, run_server: Any
) -> None:
    address = run_server(fresh_database_url)
    viewer = person(fresh_database_url, "viewer")
    question = {"by": "injured", "filter": "injured > 0", "own": "false"}
    assert httpx.get(address + SOS, params=question).status_code == 400
    answer = httpx.get(address + SOS, params=question, headers=viewer.headers)
    assert answer.status_code == 200, answer.text
    assert "private" in answer.headers["cache-control"]
    (one,) = answer.json()["counts"]
    assert one["numberMatched"] > answer.json()["numberMatched"] > 0
    assert httpx.get(address + SOS, params=question).status_code == 400


def test_counts_are_kept_until_the_layer_changes(fresh_database_url: str, run_server: Any) -> None:
    address = run_server(fresh_database_url, workers=2)
    first = httpx.get(address + CHECKPOINTS, params={"by": "state"})
    tag = {"If-None-Match": first.headers["etag"]}
    assert httpx.get(address + CHECKPOINTS, params={"by": "state"}, headers=tag).status_code == 304
    connection = psycopg2.connect(fresh_database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE layer.checkpoints SET state = 'congested' WHERE state = 'closed'")
        changed = cursor.rowcount
    connection.close()
    assert changed > 0
    for _ in range(50):
        again = httpx.get(address + CHECKPOINTS, params={"by": "state"}, headers=tag)
        if again.status_code == 200:
            break
    values = {one["value"] for one in again.json()["counts"][0]["values"]}
    assert values == {"open", "congested"}
