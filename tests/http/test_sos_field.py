"""What a team does in the field: reports taken once, the team's own state, the way to a task."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx

from tests.http.desk import HOI_AN, Desk, desk
from tests.people import person

__all__ = ["desk"]


def steps(desk: Desk, request: str, kind: str) -> list[str | None]:
    return [one["to"] for one in desk.get(f"/api/sos/{request}")["steps"] if one["kind"] == kind]


def test_a_report_that_is_sent_again_is_taken_once(desk: Desk) -> None:
    me = desk.people["rescuer"]
    request = desk.request_in("assigned")
    for state in ("en_route", "on_site", "resolved"):
        body = {"state": state, "id": str(uuid4())}
        for _ in range(2):
            answer = desk.post(f"/api/sos/{request}/steps", body, me)
            assert answer["state"] == state
    assert steps(desk, request, "state") == ["en_route", "on_site", "resolved"]
    # The team has it no more: what is new is refused, what was said before is still answered.
    assert desk.post(f"/api/sos/{request}/steps", body, me)["state"] == "resolved"
    late = {"state": "resolved", "id": str(uuid4())}
    assert desk.send("POST", f"/api/sos/{request}/steps", late, me).status_code == 403


def test_declining_that_is_sent_again_is_taken_once(desk: Desk) -> None:
    me = desk.people["rescuer"]
    request = desk.request_in("en_route")
    body = {"note": "Xuồng hỏng", "id": str(uuid4())}
    for _ in range(2):
        assert desk.post(f"/api/sos/{request}/decline", body, me)["state"] == "verified"
    assert len(steps(desk, request, "decline")) == 1


def test_the_same_report_sent_at_once(desk: Desk) -> None:
    me = desk.people["rescuer"]
    request = desk.request_in("assigned")
    body = {"state": "en_route", "id": str(uuid4())}
    start = threading.Barrier(4)

    def report(_: int) -> httpx.Response:
        with httpx.Client(base_url=desk.address, headers=me.headers, timeout=30) as client:
            start.wait()
            return client.post(f"/api/sos/{request}/steps", json=body)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(report, range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4, answers[0].text
    assert steps(desk, request, "state") == ["en_route"]


def test_an_id_is_of_one_report(desk: Desk) -> None:
    me = desk.people["rescuer"]
    first, second = desk.request_in("assigned"), desk.request_in("assigned")
    body = {"state": "en_route", "id": str(uuid4())}
    desk.post(f"/api/sos/{first}/steps", body, me)
    for request, other in ((second, body), (first, {**body, "state": "on_site"})):
        refused = desk.send("POST", f"/api/sos/{request}/steps", other, me)
        assert refused.status_code == 409, refused.text
        assert "id" in refused.json()["detail"]
    assert desk.state(second) == "assigned"
    assert desk.state(first) == "en_route"
    refused = desk.send("POST", f"/api/sos/{first}/steps", {**body, "id": "x"}, me)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"field": "id", "vi": "Phải là một UUID.", "en": "Must be a UUID."}
    ]
    # A report that was refused leaves its id free.
    again = {"state": "on_site", "id": str(uuid4())}
    assert desk.send("POST", f"/api/sos/{second}/steps", again, me).status_code == 409
    desk.post(f"/api/sos/{second}/steps", {"state": "en_route"}, me)
    assert desk.post(f"/api/sos/{second}/steps", again, me)["state"] == "on_site"


def test_a_team_says_whether_it_is_free(desk: Desk) -> None:
    me, other = desk.people["rescuer"], desk.people["other_rescuer"]
    team = desk.new_team(me)
    path = f"/api/teams/{team}/state"

    def put(state: Any, who: Any = me) -> httpx.Response:
        return desk.send("PUT", path, {"state": state}, who)

    for state in ("off", "busy", "free", "free"):
        answer = put(state)
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert put("off", other).status_code == 403
    assert put("off", "viewer").status_code == 403
    assert put("off", None).status_code == 401
    assert put("away").status_code == 422
    assert put("off", "coordinator").json()["state"] == "off"
    unknown = desk.send("PUT", "/api/teams/999999/state", {"state": "off"})
    assert unknown.status_code == 404
    put("free")
    request = desk.report()
    desk.post(f"/api/sos/{request['id']}/assignment", {"team": team})
    for state in ("free", "off"):
        refused = put(state)
        assert refused.status_code == 409
        assert request["code"] in refused.json()["detail"]
    assert put("busy").json()["state"] == "busy"
    desk.post(f"/api/sos/{request['id']}/decline", {}, me)
    assert put("off").json()["state"] == "off"


def test_the_way_to_a_task(desk: Desk) -> None:
    me = desk.people["rescuer"]
    request = desk.request_in("assigned")
    here = {"lon": HOI_AN[0], "lat": HOI_AN[1] + 0.01}
    found = desk.post(f"/api/sos/{request}/way", here, me)
    # There is no road graph in the demo: 0.01 degrees of latitude are 1,106 m there.
    assert (found["by"], found["travel_min"]) == ("straight", None)
    assert abs(found["distance_m"] - 1106) < 3
    assert found["line"] == {
        "type": "LineString", "coordinates": [[here["lon"], here["lat"]], list(HOI_AN)],
    }  # fmt: skip
    path = f"/api/sos/{request}/way"
    assert desk.send("POST", path, here, person(desk.url, "rescuer")).status_code == 403
    assert desk.send("POST", path, here, None).status_code == 401
    assert desk.send("POST", path, {"lon": 200, "lat": 0}, me).status_code == 422
