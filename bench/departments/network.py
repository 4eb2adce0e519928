"""Telecom operators: heartbeats of what they look after, and what people report broken."""

from __future__ import annotations

from bench.departments.desk import Book, Day, Department, Headers, crew, together
from layers.accounts import Post
from layers.roles import Role

ROUNDS = 96
"""Heartbeats of a day: one each quarter of an hour."""
AT_ONCE = 200
"""Assets of one heartbeat."""
REPORTS = 60
_HEARD = "SELECT count(*) FROM private.network_heartbeat WHERE at >= $1"
_BROKEN = "SELECT count(*) FROM private.network_outage WHERE found_by = 'report' AND began_at >= $1"
_MENDED = f"{_BROKEN} AND ended_at IS NOT NULL"
_TWICE = """
SELECT count(*) FROM private.network_outage AS a JOIN private.network_outage AS b
  ON b.asset_id = a.asset_id AND b.id > a.id
  AND tstzrange(a.began_at, a.ended_at) && tstzrange(b.began_at, b.ended_at)
"""
_DOWN = """
SELECT count(*) FROM layer.network_assets AS a FULL JOIN
  (SELECT * FROM private.network_outage WHERE ended_at IS NULL) AS o ON o.asset_id = a.id
WHERE (a.state = 'down') IS DISTINCT FROM (o.id IS NOT NULL)
"""


class Network(Department):
    """Monitoring tells what is alive; officers on the spot report what is broken, and mended."""

    name = "network"

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.heard: set[str] = set()
        self.broken = self.mended = 0

    async def open(self) -> None:
        """Two systems of monitoring, an officer on the spot; the assets."""
        day = self.day
        post = Post(Role.OFFICER, ("telecom",))
        self.monitors: list[Headers] = [await day.hire(f"day.telecom.{n}", post) for n in (1, 2)]
        self.reporter = await day.hire("day.spot", Post(Role.OPERATOR, ("rescue_coordination",)))
        assets = await day.features("network_assets", self.monitors[0])
        codes = [one["properties"]["code"] for one in assets]
        self.parts = [codes[first : first + AT_ONCE] for first in range(0, len(codes), AT_ONCE)]
        up = [one["properties"]["code"] for one in assets if one["properties"]["state"] == "up"]
        self.spots = up[: min(day.of(REPORTS, 5), len(up))]
        self.pieces = day.of(ROUNDS, 2) * len(self.parts) + len(self.spots)
        self.since = await day.sql.fetchval("SELECT clock_timestamp()")

    async def work(self) -> None:
        """Round after round; in between what people report."""
        rounds = [part for _ in range(self.day.of(ROUNDS, 2)) for part in self.parts]
        await crew(2, [*rounds, *self.spots], self._piece)

    async def _piece(self, piece: list[str] | str) -> None:
        if isinstance(piece, str):
            is_broken = await self._find(piece, "down")
            is_mended = await self._find(piece, "up")
            self.broken += is_broken
            self.mended += is_mended
        else:
            await self._beat(piece)
        self.done()

    async def _beat(self, codes: list[str]) -> None:
        path = "/api/network/heartbeats"
        body = {"codes": codes}
        answers = await together(
            *(self.day.send("heartbeats", "POST", path, who, body) for who in self.monitors)
        )
        if any(answer.good and answer.body["taken"] == len(codes) for answer in answers):
            self.heard.update(codes)

    async def _find(self, code: str, state: str) -> bool:
        """Two report the same at once: whoever comes second is told that it is known."""
        body = {"code": code, "state": state}
        answers = await together(
            *(
                self.day.ask("report of an asset", "POST", "/api/network/reports", who, body)
                for who in (self.reporter, self.monitors[0])
            )
        )
        return sum(answer.good for answer in answers) == 1

    async def close(self) -> list[Book]:
        """All are heard; as many outages as were reported; none twice, none forgotten."""
        day = self.day
        return [
            Book("assets that sent heartbeats, heard", len(self.heard),
                 await day.count(_HEARD, self.since)),
            Book("outages reported by two, taken once", len(self.spots), self.broken),
            Book("outages reported", self.broken, await day.count(_BROKEN, self.since)),
            Book("outages reported and ended", self.mended, await day.count(_MENDED, self.since)),
            Book("outages of one asset at the same time", 0, await day.count(_TWICE)),
            Book("assets down without an outage, or the other way", 0, await day.count(_DOWN)),
        ]  # fmt: skip
