"""Medical resources: the daily report of the health department."""

from __future__ import annotations

from layers.health import KIND, STATE
from layers.layer import Text
from layers.reports.parts import BY_NAME, DISTRICT, DISTRICTS, count, here, of_kind, told
from layers.reports.record import Entries, Gap, Report, ReportTable
from layers.themes import HEALTH

BY_DISTRICT = ReportTable(
    "districts",
    Text("Nguồn lực y tế theo huyện, thành phố", "Medical resources by district"),
    (
        DISTRICT,
        count("facilities", "Cơ sở", "Facilities"),
        count("beds", "Giường", "Beds"),
        count("beds_free", "Giường trống", "Beds free"),
        count("icu_beds", "Giường hồi sức", "Intensive care beds"),
        count("icu_free", "Hồi sức trống", "Intensive care free"),
        count("ventilators", "Máy thở", "Ventilators"),
        count("ventilators_free", "Máy thở trống", "Ventilators free"),
        count("ambulances", "Xe cứu thương", "Ambulances"),
        count("staff", "Bác sĩ, điều dưỡng", "Doctors and nurses"),
    ),
    f"""
    SELECT d.name AS district, count(f.id) AS facilities, coalesce(sum(f.beds), 0) AS beds,
      coalesce(sum(f.beds_free), 0) AS beds_free, coalesce(sum(f.icu_beds), 0) AS icu_beds,
      coalesce(sum(f.icu_free), 0) AS icu_free, coalesce(sum(f.ventilators), 0) AS ventilators,
      coalesce(sum(f.ventilators_free), 0) AS ventilators_free,
      coalesce(sum(f.ambulances), 0) AS ambulances,
      coalesce(sum(coalesce(f.doctors, 0) + coalesce(f.nurses, 0)), 0) AS staff
    FROM {DISTRICTS} AS d
    LEFT JOIN layer.medical_facilities AS f ON f.district_code = d.code AND f.state <> 'closed'
    GROUP BY d.code, d.name ORDER BY {BY_NAME}
    """,
)
FACILITIES = ReportTable(
    "facilities",
    Text("Các cơ sở y tế", "Medical facilities"),
    (
        told("name", "Cơ sở", "Facility"),
        DISTRICT,
        told("kind", "Loại", "Kind", KIND),
        told("state", "Trạng thái", "State", STATE),
        count("beds", "Giường", "Beds"),
        count("beds_free", "Trống", "Free"),
        of_kind("number", "oxygen_h", "Ô-xy (giờ)", "Oxygen (h)"),
        of_kind("instant", "reported_at", "Báo cáo lúc", "Reported"),
    ),
    f"""
    SELECT f.name, d.name AS district, f.kind, f.state, f.beds, f.beds_free, f.oxygen_h,
      f.reported_at
    FROM layer.medical_facilities AS f JOIN {DISTRICTS} AS d ON d.code = f.district_code
    WHERE f.state <> 'closed' ORDER BY {BY_NAME}, dieuhanh.fold(f.name)
    """,
)
UNREPORTED = Gap(
    Text("Cơ sở y tế chưa báo cáo", "A facility without a report"),
    f"""
    SELECT f.district_code, f.code || ' ' || f.name AS place, f.reported_at AS since
    FROM layer.medical_facilities AS f JOIN {DISTRICTS} AS d ON d.code = f.district_code
    WHERE f.state <> 'closed' AND f.reported_at < :since ORDER BY f.district_code, f.code
    """,
)

CONSULTATIONS = ReportTable(
    "consultations",
    Text("Tư vấn từ xa theo huyện, thành phố", "Consultations by district"),
    (
        DISTRICT,
        count("asked", "Yêu cầu mới", "Asked"),
        count("by_hotline", "Qua tổng đài", "By the hotline"),
        count("closed", "Đã xong", "Closed"),
        count("waiting", "Đang chờ", "Waiting"),
        of_kind("number", "minutes", "Phút chờ trung vị", "Median minutes to a call"),
    ),
    f"""
    SELECT d.name AS district,
      count(*) FILTER (WHERE c.made_at >= :since AND c.made_at < :until) AS asked,
      count(*) FILTER (WHERE c.made_at >= :since AND c.made_at < :until
        AND c.channel = 'hotline') AS by_hotline,
      count(*) FILTER (WHERE c.closed_at >= :since AND c.closed_at < :until) AS closed,
      count(*) FILTER (WHERE c.state <> 'closed') AS waiting,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.called_at - c.made_at) / 60)
        FILTER (WHERE c.called_at >= :since AND c.called_at < :until) AS minutes
    FROM {DISTRICTS} AS d LEFT JOIN register.consultations AS c ON c.district_code = d.code
    GROUP BY d.code, d.name ORDER BY {BY_NAME}
    """,
)
UNCALLED = Gap(
    Text("Yêu cầu tư vấn chờ quá 2 giờ", "A consultation that waits for 2 hours"),
    f"""
    SELECT c.district_code, c.code AS place, c.made_at AS since FROM register.consultations AS c
    WHERE c.state = 'waiting' AND {here("c")}
      AND coalesce(c.due_at, c.made_at) < least(:until, now()) - interval '2 hours'
    ORDER BY c.made_at
    """,
)
DOCTORS = Entries(
    Text("Tiếp nhận, gọi tư vấn", "Consultations taken and called"),
    f"""
    SELECT c.district_code, s.actor, count(*) AS entries, min(s.at) AS first_at,
      max(s.at) AS last_at, count(*) FILTER (WHERE s.at > :due) AS late
    FROM private.consultation_step AS s JOIN register.consultations AS c ON c.id = s.consultation_id
    JOIN private.account AS a ON a.login = s.actor
    WHERE s.at >= :since AND s.at < :until AND s.kind <> 'looked' AND {here("c")}
    GROUP BY c.district_code, s.actor
    """,
)

REPORTS: tuple[Report, ...] = (
    Report(
        id="consultations",
        theme=HEALTH,
        title=Text("Tư vấn từ xa", "Consultations"),
        sender="health",
        tables=(CONSULTATIONS,),
        entries=(DOCTORS,),
        gaps=(UNCALLED,),
    ),
    Report(
        id="medical_facilities",
        theme=HEALTH,
        title=Text("Nguồn lực y tế", "Medical resources"),
        sender="health",
        tables=(BY_DISTRICT, FACILITIES),
        sources=("medical_facilities",),
        gaps=(UNREPORTED,),
    ),
)
