"""The military command's sites and the tourism department's hotels: who comes, moves and leaves."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from bench.departments.desk import Book, Day, Department, Figure, Headers, crew, now, together
from layers.accounts import Post
from layers.roles import Role

ADMISSIONS = 1_500
LAST_BEDS = 3
"""Beds that are left when twenty are sent at once."""
AT_ONCE = 20
CLERKS = 4
_LISTED = """
SELECT count(*) FROM (
  SELECT s.place, CASE WHEN s.place LIKE 'hotels/%'
      THEN count(DISTINCT coalesce(dieuhanh.fold(btrim(s.room)), s.id::text)) ELSE count(*) END AS n
  FROM register.stays AS s WHERE s.state = 'admitted' AND s.place LIKE '%/%' GROUP BY s.place
) AS t FULL JOIN register.occupancy AS o USING (place)
WHERE coalesce(t.n, 0) <> coalesce(o.listed, 0)
"""
_BEYOND = """
SELECT count(*) FROM dieuhanh.change WHERE id > $1 AND (
  layer = 'quarantine_sites' AND NOT
    (after->>'occupied')::integer BETWEEN 0 AND (after->>'capacity')::integer
  OR layer = 'hotels' AND NOT
    (after->>'occupied')::integer BETWEEN 0 AND (after->>'rooms')::integer)
"""
_OCCUPIED = """
SELECT (SELECT sum(occupied) FROM layer.quarantine_sites)
  + (SELECT sum(occupied) FROM layer.hotels)
"""


class Quarantine(Department):
    """Stays: admissions, transfers, releases; and twenty at once for the last beds."""

    name = "quarantine"
    reports = ("quarantine_sites", "quarantine_hotels")

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.pieces = day.of(ADMISSIONS, 30)
        self.admitted: dict[str, str] = {}
        self.transferred = self.tried = self.released = self.full = self.raced = 0
        self.lost: list[str] = []
        self.moved: Counter[tuple[str, str]] = Counter()

    async def open(self) -> None:
        """Clerks of both departments; the places with room."""
        day = self.day
        self.clerks: dict[str, list[Headers]] = {}
        for layer, department in (("quarantine_sites", "military_command"), ("hotels", "tourism")):
            self.clerks[layer] = [
                await day.hire(f"day.{department}.{n}", Post(Role.OFFICER, (department,)))
                for n in (1, 2)
            ]
        sites = await day.features("quarantine_sites", self.clerks["quarantine_sites"][0])
        hotels = await day.features("hotels", self.clerks["hotels"][0])
        open_sites = [
            one
            for one in sites
            if one["properties"]["state"] in ("ready", "receiving")
            and one["properties"]["capacity"] > one["properties"]["occupied"]
        ]
        # The smallest takes twenty at once; the others the day's people.
        open_sites.sort(key=lambda one: one["properties"]["capacity"])
        self.narrow, *rest = open_sites
        self.sites = [f"quarantine_sites/{one['id']}" for one in rest[-12:]]
        self.hotels = [
            f"hotels/{one['id']}"
            for one in hotels
            if one["properties"]["paid_quarantine"] and one["properties"]["state"] == "available"
        ][:12]
        self.since = await day.count("SELECT max(id) FROM dieuhanh.change")
        self.before = await self._stand()

    async def _stand(self) -> tuple[int, int, int]:
        day = self.day
        return (
            await day.count("SELECT count(*) FROM register.stays WHERE state = 'admitted'"),
            await day.count(_OCCUPIED),
            await day.count("SELECT count(*) FROM register.stays"),
        )

    async def work(self) -> None:
        """The day's people; in the middle of it, twenty for three beds."""
        half = self.pieces // 2
        await crew(CLERKS, range(half), self._person)
        await self._race()
        await crew(CLERKS, range(half, self.pieces), self._person)

    def _body(self, number: int | str, place: str) -> dict[str, Any]:
        return {
            "id": self.day.uuid(),
            "name": f"Người cách ly {number}",
            "birth_year": self.day.chance.randint(1930, 2020),
            "place": place,
            "room": f"NGÀY-{number}",
            "regime": "contact_14",
            # Some are entered days after they came.
            "admitted_at": (now() - timedelta(days=self.day.chance.randint(0, 15))).isoformat(),
        }

    def _clerk(self, place: str) -> Headers:
        return self.day.chance.choice(self.clerks[_layer(place)])

    async def _person(self, number: int) -> None:
        chance = self.day.chance
        place = chance.choice(self.sites if number % 4 else self.hotels)
        stay = await self._admit(self._body(number, place))
        if stay is not None:
            fate = chance.random()
            if fate < 0.25:
                await self._transfer(stay, place, number)
            elif fate < 0.6:
                await self._release(stay, place)
        self.done()

    async def _admit(self, body: dict[str, Any]) -> str | None:
        """The stay; None if the place was full."""
        clerk, stay = self._clerk(body["place"]), str(body["id"])
        answer = await self.day.enter("admission", "stays", body, clerk)
        if answer.good:
            self.admitted[stay] = body["place"]
            self.moved[_layer(body["place"]), "admitted"] += (
                body["admitted_at"] >= self.day.midnight
            )
            return stay
        if answer.status == 409:
            self.full += 1
        else:
            self.lost.append(f"{stay}: {answer.status}")
        return None

    async def _transfer(self, stay: str, place: str, number: int) -> None:
        # A department's clerk moves people between its own places.
        own = self.sites if place in self.sites else self.hotels
        others = [one for one in own if one != place]
        body = {"place": self.day.chance.choice(others), "room": f"NGÀY-{number}"}
        address = f"stays/{stay}/transfer"
        clerk = self._clerk(place)
        answer = await self.day.act("transfer", address, clerk, body, "transferred")
        self.transferred += answer.good
        self.moved[_layer(place), "transferred"] += answer.good

    async def _release(self, stay: str, place: str) -> None:
        """Two clerks let the same person go at the same moment: one of them does."""
        path, body = f"/api/registers/stays/{stay}/release", {"reason": "Đủ ngày, kết quả âm tính"}
        answers = await together(
            *(self.day.ask("release", "POST", path, who, body) for who in self._both(place))
        )
        self.tried += 1
        released = sum(answer.good for answer in answers)
        self.released += released
        self.moved[_layer(place), "released"] += released

    def _both(self, place: str) -> list[Headers]:
        return self.clerks[_layer(place)]

    async def _race(self) -> None:
        """The command leaves three beds in a site, and twenty are admitted at once."""
        site, clerk = self.narrow, self.clerks["quarantine_sites"][0]
        place = f"quarantine_sites/{site['id']}"
        left = site["properties"]["occupied"] + LAST_BEDS
        path = f"/ogc/collections/quarantine_sites/items/{site['id']}"
        merge = {"Content-Type": "application/merge-patch+json"}
        body = {"properties": {"capacity": left}}
        answer = await self.day.ask("edit of a site", "PATCH", path, clerk, body, merge)
        if not answer.good:
            self.lost.append(f"{path}: {answer.status}")
        bodies = [self._body(f"cuối {n}", place) for n in range(AT_ONCE)]
        before = len(self.admitted)
        await crew(AT_ONCE, bodies, self._into_the_last)
        self.raced = len(self.admitted) - before

    async def _into_the_last(self, body: dict[str, Any]) -> None:
        await self._admit(body)

    def figures(self) -> list[Figure]:
        """Who was admitted, moved and let go today, at sites and at hotels."""
        reports = {"quarantine_sites": "quarantine_sites", "hotels": "quarantine_hotels"}
        return [
            Figure(report, "movements", column, self.moved[layer, column])
            for layer, report in reports.items()
            for column in ("admitted", "transferred", "released")
        ]

    async def close(self) -> list[Book]:
        """Who came less who left is who is there, at each place and in all; never too many."""
        day = self.day
        present, occupied, rows = await self._stand()
        entered = await day.count(
            "SELECT count(*) FROM register.stays WHERE id = ANY ($1::uuid[])", list(self.admitted)
        )
        stay = len(self.admitted) - self.released
        return [
            Book("admissions answered, in the register", len(self.admitted), entered),
            Book("admissions and transfers, rows", len(self.admitted) + self.transferred,
                 rows - self.before[2]),
            Book("releases by two at once, done once", self.tried, self.released),
            Book("admissions less releases, present", stay, present - self.before[0]),
            Book("people more at places, beds more in use", stay, occupied - self.before[1]),
            Book("twenty at once into the last beds, admitted", LAST_BEDS, self.raced),
            Book("places where register and count differ", 0, await day.count(_LISTED)),
            Book("moments with fewer than none or too many", 0,
                 await day.count(_BEYOND, self.since)),
            Book("what was answered otherwise", [], self.lost[:5]),
        ]  # fmt: skip


def _layer(place: str) -> str:
    return place.partition("/")[0]
