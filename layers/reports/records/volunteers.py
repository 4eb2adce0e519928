"""Volunteers and their tasks: weekly by the youth union."""

from __future__ import annotations

from datetime import timedelta

from layers.layer import Text
from layers.reports.parts import BY_NAME, DISTRICT, DISTRICTS, count, here
from layers.reports.record import Gap, Report, ReportTable
from layers.themes import RESCUE

BY_DISTRICT = ReportTable(
    "districts",
    Text("Tình nguyện viên theo huyện, thành phố", "Volunteers by district"),
    (
        DISTRICT,
        count("registered", "Đăng ký mới", "Registered"),
        count("volunteers", "Tình nguyện viên", "Volunteers"),
        count("verified", "Đã xác minh", "Verified"),
        count("tasks", "Nhiệm vụ trong kỳ", "Tasks"),
        count("wanted", "Số người cần", "Wanted"),
    ),
    f"""
    SELECT d.name AS district, v.registered, v.volunteers, v.verified, t.tasks, t.wanted
    FROM {DISTRICTS} AS d
    CROSS JOIN LATERAL (SELECT count(*) AS volunteers,
      count(*) FILTER (WHERE made_at >= :since AND made_at < :until) AS registered,
      count(*) FILTER (WHERE state = 'verified') AS verified
      FROM register.volunteers WHERE district_code = d.code) AS v
    CROSS JOIN LATERAL (SELECT count(*) AS tasks, coalesce(sum(wanted), 0) AS wanted
      FROM register.volunteer_tasks WHERE district_code = d.code AND state <> 'cancelled'
        AND starts_at < :until AND ends_at >= :since) AS t
    ORDER BY {BY_NAME}
    """,
)
UNVERIFIED = Gap(
    Text("Xã, phường có người đăng ký chưa xác minh quá 3 ngày", "Not verified for 3 days"),
    f"""
    SELECT v.district_code, coalesce(u.name, '') || ' (' || count(*) || ')' AS place,
      min(v.made_at) AS since
    FROM register.volunteers AS v LEFT JOIN layer.admin_units AS u ON u.code = v.commune_code
    WHERE v.state = 'registered' AND v.made_at < :until - interval '3 days' AND {here("v")}
    GROUP BY v.district_code, u.name ORDER BY v.district_code, u.name
    """,
)

REPORTS: tuple[Report, ...] = (
    Report(
        id="volunteers",
        theme=RESCUE,
        title=Text("Tình nguyện viên", "Volunteers"),
        sender="youth_union",
        every="week",
        due=timedelta(hours=8),
        tables=(BY_DISTRICT,),
        sources=("volunteers", "volunteer_tasks", "volunteer_assignments"),
        gaps=(UNVERIFIED,),
    ),
)
