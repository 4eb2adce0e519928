"""The statements of consultations; their functions are in migrations 0047 and 0048."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from layers.database import Database
from layers.desks import at_desk
from layers.roles import Caller

PIECE = 500
"""Consultations of one transaction of a purge."""
MOST = 200
"""Cases of a list at most."""
POST = """
SELECT outcome, code, state, priority, received_at
FROM private.post_consultation_as($9, $1::jsonb, $2::jsonb, $3, $4, $5, $6, $7, $8::jsonb)
"""
FOLLOWED = "SELECT private.consultation_followed($1)::text AS found"
DOES = "SELECT private.consultation_does($1, $2, $3, $4::jsonb) AS found"

_NOT_THIS_ROLE = (
    "Vai trò của bạn không có quyền này. / Your role may not do this: it is for verified doctors"
    " and the health department."
)


async def followed(database: Database, follow: bytes) -> dict[str, Any] | None:
    """What the bearer of a code may know of their request; None if there is none."""
    row = await database.call(FOLLOWED, follow)
    return None if row["found"] is None else dict(orjson.loads(row["found"]))


@dataclass(frozen=True, slots=True)
class Consultations:
    """Works on consultations for one caller.

    Every method raises `RuleRefused` (the caller may not, there is no such case, its state does
    not allow it), `Contended`, or what `Database.acting` raises.
    """

    database: Database
    caller: Caller

    async def desk(self) -> dict[str, Any]:
        """How many wait, the caller's own cases, and the queue for who keeps it."""
        return await self._json("dieuhanh.consultations_desk($1)", MOST, read_only=True)

    async def take(self, stale_minutes: int) -> UUID | None:
        """Take the next case; None if nobody waits who can be called now.

        Args:
            stale_minutes: after which a case that another doctor took and left comes again.
        """
        async with self._acting() as connection:
            found: UUID | None = await connection.fetchval(
                "SELECT dieuhanh.consultation_take($1)", stale_minutes
            )
        return found

    async def case(self, row: UUID) -> dict[str, Any]:
        """All of a case; that it was looked at is written down."""
        return await self._json("dieuhanh.consultation_case($1)", row)

    async def record(self, row: UUID, what: str, facts: dict[str, Any], most_tries: int) -> str:
        """Write down what came of a call; the state then.

        Args:
            what: `not_reached`, `give_back`, `follow_up`, or an outcome.
            most_tries: calls in vain after which the case is closed.
        """
        async with self._acting() as connection:
            found: str = await connection.fetchval(
                "SELECT dieuhanh.consultation_record($1, $2, $3::jsonb, $4)",
                row,
                what,
                orjson.dumps(facts).decode(),
                most_tries,
            )
        return found

    async def figures(self) -> dict[str, Any]:
        """Numbers: who waits, by district, and the median time to a call today."""
        return await self._json("dieuhanh.consultation_figures()", read_only=True)

    async def _json(self, call: str, *values: Any, read_only: bool = False) -> dict[str, Any]:
        async with self._acting(read_only=read_only) as connection:
            return dict(orjson.loads(await connection.fetchval(f"SELECT ({call})::text", *values)))

    def _acting(self, *, read_only: bool = False) -> Any:
        return at_desk(
            self.database,
            self.caller,
            denied=_NOT_THIS_ROLE,
            about="consultations",
            read_only=read_only,
        )


async def purge(connection: Any, *, keep_days: float) -> int:
    """Forget who asked and why, so many days after the end; the numbered row stays.

    Args:
        connection: in a transaction as the server itself.

    Returns:
        How many; `PIECE` if there may be more.
    """
    gone: int = await connection.fetchval(
        "SELECT private.purge_consultations($1, $2)", keep_days, PIECE, timeout=300
    )
    return gone
