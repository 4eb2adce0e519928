"""Declaring over HTTP: taken once, answered with a card; flags and figures by who asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.cli.database import create_database
from tests.conftest import serving
from tests.db.test_sos_rules import owner
from tests.declaring import a_declaration, ago, card_of
from tests.people import Person, person

PER_PHONE = 3


class Site:
    """A server of this module's own, and its database."""

    def __init__(self, url: str, address: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=address, timeout=30)

    def declare(self, who: Person | None = None, **changes: Any) -> httpx.Response:
        headers = {} if who is None else who.headers
        return self.client.post("/api/declarations", json=a_declaration(**changes), headers=headers)


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[Site]:
    url = create_database(cluster, "declarations_http", template_database)
    owner(url, "DELETE FROM layer.outbreak_zones")
    owner(url, "DELETE FROM private.flag")
    with serving(url, {"DIEUHANH_DECLARATION_PER_PHONE": str(PER_PHONE)}) as address:
        made = Site(url, address)
        yield made
        made.client.close()


def test_a_declaration_is_answered_with_a_card_that_names_nobody(site: Site) -> None:
    given = a_declaration(symptoms=["breathless"], identity="049 084 000 555")
    answer = site.client.post("/api/declarations", json=given)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert [step["code"] for step in body["next"]] == ["call_now", "wait_for_call", "show_card"]
    assert all(step["vi"] and step["en"] for step in body["next"])
    until, expires = (
        datetime.fromisoformat(text) for text in (body["valid_until"], body["card"]["expires_at"])
    )
    now = datetime.now(UTC)
    assert timedelta(hours=71) < until - now < timedelta(hours=73)
    assert timedelta(days=6.9) < expires - now < timedelta(days=7.1)

    ((whose, identity),) = owner(
        site.url,
        "SELECT p.name, p.identity_hash FROM private.card AS c JOIN private.person AS p"
        " ON p.id = c.person_id WHERE c.id = %s",
        card_of(site.url, body["card"]["token"]),
    )
    assert (whose, len(identity)) == (given["name"], 16)


def test_the_same_again_is_one_declaration(site: Site) -> None:
    given = a_declaration()
    first, again = (site.client.post("/api/declarations", json=given) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    for name in ("id", "received_at", "valid_until", "next"):
        assert first.json()[name] == again.json()[name]
    assert first.json()["card"]["expires_at"] == again.json()["card"]["expires_at"]
    other = site.client.post("/api/declarations", json={**given, "contact": True})
    assert other.status_code == 409
    assert "card" not in other.json()


def test_all_faults_are_listed_by_field(site: Site) -> None:
    wrong = {
        "id": "1", "who": "dog", "name": " ", "birth_year": 1, "sex": "x", "phone": "call me",
        "identity": "12", "commune_code": "!", "address": "x" * 301, "contact": "no",
        "symptoms": "fever", "places": ["20335"] * 31, "elsewhere": [""], "made_at": ago(days=15),
        "card": "x" * 401, "consent": False, "more": 1,
    }  # fmt: skip
    answer = site.client.post("/api/declarations", json=wrong)
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert {one["field"].partition(".")[0] for one in errors} == set(wrong)
    assert all(one["vi"] and one["en"] and "value is not valid" not in one["en"] for one in errors)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": None}, "phone"),
        ({"commune_code": "99999"}, "commune_code"),
        ({"places": ["20335", "99999"]}, "places"),
        ({"symptoms": ["plague"]}, "symptoms.0"),
        ({"birth_year": datetime.now(UTC).year + 2}, "birth_year"),
        ({"made_at": "2021-08-15T10:00:00"}, "made_at"),
        (
            {"name": "a\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace") * 70},
            "name",
        ),
    ],
)
def test_one_fault(site: Site, changes: dict[str, Any], field: str) -> None:
    answer = site.declare(**changes)
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_a_card_that_is_no_card_is_no_fault(site: Site) -> None:
    for card in ("x.y.z", "a" * 400):
        assert site.declare(card=card).status_code == 201


def test_a_person_who_declares_again_shows_the_same_card_for_longer(site: Site) -> None:
    same = {"name": "Phạm Thị Ba", "phone": "0905888333"}
    first = site.declare(**same).json()["card"]
    again = site.declare(**same, card=first["token"]).json()["card"]
    claims = [token["token"].split(".")[1] for token in (first, again)]
    assert again["expires_at"] >= first["expires_at"]
    assert len({_subject(one) for one in claims}) == 1
    taken = site.client.post("/api/declarations/card/revoke", json={"token": again["token"]})
    assert taken.json() == {"revoked": True}
    # Also the earlier one, which names the same card.
    new = site.declare(**same, card=first["token"]).json()["card"]
    assert _subject(new["token"].split(".")[1]) != _subject(claims[0])
    bad = site.client.post("/api/declarations/card/revoke", json={"token": "x"})
    assert bad.status_code == 422


def _subject(claims: str) -> str:
    import base64
    import json

    return str(json.loads(base64.urlsafe_b64decode(claims + "=="))["sub"])


def test_too_many_with_one_phone_wait_and_staff_do_not(site: Site) -> None:
    phone = "0905777000"
    statuses = [site.declare(phone=phone).status_code for _ in range(PER_PHONE + 1)]
    assert statuses == [*[201] * PER_PHONE, 429]
    officer = person(site.url, "officer", departments=["it"])
    assert site.declare(officer, phone=phone).status_code == 201
    limited = site.declare(phone=phone)
    assert limited.headers["retry-after"] == "60"
    # What came before is answered all the same.
    viewer = person(site.url, "viewer")
    assert site.declare(viewer, phone=phone).status_code == 429


def test_what_an_officer_says_replaces_what_was_known(site: Site) -> None:
    identity = "049084000321"
    site.declare(identity=identity, name="Đặng Văn Tư", address="Tổ 1")
    site.declare(identity=identity, name="Không Phải Tôi", address="Chỗ khác", symptoms=["cough"])
    officer = person(site.url, "officer", departments=["health"])
    flags = site.client.get("/api/declarations/flags", headers=officer.headers).json()["flags"]
    (found,) = [f["person"] for f in flags if f["person"]["name"] == "Đặng Văn Tư"]
    assert found["said_name"] == "Không Phải Tôi"
    answer = site.declare(officer, identity=identity, name="Đặng Văn Tự", phone=None)
    assert answer.status_code == 201, answer.text
    known = owner(
        site.url,
        "SELECT p.name, d.declared_by, d.account_id FROM private.declaration AS d"
        " JOIN private.person AS p ON p.id = d.person_id WHERE d.id = %s",
        answer.json()["id"],
    )
    assert known == [("Đặng Văn Tự", "officer", officer.id)]


def test_the_form_offers_outbreak_areas_outside_the_province(site: Site) -> None:
    owner(
        site.url,
        "INSERT INTO register.outside_areas (name, unit, decision_number, valid_from)"
        " VALUES ('Xã Bên Kia', 'commune', '9/QĐ', '2021-08-01')",
    )
    form = site.client.get("/api/declarations/form").json()
    assert "Xã Bên Kia" in form["outside"]


def test_flags_are_worked_on_and_closed(site: Site) -> None:
    given = a_declaration(symptoms=["fever"], elsewhere=["Đà Nẵng"])
    site.client.post("/api/declarations", json=given)
    ((near,),) = owner(site.url, "SELECT parent_code FROM layer.admin_units WHERE code = '20335'")
    who = person(site.url, "officer", departments=["district"], districts=[near])
    get = lambda path, **query: site.client.get(path, params=query, headers=who.headers)  # noqa: E731
    listed = get("/api/declarations/flags", state="open", kind="symptoms", district=near).json()
    assert listed["counts"]["open"] == len(listed["flags"])
    (flag,) = [one for one in listed["flags"] if one["person"]["name"] == given["name"]]
    assert flag["person"]["phone"] == given["phone"]
    path = f"/api/declarations/flags/{flag['id']}"
    seen = site.client.post(f"{path}/seen", headers=who.headers).json()
    assert (seen["state"], seen["seen_by"]) == ("seen", who.login)
    assert seen["declarations"][0]["elsewhere"] == ["Đà Nẵng"]
    empty = site.client.post(f"{path}/close", json={"note": " "}, headers=who.headers)
    assert empty.status_code == 422
    note = {"note": "Đã gọi, đã lấy mẫu"}
    closed = site.client.post(f"{path}/close", json=note, headers=who.headers)
    assert closed.json()["state"] == "closed"
    again = site.client.post(f"{path}/close", json=note, headers=who.headers)
    assert (again.status_code, again.json()["by"]) == (409, who.login)
    assert site.client.post(f"{path}/revoke", headers=who.headers).json()["cards"] == 0
    assert flag["id"] not in [one["id"] for one in get("/api/declarations/flags").json()["flags"]]
    other = person(site.url, "officer", departments=["district"], districts=["504"])
    assert site.client.get(path, headers=other.headers).status_code == 404
    for role in ("viewer", "coordinator"):
        refused = site.client.get(path, headers=person(site.url, role).headers)
        assert refused.status_code == 403, role
    reads = person(site.url, "officer", departments=["health"], scope="read")
    assert site.client.get(path, headers=reads.headers).status_code == 200
    assert site.client.post(f"{path}/seen", headers=reads.headers).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "state=none",
        "kind=x",
        "district=a'b",
        "limit=0",
        "limit=201",
        "limit=x",
        "other=1",
        "days=1",
    ],
)
def test_parameters_that_are_wrong(site: Site, query: str) -> None:
    headers = person(site.url, "admin").headers
    answer = site.client.get(f"/api/declarations/flags?{query}", headers=headers)
    assert answer.status_code == 400, answer.text


def test_addresses_that_lead_nowhere(site: Site) -> None:
    headers = person(site.url, "admin").headers
    for number in ("0", "999999999", "x", "9" * 19, str(uuid4())):
        answer = site.client.get(f"/api/declarations/flags/{number}", headers=headers)
        assert answer.status_code == 404, number
    assert site.client.get("/api/declarations/flags").status_code == 401
    assert site.client.get("/api/declarations").status_code == 405


def test_figures_by_who_asks(site: Site) -> None:
    site.declare(symptoms=["fever"])
    public = site.client.get("/api/declarations/figures").json()
    assert set(public) == {"days", "districts"}
    assert all(set(one) == {"code", "name", "declarations"} for one in public["districts"])
    assert site.client.get("/api/declarations/figures?days=3").status_code == 400
    headers = person(site.url, "viewer").headers
    staff = site.client.get("/api/declarations/figures?days=3", headers=headers).json()
    assert [set(one) for one in staff["days"]] == [
        {"day", "declarations", "with_symptoms", "contacts", "flagged"}
    ] * 3
    assert sum(one["open"] for one in staff["districts"]) > 0
    assert site.client.get("/api/declarations/figures?days=367", headers=headers).status_code == 400


def test_the_form_says_what_a_declaration_needs(site: Site) -> None:
    form = site.client.get("/api/declarations/form").json()
    assert form["symptoms"][0] == {"value": "fever", "vi": "Sốt", "en": "Fever"}
    assert (form["card_days"], form["valid_hours"], form["keep_days"]) == (7, 72, 21)
