"""The epidemic: zones in force and tests in quarantine, daily by the health department."""

from __future__ import annotations

from layers.epidemic import LEVEL, STATE
from layers.layer import Text
from layers.reports.parts import (
    BY_NAME,
    DISTRICT,
    DISTRICTS,
    count,
    here,
    of_kind,
    told,
    unit_name,
)
from layers.reports.record import Gap, Report, ReportTable
from layers.roles import DISTRICT as EACH_DISTRICT
from layers.themes import EPIDEMIC

ZONES = ReportTable(
    "zones",
    Text("Vùng dịch có hiệu lực trong kỳ", "Outbreak zones in force"),
    (
        told("name", "Vùng", "Zone"),
        DISTRICT,
        told("level", "Mức nguy cơ", "Level of risk", LEVEL),
        told("state", "Trạng thái", "State", STATE),
        told("decision", "Quyết định", "Decision"),
        count("communes", "Số xã, phường", "Communes"),
        of_kind("instant", "valid_from", "Từ", "From"),
        of_kind("instant", "valid_until", "Đến", "Until"),
    ),
    f"""
    SELECT z.name, {unit_name("z")} AS district, z.level, z.state, z.decision_number AS decision,
      coalesce(cardinality(string_to_array(nullif(z.commune_codes, ''), ',')), 0) AS communes,
      z.valid_from, z.valid_until
    FROM layer.outbreak_zones AS z
    WHERE z.valid_from < :until AND (z.valid_until IS NULL OR z.valid_until >= :since)
      AND {here("z")}
    ORDER BY array_position('{{{",".join(LEVEL.values)}}}'::text[], z.level), z.valid_from, z.id
    """,
)
TESTS = ReportTable(
    "tests",
    Text("Xét nghiệm người cách ly", "Tests in quarantine"),
    (
        DISTRICT,
        count("due", "Phải lấy trong kỳ", "Due"),
        count("taken", "Đã lấy", "Taken"),
        count("negative", "Âm tính", "Negative"),
        count("positive", "Dương tính", "Positive"),
        count("waiting", "Chưa có kết quả", "Without a result"),
        of_kind("percent", "share", "Tỷ lệ dương tính", "Positive share"),
    ),
    f"""
    SELECT d.name AS district,
      count(*) FILTER (WHERE q.due_on BETWEEN :first AND :last AND NOT q.void) AS due,
      count(*) FILTER (WHERE q.in_period) AS taken,
      count(*) FILTER (WHERE q.in_period AND q.result = 'negative') AS negative,
      count(*) FILTER (WHERE q.in_period AND q.result = 'positive') AS positive,
      count(*) FILTER (WHERE q.in_period AND coalesce(q.result, 'inconclusive') = 'inconclusive')
        AS waiting,
      100.0 * count(*) FILTER (WHERE q.in_period AND q.result = 'positive')
        / nullif(count(*) FILTER (WHERE q.in_period AND q.result IN ('negative', 'positive')), 0)
        AS share
    FROM {DISTRICTS} AS d
    LEFT JOIN (SELECT *, coalesce(taken_at >= :since AND taken_at < :until, false) AS in_period
      FROM register.quarantine_tests) AS q ON q.district_code = d.code
    GROUP BY d.code, d.name ORDER BY {BY_NAME}
    """,
)
RUN_OUT = Gap(
    Text("Vùng dịch đã hết hạn, chưa dỡ bỏ hay gia hạn", "A zone that ended and was not lifted"),
    f"""
    SELECT z.district_code, z.name AS place, z.valid_until AS since
    FROM layer.outbreak_zones AS z
    WHERE z.state = 'in_force' AND z.valid_until < least(:until, now()) AND {here("z")}
    ORDER BY z.valid_until
    """,
)
NO_RESULT = Gap(
    Text("Mẫu quá hai ngày chưa có kết quả", "Samples without a result for two days"),
    f"""
    SELECT q.district_code, coalesce(d.name, '') || ' (' || count(*) || ')' AS place,
      min(q.taken_at) AS since
    FROM register.quarantine_tests AS q JOIN {DISTRICTS} AS d ON d.code = q.district_code
    WHERE q.result IS NULL AND q.taken_at < :until - interval '2 days'
    GROUP BY q.district_code, d.name ORDER BY q.district_code
    """,
)

CASES = ReportTable(
    "cases",
    Text("Ca mắc theo huyện, thành phố", "Cases by district"),
    (
        DISTRICT,
        count("community", "Ca cộng đồng", "In the community"),
        count("isolated", "Ca đã cách ly", "Isolated"),
        count("deaths", "Tử vong", "Deaths"),
        count("communes", "Xã, phường đã báo cáo", "Communes that reported"),
    ),
    f"""
    SELECT d.name AS district, coalesce(sum(r.community), 0) AS community,
      coalesce(sum(r.isolated), 0) AS isolated, coalesce(sum(r.deaths), 0) AS deaths,
      count(DISTINCT r.place) AS communes
    FROM {DISTRICTS} AS d LEFT JOIN register.case_reports AS r
      ON r.district_code = d.code AND r.day BETWEEN :first AND :last
    GROUP BY d.code, d.name ORDER BY {BY_NAME}
    """,
)
SAMPLES = ReportTable(
    "samples",
    Text("Mẫu xét nghiệm theo huyện, thành phố", "Samples by district"),
    (
        DISTRICT,
        count("taken", "Mẫu đã lấy", "Samples taken"),
        count("pcr", "Trong đó PCR", "Of these PCR"),
        count("negative", "Âm tính", "Negative"),
        count("positive", "Dương tính", "Positive"),
        count("waiting", "Chưa có kết quả", "Without a result"),
    ),
    f"""
    SELECT d.name AS district, count(s.id) AS taken,
      count(*) FILTER (WHERE s.method = 'pcr') AS pcr,
      count(*) FILTER (WHERE s.result = 'negative') AS negative,
      count(*) FILTER (WHERE s.result = 'positive') AS positive,
      count(s.id) FILTER (WHERE s.result IS NULL) AS waiting
    FROM {DISTRICTS} AS d LEFT JOIN register.samples AS s
      ON s.district_code = d.code AND s.taken_at >= :since AND s.taken_at < :until
    GROUP BY d.code, d.name ORDER BY {BY_NAME}
    """,
)
UNREPORTED = Gap(
    Text("Xã, phường chưa báo cáo ca mắc", "A commune without a report of cases"),
    f"""
    SELECT d.code AS district_code, c.name AS place,
      (SELECT max(r.day) FROM register.case_reports AS r
       WHERE r.place = 'admin_units/' || c.code AND r.day < :first)::timestamp
        AT TIME ZONE :zone AS since
    FROM layer.admin_units AS c JOIN {DISTRICTS} AS d ON d.code = c.parent_code
    WHERE c.level = 'commune' AND NOT EXISTS (SELECT FROM register.case_reports AS r
      WHERE r.place = 'admin_units/' || c.code AND r.day BETWEEN :first AND :last)
    ORDER BY {BY_NAME}, dieuhanh.fold(c.name)
    """,
)

REPORTS: tuple[Report, ...] = (
    Report(
        id="cases",
        theme=EPIDEMIC,
        title=Text("Ca mắc và xét nghiệm", "Cases and tests"),
        sender=EACH_DISTRICT,
        readers=("health",),
        tables=(CASES, SAMPLES),
        sources=("case_reports", "samples"),
        gaps=(UNREPORTED,),
    ),
    Report(
        id="outbreaks",
        theme=EPIDEMIC,
        title=Text("Vùng dịch và xét nghiệm", "Outbreak zones and tests"),
        sender="health",
        tables=(ZONES, TESTS),
        sources=("outbreak_zones", "quarantine_tests"),
        gaps=(RUN_OUT, NO_RESULT),
    ),
)
