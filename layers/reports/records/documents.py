"""Directives that were issued: monthly by the IT department."""

from __future__ import annotations

from datetime import timedelta

from layers.documents.directives import FIELD, KIND
from layers.layer import Text
from layers.reports.parts import count, of_kind, told, unit_name
from layers.reports.record import Gap, Report, ReportTable
from layers.themes import DOCUMENTS

_HERE = "(:district IS NULL OR d.district_code IS NULL OR d.district_code = :district)"

ISSUED = ReportTable(
    "issued",
    Text("Văn bản ban hành trong kỳ", "Directives issued"),
    (
        told("number", "Số, ký hiệu", "Number"),
        of_kind("day", "issued_on", "Ngày ban hành", "Issued on"),
        told("kind", "Loại", "Kind", KIND),
        told("issuer", "Cơ quan ban hành", "Issuer"),
        told("title", "Trích yếu", "Title"),
        told("field", "Lĩnh vực", "Field", FIELD),
        told("district", "Địa bàn", "Area"),
    ),
    f"""
    SELECT d.number, d.issued_on, d.kind, d.issuer, d.title, d.field, {unit_name("d")} AS district
    FROM layer.directives AS d WHERE d.issued_on BETWEEN :first AND :last AND {_HERE}
    ORDER BY d.issued_on, d.number
    """,
)
BY_FIELD = ReportTable(
    "fields",
    Text("Theo lĩnh vực", "By field"),
    (
        told("field", "Lĩnh vực", "Field", FIELD),
        count("issued", "Ban hành trong kỳ", "Issued"),
        count("in_force", "Còn hiệu lực cuối kỳ", "In force at the end"),
        count("ended", "Hết hiệu lực trong kỳ", "Ended"),
    ),
    f"""
    SELECT d.field, count(*) FILTER (WHERE d.issued_on BETWEEN :first AND :last) AS issued,
      count(*) FILTER (WHERE d.valid_from < :until
        AND (d.ends_at IS NULL OR d.ends_at >= :until)) AS in_force,
      count(*) FILTER (WHERE d.ends_at >= :since AND d.ends_at < :until) AS ended
    FROM layer.directives AS d WHERE d.issued_on <= :last AND {_HERE}
    GROUP BY d.field ORDER BY d.field
    """,
)
NO_FILE = Gap(
    Text("Văn bản chưa có tệp", "A directive without its file"),
    f"""
    SELECT d.district_code, d.number AS place, d.issued_on::timestamp AT TIME ZONE :zone AS since
    FROM layer.directives AS d
    WHERE d.files = 0 AND d.issued_on BETWEEN :first AND :last AND {_HERE} ORDER BY d.issued_on
    """,
)

REPORTS: tuple[Report, ...] = (
    Report(
        id="directives",
        theme=DOCUMENTS,
        title=Text("Văn bản chỉ đạo đã ban hành", "Directives issued"),
        sender="it",
        every="month",
        due=timedelta(days=2, hours=17),
        tables=(ISSUED, BY_FIELD),
        sources=("directives",),
        gaps=(NO_FILE,),
    ),
)
