"""Work on contact tracing: calls that decide, as the caller; each look at a person is recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from layers.database import Database
from layers.desks import at_desk
from layers.roles import Caller

_NOT_THIS_ROLE = (
    "Vai trò của bạn không có quyền này. / Your role may not do this: it is for officers of the"
    " health department and of districts."
)


class _Undone(Exception):
    """Ends a transaction whose work is not wanted."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Who is sought: by a card, or by a keyed digest of a number (`api.keyed.hashed`)."""

    card: UUID | None = None
    identity: bytes | None = None
    phone: bytes | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for.

    Attributes:
        name: which of several who share a telephone.
        until: the end of the days; now if None.
        least_s: seconds that two must have shared a place; below zero: may have been apart.
        orders: 1, or 2 for the contacts of contacts too.
    """

    reason: str
    case_ref: str
    days: int
    least_s: int
    orders: int
    name: str | None = None
    until: datetime | None = None

    def to_json(self) -> str:
        """What the database's function reads."""
        return orjson.dumps(self).decode()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a search takes for granted, and where it ends.

    Attributes:
        stay_hours: after a check-in, until which a check-out belongs to it.
        dwell_minutes: of a visit of which one of the two is missing; no more than `stay_hours`.
        most, most_second: contacts that are kept, of the first and of the second order.
        evidence: meetings that are kept of a contact.
        seconds: after which a search is given up.
    """

    stay_hours: float
    dwell_minutes: float
    most: int
    most_second: int
    evidence: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Tracing:
    """Works on requests for tracing for one caller.

    Every method raises `RuleRefused` (the caller may not, there is no such request, its state does
    not allow it), `Contended`, or what `Database.acting` raises. Answers are JSON.
    """

    database: Database
    caller: Caller

    async def requests(self, most: int) -> str:
        """The newest requests of the caller's, and how many contacts were handed over."""
        return await self._call("trace_requests($1)", most, read_only=True)

    async def ask(self, asked: Asked, sought: Sought) -> str:
        """Make a request, which somebody else has to approve."""
        call = "trace_ask($1::jsonb, $2, $3, $4)"
        return await self._call(call, asked.to_json(), sought.card, sought.identity, sought.phone)

    async def one(self, request: UUID) -> str:
        """A request, the states of its contacts, and who has looked."""
        return await self._call("trace_request($1)", request)

    async def decide(self, request: UUID, approves: bool, said: str | None, hours: float) -> str:
        """Approve a request for so many hours, or refuse it."""
        return await self._call("trace_decide($1, $2, $3, $4)", request, approves, said, hours)

    async def search(self, request: UUID, bounds: Bounds) -> str:
        """Search, once, and keep what is found with the request."""
        return await self._call(
            "trace_search($1, $2, $3, $4, $5, $6)",
            request,
            bounds.stay_hours,
            bounds.dwell_minutes,
            bounds.most,
            bounds.most_second,
            bounds.evidence,
            seconds=bounds.seconds,
        )

    async def result(
        self, request: UUID, degree: int, state: str | None, after: int, most: int
    ) -> str:
        """A page of the contacts of one order, those after a place, and where they met."""
        call = "trace_result($1, $2, $3, $4, $5)"
        return await self._call(call, request, degree, state, after, most)

    async def contact(self, contact: int) -> str:
        """A contact in full."""
        return await self._call("trace_contact($1)", contact)

    async def mark(self, contact: int, state: str, note: str | None) -> str:
        """Say what became of a contact; the contact in full."""
        return await self._call("trace_mark($1, $2, $3)", contact, state, note)

    async def handed(self, state: str | None, most: int) -> str:
        """The contacts of the caller's districts that others' requests have found."""
        return await self._call("trace_handed($1, $2)", state, most)

    async def close(self, request: UUID) -> str:
        """End a request: nobody sees its contacts any more."""
        return await self._call("trace_close($1)", request)

    async def export(self, request: UUID) -> str:
        """All contacts that the caller may be told of, with how to reach them."""
        return await self._call("trace_export($1)", request)

    async def figures(self) -> str:
        """How many requests wait, and how many contacts nobody has called yet."""
        return await self._call("trace_figures()", read_only=True)

    async def take_proximity(self, rows: str, *, write: bool, seconds: float) -> int:
        """Take contacts of devices as JSON, or only tell how many would be new."""
        try:
            async with self._acting(seconds=seconds) as connection:
                new: int = await connection.fetchval(
                    "SELECT dieuhanh.trace_take_proximity($1::jsonb)", rows
                )
                if not write:
                    raise _Undone
        except _Undone:
            pass
        return new

    async def _call(
        self, call: str, *values: Any, read_only: bool = False, seconds: float | None = None
    ) -> str:
        async with self._acting(read_only=read_only, seconds=seconds) as connection:
            found: str = await connection.fetchval(f"SELECT (dieuhanh.{call})::text", *values)
        return found

    @asynccontextmanager
    async def _acting(
        self, *, read_only: bool = False, seconds: float | None = None
    ) -> AsyncIterator[Any]:
        async with at_desk(
            self.database,
            self.caller,
            denied=_NOT_THIS_ROLE,
            about="tracing",
            read_only=read_only,
        ) as connection:
            if seconds is not None:
                await connection.execute(
                    "SELECT set_config('statement_timeout', $1, true)", str(round(seconds * 1000))
                )
            yield connection
