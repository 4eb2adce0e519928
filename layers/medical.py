"""Medical facilities at work: daily reports, what is short, and the nearest with room.

The rules are in migration 0032; a facility's numbers are columns of the layer, so that each report
is a change of it, and its history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from layers.database import Database, RuleRefused
from layers.province import Thresholds
from layers.roles import Caller

NEEDS = ("bed", "icu", "ventilator", "oxygen", "ambulance")
MOST = 50
"""Facilities of one answer about the nearest, at most."""

_NOT_THIS_ROLE = "Vai trò của bạn không có quyền này. / Your role may not do this."
_MAY = (
    "(dieuhanh.may_edit('medical_facilities', 'health', true, f.district_code)"
    " AND dieuhanh.at_place('medical_facilities', f.id::text))"
)
_FACILITIES = f"""
SELECT f.code, f.name, f.kind, f.state, f.district_code, f.commune_code, f.beds, f.beds_free,
  f.icu_beds, f.icu_free, f.ventilators, f.ventilators_free, f.oxygen_h, f.ambulances,
  f.ambulances_free, f.doctors, f.nurses, f.reported_at, {_MAY} AS mine,
  array_remove(ARRAY[
    CASE WHEN f.reported_at < now() - make_interval(secs => $1 * 3600) THEN 'report' END,
    CASE WHEN f.beds > 0 AND f.beds_free * 100 < $2 * f.beds THEN 'beds' END,
    CASE WHEN f.icu_beds > 0 AND f.icu_free < $3 THEN 'icu' END,
    CASE WHEN f.icu_beds > 0 AND f.oxygen_h < $4 THEN 'oxygen' END
  ], NULL) AS short
FROM layer.medical_facilities AS f
WHERE f.state <> 'closed' OR {_MAY}
ORDER BY dieuhanh.fold(f.name), f.id
"""
_NEAREST = "SELECT * FROM dieuhanh.nearest_facilities($1, $2, $3, $4, $5)"


@dataclass(frozen=True, slots=True)
class Medical:
    """Works on medical facilities for one caller.

    Every method raises `RuleRefused` (the caller may not, there is no such facility, a number is
    more than what it is a part of) or what `Database.acting` raises.
    """

    database: Database
    caller: Caller

    async def report(self, code: str, facts: dict[str, Any]) -> int:
        """Take the numbers that a facility reports; its id. What is left out stays."""
        call = "SELECT dieuhanh.facility_report($1, $2::jsonb) AS id"
        (row,) = await self._rows(call, code, orjson.dumps(facts).decode(), read_only=False)
        return int(row["id"])

    async def facilities(self, thresholds: Thresholds) -> list[dict[str, Any]]:
        """All facilities by name, with `short` (what they are short of) and `mine`.

        `short` holds `report` (none for too long), `beds`, `icu`, `oxygen`; `mine` says whether
        the caller may report for it.
        """
        rows = await self._rows(
            _FACILITIES,
            thresholds.report_hours,
            thresholds.beds_free_percent,
            thresholds.icu_free,
            thresholds.oxygen_hours,
        )
        return [dict(row) for row in rows]

    async def nearest(
        self, lon: float, lat: float, need: str, srid: int, most: int
    ) -> list[dict[str, Any]]:
        """Open facilities with what is needed to spare, the nearest first.

        Args:
            lon, lat: degrees, EPSG:4326.
            need: one of `NEEDS`.
            srid: the province's metric system.

        Returns:
            With `free`, `distance_m`, `travel_min`, and `by`: `road` or `straight`.
        """
        return [dict(row) for row in await self._rows(_NEAREST, lon, lat, need, srid, most)]

    async def _rows(self, text: str, *values: Any, read_only: bool = True) -> list[Any]:
        try:
            async with self.database.acting(self.caller, read_only=read_only) as connection:
                return list(await connection.fetch(text, *values))
        except asyncpg.InsufficientPrivilegeError as error:
            raise RuleRefused("forbidden", _NOT_THIS_ROLE) from error
