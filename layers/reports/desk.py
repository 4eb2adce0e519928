"""Reports at work for one caller: which there are, how each stands, reading and sending them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import orjson

from layers.database import Database, RuleRefused
from layers.desks import at_desk
from layers.reports.catalogue import REPORTS
from layers.reports.reading import Content, made
from layers.reports.record import Period, Report
from layers.roles import DISTRICT, Caller

State = Literal["sent", "sent_late", "due", "missing"]

_DENIED = "Vai trò của bạn không có báo cáo. / Your role has no reports."
_NOT_YOURS = "Báo cáo này không thuộc phần việc của bạn. / This report is outside of your part."
_NOT_BEGUN = "Kỳ báo cáo này chưa bắt đầu. / This period has not begun."
_ACCESS = "SELECT dieuhanh.report_access($1, $2)"
_UNITS = """
SELECT asked.report, u.code, u.name, dieuhanh.report_access(asked.report, u.code) AS access
FROM unnest($1::text[], $2::boolean[]) AS asked (report, by_district)
JOIN (SELECT NULL AS code, NULL AS name, false AS is_district
      UNION ALL SELECT code, name, true FROM layer.admin_units WHERE level = 'district') AS u
  ON u.is_district = asked.by_district
ORDER BY dieuhanh.fold(u.name)
"""
_NEWEST = """
SELECT DISTINCT ON (s.report, s.unit) s.report, s.district_code, s.version, s.sent_at, s.sent_by,
  s.note, s.due_at,
  (SELECT min(o.sent_at) FROM dieuhanh.report_submission AS o WHERE o.report = s.report
    AND o.unit = s.unit AND o.first = s.first) AS first_sent_at
FROM dieuhanh.report_submission AS s
JOIN unnest($1::text[], $2::date[]) AS asked (report, first)
  ON asked.report = s.report AND asked.first = s.first
ORDER BY s.report, s.unit, s.version DESC
"""
_VERSIONS = """
SELECT version, sent_at, sent_by, sent_role, note, due_at FROM dieuhanh.report_submission
WHERE report = $1 AND district_code IS NOT DISTINCT FROM $2 AND first = $3 ORDER BY version DESC
"""
_CONTENT = """
SELECT content::text FROM dieuhanh.report_submission
WHERE report = $1 AND district_code IS NOT DISTINCT FROM $2 AND first = $3 AND version = $4
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit's report of a period stands.

    Attributes:
        district: the code of the district whose it is; None: the department's.
        may_send: whether the caller may send it.
        version: that was sent last; 0: none was.
    """

    report: Report
    period: Period
    district: str | None
    district_name: str | None
    may_send: bool
    state: State
    version: int = 0
    sent_at: datetime | None = None
    sent_by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A version that was sent."""

    version: int
    sent_at: datetime
    sent_by: str
    sent_role: str
    note: str | None
    due_at: datetime

    @property
    def is_late(self) -> bool:
        """Whether it came after it was due."""
        return self.sent_at > self.due_at


@dataclass(frozen=True, slots=True)
class Reports:
    """Works on reports for one caller.

    Every method raises `RuleRefused` (the caller may not, somebody was quicker) or what
    `Database.acting` raises. What the caller may, `dieuhanh.report_access` says.

    Attributes:
        most: rows of a table of a report.
    """

    database: Database
    caller: Caller
    most: int

    async def standing(self, day: date, zone: Any) -> list[Standing]:
        """How the reports of the caller's units stand, in the periods that a day lies in."""
        periods = {one.id: one.period(day, zone) for one in REPORTS.values()}
        async with self._desk() as connection:
            by_district = [one.sender == DISTRICT for one in REPORTS.values()]
            units = await connection.fetch(_UNITS, list(REPORTS), by_district)
            firsts = [period.first for period in periods.values()]
            rows = await connection.fetch(_NEWEST, list(REPORTS), firsts)
        sent = {(row["report"], row["district_code"]): row for row in rows}
        order = {name: number for number, name in enumerate(REPORTS)}
        return [
            _standing(
                REPORTS[unit["report"]],
                periods[unit["report"]],
                unit,
                sent.get((unit["report"], unit["code"])),
            )
            for unit in sorted(units, key=lambda one: order[one["report"]])
            if unit["access"] != "none"
        ]

    async def access(self, report: Report, district: str | None) -> str:
        """`read` or `send`.

        Raises:
            RuleRefused: neither.
        """
        async with self._desk() as connection:
            found: str = await connection.fetchval(_ACCESS, report.id, district)
        if found == "none":
            raise RuleRefused("forbidden", _NOT_YOURS)
        return found

    async def read(self, report: Report, period: Period, district: str | None) -> Content:
        """The report in the numbers of this moment."""
        await self.access(report, district)
        return await now(self.database, report, period, district, self.most)

    async def versions(self, report: Report, period: Period, district: str | None) -> list[Sent]:
        """What was sent of a period, the newest first."""
        async with self._desk() as connection:
            rows = await connection.fetch(_VERSIONS, report.id, district, period.first)
        return [Sent(**row) for row in rows]

    async def version(
        self, report: Report, period: Period, district: str | None, number: int
    ) -> Content:
        """What was sent, as it was.

        Raises:
            RuleRefused: there is no such version, or it is not the caller's to see.
        """
        async with self._desk() as connection:
            found = await connection.fetchval(_CONTENT, report.id, district, period.first, number)
        if found is None:
            raise RuleRefused(
                "missing",
                f"Không có bản {number} của báo cáo này. / There is no version {number} of it.",
            )
        content: Content = orjson.loads(found)
        return content

    async def send(
        self, report: Report, period: Period, district: str | None, known: int, note: str
    ) -> int:
        """Keep the report as it is now, as the unit's word; the number of the version.

        Args:
            known: the newest version that the caller has seen; 0: none.
        """
        await self.access(report, district)
        if period.since > datetime.now(UTC):
            raise RuleRefused("invalid", _NOT_BEGUN)
        content = await now(self.database, report, period, district, self.most)
        async with self.database.serving() as connection:
            await connection.execute(
                "SELECT set_config('dieuhanh.account', $1, true)", str(self.caller.account)
            )
            version: int = await connection.fetchval(
                "SELECT private.send_report($1, $2, $3, $4, $5, $6, $7, $8::jsonb)",
                *(report.id, district, period.first, period.last, period.due, known, note),
                orjson.dumps(content).decode(),
            )
        return version

    def _desk(self) -> Any:
        return at_desk(self.database, self.caller, denied=_DENIED, about="reports", read_only=True)


async def now(
    database: Database, report: Report, period: Period, district: str | None, most: int
) -> Content:
    """A report in the numbers of one moment, read by the server itself."""
    async with database.serving() as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return await made(connection, report, period, district, most)


def _standing(report: Report, period: Period, unit: Any, sent: Any | None) -> Standing:
    facts = (report, period, unit["code"], unit["name"], unit["access"] == "send")
    if sent is None:
        return Standing(*facts, "missing" if period.due < datetime.now(UTC) else "due")
    state: State = "sent_late" if sent["first_sent_at"] > sent["due_at"] else "sent"
    return Standing(*facts, state, sent["version"], sent["sent_at"], sent["sent_by"], sent["note"])


def counted(standings: Iterable[Standing]) -> dict[State, int]:
    """How many stand in each state."""
    found: dict[State, int] = {"sent": 0, "sent_late": 0, "due": 0, "missing": 0}
    for one in standings:
        found[one.state] += 1
    return found
