"""What staff learn of check-ins; each is a function that decides, as the caller's role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from layers.database import Database, RuleRefused
from layers.roles import Caller

MOST_STAYS = 1_500_000
"""Check-ins of a period in which the median stay is found: more take longer than anybody waits."""

_FIGURES = "SELECT dieuhanh.check_in_figures($1, $2, $3, $4, $5, $6)::text"
_FLOWS = "SELECT dieuhanh.check_in_flow_days($1, $2)::text"
_NOT_THIS_ROLE = (
    "Vai trò của bạn không được xem số liệu ra vào."
    " / Your role may not see the figures of check-ins."
)
LAYERS = ("checkpoints", "control_points")
"""The layers whose features are sites, in the order of their numbers."""


def site_number(layer: str, feature: int) -> int:
    """The number of a site, as the database has it.

    Raises:
        ValueError: the layer has no sites.
    """
    return feature * len(LAYERS) + LAYERS.index(layer)


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the province's zone, both included."""

    first: date
    last: date
    zone: str


async def figures(
    database: Database, caller: Caller, period: Period, district: str | None, site: int | None
) -> str:
    """Counts by hour, district and site, the median stay, and sites without any, as JSON.

    Raises:
        RuleRefused: the caller's role may not.
    """
    async with _acting(database, caller) as connection:
        found: str = await connection.fetchval(
            _FIGURES, period.first, period.last, period.zone, district, site, MOST_STAYS
        )
    return found


async def flow_days(database: Database, caller: Caller, period: Period) -> str:
    """The flows between communes of each day that is over, as JSON; raises as `figures` does."""
    async with _acting(database, caller) as connection:
        found: str = await connection.fetchval(_FLOWS, period.first, period.last)
    return found


@asynccontextmanager
async def _acting(database: Database, caller: Caller) -> AsyncIterator[Any]:
    try:
        async with database.acting(caller, read_only=True) as connection:
            yield connection
    except asyncpg.InsufficientPrivilegeError:
        raise RuleRefused("forbidden", _NOT_THIS_ROLE) from None
