"""Volunteers and consultations over HTTP: what is taken, refused, told to whom."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.cli.database import create_database
from tests.conftest import serving
from tests.db.test_sos_rules import owner
from tests.helping import HOME, doctor, task
from tests.people import Person, person

CONSULT, HELP = "/api/consultations", "/api/volunteers"
PLACE = "/api/hotline/place"


class Site:
    """A server, and requests to it."""

    def __init__(self, url: str, address: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=address, timeout=30)

    def send(
        self, method: str, path: str, who: Person | None = None, body: Any = None, **headers: str
    ) -> httpx.Response:
        known = {} if who is None else who.headers
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, path, json=body, headers={**known, **given})

    def asked(self, **changes: Any) -> dict[str, Any]:
        return {
            "id": str(uuid4()),
            "name": "Người Hỏi",
            "phone": "+84 905 123 456",
            "age": 40,
            "commune_code": HOME,
            "symptoms": ["cough"],
            "consent": True,
            **changes,
        }

    def offered(self, **changes: Any) -> dict[str, Any]:
        return {
            "id": str(uuid4()),
            "name": "Người Giúp",
            "phone": "0905123457",
            "birth_year": 1990,
            "commune_code": HOME,
            "skills": ["driver"],
            "days": [1, 2, 3, 4, 5, 6, 7],
            "consent": True,
            **changes,
        }


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[Site]:
    url = create_database(cluster, "helping", template_database)
    with serving(url) as address:
        made = Site(url, address)
        yield made
        made.client.close()


def test_a_request_is_taken_once_and_followed_by_its_code(site: Site) -> None:
    body = site.asked(age=70, symptoms=["cough", "chest_pain"])
    first = site.send("POST", CONSULT, body=body)
    again = site.send("POST", CONSULT, body=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["code"] == again.json()["code"]
    assert first.json()["follow"] == again.json()["follow"]
    assert first.json()["danger"] is True
    assert site.send("POST", CONSULT, body={**body, "age": 71}).status_code == 409
    token = first.json()["follow"]["token"]
    assert f"#{token}" in first.json()["follow"]["url"]
    told = site.send("POST", f"{CONSULT}/follow", body={}, X_Follow_Token=token)
    assert (told.json()["state"], told.json()["priority"]) == ("waiting", "p1")
    assert "Người Hỏi" not in told.text
    assert "0905" not in told.text
    assert site.send("POST", f"{CONSULT}/follow", body={}).status_code == 404
    done = site.send("POST", f"{CONSULT}/follow", body={"do": "cancel"}, X_Follow_Token=token)
    assert done.json()["outcome"] == "cancelled"
    over = site.send("POST", f"{CONSULT}/follow", body={"do": "cancel"}, X_Follow_Token=token)
    assert over.status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"age": -1}, "age"),
        ({"spo2": 20}, "spo2"),
        ({"symptoms": []}, "symptoms"),
        ({"symptoms": ["hiccup"]}, "symptoms.0"),
        ({"since": "1999-01-01"}, "since"),
        ({"call_from": "2999-01-01T00:00:00Z"}, "call_from"),
        ({"commune_code": "nowhere"}, "commune_code"),
        ({"consent": False}, "consent"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_wrong_with_a_request_is_told_by_field(
    site: Site, changes: dict[str, Any], field: str
) -> None:
    answer = site.send("POST", CONSULT, body=site.asked(**changes))
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_an_operator_asks_for_a_caller(site: Site) -> None:
    who = person(site.url, "operator")
    answer = site.send("POST", CONSULT, who, site.asked())
    assert answer.status_code == 201
    assert owner(
        site.url,
        "SELECT channel FROM register.consultations WHERE code = %s",
        answer.json()["code"],
    ) == [("hotline",)]


def test_an_operator_is_told_what_a_place_is_called(site: Site) -> None:
    ((lon, lat, name),) = owner(
        site.url,
        "SELECT ST_X(p), ST_Y(p), name FROM layer.admin_units, ST_PointOnSurface(geom) AS p"
        " WHERE code = %s",
        HOME,
    )
    # Two hundred metres to the south of the place, so that it lies to the north; the other nearer.
    near = (
        "ST_Project(ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography, %s, radians(%s))::geometry"
    )
    owner(
        site.url,
        "INSERT INTO layer.shelters (code, name, kind, state, capacity, geom)"
        f" VALUES ('NT-Z1', 'Nơi trú Z', 'school', 'open', 10, {near})",
        *(lon, lat, 200, 180),
    )
    owner(
        site.url,
        "INSERT INTO layer.vaccination_points (code, name, kind, located, geom)"
        f" VALUES ('DT-Z1', 'Điểm tiêm Z', 'hospital', 'commune', {near})",
        *(lon, lat, 50, 90),
    )
    who = person(site.url, "operator")
    answer = site.send("POST", PLACE, who, {"lon": lon, "lat": lat})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    told = answer.json()
    assert (told["commune"]["code"], told["commune"]["name"]) == (HOME, name)
    assert {"title": "Nơi trú Z", "distance_m": 200, "bearing": 0} in told["near"]
    distances = [one["distance_m"] for one in told["near"]]
    assert distances == sorted(distances)
    # Where an import knew the commune alone, nobody can find a caller by it.
    assert "Điểm tiêm Z" not in answer.text
    away = site.send("POST", PLACE, who, {"lon": 0, "lat": 0}).json()
    assert away["commune"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [({"lon": 181, "lat": 15}, "lon"), ({"lon": 108}, "lat"), ({"lon": 108, "lat": "x"}, "lat")],
)
def test_what_is_no_place_is_told_by_field(site: Site, body: dict[str, Any], field: str) -> None:
    answer = site.send("POST", PLACE, person(site.url, "operator"), body)
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert site.send("POST", PLACE, body=body).status_code == 401


def test_a_doctor_takes_looks_and_says_what_came_of_it(site: Site) -> None:
    owner(site.url, "DELETE FROM register.consultations")
    asked = site.send("POST", CONSULT, body=site.asked(name="Zngười Bệnh", spo2=91)).json()
    who = doctor(site.url)
    listed = site.send("GET", CONSULT, who)
    assert listed.json()["waiting"] == {"p1": 1}
    assert "Zngười" not in listed.text
    row = site.send("POST", f"{CONSULT}/take", who).json()["id"]
    assert site.send("POST", f"{CONSULT}/take", who).json()["id"] is None
    case = site.send("GET", f"{CONSULT}/{row}", who)
    assert case.headers["cache-control"] == "private, no-store"
    assert case.json()["person"]["name"] == "Zngười Bệnh"
    assert case.json()["code"] == asked["code"]
    assert site.send("GET", f"{CONSULT}/{row}", doctor(site.url)).status_code == 404
    assert site.send("GET", f"{CONSULT}/{row}").status_code == 401
    assert site.send("GET", f"{CONSULT}/no-id", who).status_code == 404
    result = f"{CONSULT}/{row}/result"
    assert site.send("POST", result, who, {"result": "advice"}).status_code == 422
    assert site.send("POST", result, who, {"result": "cured"}).status_code == 422
    done = site.send("POST", result, who, {"result": "sos", "note": "Khó thở"})
    assert done.json() == {"state": "closed"}
    told = site.send("POST", f"{CONSULT}/follow", body={}, X_Follow_Token=asked["follow"]["token"])
    assert told.json()["sos"].startswith("S")
    figures = site.send("GET", f"{CONSULT}/figures", who).json()
    assert (figures["waiting"], figures["called_today"]) == (0, 1)
    assert site.send("GET", f"{CONSULT}/figures", person(site.url, "rescuer")).status_code == 403


def test_a_volunteer_is_told_what_is_kept_and_deletes_it(site: Site) -> None:
    body = site.offered(name="Zngười Tự Xóa", note="biết đường rừng")
    first = site.send("POST", HELP, body=body)
    again = site.send("POST", HELP, body=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert site.send("POST", HELP, body={**body, "days": [1]}).status_code == 409
    token = first.json()["follow"]["token"]
    told = site.send("POST", f"{HELP}/mine", body={}, X_Follow_Token=token).json()
    assert (told["name"], told["note"], told["consent"]) == (
        "Zngười Tự Xóa",
        "biết đường rừng",
        "2026-1",
    )
    paused = site.send("POST", f"{HELP}/mine", body={"do": "pause"}, X_Follow_Token=token)
    assert paused.json()["state"] == "paused"
    gone = site.send("POST", f"{HELP}/mine", body={"do": "delete"}, X_Follow_Token=token)
    assert gone.json() == {"deleted": True}
    assert site.send("POST", f"{HELP}/mine", body={}, X_Follow_Token=token).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"birth_year": 1900}, "birth_year"),
        ({"days": []}, "days"),
        ({"days": [8]}, "days.0"),
        ({"hour_from": 9, "hour_to": 8}, "body"),
        ({"from_day": "2026-02-02", "until_day": "2026-02-01"}, "body"),
        ({"skills": ["flying"]}, "skills.0"),
        ({"radius_km": 0}, "radius_km"),
        ({"consent": False}, "consent"),
    ],
)
def test_what_is_wrong_with_a_registration_is_told_by_field(
    site: Site, changes: dict[str, Any], field: str
) -> None:
    answer = site.send("POST", HELP, body=site.offered(**changes))
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_who_holds_a_code_learns_nothing_of_a_person_of_that_name_and_number(site: Site) -> None:
    owner(
        site.url,
        "INSERT INTO private.person (name, phone, birth_year, address) VALUES"
        " ('Người Cách Ly', '0905999888', 1990, 'Zđịa chỉ kín')",
    )
    body = site.offered(name="Người Cách Ly", phone="0905999888")
    token = site.send("POST", HELP, body=body).json()["follow"]["token"]
    told = site.send("POST", f"{HELP}/mine", body={}, X_Follow_Token=token)
    assert "Zđịa chỉ kín" not in told.text
    site.send("POST", f"{HELP}/mine", body={"do": "delete"}, X_Follow_Token=token)
    assert owner(
        site.url, "SELECT count(*) FROM private.person WHERE address = 'Zđịa chỉ kín'"
    ) == [(1,)]


def test_a_coordinator_finds_and_assigns_for_an_sos(site: Site) -> None:
    ((code,),) = owner(
        site.url,
        "SELECT code FROM layer.sos_requests WHERE state = 'new' ORDER BY id LIMIT 1",
    )
    who = person(site.url, "coordinator")
    assert site.send("GET", f"{HELP}/sos/{code}", who).json()["assigned"] == 0
    made = site.send("POST", f"{HELP}/sos/{code}", who, {"wanted": 2, "hours": 3}).json()["task"]
    found = site.send("GET", f"{HELP}/tasks/{made}", who).json()
    assert found["sos"] == code
    metres = [one["metres"] for one in found["near"]]
    assert metres == sorted(metres)
    chosen = {"volunteer": found["near"][0]["id"]}
    path = f"{HELP}/tasks/{made}/assignments"
    assert site.send("POST", path, who, chosen).json()["assigned"] == 1
    assert site.send("POST", path, who, chosen).status_code == 409
    assert site.send("GET", f"{HELP}/sos/{code}", who).json()["assigned"] == 1
    assert site.send("POST", path, person(site.url, "viewer"), chosen).status_code == 403
    assert site.send("POST", path, None, chosen).status_code == 401
    assert any(one["id"] == made for one in site.send("GET", f"{HELP}/tasks", who).json()["tasks"])


def test_everybody_gets_counts_of_five_or_more(site: Site) -> None:
    answer = site.client.get(f"{HELP}/counts")
    counts = answer.json()["counts"]
    assert counts
    assert all(one["volunteers"] >= answer.json()["least"] == 5 for one in counts)
    assert set(counts[0]) == {"district_code", "district", "skill", "volunteers"}
    sheet = site.client.get(f"{HELP}/counts?f=csv")
    rows = list(csv.DictReader(io.StringIO(sheet.text.removeprefix("\ufeff"))))
    assert len(rows) == len(counts) + 1
    assert site.client.get(f"{HELP}/counts?f=pdf").status_code == 400


def test_the_registers_of_the_youth_union_make_and_finish_a_task(site: Site) -> None:
    who = person(site.url, "officer", departments=["youth_union"])
    names = [one["id"] for one in site.send("GET", "/api/registers", who).json()["registers"]]
    assert names == ["volunteers", "volunteer_tasks", "volunteer_assignments"]
    values = {
        "title": "Nấu cơm",
        "kind": "kitchen",
        "place": "commune",
        "starts_at": "2030-01-07T01:00:00Z",
        "ends_at": "2030-01-07T05:00:00Z",
        "wanted": 2,
    }
    path = "/api/registers/volunteer_tasks"
    refused = site.send("POST", path, who, values)
    assert refused.status_code == 422
    made = site.send("POST", path, who, {**values, "home_commune": HOME})
    assert made.status_code == 201, made.text
    assert made.json()["commune_code"] == HOME
    row = made.json()["id"]
    cancelled = site.send("POST", f"{path}/{row}/cancel", who, {"note": "Trời mưa"})
    assert cancelled.json()["state"] == "cancelled"
    other = task(site.url)
    finished = site.send("POST", f"{path}/{other}/finish", who, {})
    assert finished.json()["state"] == "done"
    added = site.send(
        "POST",
        "/api/registers/volunteers",
        who,
        {"name": "Phiếu Giấy", "phone": "0905777666", "home_commune": HOME, "cook": True},
    )
    assert (added.status_code, added.json()["consent"]) == (201, "paper"), added.text
    gone = site.send("DELETE", f"/api/registers/volunteers/{added.json()['id']}", who)
    assert gone.status_code == 204
    assert owner(site.url, "SELECT count(*) FROM private.person WHERE name = 'Phiếu Giấy'") == [
        (0,)
    ]
