"""The days of a layer's times, each against plain SQL that was written apart."""

from __future__ import annotations

import time
from datetime import date, timedelta

import httpx
import psycopg2
import pytest

from tests.conftest import RunServer
from tests.http.conftest import EVERY_LAYER, Rows

SOS = "/api/layers/sos_requests/timeline"
ALERTS = "/api/layers/alerts/timeline"
ZONE = "Asia/Ho_Chi_Minh"
ALERT = (
    "INSERT INTO layer.alerts (headline, event, severity, urgency, certainty, category, area_desc,"
    " onset, expires, geom) VALUES ('Bão', 'Bão', 'Severe', 'Expected', 'Likely', 'Met', 'Biển',"
    " %s, %s, ST_Multi(ST_MakeEnvelope(108.3, 15.8, 108.4, 15.9, 4326)))"
)


def told(client: httpx.Client, path: str = SOS, **parameters: str) -> dict[str, int]:
    """The days of a timeline with their numbers."""
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    data = answer.json()
    assert data["timeZone"] == ZONE
    return dict(zip(data["days"], data["values"], strict=True))


def counted(rows: Rows, where: str = "true", step: str = "day", **values: str) -> dict[str, int]:
    """What the database itself says of the requests' days."""
    found = rows(
        f"SELECT date_trunc('{step}', reported_at AT TIME ZONE '{ZONE}')::date::text, count(*)"
        f" FROM layer.sos_requests WHERE {where} GROUP BY 1",
        **values,
    )
    return dict(map(tuple, found))


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_every_day_week_and_month_is_counted_in_the_provinces_zone(
    client: httpx.Client, rows: Rows, step: str
) -> None:
    days = told(client, step=step)
    expected = counted(rows, step=step)
    assert {day: value for day, value in days.items() if value} == expected
    assert list(days) == sorted(days)
    if step == "day":
        assert len(days) == (date.fromisoformat(max(days)) - date.fromisoformat(min(days))).days + 1
    if step == "week":
        assert {date.fromisoformat(day).weekday() for day in days} == {0}


def test_a_filter_a_column_and_a_time_narrow_it(client: httpx.Client, rows: Rows) -> None:
    where = "state = 'closed' AND people > 3"
    narrow = told(client, filter=where)
    assert {day: value for day, value in narrow.items() if value} == counted(rows, where)
    assert sum(told(client, category="trapped").values()) == sum(
        counted(rows, "category = 'trapped'").values()
    )
    last = max(counted(rows))
    before = date.fromisoformat(last) - timedelta(1)
    window = f"{before}T00:00:00+07:00/{before}T23:59:59.999999+07:00"
    assert told(client, datetime=window) == {before.isoformat(): counted(rows)[str(before)]}


def test_what_lasts_is_in_every_day_that_it_touches(
    empty_database_url: str, run_server: RunServer
) -> None:
    spans = (
        ("2021-08-01 23:00+07", "2021-08-03 01:00+07"),
        ("2021-08-02 10:00+07", "2021-08-02 11:00+07"),
        ("2021-08-05 00:30+07", "2021-08-05 02:00+07"),
    )
    connection = psycopg2.connect(empty_database_url)
    with connection, connection.cursor() as cursor:
        for onset, expires in spans:
            cursor.execute(ALERT, (onset, expires))
    connection.close()
    with httpx.Client(base_url=run_server(empty_database_url), timeout=30) as client:
        days = told(client, ALERTS)
        assert list(days.values()) == [1, 2, 1, 0, 1]
        assert min(days) == "2021-08-01"
        clipped = told(client, ALERTS, datetime="2021-08-03T00:00:00+07:00/..")
        assert clipped == {"2021-08-03": 1, "2021-08-04": 0, "2021-08-05": 1}
        assert told(client, SOS) == {}


def test_it_is_cached_until_the_layer_changes(
    fresh_database_url: str, run_server: RunServer
) -> None:
    with httpx.Client(base_url=run_server(fresh_database_url), timeout=30) as client:
        first = client.get(SOS)
        etag = first.headers["etag"]
        assert etag.startswith('"sos_requests:')
        assert client.get(SOS, headers={"If-None-Match": etag}).status_code == 304
        connection = psycopg2.connect(fresh_database_url)
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM layer.sos_requests WHERE id IN"
                " (SELECT id FROM layer.sos_requests ORDER BY reported_at DESC LIMIT 1)"
            )
        connection.close()
        time.sleep(0.5)
        changed = client.get(SOS, headers={"If-None-Match": etag})
        assert changed.status_code == 200
        assert sum(changed.json()["values"]) == sum(first.json()["values"]) - 1


def test_more_days_than_the_setting_are_refused(database_url: str, run_server: RunServer) -> None:
    address = run_server(database_url, {"DIEUHANH_TIMELINE_BINS": "10"})
    with httpx.Client(base_url=address, timeout=30) as client:
        answer = client.get(SOS)
        assert answer.status_code == 400
        assert "at most 10" in answer.json()["detail"]
        assert client.get(SOS, params={"step": "month"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        (f"{SOS}?step=hour", 400, "step"),
        (f"{SOS}?datetime=yesterday", 400, "datetime"),
        (f"{SOS}?filter=nope=1", 400, "filter"),
        (f"{SOS}?injured=1", 400, "injured"),
        (f"{SOS}?limit=1", 400, "limit"),
        ("/api/layers/admin_units/timeline", 404, "admin_units"),
        ("/api/layers/nope/timeline", 404, "nope"),
    ],
)
def test_what_breaks_its_rule_is_refused(
    client: httpx.Client, path: str, status: int, named: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert named in answer.json()["detail"]


def test_the_map_tells_which_layers_have_times(client: httpx.Client, rows: Rows) -> None:
    layers = {layer["id"]: layer["time"] for layer in client.get("/api/map").json()["layers"]}
    assert sorted(layers) == list(EVERY_LAYER)
    assert layers["admin_units"] is None
    assert layers["checkpoints"]["of"] == "state"
    assert layers["alerts"]["columns"] == ["onset", "expires"]
    ((first, last),) = rows(
        "SELECT to_char(min(reported_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
        " to_char(max(reported_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        " FROM layer.sos_requests"
    )
    assert layers["sos_requests"] == {
        "columns": ["reported_at"],
        "of": "event",
        "first": first,
        "last": last,
    }
