"""Network assets at work: heartbeats, reports, outages; the rules are in migration 0031."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from layers.database import Database, RuleRefused
from layers.roles import Caller

PIECE = 1000
"""Outages of one transaction of a purge."""
MOST_OUTAGES = 1000
"""Outages that are told at once at most."""

_NOT_THIS_ROLE = "Vai trò của bạn không có quyền này. / Your role may not do this."
_TOTALS = """
SELECT operator, kind, count(*) AS assets, count(*) FILTER (WHERE state = 'up') AS up,
  count(*) FILTER (WHERE state = 'down') AS down,
  count(*) FILTER (WHERE state = 'maintenance') AS maintenance
FROM layer.network_assets GROUP BY operator, kind ORDER BY operator, kind
"""
_OUTAGES = """
SELECT o.*, (dieuhanh.site_named(o.site_code)).name AS site
FROM dieuhanh.network_outages($1, $2, $3, $4, $5) AS o
"""


@dataclass(frozen=True, slots=True)
class Outage:
    """A time for which an asset was down.

    Attributes:
        ended_at: None while it goes on.
        found_by: `silence` (no heartbeat), `report` (by a person), `edit` (of the layer).
        site: the name of the checkpoint, quarantine site or hotel that has it.
    """

    code: str
    name: str | None
    kind: str | None
    operator: str | None
    site_code: str | None
    district_code: str | None
    commune_code: str | None
    began_at: datetime
    ended_at: datetime | None
    found_by: str
    note: str | None
    site: str | None


@dataclass(frozen=True, slots=True)
class Network:
    """Works on network assets for one caller.

    Every method raises `RuleRefused` (the caller may not, there is no such asset, its state does
    not allow it) or what `Database.acting` raises.
    """

    database: Database
    caller: Caller

    async def heartbeats(self, codes: list[str]) -> list[str]:
        """Take heartbeats; the codes that are nobody's, or not of the caller's to report."""
        return list(await self._value("SELECT dieuhanh.network_heartbeats($1)", codes))

    async def report(self, code: str, state: str, note: str | None) -> int:
        """Say in which state an asset is; its id."""
        call = "SELECT dieuhanh.network_report($1, $2, $3)"
        return int(await self._value(call, code, state, note))

    async def outages(
        self,
        *,
        only_open: bool,
        days: int,
        operator: str | None = None,
        kind: str | None = None,
        most: int = MOST_OUTAGES,
    ) -> list[Outage]:
        """Outages of the caller's districts and places: those that go on, then the others."""
        try:
            async with self.database.acting(self.caller, read_only=True) as connection:
                since = await connection.fetchval("SELECT now()") - timedelta(days=days)
                rows = await connection.fetch(_OUTAGES, only_open, operator, kind, since, most)
        except asyncpg.InsufficientPrivilegeError as error:
            raise RuleRefused("forbidden", _NOT_THIS_ROLE) from error
        return [Outage(**row) for row in rows]

    async def totals(self) -> list[dict[str, Any]]:
        """Assets by operator and kind, with how many are up, down and under maintenance."""
        return [dict(row) for row in await self.database.fetch_text(_TOTALS, [], self.caller)]

    async def _value(self, call: str, *values: Any) -> Any:
        try:
            async with self.database.acting(self.caller) as connection:
                return await connection.fetchval(call, *values)
        except asyncpg.InsufficientPrivilegeError as error:
            raise RuleRefused("forbidden", _NOT_THIS_ROLE) from error


async def find_silent(connection: Any) -> int:
    """Set down what has missed three heartbeats, over a connection as the server; how many."""
    silent: int = await connection.fetchval("SELECT private.network_silence()")
    return silent


async def purge(connection: Any, *, keep_days: int) -> int:
    """Remove outages that ended more than `keep_days` ago; how many."""
    gone: int = await connection.fetchval("SELECT private.purge_network($1, $2)", keep_days, PIECE)
    return gone
