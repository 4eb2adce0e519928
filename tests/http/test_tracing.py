"""`/api/tracing` as tracers use it: asked, approved by another, searched, worked on, taken."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import openpyxl
import pytest

from tests.http.register import Ward, ward
from tests.people import person

__all__ = ["ward"]

ROOT = "/api/tracing"
ASKED = {"reason": "Ca dương tính", "case_ref": "BN-7", "days": 3, "orders": 2}
NEAR = "Thiết bị 1,Thiết bị 2,Bắt đầu,Số phút,RSSI,Khoảng cách (m)\n"


@pytest.fixture(scope="module")
def sought(ward: Ward) -> str:
    """The telephone number of somebody; files of devices know them by it."""
    ward.people["other health"] = person(ward.url, "officer", departments=("health",))
    return "0905777001"


def take(ward: Ward, rows: str, query: str = "", who: str = "health") -> httpx.Response:
    headers = {"Content-Type": "text/csv"}
    content = (NEAR + rows).encode()
    path = f"{ROOT}/proximity{query}"
    return ward.client.post(path, content=content, headers=headers | ward.people[who].headers)


def started(hours: float) -> str:
    at = datetime.now(UTC) - timedelta(hours=hours)
    return at.isoformat(timespec="seconds")


def test_contacts_of_devices_are_taken_once_and_found(ward: Ward, sought: str) -> None:
    rows = (
        f"{sought},0905 777 002,{started(5)},20,-61,1.5\n"
        f"bz-k3f9a1,{sought},{started(4)},10,,\n"
        f"0905777002,+84905777003,{started(3)},30,,\n"
        f"0905777002,0905777004,{started(9)},30,,\n"
    )
    assert take(ward, rows, "?dry_run=true").json()["new"] == 4
    assert take(ward, rows).json()["new"] == 4
    assert take(ward, rows).json()["new"] == 0
    bad = take(ward, f"{sought},{sought},{started(1)},5000,x,\n")
    assert bad.status_code == 422
    assert {one["column"] for one in bad.json()["problems"]} == {"Số phút", "RSSI"}
    # A number is not repeated, a file of a district not taken.
    assert sought not in bad.text
    assert take(ward, rows, who="district").status_code == 403

    asked = ward.send("POST", ROOT, "health", {**ASKED, "phone": sought, "minutes": 0})
    assert asked.status_code == 200, asked.text
    assert asked.headers["cache-control"] == "private, no-store"
    assert sought not in asked.text
    assert asked.json()["person"] is None
    path = f"{ROOT}/{asked.json()['id']}"
    assert ward.send("POST", f"{path}/search", "health", {}).status_code == 403
    assert ward.send("POST", f"{path}/decision", "health", {"approve": True}).status_code == 403
    decided = ward.send("POST", f"{path}/decision", "other health", {"approve": True})
    assert decided.json()["state"] == "approved"
    found = ward.send("POST", f"{path}/search", "health", {}).json()["found"]
    # The last met the contact before that contact was met.
    assert (found["first"], found["second"]) == (2, 1)
    assert ward.send("POST", f"{path}/search", "health", {}).status_code == 403

    first = ward.send("POST", f"{path}/result", "health", {}).json()
    assert [(one["minutes"], one["meetings"]) for one in first["contacts"]] == [(20, 1), (10, 1)]
    assert first["contacts"][0]["evidence"][0]["kind"] == "proximity"
    second = ward.send("POST", f"{path}/result", "health", {"degree": 2}).json()["contacts"]
    assert second[0]["evidence"][0]["with"] == 1
    contact = f"{ROOT}/contacts/{first['contacts'][0]['id']}"
    whole = ward.send("POST", contact, "health").json()
    assert whole["phone"] == "0905777002"
    marked = ward.send("PUT", contact, "health", {"state": "reached", "note": "=đã gọi"})
    assert marked.json()["state"] == "reached"

    _exported(ward, path)
    looks = [one["what"] for one in ward.get(path)["looks"]]
    assert looks[:2] == ["export", "export"]
    assert looks.count("result") == 2


def _exported(ward: Ward, path: str) -> None:
    sheet = ward.send("POST", f"{path}/export", "health", {"format": "xlsx"})
    assert sheet.headers["cache-control"] == "private, no-store"
    book = openpyxl.load_workbook(io.BytesIO(sheet.content))
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    assert head[:3] == ("STT", "Đối tượng", "Họ và tên")
    assert [row[1] for row in rows] == ["F1", "F1", "F2"]
    assert book.worksheets[1].max_row == 4
    text = ward.send("POST", f"{path}/export", "health", {"format": "csv"})
    listed = list(csv.DictReader(io.StringIO(text.content.decode("utf-8-sig"))))
    assert listed[0]["Kết quả liên hệ"] == "Đã liên hệ"
    # No text becomes a formula.
    assert listed[0]["Ghi chú"] == "'=đã gọi"
    assert book.worksheets[0]["P2"].data_type == "s"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone": None}, "body"),
        ({"identity": "049084000777"}, "body"),
        ({"days": 22}, "days"),
        ({"minutes": 121}, "body"),
        ({"rule": "near"}, "rule"),
        ({"reason": " "}, "reason"),
        ({"why": "x"}, "why"),
    ],
)
def test_a_wrong_request_is_told_by_its_field(
    ward: Ward, sought: str, change: dict[str, Any], field: str
) -> None:
    answer = ward.send("POST", ROOT, "health", {**ASKED, "phone": sought, **change})
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_what_is_not_there_and_who_may_not(ward: Ward) -> None:
    assert ward.send("GET", ROOT, None).status_code == 401
    for who in ("viewer", "analyst", "military", "site"):
        assert ward.send("GET", ROOT, who).status_code == 403
    for path in (f"{ROOT}/{uuid4()}", f"{ROOT}/x"):
        assert ward.send("GET", path, "health").status_code == 404
    assert ward.send("POST", f"{ROOT}/contacts/99999999", "health").status_code == 404
    nobody = ward.send("POST", ROOT, "other health", {**ASKED, "phone": "0999999999"})
    assert nobody.status_code == 404
    again = ward.send("POST", ROOT, "other health", {**ASKED, "phone": "0999999999"})
    assert again.status_code == 429
    assert int(again.headers["retry-after"]) >= 1
    forged = {**ASKED, "token": "a.b.c"}
    assert ward.send("POST", ROOT, "admin", forged).status_code == 422
    told = ward.get(f"{ROOT}/figures", "viewer")
    assert {"asked", "live", "contacts", "to_call", "closed_week", "minutes_week"} < set(told)
