"""Editing over HTTP beside the abstract tests: QGIS's requests, faults, batches, conflicts."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import orjson
import pytest

from tests.conftest import command
from tests.http.editing import (
    CHECKPOINTS,
    ELSEWHERE,
    GEOJSON,
    INSIDE,
    PATCH,
    SOS,
    Site,
    checkpoint,
    site,
)
from tests.people import Person, person

__all__ = ["site"]

QGIS = {"User-Agent": "Mozilla/5.0 QGIS/33200/Linux"}
COLLECTION = "/ogc/collections/checkpoints"
EPSG_4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"


def test_qgis_edits_a_layer(site: Site) -> None:
    """What its provider sends: OPTIONS twice, POST, PATCH of attributes and geometry, DELETE."""
    login = {**QGIS, **site.officer.headers}
    first = site.client.get(CHECKPOINTS, params={"limit": 10}, headers=login).json()["features"][0]
    allowed = site.client.options(CHECKPOINTS, headers=login)
    assert "POST" in [one.strip() for one in allowed.headers["allow"].split(",")]
    # It asks at the first feature, wherever that lies, and takes the answer for all.
    for known in (first["id"], "unknown_id"):
        one = site.client.options(f"{CHECKPOINTS}/{known}", headers=login)
        methods = [each.strip() for each in one.headers["allow"].split(",")]
        assert {"PUT", "PATCH", "DELETE"} <= set(methods)
    columns = site.client.get("/ogc/collections/checkpoints/schema").json()["properties"]
    sent = checkpoint()
    nothing = dict.fromkeys(name for name in columns if name not in ("id", "geom"))
    # A layer in EPSG:4326 has its latitude first.
    sent["geometry"] = {"type": "Point", "coordinates": [15.56, 108.48]}
    sent["properties"] = {**nothing, **sent["properties"]}
    crs = {"Content-Crs": EPSG_4326}
    made = site.client.post(
        CHECKPOINTS, content=orjson.dumps(sent), headers={**login, **GEOJSON, **crs}
    )
    assert made.status_code == 201, made.text
    name = made.headers["location"].rpartition("/items/")[2]
    path = f"{CHECKPOINTS}/{name}"
    assert site.client.get(path, headers=login).json()["geometry"] == INSIDE
    attributes = {"properties": {"officers": 4, "hours": None}}
    patched = site.client.patch(path, content=orjson.dumps(attributes), headers={**login, **PATCH})
    assert patched.status_code == 200, patched.text
    moved = {"geometry": {"coordinates": [15.57, 108.49], "type": "Point"}}
    patched = site.client.patch(
        path, content=orjson.dumps(moved), headers={**login, **PATCH, **crs}
    )
    assert patched.status_code == 200, patched.text
    found = site.client.get(path, headers=login).json()
    assert found["geometry"]["coordinates"] == [108.49, 15.57]
    assert found["properties"]["officers"] == 4
    # Where PATCH is not offered it sends the whole feature as it read it.
    whole = {**found, "properties": {**found["properties"], "officers": 5}}
    put = site.client.put(path, content=orjson.dumps(whole), headers={**login, **GEOJSON})
    assert put.status_code == 200, put.text
    assert site.client.delete(path, headers=login).status_code == 204


@pytest.mark.parametrize("role", ["viewer", "analyst", "rescuer", "operator", "coordinator"])
def test_roles_that_do_not_edit_a_layer(site: Site, role: str) -> None:
    who = person(site.database_url, role, departments=("district", "it"))
    allowed = site.send("OPTIONS", CHECKPOINTS, who=who).headers["allow"]
    assert allowed == "GET, HEAD, OPTIONS"
    answer = site.send("POST", CHECKPOINTS, checkpoint(), who)
    assert answer.status_code == 403
    assert "checkpoints" in answer.json()["detail"]


def test_the_public_is_asked_to_sign_in_before_anything_is_read(site: Site) -> None:
    path, _ = site.make()
    for method, address in (
        ("POST", CHECKPOINTS),
        ("PUT", path),
        ("PATCH", path),
        ("DELETE", path),
        ("GET", f"{path}/history"),
        ("GET", f"{COLLECTION}/deleted"),
        ("POST", f"{path}/restore"),
    ):
        answer = site.client.request(method, address, content=b"not json")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"]
        assert answer.headers["content-type"] == "application/problem+json"
    assert site.client.options(CHECKPOINTS).headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_key_for_reading_changes_nothing(site: Site) -> None:
    reader = person(site.database_url, "admin", scope="read")
    assert site.send("POST", CHECKPOINTS, checkpoint(), reader).status_code == 403
    assert "POST" not in site.send("OPTIONS", CHECKPOINTS, who=reader).headers["allow"]


def test_outside_of_the_district(site: Site) -> None:
    refused = site.send("POST", CHECKPOINTS, checkpoint(geometry=ELSEWHERE))
    assert refused.status_code == 403
    path, _ = site.make(checkpoint(geometry=ELSEWHERE), site.admin)
    for method, body in (("PATCH", {"properties": {"officers": 1}}), ("DELETE", None)):
        answer = site.send(method, path, body)
        assert answer.status_code == 403
        assert "outside of your part" in answer.json()["detail"]
    own, _ = site.make()
    assert site.send("PATCH", own, {"geometry": ELSEWHERE}).status_code == 403


def test_every_fault_is_listed_by_its_column(site: Site) -> None:
    wrong = {"kind": "no_such", "officers": -1, "name": None, "wifi": 1, "no_such": 2}
    far = {"type": "Point", "coordinates": [105.85, 21.03]}
    answer = site.send("POST", CHECKPOINTS, checkpoint(**wrong, geometry=far))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    errors = {error["column"]: error for error in answer.json()["errors"]}
    assert errors.keys() == {*wrong, "geometry"}
    assert errors["officers"]["value"] == -1
    assert errors["officers"]["rule"] == {"vi": "phải từ 0 trở lên", "en": "must be 0 or more"}
    assert errors["geometry"]["rule"]["vi"] == "nằm ngoài địa bàn tỉnh"


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/geo+json", 400),
        (b"[]", "application/geo+json", 400),
        (b"", "application/json", 400),
        (b'{"type":"Point","coordinates":[1,2]}', "application/geo+json", 400),
        (b'{"type":"FeatureCollection"}', "application/geo+json", 400),
        (b'{"type":"FeatureCollection","features":[]}', "application/geo+json", 400),
        (b'{"type":"FeatureCollection","features":[1]}', "application/geo+json", 400),
        (b'{"type":"Feature","geometry":5,"properties":[]}', "application/geo+json", 422),
        (b'{"type":"Feature","properties":{"name":"\\ud800"}}', "application/geo+json", 400),
        (b'{"type":"Feature","properties":{"name":"a\\u0000"}}', "application/geo+json", 422),
        (b'{"type":"Feature","properties":{"x":NaN}}', "application/geo+json", 400),
        (b'{"type":"Feature","id":' + b"9" * 30 + b"}", "application/geo+json", 422),
        (b"[" * 5000 + b"]" * 5000, "application/geo+json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"<gml/>", "application/gml+xml", 415),
    ],
)
def test_bodies_that_are_refused(site: Site, content: bytes, kind: str, status: int) -> None:
    headers = {**site.officer.headers, "Content-Type": kind}
    answer = site.client.post(CHECKPOINTS, content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Match": "no-quotes"}, 400),
        ({"If-Match": '"hotels:1.abc"'}, 412),
        ({"If-Match": '"checkpoints:99999999999999999999999.abc"'}, 412),
        ({"If-Match": '"a", W/"b"'}, 412),
        ({"If-Match": "*"}, 200),
        ({"Content-Crs": "nonsense"}, 400),
        ({"Content-Crs": "<EPSG:4326>"}, 200),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Prefer": "return=minimal"}, 204),
    ],
)
def test_headers(site: Site, headers: dict[str, str], status: int) -> None:
    path, _ = site.make()
    answer = site.send("PATCH", path, {"properties": {"officers": 1}}, headers=headers)
    assert answer.status_code == status, answer.text


def test_unknown_parameters_ids_and_methods(site: Site) -> None:
    assert site.send("POST", f"{CHECKPOINTS}?x=1", checkpoint()).status_code == 400
    assert site.send("DELETE", f"{CHECKPOINTS}/no-number").status_code == 404
    assert site.send("POST", "/ogc/collections/none/items", checkpoint()).status_code == 404
    answer = site.send("DELETE", CHECKPOINTS)
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]
    assert site.send("POST", "/ogc/collections/hotels/schema", {}).status_code == 405


def test_a_browser_of_another_origin_may_ask(site: Site) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        asked = site.client.options(
            CHECKPOINTS,
            headers={
                "Origin": "https://example.org",
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization, content-crs, if-match",
            },
        )
        assert asked.status_code == 200
        assert method in asked.headers["access-control-allow-methods"]
    answer = site.send("POST", CHECKPOINTS, checkpoint(), headers={"Origin": "https://x.org"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Location" in answer.headers["access-control-expose-headers"]


def test_who_writes_reads_it_at_once(site: Site) -> None:
    path, _ = site.make()
    for number in range(1, 30):
        assert site.client.get(path).status_code == 200
        done = site.send("PATCH", path, {"properties": {"officers": number}})
        assert done.status_code == 200
        assert site.client.get(path).json()["properties"]["officers"] == number


def test_a_stale_edit_gets_both_versions(site: Site) -> None:
    path, _ = site.make(checkpoint(officers=1))
    read = site.client.get(path)
    tag = read.headers["etag"]
    site.make()
    later = site.send("PATCH", path, {"properties": {"officers": 2}}, site.admin)
    answer = site.send("PATCH", path, {"properties": {"officers": 3}}, headers={"If-Match": tag})
    assert answer.status_code == 412
    problem = answer.json()
    assert problem["yours"]["properties"] == read.json()["properties"]
    assert problem["yours"]["geometry"] == read.json()["geometry"]
    assert problem["current"]["properties"] == later.json()["properties"]
    page = site.client.get(CHECKPOINTS, params={"limit": 1})
    again = {"If-Match": page.headers["etag"]}
    assert site.send("PATCH", path, {"properties": {"officers": 3}}, None, again).status_code == 200


def test_of_two_edits_of_one_version_one_wins(site: Site) -> None:
    path, made = site.make()
    tag = {"If-Match": made.headers["etag"]}

    def edit(number: int) -> int:
        answer = httpx.patch(
            f"{site.address}{path}",
            json={"properties": {"officers": number}},
            headers={**site.officer.headers, **PATCH, **tag},
            timeout=60,
        )
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(edit, range(1, 17)))
    assert sorted(found) == [200] + [412] * 15


def test_a_batch(site: Site) -> None:
    before = site.ask("SELECT count(*) FROM layer.checkpoints")
    features = [checkpoint() for _ in range(300)]
    broken = [*features]
    broken[17] = checkpoint(kind="none")
    broken[99] = checkpoint(code=features[3]["properties"]["code"])
    collection = {"type": "FeatureCollection", "features": broken}
    answer = site.send("POST", CHECKPOINTS, collection)
    assert answer.status_code == 422
    assert [(e["index"], e["column"]) for e in answer.json()["errors"]] == [(17, "kind")]
    broken[17] = features[17]
    answer = site.send("POST", CHECKPOINTS, collection)
    assert answer.status_code == 409
    assert [(e["index"], e["column"]) for e in answer.json()["errors"]] == [(99, "code")]
    broken[99] = checkpoint(geometry=ELSEWHERE)
    answer = site.send("POST", CHECKPOINTS, collection)
    assert answer.status_code == 403
    assert answer.json()["features"] == [99]
    assert site.ask("SELECT count(*) FROM layer.checkpoints") == before
    whole = {"type": "FeatureCollection", "features": features}
    answer = site.send("POST", CHECKPOINTS, whole)
    assert answer.status_code == 201
    made = answer.json()["features"]
    codes = [feature["properties"]["code"] for feature in made]
    assert codes == [feature["properties"]["code"] for feature in features]


@pytest.mark.parametrize("separator", [b"\x1e", b""])
def test_a_batch_as_a_text_sequence(site: Site, separator: bytes) -> None:
    content = b"".join(separator + orjson.dumps(checkpoint()) + b"\n" for _ in range(20))
    headers = {**site.officer.headers, "Content-Type": "application/geo+json-seq"}
    answer = site.client.post(
        CHECKPOINTS, content=content, headers={**headers, "Prefer": "return=minimal"}
    )
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["ids"]) == 20


def test_the_largest_batch_and_one_more(site: Site) -> None:
    requests = [
        {
            "type": "Feature",
            "id": str(uuid.uuid4()),
            "geometry": INSIDE,
            "properties": {"category": "medical", "priority": "low"},
        }
        for _ in range(10_001)
    ]
    body = {"type": "FeatureCollection", "features": requests}
    minimal = {"Prefer": "return=minimal"}
    answer = site.send("POST", SOS, body, site.admin, minimal)
    assert answer.status_code == 413
    assert "10000" in answer.json()["detail"]
    requests.pop()
    answer = site.send("POST", SOS, body, site.admin, minimal)
    assert answer.status_code == 201, answer.text[:300]
    assert answer.json()["ids"] == [request["id"] for request in requests]
    again = site.send("POST", SOS, requests[5], site.admin)
    assert again.status_code == 409
    assert [error["column"] for error in again.json()["errors"]] == ["id"]


def test_a_body_that_is_too_large(site: Site) -> None:
    headers = {**site.officer.headers, **GEOJSON}
    large = b'{"type":"Feature","x":"' + b"x" * 9 * 1024 * 1024 + b'"}'
    answer = site.client.post(CHECKPOINTS, content=large, headers=headers)
    assert answer.status_code == 413
    streamed = (large[start : start + 65536] for start in range(0, len(large), 65536))
    answer = site.client.post(CHECKPOINTS, content=streamed, headers=headers)
    assert answer.status_code == 413


def test_history_and_restore(site: Site) -> None:
    path, made = site.make(checkpoint(officers=1))
    site.send("PATCH", path, {"properties": {"officers": 2}}, site.admin)
    site.send("DELETE", path)
    answer = site.send("GET", f"{path}/history")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    changes = answer.json()["changes"]
    assert [change["operation"] for change in changes] == ["delete", "update", "insert"]
    who = [site.officer.login, site.admin.login, site.officer.login]
    assert [change["actor"] for change in changes] == who
    assert changes[1]["changes"] == [{"column": "officers", "before": 1, "after": 2}]
    (newest,) = site.send("GET", f"{path}/history?limit=1").json()["changes"]
    assert newest == changes[0]
    first = {"version": changes[2]["version"]}
    back = site.send("POST", f"{path}/restore", first, headers={"Content-Type": "application/json"})
    assert back.status_code == 200, back.text
    for key in ("id", "geometry"):
        assert back.json()[key] == made.json()[key]
    assert back.json()["properties"]["officers"] == 1
    assert site.client.get(path).status_code == 200
    viewer = person(site.database_url, "viewer")
    assert site.send("GET", f"{path}/history", who=viewer).status_code == 200
    json = {"Content-Type": "application/json"}
    assert site.send("POST", f"{path}/restore", first, viewer, json).status_code == 403
    for wrong, status in (({"version": 0}, 409), ({"version": "x"}, 400), ({}, 400)):
        answer = site.send("POST", f"{path}/restore", wrong, headers=json)
        assert answer.status_code == status
    assert site.send("GET", f"{CHECKPOINTS}/999999999/history").status_code == 404


def test_deleted_features_are_listed_for_those_who_may_bring_them_back(site: Site) -> None:
    def listed(who: Person | None = None, limit: int = 1000) -> list[dict[str, Any]]:
        answer = site.send("GET", f"{COLLECTION}/deleted?limit={limit}", who=who or site.officer)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["deleted"]
        return found

    path, made = site.make()
    elsewhere, _ = site.make(checkpoint(geometry=ELSEWHERE), site.admin)
    site.send("PATCH", path, {"properties": {"officers": 7}})
    site.send("DELETE", path)
    site.send("DELETE", elsewhere, who=site.admin)
    gone = listed()[0]
    assert gone["id"] == path.rpartition("/")[2]
    assert gone["actor"] == site.officer.login
    assert gone["feature"]["geometry"] == made.json()["geometry"]
    assert gone["feature"]["properties"]["officers"] == 7
    other = elsewhere.rpartition("/")[2]
    assert other not in [one["id"] for one in listed()], "it lies outside of the officer's part"
    assert other == listed(site.admin, 1)[0]["id"]
    back = site.send(
        "POST",
        f"{path}/restore",
        {"version": gone["lastVersion"]},
        headers={"Content-Type": "application/json"},
    )
    assert back.status_code == 200, back.text
    assert back.json()["properties"]["officers"] == 7
    assert gone["id"] not in [one["id"] for one in listed()]
    viewer = person(site.database_url, "viewer")
    assert site.send("GET", f"{COLLECTION}/deleted", who=viewer).status_code == 403
    assert site.send("GET", f"{COLLECTION}/deleted?limit=0").status_code == 400


def test_history_shows_private_columns_to_those_who_read_them(site: Site) -> None:
    sent: dict[str, Any] = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [108.48123, 15.56456]},
        "properties": {"category": "medical", "priority": "high", "injured": 3},
    }
    made = site.send("POST", SOS, sent, site.admin)
    path = made.headers["location"].removeprefix(site.address)
    seen = site.send("GET", f"{path}/history").json()["changes"][0]["after"]
    assert seen["properties"]["injured"] == 3
    assert seen["geometry"] == sent["geometry"]
    public = site.client.get(path)
    assert "injured" not in public.text
    assert "108.48123" not in public.text
    assert site.client.get(f"{path}/history").status_code == 401


def test_history_and_restore_on_the_command_line(site: Site) -> None:
    path, made = site.make(checkpoint(officers=1))
    name = path.rpartition("/")[2]
    site.send("DELETE", path)
    told = command("history", "checkpoints", name, "--json", database_url=site.database_url)
    assert told.returncode == 0, told.stderr
    changes = orjson.loads(told.stdout)
    assert [(c["operation"], c["actor"]) for c in changes] == [
        ("delete", site.officer.login),
        ("insert", site.officer.login),
    ]
    shown = command("history", "checkpoints", name, database_url=site.database_url)
    assert site.officer.login in shown.stdout
    version = str(changes[1]["version"])
    done = command(
        "restore", "checkpoints", name, "--version", version, database_url=site.database_url
    )
    assert done.returncode == 0, done.stderr
    back = site.send("GET", path).json()
    assert back["properties"]["code"] == made.json()["properties"]["code"]
    for arguments in (
        ("history", "checkpoints", "999999999"),
        ("history", "checkpoints", "x"),
        ("history", "none", "1"),
        ("restore", "checkpoints", name, "--version", "0"),
    ):
        failed = command(*arguments, database_url=site.database_url)
        assert failed.returncode == 2
        assert len(failed.stderr.splitlines()) == 1
