"""The health department's facilities: each reports its numbers of the day."""

from __future__ import annotations

from typing import Any

from bench.departments.desk import Book, Day, Department, Figure, Headers, crew, together
from layers.accounts import Post
from layers.roles import Role

CLERKS = 4
FACILITIES = 1_000
"""That report on a whole day: all there are."""
_TODAY = """
SELECT count(*) FROM layer.medical_facilities WHERE reported_at >= $1
"""


class Facilities(Department):
    """One report a day from each medical facility, by its own clerk."""

    name = "medical facilities"
    reports = ("medical_facilities",)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.clerks: dict[str, Headers] = {}
        self.reported: dict[str, dict[str, int]] = {}
        self.before: dict[str, int] = {}

    async def open(self) -> None:
        """A clerk for each facility, who can report for that one alone."""
        day = self.day
        most = day.of(FACILITIES, 10)
        self.department = await day.hire("day.health", Post(Role.OFFICER, ("health",)))
        for one in (await day.ask("facilities", "GET", "/api/facilities", self.department)).body[
            "facilities"
        ]:
            code = one["code"]
            if len(self.clerks) == most:
                break
            post = Post(Role.OFFICER, ("health",), places=(f"medical_facilities/{code}",))
            self.before[code] = one["beds_free"] or 0
            self.clerks[code] = await day.hire(f"day.facility.{code.lower()}", post)
        self.pieces = len(self.clerks)
        self.since = await day.sql.fetchval("SELECT date_trunc('second', clock_timestamp())")

    def _numbers(self) -> dict[str, int]:
        chance = self.day.chance
        beds, icu = chance.randint(20, 600), chance.randint(0, 15)
        return {
            "beds": beds,
            "beds_free": chance.randint(0, beds),
            "icu_beds": icu,
            "icu_free": chance.randint(0, icu),
            "ventilators": icu,
            "ventilators_free": chance.randint(0, icu),
            "oxygen_h": chance.randint(0, 200),
            "doctors": chance.randint(1, 200),
        }

    async def work(self) -> None:
        """All reports; of some facilities two people send the same one at once."""
        await crew(CLERKS, list(self.clerks), self._report)

    async def _report(self, code: str) -> None:
        numbers = self._numbers()
        path = f"/api/facilities/{code}/report"
        answers = await together(
            *(
                self.day.send("facility's report", "POST", path, self.clerks[code], numbers)
                for _ in range(self.day.chance.choice((1, 1, 1, 2)))
            )
        )
        if all(answer.good for answer in answers):
            self.reported[code] = numbers
        self.done()

    def figures(self) -> list[Figure]:
        """The free beds that are more than there were."""
        more = sum(one["beds_free"] - self.before[code] for code, one in self.reported.items())
        return [Figure("medical_facilities", "districts", "beds_free", more)]

    async def close(self) -> list[Book]:
        """Each has reported today, and the numbers are what it sent last."""
        listed = await self.day.ask("facilities", "GET", "/api/facilities", self.department)
        shown: dict[str, dict[str, Any]] = {one["code"]: one for one in listed.body["facilities"]}
        same = sum(
            all(shown[code][name] == number for name, number in numbers.items())
            for code, numbers in self.reported.items()
        )
        return [
            Book("facilities, reports of today", self.pieces,
                 await self.day.count(_TODAY, self.since)),
            Book("facilities whose numbers are those sent", self.pieces, same),
        ]  # fmt: skip
