"""What a reporter adds to a request that was sent: real fields, each addition once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx

from tests.http.desk import Desk, desk

__all__ = ["desk"]


def follow(desk: Desk, posted: dict[str, Any], body: dict[str, Any]) -> httpx.Response:
    headers = {"X-Follow-Token": posted["follow"]["token"]}
    return desk.client.post("/api/sos/follow", json=body, headers=headers)


def steps(desk: Desk, request: str, kind: str = "details") -> list[dict[str, Any]]:
    found = desk.get(f"/api/sos/{request}")["steps"]
    return [step for step in found if step["kind"] == kind]


def test_fields_given_later_are_fields_of_the_request(desk: Desk) -> None:
    posted = desk.report(category="medicine", needs=["nước"], name=None)
    assert desk.get(f"/api/sos/{posted['id']}")["priority"] == "low"
    body = {
        "id": str(uuid4()), "injured": 2, "children": 1, "needs": ["thuốc", "nước"],
        "phone": "+84 905 999 888", "name": "Anh Tư", "address": "Thôn 3", "on_behalf_of": "bà Năm",
        "note": "Nước tới mái",
    }  # fmt: skip
    answer = follow(desk, posted, body)
    assert answer.status_code == 200, answer.text
    assert "999888" not in answer.text
    found = desk.get(f"/api/sos/{posted['id']}")
    assert (found["injured"], found["children"], found["people"]) == (2, 1, 3)
    report = found["report"]
    assert report["needs"] == ["nước", "thuốc"]
    assert (report["phone"], report["name"]) == ("0905999888", "Anh Tư")
    assert (report["address"], report["on_behalf_of"]) == ("Thôn 3", "bà Năm")
    assert report["note"] == "Nước lên nhanh"
    # The facts say how urgent it is: medicine 2, injured people 3, a child 1.
    assert found["priority"] == "high"
    (step,) = steps(desk, posted["id"])
    assert step["actor"] == "reporter"
    assert step["note"].splitlines() == [
        "Bị thương: 2",
        "Trẻ em: 1",
        "Cần: nước → nước, thuốc",
        "Địa chỉ: Thôn 3",
        "Điện thoại: 0905111222 → 0905999888",
        "Người báo: Anh Tư",
        "Báo thay cho: bà Năm",
    ]
    assert [step["note"] for step in steps(desk, posted["id"], "note")] == ["Nước tới mái"]
    # Whoever looks for duplicates finds it by the new number.
    twin = desk.report(lon=107.5, phone="0905999888")
    near = desk.get(f"/api/sos/{twin['id']}/duplicates")["duplicates"]
    assert posted["id"] in [one["id"] for one in near]


def test_the_same_addition_again_arrives_once(desk: Desk) -> None:
    posted = desk.report()
    body = {"id": str(uuid4()), "elderly": 1, "note": "Bà bị liệt"}
    together = threading.Barrier(4)

    def send(_: int) -> int:
        together.wait()
        return follow(desk, posted, body).status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, range(4))) == [200] * 4
    assert len(steps(desk, posted["id"])) == len(steps(desk, posted["id"], "note")) == 1
    other = follow(desk, posted, {**body, "elderly": 2})
    assert other.status_code == 409
    assert desk.get(f"/api/sos/{posted['id']}")["elderly"] == 1
    # What another reporter names the same is not the same.
    assert follow(desk, desk.report(), body).status_code == 200
    # An old answer sent late undoes nothing that came after it.
    assert follow(desk, posted, {"id": str(uuid4()), "elderly": 3}).status_code == 200
    assert follow(desk, posted, body).status_code == 200
    assert desk.get(f"/api/sos/{posted['id']}")["elderly"] == 3


def test_what_changes_nothing_leaves_no_trace(desk: Desk) -> None:
    posted = desk.report()
    assert follow(desk, posted, {"people": 3, "phone": "0905111222"}).status_code == 200
    assert steps(desk, posted["id"]) == []


def test_faults_are_told_by_field(desk: Desk) -> None:
    posted = desk.report()
    wrong = {"id": "x", "people": -1, "injured": "many", "needs": [1], "phone": "no", "name": [1]}
    answer = follow(desk, posted, {**wrong, "address": "x" * 301, "note": 5, "color": "red"})
    assert answer.status_code == 422
    named = {one["field"] for one in answer.json()["errors"]}
    assert named == {*wrong, "address", "note"}
    assert all(one["vi"] and one["en"] for one in answer.json()["errors"])
    told = follow(desk, posted, {"color": "red", "note": "Đã lên tầng hai"})
    assert told.json()["ignored"] == ["color"]


def test_who_waits_for_a_moderator_may_add_too(desk: Desk) -> None:
    spam = {"category": "other", "phone": None, "note": "Xem https://anh.example"}
    held = desk.report(**spam)
    assert held["state"] == "waiting"
    assert follow(desk, held, {"injured": 4, "phone": "0905333444"}).status_code == 200
    (waiting,) = [
        one for one in desk.get("/api/sos/intake?limit=100")["waiting"] if one["id"] == held["id"]
    ]
    assert (waiting["injured"], waiting["phone"]) == (4, "0905333444")
    desk.post(f"/api/sos/intake/{held['id']}", {"decision": "release"})
    assert desk.get(f"/api/sos/{held['id']}")["injured"] == 4


def test_over_takes_no_fields_and_merged_tells_who_works_on_it(desk: Desk) -> None:
    gone, kept, twin = desk.report(), desk.report(), desk.report()
    desk.post(f"/api/sos/{gone['id']}/steps", {"state": "cancelled"})
    refused = follow(desk, gone, {"injured": 1})
    assert refused.status_code == 409
    assert "đã kết thúc" in refused.json()["detail"]
    # A refused addition counts for nothing: the same may be tried again.
    assert follow(desk, gone, {"id": str(uuid4()), "note": "Cảm ơn"}).status_code == 200
    desk.post(f"/api/sos/{twin['id']}/merge", {"into": kept["code"]})
    assert follow(desk, twin, {"injured": 1}).status_code == 200
    (told,) = steps(desk, kept["id"])
    assert (told["from"], told["note"]) == (twin["code"], "Bị thương: 1")


def test_the_purge_takes_what_was_added(desk: Desk) -> None:
    posted = desk.report()
    follow(desk, posted, {"id": str(uuid4()), "phone": "0905777666"})
    desk.post(f"/api/sos/{posted['id']}/steps", {"state": "cancelled"})
    about = "FROM private.sos_addition WHERE request_id = %s"
    assert desk.sql(f"SELECT count(*) {about}", posted["id"]) == [(1,)]
    desk.sql(
        "UPDATE private.sos_report SET closed_at = now() - interval '99 days'"
        " WHERE request_id = %s",
        posted["id"],
    )
    desk.sql("SELECT private.purge_sos(21, 1000)")
    assert desk.sql(f"SELECT count(*) {about}", posted["id"]) == [(0,)]
    (step,) = steps(desk, posted["id"])
    assert step["note"] is None
