"""Coordination tells the public and the logs nothing private: who, what was said, and where."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.declaring import a_declaration
from tests.http.privacy import EXACT, Site, assert_clean, contents, site
from tests.people import Person, person
from tests.sse import Listener

__all__ = ["site"]


def test_coordination_tells_the_public_and_the_logs_nothing_private(site: Site) -> None:
    marks, staff, client = site.marks, site.staff.headers, site.client
    other = person(site.url, "coordinator", login=marks.new("other login"))
    rescuer = person(site.url, "rescuer", login=marks.new("rescuer's login"))
    ((team,),) = site.sql("SELECT min(id) FROM layer.rescue_teams")
    site.sql("UPDATE layer.rescue_teams SET state = 'free' WHERE id = %s", team)

    def post(**changes: Any) -> Any:
        body = {"id": str(uuid.uuid4()), "lon": EXACT[0], "lat": EXACT[1], "category": "other"}
        answer = client.post("/api/sos", json={**body, **changes})
        assert answer.status_code in (201, 202), answer.text
        marks.words[answer.json()["follow"]["token"].lower().encode()] = "follow token"
        return answer.json()

    def said() -> str:
        return marks.new("staff's note")

    one, twin, junk = (post(name=marks.new("name")) for _ in range(3))
    held = post(note=f"https://{marks.new('link')}.example")
    path = f"/api/sos/{one['code']}"
    people = {"leader": marks.new("leader"), "phone": "0987654001", "members": [rescuer.login]}
    marks.words[b"987654001"] = "leader's phone"
    with Listener(site.address) as listener:
        for method, address, body, status in (
            ("POST", "/api/hotline/place", {"lon": EXACT[0], "lat": EXACT[1]}, 200),
            ("PUT", f"/api/teams/{team}", people, 200),
            ("PUT", f"/api/teams/{team}", {**people, "members": [marks.new("nobody")]}, 422),
            ("POST", f"/api/teams/{team}/position", {"lon": EXACT[0], "lat": EXACT[1]}, 200),
            ("POST", f"{path}/notes", {"note": said()}, 200),
            ("POST", f"{path}/notes", {"note": said() * 400}, 422),
            ("POST", f"{path}/steps", {"state": said()}, 422),
            ("PUT", f"{path}/priority", {"priority": "critical", "reason": said()}, 200),
            ("POST", f"{path}/assignment", {"team": team, "note": said()}, 200),
            ("POST", f"{path}/assignment", {"team": team}, 409),
            ("POST", f"{path}/steps", {"state": "resolved", "note": said()}, 409),
            ("POST", f"{path}/steps", {"state": "en_route", "note": said()}, 200),
            ("POST", f"{path}/decline", {"note": said()}, 200),
            ("POST", f"/api/sos/{twin['id']}/merge", {"into": one["code"], "note": said()}, 200),
            ("POST", f"/api/sos/{twin['id']}/unmerge", {"note": said()}, 200),
            ("POST", f"/api/sos/{junk['id']}/spam", {"note": said()}, 200),
            ("POST", f"/api/sos/intake/{held['id']}", {"decision": "reject", "note": said()}, 200),
            ("POST", f"/api/sos/intake/{held['id']}", {"decision": "reject"}, 409),
            ("GET", "/api/sos/S0", None, 404),
            ("GET", path, None, 200),
            ("GET", f"{path}/duplicates", None, 200),
            ("GET", "/api/teams/mine", None, 200),
            ("GET", "/api/sos/intake", None, 200),
        ):
            headers = other.headers if status == 409 else staff
            answer = client.request(method, address, json=body, headers=headers)
            assert answer.status_code == status, (address, answer.text)
            assert "no-store" in answer.headers["cache-control"]
        listener.wait(lambda: len([c for c in listener.changes() if c["id"] == one["id"]]) >= 4)
    assert_clean(site, "stream", listener.text.encode())
    for request in (one, twin, junk, held):
        follow = client.get(
            "/api/sos/follow", headers={"X-Follow-Token": request["follow"]["token"]}
        )
        assert marks.found_in(follow.content) <= {"rescue_teams.name"}
        assert_clean(
            site,
            "item",
            contents(client.get(f"/ogc/collections/sos_requests/items/{request['id']}")),
        )
        assert client.get(f"/api/sos/{request['id']}").status_code == 401
    assert_clean(
        site, "teams", contents(client.get("/ogc/collections/rescue_teams/items?limit=500"))
    )
    assert_clean(site, "changes", contents(client.get("/api/changes?since=0&limit=10000")))
    assert_clean(site, "figures", client.get("/metrics").content)
    assert_clean(site, "log", site.log.read_bytes())
    assert_clean(site, "PostgreSQL's log", site.database_log())


def test_declarations_tell_the_public_and_the_logs_nothing_private(site: Site) -> None:
    marks, client = site.marks, site.client
    # What was planted there is no key.
    site.sql("DELETE FROM private.card_key")
    officer = person(site.url, "officer", departments=["health"], login=marks.new("officer"))
    marks.words |= {b"987650321": "phone", b"049084000777": "identity number"}
    given = a_declaration(
        name=marks.new("name"),
        address=marks.new("address"),
        elsewhere=[marks.new("place elsewhere")],
        phone="0987 650 321",
        identity="049084000777",
        symptoms=["fever"],
    )
    wrong = {**given, "birth_year": 1, "sex": marks.new("sex"), "symptoms": [marks.new("symptom")]}
    unknown = {**given, "id": str(uuid.uuid4()), "commune_code": "1"}
    for body, status in (
        (given, 201), (given, 200), ({**given, "contact": True}, 409), (wrong, 422), (unknown, 422),
        ({**given, marks.new("field")[:8]: 1}, 422),
    ):  # fmt: skip
        answer = client.post("/api/declarations", json=body)
        assert answer.status_code == status, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert_clean(site, f"answer {status}", contents(answer))
    card = client.post("/api/declarations", json=given).json()["card"]["token"]
    ((number,),) = site.sql("SELECT id FROM private.flag WHERE declaration_id = %s", given["id"])
    path = f"/api/declarations/flags/{number}"
    for method, address, note in (
        ("GET", "/api/declarations/flags", None),
        ("GET", path, None),
        ("POST", f"{path}/seen", None),
        ("POST", f"{path}/close", {"note": marks.new("officer's note")}),
        ("POST", f"{path}/close", {"note": marks.new("officer's note")}),
    ):
        assert client.request(method, address, json=note).status_code == 401
        shown = client.request(method, address, json=note, headers=officer.headers)
        assert shown.status_code in (200, 409), shown.text
        assert "no-store" in shown.headers["cache-control"]
    shown = client.post("/api/declarations/card/revoke", json={"token": card})
    assert shown.json() == {"revoked": True}
    marks.words[card.partition(".")[2].lower().encode()] = "card"
    for public in ("/api/declarations/figures", "/api/declarations/form", "/api/changes?since=0"):
        assert_clean(site, public, contents(client.get(public)))
    assert_clean(site, "figures", client.get("/metrics").content)
    assert_clean(site, "log", site.log.read_bytes())
    assert_clean(site, "PostgreSQL's log", site.database_log())


def test_registers_tell_the_public_and_the_logs_nothing(site: Site) -> None:
    marks, client = site.marks, site.client
    officer = person(site.url, "officer", departments=("health",), login=marks.new("officer"))

    def word(what: str) -> str:
        return marks.new(f"stay's {what}")

    def send(method: str, path: str, body: Any, status: int) -> Any:
        answer = client.request(method, path, json=body, headers=officer.headers)
        assert answer.status_code == status, (path, answer.text)
        return answer.json()

    marks.words[b"905777123"] = "person's phone"
    marks.words[b"049084777123"] = "person's identity number"
    facts = {
        "name": word("name"), "phone": "0905777123", "identity": "049084777123",
        "home_address": word("address"), "regime": "contact_14", "place": "medical",
        "facility": word("facility"), "room": word("room"), "decision": word("decision"),
        "over_reason": word("reason"),
    }  # fmt: skip
    stays = "/api/registers/stays"
    stay = send("POST", stays, facts, 201)
    path = f"{stays}/{stay['id']}"
    send("POST", stays, facts, 409)
    send("POST", stays, {**facts, "place": word("place")}, 422)
    send("POST", stays, {**facts, "identity": "049084777124", "facility": None}, 422)
    send("PATCH", path, {"name": word("other name"), "room": word("other room")}, 200)
    send("POST", f"{stays}/search", {"q": facts["name"]}, 200)
    send("POST", f"{path}/release", {}, 409)
    send("POST", f"{path}/release", {"reason": word("release")}, 200)
    assert client.get(f"{stays}.csv", headers=officer.headers).status_code == 200
    for address in (stays, path, f"{path}/history", f"{stays}.csv", "/api/registers"):
        answer = client.get(address)
        assert answer.status_code == 401, address
        assert_clean(site, address, contents(answer))
    staff = client.get("/api/quarantine/figures", headers=site.staff.headers)
    assert staff.status_code == 200
    assert not {place for place in marks.found_in(staff.content) if place.startswith("stay")}
    assert_clean(site, "home", contents(client.get("/api/quarantine/home")))
    assert_clean(site, "changes", contents(client.get("/api/changes?since=0&limit=10000")))
    assert_clean(site, "figures", client.get("/metrics").content)
    assert_clean(site, "log", site.log.read_bytes())
    assert_clean(site, "PostgreSQL's log", site.database_log())


def test_tracing_tells_the_public_and_the_logs_nothing(site: Site) -> None:
    marks, client = site.marks, site.client
    asker, approver = (
        person(site.url, "officer", departments=("health",), login=marks.new(f"{what}'s login"))
        for what in ("asker", "approver")
    )
    marks.words |= {b"987650777": "phone", b"987650778": "contact's phone"}
    start = (datetime.now(UTC) - timedelta(hours=2)).isoformat(timespec="seconds")
    sheet = f"first,second,start,minutes\n0987650777,0987650778,{start},15\n"
    taken = client.post(
        "/api/tracing/proximity",
        content=sheet,
        headers={"Content-Type": "text/csv", **asker.headers},
    )
    assert taken.json()["new"] == 1
    asked = {"phone": "0987650777", "reason": marks.new("reason"), "case_ref": marks.new("case")}

    def send(who: Person, method: str, path: str, body: Any, status: int = 200) -> Any:
        answer = client.request(method, f"/api/tracing{path}", json=body, headers=who.headers)
        assert answer.status_code == status, (path, answer.text)
        assert answer.headers["cache-control"] in ("private, no-store", "no-store")
        return answer.json() if "json" in answer.headers["content-type"] else None

    send(asker, "POST", "", {**asked, "days": marks.new("days")}, 422)
    request = send(asker, "POST", "", {**asked, "days": 1})["id"]
    send(asker, "POST", f"/{request}/decision", {"approve": True, "note": marks.new("note")}, 403)
    send(approver, "POST", f"/{request}/decision", {"approve": True, "note": marks.new("note")})
    send(asker, "POST", f"/{request}/search", {})
    (contact,) = send(asker, "POST", f"/{request}/result", {})["contacts"]
    send(
        asker, "PUT", f"/contacts/{contact['id']}", {"state": "x", "note": marks.new("fault")}, 422
    )
    send(
        asker, "PUT", f"/contacts/{contact['id']}", {"state": "reached", "note": marks.new("said")}
    )
    send(asker, "POST", f"/{request}/export", {})
    for public in ("/api/changes?since=0&limit=10000", "/metrics"):
        assert_clean(site, public, contents(client.get(public)))
    assert_clean(site, "log", site.log.read_bytes())
    assert_clean(site, "PostgreSQL's log", site.database_log())
