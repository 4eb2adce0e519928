"""Districts answer flags and declare outbreak zones; the IT department enters directives."""

from __future__ import annotations

import asyncio
from typing import Any

from bench.departments.desk import (
    Answer,
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
from layers.roles import DISTRICT, Role

ZONES = 60
DIRECTIVES = 40
LOOKS, PAUSE_S = 20, 20
"""Times that a district looks at its flags on a whole day, and seconds between two at most."""
_GEOJSON = {"Content-Type": "application/geo+json"}
_CLOSED = "SELECT count(*) FROM private.flag WHERE state = 'closed' AND closed_at >= $1"


class Flags(Department):
    """Flags of declarations: each is taken up and closed in its district, by one of two."""

    name = "flags"
    reports = ("declarations",)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.closed: set[int] = set()
        self.twice = 0

    async def open(self) -> None:
        """Two officers in each district."""
        day = self.day
        units = await day.features("admin_units", {})
        self.districts = [
            one["properties"]["code"]
            for one in units
            if one["properties"]["level"] == "district"
        ]  # fmt: skip
        self.officers: dict[str, list[Headers]] = {}
        for code in self.districts:
            post = Post(Role.OFFICER, (DISTRICT,), districts=(code,))
            self.officers[code] = [await day.hire(f"day.d{code}.{n}", post) for n in (1, 2)]
        self.since = await day.sql.fetchval("SELECT clock_timestamp()")

    async def work(self) -> None:
        """Each district looks now and then, as long as people declare."""
        await asyncio.gather(*(self._district(code) for code in self.districts))

    async def _district(self, code: str) -> None:
        for _ in range(self.day.of(LOOKS, 2)):
            await asyncio.sleep(self.day.chance.uniform(0.5, 1 + PAUSE_S * self.day.scale))
            listed = await self.day.send(
                "flags", "GET", "/api/declarations/flags?limit=20", self.officers[code][0]
            )
            for flag in listed.body["flags"]:
                self.pieces += 1
                await self._answer(code, flag["id"])
                self.done()

    async def _answer(self, code: str, flag: int) -> None:
        path = f"/api/declarations/flags/{flag}"
        await self.day.send("flag taken up", "POST", f"{path}/seen", self.officers[code][0])
        note = {"note": "Đã gọi điện, đang ở nhà"}
        answers = await together(
            *(
                self.day.ask("flag closed", "POST", f"{path}/close", who, note)
                for who in self.officers[code]
            )
        )
        good = sum(answer.good for answer in answers)
        self.twice += good > 1
        if good:
            self.closed.add(flag)

    def figures(self) -> list[Figure]:
        """Those that were closed."""
        return [Figure("declarations", "flags", "closed", len(self.closed))]

    async def close(self) -> list[Book]:
        """What was closed is, and once."""
        return [
            Book("flags closed by districts", len(self.closed),
                 await self.day.count(_CLOSED, self.since)),
            Book("flags closed by two", 0, self.twice),
        ]  # fmt: skip


class Papers(Department):
    """Outbreak zones, whose ids clients make; directives, which their numbers tell apart."""

    name = "zones, directives"
    reports = ("outbreaks",)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.zones, self.directives = day.of(ZONES, 5), day.of(DIRECTIVES, 5)
        self.pieces = self.zones + self.directives
        self.declared: set[str] = set()
        self.entered: set[str] = set()

    async def open(self) -> None:
        """The health department and the IT department."""
        self.health = await self.day.hire("day.zones", Post(Role.OFFICER, ("health",)))
        self.it = await self.day.hire("day.papers", Post(Role.OFFICER, ("it",)))

    async def work(self) -> None:
        """Zones and directives, each by several people."""
        await asyncio.gather(
            crew(2, range(self.zones), self._zone), crew(2, range(self.directives), self._paper)
        )

    async def _create(self, layer: str, who: Headers, feature: dict[str, Any]) -> bool:
        path = f"/ogc/collections/{layer}/items"
        sent = {"type": "Feature", **feature}
        answer = await self.day.send(f"new in {layer}", "POST", path, who, sent, _GEOJSON)
        return answer.good or _is_known(answer)

    async def _zone(self, number: int) -> None:
        feature = zone_of(self.day, f"Vùng trong ngày {number}")
        if await self._create("outbreak_zones", self.health, feature):
            self.declared.add(feature["id"])
        self.done()

    async def _paper(self, number: int) -> None:
        name = f"{number}/CĐ-NGÀY"
        feature = {
            "geometry": None,
            "properties": {
                "number": name,
                "kind": "dispatch",
                "title": f"Công điện thứ {number} trong ngày",
                "issued_on": f"{now():%Y-%m-%d}",
                "issuer": "Ủy ban nhân dân tỉnh",
                "field": "epidemic",
                "valid_from": now().isoformat(),
            },
        }
        if await self._create("directives", self.it, feature):
            self.entered.add(name)
        self.done()

    def figures(self) -> list[Figure]:
        """All zones."""
        return [Figure("outbreaks", "zones", None, len(self.declared))]

    async def close(self) -> list[Book]:
        """Each once."""
        day = self.day
        return [
            Book("outbreak zones declared", self.zones, await day.count(
                "SELECT count(*) FROM layer.outbreak_zones WHERE id = ANY ($1::uuid[])",
                list(self.declared))),
            Book("directives entered", self.directives, await day.count(
                "SELECT count(*) FROM layer.directives WHERE number LIKE '%/CĐ-NGÀY'")),
            Book("directives answered", self.directives, len(self.entered)),
        ]  # fmt: skip


def zone_of(day: Day, name: str) -> dict[str, Any]:
    """An outbreak zone somewhere, as a feature with an id of the client's."""
    lon, lat = day.chance.uniform(108.0, 108.4), day.chance.uniform(15.5, 15.8)
    ring = [[lon, lat], [lon + 0.01, lat], [lon + 0.01, lat + 0.01], [lon, lat + 0.01]]
    return {
        "id": day.uuid(),
        "geometry": {"type": "MultiPolygon", "coordinates": [[[*ring, ring[0]]]]},
        "properties": {
            "name": name,
            "level": day.chance.choice(("very_high", "high", "increased")),
            "decision_number": f"{name}/QĐ-NGÀY",
            "valid_from": now().isoformat(),
        },
    }


def _is_known(answer: Answer) -> bool:
    """Whether an earlier try was taken, whose answer was lost."""
    return answer.again and answer.status in (409, 422)
