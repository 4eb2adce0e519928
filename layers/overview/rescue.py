"""Requests for help: how many there are, who waits, how long it takes."""

from __future__ import annotations

from layers.figures import Breakdown, Figure, Series, between, count, median_minutes, one_of, total
from layers.layer import Text
from layers.overview.parts import DAY, DAY_BEFORE, SAME_TIME, WEEK, WEEK_BEFORE
from layers.rescue.requests import PRIORITY, SOS_REQUESTS

OPEN_STATES = ("new", "verified", "assigned", "en_route", "on_site")
"""The states of a request for help in which someone still waits."""
OPEN = one_of("state", OPEN_STATES)

FIGURES: tuple[Figure, ...] = (
    Figure(
        "sos_opened_today",
        SOS_REQUESTS,
        Text("SOS mới hôm nay", "SOS requests today"),
        ("reported_at",),
        lambda now: count(between("reported_at", now.midnight())),
        "{request}",
        before=lambda now: count(between("reported_at", now.midnight(1), now.ago(DAY))),
        compared=SAME_TIME,
        better="less",
        mapped=True,
    ),
    Figure(
        "sos_resolved_today",
        SOS_REQUESTS,
        Text("SOS đã xong hôm nay", "SOS resolved today"),
        ("resolved_at",),
        lambda now: count(between("resolved_at", now.midnight())),
        "{request}",
        before=lambda now: count(between("resolved_at", now.midnight(1), now.ago(DAY))),
        compared=SAME_TIME,
        better="more",
        mapped=True,
    ),
    Figure(
        "sos_open",
        SOS_REQUESTS,
        Text("SOS đang mở", "SOS open now"),
        ("state",),
        lambda _: count(OPEN),
        "{request}",
        better="less",
        mapped=True,
    ),
    Figure(
        "people_waiting",
        SOS_REQUESTS,
        Text("Người đang chờ cứu trợ", "People in open requests"),
        ("state", "people"),
        lambda _: total("people", OPEN),
        "{person}",
        better="less",
        persons=True,
        mapped=True,
    ),
    Figure(
        "injured_waiting",
        SOS_REQUESTS,
        Text("Người bị thương đang chờ", "Injured in open requests"),
        ("state", "injured"),
        lambda _: total("injured", OPEN),
        "{person}",
        better="less",
        persons=True,
    ),
    Figure(
        "rescue_minutes_day",
        SOS_REQUESTS,
        Text("Thời gian cứu trợ trung vị, 24 giờ", "Median time to rescue, 24 hours"),
        ("reported_at", "resolved_at"),
        lambda now: median_minutes(
            "reported_at", "resolved_at", between("resolved_at", now.ago(DAY))
        ),
        "min",
        before=lambda now: median_minutes(
            "reported_at", "resolved_at", between("resolved_at", now.ago(2 * DAY), now.ago(DAY))
        ),
        compared=DAY_BEFORE,
        better="less",
    ),
    Figure(
        "rescue_minutes_week",
        SOS_REQUESTS,
        Text("Thời gian cứu trợ trung vị, 7 ngày", "Median time to rescue, 7 days"),
        ("reported_at", "resolved_at"),
        lambda now: median_minutes(
            "reported_at", "resolved_at", between("resolved_at", now.ago(WEEK))
        ),
        "min",
        before=lambda now: median_minutes(
            "reported_at",
            "resolved_at",
            between("resolved_at", now.ago(2 * WEEK), now.ago(WEEK)),
        ),
        compared=WEEK_BEFORE,
        better="less",
    ),
)

BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "sos_open_by_priority",
        SOS_REQUESTS,
        Text("SOS đang mở theo mức ưu tiên", "Open SOS by priority"),
        "priority",
        PRIORITY.values,
        OPEN,
    ),
    Breakdown(
        "sos_open_by_state",
        SOS_REQUESTS,
        Text("SOS đang mở theo trạng thái", "Open SOS by state"),
        "state",
        OPEN_STATES,
        OPEN,
    ),
)

SERIES: tuple[Series, ...] = (
    Series(
        "sos_opened",
        SOS_REQUESTS,
        Text("SOS mới mỗi ngày", "New SOS requests a day"),
        "reported_at",
    ),
    Series(
        "sos_resolved",
        SOS_REQUESTS,
        Text("SOS đã xong mỗi ngày", "SOS resolved a day"),
        "resolved_at",
    ),
)
