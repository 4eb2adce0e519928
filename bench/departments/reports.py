"""Every department and district sends its daily reports once its entries are made."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.departments.desk import Answer, Book, Day, Department, Figure, Headers, crew, together
from bench.departments.districts import zone_of
from layers.accounts import Post
from layers.roles import DISTRICT, Role

SENDERS = 4
LATE_IN = "outbreaks"
LATE = "Vùng khai sau khi gửi"
_PATH = "/api/reports"
Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report of a day, of a district or (None) of a department."""

    report: str
    day: str
    district: str | None
    sender: str

    @property
    def unit(self) -> str:
        """Who sends it."""
        return self.district or self.sender

    def address(self, version: int | None = None) -> str:
        """Of its numbers now, or as they were sent."""
        more = f"&district={self.district}" if self.district else ""
        more += f"&version={version}" if version else ""
        return f"{_PATH}/{self.report}?day={self.day}{more}"


class Reports(Department):
    """Reports that two officers of a unit send at once; one entry comes when one has been sent.

    Attributes:
        sheets: today's, which all units must send.
        sent: what each told when it had been sent.
    """

    name = "reports"

    def __init__(self, day: Day, others: Sequence[Department]) -> None:
        super().__init__(day)
        self.others = others
        self.before: dict[str, Content] = {}
        self.sent: dict[Sheet, Content] = {}
        self.tried = self.taken = 0
        self.late: list[int] = []

    async def open(self) -> None:
        """Leadership, two officers of each unit; the numbers that there are already."""
        day = self.day
        self.viewer = await day.hire("day.leader", Post(Role.VIEWER))
        self.sheets = [
            Sheet(one["report"], one["first"], one["district"], one["sender"])
            for one in await self._standing()
        ]
        self.pieces = len(self.sheets)
        self.officers: dict[str, list[Headers]] = {}
        for unit, (sender, districts) in {one.unit: _part(one) for one in self.sheets}.items():
            post = Post(Role.OFFICER, (sender,), districts=districts)
            self.officers[unit] = [await day.hire(f"day.report.{unit}.{n}", post) for n in (1, 2)]
        for name in {one.report for one in self.sheets}:
            self.before[name] = await self._read(Sheet(name, day.today, None, ""), self.viewer)

    async def _standing(self) -> list[dict[str, Any]]:
        """How today's daily reports stand."""
        path = f"{_PATH}?day={self.day.today}"
        told = await self.day.insist("reports", "GET", path, self.viewer)
        return [one for one in told.body["reports"] if one["every"] == "day"]

    async def _read(self, sheet: Sheet, who: Headers, version: int | None = None) -> Content:
        told = await self.day.insist("report", "GET", sheet.address(version), who)
        return {table["id"]: table for table in (*told.body["tables"], told.body["missing"])}

    async def work(self) -> None:
        """Each report when the departments that it tells of have ended."""
        await asyncio.gather(*(self._report(one) for one in self.before))

    async def _report(self, name: str) -> None:
        for one in self.others:
            if name in one.reports:
                await one.ended.wait()
        sheets = [one for one in self.sheets if one.report == name]
        earlier = {
            Sheet(name, one.day, district, DISTRICT)
            for one in self._figures()
            if one.report == name and one.day is not None
            for district in one.districts
        }
        await crew(SENDERS, [*sheets, *earlier], self._send)
        if name == LATE_IN:
            await self._enter_late(sheets[0])

    def _figures(self) -> list[Figure]:
        """What departments that have ended say."""
        return [one for other in self.others if other.ended.is_set() for one in other.figures()]

    async def _send(self, sheet: Sheet) -> None:
        """Two send the same report at once: one of them does, and then reads what was kept."""
        officers = self.officers[sheet.unit]
        answers = await together(*(self._post(sheet, who, 0) for who in officers))
        self.tried += 1
        self.taken += sum(answer.good for answer in answers)
        self.sent[sheet] = await self._read(sheet, officers[0], 1)
        self.done()

    async def _post(self, sheet: Sheet, who: Headers, version: int, note: str = "") -> Answer:
        body = {"day": sheet.day, "district": sheet.district, "version": version, "note": note}
        path = f"{_PATH}/{sheet.report}/sent"
        return await self.day.insist("report sent", "POST", path, who, body)

    async def _enter_late(self, sheet: Sheet) -> None:
        """A zone comes after the report: it needs a version of its own, and a reason."""
        who = self.officers[sheet.unit][0]
        feature = {"type": "Feature", **zone_of(self.day, LATE)}
        path, typed = "/ogc/collections/outbreak_zones/items", "application/geo+json"
        await self.day.ask("late entry", "POST", path, who, feature, {"Content-Type": typed})
        for version, note in ((0, "Bổ sung"), (1, ""), (1, "Bổ sung một vùng dịch")):
            answer = await self._post(sheet, who, version, note)
            self.late.append(answer.status)

    async def close(self) -> list[Book]:
        """Reports tell what was entered; none is missing, and what comes later changes none."""
        changed, versions = [], []
        for sheet, content in self.sent.items():
            who = self.officers[sheet.unit][0]
            if await self._read(sheet, who, 1) != content:
                changed.append(f"{sheet.report} {sheet.unit} {sheet.day}")
            if sheet.report == LATE_IN:
                versions = [n for n in (1, 2) if _has_late(await self._read(sheet, who, n))]
        unsent = [
            f"{one['report']} {one['district'] or one['sender']}: {one['state']}"
            for one in await self._standing()
            if one["state"] not in ("sent", "sent_late")
        ]
        return [
            *self._told(),
            Book("reports sent by two at once, taken once", self.tried, self.taken),
            Book("daily reports that are missing", [], unsent),
            Book("reports that changed after they were sent", [], changed),
            Book(
                "a late entry: sent as new, without a reason, with one", [409, 422, 201], self.late
            ),
            Book("versions that tell of the late entry", [2], versions),
        ]

    def _told(self) -> list[Book]:
        """A book of each report and day: what was entered, and what units have sent of it."""
        expected: defaultdict[str, dict[str, int]] = defaultdict(dict)
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for one in self._figures():
            day = one.day or self.day.today
            book = f"report of {one.report}, {'today' if one.day is None else 'the day before'}"
            units = [
                _sum(content, one)
                for sheet, content in self.sent.items()
                if (sheet.report, sheet.day) == (one.report, day)
                and (not one.districts or sheet.district in one.districts)
            ]
            before = 0 if one.is_whole else _sum(self.before[one.report], one)
            column = one.column or one.table
            expected[book][column] = one.amount
            found[book][column] = sum(units) - before
        return [Book(name, expected[name], found[name]) for name in sorted(expected)]


def _part(sheet: Sheet) -> tuple[str, tuple[str, ...]]:
    """The department and the districts of who sends a report."""
    return sheet.sender, (sheet.district,) if sheet.district else ()


def _sum(content: Content, figure: Figure) -> int:
    table = content[figure.table]
    if figure.column is None:
        return len(table["rows"])
    at = [column["name"] for column in table["columns"]].index(figure.column)
    return sum(row[at] or 0 for row in table["rows"])


def _has_late(content: Content) -> bool:
    return any(LATE in row for row in content["zones"]["rows"])
