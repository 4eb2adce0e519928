"""Registers at work for one caller: rows read, made, changed, and what is done to them.

Each change is one transaction as the caller's database role; the change is whole, or it is not
made and the reason is told.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import orjson

from layers.database import Database
from layers.layer import Text
from layers.refusals import (
    CONTENTION,
    REFUSABLE,
    Contended,
    Invalid,
    NoFeature,
    NotAllowed,
    Stale,
)
from layers.registers import queries
from layers.registers.queries import Listing
from layers.registers.record import FACTS, PLACE, Register
from layers.roles import Caller
from layers.validation import MISSING, READ_ONLY, Draft, Fault
from spatial.sql import Sql

MOST_COUNTED = 100_000
"""Rows up to which a list is counted."""

_TAKEN = Text("đã có trong sổ", "is in the register already")
_NOTHING = Text("không có gì mang mã này", "nothing has this code")
_UNFIT = Text("giá trị không hợp lệ hoặc không khớp với nhau", "values that do not agree")
_NOBODY = Text("dòng này không nêu người nào", "this row names nobody")
_NO_PLACE = Text("không phải là một nơi của sổ này", "is no place of this register")
_PHONE = Text(
    "phải là số điện thoại từ 3 đến 15 chữ số", "must be a telephone number of 3 to 15 digits"
)
_IDENTITY = Text(
    "phải là 9 hoặc 12 chữ số, hoặc số hộ chiếu", "must be 9 or 12 digits, or a passport's number"
)


class Numbers(Protocol):
    """Numbers of people, as they are kept and as keyed digests; None for what is none."""

    def phone(self, text: str) -> tuple[str, bytes] | None:
        """A telephone number's digits and digest."""

    def identity(self, text: str) -> bytes | None:
        """An identity number's digest."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows, as JSON texts.

    Attributes:
        after: where the next page begins; None: this is the last.
        matched: how many match in all, `MOST_COUNTED` at most.
    """

    rows: tuple[str, ...]
    after: tuple[str | None, str] | None
    matched: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as JSON text, and its version."""

    identifier: str
    row: str
    version: int


class Keeper:
    """Keeps one register for one caller.

    Every method raises `RuleRefused` (a rule of the register, in words), `layers.refusals.Refused`
    (what is wrong with the values, that somebody was quicker, that the caller may not), or what
    `Database.acting` raises.
    """

    def __init__(
        self, database: Database, register: Register, caller: Caller, numbers: Numbers
    ) -> None:
        self._database = database
        self._register = register
        self._caller = caller
        self._numbers = numbers

    async def page(self, listing: Listing) -> Page:
        """A page of the rows that the caller keeps."""
        async with self.acting(read_only=True) as connection:
            rows = await _rows(connection, queries.list_sql(listing))
            counted = await _rows(connection, queries.count_sql(listing, MOST_COUNTED))
        shown = rows[: listing.limit]
        more = len(rows) > listing.limit
        after = (shown[-1]["key"], shown[-1]["id"]) if more else None
        return Page(tuple(row["row"] for row in shown), after, counted[0][0])

    async def read(self, identifier: UUID) -> Kept:
        """One row."""
        async with self.acting(read_only=True) as connection:
            return await self.kept(connection, identifier)

    async def create(self, draft: Draft) -> Kept:
        """Make a row."""
        async with self.acting() as connection:
            return await self.kept(connection, await self.insert(connection, draft))

    async def insert(self, connection: Any, draft: Draft) -> UUID:
        """Make a row in a transaction of the caller's; its id."""
        register = self._register
        self._check(draft)
        values = {n: v for n, v in draft.values.items() if not register.is_of_person(n)}
        if self._has_person(draft):
            values["person_id"] = await self.keep_person(connection, None, draft)
        if draft.identifier is not None:
            values["id"] = draft.identifier
        rows = await _rows(connection, queries.insert_sql(register, values))
        found: UUID = rows[0]["id"]
        return found

    async def insert_many(self, connection: Any, drafts: Sequence[Draft]) -> None:
        """Make rows in a transaction of the caller's, in few round trips: all, or an error."""
        register = self._register
        for draft in drafts:
            self._check(draft)
        named = [draft for draft in drafts if self._has_person(draft)]
        people = dict(zip(map(id, named), await self._people(connection, named), strict=True))
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for draft in drafts:
            values = {n: v for n, v in draft.values.items() if not register.is_of_person(n)}
            if id(draft) in people:
                values["person_id"] = people[id(draft)]
            groups.setdefault(tuple(sorted(values)), []).append(values)
        for names, rows in groups.items():
            await _rows(connection, queries.insert_many_sql(register, names, rows))

    async def change(self, identifier: UUID, draft: Draft, match: int | None) -> Kept:
        """Change what the draft gives; `match`: the version that it was made from."""
        register = self._register
        async with self.acting() as connection:
            await self.lock(connection, identifier, match)
            self._check(draft)
            own = {n: v for n, v in draft.values.items() if not register.is_of_person(n)}
            if any(register.is_of_person(name) for name in draft.values):
                await self._require_person(connection, identifier)
                await self.keep_person(connection, identifier, draft)
            if own and not await _rows(connection, queries.update_sql(register, identifier, own)):
                raise NotAllowed(register, "row")
            return await self.kept(connection, identifier)

    async def remove(self, identifier: UUID, match: int | None) -> None:
        """Delete a row."""
        async with self.acting() as connection:
            await self.lock(connection, identifier, match)
            if not await _rows(connection, queries.delete_sql(self._register, identifier)):
                raise NotAllowed(self._register, "row")

    async def act(self, identifier: UUID, action: str, draft: Draft, match: int | None) -> Kept:
        """Do something to a row; the row then."""
        async with self.acting() as connection:
            await self.lock(connection, identifier, match)
            self._check_place(draft)
            if draft.faults:
                raise Invalid(draft.faults)
            given = {name: value for name, value in draft.values.items() if value is not None}
            facts = orjson.dumps(given).decode()
            text, values = queries.act_sql(self._register, action, identifier, facts).render()
            await connection.execute(text, *values)
            return await self.kept(connection, identifier)

    def fault_of(self, error: Exception) -> Fault | None:
        """What is wrong with a row, where an error of the database says so."""
        if isinstance(error, asyncpg.PostgresError) and error.sqlstate == "DH409":
            return Fault(None, None, said(str(error.message)))
        if isinstance(error, asyncpg.PostgresError) and error.sqlstate == "DH422":
            return Fault(None, None, said(str(error.message)))
        if isinstance(error, asyncpg.NotNullViolationError):
            return Fault(error.column_name, None, MISSING)
        if isinstance(error, asyncpg.UniqueViolationError):
            return Fault(None, None, _TAKEN)
        if isinstance(error, asyncpg.ForeignKeyViolationError):
            return Fault(None, None, _NOTHING)
        if isinstance(error, asyncpg.IntegrityConstraintViolationError | asyncpg.DataError):
            return Fault(None, None, _UNFIT)
        return None

    @asynccontextmanager
    async def acting(self, *, read_only: bool = False) -> AsyncIterator[Any]:
        """A transaction of the caller's, for work of several steps; errors as of the methods."""
        register, caller = self._register, self._caller
        try:
            async with self._database.acting(
                caller, read_only=read_only or caller.read_only
            ) as connection:
                yield connection
        except asyncpg.InsufficientPrivilegeError as error:
            raise NotAllowed(register, "role") from error
        except asyncpg.ReadOnlySQLTransactionError as error:
            raise NotAllowed(register, "key") from error
        except CONTENTION as error:
            raise Contended(register.id) from error
        except REFUSABLE as error:
            fault = self.fault_of(error)
            if fault is None:
                raise
            conflict = isinstance(error, asyncpg.UniqueViolationError)
            raise Invalid([fault], conflict=conflict) from error

    async def kept(self, connection: Any, identifier: UUID) -> Kept:
        """A row as it is in the transaction."""
        rows = await _rows(connection, queries.one_sql(self._register, identifier))
        if not rows:
            raise NoFeature(str(identifier))
        return Kept(str(identifier), rows[0]["row"], rows[0]["version"])

    async def lock(
        self, connection: Any, identifier: UUID, match: int | None, *, may_be_gone: bool = False
    ) -> None:
        """Hold a row until the commit, if it is still what a change was made from."""
        rows = await _rows(connection, queries.lock_sql(self._register, identifier))
        if not rows:
            if may_be_gone:
                return
            raise NoFeature(str(identifier))
        if match is not None and rows[0]["version"] != match:
            raise Stale(match)

    def _check(self, draft: Draft) -> None:
        """All that is wrong with a row.

        Raises:
            Invalid: something is.
        """
        for name, value in draft.kept.items():
            if value is not None:
                draft.fault(name, value, READ_ONLY)
        self._check_place(draft)
        if self._register.has_person:
            for name, rule in (("phone", _PHONE), ("identity", _IDENTITY)):
                given = draft.values.get(name)
                if given is not None and getattr(self._numbers, name)(given) is None:
                    # Numbers of people are not repeated in answers.
                    draft.fault(name, None, rule)
        if draft.faults:
            raise Invalid(draft.faults)

    def _check_place(self, draft: Draft) -> None:
        place = draft.values.get(PLACE)
        if place is not None and not self._register.is_place(place):
            draft.fault(PLACE, place, _NO_PLACE)

    def _has_person(self, draft: Draft) -> bool:
        """Whether a new row is about a person."""
        register = self._register
        return register.has_person and (
            register.needs_person
            or any(v is not None and register.is_of_person(n) for n, v in draft.values.items())
        )

    async def _require_person(self, connection: Any, row: UUID) -> None:
        if self._register.needs_person:
            return
        found = await _rows(connection, queries.person_sql(self._register, row))
        if found[0]["person_id"] is None:
            raise Invalid([Fault("name", None, _NOBODY)])

    async def keep_person(self, connection: Any, row: UUID | None, draft: Draft) -> UUID:
        """The person of a new row, found again or written; of an old one, corrected."""
        register, facts = self._register, self._facts(draft)
        if register.finds_person:
            call = "SELECT dieuhanh.find_person($1, $2::jsonb, $3, $4)"
            found: UUID = await connection.fetchval(call, register.id, *facts)
        else:
            call = "SELECT dieuhanh.keep_person($1, $2, $3::jsonb, $4, $5)"
            found = await connection.fetchval(call, register.id, row, *facts)
        return found

    async def _people(self, connection: Any, drafts: Sequence[Draft]) -> list[UUID]:
        """The persons of new rows, in their order."""
        if not drafts:
            return []
        if self._register.finds_person:
            return [await self.keep_person(connection, None, draft) for draft in drafts]
        facts = [self._facts(draft) for draft in drafts]
        found: list[UUID] = await connection.fetchval(
            "SELECT dieuhanh.keep_people($1, $2::text[], $3, $4)",
            self._register.id,
            *([one[part] for one in facts] for part in range(3)),
        )
        return found

    def _facts(self, draft: Draft) -> tuple[str, bytes | None, bytes | None]:
        """What is said of a person, and the digests of identity and telephone number."""
        given = {FACTS[name]: v for name, v in draft.values.items() if name in FACTS}
        phone = self._numbers.phone(given["phone"]) if given.get("phone") else None
        if phone is not None:
            given["phone"] = phone[0]
        identity = draft.values.get("identity")
        return (
            orjson.dumps(given).decode(),
            self._numbers.identity(identity) if identity else None,
            phone[1] if phone else None,
        )


def said(message: str) -> Text:
    """What a rule of the database says, in both languages."""
    vi, _, en = message.partition(" / ")
    return Text(vi, en or vi)


async def reached(
    database: Database, registers: Mapping[str, Register], caller: Caller
) -> list[str]:
    """The registers that a caller keeps, some of their rows at least."""
    async with database.acting(caller, read_only=True) as connection:
        rows = await connection.fetch(
            "SELECT r.id FROM unnest($1::text[]) WITH ORDINALITY AS r(id, ord)"
            " WHERE dieuhanh.reach(r.id) <> '{}' ORDER BY r.ord",
            list(registers),
        )
    return [row["id"] for row in rows]


async def _rows(connection: Any, statement: Sql) -> list[Any]:
    text, values = statement.render()
    return list(await connection.fetch(text, *values))
