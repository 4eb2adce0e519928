"""Registers over HTTP: who sees which rows, forms, faults, versions, history, sheets."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import openpyxl
import pytest

from tests.http.register import STAYS, TESTS, Ward, ward

__all__ = ["ward"]


def test_a_row_is_made_read_changed_and_told_of(ward: Ward) -> None:
    answer = ward.send(
        "POST", STAYS, "site", ward.facts(name="Trần Thị Thử", identity="049084000123", room="A1")
    )
    assert answer.status_code == 201, answer.text
    made, tag = answer.json(), answer.headers["etag"]
    assert made["state"] == "admitted"
    assert made["day"] == 1
    assert "identity" not in made
    assert made["district_code"] == "503"
    address = answer.headers["location"]
    changed = ward.send(
        "PATCH", address, "site", {"room": "A2", "name": "Trần Thị Thử Lại"},
        headers={"If-Match": tag},
    )  # fmt: skip
    assert changed.status_code == 200, changed.text
    assert (changed.json()["room"], changed.json()["name"]) == ("A2", "Trần Thị Thử Lại")
    stale = ward.send("PATCH", address, "site", {"room": "A3"}, headers={"If-Match": tag})
    assert stale.status_code == 412
    changes = ward.get(f"{address}/history", "site")["changes"]
    assert [one["operation"] for one in changes] == ["update", "update", "insert"]
    told = {c["column"]: (c["before"], c["after"]) for one in changes for c in one["changes"]}
    assert told == {
        "room": ("A1", "A2"),
        "name": ("Trần Thị Thử", "Trần Thị Thử Lại"),
    }
    assert changes[0]["actor"] == ward.people["site"].login


def test_each_sees_the_rows_of_their_part_and_nobody_else_any(ward: Ward) -> None:
    here, there = ward.admit(ward.site)["id"], ward.admit(ward.other)["id"]
    paid = ward.admit(ward.hotel, room="12")["id"]
    home = ward.admit("home", home_commune=commune_of(ward, "503"))["id"]
    sees = {
        "admin": {here, there, paid, home},
        "health": {here, there, paid, home},
        "military": {here, there},
        "tourism": {paid},
        "district": {here, there, home},
        "far": set(),
        "site": {here},
        "other": {there},
    }
    for who, expected in sees.items():
        rows = {row["id"] for row in ward.get(f"{STAYS}?limit=200", who)["rows"]}
        assert rows & {here, there, paid, home} == expected, who
        for row in (here, there, paid, home):
            seen = row in expected
            statuses = (200, 200) if seen else (404, 404)
            one = ward.send("GET", f"{STAYS}/{row}", who)
            past = ward.send("GET", f"{STAYS}/{row}/history", who)
            assert (one.status_code, past.status_code) == statuses, (who, row)
            if not seen:
                assert ward.send("PATCH", f"{STAYS}/{row}", who, {"room": "x"}).status_code == 404
                assert ward.act(row, "release", who, reason="thử").status_code == 404
    for who in ("telecom", "viewer", "analyst"):
        assert ward.get("/api/registers", who)["registers"] == []
        assert ward.send("GET", STAYS, who).status_code == 403
        assert ward.send("POST", STAYS, who, ward.facts()).status_code == 403
    assert ward.send("GET", STAYS, None).status_code == 401
    assert ward.send("GET", "/api/registers", None).status_code == 401
    # Nobody makes a row where they do not keep it; a key for reading makes none.
    assert ward.send("POST", STAYS, "site", ward.facts(ward.other)).status_code == 403
    assert ward.send("POST", STAYS, "tourism", ward.facts(ward.site)).status_code == 403
    assert ward.send("POST", STAYS, "reader", ward.facts()).status_code == 403


def commune_of(ward: Ward, district: str) -> str:
    ((code,),) = ward.sql(
        "SELECT commune_code FROM dieuhanh.admin_piece WHERE district_code = %s"
        " GROUP BY 1 HAVING count(*) > 0 ORDER BY sum(ST_Area(geom)) DESC LIMIT 1",
        district,
    )
    return str(code)


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"name": None}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"birth_year": 1700}, "birth_year"),
        ({"sex": "?"}, "sex"),
        ({"phone": "12"}, "phone"),
        ({"identity": "123"}, "identity"),
        ({"regime": "forever"}, "regime"),
        ({"place": "nowhere"}, "place"),
        ({"place": "pg_class/1"}, "place"),
        ({"admitted_at": "hôm qua"}, "admitted_at"),
        ({"state": "released"}, "state"),
        ({"nothing": 1}, "nothing"),
    ],
)
def test_a_fault_is_named_by_its_column(ward: Ward, values: dict[str, object], column: str) -> None:
    answer = ward.send("POST", STAYS, "health", ward.facts(**values))
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert [error["column"] for error in errors] == [column]
    assert errors[0]["rule"]["vi"]
    assert errors[0]["rule"]["en"]


def test_posting_an_id_twice_makes_one_row(ward: Ward) -> None:
    facts = ward.facts(id=str(uuid4()))
    assert ward.send("POST", STAYS, "health", facts).status_code == 201
    assert ward.send("POST", STAYS, "health", facts).status_code == 409


def test_a_list_is_paged_by_key_filtered_and_searched(ward: Ward) -> None:
    site = ward.new_site()
    names = ("Nguyễn Ánh Một", "Nguyễn Ánh Hai", "Trần Ba", "Trần Bốn", "Trần Năm")
    made = [ward.admit(site, room=f"P{n}", name=name)["id"] for n, name in enumerate(names)]
    found: list[str] = []
    path = f"{STAYS}?place={site}&limit=2"
    while path:
        page = ward.get(path)
        assert page["numberMatched"] == 5
        found += [row["id"] for row in page["rows"]]
        following = page["next"]
        path = f"{STAYS}?place={site}&limit=2&after={following}" if following else ""
    assert sorted(found) == sorted(made)
    assert len(found) == 5
    ordered = ward.get(f"{STAYS}?place={site}&sort=room")["rows"]
    assert [row["room"] for row in ordered] == ["P0", "P1", "P2", "P3", "P4"]
    assert [row["name"] for row in ward.find("anh hai", place=site)] == ["Nguyễn Ánh Hai"]
    assert ward.get(f"{STAYS}?place={site}&state=released")["rows"] == []
    for wrong in ("state=gone", "limit=0", "nothing=1", "sort=identity", "after=x", "q=anh"):
        assert ward.send("GET", f"{STAYS}?{wrong}").status_code == 400, wrong
    # A cursor of another order is refused, not answered wrongly.
    after = ward.get(f"{STAYS}?place={site}&limit=2&sort=room")["next"]
    assert ward.send("GET", f"{STAYS}?sort=day&after={after}").status_code == 400


def sheet(head: list[str], *rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["DANH SÁCH NGƯỜI CÁCH LY"])
    page.append(head)
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_a_sheet_is_taken_whole_or_not_at_all(ward: Ward) -> None:
    site = ward.new_site(capacity=3)
    code = ward.sql("SELECT code FROM layer.quarantine_sites WHERE id = %s", site.split("/")[1])
    form = ward.send("GET", f"{STAYS}/template.xlsx")
    assert form.status_code == 200
    heads = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(form.content)).active[1]]
    assert {"Họ và tên", "Nơi cách ly", "Chế độ cách ly", "Số giấy tờ tùy thân"} <= set(heads)
    head = ["Họ và tên", "Giới tính", "Nơi cách ly", "Chế độ cách ly", "Phòng, giường", "Ghi chú"]
    good = ["Người Nhập Một", "Nữ", code[0][0], "Nhập cảnh, 21 ngày", "B1", ""]
    bad = sheet(
        head, good, ["", "Nữ", code[0][0], "entry_21", "B2", ""],
        ["Người Nhập Hai", "?", "không đâu cả", "entry_21", "B3", ""],
    )  # fmt: skip
    many = sheet(
        head, *([f"Người Nhập {n}", "Nam", code[0][0], "entry_21", "", ""] for n in range(4))
    )

    def send(content: bytes, query: str = "") -> Any:
        headers = {**ward.people["health"].headers, "Content-Type": XLSX}
        return ward.client.post(f"{STAYS}/import{query}", content=content, headers=headers)

    tried = send(bad, "?dry_run=true")
    assert tried.status_code == 200, tried.text
    outcome = tried.json()
    assert (outcome["read"], outcome["bad"], outcome["written"]) == (3, 2, False)
    assert outcome["ignored"] == ["Ghi chú"]
    assert [(p["line"], p["column"]) for p in outcome["problems"]] == [
        (4, "Họ và tên"), (5, "Giới tính"), (5, "Nơi cách ly"),
    ]  # fmt: skip
    assert send(bad).status_code == 422
    # The fourth is one too many: the rule is the database's, and no row is written.
    full = send(many)
    assert full.status_code == 422
    assert [p["line"] for p in full.json()["problems"]] == [6]
    assert ward.occupied(site) == 0
    assert send(sheet(head, good), "?dry_run=true").json()["written"] is False
    assert ward.occupied(site) == 0
    assert send(sheet(head, good)).json()["written"] is True
    assert ward.occupied(site) == 1
    assert send(b"no workbook").status_code == 400


def test_an_export_holds_what_the_caller_keeps(ward: Ward) -> None:
    site = ward.new_site()
    ward.limit("site", site)
    ward.admit(site, name="Người Xuất Một")
    ward.admit(ward.other, name="Người Xuất Hai")
    answer = ward.send("GET", f"{STAYS}.xlsx?place={site},{ward.other}", "site")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].values)
    assert [row[0] for row in rows[1:]] == ["Người Xuất Một"]
    assert "identity" not in rows[0]
    assert "Người Xuất Hai" in ward.send("GET", f"{STAYS}.csv?place={ward.other}", "health").text
    assert ward.send("GET", f"{STAYS}.xlsx", "viewer").status_code == 403


def test_a_result_is_written_by_form_and_makes_the_test_taken(ward: Ward) -> None:
    stay = ward.admit(ward.site)
    tests = ward.find(stay["phone"], register=TESTS, sort="due_on")
    assert [one["test_state"] for one in tests] == ["today", "due", "due"]
    answer = ward.send("PATCH", f"{TESTS}/{tests[0]['id']}", "site", {"result": "negative"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["test_state"] == "taken"
    assert answer.json()["taken_at"]
    assert ward.send("POST", TESTS, "health", {}).status_code == 405
    wrong = ward.send("PATCH", f"{TESTS}/{tests[1]['id']}", "site", {"due_on": "2030-01-01"})
    assert wrong.status_code == 422


def brought_back(
    ward: Ward, address: str, change: int, who: str = "health", **options: Any
) -> httpx.Response:
    """A row made what it was after a change of its history, or before its deletion."""
    body = {"change": change, "reason": options.pop("reason", "Ghi nhầm")}
    return ward.send("POST", f"{address}/history/restore", who, body, **options)


def past(ward: Ward, address: str, who: str = "health") -> list[Any]:
    """The changes of a row, the newest first."""
    return list(ward.get(f"{address}/history", who)["changes"])


def test_an_earlier_state_comes_back_as_a_change_with_its_reason(ward: Ward) -> None:
    made = ward.admit(ward.site, "site", name="Người Ban Đầu", room="A1")
    address = f"{STAYS}/{made['id']}"
    edit = {"room": "A2", "name": "Người Ghi Nhầm", "phone": "0909000111"}
    answer = ward.send("PATCH", address, "site", edit)
    tag = answer.headers["etag"]
    ward.send("PATCH", address, "site", {"decision": "7/QĐ"})
    changes = past(ward, address, "site")
    assert [one["mayRestore"] for one in changes] == [False, True, True, True]
    first = changes[-1]["id"]
    stale = brought_back(ward, address, first, "site", headers={"If-Match": tag})
    assert stale.status_code == 412
    for who, status in (("other", 404), ("far", 404), ("viewer", 403), ("telecom", 403)):
        assert brought_back(ward, address, first, who).status_code == status, who
    assert brought_back(ward, address, first, "reader").status_code == 403
    for reason in ("", "   ", "x" * 501):
        assert brought_back(ward, address, first, reason=reason).status_code == 422
    assert brought_back(ward, address, 2**40).status_code == 404
    there = ward.admit(ward.site)
    assert brought_back(ward, f"{STAYS}/{there['id']}", first).status_code == 404
    back = brought_back(ward, address, first, "site", reason=" Sửa nhầm người ")
    assert back.status_code == 200, back.text
    told = {name: back.json()[name] for name in ("name", "phone", "room", "decision")}
    assert told == {"name": made["name"], "phone": made["phone"], "room": "A1", "decision": None}
    # The number's digest comes back with it.
    assert [one["id"] for one in ward.find(made["phone"])] == [made["id"]]
    newest = past(ward, address, "site")[0]
    assert (newest["reason"], newest["restores"]) == ("Sửa nhầm người", changes[-1]["at"])
    assert newest["actor"] == ward.people["site"].login
    assert brought_back(ward, address, first, "site").status_code == 409


def test_a_stay_ended_by_mistake_goes_on_where_there_is_room(ward: Ward) -> None:
    site = ward.new_site(capacity=1)
    stay = ward.admit(site)
    address = f"{STAYS}/{stay['id']}"
    admitted = past(ward, address)[0]["id"]
    ward.act(stay["id"], "release", reason="Nhầm người")
    released = past(ward, address)[0]["id"]
    assert (ward.occupied(site), ward.get(address)["state"]) == (0, "released")
    second = ward.admit(site)
    full = brought_back(ward, address, admitted)
    assert (full.status_code, "sức chứa" in full.json()["detail"]) == (409, True)
    assert (ward.occupied(site), ward.get(address)["state"]) == (1, "released")
    ward.act(second["id"], "release", reason="Về")
    elsewhere = ward.admit("home", name=stay["name"], phone=stay["phone"])
    refused = brought_back(ward, address, admitted)
    assert (refused.status_code, "nơi khác" in refused.json()["detail"]) == (409, True)
    ward.act(elsewhere["id"], "release", reason="Về")
    back = brought_back(ward, address, admitted)
    assert back.status_code == 200, back.text
    assert (back.json()["state"], back.json()["released_at"], back.json()["reason"]) == (
        "admitted", None, None,
    )  # fmt: skip
    assert ward.occupied(site) == 1
    tests = [one for one in ward.find(stay["phone"], register=TESTS) if one["place"] == site]
    assert {one["test_state"] for one in tests} == {"today", "due"}
    # It ends by what is done to it, with the rules of that.
    ending = brought_back(ward, address, released)
    assert (ending.status_code, "Cho về" in ending.json()["detail"]) == (409, True)
    ward.act(stay["id"], "transfer", place=ward.new_site())
    assert brought_back(ward, address, admitted).status_code == 409


def test_numbers_of_a_report_come_back_with_the_reason(ward: Ward) -> None:
    reports, today = "/api/registers/case_reports", date.today() - timedelta(days=3)
    facts = {"place": f"admin_units/{commune_of(ward, '503')}", "day": today.isoformat()}
    ward.sql(
        "DELETE FROM register.case_reports WHERE place = %s AND day = %s", facts["place"], today
    )
    made = ward.send("POST", reports, "district", {**facts, "community": 4})
    assert made.status_code == 201, made.text
    address = f"{reports}/{made.json()['id']}"
    correct = {"community": 40, "reason": "Gõ nhầm"}
    assert ward.send("POST", f"{address}/correct", "district", correct).status_code == 200
    first = past(ward, address, "district")[-1]["id"]
    back = brought_back(ward, address, first, "district", reason="Số đầu mới đúng")
    assert back.status_code == 200, back.text
    assert (back.json()["community"], back.json()["reason"]) == (4, "Số đầu mới đúng")


SAMPLES = "/api/registers/samples"


def test_a_deleted_sample_comes_back_as_it_was(ward: Ward) -> None:
    ((number,),) = ward.sql("SELECT min(id) FROM layer.testing_sites WHERE district_code = '503'")
    facts = {
        "code": "XOA-1", "name": "Người Lấy Mẫu", "phone": "0905777001", "method": "pcr",
        "place": f"testing_sites/{number}",
    }  # fmt: skip

    def new(**values: Any) -> Any:
        answer = ward.send("POST", SAMPLES, "district", {**facts, **values})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def gone(who: str) -> list[Any]:
        return [
            one
            for one in ward.get(f"{SAMPLES}/deleted", who)["deleted"]
            if one["row"]["code"] == facts["code"]
        ]

    made = new()
    address = f"{SAMPLES}/{made['id']}"
    assert ward.send("DELETE", address, "district").status_code == 204
    assert gone("far") == []
    (deletion,) = gone("district")
    assert (deletion["row"]["name"], deletion["actor"]) == (
        facts["name"], ward.people["district"].login,
    )  # fmt: skip
    again = new()
    taken = brought_back(ward, address, deletion["change"], "district")
    assert (taken.status_code, "đã có" in taken.text) == (409, True)
    assert ward.send("DELETE", f"{SAMPLES}/{again['id']}", "district").status_code == 204
    assert brought_back(ward, address, deletion["change"], "far").status_code == 404
    back = brought_back(ward, address, deletion["change"], "district")
    assert back.status_code == 200, back.text
    same = {name: value for name, value in back.json().items() if name not in CHANGING}
    assert same == {name: value for name, value in made.items() if name not in CHANGING}
    assert [one["operation"] for one in past(ward, address)] == ["insert", "delete", "insert"]
    assert [one["id"] for one in gone("district")] == [again["id"]]
    # A result stays, whoever keeps it; what was deleted is forgotten in time.
    ward.send("PATCH", address, "district", {"result": "negative"})
    held = ward.send("DELETE", address, "district")
    assert (held.status_code, "kết quả" in held.json()["detail"]) == (409, True)
    ward.sql("UPDATE register.change SET at = now() - interval '22 days' WHERE op = 'delete'")
    ward.sql("SELECT private.purge_deleted('samples', 21, 1000)")
    assert gone("district") == []
    assert len(past(ward, address)) > 1
    # What somebody deletes of themselves is no row that comes back.
    assert ward.get("/api/registers/volunteers/deleted", "district") == {"deleted": []}


CHANGING = ("version", "updated_at")
