"""Alerts as CAP 1.2 messages and as an Atom feed: valid, numbered, referring to the earlier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests import cap
from tests.atom import ATOM, GEORSS, check_feed
from tests.conftest import RunServer
from tests.people import on_database, person

ITEMS = "/ogc/collections/alerts/items"
SQUARE = [[[[108.30, 15.85], [108.36, 15.85], [108.36, 15.90], [108.30, 15.90], [108.30, 15.85]]]]
WRITTEN = "15.85,108.3 15.85,108.36 15.9,108.36 15.9,108.3 15.85,108.3"


@pytest.fixture
def site(fresh_database_url: str, run_server: RunServer) -> Iterator[httpx.Client]:
    """A client of a coordinator, on a server of the test's own."""
    who = person(fresh_database_url, "coordinator", departments=("rescue_coordination",))
    with httpx.Client(
        base_url=run_server(fresh_database_url), headers=who.headers, timeout=30
    ) as opened:
        yield opened


def a_feature(**changes: Any) -> dict[str, Any]:
    properties = {
        "headline": "Ngập sâu ở <Hội An> & Điện Bàn",
        "event": "Ngập lụt",
        "severity": "Severe",
        "urgency": "Immediate",
        "certainty": "Observed",
        "category": "Met",
        "description": "Nước sông Thu Bồn vượt báo động 3.",
        "instruction": "Lên tầng cao, gọi 1022.",
        "area_desc": "Hội An",
        "onset": "2099-10-01T00:00:00Z",
        "expires": "2099-10-02T00:00:00Z",
    }
    return {
        "type": "Feature",
        "geometry": {"type": "MultiPolygon", "coordinates": SQUARE},
        "properties": properties | changes,
    }


def issue(site: httpx.Client, **changes: Any) -> str:
    answer = site.post(ITEMS, json=a_feature(**changes))
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rpartition("/")[2]


def change(site: httpx.Client, alert: str, **changes: Any) -> None:
    answer = site.patch(
        f"{ITEMS}/{alert}",
        json={"properties": changes},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    assert answer.status_code in (200, 204), answer.text


def message(site: httpx.Client, alert: str) -> Any:
    answer = httpx.get(f"{site.base_url}/api/alerts/{alert}.cap")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/cap+xml"
    return cap.check_message(answer.content)


def test_an_alert_its_update_and_its_cancellation(site: httpx.Client) -> None:
    alert = issue(site)
    first = message(site, alert)
    assert cap.text(first, "sender") == "dieuhanh@quangnam.gov.vn"
    assert cap.text(first, "identifier") == f"quang-nam.{alert}.1"
    assert cap.text(first, "msgType") == "Alert"
    assert list(cap.infos(first)) == ["vi-VN"]
    info = cap.infos(first)["vi-VN"]
    assert cap.text(info, "headline") == "Ngập sâu ở <Hội An> & Điện Bàn"
    assert cap.text(info, "expires") == "2099-10-02T07:00:00+07:00"
    area = info.find(f"{{{cap.NAMESPACE}}}area")
    assert cap.text(area, "polygon") == WRITTEN
    codes = [cap.text(code, "value") for code in area.findall(f"{{{cap.NAMESPACE}}}geocode")]
    communes = site.get(
        "/ogc/collections/admin_units/items",
        params={
            "level": "commune",
            "limit": 100,
            "filter": "S_INTERSECTS(geom, POLYGON((108.30 15.85, 108.36 15.85, 108.36 15.90,"
            " 108.30 15.90, 108.30 15.85)))",
        },
    ).json()["features"]
    assert codes == sorted(one["properties"]["code"] for one in communes) != []

    change(site, alert, headline_en="Deep flood at Hoi An", description="Nước còn lên.")
    second = message(site, alert)
    assert cap.text(second, "identifier") == f"quang-nam.{alert}.2"
    assert cap.text(second, "msgType") == "Update"
    named = f"dieuhanh@quangnam.gov.vn,quang-nam.{alert}.1,{cap.text(first, 'sent')}"
    assert cap.text(second, "references") == named
    assert list(cap.infos(second)) == ["vi-VN", "en"]
    assert cap.text(cap.infos(second)["en"], "headline") == "Deep flood at Hoi An"
    # What is not said in English is left out, but for what the standard wants.
    assert cap.text(cap.infos(second)["en"], "description") == ""
    assert cap.text(cap.infos(second)["en"], "event") == "Meteorological"

    change(site, alert, message="Cancel")
    third = message(site, alert)
    assert cap.text(third, "msgType") == "Cancel"
    again = f"dieuhanh@quangnam.gov.vn,quang-nam.{alert}.2,{cap.text(second, 'sent')}"
    assert cap.text(third, "references") == f"{named} {again}"
    # The same values again are no new message.
    change(site, alert, message="Cancel")
    assert cap.text(message(site, alert), "identifier") == f"quang-nam.{alert}.3"


def test_a_deleted_alert_that_is_taken_back_is_a_new_message(
    site: httpx.Client, fresh_database_url: str
) -> None:
    alert = issue(site)

    async def away_and_back(connection: Any) -> None:
        await connection.execute("CREATE TEMP TABLE kept AS TABLE layer.alerts")
        await connection.execute("DELETE FROM layer.alerts WHERE id = $1::text::uuid", alert)

    async def back(connection: Any) -> None:
        await connection.execute(
            "INSERT INTO layer.alerts (id, headline, event, severity, urgency, certainty, category,"
            " area_desc, expires, geom) SELECT $1::text::uuid, 'Nước lại lên', 'Ngập lụt', 'Minor',"
            " 'Past', 'Likely', 'Met', 'Hội An', now() + interval '1 hour',"
            " (SELECT geom FROM layer.alerts LIMIT 1)",
            alert,
        )

    on_database(fresh_database_url, away_and_back)
    assert httpx.get(f"{site.base_url}/api/alerts/{alert}.cap").status_code == 404
    on_database(fresh_database_url, back)
    found = message(site, alert)
    assert cap.text(found, "identifier") == f"quang-nam.{alert}.2"
    assert cap.text(found, "msgType") == "Update"


def test_nobody_chooses_the_number_of_a_message(
    site: httpx.Client, fresh_database_url: str
) -> None:
    alert = issue(site)
    made = str(uuid4())

    async def as_coordinator(connection: Any) -> None:
        account = await connection.fetchval(
            "SELECT id::text FROM private.account WHERE role = 'coordinator'"
        )
        await connection.execute(
            "SELECT set_config('role', 'dieuhanh_coordinator', true),"
            " set_config('dieuhanh.account', $1, true), set_config('dieuhanh.bulk', 'on', true)",
            account,
        )
        await connection.execute(
            "UPDATE layer.alerts SET headline = 'Khác' WHERE id = $1::text::uuid", alert
        )
        await connection.execute(
            "INSERT INTO layer.alerts (id, revision, sent, headline, event, severity, urgency,"
            " certainty, category, area_desc, geom) SELECT $1::text::uuid, 50, '2001-01-01',"
            " 'Mới', 'Bão', 'Minor', 'Past', 'Likely', 'Met', 'Hội An', geom FROM layer.alerts"
            " WHERE id = $2::text::uuid",
            made,
            alert,
        )

    on_database(fresh_database_url, as_coordinator)
    assert cap.text(message(site, alert), "identifier") == f"quang-nam.{alert}.2"
    assert cap.text(message(site, made), "identifier") == f"quang-nam.{made}.1"
    assert not cap.text(message(site, made), "sent").startswith("2001")


def test_every_alert_of_the_demo_is_a_valid_message(client: httpx.Client, rows: Any) -> None:
    for row in rows("SELECT id, status FROM layer.alerts"):
        found = cap.check_message(client.get(f"/api/alerts/{row.id}.cap").content)
        assert cap.text(found, "status") == row.status == "Exercise"


def test_feed(site: httpx.Client) -> None:
    alert = issue(site)
    over = issue(site, onset="2001-01-01T00:00:00Z", expires="2001-01-02T00:00:00Z")
    answer = httpx.get(f"{site.base_url}/api/alerts.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    entries = {entry.findtext(f"{ATOM}id"): entry for entry in check_feed(answer.content)}
    assert f"urn:uuid:{over}" not in entries
    entry = entries[f"urn:uuid:{alert}"]
    assert entry.findtext(f"{GEORSS}polygon") == WRITTEN.replace(",", " ")
    link = next(one for one in entry.findall(f"{ATOM}link") if one.get("rel") == "alternate")
    assert link.get("type") == "application/cap+xml"
    cap.check_message(httpx.get(link.get("href")).content)
    etag = answer.headers["etag"]
    again = httpx.get(f"{site.base_url}/api/alerts.atom", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    change(site, alert, message="Cancel")
    later = httpx.get(f"{site.base_url}/api/alerts.atom", headers={"If-None-Match": etag})
    assert later.status_code == 200
    entries = {entry.findtext(f"{ATOM}id"): entry for entry in check_feed(later.content)}
    assert entries[f"urn:uuid:{alert}"].findtext(f"{ATOM}title").startswith("[Hủy bỏ")
    assert len(check_feed(httpx.get(f"{site.base_url}/api/alerts.atom?limit=1").content)) == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/alerts.atom?limit=0", 400),
        ("/api/alerts.atom?limit=many", 400),
        ("/api/alerts.atom?colour=red", 400),
        ("/api/alerts/5d0f9a3e-0c7b-4f55-9d0e-8f6b2f1f7a11.cap", 404),
        ("/api/alerts/1.cap", 404),
    ],
)
def test_what_is_refused(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.head(path).status_code == status
