"""Network assets: heartbeats, silence, reports and the outages that follow from them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html import escape
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


class Field:
    """A server, the telecom operators' officer, and others."""

    def __init__(self, address: str, url: str) -> None:
        self.address, self.url = address, url
        self.telecom = person(url, "officer", departments=["telecom"])
        self.health = person(url, "officer", departments=["health"])
        self.elsewhere = person(url, "officer", departments=["district"], districts=["502"])
        self.near = person(url, "officer", departments=["district"], districts=[HOI_AN[0]])

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def asset(self, state: str = "up", heartbeat: int | None = 5, site: str | None = None) -> str:
        """The code of a new camera in Hội An."""
        code = f"T-{next(_numbers):03d}"
        self.sql(
            "INSERT INTO layer.network_assets (code, name, kind, operator, site_code, state,"
            " heartbeat_min, geom) VALUES (%s, 'Camera thử', 'camera', 'Nhà mạng T', %s, %s, %s,"
            " ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
            code, site, state, heartbeat, *HOI_AN[1:],
        )  # fmt: skip
        return code

    def state(self, code: str) -> str:
        ((found,),) = self.sql("SELECT state FROM layer.network_assets WHERE code = %s", code)
        return str(found)

    def silence(self, code: str, minutes: int) -> None:
        """Let the last heartbeat be so long ago, and look for who is silent."""
        self.sql(
            "UPDATE private.network_heartbeat AS h SET at = now() - make_interval(mins => %s)"
            " FROM layer.network_assets AS a WHERE a.id = h.asset_id AND a.code = %s",
            minutes, code,
        )  # fmt: skip
        self.sql("SELECT private.network_silence()")

    def send(self, path: str, body: Any, who: Person | None) -> httpx.Response:
        headers = {} if who is None else who.headers
        return httpx.post(f"{self.address}/api/network/{path}", json=body, headers=headers)

    def outages(self, who: Person, **asked: str) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.address}/api/network/outages", params=asked, headers=who.headers)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["outages"]
        return found


@pytest.fixture(scope="module")
def net(cluster: Any, template_database: str) -> Iterator[Field]:
    url = create_database(cluster, "network", template_database)
    with serving(url) as address:
        yield Field(address, url)


def test_silence_is_an_outage_and_a_heartbeat_ends_it(net: Field) -> None:
    code, only_reported = net.asset("unknown"), net.asset("up", heartbeat=None)
    body = {"codes": [code, only_reported, "KHÔNG-CÓ", code]}
    answer = net.send("heartbeats", body, net.telecom)
    assert answer.json() == {"taken": 2, "unknown": ["KHÔNG-CÓ"]}
    assert net.state(code) == "up"
    net.silence(code, 14)
    assert net.state(code) == "up"
    net.silence(code, 16)
    net.silence(only_reported, 10_000)
    assert (net.state(code), net.state(only_reported)) == ("down", "up")
    (outage,) = [one for one in net.outages(net.near, open="true") if one["code"] == code]
    assert (outage["found_by"], outage["ended_at"], outage["district_code"]) == (
        "silence", None, HOI_AN[0],
    )  # fmt: skip
    net.send("heartbeats", {"codes": [code]}, net.telecom)
    assert net.state(code) == "up"
    assert [one for one in net.outages(net.near, open="true") if one["code"] == code] == []
    (outage,) = [one for one in net.outages(net.near) if one["code"] == code]
    assert outage["ended_at"] > outage["began_at"]


def test_what_a_person_has_found_broken_stays_so(net: Field) -> None:
    code = net.asset()
    answer = net.send("reports", {"code": code, "state": "down", "note": "Vỡ kính"}, net.near)
    assert answer.status_code == 200, answer.text
    net.send("heartbeats", {"codes": [code]}, net.telecom)
    assert net.state(code) == "down"
    (outage,) = [one for one in net.outages(net.telecom, open="true") if one["code"] == code]
    assert (outage["found_by"], outage["note"]) == ("report", "Vỡ kính")
    assert net.send("reports", {"code": code, "state": "down"}, net.near).status_code == 409
    assert net.send("reports", {"code": code, "state": "up"}, net.near).status_code == 200
    assert net.state(code) == "up"


def test_who_may_do_what(net: Field) -> None:
    code = net.asset()
    beat, said = {"codes": [code]}, {"code": code, "state": "maintenance"}
    assert net.send("heartbeats", beat, None).status_code == 401
    assert net.send("reports", said, None).status_code == 401
    viewer, rescuer = person(net.url, "viewer"), person(net.url, "rescuer")
    for nobody in (viewer, rescuer):
        assert net.send("heartbeats", beat, nobody).status_code == 403
        assert net.send("reports", said, nobody).status_code == 403
    # Of another department: it changes nothing, and the code is named.
    assert net.send("heartbeats", beat, net.health).json() == {"taken": 0, "unknown": [code]}
    assert net.send("reports", said, net.elsewhere).status_code == 403
    assert net.send("reports", said, net.health).status_code == 200
    net.send("reports", {"code": code, "state": "down"}, net.telecom)
    assert [one for one in net.outages(net.elsewhere) if one["code"] == code] == []
    assert [one["code"] for one in net.outages(viewer, open="true") if one["code"] == code]
    public = httpx.get(f"{net.address}/api/network/outages")
    assert public.status_code == 401
    refused = httpx.get(f"{net.address}/api/network/outages", headers=rescuer.headers)
    assert refused.status_code == 403
    item = httpx.get(
        f"{net.address}/ogc/collections/network_assets/items", params={"q": code, "f": "json"}
    ).json()["features"][0]["properties"]
    assert {"site_code", "heartbeat_min"} & set(item) == set()


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("heartbeats", {}, "codes"),
        ("heartbeats", {"codes": []}, "codes"),
        ("heartbeats", {"codes": ["x"] * 1001}, "codes"),
        ("heartbeats", {"codes": ["a\x00"]}, "codes.0"),
        ("reports", {"code": "T-1", "state": "gone"}, "state"),
        ("reports", {"code": "", "state": "up"}, "code"),
        ("reports", {"code": "T-1", "state": "up", "note": "x" * 1001}, "note"),
    ],
)
def test_what_is_wrong_is_named(net: Field, path: str, body: Any, field: str) -> None:
    answer = net.send(path, body, net.telecom)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


def test_lists_name_what_is_wrong_with_them(net: Field) -> None:
    for asked in ("kind=phone", "open=maybe", "days=0", "days=9999", "limit=x", "other=1"):
        answer = httpx.get(
            f"{net.address}/api/network/outages?{asked}", headers=net.telecom.headers
        )
        assert answer.status_code == 400, asked
        assert asked.partition("=")[0] in answer.json()["detail"]
    assert net.send("reports", {"code": "KHÔNG", "state": "up"}, net.telecom).status_code == 404


def test_an_outage_follows_any_edit_and_is_purged_by_date(net: Field) -> None:
    code = net.asset()
    net.sql("UPDATE layer.network_assets SET state = 'down' WHERE code = %s", code)
    net.sql("UPDATE layer.network_assets SET state = 'up' WHERE code = %s", code)
    kept = "SELECT found_by, ended_at IS NULL FROM private.network_outage WHERE code = %s"
    assert net.sql(kept, code) == [("edit", False)]
    net.sql(
        "UPDATE private.network_outage SET ended_at = now() - interval '367 days' WHERE code = %s",
        code,
    )
    net.sql("SELECT private.purge_network(366, 1000)")
    assert net.sql(kept, code) == []
    gone = net.asset("down")
    net.sql("DELETE FROM layer.network_assets WHERE code = %s", gone)
    assert net.sql(kept, gone) == [("edit", False)]


def test_the_page_lists_and_takes_reports(net: Field) -> None:
    ((site, at),) = net.sql("SELECT code, name FROM layer.checkpoints ORDER BY id LIMIT 1")
    code = net.asset(site=site)
    away = httpx.get(f"{net.address}/network")
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in?next=%2Fnetwork")
    someone = person(net.url, "officer", departments=["telecom"], password=PASSWORD)
    cookie = cookie_of(sign_in(net.address, someone))
    page = httpx.get(f"{net.address}/network", headers=cookie)
    assert page.status_code == 200
    assert "Nhà mạng T" in page.text
    sent = {"csrf": csrf_in(page), "code": f" {code} ", "state": "down", "note": "Mất điện"}
    done = httpx.post(f"{net.address}/network", data=sent, headers=cookie)
    assert done.headers["location"] == "/network?done=1"
    page = httpx.get(f"{net.address}/network?done=1", headers=cookie)
    assert "Đã ghi nhận báo cáo." in page.text
    row = rf"{code}.*?Mất điện.*?{re.escape(escape(f'{at} ({site})'))}.*?đang tiếp diễn"
    assert re.search(row, page.text, re.DOTALL)
    again = httpx.post(f"{net.address}/network", data=sent, headers=cookie)
    assert again.status_code == 409
    assert "đã ở trạng thái này" in again.text
    wrong = httpx.post(f"{net.address}/network", data={**sent, "code": ""}, headers=cookie)
    assert wrong.status_code == 422
    forged = httpx.post(f"{net.address}/network", data={**sent, "csrf": "x"}, headers=cookie)
    assert forged.status_code == 403
    english = httpx.get(f"{net.address}/network?lang=en", headers=cookie)
    assert "Outages" in english.text
