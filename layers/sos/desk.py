"""The statements of coordination: each calls a function that decides, as the caller's role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from layers.database import Database
from layers.desks import at_desk
from layers.roles import Caller

STEP = "dieuhanh.step_sos($1, $2, $3)"
PRIORITY = "dieuhanh.set_sos_priority($1, $2, $3)"
NOTE = "dieuhanh.note_sos($1, $2)"
ASSIGN = "dieuhanh.assign_sos($1, $2, $3, $4)"
HAND_OVER = "dieuhanh.hand_over_sos($1, $2, $3, $4)"
DECLINE = "dieuhanh.decline_sos($1, $2)"
UNMERGE = "dieuhanh.unmerge_sos($1, $2)"
SPAM = "dieuhanh.mark_sos_spam($1, $2)"
DECIDE = "dieuhanh.decide_sos($1, $2, $3)"
"""What changes one request: `$1` is its id."""

DETAIL = "dieuhanh.sos_detail($1)"
WAY = "dieuhanh.sos_way($1, $2, $3, $4)"
TEAMS = "(SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM dieuhanh.sos_teams($1, $2, $3) AS t)"
BUSY_TEAMS = TEAMS.replace("sos_teams", "sos_busy_teams")
DUPLICATES = (
    "(SELECT coalesce(jsonb_agg(to_jsonb(d)), '[]') FROM dieuhanh.sos_duplicates($1, $2, $3) AS d)"
)
"""What is read of one request; lists keep the order of their function."""

MOST_ASSIGNED = 5000
"""Requests that teams have, told at once at most."""
_ASSIGNED = f"""
    (SELECT coalesce(jsonb_agg(dieuhanh.sos_brief(a.id) ORDER BY a.updated_at DESC, a.id), '[]')
     FROM (SELECT r.id, r.updated_at FROM layer.sos_requests AS r
           WHERE r.state IN ('assigned', 'en_route', 'on_site')
           ORDER BY r.updated_at DESC, r.id LIMIT {MOST_ASSIGNED}) AS a)
"""

_NOT_THIS_ROLE = (
    "Vai trò của bạn không có quyền này. / Your role may not do this: it is for rescue teams, the"
    " hotline and coordination."
)


@dataclass(frozen=True, slots=True)
class Once:
    """A report that is taken once, however often it is sent.

    Attributes:
        id: made by the sender.
        becomes: what is reported, a state or `decline`.
    """

    id: UUID
    becomes: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Works on requests and teams for one caller.

    Every method raises `RuleRefused` (the caller may not, there is no such thing, its state does
    not allow it), `Contended`, or what `Database.acting` raises. Times are UTC, positions
    EPSG:4326.
    """

    database: Database
    caller: Caller

    async def change(self, named: str, call: str, *values: Any, once: Once | None = None) -> str:
        """Change a request; how it stands then, as JSON.

        Args:
            named: its id, or its code.
            call: one of the calls above.
            values: the call's, from `$2` on.
            once: nothing is changed where this report was taken before.
        """
        async with self._acting() as connection:
            request = await self._find(connection, named)
            if once is None or not await connection.fetchval(
                "SELECT dieuhanh.sos_reported($1, $2, $3)", request, once.id, once.becomes
            ):
                await connection.execute(f"SELECT {call}", request, *values)
            return await _text(connection, "dieuhanh.sos_brief($1)", request)

    async def merge(self, named: str, into: str, note: str | None) -> str:
        """Merge a request into another one; how it stands then, as JSON."""
        async with self._acting() as connection:
            request = await self._find(connection, named)
            kept = await self._find(connection, into)
            await connection.execute("SELECT dieuhanh.merge_sos($1, $2, $3)", request, kept, note)
            return await _text(connection, "dieuhanh.sos_brief($1)", request)

    async def read(self, named: str, call: str, *values: Any) -> str:
        """What is known of a request, as JSON; arguments as of `change`."""
        async with self._acting(read_only=True) as connection:
            request = await self._find(connection, named)
            return await _text(connection, call, request, *values)

    async def has_photo(self, named: str, photo: UUID) -> bool:
        """Whether a photo is one of a request, for a caller who may see it."""
        async with self._acting(read_only=True) as connection:
            request = await self._find(connection, named)
            return bool(
                await connection.fetchval("SELECT dieuhanh.sos_photo($1, $2)", request, photo)
            )

    async def intake(self, most: int) -> str:
        """The posts that wait for a moderator, the oldest first, as JSON."""
        async with self._acting(read_only=True) as connection:
            return await _text(connection, "dieuhanh.sos_intake($1)", most)

    async def assigned(self) -> str:
        """The requests that teams have: which team, since when, given by whom, as JSON."""
        async with self._acting(read_only=True) as connection:
            return await _text(connection, _ASSIGNED)

    async def teams(self) -> str:
        """The teams that the caller belongs to, with their tasks, as JSON."""
        async with self._acting(read_only=True) as connection:
            return await _text(connection, "dieuhanh.my_teams()")

    async def team(self, number: int) -> str:
        """A team with its contact, members and tasks, as JSON."""
        async with self._acting(read_only=True) as connection:
            return await _text(connection, "dieuhanh.team_detail($1)", number)

    async def move(self, team: int, lon: float, lat: float, accuracy_m: float | None) -> str:
        """Say where a team is, in degrees and metres; the team then, as JSON."""
        async with self._acting() as connection:
            await connection.execute(
                "SELECT dieuhanh.move_team($1, $2, $3, $4)", team, lon, lat, accuracy_m
            )
            return await _text(connection, "dieuhanh.team_detail($1)", team)

    async def set_team_state(self, team: int, state: str) -> str:
        """Say whether a team is `free`, `busy` or `off`; the team then, as JSON."""
        async with self._acting() as connection:
            await connection.execute("SELECT dieuhanh.set_team_state($1, $2)", team, state)
            return await _text(connection, "dieuhanh.team_detail($1)", team)

    async def set_team(
        self, team: int, leader: str | None, phone: str | None, members: list[str]
    ) -> tuple[str, list[str]]:
        """Set who leads a team and who belongs to it.

        Returns:
            The team then, as JSON, and the members who are no rescuer's account: if there are
            any, nothing was changed.
        """
        async with self._acting() as connection:
            unknown = await connection.fetchval(
                "SELECT dieuhanh.set_team($1, $2, $3, $4)", team, leader, phone, members
            )
            return await _text(connection, "dieuhanh.team_detail($1)", team), list(unknown)

    def _acting(self, *, read_only: bool = False) -> Any:
        return at_desk(
            self.database,
            self.caller,
            denied=_NOT_THIS_ROLE,
            about="sos_requests",
            read_only=read_only,
        )

    async def _find(self, connection: Any, named: str) -> UUID:
        found: UUID = await connection.fetchval("SELECT dieuhanh.sos_find($1)", named)
        return found


async def _text(connection: Any, call: str, *values: Any) -> str:
    found: str | None = await connection.fetchval(f"SELECT ({call})::text", *values)
    return found or "null"
