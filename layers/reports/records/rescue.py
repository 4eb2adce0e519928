"""Requests for help, teams and shelters: daily by rescue coordination and the hotline."""

from __future__ import annotations

from layers.layer import Text
from layers.reports.parts import BY_NAME, DISTRICT, DISTRICTS, count, here, of_kind, told
from layers.reports.record import Entries, Gap, Report, ReportTable
from layers.rescue.requests import CATEGORY
from layers.themes import RESCUE

_NEW = "r.reported_at >= :since AND r.reported_at < :until"
_DONE = "r.state = 'resolved' AND r.resolved_at >= :since AND r.resolved_at < :until"
_OPEN = "dieuhanh.sos_open(r.state)"
_COUNTS = f"""
  count(r.id) FILTER (WHERE {_NEW}) AS reported,
  count(r.id) FILTER (WHERE {_NEW} AND r.channel = 'hotline') AS by_hotline,
  count(r.id) FILTER (WHERE {_DONE}) AS resolved,
  count(r.id) FILTER (WHERE {_OPEN}) AS open,
  count(r.id) FILTER (WHERE {_OPEN} AND r.priority = 'critical') AS critical,
  coalesce(sum(r.people) FILTER (WHERE {_OPEN}), 0) AS people,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.resolved_at - r.reported_at)
    / 60) FILTER (WHERE {_DONE}) AS minutes
"""
_FIELDS = (
    count("reported", "Mới tiếp nhận", "Reported"),
    count("by_hotline", "Qua tổng đài", "By the hotline"),
    count("resolved", "Đã xong", "Resolved"),
    count("open", "Đang mở", "Open"),
    count("critical", "Nguy cấp đang mở", "Critical, open"),
    count("people", "Người đang chờ", "People waiting"),
    of_kind("number", "minutes", "Phút xử lý trung vị", "Median minutes"),
)

BY_DISTRICT = ReportTable(
    "districts",
    Text("Yêu cầu cứu trợ theo huyện, thành phố", "Requests for help by district"),
    (DISTRICT, *_FIELDS),
    f"""
    SELECT d.name AS district, {_COUNTS}
    FROM {DISTRICTS} AS d LEFT JOIN layer.sos_requests AS r ON r.district_code = d.code
    GROUP BY d.code, d.name ORDER BY {BY_NAME}
    """,
)
BY_CATEGORY = ReportTable(
    "categories",
    Text("Theo loại yêu cầu", "By category"),
    (told("category", "Loại", "Category", CATEGORY), *_FIELDS),
    f"""
    SELECT r.category, {_COUNTS} FROM layer.sos_requests AS r WHERE {here("r")}
    GROUP BY r.category ORDER BY count(*) DESC, r.category
    """,
)
TEAMS = ReportTable(
    "means",
    Text("Lực lượng và điểm sơ tán", "Teams and shelters"),
    (
        DISTRICT,
        count("teams", "Đội cứu hộ", "Teams"),
        count("free", "Sẵn sàng", "Free"),
        count("busy", "Đang làm nhiệm vụ", "On a task"),
        count("shelters", "Điểm sơ tán đang mở", "Shelters open"),
        count("capacity", "Sức chứa", "Capacity"),
        count("occupied", "Người sơ tán", "People there"),
    ),
    f"""
    SELECT d.name AS district, t.teams, t.free, t.busy, s.shelters, s.capacity, s.occupied
    FROM {DISTRICTS} AS d
    CROSS JOIN LATERAL (SELECT count(*) AS teams, count(*) FILTER (WHERE state = 'free') AS free,
      count(*) FILTER (WHERE state = 'busy') AS busy
      FROM layer.rescue_teams WHERE district_code = d.code) AS t
    CROSS JOIN LATERAL (SELECT count(*) AS shelters, coalesce(sum(capacity), 0) AS capacity,
      coalesce(sum(occupied), 0) AS occupied FROM layer.shelters
      WHERE district_code = d.code AND state IN ('open', 'full')) AS s
    ORDER BY {BY_NAME}
    """,
)
UNASSIGNED = Gap(
    Text("Yêu cầu chưa giao đội quá 2 giờ", "A request without a team for 2 hours"),
    f"""
    SELECT r.district_code, r.code AS place, r.reported_at AS since
    FROM layer.sos_requests AS r
    WHERE r.state IN ('new', 'verified') AND {here("r")}
      AND r.reported_at < least(:until, now()) - interval '2 hours'
    ORDER BY r.reported_at, r.code
    """,
)
STEPS = Entries(
    Text("Tiếp nhận, điều phối yêu cầu cứu trợ", "Requests taken and coordinated"),
    f"""
    SELECT r.district_code, t.actor, count(*) AS entries, min(t.at) AS first_at,
      max(t.at) AS last_at, count(*) FILTER (WHERE t.at > :due) AS late
    FROM private.sos_step AS t JOIN layer.sos_requests AS r ON r.id = t.request_id
    JOIN private.account AS a ON a.login = t.actor
    WHERE t.at >= :since AND t.at < :until AND {here("r")}
    GROUP BY r.district_code, t.actor
    """,
)

REPORTS: tuple[Report, ...] = (
    Report(
        id="rescue",
        theme=RESCUE,
        title=Text("Cứu hộ, cứu nạn và Tổng đài", "Rescue and the hotline"),
        sender="rescue_coordination",
        tables=(BY_DISTRICT, BY_CATEGORY, TEAMS),
        sources=("rescue_teams", "shelters", "alerts"),
        entries=(STEPS,),
        gaps=(UNASSIGNED,),
    ),
)
