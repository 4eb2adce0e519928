"""Those who look meanwhile: maps, lists, the dashboard, and the live stream."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import orjson

from bench.departments.desk import Book, Day, Department
from layers.accounts import Post
from layers.roles import Role

READERS = 4
PAUSE_S = 0.15
"""Seconds between two looks of the same reader."""
_TILES = ("sos_requests", "checkpoints", "outbreak_zones", "quarantine_sites", "medical_facilities")
_PAGES = (
    "/api/figures",
    "/api/figures/areas",
    "/dashboard",
    "/",
    "/api/check-ins/figures",
    "/api/quarantine/figures",
    "/api/declarations/figures",
    "/api/facilities",
    "/api/network/outages",
    "/api/directives",
    "/api/epidemic/figures",
    "/api/vaccination/progress",
    "/api/volunteers/counts",
    "/ogc/collections/sos_requests/items?limit=100",
    "/ogc/collections/checkpoints/items?limit=50&bbox=108.0,15.4,108.6,15.9",
)


class Readers(Department):
    """Reads as long as anybody works, and follows the feed to its end."""

    name = "readers"

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.inserted: Counter[str] = Counter()
        self.last = ""

    async def open(self) -> None:
        """A viewer of the leadership; where the feed stands, and how many rows there are."""
        day = self.day
        self.viewer = await day.hire("day.viewer", Post(Role.VIEWER))
        self.head = (await day.ask("changes", "GET", "/api/changes")).body["next"]
        self.requests = await self._requests()
        self.rows = await self._rows()
        self.layers = list(self.rows)

    async def _requests(self) -> set[str]:
        rows = await self.day.sql.fetch("SELECT id::text FROM layer.sos_requests")
        return {row["id"] for row in rows}

    async def _rows(self) -> dict[str, int]:
        sql = self.day.sql
        names = await sql.fetch(
            "SELECT DISTINCT layer FROM dieuhanh.commit_log WHERE to_regclass('layer.' || layer)"
            " IS NOT NULL ORDER BY layer"
        )
        return {
            row["layer"]: await self.day.count(f'SELECT count(*) FROM layer."{row["layer"]}"')
            for row in names
        }

    async def work(self) -> None:
        """Look, and look again; one follows the live stream."""
        live = asyncio.create_task(self._follow())
        await asyncio.gather(*(self._look() for _ in range(READERS)))
        for _ in range(100):
            head = (await self.day.ask("changes", "GET", "/api/changes")).body["next"]
            if int(self.last.partition(".")[0]) >= head:
                break
            await asyncio.sleep(0.1)
        live.cancel()

    async def _look(self) -> None:
        chance = self.day.chance
        while not self.day.is_over:
            if chance.random() < 0.5:
                z = chance.randint(8, 12)
                # The tiles around 108.2° E, 15.7° N.
                column, row = int(0.8006 * 2**z), int(0.4558 * 2**z)
                layer = chance.choice(_TILES)
                path = f"/ogc/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{column}"
                await self.day.ask("map tile", "GET", path)
            else:
                await self.day.ask("page", "GET", chance.choice(_PAGES), self.viewer)
            await asyncio.sleep(PAUSE_S)

    async def _follow(self) -> None:
        """The live stream of requests for help, resumed where it breaks."""
        self.last = str(self.head)
        while True:
            path = f"/api/live?layers=sos_requests&last_event_id={self.last}"
            try:
                async with self.day.client.stream("GET", path, timeout=None) as answer:
                    await self._hear(answer)
            except httpx.HTTPError:
                await asyncio.sleep(0.2)

    async def _hear(self, answer: httpx.Response) -> None:
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                self.last = value
            elif name == "data":
                told: dict[str, Any] = orjson.loads(value)
                if told.get("op") == "insert":
                    self.inserted[told["id"]] += 1

    async def close(self) -> list[Book]:
        """The feed has no gap, and rows are what was there and what it tells since."""
        day = self.day
        head = await day.count("SELECT max(version) FROM dieuhanh.commit_log")
        commits = await day.count(
            "SELECT count(*) FROM dieuhanh.commit_log WHERE version > $1", self.head
        )
        changes = await day.sql.fetch(
            "SELECT layer, op, count(*) AS n FROM dieuhanh.change WHERE commit_id IN"
            " (SELECT id FROM dieuhanh.commit_log WHERE version > $1) GROUP BY layer, op",
            self.head,
        )
        more: Counter[str] = Counter()
        for row in changes:
            more[row["layer"]] += {"insert": 1, "delete": -1}.get(row["op"], 0) * row["n"]
        expected = {layer: rows + more[layer] for layer, rows in self.rows.items()}
        found = await self._rows()
        differing = [layer for layer in found if found[layer] != expected.get(layer, more[layer])]
        told = await self._told()
        refused = {
            f"{kind}: {status}"
            for kind, status in day.statuses
            if kind in ("map tile", "page") and not 200 <= status < 300
        }
        new = await self._requests() - self.requests
        return [
            Book("commits of the feed, numbered without a gap", head - self.head, commits),
            Book("layers whose rows are not what the feed tells", [], differing),
            Book("changes, told by the API", sum(row["n"] for row in changes), told),
            Book("new requests, each once in the live stream", len(new),
                 sum(self.inserted[one] == 1 for one in new)),
            Book("looks that were refused", [], sorted(refused)),
            Book("requests told more than once", 0, sum(n > 1 for n in self.inserted.values())),
        ]  # fmt: skip

    async def _told(self) -> int:
        since, told = self.head, 0
        while True:
            path = f"/api/changes?since={since}&limit=10000"
            page = (await self.day.ask("changes", "GET", path, self.viewer)).body
            told += len(page["changes"])
            since = page["next"]
            if not page["more"]:
                return told
