"""Vaccination: people register and come, doses are given from the stock of their point."""

from __future__ import annotations

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

DOSES = 10_000
POINTS = 8
DESKS = 8
LAST_DOSES, AT_ONCE = 3, 20
"""Doses that a point has left when twenty people are there."""
WASTED = 2
SPARE = 30
"""Doses beyond those that will be given, at each point."""
_VISITS = "/api/registers/vaccinations"
_UNEVEN = """
SELECT count(*) FROM (
  SELECT place, lot, sum(change) AS change, min(balance) AS least
  FROM register.stock_movements GROUP BY 1, 2
) AS m FULL JOIN register.stock_balance AS b USING (place, lot)
WHERE coalesce(m.change, 0) <> coalesce(b.doses, 0) OR m.least < 0 OR b.doses < 0
"""
# Each movement begins at what another one left, and nothing else: as a way from nought to what is
# on hand, by which no movement passes over another.
_BROKEN = """
SELECT count(*) FROM (
  SELECT place, lot, stand, sum(n) AS n FROM (
    SELECT place, lot, balance AS stand, 1 AS n FROM register.stock_movements
    UNION ALL SELECT place, lot, balance - change, -1 FROM register.stock_movements
    UNION ALL SELECT place, lot, 0, 1 FROM register.stock_balance
    UNION ALL SELECT place, lot, doses, -1 FROM register.stock_balance
  ) AS s WHERE lot LIKE 'NGAY%' GROUP BY 1, 2, 3
) AS t WHERE n <> 0
"""
_TWICE = """
SELECT count(*) FROM (SELECT person_id, number FROM register.vaccinations
  WHERE number IS NOT NULL AND state <> 'void' GROUP BY 1, 2 HAVING count(*) > 1) AS t
"""


class Vaccination(Department):
    """Stock to the points, registrations, desks; and twenty at once for the last three doses."""

    name = "vaccination"
    reports = ("vaccination",)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.people = day.of(DOSES, 24)
        self.pieces = self.people + AT_ONCE
        self.registered: set[str] = set()
        self.given: set[str] = set()
        self.deferred = self.tried = self.won = self.raced = 0
        self.moved: list[str] = []
        self.lost: list[str] = []

    async def open(self) -> None:
        """Who keeps the store, two at each point; points and communes."""
        day = self.day
        self.store = await day.hire("day.store", Post(Role.OFFICER, ("health",)))
        points = await day.features("vaccination_points", self.store)
        wanted = day.of(POINTS * 10, 2) + 1
        chosen = [one for one in points if one["properties"]["district_code"]][: min(wanted, 9)]
        self.desks: dict[str, list[Headers]] = {}
        for one in chosen:
            place = f"vaccination_points/{one['id']}"
            post = Post(Role.OFFICER, ("health",), places=(place,))
            self.desks[place] = [await day.hire(f"day.point{one['id']}.{n}", post) for n in (1, 2)]
        self.narrow, *self.points = self.desks
        self.communes = [
            one["properties"]["commune_code"] for one in chosen if one["properties"]["commune_code"]
        ]
        self.lots = {place: f"NGAY{number}" for number, place in enumerate(self.desks)}

    async def work(self) -> None:
        """The stock first, then the people, and those who come for the last doses."""
        await crew(2, list(self.desks), self._supply)
        await crew(DESKS, range(self.people), self._person)
        await crew(AT_ONCE, range(self.people, self.pieces), self._into_the_last)

    async def _supply(self, place: str) -> None:
        """A lot comes to the store; a part goes on to a point; some is wasted there."""
        lot, day = self.lots[place], self.day
        row = {"id": day.uuid(), "lot": lot, "vaccine": "pfizer"}
        row["expires_on"] = f"{now() + timedelta(days=90):%Y-%m-%d}"
        await day.enter("lot", "vaccine_lots", row, self.store)
        share = -(-self.people // len(self.points)) + SPARE
        wanted = LAST_DOSES if place == self.narrow else share
        await self._move("store", lot, "received", 2 * share)
        await self._move("store", lot, "moved", wanted + WASTED, other_place=place)
        await self._move(place, lot, "wasted", WASTED, reason="Vỡ lọ")

    async def _move(self, place: str, lot: str, kind: str, doses: int, **more: str) -> None:
        row = {"id": self.day.uuid(), "place": place, "lot": lot, "kind": kind, "doses": doses}
        answer = await self.day.enter(
            "movement of stock", "stock_movements", row | more, self.store
        )
        if answer.good:
            self.moved.append(str(row["id"]))
        else:
            self.lost.append(f"{kind} {lot}: {answer.status}")

    async def _person(self, number: int) -> None:
        place = self.points[number % len(self.points)]
        visit = await self._arrive(number, place)
        if visit is not None and await self._screen(visit, place):
            await self._give(visit, place)
        self.done()

    async def _into_the_last(self, number: int) -> None:
        visit = await self._arrive(number, self.narrow)
        if visit is not None and await self._fit(visit, self.narrow):
            body = {"lot": self.lots[self.narrow]}
            path = f"{_VISITS}/{visit}/give"
            who = self.day.chance.choice(self.desks[self.narrow])
            answer = await self.day.ask("dose", "POST", path, who, body)
            if answer.good:
                self.raced += 1
                self.given.add(visit)
        self.done()

    async def _arrive(self, number: int, place: str) -> str | None:
        """Somebody registers, and comes; two desks receive them at once, as one visit."""
        day = self.day
        registration = {
            "id": day.uuid(),
            "name": f"Người tiêm {number}",
            "birth_year": day.chance.randint(1940, 2000),
            "phone": f"097{number:07d}",
            "commune_code": day.chance.choice(self.communes),
            "priority_group": "others",
            "consent": True,
        }
        path = "/api/vaccination/registrations"
        answer = await day.send("registration", "POST", path, NOBODY, registration)
        if not answer.good:
            self.lost.append(f"registration {number}: {answer.status}")
            return None
        self.registered.add(str(registration["id"]))
        body = {"place": place, "registration": registration["id"], "anyway": True}
        visits = await together(
            *(
                day.send("arrival", "POST", "/api/vaccination/arrive", who, body)
                for who in self.desks[place][: day.chance.choice((1, 1, 1, 2))]
            )
        )
        found = {one.body["visit"] if one.good else str(one.status) for one in visits}
        if len(found) > 1 or not visits[0].good:
            self.lost.append(f"visits {sorted(found)}")
            return None
        return str(visits[0].body["visit"])

    async def _screen(self, visit: str, place: str) -> bool:
        """Whether somebody may be vaccinated today."""
        if self.day.chance.random() < 0.03:
            body = {"outcome": "deferred", "reason": "Đang sốt"}
            who = self.desks[place][0]
            address = f"vaccinations/{visit}/screen"
            answer = await self.day.act("screening", address, who, body, "deferred")
            self.deferred += answer.good
            return False
        return await self._fit(visit, place)

    async def _fit(self, visit: str, place: str) -> bool:
        address, who = f"vaccinations/{visit}/screen", self.desks[place][0]
        body = {"outcome": "fit"}
        return (await self.day.act("screening", address, who, body, "fit")).good

    async def _give(self, visit: str, place: str) -> None:
        """A dose; of some people two record it at once, and one does."""
        body: dict[str, Any] = {"lot": self.lots[place], "site": "left_arm"}
        if self.day.chance.random() < 0.1:
            path = f"{_VISITS}/{visit}/give"
            answers = await together(
                *(self.day.ask("dose", "POST", path, who, body) for who in self.desks[place])
            )
            won = sum(answer.good for answer in answers)
            self.tried += 1
            self.won += won
            is_given = won > 0
        else:
            address, who = f"vaccinations/{visit}/give", self.desks[place][1]
            is_given = (await self.day.act("dose", address, who, body, "observing")).good
        if not is_given:
            self.lost.append(f"dose of {visit}")
            return
        self.given.add(visit)
        address, who = f"vaccinations/{visit}/leave", self.desks[place][0]
        await self.day.act("observation ended", address, who, {"reason": "Khỏe"}, "done")

    def figures(self) -> list[Figure]:
        """Doses, and who was told to come again."""
        return [
            Figure("vaccination", "doses", "first", len(self.given)),
            Figure("vaccination", "doses", "deferred", self.deferred),
        ]

    async def close(self) -> list[Book]:
        """Doses as they were answered, each once; the stock of each point and lot accounts."""
        day = self.day
        given = await day.count(
            "SELECT count(*) FROM register.vaccinations WHERE lot LIKE 'NGAY%' AND state <> 'void'"
            " AND number IS NOT NULL"
        )
        named = await day.count(
            "SELECT count(*) FROM register.vaccinations WHERE id = ANY ($1::uuid[])"
            " AND state IN ('observing', 'done') AND number = 1",
            list(self.given),
        )
        rows = await day.count(
            "SELECT count(*) FROM register.vaccination_registrations WHERE id = ANY ($1::uuid[])",
            list(self.registered),
        )
        moves = await day.count(
            "SELECT count(*) FROM register.stock_movements WHERE id = ANY ($1::uuid[])", self.moved
        )
        book = await day.sql.fetchrow(
            "SELECT sum(b.received) AS received, sum(b.used) AS used, sum(b.wasted) AS wasted,"
            " sum(b.moved - b.arrived) AS moved, sum(b.balance) AS balance"
            " FROM unnest($1::text[]) AS l (lot), private.stock_book(NULL, l.lot) AS b",
            list(self.lots.values()),
        )
        left = book["received"] - book["used"] - book["wasted"] - book["moved"]
        return [
            Book("registered for vaccination, answered", self.pieces, len(self.registered)),
            Book("registrations answered, rows", len(self.registered), rows),
            Book("given or deferred", self.people + LAST_DOSES, len(self.given) + self.deferred),
            Book("doses answered, in the register", len(self.given), named),
            Book("doses of the day's lots", len(self.given), given),
            Book("doses recorded by two at once, recorded once", self.tried, self.won),
            Book("twenty at once for the last doses, given", LAST_DOSES, self.raced),
            Book("doses of one person and number twice", 0, await day.count(_TWICE)),
            Book("doses given, used by the ledger", given, int(book["used"])),
            Book("movements answered, in the ledger", len(self.moved), moves),
            Book("received less used and wasted, on hand", int(left), int(book["balance"])),
            Book("places and lots that do not add up, or below none", 0, await day.count(_UNEVEN)),
            Book("stands of the ledger that skip a movement", 0, await day.count(_BROKEN)),
            Book("what was answered otherwise (vaccination)", [], self.lost[:5]),
        ]
