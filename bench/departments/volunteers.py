"""Volunteers and the youth union that assigns them; doctors who call people back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from bench.departments.desk import (
    NOBODY,
    Book,
    Day,
    Department,
    Figure,
    Headers,
    crew,
    now,
    together,
)
from layers.accounts import Post
from layers.roles import Role

VOLUNTEERS = 300
CONSULTATIONS = 400
DOCTORS = 4
_OVERLAPPING = """
SELECT count(*) FROM register.volunteer_assignments AS a JOIN register.volunteer_assignments AS b
  ON b.volunteer_id = a.volunteer_id AND b.id > a.id AND a.during && b.during
WHERE a.state IN ('offered', 'accepted', 'done') AND b.state IN ('offered', 'accepted', 'done')
"""
_ASKED = "SELECT count(*) FROM register.consultations WHERE id = ANY ($1::uuid[])"
_TAKEN = """
SELECT count(*) FROM private.consultation_step
WHERE kind = 'taken' AND consultation_id = ANY ($1::uuid[])
"""
_BY_DAY = "SELECT count(*) FROM register.volunteer_assignments WHERE assigned_by LIKE 'day.%'"


class Volunteers(Department):
    """People offer help; two officers want each of them for two tasks of the same hours."""

    name = "volunteers"

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.pieces = day.of(VOLUNTEERS, 10)
        self.follow: dict[str, str] = {}
        self.won = self.accepted = 0

    async def open(self) -> None:
        """Two officers of the youth union; two tasks that overlap; a commune."""
        day = self.day
        post = Post(Role.OFFICER, ("youth_union",))
        self.officers: list[Headers] = [await day.hire(f"day.youth.{n}", post) for n in (1, 2)]
        points = await day.features("vaccination_points", self.officers[0])
        self.communes = [
            one["properties"]["commune_code"] for one in points if one["properties"]["commune_code"]
        ]
        self.place = f"vaccination_points/{points[0]['id']}"

    async def work(self) -> None:
        """The tasks, then volunteer after volunteer."""
        self.tasks = [await self._task(hours) for hours in (24, 26)]
        await crew(4, range(self.pieces), self._volunteer)

    async def _task(self, hours: float) -> str:
        row = {
            "id": self.day.uuid(),
            "title": f"Hỗ trợ điểm tiêm sau {hours} giờ",
            "kind": "vaccination",
            "place": self.place,
            "starts_at": (now() + timedelta(hours=hours)).isoformat(),
            "ends_at": (now() + timedelta(hours=hours + 4)).isoformat(),
            "wanted": 500,
        }
        await self.day.enter("task of volunteers", "volunteer_tasks", row, self.officers[0])
        return str(row["id"])

    async def _volunteer(self, number: int) -> None:
        day = self.day
        offer = {
            "id": day.uuid(),
            "name": f"Tình nguyện viên {number}",
            "phone": f"092{number:07d}",
            "birth_year": day.chance.randint(1960, 2003),
            "commune_code": day.chance.choice(self.communes),
            "skills": ["carrier"],
            "days": [1, 2, 3, 4, 5, 6, 7],
            "consent": True,
        }
        answer = await day.send("volunteer", "POST", "/api/volunteers", NOBODY, offer)
        if answer.good:
            self.follow[str(offer["id"])] = answer.body["follow"]["token"]
            await self._assign(str(offer["id"]))
        self.done()

    async def _assign(self, volunteer: str) -> None:
        answers = await together(
            *(
                self.day.ask(
                    "assignment of a volunteer",
                    "POST",
                    f"/api/volunteers/tasks/{task}/assignments",
                    who,
                    {"volunteer": volunteer},
                )
                for who, task in zip(self.officers, self.tasks, strict=True)
            )
        )
        self.won += sum(answer.good for answer in answers)

    async def close(self) -> list[Book]:
        """Each volunteer once; each in one of the two tasks."""
        day = self.day
        rows = await day.count(
            "SELECT count(*) FROM register.volunteers WHERE id = ANY ($1::uuid[])",
            list(self.follow),
        )
        return [
            Book("volunteers sent, answered", self.pieces, len(self.follow)),
            Book("volunteers answered, rows", len(self.follow), rows),
            Book("wanted for two tasks at once, given one", len(self.follow), self.won),
            Book("assignments answered, rows", self.won, await day.count(_BY_DAY)),
            Book("volunteers in two tasks at a time", 0, await day.count(_OVERLAPPING)),
        ]


class Consultations(Department):
    """People ask to be called; doctors take case after case, all at once."""

    name = "consultations"
    reports = ("consultations",)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.pieces = day.of(CONSULTATIONS, 12)
        self.asked: set[str] = set()
        self.taken: list[str] = []
        self.closed: set[str] = set()
        self.is_told = False

    async def open(self) -> None:
        """Doctors of the health department; the communes."""
        day = self.day
        post = Post(Role.OFFICER, ("health",))
        self.doctors = [await day.hire(f"day.doctor.{n}", post) for n in range(DOCTORS)]
        points = await day.features("vaccination_points", NOBODY)
        self.communes = [
            one["properties"]["commune_code"] for one in points if one["properties"]["commune_code"]
        ]

    async def work(self) -> None:
        """Both sides at once, until nobody waits."""
        await asyncio.gather(self._people(), *(self._doctor(one) for one in self.doctors))

    async def _people(self) -> None:
        await crew(4, range(self.pieces), self._ask)
        self.is_told = True

    async def _ask(self, number: int) -> None:
        chance = self.day.chance
        one: dict[str, Any] = {
            "id": self.day.uuid(),
            "name": f"Người cần tư vấn {number}",
            "phone": f"091{number:07d}",
            "age": chance.randint(1, 95),
            "commune_code": chance.choice(self.communes),
            "symptoms": chance.choice((["fever"], ["cough", "tired"], ["breathless"])),
            "consent": True,
        }
        answer = await self.day.send("consultation", "POST", "/api/consultations", NOBODY, one)
        if answer.good:
            self.asked.add(one["id"])
        self.done()

    async def _doctor(self, doctor: Headers) -> None:
        path = "/api/consultations"
        while True:
            was_told = self.is_told
            taken = await self.day.ask("case taken", "POST", f"{path}/take", doctor)
            case = taken.body["id"] if taken.good else None
            if case is None:
                if was_told:
                    return
                await asyncio.sleep(0.3)
                continue
            self.taken.append(case)
            await self.day.ask("case looked at", "GET", f"{path}/{case}", doctor)
            body = {"result": "advice", "note": "Nghỉ ngơi, uống đủ nước"}
            answer = await self.day.send("result", "POST", f"{path}/{case}/result", doctor, body)
            # Said already: by the try before, whose answer was lost.
            if answer.good or (answer.again and answer.status == 409):
                self.closed.add(case)

    def figures(self) -> list[Figure]:
        """Those that were asked for, and those that are over."""
        return [
            Figure("consultations", "consultations", "asked", len(self.asked)),
            Figure("consultations", "consultations", "closed", len(self.closed)),
        ]

    async def close(self) -> list[Book]:
        """Each asked once, taken once, closed once."""
        day = self.day
        ids = list(self.asked)
        asked = await day.count(_ASKED, ids)
        closed = await day.count(f"{_ASKED} AND state = 'closed' AND outcome = 'advice'", ids)
        taken = await day.count(_TAKEN, ids)
        own = [one for one in self.taken if one in self.asked]
        return [
            Book("consultations sent, answered", self.pieces, len(self.asked)),
            Book("consultations answered, rows", len(self.asked), asked),
            Book("consultations, each taken by one", len(self.asked), len(own)),
            Book("consultations, times taken by the history", len(self.asked), taken),
            Book("consultations closed", len(self.asked & self.closed), closed),
        ]
