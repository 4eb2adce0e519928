"""The statements of volunteers; their functions are in migrations 0044 to 0046."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from layers.database import Database
from layers.desks import at_desk
from layers.roles import Caller

PIECE = 500
"""Volunteers of one transaction of a purge."""
MOST = 100
"""Tasks of a list at most."""
NEAR = 20
"""Volunteers that are offered for a task."""
FEWEST = 5
"""Volunteers of a district and skill below which their number is not told."""
POST = """
SELECT outcome FROM private.post_volunteer($1::jsonb, $2::jsonb, $3, $4, $5, $6, $7::jsonb)
"""
TOLD = "SELECT private.volunteer_told($1)::text AS found"
CHANGE = "SELECT private.change_volunteer($1, $2::jsonb, $3::jsonb) AS found"
DOES = "SELECT private.volunteer_does($1, $2, $3) AS found"
COUNTS = "SELECT private.volunteer_counts($1)::text AS found"

_NOT_THIS_ROLE = (
    "Vai trò của bạn không có quyền này. / Your role may not do this: it is for the Youth Union,"
    " districts, the health department and rescue coordination."
)


async def told(database: Database, follow: bytes) -> dict[str, Any] | None:
    """What is kept of the bearer of a code, and their tasks; None if there is nobody."""
    row = await database.call(TOLD, follow)
    return None if row["found"] is None else dict(orjson.loads(row["found"]))


@dataclass(frozen=True, slots=True)
class Volunteers:
    """Assigns volunteers for one caller.

    Every method raises `RuleRefused` (the caller may not, there is no such task, its state does
    not allow it), `Contended`, or what `Database.acting` raises.
    """

    database: Database
    caller: Caller

    async def tasks(self) -> list[dict[str, Any]]:
        """The open tasks that the caller may assign to, the next to begin first."""
        return list(await self._json("dieuhanh.volunteer_tasks_open($1)", MOST, reads=True))

    async def task(self, row: UUID) -> dict[str, Any]:
        """A task with who is assigned, and how to reach them."""
        return dict(await self._json("dieuhanh.volunteer_task($1)", row, reads=True))

    async def near(self, row: UUID) -> list[dict[str, Any]]:
        """Who suits a task and is free, the nearest first; `metres` from the task's place."""
        return list(await self._json("dieuhanh.volunteers_near($1, $2)", row, NEAR, reads=True))

    async def assign(self, row: UUID, volunteer: UUID) -> dict[str, Any]:
        """Assign a volunteer to a task; the task then."""
        return dict(await self._json("dieuhanh.assign_volunteer($1, $2)", row, volunteer))

    async def act(self, call: str, row: UUID, facts: dict[str, Any]) -> None:
        """Finish a task, or take somebody out of it.

        Args:
            call: `volunteer_tasks_finish` or `volunteer_assignments_withdraw`.
        """
        async with self._acting() as connection:
            await connection.execute(
                f"SELECT dieuhanh.{call}($1, $2::jsonb)", row, orjson.dumps(facts).decode()
            )

    async def sos_task(self, request: str, skill: str | None, wanted: int, hours: int) -> UUID:
        """The task of an SOS (its id or code), made if there is none; its id."""
        async with self._acting() as connection:
            found: UUID = await connection.fetchval(
                "SELECT dieuhanh.sos_task(dieuhanh.sos_find($1), $2, $3, $4)",
                request,
                skill,
                wanted,
                hours,
            )
        return found

    async def of_sos(self, request: str) -> dict[str, Any]:
        """How many volunteers an SOS has: `task`, `assigned`, `accepted`."""
        call = "dieuhanh.sos_volunteers(dieuhanh.sos_find($1))"
        return dict(await self._json(call, request, reads=True))

    async def _json(self, call: str, *values: Any, reads: bool = False) -> Any:
        async with self._acting(read_only=reads) as connection:
            return orjson.loads(await connection.fetchval(f"SELECT ({call})::text", *values))

    def _acting(self, *, read_only: bool = False) -> Any:
        return at_desk(
            self.database,
            self.caller,
            denied=_NOT_THIS_ROLE,
            about="volunteers",
            read_only=read_only,
        )


async def purge(connection: Any, *, keep_days: float) -> int:
    """Forget volunteers who have not been active for `keep_days`; hours done stay, of nobody.

    Args:
        connection: in a transaction as the server itself.

    Returns:
        How many; `PIECE` if there may be more.
    """
    gone: int = await connection.fetchval(
        "SELECT private.purge_volunteers($1, $2)", keep_days, PIECE, timeout=300
    )
    return gone
