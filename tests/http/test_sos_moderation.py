"""The moderation queue, spam, who sees photos, and what is purged when."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import httpx
import pytest
from PIL import Image

from api.purges import purges
from api.settings import Settings
from layers.feed import Feed
from layers.upkeep import Upkeep
from tests.conftest import command
from tests.http.desk import HOI_AN, Desk, desk
from tests.http.test_sos_coordination import NOBODYS

__all__ = ["desk"]

ADVERT = {"phone": None, "note": "Vay nhanh tại https://vay.example"}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (40, 90, 160)).save(out, "JPEG")
    return out.getvalue()


def with_photo(desk: Desk, **changes: Any) -> tuple[dict[str, Any], str]:
    """A request with a photo: what was answered, and the photo's id."""
    posted = desk.report(**changes)
    answer = desk.client.post(
        "/api/sos/follow",
        files=[("photos", ("a.jpg", picture(), "image/jpeg"))],
        headers={"X-Follow-Token": posted["follow"]["token"]},
    )
    assert answer.status_code == 200, answer.text
    return posted, answer.json()["photos"][0]


def public(desk: Desk, request: str) -> httpx.Response:
    return desk.client.get(f"/ogc/collections/sos_requests/items/{request}")


@pytest.mark.parametrize("role", ["operator", "coordinator", "admin"])
def test_a_post_that_waits_is_released_or_rejected(desk: Desk, role: str) -> None:
    good, bad = desk.report(**ADVERT), desk.report(**ADVERT)
    waiting = desk.get("/api/sos/intake?limit=100", role)["waiting"]
    mine = [one for one in waiting if one["id"] in (good["id"], bad["id"])]
    assert [one["code"] for one in mine] == [good["code"], bad["code"]]
    assert mine[0]["reasons"] == ["links"]
    assert mine[0]["note"] == ADVERT["note"]
    assert public(desk, good["id"]).status_code == 404
    body = {"decision": "release", "note": "Có thật"}
    released = desk.post(f"/api/sos/intake/{good['code']}", body, role)
    assert (released["code"], released["state"]) == (good["code"], "new")
    assert public(desk, good["id"]).json()["properties"]["code"] == good["code"]
    rejected = desk.post(f"/api/sos/intake/{bad['id']}", {"decision": "reject"}, role)
    assert rejected["state"] == "rejected"
    assert public(desk, bad["id"]).status_code == 404
    for request in (good, bad):
        again = desk.send("POST", f"/api/sos/intake/{request['id']}", {"decision": "release"})
        assert again.status_code == 409
        assert again.json()["by"] == desk.people[role].login
    assert desk.send("POST", "/api/sos/intake/S1", {"decision": "reject"}).status_code == 404
    normal = desk.report()["id"]
    answer = desk.send("POST", f"/api/sos/intake/{normal}", {"decision": "reject"})
    assert answer.status_code == 404
    assert desk.send("POST", f"/api/sos/intake/{good['id']}", {}).status_code == 422


def test_spam_leaves_the_layer_and_the_next_of_its_phone_waits(desk: Desk) -> None:
    phone = "0912 345 000"
    request = desk.report(phone=phone)
    answer = desk.post(f"/api/sos/{request['id']}/spam", {"note": "Quấy rối"}, "operator")
    assert answer["state"] == "rejected"
    assert public(desk, request["id"]).status_code == 404
    again = desk.report(phone=phone)
    assert again["state"] == "waiting"
    found = desk.get("/api/sos/intake?limit=100")["waiting"]
    assert ["earlier_spam"] in [one["reasons"] for one in found if one["id"] == again["id"]]
    assert desk.send("POST", f"/api/sos/{desk.request_in('assigned')}/spam").status_code == 409
    kept, other = desk.report(), desk.report()
    desk.post(f"/api/sos/{other['id']}/merge", {"into": kept["id"]})
    assert desk.send("POST", f"/api/sos/{kept['id']}/spam").status_code == 409


def test_who_sees_a_photo(desk: Desk) -> None:
    posted, photo = with_photo(desk)
    path = f"/api/sos/{posted['id']}/photos/{photo}"
    assert desk.send("GET", path, None, None).status_code == 401
    for role in (*NOBODYS, "rescuer"):
        assert desk.send("GET", path, None, role).status_code == 403, role
    for role in ("operator", "coordinator", "admin"):
        answer = desk.send("GET", path, None, role)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        with Image.open(io.BytesIO(answer.content)) as opened:
            assert opened.size == (64, 48)
    assert [one["id"] for one in desk.get(f"/api/sos/{posted['code']}")["photos"]] == [photo]
    # The team that goes there sees it, and another request does not lend its own.
    desk.post(
        f"/api/sos/{posted['id']}/assignment", {"team": desk.new_team(desk.people["rescuer"])}
    )
    assert desk.send("GET", path, None, "rescuer").status_code == 200
    assert desk.send("GET", path, None, "other_rescuer").status_code == 403
    other = desk.report()["id"]
    for wrong in (f"{other}/photos/{photo}", f"{posted['id']}/photos/{other}",
                  f"{posted['id']}/photos/..%2f..%2fsecret"):  # fmt: skip
        assert desk.send("GET", f"/api/sos/{wrong}").status_code == 404


def purge(desk: Desk) -> str:
    done = command("sos", "purge", database_url=desk.url, DIEUHANH_PHOTOS=str(desk.photos))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_was_closed_long_ago_is_purged_with_its_files(desk: Desk) -> None:
    posted, photo = with_photo(desk, address="Thôn 3", on_behalf_of="Bà Sáu", needs=["xuồng"])
    open_one, open_photo = with_photo(desk)
    recent, recent_photo = with_photo(desk)
    merged, merged_photo = with_photo(desk)
    request = posted["id"]
    desk.post(f"/api/sos/{request}/notes", {"note": "Nhà chị Ba"})
    for one in (posted, recent):
        desk.post(f"/api/sos/{one['id']}/steps", {"state": "cancelled", "note": "Chị Ba ổn"})
    desk.post(f"/api/sos/{merged['id']}/merge", {"into": open_one["id"]})
    desk.sql(
        "UPDATE private.sos_report SET closed_at = closed_at - interval '21 days'"
        " WHERE request_id::text = ANY (%s)",
        [request, merged["id"]],
    )
    desk.sql(
        "UPDATE private.sos_step SET at = at - interval '21 days' WHERE request_id = %s", request
    )
    files = {one: desk.photos / one[:2] / f"{one}.jpg"
             for one in (photo, open_photo, recent_photo, merged_photo)}  # fmt: skip
    assert all(path.exists() for path in files.values())
    assert purge(desk).startswith("purged 1 requests")
    assert {one for one, path in files.items() if not path.exists()} == {photo}
    found = desk.get(f"/api/sos/{request}")
    told = {name: found["report"][name] for name in
            ("name", "phone", "note", "needs", "address", "on_behalf_of")}  # fmt: skip
    assert set(told.values()) == {None}
    assert found["report"]["purged_at"] is not None
    assert (found["lon"], found["lat"]) == (round(HOI_AN[0], 3), round(HOI_AN[1], 3))
    assert (found["photos"], found["state"]) == ([], "cancelled")
    # What happened, and who worked on it, stays.
    assert [step["kind"] for step in found["steps"]] == ["posted", "note", "state"]
    assert {step["note"] for step in found["steps"]} == {None}
    ((images,),) = desk.sql(
        "SELECT string_agg(concat(before, after), '') FROM dieuhanh.history"
        " WHERE layer = 'sos_requests' AND feature_id = %s",
        request,
    )
    assert str(HOI_AN[0]) not in images
    assert "108.334" in images
    token = {"X-Follow-Token": posted["follow"]["token"]}
    assert desk.client.get("/api/sos/follow", headers=token).status_code == 404
    # A duplicate is kept as long as what it was merged into.
    assert desk.get(f"/api/sos/{merged['id']}")["report"]["phone"] == "0905111222"
    assert desk.get(f"/api/sos/{recent['id']}")["report"]["phone"] == "0905111222"
    assert purge(desk) == "purged 0 requests, removed 0 files of photos\n"


def test_the_server_purges_by_itself(desk: Desk) -> None:
    posted, photo = with_photo(desk)
    desk.post(f"/api/sos/{posted['id']}/steps", {"state": "cancelled"})
    desk.sql(
        "UPDATE private.sos_report SET closed_at = now() - interval '8 days' WHERE request_id = %s",
        posted["id"],
    )
    path = desk.photos / photo[:2] / f"{photo}.jpg"
    settings = Settings(database_url=desk.url, photos=desk.photos, sos_keep_days=7)

    async def keep_up() -> None:
        feed = Feed(desk.url)
        upkeep = Upkeep(desk.url, feed, (), feed_days=30, purges=purges(settings), every=0.05)
        upkeep.open()
        try:
            for _ in range(600):
                if not path.exists():
                    break
                await asyncio.sleep(0.05)
        finally:
            await upkeep.close()

    asyncio.run(keep_up())
    assert not path.exists()
    assert desk.get(f"/api/sos/{posted['id']}")["report"]["phone"] is None


def test_notes_that_come_after_the_purge_go_as_well(desk: Desk) -> None:
    request = desk.report()["id"]
    desk.post(f"/api/sos/{request}/steps", {"state": "false"})
    desk.sql(
        "UPDATE private.sos_report SET closed_at = now() - interval '30 days'"
        " WHERE request_id = %s",
        request,
    )
    purge(desk)
    desk.post(f"/api/sos/{request}/notes", {"note": "Chị Ba gọi lại"})
    purge(desk)
    assert desk.get(f"/api/sos/{request}")["steps"][-1]["note"] == "Chị Ba gọi lại"
    desk.sql(
        "UPDATE private.sos_step SET at = at - interval '22 days' WHERE request_id = %s", request
    )
    purge(desk)
    assert desk.get(f"/api/sos/{request}")["steps"][-1]["note"] is None


def test_rejected_posts_are_purged(desk: Desk) -> None:
    request = desk.report(**ADVERT, name="Quảng cáo")["id"]
    desk.post(f"/api/sos/intake/{request}", {"decision": "reject", "note": "Quảng cáo"})
    desk.sql(
        "UPDATE private.sos_intake SET decided_at = now() - interval '30 days'"
        " WHERE request_id = %s",
        request,
    )
    assert purge(desk).startswith("purged 1 requests")
    kept = desk.sql(
        "SELECT r.name, r.note, i.note, i.post::text FROM private.sos_report AS r"
        " JOIN private.sos_intake AS i USING (request_id) WHERE request_id = %s",
        request,
    )
    assert kept == [(None, None, None, "{}")]


def test_requests_entered_by_editing_are_purged_too(desk: Desk) -> None:
    ((request,),) = desk.sql(
        "INSERT INTO layer.sos_requests (category, priority, geom) VALUES ('other', 'low',"
        " ST_SetSRID(ST_MakePoint(108.123456, 15.654321), 4326)) RETURNING id::text"
    )
    desk.post(f"/api/sos/{request}/steps", {"state": "cancelled", "note": "Gọi cho anh Năm"})
    assert purge(desk).startswith("purged 0 requests")
    desk.sql(
        "UPDATE private.sos_step SET at = at - interval '22 days' WHERE request_id = %s", request
    )
    assert purge(desk).startswith("purged 1 requests")
    found = desk.get(f"/api/sos/{request}")
    assert (found["lon"], found["lat"]) == (108.123, 15.654)
    assert {step["note"] for step in found["steps"]} == {None}


def test_files_that_a_crash_has_left_are_removed(desk: Desk) -> None:
    """A file is announced before it is written, and claimed with its row."""
    posted, photo = with_photo(desk)
    assert desk.sql("SELECT id FROM private.sos_photo_loose WHERE id::text = %s", photo) == []
    names = [f"{n:08d}-0000-4000-8000-000000000000" for n in range(3)]
    paths = [desk.photos / "00" / f"{names[0]}.jpg", desk.photos / "00" / f"{names[1]}.part"]
    paths[0].parent.mkdir(exist_ok=True)
    for path in paths:
        path.write_bytes(b"x")
    for name in names:
        desk.sql("INSERT INTO private.sos_photo_loose (id) VALUES (%s)", name)
    # An upload may be under way.
    assert purge(desk).endswith("removed 0 files of photos\n")
    desk.sql("UPDATE private.sos_photo_loose SET since = since - interval '61 minutes'")
    assert purge(desk).endswith("removed 3 files of photos\n")
    assert not any(path.exists() for path in paths)
    assert desk.sql("SELECT count(*) FROM private.sos_photo_loose") == [(0,)]
    path = f"/api/sos/{posted['id']}/photos/{photo}"
    assert desk.send("GET", path).status_code == 200
