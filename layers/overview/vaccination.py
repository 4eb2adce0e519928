"""Doses given and in stock, and the points where they are given."""

from __future__ import annotations

from layers.figures import ALWAYS, Breakdown, Figure, count, one_of, total
from layers.layer import Text
from layers.vaccination import STATE as POINT_STATE
from layers.vaccination import VACCINATION_POINTS

FIGURES: tuple[Figure, ...] = (
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
)

BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "vaccination_points_by_state",
        VACCINATION_POINTS,
        Text("Điểm tiêm theo trạng thái", "Vaccination points by state"),
        "state",
        POINT_STATE.values,
        ALWAYS,
    ),
)
