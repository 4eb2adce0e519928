"""Bins without a gap, from what begins and ends in them."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from layers.catalogue import CATALOGUE
from layers.query import Query
from layers.timeline import TooLong, timeline, timeline_sql
from spatial.sql import bind, sql
from spatial.temporal import parse_datetime

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SOS = Query(CATALOGUE["sos_requests"])
ALERTS = Query(CATALOGUE["alerts"])


def row(day: str | None, begun: int, ended: int = 0) -> dict[str, Any]:
    return {"bin": day and date.fromisoformat(day), "begun": begun, "ended": ended}


def test_days_and_months_have_no_gap() -> None:
    rows = [row("2021-11-29", 2), row("2021-12-02", 1)]
    found = timeline(rows, SOS, "day", ZONE, 10)
    assert [day.day for day in found.days] == [29, 30, 1, 2]
    assert found.values == [2, 0, 0, 1]
    found = timeline([row("2020-11-01", 2), row("2021-02-01", 1)], SOS, "month", ZONE, 10)
    assert [day.isoformat()[:7] for day in found.days] == [
        "2020-11",
        "2020-12",
        "2021-01",
        "2021-02",
    ]
    assert found.values == [2, 0, 0, 1]
    assert timeline([], SOS, "day", ZONE, 10).days == ()


def test_what_is_open_at_its_beginning_was_there_before() -> None:
    rows = [row(None, 3), row("2021-08-02", 1, 2), row("2021-08-04", 0, 1)]
    assert timeline(rows, ALERTS, "day", ZONE, 10).values == [4, 2, 2]
    # A feature of instants without one has no time.
    assert timeline(rows, SOS, "day", ZONE, 10).values == [1, 0, 0]


def test_an_interval_cuts_what_lasts_at_days_of_the_zone() -> None:
    rows = [row("2021-08-01", 2), row("2021-08-04", 0, 2)]
    query = Query(
        ALERTS.layer, interval=parse_datetime("2021-08-01T17:00:00Z/2021-08-02T16:59:59Z")
    )
    found = timeline(rows, query, "day", ZONE, 10)
    assert (list(found.days), found.values) == ([date(2021, 8, 2)], [2])


def test_more_bins_than_allowed_are_too_long() -> None:
    rows = [row("1970-01-01", 1), row("2021-08-01", 1)]
    with pytest.raises(TooLong) as raised:
        timeline(rows, SOS, "day", ZONE, 4000)
    assert raised.value.bins == 18_841
    assert sum(timeline(rows, SOS, "month", ZONE, 4000).values) == 2


def test_values_are_bound_and_the_zone_with_them() -> None:
    query = Query(SOS.layer, filter=sql("people > {}", bind(3, "int8")))
    text, values = timeline_sql(query, "week", ZONE).render()
    assert "Asia" not in text
    assert set(values) == {"week", "Asia/Ho_Chi_Minh", 3}
