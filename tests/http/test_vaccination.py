"""Vaccination over HTTP: registering, lists, the points' form, the desk, progress."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import openpyxl
import pytest

from api.cli.database import create_database
from tests.conftest import serving
from tests.vaccinating import NEAR, Centre

API = "/api/vaccination"
XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass
class Site:
    """A centre behind a server."""

    centre: Centre
    client: httpx.Client
    commune: str

    def send(self, path: str, body: Any, who: str | None = None, **more: Any) -> httpx.Response:
        """A POST by somebody, of JSON or of bytes; by the public if `who` is None."""
        headers = dict(self.centre.people[who].headers) if who else {}
        headers |= more.pop("headers", {})
        kind = {"content": body} if isinstance(body, bytes) else {"json": body}
        return self.client.post(path, headers=headers, **kind, **more)

    def get(self, path: str, who: str | None = None) -> httpx.Response:
        """A GET by somebody."""
        return self.client.get(path, headers=self.centre.people[who].headers if who else {})

    def facts(self, **values: Any) -> dict[str, Any]:
        """A registration of somebody new."""
        return {
            "id": str(uuid4()),
            "name": f"Người Đăng Ký {uuid4().hex[:6]}",
            "birth_year": 1990,
            "phone": f"09{uuid4().int % 10**8:08d}",
            "commune_code": self.commune,
            "priority_group": "others",
            "consent": True,
            **values,
        }


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[Site]:
    url = create_database(cluster, "http_vaccination", template_database)
    centre = Centre(url)
    ((commune,),) = centre.sql(
        "SELECT commune_code FROM dieuhanh.admin_piece WHERE district_code = %s LIMIT 1", NEAR
    )
    with serving(url) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield Site(centre, client, commune)


def sheet(*rows: tuple[Any, ...]) -> bytes:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def heads_of(form: httpx.Response) -> list[str]:
    """The heads of a form."""
    book = openpyxl.load_workbook(io.BytesIO(form.content))
    return [str(cell.value) for cell in book.worksheets[0][1]]


def test_people_register_once_and_ask_what_becomes_of_it(site: Site) -> None:
    facts = site.facts(identity="049190000017")
    made = site.send(f"{API}/registrations", facts)
    assert made.status_code == 201, made.text
    again = site.send(f"{API}/registrations", facts)
    assert again.status_code == 200
    assert again.json()["card"]["token"]
    other = site.send(f"{API}/registrations", {**facts, "name": "Khác"})
    assert other.status_code == 409
    # The same person under another id: there is nothing to register, and nothing is told.
    known = site.send(f"{API}/registrations", {**facts, "id": str(uuid4())})
    assert known.status_code == 409
    for field, value in (
        ("phone", "12"), ("birth_year", 1700), ("consent", False), ("commune_code", "00000"),
        ("priority_group", "kings"),
    ):  # fmt: skip
        refused = site.send(f"{API}/registrations", site.facts(**{field: value}))
        assert refused.status_code == 422, field
        assert [one["field"] for one in refused.json()["errors"]] == [field]
    own = site.send(f"{API}/own", {"id": facts["id"]})
    assert own.json()["state"] == "waiting"
    assert facts["name"] not in own.text
    assert site.send(f"{API}/own", {"id": str(uuid4())}).status_code == 404
    asked = {"id": facts["id"], "field": "name", "new_name": "Tên Đúng"}
    assert site.send(f"{API}/own/correction", asked).status_code == 201
    assert site.send(f"{API}/own", {"id": facts["id"]}).json()["corrections"] == 1
    figures = site.get(f"{API}/figures", "viewer").json()
    assert figures["corrections"]["open"] >= 1
    assert site.get(f"{API}/figures").status_code == 401
    wrong = {"id": facts["id"], "field": "lot", "number": 1, "lot": "X"}
    assert site.send(f"{API}/own/correction", wrong).status_code == 422
    assert site.send(f"{API}/own/cancel", {"id": facts["id"]}).status_code == 200
    assert site.send(f"{API}/own/cancel", {"id": facts["id"]}).status_code == 409


def test_what_is_sent_again_while_it_is_under_way_is_one_registration(site: Site) -> None:
    for _ in range(4):
        facts = site.facts()
        with ThreadPoolExecutor(6) as devices:
            answers = list(
                devices.map(lambda body: site.send(f"{API}/registrations", body), [facts] * 6)
            )
        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]


def test_an_organisation_sends_its_list_once(site: Site) -> None:
    form = site.get(f"{API}/list.xlsx")
    heads = heads_of(form)
    values = {
        "Họ và tên": "Công Nhân", "Năm sinh": 1991, "Xã, phường nơi ở": site.commune,
        "Nhóm ưu tiên": "others", "Tổ chức, doanh nghiệp": "Công ty Thử",
        "Người liên hệ của tổ chức": "Chị Thử, 0905000111",
    }  # fmt: skip

    def rows(*phones: str) -> bytes:
        people = ({**values, "Điện thoại": phone} for phone in phones)
        return sheet(tuple(heads), *(tuple(one.get(head) for head in heads) for one in people))

    def sent(body: bytes, query: str = "") -> httpx.Response:
        return site.send(f"{API}/list{query}", body, headers=XLSX)

    bad = sent(rows("0905111222", "1"))
    assert bad.status_code == 422
    assert [(one["line"], one["column"]) for one in bad.json()["problems"]] == [(3, "Điện thoại")]
    count = "SELECT count(*) FROM register.vaccination_registrations WHERE source = 'organisation'"
    good = rows("0905111222", "0905111333")
    assert sent(good, "?dry_run=true").json()["written"] is False
    assert site.centre.sql(count) == [(0,)]
    for _ in range(2):
        taken = sent(good)
        assert (taken.status_code, taken.json()["written"]) == (200, True), taken.text
        assert site.centre.sql(count) == [(2,)]


def test_the_list_of_points_comes_from_the_departments_form(site: Site) -> None:
    form = site.get(f"{API}/points.xlsx", "health")
    heads = heads_of(form)
    values = {
        "Mã điểm tiêm": "SYT-01", "Tên điểm tiêm": "Trường Thử", "Loại": "Trường học",
        "Địa chỉ": "1 Đường Thử", "Xã, phường": site.commune, "Số bàn tiêm": 4,
    }  # fmt: skip

    def rows(*changes: dict[str, Any]) -> bytes:
        made = ({**values, **one} for one in changes)
        return sheet(tuple(heads), *(tuple(one.get(head) for head in heads) for one in made))

    def sent(body: bytes, who: str = "health", query: str = "") -> httpx.Response:
        return site.send(f"{API}/points{query}", body, who, headers=XLSX)

    def point() -> list[tuple[Any, ...]]:
        return site.centre.sql(
            "SELECT name, address, located, commune_code, ST_X(geom)"
            " FROM layer.vaccination_points WHERE code = 'SYT-01'"
        )

    good = rows({})
    for who in ("point", "near", "viewer"):
        assert sent(good, who).status_code == 403, who
    bad = sent(rows({}, {"Mã điểm tiêm": "SYT-02", "Loại": "Chợ"}))
    assert bad.status_code == 422
    assert bad.json()["problems"][0]["line"] == 3
    assert sent(good, query="?dry_run=true").json()["written"] is False
    assert point() == []
    assert sent(good).json()["written"] is True
    ((name, address, located, commune, _),) = point()
    assert (name, address, located, commune) == (
        "Trường Thử",
        "1 Đường Thử",
        "commune",
        site.commune,
    )
    # The same again changes nothing; a place of its own stays, also when the next list has none.
    before = site.centre.sql("SELECT max(version) FROM dieuhanh.commit_log")
    assert sent(good).status_code == 200
    assert site.centre.sql("SELECT max(version) FROM dieuhanh.commit_log") == before
    ((lon, lat),) = site.centre.sql(
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p"
        " FROM dieuhanh.admin_piece WHERE commune_code = %s ORDER BY ST_Area(geom) LIMIT 1) AS s",
        site.commune,
    )
    assert sent(rows({"Kinh độ": lon, "Vĩ độ": lat})).status_code == 200
    assert sent(rows({"Tên điểm tiêm": "Trường Mới"})).status_code == 200
    ((name, _, located, _, placed),) = point()
    assert (name, located) == ("Trường Mới", "exact")
    assert placed == pytest.approx(lon)


def test_a_desk_receives_by_card_and_gives_a_dose(site: Site) -> None:
    centre = site.centre
    facts = site.facts()
    card = site.send(f"{API}/registrations", facts).json()["card"]["token"]
    lot = centre.new_lot(3)

    def arrive(**how: Any) -> httpx.Response:
        return site.send(f"{API}/arrive", {"place": centre.point, **how}, "point")

    asked = arrive(token=card)
    assert (asked.status_code, asked.json()["needs"]) == (409, "anyway")
    assert arrive(token=card, registration=facts["id"]).status_code == 422
    assert arrive(token="a.b.c").status_code == 422
    assert arrive(identity="049190999999").json()["needs"] == "name"
    made = arrive(token=card, anyway=True)
    assert made.status_code == 200, made.text
    row = f"/api/registers/vaccinations/{made.json()['visit']}"
    desk = site.get(f"{API}/desk?place={centre.point}", "point").json()
    assert [one["name"] for one in desk["visits"]] == [facts["name"]]
    assert {one["lot"]: one["doses"] for one in desk["lots"]}[lot] == 3
    for who, status in (("far", 403), ("viewer", 403), (None, 401)):
        assert site.get(f"{API}/desk?place={centre.point}", who).status_code == status
    assert site.send(f"{row}/screen", {"outcome": "fit"}, "point").status_code == 200
    given = site.send(f"{row}/give", {"lot": lot, "site": "left_arm"}, "point")
    assert given.status_code == 200, given.text
    assert given.json()["state"] == "observing"
    early = site.send(f"{row}/leave", {}, "point")
    assert (early.status_code, early.json()["needs"]) == (409, "reason")
    own = site.send(f"{API}/own", {"id": facts["id"]}).json()
    assert [one["number"] for one in own["doses"]] == [1]
    assert own["next_dose"] == 2
    # A bulk of corrections: a sheet that finds people again, and changes nobody by itself.
    head = ("Họ và tên", "Điện thoại", "Mũi thứ", "Sửa gì", "Họ và tên đúng", "Căn cứ")
    good = (facts["name"], facts["phone"], None, "name", "Tên Mới", "CCCD")
    nobody = ("Ai Đó", "0999999998", None, "name", "Tên Mới", "CCCD")
    corrections = "/api/registers/vaccination_corrections"
    bad = site.send(f"{corrections}/import", sheet(head, good, nobody), "health", headers=XLSX)
    assert bad.status_code == 422
    assert [one["line"] for one in bad.json()["problems"]] == [3]
    taken = site.send(f"{corrections}/import", sheet(head, good), "health", headers=XLSX)
    assert taken.status_code == 200, taken.text
    (asked_for,) = site.send(f"{corrections}/search", {"q": facts["name"]}, "second").json()["rows"]
    assert (asked_for["old_value"], asked_for["new_value"]) == (facts["name"], "Tên Mới")
    approve = f"{corrections}/{asked_for['id']}/approve"
    assert site.send(approve, {}, "health").status_code == 403
    assert site.send(approve, {}, "second").json()["name"] == "Tên Mới"


def test_progress_is_public_and_tells_no_small_number(site: Site) -> None:
    site.centre.sql("SELECT private.count_doses()")
    told = site.get(f"{API}/progress").json()
    assert told["least"] == 5
    assert all(one["doses"] is None or one["doses"] >= 5 for one in told["cells"])
    assert sum(one["doses"] or 0 for one in told["districts"]) > 50
    lines = site.get(f"{API}/progress.csv").text.splitlines()
    assert lines[0].endswith("district,name,priority_group,number,doses")
    assert len(lines) == 1 + len(told["districts"]) + len(told["cells"])
