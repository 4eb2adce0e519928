"""Testing sites take samples, laboratories say what came of them, communes report cases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from bench.departments.desk import Book, Day, Department, Figure, Headers, crew, now, together
from layers.accounts import Post
from layers.roles import DISTRICT, Role

SAMPLES = 6_500
POSITIVE, POOLED, SAME_TUBE, CORRECTED = 0.02, 0.2, 0.02, 0.1
"""Shares: of positive results, of pools, of tubes that two enter at once, of reports corrected."""
CLERKS = 4
DISTRICTS = 18
_CASES = "SELECT sum(community) FROM register.case_reports WHERE day >= $1"
_CHANGES = """
SELECT count(*) FROM register.change
WHERE register = 'case_reports' AND id > $1 AND after->>'day' = $2
"""


class Samples(Department):
    """Samples of persons and of pools, their results, and the cases that come of them."""

    name = "samples"
    reports = ("cases",)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.pieces = day.of(SAMPLES, 20)
        self.taken: set[str] = set()
        self.codes: set[str] = set()
        self.results: dict[str, str] = {}
        self.shared = self.won = self.tried = self.reported = self.taken_today = 0

    async def open(self) -> None:
        """Two clerks who enter samples, two laboratories; the sites and the communes."""
        day = self.day
        post = Post(Role.OFFICER, ("health",))
        self.clerks = [await day.hire(f"day.sampling.{n}", post) for n in (1, 2)]
        self.laboratories = [await day.hire(f"day.laboratory.{n}", post) for n in (1, 2)]
        sites = await day.features("testing_sites", self.clerks[0])
        self.sites = [f"testing_sites/{one['id']}" for one in sites]
        told = await day.ask("case reports", "GET", "/api/epidemic/reports", self.clerks[0])
        self.communes = [one["commune"] for one in told.body["communes"]]
        self.today = await day.sql.fetchval("SELECT dieuhanh.today()")
        self.before = await day.count(_CASES, self.today)

    async def work(self) -> None:
        """All samples."""
        await crew(CLERKS, range(self.pieces), self._sample)

    def _row(self, number: int) -> dict[str, Any]:
        chance = self.day.chance
        is_pool = chance.random() < POOLED
        row = {
            "id": self.day.uuid(),
            "code": f"NGAY-{number:06d}",
            "place": chance.choice(self.sites),
            "method": chance.choice(("pcr", "antigen")),
            # Some are entered in the evening.
            "taken_at": (now() - timedelta(hours=chance.uniform(0, 12))).isoformat(),
        }
        if is_pool:
            return row | {"pool_size": 5}
        return row | {"name": f"Người được lấy mẫu {number}", "phone": f"096{number:07d}"}

    async def _sample(self, number: int) -> None:
        row = self._row(number)
        sample = await self._enter(row)
        if sample is not None:
            self.taken.add(sample)
            self.codes.add(row["code"])
            self.taken_today += row["taken_at"] >= self.day.midnight
            await self._result(sample, "pool_size" in row)
        self.done()

    async def _enter(self, row: dict[str, Any]) -> str | None:
        """The sample's id; where two enter the same tube at once, of the one who was first."""
        if self.day.chance.random() >= SAME_TUBE:
            answer = await self.day.enter("sample", "samples", row, self.clerks[0])
            return str(row["id"]) if answer.good else None
        both = (row, row | {"id": self.day.uuid()})
        answers = await together(
            *(
                self.day.ask("sample", "POST", "/api/registers/samples", clerk, one)
                for clerk, one in zip(self.clerks, both, strict=True)
            )
        )
        self.shared += 1
        won = [one["id"] for answer, one in zip(answers, both, strict=True) if answer.good]
        self.won += len(won)
        return won[0] if won else None

    async def _result(self, sample: str, is_pool: bool) -> None:
        result = "positive" if self.day.chance.random() < POSITIVE else "negative"
        body = {"result": result, "laboratory": "Phòng xét nghiệm trong ngày"}
        path = f"/api/registers/samples/{sample}"
        who = self.day.chance.choice(self.laboratories)
        answer = await self.day.send("result of a sample", "PATCH", path, who, body)
        if answer.good:
            self.results[sample] = result
            if result == "positive" and not is_pool:
                await self._report(path)

    async def _report(self, path: str) -> None:
        """Two report the case at once: it is counted once."""
        body = {"found": "community", "home_commune": self.day.chance.choice(self.communes)}
        answers = await together(
            *(
                self.day.ask("case of a sample", "POST", f"{path}/report", who, body)
                for who in self.clerks
            )
        )
        self.tried += 1
        self.reported += sum(answer.good for answer in answers)

    def figures(self) -> list[Figure]:
        """Samples and cases of today."""
        return [
            Figure("cases", "samples", "taken", self.taken_today),
            Figure("cases", "cases", "community", self.reported),
        ]

    async def close(self) -> list[Book]:
        """Each sample once, with the result that was sent; each case counted once."""
        day = self.day
        row = await day.sql.fetchrow(
            "SELECT count(*) AS rows, count(DISTINCT code) AS codes, count(result) AS results,"
            " count(*) FILTER (WHERE result = 'positive') AS positive, count(case_day) AS cases"
            " FROM register.samples WHERE code LIKE 'NGAY-%'"
        )
        cases = await day.count(_CASES, self.today) - self.before
        positive = sum(one == "positive" for one in self.results.values())
        return [
            Book("samples sent, answered", self.pieces, len(self.taken)),
            Book("samples answered, rows", len(self.taken), row["rows"]),
            Book("samples, each code once", len(self.codes), row["codes"]),
            Book("tubes entered by two at once, taken once", self.shared, self.won),
            Book("results sent, rows with one", len(self.results), row["results"]),
            Book("positive results", positive, row["positive"]),
            Book("cases reported by two at once, taken once", self.tried, self.reported),
            Book("samples reported as cases", self.reported, row["cases"]),
            Book("cases of today", self.reported, cases),
        ]


class Cases(Department):
    """What communes report of yesterday: by their district, twice, and corrected."""

    name = "case reports"
    reports = ("cases",)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.last: dict[str, int] = {}
        self.corrections = 0

    async def open(self) -> None:
        """Two officers in each district."""
        day = self.day
        units = await day.features("admin_units", {})
        districts = [
            one["properties"]["code"] for one in units if one["properties"]["level"] == "district"
        ]
        self.officers: dict[str, list[Headers]] = {}
        for code in districts[: day.of(10 * DISTRICTS, 3)]:
            post = Post(Role.OFFICER, (DISTRICT,), districts=(code,))
            self.officers[code] = [await day.hire(f"day.cases{code}.{n}", post) for n in (1, 2)]
        self.pieces = len(self.officers)
        self.day_of = str(await day.sql.fetchval("SELECT dieuhanh.today() - 1"))
        self.since = await day.count("SELECT max(id) FROM register.change")

    async def work(self) -> None:
        """All districts."""
        await asyncio.gather(*(self._district(one) for one in self.officers.values()))

    async def _district(self, officers: list[Headers]) -> None:
        path = f"/api/epidemic/reports?day={self.day_of}"
        told = await self.day.send("case reports", "GET", path, officers[0])
        # Other numbers than any that are there, so that each is a change.
        numbers = {
            one["commune"]: 1000 + self.day.chance.randint(0, 50) for one in told.body["communes"]
        }
        sent = self._rows(numbers)
        answers = await together(*(self._report(who, sent) for who in officers))
        if all(answers):
            self.last |= numbers
        few = {one: n + 1 for one, n in numbers.items() if self.day.chance.random() < CORRECTED}
        if few and await self._report(officers[1], self._rows(few)):
            self.last |= few
            self.corrections += len(few)
        self.done()

    def _rows(self, numbers: dict[str, int]) -> list[dict[str, Any]]:
        return [
            {"commune": one, "community": n, "isolated": 1, "deaths": 0}
            for one, n in numbers.items()
        ]

    async def _report(self, who: Headers, rows: list[dict[str, Any]]) -> Any:
        body = {"day": self.day_of, "rows": rows, "reason": "Số liệu chốt trong ngày"}
        path = "/api/epidemic/reports"
        return (await self.day.send("report of cases", "POST", path, who, body)).good

    def figures(self) -> list[Figure]:
        """What districts reported of that day, of which no commune is missing."""
        of_day, theirs = self.day_of, tuple(self.officers)
        cases = sum(self.last.values())
        return [
            Figure("cases", "cases", "community", cases, of_day, theirs, is_whole=True),
            Figure("cases", "missing", None, 0, of_day, theirs, is_whole=True),
        ]

    async def close(self) -> list[Book]:
        """One report of each commune, with the last numbers, and each change kept."""
        rows = await self.day.sql.fetch(
            "SELECT place, community FROM register.case_reports WHERE day = $1::text::date"
            " AND place = ANY ($2::text[])",
            self.day_of,
            [f"admin_units/{one}" for one in self.last],
        )
        same = sum(self.last[row["place"].split("/")[1]] == row["community"] for row in rows)
        kept = await self.day.count(_CHANGES, self.since, self.day_of)
        return [
            Book("communes that reported, rows", len(self.last), len(rows)),
            Book("reports with the last numbers", len(self.last), same),
            Book("reports and corrections in the history", len(self.last) + self.corrections, kept),
        ]
