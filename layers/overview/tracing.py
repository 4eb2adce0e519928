"""Contact tracing in numbers, of no person: requests, contacts, meetings of devices."""

from __future__ import annotations

from typing import Literal

from layers.control import CONTROL_POINTS
from layers.figures import Figure
from layers.layer import Text, Theme
from spatial.sql import literal, raw

THEME = Theme("tracing", Text("Truy vết tiếp xúc", "Contact tracing"))
"""No layer has it: its figures are brought up to date with those of control points."""


def _figure(
    name: str,
    what: str,
    title: Text,
    unit: str,
    *,
    persons: bool = True,
    better: Literal["less", "more"] | None = None,
) -> Figure:
    """A number of `dieuhanh.trace_figure`, which keeps small ones from the public itself.

    Each request is about a person, so that requests are counted as people are.
    """
    value = raw(f"(SELECT dieuhanh.trace_figure({literal(what)}))")
    return Figure(
        name,
        CONTROL_POINTS,
        title,
        ("state",),
        lambda _: value,
        unit,
        persons=persons,
        better=better,
        own_theme=THEME,
    )


FIGURES: tuple[Figure, ...] = (
    _figure(
        "trace_waiting",
        "asked",
        Text("Yêu cầu truy vết chờ duyệt", "Requests for tracing that wait"),
        "{request}",
        better="less",
    ),
    _figure(
        "trace_live",
        "live",
        Text("Yêu cầu đã duyệt, còn hiệu lực", "Requests approved that hold"),
        "{request}",
    ),
    _figure(
        "trace_closed_week",
        "closed_week",
        Text("Yêu cầu đã đóng trong 7 ngày", "Requests closed in 7 days"),
        "{request}",
    ),
    _figure(
        "trace_province_week",
        "province_week",
        Text("Cấp tỉnh đề nghị trong 7 ngày", "Asked by the province in 7 days"),
        "{request}",
    ),
    _figure(
        "trace_district_week",
        "district_week",
        Text("Các huyện đề nghị trong 7 ngày", "Asked by districts in 7 days"),
        "{request}",
    ),
    _figure(
        "trace_minutes_week",
        "minutes",
        Text("Trung vị từ đề nghị đến kết quả, 7 ngày", "Median from request to result, 7 days"),
        "min",
        persons=False,
        better="less",
    ),
    _figure(
        "trace_first_week",
        "first_week",
        Text("F1 tìm thấy trong 7 ngày", "Contacts of first order found in 7 days"),
        "{person}",
    ),
    _figure(
        "trace_second_week",
        "second_week",
        Text("F2 tìm thấy trong 7 ngày", "Contacts of second order found in 7 days"),
        "{person}",
    ),
    _figure(
        "trace_to_call",
        "to_call",
        Text("Người tiếp xúc cần gọi", "Contacts to call"),
        "{person}",
        better="less",
    ),
    _figure(
        "trace_devices_week",
        "devices_week",
        Text("Tiếp xúc giữa các thiết bị trong 7 ngày", "Meetings of devices in 7 days"),
        "{meeting}",
    ),
)
