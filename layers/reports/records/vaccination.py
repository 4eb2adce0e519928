"""Vaccination: doses, reactions and stock, daily by the health department."""

from __future__ import annotations

from layers.layer import Text
from layers.reports.parts import BY_NAME, DISTRICT, DISTRICTS, count
from layers.reports.record import Gap, Report, ReportTable
from layers.themes import VACCINATION

_GIVEN = "v.given_on BETWEEN :first AND :last AND v.state <> 'void'"

DOSES = ReportTable(
    "doses",
    Text("Mũi tiêm theo huyện, thành phố", "Doses by district"),
    (
        DISTRICT,
        count("doses", "Mũi đã tiêm", "Doses given"),
        count("first", "Mũi 1", "First"),
        count("second", "Mũi 2", "Second"),
        count("more", "Mũi nhắc", "Later ones"),
        count("deferred", "Hoãn, từ chối, chống chỉ định", "Deferred, refused, contraindicated"),
        count("reactions", "Phản ứng sau tiêm", "Reactions"),
        count("severe", "Phản ứng nặng", "Severe reactions"),
        count("stock", "Liều còn tại điểm tiêm", "Doses in stock"),
    ),
    f"""
    SELECT d.name AS district, v.doses, v.first, v.second, v.more, v.deferred, r.reactions,
      r.severe, b.stock
    FROM {DISTRICTS} AS d
    CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE {_GIVEN}) AS doses,
      count(*) FILTER (WHERE {_GIVEN} AND v.number = 1) AS first,
      count(*) FILTER (WHERE {_GIVEN} AND v.number = 2) AS second,
      count(*) FILTER (WHERE {_GIVEN} AND v.number > 2) AS more,
      count(*) FILTER (WHERE v.state IN ('deferred', 'refused', 'contraindicated')
        AND v.made_at >= :since AND v.made_at < :until) AS deferred
      FROM register.vaccinations AS v WHERE v.district_code = d.code) AS v
    CROSS JOIN LATERAL (SELECT count(*) AS reactions,
      count(*) FILTER (WHERE r.severity <> 'mild') AS severe
      FROM register.vaccine_reactions AS r
      WHERE r.district_code = d.code AND r.began_at >= :since AND r.began_at < :until) AS r
    CROSS JOIN LATERAL (SELECT coalesce(sum(b.doses), 0) AS stock
      FROM register.stock_balance AS b
      JOIN layer.vaccination_points AS p ON b.place = 'vaccination_points/' || p.id
      WHERE p.district_code = d.code) AS b
    ORDER BY {BY_NAME}
    """,
)
UNUSED = Gap(
    Text("Buổi tiêm chưa có mũi tiêm nào", "A session without a dose"),
    f"""
    SELECT s.district_code, p.code || ' ' || p.name AS place,
      s.day::timestamp AT TIME ZONE :zone AS since
    FROM register.vaccination_sessions AS s
    JOIN layer.vaccination_points AS p ON s.place = 'vaccination_points/' || p.id
    JOIN {DISTRICTS} AS d ON d.code = s.district_code
    WHERE s.state = 'planned' AND s.day BETWEEN :first AND :last AND NOT EXISTS (
      SELECT FROM register.vaccinations AS v
      WHERE v.place = s.place AND v.given_on = s.day AND v.state <> 'void')
    ORDER BY s.district_code, s.day, p.code
    """,
)

REPORTS: tuple[Report, ...] = (
    Report(
        id="vaccination",
        theme=VACCINATION,
        title=Text("Tiêm chủng", "Vaccination"),
        sender="health",
        tables=(DOSES,),
        sources=("vaccination_points", "vaccinations", "vaccine_reactions", "stock_movements"),
        gaps=(UNUSED,),
    ),
)
