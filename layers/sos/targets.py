"""The open requests and the teams on duty, for programs that show teams on a map."""

from __future__ import annotations

from typing import Any

from layers.database import Database
from layers.roles import Caller

_REQUESTS = "SELECT * FROM dieuhanh.sos_targets($1)"
# Exact positions are for staff, whose roles alone may read them.
_TEAMS = """
SELECT id, code, name, kind, state, members, position_at, accuracy_m,
  ST_X(geom_exact) AS lon, ST_Y(geom_exact) AS lat
FROM layer.rescue_teams WHERE state <> 'off' ORDER BY id LIMIT $1
"""


async def targets(database: Database, caller: Caller, most: int) -> tuple[list[Any], list[Any]]:
    """The open requests, the newest first, and the teams, as a caller may see them.

    Args:
        most: rows of each at most.

    Raises:
        asyncpg.InsufficientPrivilegeError: the caller is no staff.
        QueryTooSlow, DatabaseUnavailable: see `Database`.
    """
    async with database.acting(caller, read_only=True) as connection:
        requests = await connection.fetch(_REQUESTS, most)
        teams = await connection.fetch(_TEAMS, most)
    return list(requests), list(teams)
