"""Steps, priority, assignment, duplicates: the state machine by every way, and races."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg2
import psycopg2.errors
import pytest

from tests.http.desk import CLOSED, HOI_AN, MAY_BECOME, STATES, WITH_TEAM, Desk, desk
from tests.people import Person, person

__all__ = ["desk"]

PAIRS = [(was, becomes) for was in STATES for becomes in STATES]
NOBODYS = ("viewer", "analyst", "officer")


def status_of_step(role: str, was: str, becomes: str) -> int:
    """What a step must be answered."""
    if role == "rescuer":
        if was not in WITH_TEAM:
            return 403
        if becomes not in ("en_route", "on_site", "resolved", "duplicate"):
            return 403
    without_team = was == "verified" and becomes == "assigned"
    legal = becomes in MAY_BECOME[was] and becomes != "duplicate" and not without_team
    return 200 if legal else 409


@pytest.mark.parametrize("role", ["rescuer", "operator", "coordinator", "admin"])
def test_every_step_of_every_role(desk: Desk, role: str) -> None:
    wrong = []
    for was, becomes in PAIRS:
        request = desk.request_in(was)
        answer = desk.send("POST", f"/api/sos/{request}/steps", {"state": becomes}, role)
        expected = status_of_step(role, was, becomes)
        then = becomes if expected == 200 else was
        if (answer.status_code, desk.state(request)) != (expected, then):
            wrong.append((was, becomes, answer.status_code, answer.text))
        elif expected == 200:
            assert answer.json()["state"] == becomes
            assert (answer.json()["team"] is not None) == (becomes in WITH_TEAM)
    assert wrong == []


def test_who_has_no_business_here_may_do_nothing(desk: Desk) -> None:
    request = desk.request_in("assigned")
    calls = [
        ("POST", f"/api/sos/{request}/steps", {"state": "en_route"}),
        ("PUT", f"/api/sos/{request}/priority", {"priority": "low", "reason": "x"}),
        ("POST", f"/api/sos/{request}/notes", {"note": "x"}),
        ("GET", f"/api/sos/{request}/teams", None),
        ("POST", f"/api/sos/{request}/assignment", {"team": desk.team}),
        ("POST", f"/api/sos/{request}/hand-over", {"team": desk.team}),
        ("POST", f"/api/sos/{request}/decline", {}),
        ("GET", f"/api/sos/{request}/duplicates", None),
        ("POST", f"/api/sos/{request}/merge", {"into": request}),
        ("POST", f"/api/sos/{request}/unmerge", {}),
        ("POST", f"/api/sos/{request}/spam", {}),
        ("GET", f"/api/sos/{request}", None),
        ("GET", f"/api/sos/{request}/photos/{request}", None),
        ("GET", "/api/sos/intake", None),
        ("POST", f"/api/sos/intake/{request}", {"decision": "release"}),
        ("GET", "/api/teams/mine", None),
        ("GET", f"/api/teams/{desk.team}", None),
        ("PUT", f"/api/teams/{desk.team}", {"members": []}),
        ("POST", f"/api/teams/{desk.team}/position", {"lon": 108.0, "lat": 15.0}),
    ]
    for method, path, body in calls:
        assert desk.send(method, path, body, None).status_code == 401, path
        for role in NOBODYS:
            answer = desk.send(method, path, body, role)
            assert answer.status_code == 403, (role, path, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
            assert " / " in answer.json()["detail"]
            assert "permission denied" not in answer.text
    assert desk.state(request) == "assigned"


def test_a_session_needs_its_token_to_change_a_request(desk: Desk) -> None:
    from tests.http.test_people import session

    cookie, csrf = session(desk.url, desk.people["coordinator"])
    request = desk.request_in("new")
    path = f"/api/sos/{request}/steps"
    assert desk.client.post(path, json={"state": "verified"}, headers=cookie).status_code == 403
    meant = {**cookie, "X-CSRF-Token": csrf}
    assert desk.client.post(path, json={"state": "verified"}, headers=meant).status_code == 200
    desk.client.cookies.clear()


@pytest.mark.parametrize(
    ("path", "method", "body", "fields"),
    [
        ("steps", "POST", {"state": "spam", "who": 1}, {"state", "who"}),
        ("steps", "POST", {}, {"state"}),
        ("steps", "POST", {"state": "verified", "note": "x" * 4001}, {"note"}),
        ("priority", "PUT", {"priority": "huge", "reason": " "}, {"priority", "reason"}),
        ("priority", "PUT", {"priority": "low"}, {"reason"}),
        ("notes", "POST", {"note": 5}, {"note"}),
        ("assignment", "POST", {"team": "1", "also": 1}, {"team", "also"}),
        ("assignment", "POST", {"team": 0}, {"team"}),
        ("assignment", "POST", {"team": 2**63}, {"team"}),
        ("merge", "POST", {"into": ""}, {"into"}),
        ("merge", "POST", {"into": "x" * 41}, {"into"}),
    ],
)
def test_faults_of_a_body(desk: Desk, path: str, method: str, body: Any, fields: set[str]) -> None:
    request = desk.request_in("new")
    answer = desk.send(method, f"/api/sos/{request}/{path}", body)
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert {error["field"] for error in errors} == fields
    assert all(error["vi"] and error["en"] and "{" not in error["en"] for error in errors)
    assert desk.state(request) == "new"


def test_what_is_not_there(desk: Desk) -> None:
    for named in ("S0", "x" * 300, "00000000-0000-4000-8000-000000000000", "a%00b", "%F0%9F%9A%A8"):
        answer = desk.send("GET", f"/api/sos/{named}")
        assert answer.status_code == 404, (named, answer.text)
    request = desk.request_in("verified")
    answer = desk.send("POST", f"/api/sos/{request}/assignment", {"team": 999_999})
    assert answer.status_code == 404
    assert desk.send("GET", f"/api/sos/{request}/teams?limit=0").status_code == 400
    assert desk.send("GET", f"/api/sos/{request}/teams?most=1").status_code == 400


def test_editing_the_layer_obeys_the_state_machine(desk: Desk) -> None:
    kinds = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    headers = {**desk.people["coordinator"].headers, **kinds}
    wrong = []
    for was, becomes in PAIRS:
        request = desk.request_in(was)
        answer = desk.client.patch(
            f"/ogc/collections/sos_requests/items/{request}",
            json={"properties": {"state": becomes}},
            headers=headers,
        )
        legal = status_of_step("coordinator", was, becomes) == 200 or was == becomes
        if (answer.status_code == 200) != legal or answer.status_code not in (200, 409):
            wrong.append((was, becomes, answer.status_code, answer.text))
        elif not legal:
            assert desk.state(request) == was
            assert " / " in answer.json()["detail"]
    assert wrong == []


def test_sql_of_a_role_obeys_the_state_machine(desk: Desk) -> None:
    coordinator = desk.people["coordinator"]
    connection = psycopg2.connect(desk.url)
    try:
        for was, becomes in PAIRS:
            request = desk.request_in(was)
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL ROLE dieuhanh_coordinator")
                cursor.execute("SELECT set_config('dieuhanh.account', %s, true)",
                               (str(coordinator.id),))  # fmt: skip
                # What only the owner may set has no effect.
                cursor.execute("SET LOCAL dieuhanh.bulk = 'on'")
                legal = status_of_step("coordinator", was, becomes) == 200 or was == becomes
                statement = "UPDATE layer.sos_requests SET state = %s WHERE id = %s"
                if legal:
                    cursor.execute(statement, (becomes, request))
                    assert cursor.rowcount == 1
                else:
                    with pytest.raises(psycopg2.Error) as refused:
                        cursor.execute(statement, (becomes, request))
                    assert refused.value.pgcode == "DH409", (was, becomes)
            connection.rollback()
    finally:
        connection.close()


def test_a_request_is_created_new_or_verified(desk: Desk) -> None:
    headers = {
        **desk.people["coordinator"].headers,
        "Content-Type": "application/geo+json",
    }
    for state in STATES:
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": HOI_AN},
            "properties": {"category": "other", "priority": "low", "state": state},
        }
        answer = desk.client.post(
            "/ogc/collections/sos_requests/items", json=feature, headers=headers
        )
        assert answer.status_code == (201 if state in ("new", "verified") else 409), answer.text


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        # Kind, injured, children or old people, many people: docs/rescue.md has the points.
        ({"category": "other", "people": 1}, "low"),
        ({"category": "food_water", "people": 9, "children": 1}, "low"),
        ({"category": "medicine", "people": 1, "elderly": 1}, "medium"),
        ({"category": "evacuation", "people": 9}, "medium"),
        ({"category": "evacuation", "people": 10, "children": 3}, "high"),
        ({"category": "evacuation", "people": 50}, "high"),
        ({"category": "missing", "people": 1}, "medium"),
        ({"category": "missing", "people": 1, "elderly": 1}, "high"),
        ({"category": "medical", "people": 1}, "high"),
        ({"category": "medical", "people": 1, "injured": 1}, "critical"),
        ({"category": "shelter", "people": 1, "injured": 5}, "high"),
        ({"category": "trapped", "people": 50}, "critical"),
    ],
)
def test_the_facts_give_the_priority(desk: Desk, facts: dict[str, Any], expected: str) -> None:
    request = desk.report(**facts)["id"]
    assert desk.get(f"/api/sos/{request}")["priority"] == expected


def test_a_priority_is_changed_with_its_reason_and_then_stays(desk: Desk) -> None:
    request = desk.report(category="other", people=1)["id"]
    body = {"priority": "high", "reason": "Người già sống một mình"}
    assert desk.send("PUT", f"/api/sos/{request}/priority", body, "operator").status_code == 403
    answer = desk.send("PUT", f"/api/sos/{request}/priority", body)
    assert (answer.status_code, answer.json()["priority"]) == (200, "high")
    step = desk.get(f"/api/sos/{request}")["steps"][-1]
    assert (step["kind"], step["from"], step["to"], step["note"]) == (
        "priority", "low", "high", "Người già sống một mình",
    )  # fmt: skip
    assert step["actor"] == desk.people["coordinator"].login
    # Facts that change later change what they gave, not what a person gave.
    followed = desk.report(category="other", people=1)["id"]
    for one, then in ((request, "high"), (followed, "medium")):
        desk.sql("UPDATE layer.sos_requests SET injured = 1 WHERE id = %s", one)
        assert desk.get(f"/api/sos/{one}")["priority"] == then


def test_of_all_who_assign_at_once_one_wins_and_the_others_are_told(desk: Desk) -> None:
    people = [person(desk.url, "coordinator") for _ in range(6)]
    for _ in range(5):
        request = desk.report()["id"]
        teams = [desk.new_team() for _ in people]
        start = threading.Barrier(len(people))

        def assign(
            who: Person, team: int, request: str = request, start: threading.Barrier = start
        ) -> httpx.Response:
            with httpx.Client(base_url=desk.address, headers=who.headers, timeout=30) as client:
                start.wait()
                return client.post(f"/api/sos/{request}/assignment", json={"team": team})

        with ThreadPoolExecutor(len(people)) as pool:
            answers = list(pool.map(assign, people, teams))
        won = [n for n, answer in enumerate(answers) if answer.status_code == 200]
        assert len(won) == 1
        winner = people[won[0]].login
        for answer in (one for n, one in enumerate(answers) if n != won[0]):
            assert answer.status_code == 409, answer.text
            problem = answer.json()
            assert problem["by"] == winner
            assert winner in problem["detail"]
        assert desk.get(f"/api/sos/{request}")["team"]["id"] == teams[won[0]]
        held = desk.sql(
            "SELECT id FROM layer.rescue_teams WHERE id = ANY (%s) AND state = 'busy'", teams
        )
        assert held == [(teams[won[0]],)]


def test_two_requests_for_one_team_at_once(desk: Desk) -> None:
    for _ in range(5):
        team = desk.new_team()
        requests = [desk.report()["id"] for _ in range(4)]
        start = threading.Barrier(len(requests))

        def assign(
            request: str, team: int = team, start: threading.Barrier = start
        ) -> httpx.Response:
            headers = desk.people["coordinator"].headers
            with httpx.Client(base_url=desk.address, headers=headers, timeout=30) as client:
                start.wait()
                return client.post(f"/api/sos/{request}/assignment", json={"team": team})

        with ThreadPoolExecutor(len(requests)) as pool:
            answers = list(pool.map(assign, requests))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


def test_a_timeline_tells_who_did_what(desk: Desk) -> None:
    posted = desk.report()
    code = posted["code"]
    team = desk.new_team(desk.people["rescuer"])
    desk.post(f"/api/sos/{code}/notes", {"note": "Đã gọi lại"}, "operator")
    desk.post(f"/api/sos/{code.lower()}/assignment", {"team": team, "note": "Đi đường đê"})
    desk.post(f"/api/sos/{posted['id']}/steps", {"state": "en_route"}, "rescuer")
    desk.post(f"/api/sos/{posted['id']}/steps", {"state": "on_site"}, "rescuer")
    done = {"state": "resolved", "note": "Đã đưa cả nhà tới trường học"}
    desk.post(f"/api/sos/{posted['id']}/steps", done, "rescuer")
    found = desk.get(f"/api/sos/{code}")
    people = desk.people
    assert [(s["actor"], s["kind"], s["to"], s["note"]) for s in found["steps"]] == [
        ("public", "posted", "new", None),
        (people["operator"].login, "note", None, "Đã gọi lại"),
        (people["coordinator"].login, "state", "verified", None),
        (people["coordinator"].login, "assign", found["steps"][3]["to"], "Đi đường đê"),
        (people["coordinator"].login, "state", "assigned", None),
        (people["rescuer"].login, "state", "en_route", None),
        (people["rescuer"].login, "state", "on_site", None),
        (people["rescuer"].login, "state", "resolved", "Đã đưa cả nhà tới trường học"),
    ]
    assert found["report"]["phone"] == "0905111222"
    assert (found["lon"], found["lat"]) == HOI_AN
    assert found["resolved_at"] is not None
    assert desk.sql("SELECT state FROM layer.rescue_teams WHERE id = %s", team) == [("free",)]
    # What is done is no task of the team any more, nor its to read.
    assert desk.send("GET", f"/api/sos/{code}", None, "rescuer").status_code == 403


def test_duplicates_by_phone_distance_time_and_kind(desk: Desk) -> None:
    here = {"lon": 108.2201, "lat": 15.4101}
    mine = desk.report(**here, phone="0911 000 001")
    same_phone = desk.report(lon=108.5, lat=15.5, phone="0911000001", category="other")
    near = desk.report(lon=108.2221, lat=15.4101, phone=None)
    touching = desk.report(lon=108.2203, lat=15.4101, phone=None, category="other")
    other_kind = desk.report(lon=108.2221, lat=15.4102, phone=None, category="other")
    far = desk.report(lon=108.2301, lat=15.4101, phone=None)
    old = desk.report(**here, phone=None)
    desk.sql(
        "UPDATE layer.sos_requests SET reported_at = reported_at - interval '2 days' WHERE id = %s",
        old["id"],
    )
    found = desk.get(f"/api/sos/{mine['code']}/duplicates", "operator")["duplicates"]
    reasons = {one["id"]: set(one["reasons"]) for one in found}
    assert reasons[same_phone["id"]] == {"phone", "time"}
    assert reasons[near["id"]] == {"distance", "time", "category"}
    assert reasons[touching["id"]] == {"distance", "time"}
    assert not reasons.keys() & {other_kind["id"], far["id"], old["id"], mine["id"]}
    assert [one["score"] for one in found] == sorted((o["score"] for o in found), reverse=True)
    assert len(desk.get(f"/api/sos/{mine['code']}/duplicates?limit=1")["duplicates"]) == 1


@pytest.mark.parametrize("was", ["new", "verified", *WITH_TEAM])
def test_a_merge_keeps_both_histories_and_is_undone(desk: Desk, was: str) -> None:
    kept = desk.report()
    request = desk.request_in(was)
    desk.post(f"/api/sos/{request}/notes", {"note": "trước khi gộp"})
    merged = desk.post(f"/api/sos/{request}/merge", {"into": kept["code"], "note": "cùng nhà"})
    assert (merged["state"], merged["merged_into"]) == ("duplicate", kept["code"])
    one, other = desk.get(f"/api/sos/{request}"), desk.get(f"/api/sos/{kept['id']}")
    assert one["merged_into"] == kept["id"]
    assert other["merged"] == [request]
    assert "trước khi gộp" in [step["note"] for step in one["steps"]]
    assert other["steps"][-1]["kind"] == "merged_in"
    # Neither by a step nor by an edit does it come out of the merge.
    assert desk.send("POST", f"/api/sos/{request}/steps", {"state": was}).status_code == 409
    with pytest.raises(psycopg2.Error):
        desk.sql("UPDATE layer.sos_requests SET state = %s WHERE id = %s", was, request)
    assert desk.send(
        "POST", f"/api/sos/{request}/assignment", {"team": desk.new_team()}
    ).status_code == 409  # fmt: skip
    again = desk.post(f"/api/sos/{request}/unmerge", {"note": "hai nhà"})
    # A team that was taken away is not back: what needed one is assigned anew.
    assert again["state"] == ("verified" if was in WITH_TEAM else was)
    one, other = desk.get(f"/api/sos/{request}"), desk.get(f"/api/sos/{kept['id']}")
    assert (one["merged_into"], other["merged"]) == (None, [])
    assert [step["kind"] for step in other["steps"]] == ["posted", "merged_in", "unmerge"]
    assert {"merge", "unmerge"} <= {step["kind"] for step in one["steps"]}
    assert desk.send("POST", f"/api/sos/{request}/unmerge").status_code == 409


def test_merges_that_make_no_sense(desk: Desk) -> None:
    one, two, three = (desk.report()["id"] for _ in range(3))
    assert desk.send("POST", f"/api/sos/{one}/merge", {"into": one}).status_code == 422
    desk.post(f"/api/sos/{one}/merge", {"into": two})
    for request, into in ((three, one), (two, three), (one, three)):
        answer = desk.send("POST", f"/api/sos/{request}/merge", {"into": into})
        assert answer.status_code == 409, answer.text
    for state in CLOSED:
        closed = desk.request_in(state)
        answer = desk.send("POST", f"/api/sos/{closed}/merge", {"into": three})
        assert answer.status_code == 409, (state, answer.text)


def test_a_district_s_coordinator_works_there_alone(desk: Desk) -> None:
    request = desk.report()["id"]
    ((district,),) = desk.sql("SELECT district_code FROM layer.sos_requests WHERE id = %s", request)
    there = person(desk.url, "coordinator", districts=(district,))
    elsewhere = person(desk.url, "coordinator", districts=("000",))
    path = f"/api/sos/{request}"
    assert desk.send("GET", path, None, elsewhere).status_code == 403
    step = {"state": "verified"}
    assert desk.send("POST", f"{path}/steps", step, elsewhere).status_code == 403
    assert desk.send("POST", f"{path}/steps", step, there).status_code == 200
