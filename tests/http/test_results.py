"""`/api/results`: a job's result kept as a layer, for whom its rights allow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import mapbox_vector_tile

from tests.conftest import RunServer
from tests.http.test_conformance_processes import execute
from tests.people import person

HOTSPOTS = {"layer": "sos_requests", "by": "district"}
TILE = "/ogc/collections/hotspots/tiles/WebMercatorQuad/6/29/51"


def test_results_are_kept_for_whom_their_rights_allow(
    fresh_database_url: str, run_server: RunServer
) -> None:
    analyst = person(fresh_database_url, "analyst")
    other = person(fresh_database_url, "officer", departments=["health"])
    viewer = person(fresh_database_url, "viewer")
    reader = person(fresh_database_url, "analyst", scope="read")
    with httpx.Client(base_url=run_server(fresh_database_url), timeout=90) as client:

        def job(process: str = "hotspots", **headers: str) -> str:
            inputs = HOTSPOTS if process == "hotspots" else {"layer": "sos_requests"}
            answer = execute(client, process, inputs, **headers)
            assert answer.status_code == 200, answer.text
            return answer.headers["location"].rpartition("/")[2]

        def keep(number: str, headers: Any = analyst.headers, **more: Any) -> httpx.Response:
            body = {"job": number, "title": "Điểm nóng theo huyện", **more}
            return client.post("/api/results", json=body, headers=headers)

        anonymous, staffs = job(), job(**analyst.headers)
        for headers, status in (({}, 401), (viewer.headers, 403), (reader.headers, 403)):
            assert keep(anonymous, headers).status_code == status
        assert keep(staffs, other.headers).status_code == 404
        assert keep("00000000-0000-4000-8000-000000000000").status_code == 404
        assert keep(anonymous, title=" ").status_code == 422
        assert keep(anonymous, expires="2020-01-01T00:00:00Z").status_code == 422
        assert keep(job("summary")).status_code == 422

        answer = keep(anonymous)
        assert answer.status_code == 201, answer.text
        public = answer.json()
        assert (public["audience"], public["kept_by"]) == ("public", analyst.login)
        secret = keep(staffs).json()
        assert secret["audience"] == "staff"

        seen = client.get("/api/results").json()
        assert [one["id"] for one in seen["results"]] == [public["id"]]
        assert seen["may_keep"] is False
        assert "kept_by" not in seen["results"][0]
        listed = client.get("/api/results", headers=viewer.headers).json()
        assert [one["id"] for one in listed["results"]] == [secret["id"], public["id"]]
        assert client.get(f"/api/results/{secret['id']}").status_code == 404
        assert client.get(secret["features"]).status_code == 404
        body = client.get(public["features"])
        assert body.json()["provenance"]["inputs"] == public["inputs"]
        tag = {"If-None-Match": body.headers["etag"]}
        assert client.get(public["features"], headers=tag).status_code == 304

        (newest,) = client.get("/api/hotspots").json()["results"]
        assert (newest["id"], newest["collection"]) == (public["id"], "hotspots")
        hot = [one for one in body.json()["features"] if one["properties"]["class"][:3] == "hot"]
        assert newest["places"] == len({one["properties"]["name"] for one in hot})

        items = client.get("/ogc/collections/hotspots/items", headers=viewer.headers).json()
        assert {one["properties"]["result"] for one in items["features"]} == {public["id"]}
        tile = mapbox_vector_tile.decode(client.get(TILE, params={"f": "mvt"}).content)
        carried = tile["hotspots"]["features"][0]["properties"]
        assert carried["result"] == public["id"]
        assert (carried["current"], "class" in carried) == (True, True)
        # Features are the server's: nobody edits what was computed.
        admin = person(fresh_database_url, "admin")
        feature = f"/ogc/collections/hotspots/items/{items['features'][0]['id']}"
        assert client.delete(feature, headers=admin.headers).status_code == 403

        # What is for staff alone has no layer, and is nobody else's to see.
        today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
        window = {"first": f"{today - timedelta(6)}", "last": f"{today}", "by": "district"}
        answer = execute(client, "flows", window, **analyst.headers)
        flows = keep(answer.headers["location"].rpartition("/")[2]).json()
        assert (flows["audience"], flows["collection"]) == ("staff", None)
        lines = client.get(flows["features"], headers=viewer.headers).json()["features"]
        assert {one["geometry"]["type"] for one in lines} == {"LineString"}
        team = person(fresh_database_url, "rescuer")
        for headers in ({}, team.headers):
            assert client.get(flows["features"], headers=headers).status_code == 404
            told = client.get("/api/results", headers=headers).json()
            assert "flows" not in {*told["may_run"], *(one["process"] for one in told["results"])}
        assert "flows" in listed["may_run"]

        mine = f"/api/results/{public['id']}"
        assert client.delete(mine, headers=other.headers).status_code == 403
        assert client.delete(mine, headers=analyst.headers).status_code == 204
        assert client.delete(mine, headers=analyst.headers).status_code == 404
        items = client.get("/ogc/collections/hotspots/items").json()
        assert items["numberMatched"] == 0
