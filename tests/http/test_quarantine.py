"""Stays in quarantine: who is counted where, capacity, transfers, releases, figures, purges."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from layers.stays import purge
from tests.http.register import STAYS, TESTS, Ward, ward

__all__ = ["ward"]


def row_of(ward: Ward, place: str) -> dict[str, Any]:
    layer, number = place.split("/")
    found: dict[str, Any] = ward.get(f"/ogc/collections/{layer}/items/{number}", None)
    return dict(found["properties"])


def ago(**delta: float) -> str:
    return (datetime.now(UTC) - timedelta(**delta)).isoformat(timespec="seconds")


def test_a_place_is_never_more_than_full_without_a_reason(ward: Ward) -> None:
    site = ward.new_site(capacity=2, occupied=0)
    first = ward.admit(site)
    assert row_of(ward, site)["state"] == "receiving"
    ward.admit(site)
    assert (ward.occupied(site), row_of(ward, site)["state"]) == (2, "full")
    refused = ward.send("POST", STAYS, "health", ward.facts(site))
    assert refused.status_code == 409
    assert "sức chứa" in refused.json()["detail"]
    assert (refused.json()["capacity"], refused.json()["occupied"]) == (2, 2)
    assert ward.occupied(site) == 2
    over = ward.admit(site, over_reason="Lệnh của Ban Chỉ đạo")
    assert ward.occupied(site) == 3
    assert ward.act(over["id"], "release", reason="Âm tính").status_code == 200
    assert ward.act(first["id"], "release", reason="Âm tính").status_code == 200
    assert (ward.occupied(site), row_of(ward, site)["state"]) == (1, "receiving")
    # A closed site takes nobody, whatever the reason.
    ward.sql("UPDATE layer.quarantine_sites SET state = 'closed' WHERE id = %s", site.split("/")[1])
    facts = ward.facts(site, over_reason="Lệnh")
    assert ward.send("POST", STAYS, "health", facts).status_code == 409


def test_whom_the_register_does_not_list_stays_counted(ward: Ward) -> None:
    site = ward.new_site(capacity=50, occupied=20)
    ward.admit(site)
    assert ward.occupied(site) == 21
    address = f"/ogc/collections/quarantine_sites/items/{site.split('/')[1]}"
    patch = {"type": "Feature", "properties": {"occupied": 0}}
    headers = {"Content-Type": "application/merge-patch+json"}
    fewer = ward.send("PATCH", address, "military", patch, headers=headers)
    assert fewer.status_code == 409, fewer.text
    patch["properties"]["occupied"] = 1
    assert ward.send("PATCH", address, "military", patch, headers=headers).status_code == 200
    assert ward.send("DELETE", address, "military").status_code == 409


def test_twenty_officers_at_once_admit_no_more_than_there_are_beds(ward: Ward) -> None:
    site = ward.new_site(capacity=10)
    facts = [ward.facts(site) for _ in range(20)]
    with ThreadPoolExecutor(20) as threads:
        work = [threads.submit(ward.send, "POST", STAYS, "health", one) for one in facts]
        statuses = Counter(one.result().status_code for one in work)
    assert statuses == {201: 10, 409: 10}
    assert ward.occupied(site) == 10
    ((listed,),) = ward.sql("SELECT count(*) FROM register.stays WHERE place = %s", site)
    assert listed == 10


def test_a_transfer_is_whole_or_not_made(ward: Ward) -> None:
    start, goal = ward.new_site(), ward.new_site(capacity=1)
    stay = ward.admit(start, admitted_at=ago(days=3), room="A1")
    refused = ward.act(ward.admit(goal)["id"], "transfer", place=goal)
    assert refused.status_code == 409
    full = ward.act(stay["id"], "transfer", place=goal)
    assert full.status_code == 409
    assert (ward.occupied(start), ward.occupied(goal)) == (1, 1)
    assert ward.get(f"{STAYS}/{stay['id']}")["state"] == "admitted"
    pending = ward.find(stay["phone"], register=TESTS)
    answer = ward.act(stay["id"], "transfer", place=goal, over_reason="Gom ca", decision="12/QĐ")
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "transferred"
    assert (ward.occupied(start), ward.occupied(goal)) == (0, 2)
    (now,) = ward.find(stay["phone"], place=goal)
    assert (now["state"], now["due_until"], now["day"]) == ("admitted", stay["due_until"], 4)
    moved = ward.find(stay["phone"], register=TESTS)
    assert {one["id"] for one in moved} == {one["id"] for one in pending}
    assert {(one["place"], one["test_state"]) for one in moved} == {(goal, "due")}
    # What has ended does not go on.
    assert ward.act(stay["id"], "release", reason="x").status_code == 409
    for place in ("nowhere", "pg_class/1", "hotels/999999999"):
        assert ward.act(now["id"], "transfer", place=place).status_code == 422, place


def test_transfers_that_cross_do_not_hold_each_other_up(ward: Ward) -> None:
    one, other = ward.new_site(), ward.new_site()
    stays = [(ward.admit(one)["id"], other) for _ in range(4)]
    stays += [(ward.admit(other)["id"], one) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        work = [threads.submit(ward.act, stay, "transfer", place=place) for stay, place in stays]
        assert {done.result().status_code for done in work} == {200}
    assert (ward.occupied(one), ward.occupied(other)) == (4, 4)


def test_a_hotel_counts_rooms_and_keeps_its_guests(ward: Ward) -> None:
    hotel = ward.new_hotel(rooms=6, quarantine=2, occupied=3)
    couple = [ward.admit(hotel, "tourism", room="101"), ward.admit(hotel, "tourism", room=" 101")]
    assert ward.occupied(hotel) == 4
    ward.admit(hotel, "tourism", room="102")
    assert ward.send("POST", STAYS, "tourism", ward.facts(hotel, room="103")).status_code == 409
    ward.admit(hotel, "tourism", room="103", over_reason="Khẩn cấp")
    assert ward.occupied(hotel) == 6
    facts = ward.facts(hotel, room="104", over_reason="Khẩn cấp")
    assert ward.send("POST", STAYS, "tourism", facts).status_code == 409
    # The room is free when both have left it.
    ward.act(couple[0]["id"], "release", "tourism", reason="x")
    assert ward.occupied(hotel) == 6
    ward.act(couple[1]["id"], "release", "tourism", reason="x")
    assert ward.occupied(hotel) == 5


def test_nobody_is_in_two_places_and_leaves_by_the_rules(ward: Ward) -> None:
    site, other = ward.new_site(), ward.new_site()
    stay = ward.admit(site, identity="049 090 777 001")
    again = ward.facts(other, identity="049090777001", phone=None)
    assert ward.send("POST", STAYS, "health", again).status_code == 409
    assert ward.act(stay["id"], "release").status_code == 409  # too early, without a reason
    longer = ward.act(stay["id"], "extend", due_until=stay["due_until"], reason="F0 cùng phòng")
    assert longer.status_code == 422
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    longer = ward.act(stay["id"], "extend", due_until=until, reason="F0 cùng phòng")
    assert (longer.status_code, longer.json()["due_until"]) == (200, until)
    test = ward.find(stay["phone"], register=TESTS, test_state="today")[0]
    ward.send("PATCH", f"{TESTS}/{test['id']}", "health", {"result": "positive"})
    assert ward.act(stay["id"], "release", reason="Đủ ngày").status_code == 409
    assert ward.act(stay["id"], "transfer", place="medical").status_code == 422  # which one?
    moved = ward.act(stay["id"], "transfer", place="medical", facility="Bệnh viện thử")
    assert moved.status_code == 200, moved.text
    (now,) = ward.find(stay["phone"], state="admitted")
    assert ward.act(now["id"], "end", state="released", reason="x").status_code == 422
    assert ward.act(now["id"], "end", state="died", reason="x", at=ago(days=-2)).status_code == 422
    assert ward.act(now["id"], "end", state="died", reason="x").status_code == 200
    states = {one["test_state"] for one in ward.find(stay["phone"], register=TESTS)}
    assert states == {"taken", "void"}


def test_the_public_gets_numbers_of_five_and_more(ward: Ward) -> None:
    codes = [
        row[0]
        for row in ward.sql(
            "SELECT commune_code FROM dieuhanh.admin_piece WHERE district_code = '508'"
            " GROUP BY 1 ORDER BY sum(ST_Area(geom)) DESC LIMIT 2"
        )
    ]
    for number in range(9):
        ward.admit("home", home_commune=codes[number // 5])
    told = ward.get("/api/quarantine/home", None)
    found = {one["commune_code"]: one["people"] for one in told["communes"]}
    assert found.get(codes[0]) == 5
    assert codes[1] not in found
    for path in ("figures", "days"):
        assert ward.send("GET", f"/api/quarantine/{path}", None).status_code == 401


def test_figures_tell_each_their_part_and_what_will_be_free(ward: Ward) -> None:
    site = ward.new_site(capacity=10, occupied=4)
    ward.limit("far", site)  # of another district: limited to a place, an account has that alone
    ward.admit(site, admitted_at=ago(days=13))
    ward.admit(site, regime="vaccinated_7")
    late = ward.admit(site, admitted_at=ago(days=20))
    ward.sql(
        "UPDATE layer.quarantine_sites SET cameras = 3, cameras_working = 1 WHERE id = %s",
        site.split("/")[1],
    )
    own = ward.get("/api/quarantine/figures", "far")
    assert (own["present"], own["overdue"], own["admitted_today"]) == (3, 1, 1)
    (place,) = own["places"]
    assert (place["place"], place["occupied"], place["listed"]) == (site, 7, 3)
    assert (place["cameras"], place["cameras_working"]) == (3, 1)
    # Who is overdue is out today, one tomorrow, one in a week; the four others stay.
    assert place["free"] == [4, *[5] * 6, *[6] * 8]
    assert late["is_overdue"] is True
    every = ward.get("/api/quarantine/figures", "viewer")
    assert every["present"] >= 3
    assert len(every["places"]) > 50
    days = ward.get("/api/quarantine/days", "viewer")
    assert days[-1]["admissions"] >= 1
    assert ward.send("GET", "/api/quarantine/days?first=2021-01-01", "viewer").status_code == 400


def test_what_is_over_is_forgotten_and_its_numbers_stay(ward: Ward) -> None:
    site = ward.new_site()
    old = ward.admit(site, admitted_at=ago(days=40))
    new = ward.admit(site, admitted_at=ago(days=40))
    stays = ward.admit(site, admitted_at=ago(days=40))
    ward.act(old["id"], "release", at=ago(days=26))
    ward.act(new["id"], "release", at=ago(days=2))

    def days() -> Any:
        ((found,),) = ward.sql(
            "SELECT json_agg(json_build_array(day, admissions, releases, person_days)"
            " ORDER BY day) FROM register.stay_day WHERE place = %s",
            site,
        )
        return found

    async def purged() -> None:
        connection = await asyncpg.connect(ward.url)
        try:
            async with connection.transaction():
                await purge(connection, keep_days=21)
        finally:
            await connection.close()

    before = ward.get("/api/quarantine/days?first=" + ago(days=45)[:10], "viewer")
    asyncio.run(purged())
    left = {row["id"] for row in ward.get(f"{STAYS}?place={site}")["rows"]}
    assert left == {new["id"], stays["id"]}
    assert ward.sql("SELECT FROM register.change WHERE row_id = %s", old["id"]) == []
    told = days()
    assert (len(told), told[0][1:], told[-1][1:]) == (15, [1, 0, 1], [0, 1, 1])
    assert ward.get("/api/quarantine/days?first=" + ago(days=45)[:10], "viewer") == before
    assert ward.occupied(site) == 1


def camera_counts(ward: Ward, place: str) -> tuple[int, int | None]:
    """What the layer says of a place's cameras: how many, and how many work."""
    layer, number = place.split("/")
    ((cameras, working),) = ward.sql(
        f"SELECT cameras, cameras_working FROM layer.{layer} WHERE id = %s", number
    )
    return cameras, working


def watched(ward: Ward, who: str) -> dict[str, Any]:
    told = ward.get("/api/quarantine/cameras", who)
    return {one["place"]: one for one in told["places"]}


def test_cameras_of_a_site_are_those_of_the_network(ward: Ward) -> None:
    site, hotel = ward.new_site(), ward.new_hotel()
    codes = ward.cameras(site, "up", "up", "down", "unknown")
    ward.cameras(hotel, "up")
    assert camera_counts(ward, site) == (4, 2)
    broken = {"code": codes[0], "state": "down", "note": "Mất điện"}
    assert ward.send("POST", "/api/network/reports", "district", broken).status_code == 200
    assert camera_counts(ward, site) == (4, 1)
    ward.limit("far", site)
    (own,) = (one for place, one in watched(ward, "far").items() if place == site)
    counts = {name: own[name] for name in ("all", "up", "down", "maintenance", "unknown")}
    assert counts == {"all": 4, "up": 1, "down": 2, "maintenance": 0, "unknown": 1}
    assert {one["code"]: one["state"] for one in own["out"]} == {
        codes[0]: "down", codes[2]: "down", codes[3]: "unknown",
    }  # fmt: skip
    since = {one["code"]: datetime.fromisoformat(one["since"]) for one in own["out"]}
    assert abs(since[codes[0]] - datetime.now(UTC)) < timedelta(minutes=1)
    # Cameras that are no assets are not known.
    edit = {"properties": {"cameras": 6, "cameras_working": 6}}
    merge = {"Content-Type": "application/merge-patch+json"}
    address = f"/ogc/collections/quarantine_sites/items/{site.split('/')[1]}"
    assert ward.send("PATCH", address, "military", edit, headers=merge).status_code == 200
    assert camera_counts(ward, site) == (6, 1)
    assert watched(ward, "viewer")[site]["unknown"] == 3
    edit["properties"] = {"cameras": 3}
    refused = ward.send("PATCH", address, "military", edit, headers=merge)
    assert (refused.status_code, "4 camera" in refused.json()["detail"]) == (409, True)


def test_officers_are_told_of_the_cameras_of_their_own_places(ward: Ward) -> None:
    site, hotel = ward.new_site(), ward.new_hotel()
    (code,) = ward.cameras(site, "down")
    (other,) = ward.cameras(hotel, "down")
    sees = {
        "viewer": {site, hotel}, "health": {site, hotel}, "military": {site}, "tourism": {hotel},
        "district": {site}, "site": set(), "telecom": set(),
    }  # fmt: skip
    for who, expected in sees.items():
        assert watched(ward, who).keys() & {site, hotel} == expected, who
    ward.limit("other", site)
    assert site in watched(ward, "other")

    def outages(who: str) -> dict[str, str]:
        told = ward.get("/api/network/outages?open=true&limit=1000", who)["outages"]
        return {one["code"]: one["site"] for one in told}

    ((name,),) = ward.sql("SELECT name FROM layer.quarantine_sites WHERE id = %s", site[17:])
    assert outages("other") == {code: name}
    assert outages("viewer").keys() >= {code, other}
    for who, status in ((None, 401), ("viewer", 200)):
        assert ward.send("GET", "/api/quarantine/cameras", who).status_code == status


def test_the_count_follows_cameras_that_come_go_and_move(ward: Ward) -> None:
    site, goal = ward.new_site(), ward.new_site()
    codes = ward.cameras(site, "up", "up")
    ((there,),) = ward.sql("SELECT code FROM layer.quarantine_sites WHERE id = %s", goal[17:])
    ward.sql("UPDATE layer.network_assets SET site_code = %s WHERE code = %s", there, codes[0])
    # A camera that is no asset any more may still hang there.
    assert [camera_counts(ward, one) for one in (site, goal)] == [(2, 1), (1, 1)]
    ward.sql("DELETE FROM layer.network_assets WHERE code = %s", codes[1])
    assert camera_counts(ward, site) == (2, None)
    assert watched(ward, "viewer")[site]["unknown"] == 2
