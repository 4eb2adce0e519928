"""The figures, breakdowns and daily series of the dashboard; a theme adds its own here."""

from __future__ import annotations

from datetime import timedelta

from layers.control import CHECKPOINTS, CONTROL_POINTS
from layers.documents.directives import DIRECTIVES
from layers.figures import (
    ALWAYS,
    Breakdown,
    Figure,
    Moment,
    Series,
    between,
    count,
    median_minutes,
    one_of,
    other_than,
    percentage,
    total,
)
from layers.health import MEDICAL_FACILITIES
from layers.infrastructure import NETWORK_ASSETS
from layers.layer import Text
from layers.quarantine import HOTELS, QUARANTINE_SITES
from layers.rescue.requests import PRIORITY, SOS_REQUESTS
from layers.vaccination import STATE as POINT_STATE
from layers.vaccination import VACCINATION_POINTS
from spatial.sql import Sql, bind, literal, raw, sql

OPEN_STATES = ("new", "verified", "assigned", "en_route", "on_site")
"""The states of a request for help in which someone still waits."""
OPEN = one_of("state", OPEN_STATES)
IN_USE = other_than("state", "closed")

SAME_TIME = Text("so với cùng giờ hôm qua", "against yesterday at the same time")
DAY_BEFORE = Text("so với 24 giờ trước đó", "against the 24 hours before")
END_OF_YESTERDAY = Text("so với cuối ngày hôm qua", "against the end of yesterday")
WEEK_BEFORE = Text("so với 7 ngày trước đó", "against the 7 days before")
_DAY, _WEEK = 24, 7 * 24


def _help(what: str) -> Sql:
    """A number of what no layer has: it stands beside those of a layer of its theme."""
    return raw(f"(SELECT dieuhanh.help_figure({literal(what)}))")


def _passes(now: Moment) -> Sql:
    """In and out at all of a layer's points today."""
    return sql("{} + {}", total("in_today", ALWAYS), total("out_today", ALWAYS))


def _declarations(now: Moment) -> Sql:
    """Declarations of the last seven days, but for districts with few of them."""
    return sql(
        "(SELECT sum((one ->> 'declarations')::bigint)"
        " FROM jsonb_array_elements(dieuhanh.declaration_counts({})) AS one)",
        bind(now.zone.key, "text"),
    )


def _in_force(now: Moment) -> Sql:
    """Of public directives alone: everybody is told the same number."""
    at = now.ago(0)
    return sql(
        "audience = 'public' AND valid_from <= {} AND (ends_at IS NULL OR ends_at > {})", at, at
    )


FIGURES: tuple[Figure, ...] = (
    Figure(
        "sos_opened_today",
        SOS_REQUESTS,
        Text("SOS mới hôm nay", "SOS requests today"),
        ("reported_at",),
        lambda now: count(between("reported_at", now.midnight())),
        "{request}",
        before=lambda now: count(between("reported_at", now.midnight(1), now.ago(_DAY))),
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
        before=lambda now: count(between("resolved_at", now.midnight(1), now.ago(_DAY))),
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
            "reported_at", "resolved_at", between("resolved_at", now.ago(_DAY))
        ),
        "min",
        before=lambda now: median_minutes(
            "reported_at", "resolved_at", between("resolved_at", now.ago(2 * _DAY), now.ago(_DAY))
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
            "reported_at", "resolved_at", between("resolved_at", now.ago(_WEEK))
        ),
        "min",
        before=lambda now: median_minutes(
            "reported_at",
            "resolved_at",
            between("resolved_at", now.ago(2 * _WEEK), now.ago(_WEEK)),
        ),
        compared=WEEK_BEFORE,
        better="less",
    ),
    Figure(
        "checkpoint_passes_today",
        CHECKPOINTS,
        Text("Lượt vào, ra qua chốt hôm nay", "In and out at checkpoints today"),
        ("in_today", "out_today"),
        _passes,
        "{pass}",
        mapped=True,
    ),
    Figure(
        "control_point_passes_today",
        CONTROL_POINTS,
        Text("Lượt vào, ra ở điểm kiểm soát hôm nay", "In and out at control points today"),
        ("in_today", "out_today"),
        _passes,
        "{pass}",
        mapped=True,
    ),
    Figure(
        "control_points_unused_today",
        CONTROL_POINTS,
        Text("Điểm hôm nay chưa có lượt quét", "Control points without a scan today"),
        ("state", "in_today", "out_today"),
        lambda now: count(raw("state = 'registered' AND in_today = 0 AND out_today = 0")),
        "{point}",
        better="less",
    ),
    Figure(
        "declarations_week",
        CHECKPOINTS,
        Text("Tờ khai y tế trong 7 ngày", "Health declarations in 7 days"),
        ("state",),
        _declarations,
        "{declaration}",
    ),
    Figure(
        "quarantine_occupied",
        QUARANTINE_SITES,
        Text("Đang cách ly tập trung", "In quarantine sites"),
        ("state", "occupied"),
        lambda _: total("occupied", IN_USE),
        "{person}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        persons=True,
        mapped=True,
        whole="quarantine_capacity",
    ),
    Figure(
        "quarantine_capacity",
        QUARANTINE_SITES,
        Text("Sức chứa khu cách ly", "Capacity of quarantine sites"),
        ("state", "capacity"),
        lambda _: total("capacity", IN_USE),
        "{person}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        mapped=True,
    ),
    Figure(
        "quarantine_occupancy",
        QUARANTINE_SITES,
        Text("Tỷ lệ lấp đầy khu cách ly", "Occupancy of quarantine sites"),
        ("state", "occupied", "capacity"),
        lambda _: percentage("occupied", "capacity", IN_USE),
        "%",
        compared=END_OF_YESTERDAY,
        recalled=True,
    ),
    Figure(
        "hotel_rooms_occupied",
        HOTELS,
        Text("Phòng khách sạn đang dùng", "Hotel rooms occupied"),
        ("state", "occupied"),
        lambda _: total("occupied", IN_USE),
        "{room}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        mapped=True,
        whole="hotel_rooms",
    ),
    Figure(
        "hotel_rooms",
        HOTELS,
        Text("Phòng khách sạn", "Hotel rooms"),
        ("state", "rooms"),
        lambda _: total("rooms", IN_USE),
        "{room}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        mapped=True,
    ),
    Figure(
        "hotel_rooms_quarantine",
        HOTELS,
        Text("Phòng dành cho cách ly", "Rooms for quarantine"),
        ("state", "rooms_quarantine"),
        lambda _: total("rooms_quarantine", IN_USE),
        "{room}",
        compared=END_OF_YESTERDAY,
        recalled=True,
    ),
    Figure(
        "doses_today",
        VACCINATION_POINTS,
        Text("Mũi tiêm hôm nay", "Doses today"),
        ("doses_today",),
        lambda _: total("doses_today", ALWAYS),
        "{dose}",
        mapped=True,
    ),
    Figure(
        "doses_given",
        VACCINATION_POINTS,
        Text("Tổng số mũi đã tiêm", "Doses given in all"),
        ("doses_given",),
        lambda _: total("doses_given", ALWAYS),
        "{dose}",
        mapped=True,
    ),
    Figure(
        "doses_in_stock",
        VACCINATION_POINTS,
        Text("Vắc-xin còn", "Doses in stock"),
        ("stock_doses",),
        lambda _: total("stock_doses", ALWAYS),
        "{dose}",
        mapped=True,
    ),
    Figure(
        "vaccination_points_open",
        VACCINATION_POINTS,
        Text("Điểm đang tiêm", "Vaccination points open"),
        ("state",),
        lambda _: count(one_of("state", ("open",))),
        "{point}",
    ),
    Figure(
        "hospital_beds_free",
        MEDICAL_FACILITIES,
        Text("Giường bệnh trống", "Hospital beds free"),
        ("state", "beds_free"),
        lambda _: total("beds_free", IN_USE),
        "{bed}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        better="more",
        mapped=True,
    ),
    Figure(
        "icu_beds_free",
        MEDICAL_FACILITIES,
        Text("Giường hồi sức trống", "Intensive care beds free"),
        ("state", "icu_free"),
        lambda _: total("icu_free", IN_USE),
        "{bed}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        better="more",
        mapped=True,
    ),
    Figure(
        "consultations_waiting",
        MEDICAL_FACILITIES,
        Text("Người chờ bác sĩ gọi lại", "People waiting for a doctor's call"),
        ("state",),
        lambda _: _help("waiting"),
        "{person}",
        persons=True,
    ),
    Figure(
        "consultation_minutes",
        MEDICAL_FACILITIES,
        Text("Trung vị đến khi bác sĩ gọi, 24 giờ", "Median to a doctor's call, 24 hours"),
        ("state",),
        lambda _: _help("minutes"),
        "min",
    ),
    Figure(
        "volunteers",
        SOS_REQUESTS,
        Text("Tình nguyện viên sẵn sàng", "Volunteers"),
        ("state",),
        lambda _: _help("volunteers"),
        "{person}",
        persons=True,
    ),
    Figure(
        "directives_in_force",
        DIRECTIVES,
        Text("Văn bản đang có hiệu lực", "Directives in force"),
        ("valid_from", "ends_at"),
        lambda now: count(_in_force(now)),
        "{document}",
    ),
    Figure(
        "directives_week",
        DIRECTIVES,
        Text("Văn bản ban hành trong 7 ngày", "Directives issued in 7 days"),
        ("issued_on",),
        lambda now: count(
            sql(
                "audience = 'public' AND issued_on > {}",
                bind(now.day - timedelta(days=7), "date"),
            )
        ),
        "{document}",
    ),
    Figure(
        "network_down",
        NETWORK_ASSETS,
        Text("Thiết bị mạng mất kết nối", "Network assets down"),
        ("state",),
        lambda _: count(one_of("state", ("down",))),
        "{device}",
        better="less",
        mapped=True,
    ),
    Figure(
        "network_silent",
        NETWORK_ASSETS,
        Text("Thiết bị mạng chưa rõ trạng thái", "Network assets not heard of"),
        ("state",),
        lambda _: count(one_of("state", ("unknown",))),
        "{device}",
        better="less",
        mapped=True,
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
    Breakdown(
        "vaccination_points_by_state",
        VACCINATION_POINTS,
        Text("Điểm tiêm theo trạng thái", "Vaccination points by state"),
        "state",
        POINT_STATE.values,
        ALWAYS,
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
