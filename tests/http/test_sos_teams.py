"""Teams: who is near and able, declining, handing over, positions, and their own tasks alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.http.desk import Desk, desk
from tests.people import person

__all__ = ["desk"]

SEA = {"lon": 108.9, "lat": 15.9}
"""Far from all teams of other tests."""
ABILITIES = ("boat", "medical", "digging", "transport", "supplies")
NEEDS = {
    "trapped": {"boat"},
    "landslide": {"digging"},
    "missing": {"digging", "boat"},
    "medical": {"medical"},
    "medicine": {"medical", "supplies"},
    "food_water": {"supplies"},
    "evacuation": {"transport", "boat"},
    "shelter": {"transport"},
    "other": set(ABILITIES),
}
"""Any of which a kind of request needs, as docs/rescue.md lists it."""


@pytest.fixture
def only_new_teams(desk: Desk) -> None:
    desk.sql("UPDATE layer.rescue_teams SET state = 'off' WHERE state = 'free'")


@pytest.mark.usefixtures("only_new_teams")
def test_the_nearest_free_teams_that_can_help(desk: Desk) -> None:
    no_boat = desk.new_team(lon=SEA["lon"], lat=SEA["lat"], boat=False)
    near = desk.new_team(lon=SEA["lon"] + 0.01, lat=SEA["lat"], capacity=2)
    far = desk.new_team(lon=SEA["lon"] + 0.05, lat=SEA["lat"])
    busy = desk.new_team(lon=SEA["lon"], lat=SEA["lat"])
    desk.sql("UPDATE layer.rescue_teams SET state = 'busy' WHERE id = %s", busy)
    request = desk.report(**SEA, category="trapped", people=6)["code"]
    found = desk.get(f"/api/sos/{request}/teams", "operator")["teams"]
    assert [team["id"] for team in found] == [near, far]
    assert no_boat not in [team["id"] for team in found]
    assert [team["carries_all"] for team in found] == [False, True]
    # 0.01 degrees of longitude are 1,070 m there; boats make 12 km/h on a way 1.4 times as long.
    assert found[0]["distance_m"] == pytest.approx(1072, abs=5)
    assert found[0]["travel_min"] == pytest.approx(1.072 * 1.4 / 12 * 60, abs=0.2)
    one = desk.get(f"/api/sos/{request}/teams?limit=1")["teams"]
    assert [team["id"] for team in one] == [near]


@pytest.mark.usefixtures("only_new_teams")
def test_what_each_kind_of_request_needs_of_a_team(desk: Desk) -> None:
    teams = {
        ability: desk.new_team(**SEA, **{name: name == ability for name in ABILITIES})
        for ability in ABILITIES
    }
    for category, needed in NEEDS.items():
        request = desk.report(**SEA, category=category)["id"]
        found = {team["id"] for team in desk.get(f"/api/sos/{request}/teams")["teams"]}
        assert found == {teams[ability] for ability in needed}, category


def test_a_team_that_is_not_free_is_given_more_only_on_purpose(desk: Desk) -> None:
    team = desk.new_team()
    first, second = desk.report(), desk.report()
    desk.post(f"/api/sos/{first['id']}/assignment", {"team": team})
    refused = desk.send("POST", f"/api/sos/{second['id']}/assignment", {"team": team})
    assert refused.status_code == 409
    assert first["code"] in refused.json()["detail"]
    (offered,) = [
        one
        for one in desk.get(f"/api/sos/{second['id']}/busy-teams?limit=100")["teams"]
        if one["id"] == team
    ]
    assert offered["tasks"] == [{"code": first["code"], "state": "assigned"}]
    # It is not offered for what it has.
    own = desk.get(f"/api/sos/{first['id']}/busy-teams?limit=100")["teams"]
    assert team not in [one["id"] for one in own]
    desk.post(f"/api/sos/{second['id']}/assignment", {"team": team, "also": True})
    assert [task["id"] for task in desk.get(f"/api/teams/{team}")["tasks"]] == [
        first["id"], second["id"],
    ]  # fmt: skip
    # It is free once the last of its tasks has ended.
    for request, state in ((first, "busy"), (second, "free")):
        desk.post(f"/api/sos/{request['id']}/steps", {"state": "cancelled"})
        assert desk.get(f"/api/teams/{team}")["state"] == state
    off = desk.new_team(state="off")
    third = desk.report()
    for also in (False, True):
        body = {"team": off, "also": also}
        answer = desk.send("POST", f"/api/sos/{third['id']}/assignment", body)
        assert answer.status_code == 409


@pytest.mark.parametrize("was", ["assigned", "en_route", "on_site"])
@pytest.mark.parametrize("role", ["rescuer", "coordinator"])
def test_declining(desk: Desk, was: str, role: str) -> None:
    request = desk.request_in(was)
    answer = desk.post(f"/api/sos/{request}/decline", {"note": "Xuồng hỏng"}, role)
    assert (answer["state"], answer["team"]) == ("verified", None)
    steps = desk.get(f"/api/sos/{request}")["steps"]
    (declined,) = [step for step in steps if step["kind"] == "decline"]
    assert (declined["actor"], declined["note"]) == (desk.people[role].login, "Xuồng hỏng")
    again = desk.send("POST", f"/api/sos/{request}/decline", {}, role)
    assert again.status_code == (403 if role == "rescuer" else 409)


def test_handing_over(desk: Desk) -> None:
    member, other = desk.people["rescuer"], desk.people["other_rescuer"]
    before, after = desk.new_team(member), desk.new_team(other)
    request = desk.report()["id"]
    path = f"/api/sos/{request}/hand-over"
    assert desk.send("POST", path, {"team": after}).status_code == 409
    desk.post(f"/api/sos/{request}/assignment", {"team": before})
    desk.post(f"/api/sos/{request}/steps", {"state": "en_route"}, member)
    assert desk.send("POST", path, {"team": before}).status_code == 409
    assert desk.send("POST", path, {"team": after}, member).status_code == 403
    given = desk.post(path, {"team": after, "note": "Gần hơn"})
    assert (given["state"], given["team"]["id"]) == ("assigned", after)
    assert desk.get(f"/api/teams/{before}")["state"] == "free"
    assert desk.get(f"/api/teams/{after}")["state"] == "busy"
    assert desk.send("GET", f"/api/sos/{request}", None, member).status_code == 403
    assert desk.get(f"/api/sos/{request}", other)["state"] == "assigned"


def test_two_hand_overs_that_swap_teams_do_not_wait_for_each_other(desk: Desk) -> None:
    for _ in range(6):
        teams = [desk.new_team(), desk.new_team()]
        requests = [desk.report()["id"] for _ in teams]
        for request, team in zip(requests, teams, strict=True):
            desk.post(f"/api/sos/{request}/assignment", {"team": team})
        start = threading.Barrier(2)

        def swap(given: tuple[str, int], start: threading.Barrier = start) -> httpx.Response:
            request, team = given
            headers = desk.people["coordinator"].headers
            with httpx.Client(base_url=desk.address, headers=headers, timeout=30) as client:
                start.wait()
                body = {"team": team, "also": True}
                return client.post(f"/api/sos/{request}/hand-over", json=body)

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(swap, zip(requests, reversed(teams), strict=True)))
        assert [answer.status_code for answer in answers] == [200, 200]


def test_a_rescuer_sees_and_does_the_tasks_of_the_own_team_alone(desk: Desk) -> None:
    me, other = person(desk.url, "rescuer"), person(desk.url, "rescuer")
    team = desk.new_team(me)
    mine, theirs = desk.request_in("new"), desk.request_in("assigned")
    desk.post(f"/api/sos/{mine}/assignment", {"team": team})
    (told,) = desk.get("/api/teams/mine", me)["teams"]
    assert (told["id"], [task["id"] for task in told["tasks"]]) == (team, [mine])
    assert "phone" not in told["tasks"][0]
    assert desk.get("/api/teams/mine", other) == {"teams": []}
    assert desk.get(f"/api/sos/{mine}", me)["report"]["phone"] == "0905111222"
    for who, request in ((me, theirs), (other, mine), (other, theirs)):
        for method, path, body in (
            ("GET", "", None),
            ("POST", "/steps", {"state": "en_route"}),
            ("POST", "/notes", {"note": "x"}),
            ("POST", "/decline", {}),
            ("GET", f"/photos/{request}", None),
        ):
            answer = desk.send(method, f"/api/sos/{request}{path}", body, who)
            assert answer.status_code == 403, (path, answer.text)
    for method, path, body in (
        ("GET", f"/api/sos/{mine}/teams", None),
        ("GET", f"/api/sos/{mine}/duplicates", None),
        ("PUT", f"/api/sos/{mine}/priority", {"priority": "low", "reason": "x"}),
        ("POST", f"/api/sos/{mine}/assignment", {"team": team}),
        ("POST", f"/api/sos/{mine}/merge", {"into": theirs}),
        ("POST", f"/api/sos/{mine}/spam", {}),
        ("GET", "/api/sos/intake", None),
        ("PUT", f"/api/teams/{team}", {"members": []}),
    ):
        answer = desk.send(method, path, body, me)
        assert answer.status_code == 403, (path, answer.text)
    assert desk.send("GET", f"/api/teams/{team}", None, other).status_code == 403


def test_a_team_says_where_it_is(desk: Desk) -> None:
    me = desk.people["rescuer"]
    team = desk.new_team(me)
    path = f"/api/teams/{team}/position"
    here = {"lon": 108.123456, "lat": 15.654321, "accuracy_m": 8.5}
    found = desk.post(path, here, me)
    assert {name: found[name] for name in here} == here
    soon = desk.send("POST", path, here, me)
    assert (soon.status_code, int(soon.headers["retry-after"]) in range(1, 6)) == (429, True)
    public = desk.client.get(f"/ogc/collections/rescue_teams/items/{team}").json()
    assert public["geometry"]["coordinates"] == [108.12, 15.65]
    assert desk.send("POST", path, here, "other_rescuer").status_code == 403
    assert desk.send("POST", "/api/teams/999999/position", here).status_code == 404
    assert desk.send("POST", "/api/teams/x/position", here).status_code == 404
    for wrong in ({"lon": 181, "lat": 0}, {"lon": 1}, {"lon": "1", "lat": 2}, {**here, "at": 1}):
        assert desk.send("POST", path, wrong, me).status_code == 422
    headers = {**me.headers, "Content-Type": "application/json"}
    not_a_number = desk.client.post(path, content=b'{"lon": NaN, "lat": 1}', headers=headers)
    assert not_a_number.status_code == 400


def test_who_leads_a_team_and_who_belongs_to_it(desk: Desk) -> None:
    team = desk.new_team()
    me, other = desk.people["rescuer"], desk.people["other_rescuer"]
    body: dict[str, Any] = {
        "leader": "Anh Tư", "phone": "+84 905 222 333", "members": [me.login, other.login],
    }  # fmt: skip
    found = desk.send("PUT", f"/api/teams/{team}", body)
    assert found.status_code == 200, found.text
    told = found.json()
    assert (told["leader"], told["phone"]) == ("Anh Tư", "0905222333")
    assert told["members"] == sorted([me.login, other.login])
    assert team in [one["id"] for one in desk.get("/api/teams/mine", other)["teams"]]
    nobody = {**body, "members": ["ai-do", desk.people["viewer"].login]}
    refused = desk.send("PUT", f"/api/teams/{team}", nobody)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["members", "members"]
    assert desk.get(f"/api/teams/{team}")["members"] == told["members"]
    for wrong in ({**body, "phone": "gọi tôi"}, {**body, "members": None}, {"leader": "x"}):
        assert desk.send("PUT", f"/api/teams/{team}", wrong).status_code == 422
    assert desk.send("PUT", f"/api/teams/{team}", body, "operator").status_code == 403
    assert desk.send("PUT", "/api/teams/999999", body).status_code == 404


def test_which_team_has_which_request(desk: Desk) -> None:
    team = desk.new_team()
    request = desk.report()["id"]
    desk.post(f"/api/sos/{request}/assignment", {"team": team}, "operator")

    def told() -> list[dict[str, Any]]:
        found = desk.get("/api/sos/assignments", "coordinator")["assignments"]
        return [one for one in found if one["id"] == request]

    (one,) = told()
    assert one["state"] == "assigned"
    assert one["team"]["id"] == team
    assert one["team"]["by"] == desk.people["operator"].login
    assert "phone" not in str(one)
    desk.post(f"/api/sos/{request}/steps", {"state": "cancelled"})
    assert told() == []
    path = "/api/sos/assignments"
    assert desk.send("GET", f"{path}?limit=1").status_code == 400
    assert desk.send("GET", path, who=None).status_code == 401
    assert desk.send("GET", path, who="viewer").status_code == 403
