"""Who passed checkpoints and control points, and who declared their health."""

from __future__ import annotations

from layers.control import CHECKPOINTS, CONTROL_POINTS
from layers.figures import ALWAYS, Figure, Moment, count, total
from layers.layer import Text
from spatial.sql import Sql, bind, raw, sql


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


FIGURES: tuple[Figure, ...] = (
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
)
