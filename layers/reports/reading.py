"""A report as it is told: its tables, who entered what, and what is missing, of one moment.

The result is a JSON object that needs no record to be read: columns carry their titles, so that
what was sent is shown as it was, whatever becomes of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from layers.catalogue import CATALOGUE
from layers.layer import Text
from layers.registers.catalogue import REGISTERS
from layers.reports.parts import DISTRICT, count, here, of_kind, told
from layers.reports.record import Field, Gap, Period, Report, ReportTable, bound
from layers.roles import Role

Content = dict[str, Any]
"""A report as JSON: `tables`, `missing` and `entered` are tables of the same shape."""

MISSING = "missing"
ENTERED = "entered"
WHOLE = Text("Toàn tỉnh", "The whole province")

_GAP_FIELDS = (
    told("gap", "Còn thiếu", "Missing"),
    DISTRICT,
    told("place", "Nơi, đối tượng", "Place or thing"),
    of_kind("instant", "since", "Lần gần nhất", "Last time"),
)
_ENTRY_FIELDS = (
    told("what", "Nội dung", "What"),
    DISTRICT,
    told("actor", "Người nhập", "Entered by"),
    told("role", "Vai trò", "Role"),
    count("entries", "Số lần nhập", "Entries"),
    of_kind("instant", "first_at", "Từ", "From"),
    of_kind("instant", "last_at", "Đến", "Until"),
    count("late", "Nhập sau hạn", "After it was due"),
)
_ROLES = {role.value: {"vi": role.label.vi, "en": role.label.en} for role in Role}


async def made(
    connection: Any, report: Report, period: Period, district: str | None, most: int
) -> Content:
    """A report in the numbers of this moment.

    Args:
        connection: as the server itself, in a transaction that sees one moment.
        district: its code; None: the whole province.
        most: rows of a table.
    """
    now = await connection.fetchval("SELECT now()")
    names = dict(
        await connection.fetch("SELECT code, name FROM layer.admin_units WHERE level = 'district'")
    )
    tables = [await _table(connection, one, period, district, most) for one in report.tables]
    gaps: list[dict[str, Any]] = []
    for gap in report.gaps:
        gaps += await _gap(connection, gap, period, district, most, names)
    entries = await _entries(connection, report, period, district, most, names)
    return {
        "report": report.id,
        "title": _both(report.title),
        "district": district,
        "unit": {"vi": names[district], "en": names[district]} if district else _both(WHOLE),
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "due_at": period.due.isoformat(),
        "made_at": now.isoformat(),
        "synthetic": await _synthetic(connection),
        "tables": tables,
        MISSING: _shaped(
            MISSING, Text("Số liệu còn thiếu", "What is missing"), _GAP_FIELDS, gaps, most
        ),
        ENTERED: _shaped(
            ENTERED, Text("Người nhập số liệu", "Who entered it"), _ENTRY_FIELDS, entries, most
        ),
    }


async def _synthetic(connection: Any) -> bool:
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM dieuhanh.dataset WHERE synthetic)"
    )
    return found


async def _fetched(
    connection: Any, text: str, period: Period, district: str | None, most: int
) -> list[dict[str, Any]]:
    sql, values = bound(text, period, district, most).render()
    return [dict(row) for row in await connection.fetch(sql, *values)]


async def _table(
    connection: Any, table: ReportTable, period: Period, district: str | None, most: int
) -> dict[str, Any]:
    rows = await _fetched(connection, table.sql, period, district, most + 1)
    return _shaped(table.id, table.title, table.columns, rows, most)


async def _gap(
    connection: Any,
    gap: Gap,
    period: Period,
    district: str | None,
    most: int,
    names: Mapping[str, str],
) -> list[dict[str, Any]]:
    rows = await _fetched(connection, gap.sql, period, district, most + 1)
    return [
        {
            "gap": _both(gap.title),
            "district": names.get(row["district_code"] or ""),
            "place": row["place"],
            "since": row["since"],
        }
        for row in rows
    ]


async def _entries(
    connection: Any,
    report: Report,
    period: Period,
    district: str | None,
    most: int,
    names: Mapping[str, str],
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for title, text in (*_sources(report), *((one.title, one.sql) for one in report.entries)):
        rows = await _fetched(connection, text, period, district, most + 1)
        found += [{**row, "what": _both(title)} for row in rows]
    logins = sorted({row["actor"] for row in found if row["actor"]})
    roles = dict(
        await connection.fetch(
            "SELECT login, role FROM private.account WHERE login = ANY ($1)", logins
        )
    )
    for row in found:
        row["district"] = names.get(row["district_code"] or "")
        row["role"] = _ROLES.get(roles.get(row["actor"], ""))
    return sorted(found, key=lambda row: (row["district"] or "", row["what"]["vi"], row["actor"]))


def _sources(report: Report) -> Iterable[tuple[Text, str]]:
    """The SQL that tells who changed the layers and registers of a report.

    What the server itself writes is nobody's entry: no login has a colon.
    """
    for source in report.sources:
        name, _, kind = source.partition("/")
        if name in CATALOGUE:
            record: Any = CATALOGUE[name]
            rows = f"""
            (SELECT c.at, c.actor, c.before, c.after FROM dieuhanh.commit_log AS l
              JOIN dieuhanh.change AS c ON c.commit_id = l.id
              WHERE l.layer = '{name}' AND l.at >= :since AND l.at < :until
             UNION ALL
             SELECT a.at, a.actor, a.before, a.after FROM dieuhanh.audit AS a
              WHERE a.layer = '{name}' AND a.at >= :since AND a.at < :until)
            """
        else:
            record = REGISTERS[name]
            rows = f"""
            (SELECT c.at, c.actor, c.before, c.after FROM register.change AS c
              WHERE c.register = '{name}' AND c.at >= :since AND c.at < :until)
            """
        at_kind = (
            "true"
            if not kind
            else f"split_part(coalesce(h.after, h.before)->>'place', '/', 1) = '{kind}'"
        )
        yield (
            record.title,
            f"""
            SELECT district_code, actor, count(*) AS entries, min(at) AS first_at,
              max(at) AS last_at, count(*) FILTER (WHERE at > :due) AS late
            FROM (SELECT h.at, h.actor, coalesce(h.after, h.before)->>'district_code'
                AS district_code FROM {rows} AS h
              WHERE strpos(h.actor, ':') = 0 AND {at_kind}) AS h
            WHERE {here("h")} GROUP BY district_code, actor
            """,
        )


def _shaped(
    name: str,
    title: Text,
    columns: Sequence[Field],
    rows: Sequence[Mapping[str, Any]],
    most: int,
) -> dict[str, Any]:
    """A table as JSON, with the sums of its counts where it has more than one row."""
    kept = [[_json(row[column.name]) for column in columns] for row in rows[:most]]
    return {
        "id": name,
        "title": _both(title),
        "columns": [_column(column) for column in columns],
        "rows": kept,
        "totals": _totals(columns, kept) if len(kept) > 1 else None,
        "is_cut": len(rows) > most,
    }


def _column(column: Field) -> dict[str, Any]:
    shaped: dict[str, Any] = {
        "name": column.name,
        "title": _both(column.title),
        "kind": column.kind,
    }
    if column.codes is not None:
        shaped["codes"] = {code.value: _both(code.title) for code in column.codes.codes}
    return shaped


def _totals(columns: Sequence[Field], rows: list[list[Any]]) -> list[Any] | None:
    if not any(column.kind == "count" for column in columns):
        return None
    return [
        sum(row[at] or 0 for row in rows) if column.kind == "count" else None
        for at, column in enumerate(columns)
    ]


def _both(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else round(float(value), 1)
    if isinstance(value, float):
        return round(value, 1)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
