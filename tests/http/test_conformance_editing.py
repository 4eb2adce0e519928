"""OGC API Features part 4 (20-002): the abstract tests, by their identifiers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.abstract import abstract
from tests.http.editing import CHECKPOINTS, ELSEWHERE, INSIDE, SOS, Site, checkpoint, site

__all__ = ["site"]

CONF = "ogcapi-features-4/1.0/conf"
EPSG_5899 = "http://www.opengis.net/def/crs/EPSG/0/5899"


@abstract(f"{CONF}/create-replace-delete", "options")
@abstract(f"{CONF}/update", "options")
def test_options(site: Site) -> None:
    path, _ = site.make()
    many = site.send("OPTIONS", CHECKPOINTS)
    assert many.status_code == 200
    assert "POST" in many.headers["allow"].split(", ")
    assert "application/geo+json" in many.headers["accept-post"]
    one = site.send("OPTIONS", path)
    assert one.status_code == 200
    assert {"PUT", "PATCH", "DELETE"} <= set(one.headers["allow"].split(", "))
    assert "application/merge-patch+json" in one.headers["accept-patch"]


@abstract(f"{CONF}/create-replace-delete", "create")
@abstract(f"{CONF}/features", "endpoints")
def test_create(site: Site) -> None:
    before = {row[0] for row in site.ask("SELECT id FROM layer.checkpoints")}
    for sent in (checkpoint(), {**checkpoint(), "id": max(before) + 1000}):
        answer = site.send("POST", CHECKPOINTS, sent)
        assert answer.status_code == 201
        location = answer.headers["location"]
        made = site.client.get(location).json()
        assert made["geometry"] == sent["geometry"]
        assert sent["properties"].items() <= made["properties"].items()
        assert made["id"] not in before
        assert location.endswith(f"/collections/checkpoints/items/{made['id']}")


@abstract(f"{CONF}/create-replace-delete", "create-content-type", "replace-content-type")
@abstract(f"{CONF}/update", "update-content-type")
def test_a_body_without_a_type_is_refused(site: Site) -> None:
    path, _ = site.make()
    for method, address in (("POST", CHECKPOINTS), ("PUT", path), ("PATCH", path)):
        answer = site.client.request(
            method, address, content=b'{"type":"Feature"}', headers=site.officer.headers
        )
        assert answer.status_code == 400, answer.text
        assert "Content-Type" in answer.json()["detail"]


@abstract(f"{CONF}/create-replace-delete", "replace")
def test_replace(site: Site) -> None:
    path, _ = site.make(checkpoint(officers=3))
    sent = checkpoint(officers=8, geometry={"type": "Point", "coordinates": [108.49, 15.57]})
    assert site.send("PUT", path, sent).status_code == 200
    found = site.client.get(path).json()
    assert found["geometry"] == sent["geometry"]
    assert sent["properties"].items() <= found["properties"].items()


@abstract(f"{CONF}/create-replace-delete", "replace-rid")
@abstract(f"{CONF}/update", "update-rid")
@abstract(f"{CONF}/features", "geojson")
def test_an_id_in_the_body_must_be_that_of_the_address(site: Site) -> None:
    path, answer = site.make()
    other = answer.json()["id"] + 1
    for method in ("PUT", "PATCH"):
        refused = site.send(method, path, {**checkpoint(), "id": other})
        assert refused.status_code == 422
        assert [error["column"] for error in refused.json()["errors"]] == ["id"]
    assert site.client.get(path).json()["properties"] == answer.json()["properties"]


@abstract(f"{CONF}/create-replace-delete", "replace-exceptions")
def test_replace_creates_nothing(site: Site) -> None:
    missing = f"{CHECKPOINTS}/999999999"
    assert site.send("PUT", missing, checkpoint()).status_code == 404
    tagged = site.send("PUT", missing, checkpoint(), headers={"If-Match": '"xyz"'})
    assert tagged.status_code == 404
    assert site.client.get(missing).status_code == 404


@abstract(f"{CONF}/create-replace-delete", "delete")
def test_delete(site: Site) -> None:
    path, _ = site.make()
    assert site.send("DELETE", path).status_code == 204
    assert site.client.get(path).status_code == 404
    assert site.send("DELETE", path).status_code == 404


@abstract(f"{CONF}/update", "update")
def test_update(site: Site) -> None:
    path, answer = site.make(checkpoint(officers=3, hours="24/24"))
    patch = {"properties": {"officers": 9}}
    assert site.send("PATCH", path, patch).status_code == 200
    found, before = site.client.get(path).json(), answer.json()
    for changed in (found, before):
        del changed["properties"]["updated_at"]
    before["properties"]["officers"] = 9
    assert found == before


@abstract(f"{CONF}/optimistic-locking-etags", "get-etag", "replace", "update", "delete")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_tags(site: Site, method: str) -> None:
    path, _ = site.make()
    got = site.client.get(path)
    assert got.status_code == 200
    tag = got.headers["etag"]
    body: Any = {"PUT": checkpoint(), "PATCH": {"properties": {"officers": 1}}}.get(method)
    stale = site.send(method, path, body, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    assert site.client.get(path).json() == got.json()
    done = site.send(method, path, body, headers={"If-Match": tag})
    assert done.status_code in (200, 204), done.text
    if method == "DELETE":
        assert site.client.get(path).status_code == 404
        other, _ = site.make()
        assert site.send("DELETE", other).status_code == 204
        return
    assert done.headers["etag"] != tag
    assert site.send(method, path, body).status_code == 200


@abstract(f"{CONF}/features", "crs")
def test_coordinates_in_another_system(site: Site) -> None:
    path, _ = site.make()
    moved = site.client.get(path, params={"crs": EPSG_5899}).json()["geometry"]
    headers = {"Content-Crs": f"<{EPSG_5899}>"}
    answer = site.send("POST", CHECKPOINTS, checkpoint(geometry=moved), headers=headers)
    assert answer.status_code == 201
    assert answer.headers["content-crs"] == f"<{EPSG_5899}>"
    assert answer.json()["geometry"] == moved
    found = site.client.get(answer.headers["location"]).json()["geometry"]
    assert found["coordinates"] == pytest.approx(INSIDE["coordinates"], abs=2e-7)
    unlisted = {"Content-Crs": "<http://www.opengis.net/def/crs/EPSG/0/27700>"}
    assert site.send("POST", CHECKPOINTS, checkpoint(), headers=unlisted).status_code == 400


@abstract(f"{CONF}/features", "schema")
def test_what_is_sent_follows_the_schema(site: Site) -> None:
    schema = site.client.get("/ogc/collections/checkpoints/schema").json()
    assert schema["additionalProperties"] is False
    readonly = [name for name, members in schema["properties"].items() if members.get("readOnly")]
    assert "district_code" in readonly
    for wrong in ({"no_such_column": 1}, {"district_code": "502"}):
        answer = site.send("POST", CHECKPOINTS, checkpoint(**wrong))
        assert answer.status_code == 422
        assert [error["column"] for error in answer.json()["errors"]] == list(wrong)


@abstract(f"{CONF}/features", "json-merge-patch")
def test_merge_patch(site: Site) -> None:
    path, answer = site.make(checkpoint(hours="24/24"))
    place = {"type": "Point", "coordinates": [108.485, 15.565]}
    patch = {"properties": {"state": "closed", "officers": 2, "hours": None}, "geometry": place}
    assert site.send("PATCH", path, patch).status_code == 200
    found = site.client.get(path).json()
    assert found["geometry"] == place
    assert found["properties"]["state"] == "closed"
    assert (found["properties"]["officers"], found["properties"]["hours"]) == (2, None)
    refused = site.send("PATCH", path, {"id": answer.json()["id"] + 1})
    assert refused.status_code == 422


def test_a_layer_may_demand_the_tag(site: Site) -> None:
    made = site.send(
        "POST",
        SOS,
        {
            "type": "Feature",
            "geometry": ELSEWHERE,
            "properties": {"category": "medical", "priority": "high"},
        },
        site.admin,
    )
    assert made.status_code == 201, made.text
    path = made.headers["location"].removeprefix(site.address)
    patch = {"properties": {"people": 2}}
    answer = site.send("PATCH", path, patch, site.admin)
    assert answer.status_code == 428
    assert "If-Match" in answer.json()["detail"]
    tagged = {"If-Match": made.headers["etag"]}
    assert site.send("PATCH", path, patch, site.admin, tagged).status_code == 200
