"""Medical facilities: daily reports, what is short, and the nearest with room."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import psycopg2
import pytest

from api.cli.database import create_database
from tests.conftest import serving
from tests.http.test_people_pages import cookie_of, csrf_in, sign_in
from tests.people import PASSWORD, Person, person

HOI_AN = ("503", 108.33421, 15.88012)
_numbers = itertools.count(1)


class Ward:
    """A server, a facility's officer and others."""

    def __init__(self, address: str, url: str) -> None:
        self.address, self.url = address, url
        self.health = person(url, "officer", departments=["health"])
        self.near = person(url, "officer", departments=["district"], districts=[HOI_AN[0]])
        self.elsewhere = person(url, "officer", departments=["district"], districts=["502"])

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def facility(self, **columns: Any) -> str:
        """The code of a new hospital in Hội An."""
        code = f"THU-{next(_numbers):03d}"
        values = {
            "code": code, "name": f"Bệnh viện thử {code}", "kind": "field_hospital", "beds": 50,
            "beds_free": 20, "icu_beds": 5, "icu_free": 2, "oxygen_h": 48, **columns,
        }  # fmt: skip
        lon, lat = values.pop("lon", HOI_AN[1]), values.pop("lat", HOI_AN[2])
        self.sql(
            f"INSERT INTO layer.medical_facilities ({', '.join(values)}, geom)"
            f" VALUES ({', '.join(['%s'] * len(values))}, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
            *values.values(),
            lon,
            lat,
        )
        return code

    def report(self, code: str, body: Any, who: Person | None) -> httpx.Response:
        headers = {} if who is None else who.headers
        path = f"{self.address}/api/facilities/{code}/report"
        return httpx.post(path, json=body, headers=headers)

    def listed(self, code: str, who: Person) -> dict[str, Any]:
        answer = httpx.get(f"{self.address}/api/facilities", headers=who.headers)
        assert answer.status_code == 200, answer.text
        (found,) = [one for one in answer.json()["facilities"] if one["code"] == code]
        return dict(found)

    def nearest(self, who: Person | None, **body: Any) -> httpx.Response:
        headers = {} if who is None else who.headers
        body = {"lon": HOI_AN[1], "lat": HOI_AN[2], **body}
        return httpx.post(f"{self.address}/api/facilities/nearest", json=body, headers=headers)


@pytest.fixture(scope="module")
def ward(cluster: Any, template_database: str) -> Iterator[Ward]:
    url = create_database(cluster, "medical", template_database)
    with serving(url) as address:
        yield Ward(address, url)


def test_a_report_is_taken_whole_and_what_is_short_is_told(ward: Ward) -> None:
    code = ward.facility(reported_at="2021-08-01T00:00:00Z")
    assert ward.listed(code, ward.health)["short"] == ["report"]
    body = {"beds_free": 4, "icu_free": 0, "oxygen_h": 5, "doctors": 7}
    answer = ward.report(code, body, ward.near)
    assert answer.status_code == 200, answer.text
    found = ward.listed(code, ward.near)
    assert found["short"] == ["beds", "icu", "oxygen"]
    assert (found["beds"], found["beds_free"], found["doctors"]) == (50, 4, 7)
    assert found["mine"]
    assert not ward.listed(code, ward.elsewhere)["mine"]
    # The same numbers again are a report too.
    before = datetime.fromisoformat(found["reported_at"])
    ward.sql(
        "UPDATE layer.medical_facilities SET reported_at = %s WHERE code = %s",
        "2021-08-02T00:00:00Z",
        code,
    )
    assert ward.report(code, body, ward.near).status_code == 200
    again = datetime.fromisoformat(ward.listed(code, ward.near)["reported_at"])
    assert again >= before
    # An edit of the layer by whatever way counts as well.
    ward.sql("UPDATE layer.medical_facilities SET reported_at = '2021-08-02' WHERE code = %s", code)
    ward.sql("UPDATE layer.medical_facilities SET beds_free = 5 WHERE code = %s", code)
    assert "report" not in ward.listed(code, ward.near)["short"]


def test_who_may_report(ward: Ward) -> None:
    code = ward.facility()
    body = {"beds_free": 1}
    assert ward.report(code, body, None).status_code == 401
    for role in ("viewer", "rescuer", "operator"):
        assert ward.report(code, body, person(ward.url, role)).status_code == 403
    refused = ward.report(code, body, ward.elsewhere)
    assert refused.status_code == 403
    assert code in refused.json()["detail"]
    assert ward.report("KHÔNG", body, ward.health).status_code == 404
    assert ward.report(code, body, ward.health).status_code == 200
    public = httpx.get(
        f"{ward.address}/ogc/collections/medical_facilities/items", params={"q": code, "f": "json"}
    ).json()["features"][0]["properties"]
    assert public["beds_free"] == 1
    assert {"doctors", "nurses"} & set(public) == set()


def test_a_facilitys_own_officer_reports_for_it_alone(ward: Ward) -> None:
    own, other = ward.facility(), ward.facility()
    officer = person(ward.url, "officer", departments=["health"])
    ward.sql(
        "INSERT INTO private.account_place (account_id, layer, feature)"
        " SELECT %s, 'medical_facilities', id::text FROM layer.medical_facilities WHERE code = %s",
        officer.id,
        own,
    )
    assert ward.report(own, {"beds_free": 2}, officer).status_code == 200
    assert ward.report(other, {"beds_free": 2}, officer).status_code == 403
    assert ward.listed(own, officer)["mine"]
    assert not ward.listed(other, officer)["mine"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"beds_free": 51}, "beds_free (51)"),
        ({"icu_free": 6}, "icu_free (6)"),
        ({"beds": 3, "beds_free": 1}, "icu_beds (5)"),
        ({"ambulances_free": 1}, "ambulances_free (1)"),
        ({"beds_free": -1}, "beds_free"),
        ({"oxygen_h": "nhiều"}, "oxygen_h"),
        ({"state": "gone"}, "state"),
        ({"phone": 1}, "phone"),
    ],
)
def test_a_wrong_number_is_named_and_nothing_is_kept(
    ward: Ward, body: dict[str, Any], said: str
) -> None:
    code = ward.facility()
    answer = ward.report(code, {"nurses": 9, **body}, ward.health)
    assert answer.status_code == 422, answer.text
    assert said in answer.text
    assert ward.listed(code, ward.health)["nurses"] is None


def test_the_nearest_with_room_comes_first(ward: Ward) -> None:
    ward.sql("UPDATE layer.medical_facilities SET state = 'closed'")
    near = ward.facility(lon=108.335, icu_free=0)
    far = ward.facility(lon=108.30, icu_free=1)
    ward.facility(lon=108.334, beds_free=0, icu_free=0)
    ward.facility(lon=108.334, state="full")
    viewer = person(ward.url, "viewer")
    found = ward.nearest(viewer).json()["facilities"]
    assert [one["code"] for one in found] == [near, far]
    assert found[0]["free"] == 20
    assert found[0]["by"] == "straight"
    # 0.0342 degrees of longitude at 15.88 degrees north are 3.66 km.
    assert 3_600 < found[1]["distance_m"] < 3_720
    needy = ward.nearest(viewer, need="icu", limit=1).json()["facilities"]
    assert [one["code"] for one in needy] == [far]
    assert ward.nearest(None).status_code == 401
    for wrong in ({"lon": 200}, {"need": "doctor"}, {"limit": 0}, {"limit": 51}):
        assert ward.nearest(viewer, **wrong).status_code == 422, wrong


def test_the_page_shows_and_takes_a_report(ward: Ward) -> None:
    code = ward.facility(icu_free=0)
    someone = person(
        ward.url, "officer", departments=["district"], districts=["503"], password=PASSWORD
    )
    cookie = cookie_of(sign_in(ward.address, someone))
    page = httpx.get(f"{ward.address}/facilities?facility={code}", headers=cookie)
    assert page.status_code == 200
    assert "hết giường hồi sức" in page.text
    numbers = {"beds": 50, "beds_free": 7, "icu_beds": 5, "icu_free": 3, "ventilators": 4,
               "ventilators_free": 4, "oxygen_h": 30, "ambulances": 1, "ambulances_free": 0,
               "doctors": 3, "nurses": ""}  # fmt: skip
    sent = {"csrf": csrf_in(page), "facility": code, "state": "open", **numbers}
    done = httpx.post(f"{ward.address}/facilities", data=sent, headers=cookie)
    assert done.headers["location"] == "/facilities?done=1"
    found = ward.listed(code, ward.near)
    assert (found["beds_free"], found["icu_free"], found["nurses"]) == (7, 3, None)
    wrong = httpx.post(f"{ward.address}/facilities", data={**sent, "beds_free": 99}, headers=cookie)
    assert wrong.status_code == 422
    assert "không được lớn hơn" in wrong.text
    assert 'value="99"' in wrong.text
    letters = httpx.post(f"{ward.address}/facilities", data={**sent, "beds": "x"}, headers=cookie)
    assert letters.status_code == 422
