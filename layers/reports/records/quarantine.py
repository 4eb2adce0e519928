"""Quarantine: occupancy and movements, sites by the military command, hotels by tourism."""

from __future__ import annotations

from layers.layer import Text
from layers.quarantine import HOTEL_STATE, SITE_KIND, SITE_STATE
from layers.reports.parts import BY_NAME, DISTRICT, DISTRICTS, count, of_kind, told, untouched
from layers.reports.record import Gap, Report, ReportTable
from layers.themes import QUARANTINE


def _movements(layer: str) -> ReportTable:
    """Who came and went at the places of a layer, and their tests."""
    places = f"split_part({{}}.place, '/', 1) = '{layer}' AND {{}}.district_code = d.code"
    stays, tests = (places.format(row, row) for row in "sq")
    return ReportTable(
        "movements",
        Text("Biến động người cách ly theo huyện", "Movements by district"),
        (
            DISTRICT,
            count("admitted", "Tiếp nhận", "Admitted"),
            count("released", "Hoàn thành", "Released"),
            count("transferred", "Chuyển nơi khác", "Transferred"),
            count("other", "Bỏ trốn, tử vong", "Absconded, died"),
            count("present", "Đang cách ly", "Present"),
            count("overdue", "Quá hạn chưa cho về", "Overdue"),
            count("tests", "Đã lấy mẫu", "Tests taken"),
            count("positive", "Dương tính", "Positive"),
        ),
        f"""
        SELECT d.name AS district, s.admitted, s.released, s.transferred, s.other, s.present,
          s.overdue, q.tests, q.positive
        FROM {DISTRICTS} AS d
        CROSS JOIN LATERAL (SELECT
          count(*) FILTER (WHERE s.admitted_at >= :since AND s.admitted_at < :until
            AND s.follows IS NULL) AS admitted,
          count(*) FILTER (WHERE s.state = 'released' AND gone) AS released,
          count(*) FILTER (WHERE s.state = 'transferred' AND gone) AS transferred,
          count(*) FILTER (WHERE s.state IN ('absconded', 'died') AND gone) AS other,
          count(*) FILTER (WHERE s.admitted_at < :until
            AND (s.released_at IS NULL OR s.released_at >= :until)) AS present,
          count(*) FILTER (WHERE s.state = 'admitted' AND s.due_until < :last) AS overdue
          FROM (SELECT s.*, s.released_at >= :since AND s.released_at < :until AS gone
            FROM register.stays AS s) AS s WHERE {stays}) AS s
        CROSS JOIN LATERAL (SELECT count(*) AS tests,
          count(*) FILTER (WHERE q.result = 'positive') AS positive
          FROM register.quarantine_tests AS q
          WHERE q.taken_at >= :since AND q.taken_at < :until AND {tests}) AS q
        ORDER BY {BY_NAME}
        """,
    )


def _tests_due(layer: str) -> Gap:
    return Gap(
        Text("Xét nghiệm quá hạn chưa lấy mẫu", "Tests overdue"),
        f"""
        SELECT p.district_code, p.code || ' ' || p.name || ' (' || count(*) || ')' AS place,
          min(q.due_on)::timestamp AT TIME ZONE :zone AS since
        FROM register.quarantine_tests AS q
        JOIN layer.{layer} AS p ON q.place = '{layer}/' || p.id
        JOIN {DISTRICTS} AS d ON d.code = p.district_code
        WHERE q.taken_at IS NULL AND NOT q.void AND q.due_on <= :last
          AND q.due_on < dieuhanh.today()
        GROUP BY p.district_code, p.code, p.name ORDER BY p.district_code, p.code
        """,
    )


def _uncounted(layer: str, condition: str) -> Gap:
    """Places whose numbers nobody has entered, and where nobody came or went either."""
    return Gap(
        Text("Nơi cách ly không cập nhật số người", "A place without a count"),
        f"""
        SELECT p.district_code, p.code || ' ' || p.name AS place, p.updated_at AS since
        FROM layer.{layer} AS p JOIN {DISTRICTS} AS d ON d.code = p.district_code
        WHERE {condition} AND {untouched(layer, "p")}
          AND NOT EXISTS (SELECT FROM register.stays AS s WHERE s.place = '{layer}/' || p.id
            AND (s.admitted_at >= :since AND s.admitted_at < :until
              OR s.released_at >= :since AND s.released_at < :until))
        ORDER BY p.district_code, p.code
        """,
    )


_FULL = of_kind("percent", "share", "Tỷ lệ sử dụng", "Share in use")
SITES = ReportTable(
    "sites",
    Text("Các khu cách ly tập trung", "Quarantine sites"),
    (
        told("name", "Khu cách ly", "Site"),
        DISTRICT,
        told("kind", "Loại", "Kind", SITE_KIND),
        told("state", "Trạng thái", "State", SITE_STATE),
        count("capacity", "Sức chứa", "Capacity"),
        count("occupied", "Đang cách ly", "Occupied"),
        count("free", "Còn trống", "Free"),
        _FULL,
    ),
    f"""
    SELECT p.name, d.name AS district, p.kind, p.state, p.capacity, p.occupied,
      greatest(p.capacity - p.occupied, 0) AS free,
      100.0 * p.occupied / nullif(p.capacity, 0) AS share
    FROM layer.quarantine_sites AS p JOIN {DISTRICTS} AS d ON d.code = p.district_code
    WHERE p.state <> 'closed' ORDER BY {BY_NAME}, dieuhanh.fold(p.name)
    """,
)
HOTELS = ReportTable(
    "hotels",
    Text("Cơ sở lưu trú cách ly có trả phí", "Hotels for paid quarantine"),
    (
        told("name", "Cơ sở", "Hotel"),
        DISTRICT,
        told("state", "Trạng thái", "State", HOTEL_STATE),
        count("rooms", "Tổng số phòng", "Rooms"),
        count("rooms_quarantine", "Phòng cách ly", "Quarantine rooms"),
        count("occupied", "Phòng đang dùng", "Rooms occupied"),
        _FULL,
    ),
    f"""
    SELECT p.name, d.name AS district, p.state, p.rooms, p.rooms_quarantine, p.occupied,
      100.0 * p.occupied / nullif(p.rooms_quarantine, 0) AS share
    FROM layer.hotels AS p JOIN {DISTRICTS} AS d ON d.code = p.district_code
    WHERE p.paid_quarantine AND p.state <> 'closed' ORDER BY {BY_NAME}, dieuhanh.fold(p.name)
    """,
)

REPORTS: tuple[Report, ...] = (
    Report(
        id="quarantine_sites",
        theme=QUARANTINE,
        title=Text("Cách ly tập trung", "Quarantine sites"),
        sender="military_command",
        readers=("health",),
        tables=(SITES, _movements("quarantine_sites")),
        sources=(
            "quarantine_sites",
            "stays/quarantine_sites",
            "quarantine_tests/quarantine_sites",
        ),
        gaps=(
            _uncounted("quarantine_sites", "p.state <> 'closed'"),
            _tests_due("quarantine_sites"),
        ),
    ),
    Report(
        id="quarantine_hotels",
        theme=QUARANTINE,
        title=Text("Cách ly tại cơ sở lưu trú", "Quarantine at hotels"),
        sender="tourism",
        readers=("health",),
        tables=(HOTELS, _movements("hotels")),
        sources=("hotels", "stays/hotels", "quarantine_tests/hotels"),
        gaps=(
            _uncounted("hotels", "p.paid_quarantine AND p.state <> 'closed'"),
            _tests_due("hotels"),
        ),
    ),
)
