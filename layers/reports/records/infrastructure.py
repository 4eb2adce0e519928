"""Network assets and their outages: weekly by the telecom operators."""

from __future__ import annotations

from datetime import timedelta

from layers.infrastructure import KIND
from layers.layer import Text
from layers.reports.parts import BY_NAME, DISTRICT, DISTRICTS, count, here, of_kind, told
from layers.reports.record import Entries, Gap, Report, ReportTable
from layers.themes import INFRASTRUCTURE

_LASTED = (
    "extract(epoch FROM least(coalesce(o.ended_at, now()), :until)"
    " - greatest(o.began_at, :since)) / 3600"
)
_OUTAGES = (
    "private.network_outage AS o ON o.asset_id = a.id AND o.began_at < :until"
    " AND coalesce(o.ended_at, now()) >= :since"
)
_FIELDS = (
    count("assets", "Thiết bị", "Assets"),
    count("up", "Đang hoạt động", "Up"),
    count("down", "Mất kết nối", "Down"),
    count("outages", "Lần mất kết nối trong kỳ", "Outages"),
    of_kind("number", "hours", "Tổng số giờ mất", "Hours lost"),
)
_COUNTS = f"""
  count(DISTINCT a.id) AS assets, count(DISTINCT a.id) FILTER (WHERE a.state = 'up') AS up,
  count(DISTINCT a.id) FILTER (WHERE a.state = 'down') AS down, count(o.id) AS outages,
  coalesce(sum({_LASTED}) FILTER (WHERE o.id IS NOT NULL), 0) AS hours
"""

BY_OPERATOR = ReportTable(
    "operators",
    Text("Theo doanh nghiệp và loại thiết bị", "By operator and kind"),
    (
        told("operator", "Doanh nghiệp", "Operator"),
        told("kind", "Loại thiết bị", "Kind", KIND),
        *_FIELDS,
    ),
    f"""
    SELECT a.operator, a.kind, {_COUNTS}
    FROM layer.network_assets AS a LEFT JOIN {_OUTAGES}
    WHERE {here("a")} GROUP BY a.operator, a.kind ORDER BY a.operator, a.kind
    """,
)
BY_DISTRICT = ReportTable(
    "districts",
    Text("Theo huyện, thành phố", "By district"),
    (DISTRICT, *_FIELDS),
    f"""
    SELECT d.name AS district, {_COUNTS}
    FROM {DISTRICTS} AS d LEFT JOIN layer.network_assets AS a ON a.district_code = d.code
    LEFT JOIN {_OUTAGES}
    GROUP BY d.code, d.name ORDER BY {BY_NAME}
    """,
)
UNHEARD = Gap(
    Text("Thiết bị chưa rõ trạng thái", "An asset of unknown state"),
    f"""
    SELECT a.district_code, a.code || ' ' || a.name AS place, h.at AS since
    FROM layer.network_assets AS a LEFT JOIN private.network_heartbeat AS h ON h.asset_id = a.id
    WHERE a.state = 'unknown' AND {here("a")} ORDER BY a.district_code, a.code
    """,
)
LONG = Gap(
    Text("Mất kết nối quá 24 giờ", "Down for more than 24 hours"),
    f"""
    SELECT a.district_code, a.code || ' ' || a.name AS place, o.began_at AS since
    FROM private.network_outage AS o JOIN layer.network_assets AS a ON a.id = o.asset_id
    WHERE o.ended_at IS NULL AND o.began_at < least(:until, now()) - interval '24 hours'
      AND {here("a")} ORDER BY o.began_at
    """,
)
REPORTED = Entries(
    Text("Báo mất kết nối", "Outages reported"),
    f"""
    SELECT a.district_code, o.actor, count(*) AS entries, min(o.began_at) AS first_at,
      max(o.began_at) AS last_at, count(*) FILTER (WHERE o.began_at > :due) AS late
    FROM private.network_outage AS o JOIN layer.network_assets AS a ON a.id = o.asset_id
    WHERE o.found_by <> 'silence' AND o.began_at >= :since AND o.began_at < :until AND {here("a")}
    GROUP BY a.district_code, o.actor
    """,
)

REPORTS: tuple[Report, ...] = (
    Report(
        id="network",
        theme=INFRASTRUCTURE,
        title=Text("Hạ tầng mạng", "Network infrastructure"),
        sender="telecom",
        readers=("it",),
        every="week",
        due=timedelta(hours=8),
        tables=(BY_OPERATOR, BY_DISTRICT),
        sources=("network_assets",),
        entries=(REPORTED,),
        gaps=(UNHEARD, LONG),
    ),
)
