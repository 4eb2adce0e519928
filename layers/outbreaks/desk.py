"""The epidemic for one caller: figures, levels, and reports of many communes at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg
import orjson

from layers.database import Database, RuleRefused
from layers.roles import Caller

_NOT_THIS_ROLE = "Vai trò của bạn không có quyền này. / Your role may not do this."


@dataclass(frozen=True, slots=True)
class Outbreaks:
    """Works on the epidemic for one caller, who may be the public.

    What comes is JSON. Every method raises `RuleRefused` (the caller may not, there is no such
    unit) or what `Database.acting` raises.
    """

    database: Database
    caller: Caller

    async def figures(self, unit: str, days: int) -> Any:
        """The course by day, what is estimated of it, testing, and the units below.

        The public is told of the province alone, whatever the unit.
        """
        if self.caller.account is None:
            return await self._public("SELECT dieuhanh.epidemic_told($1)::text", days)
        return await self._staff("SELECT dieuhanh.epidemic_figures($1, $2)::text", unit, days)

    async def levels(self, day: date | None) -> Any:
        """The levels of risk that were computed on a day, or the newest."""
        if self.caller.account is None:
            return await self._public("SELECT dieuhanh.risk_levels_told($1)::text", day)
        return await self._staff("SELECT dieuhanh.risk_levels_of($1)::text", day)

    async def reports(self, day: date) -> Any:
        """The communes that the caller reports for, with what they reported of a day."""
        return await self._staff("SELECT dieuhanh.case_reports_of($1)::text", day)

    async def report(
        self, rows: Sequence[dict[str, Any]], reason: str | None, *, dry_run: bool
    ) -> Any:
        """Take reports of communes and days: all, or none and why.

        Returns:
            `read`, `new`, `corrected`, `same`, `bad`, `problems`, `written`.
        """
        return await self._staff(
            "SELECT dieuhanh.report_cases($1::jsonb, $2, $3)::text",
            orjson.dumps(rows).decode(),
            reason,
            dry_run,
            read_only=False,
        )

    async def _public(self, text: str, *values: Any) -> Any:
        row = await self.database.call(text, *values)
        assert row is not None
        return orjson.loads(row[0])

    async def _staff(self, text: str, *values: Any, read_only: bool = True) -> Any:
        try:
            async with self.database.acting(self.caller, read_only=read_only) as connection:
                return orjson.loads(await connection.fetchval(text, *values))
        except asyncpg.InsufficientPrivilegeError as error:
            raise RuleRefused("forbidden", _NOT_THIS_ROLE) from error
