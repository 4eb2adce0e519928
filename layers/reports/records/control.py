"""Checkpoints and control points: the daily report of the IT department, and the districts' own."""

from __future__ import annotations

from layers.declarations.codes import FLAG_STATE
from layers.layer import Text
from layers.reports.parts import (
    BY_NAME,
    DISTRICT,
    DISTRICTS,
    count,
    here,
    of_kind,
    told,
)
from layers.reports.record import Entries, Gap, Report, ReportTable
from layers.roles import DISTRICT as EACH_DISTRICT
from layers.themes import CONTROL

_HOURS = "h.hour >= :since AND h.hour < :until"

BY_DISTRICT = ReportTable(
    "districts",
    Text("Lượt ra vào theo huyện, thành phố", "Check-ins by district"),
    (
        DISTRICT,
        count("points", "Điểm đang hoạt động", "Open points"),
        count("used", "Điểm có quét mã", "Points with scans"),
        count("n_in", "Lượt vào", "In"),
        count("n_out", "Lượt ra", "Out"),
        count("declared", "Lượt đã khai báo y tế", "With a declaration"),
        of_kind("percent", "share", "Tỷ lệ đã khai báo", "Share declared"),
    ),
    f"""
    SELECT d.name AS district, count(s.site) FILTER (WHERE s.is_open) AS points,
      count(s.site) FILTER (WHERE n.total > 0) AS used, coalesce(sum(n.n_in), 0) AS n_in,
      coalesce(sum(n.n_out), 0) AS n_out, coalesce(sum(n.declared), 0) AS declared,
      100.0 * sum(n.declared) / nullif(sum(n.total), 0) AS share
    FROM {DISTRICTS} AS d
    LEFT JOIN private.check_in_site AS s ON s.district_code = d.code
    LEFT JOIN (SELECT h.site, sum(h.n_in) AS n_in, sum(h.n_out) AS n_out,
        sum(h.declared) AS declared, sum(h.n_in + h.n_out) AS total
      FROM private.check_in_hours AS h WHERE {_HOURS} GROUP BY h.site) AS n USING (site)
    GROUP BY d.code, d.name ORDER BY {BY_NAME}
    """,
)
CHECKPOINTS = ReportTable(
    "checkpoints",
    Text("Các chốt kiểm soát", "Checkpoints"),
    (
        told("name", "Chốt", "Checkpoint"),
        DISTRICT,
        count("n_in", "Lượt vào", "In"),
        count("n_out", "Lượt ra", "Out"),
        of_kind("percent", "share", "Tỷ lệ đã khai báo", "Share declared"),
        count("officers", "Cán bộ trực", "Officers on duty"),
    ),
    f"""
    SELECT c.name, d.name AS district, coalesce(n.n_in, 0) AS n_in,
      coalesce(n.n_out, 0) AS n_out, 100.0 * n.declared / nullif(n.n_in + n.n_out, 0) AS share,
      c.officers
    FROM layer.checkpoints AS c JOIN {DISTRICTS} AS d ON d.code = c.district_code
    LEFT JOIN (SELECT h.site, sum(h.n_in) AS n_in, sum(h.n_out) AS n_out,
        sum(h.declared) AS declared
      FROM private.check_in_hours AS h WHERE {_HOURS} GROUP BY h.site) AS n ON n.site = c.id * 2
    WHERE c.state <> 'closed' ORDER BY {BY_NAME}, dieuhanh.fold(c.name)
    """,
)
SILENT = Gap(
    Text("Điểm kiểm soát không có lượt quét", "A point without a scan"),
    f"""
    SELECT s.district_code, s.short || ' ' || s.name AS place,
      (SELECT max(h.hour) FROM private.check_in_hours AS h
       WHERE h.site = s.site AND h.hour < :since) AS since
    FROM private.check_in_site AS s
    WHERE s.is_open AND {here("s")} AND NOT EXISTS (SELECT FROM private.check_in_hours AS h
      WHERE h.site = s.site AND {_HOURS} AND h.n_in + h.n_out > 0)
    ORDER BY s.district_code, s.short
    """,
)
SCANS = Entries(
    Text("Quét mã tại chốt", "Scans at checkpoints"),
    f"""
    SELECT s.district_code, a.login AS actor, sum(c.entries) AS entries,
      min(c.first_at) AS first_at, max(c.last_at) AS last_at, sum(c.late) AS late
    FROM (SELECT account_id, site, count(*) AS entries, min(recorded_at) AS first_at,
        max(recorded_at) AS last_at, count(*) FILTER (WHERE recorded_at > :due) AS late
      FROM private.check_in WHERE at >= :since AND at < :until AND account_id IS NOT NULL
      GROUP BY account_id, site) AS c
    JOIN private.account AS a ON a.id = c.account_id
    JOIN private.check_in_site AS s USING (site) WHERE {here("s")}
    GROUP BY s.district_code, a.login
    """,
)

DECLARED = ReportTable(
    "declarations",
    Text("Tờ khai y tế theo huyện, thành phố", "Health declarations by district"),
    (
        DISTRICT,
        count("declarations", "Tờ khai", "Declarations"),
        count("with_symptoms", "Có triệu chứng", "With symptoms"),
        count("contacts", "Có tiếp xúc ca bệnh", "In contact with a case"),
        count("flagged", "Có cảnh báo", "Flagged"),
        count("communes", "Xã, phường có khai", "Communes that declared"),
    ),
    f"""
    SELECT d.name AS district, coalesce(sum(n.declarations), 0) AS declarations,
      coalesce(sum(n.with_symptoms), 0) AS with_symptoms, coalesce(sum(n.contacts), 0) AS contacts,
      coalesce(sum(n.flagged), 0) AS flagged, count(DISTINCT n.commune_code) AS communes
    FROM {DISTRICTS} AS d
    LEFT JOIN layer.admin_units AS c ON c.parent_code = d.code AND c.level = 'commune'
    LEFT JOIN private.declaration_day AS n ON n.commune_code = c.code
      AND n.day BETWEEN :first AND :last
    GROUP BY d.code, d.name ORDER BY {BY_NAME}
    """,
)
FLAGS = ReportTable(
    "flags",
    Text("Xử lý cảnh báo y tế", "What became of flags"),
    (
        DISTRICT,
        count("raised", "Mới trong kỳ", "Raised"),
        count("closed", "Đã đóng trong kỳ", "Closed"),
        count("open", FLAG_STATE.codes[0].title.vi, FLAG_STATE.codes[0].title.en),
        count("seen", FLAG_STATE.codes[1].title.vi, FLAG_STATE.codes[1].title.en),
        of_kind("number", "hours", "Giờ xử lý trung vị", "Median hours to close"),
    ),
    f"""
    SELECT d.name AS district,
      count(*) FILTER (WHERE f.raised_at >= :since AND f.raised_at < :until) AS raised,
      count(*) FILTER (WHERE f.closed_at >= :since AND f.closed_at < :until) AS closed,
      count(*) FILTER (WHERE f.state = 'open') AS open,
      count(*) FILTER (WHERE f.state = 'seen') AS seen,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM f.closed_at - f.raised_at)
        / 3600) FILTER (WHERE f.closed_at >= :since AND f.closed_at < :until) AS hours
    FROM {DISTRICTS} AS d LEFT JOIN private.flag AS f ON f.district_code = d.code
    GROUP BY d.code, d.name ORDER BY {BY_NAME}
    """,
)
UNDECLARED = Gap(
    Text("Xã, phường không có tờ khai", "A commune without a declaration"),
    f"""
    SELECT d.code AS district_code, c.name AS place,
      (SELECT max(n.day) FROM private.declaration_day AS n
       WHERE n.commune_code = c.code AND n.day < :first)::timestamp AT TIME ZONE :zone AS since
    FROM layer.admin_units AS c JOIN {DISTRICTS} AS d ON d.code = c.parent_code
    WHERE c.level = 'commune' AND NOT EXISTS (SELECT FROM private.declaration_day AS n
      WHERE n.commune_code = c.code AND n.day BETWEEN :first AND :last)
    ORDER BY {BY_NAME}, dieuhanh.fold(c.name)
    """,
)
UNSEEN = Gap(
    Text("Cảnh báo chưa ai xem quá 24 giờ", "A flag that nobody has seen for 24 hours"),
    f"""
    SELECT f.district_code, 'Số ' || f.id || ', ' || coalesce(u.name, f.commune_code) AS place,
      f.last_at AS since
    FROM private.flag AS f LEFT JOIN layer.admin_units AS u ON u.code = f.commune_code
    WHERE f.state = 'open' AND f.last_at < :until - interval '24 hours' AND {here("f")}
    ORDER BY f.district_code, f.last_at
    """,
)
DECLARING = Entries(
    Text("Khai hộ người dân", "Declarations for people"),
    f"""
    SELECT t.district_code, a.login AS actor, count(*) AS entries, min(t.received_at) AS first_at,
      max(t.received_at) AS last_at, count(*) FILTER (WHERE t.received_at > :due) AS late
    FROM private.declaration AS t JOIN private.account AS a ON a.id = t.account_id
    WHERE t.made_at >= :since AND t.made_at < :until AND {here("t")}
    GROUP BY t.district_code, a.login
    """,
)
CLOSING = Entries(
    Text("Đóng cảnh báo", "Flags closed"),
    f"""
    SELECT f.district_code, f.closed_by AS actor, count(*) AS entries,
      min(f.closed_at) AS first_at, max(f.closed_at) AS last_at,
      count(*) FILTER (WHERE f.closed_at > :due) AS late
    FROM private.flag AS f
    WHERE f.closed_at >= :since AND f.closed_at < :until AND {here("f")}
    GROUP BY f.district_code, f.closed_by
    """,
)

REPORTS: tuple[Report, ...] = (
    Report(
        id="control_points",
        theme=CONTROL,
        title=Text("Kiểm soát ra vào", "Check-ins at control points"),
        sender="it",
        tables=(BY_DISTRICT, CHECKPOINTS),
        sources=("checkpoints", "control_points"),
        entries=(SCANS,),
        gaps=(SILENT,),
    ),
    Report(
        id="declarations",
        theme=CONTROL,
        title=Text("Khai báo y tế và cảnh báo", "Health declarations and flags"),
        sender=EACH_DISTRICT,
        readers=("health",),
        tables=(DECLARED, FLAGS),
        entries=(DECLARING, CLOSING),
        gaps=(UNDECLARED, UNSEEN),
    ),
)
