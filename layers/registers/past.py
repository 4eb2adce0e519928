"""What became of a register's rows, and bringing them back, for one caller.

A state that is brought back is a new change with its reason: nothing of the history is rewritten.
The caller's reach, the table's rules and its constraints hold as for any other change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from layers.registers.keeping import Keeper, Kept
from layers.registers.record import Register
from layers.validation import Draft

Image = Mapping[str, Any]

_HISTORY = """
SELECT id, at, actor, op, before::text, after::text, reason, restores
FROM dieuhanh.register_history($1, $2, $3)
"""
_DELETED = """
SELECT id, row_id, at, actor, before::text FROM dieuhanh.register_deleted($1, $2)
"""
_RESTORE = "SELECT dieuhanh.register_restore($1, $2, $3, $4)::text"


@dataclass(frozen=True, slots=True)
class RowChange:
    """One change of a row.

    Attributes:
        before, after: the row, or what is known of its person; None where there was none.
        reason: why a state was brought back; None for any other change.
        restores: to how the row was at that time.
    """

    id: int
    at: datetime
    actor: str
    op: str
    before: Image | None
    after: Image | None
    reason: str | None
    restores: datetime | None


@dataclass(frozen=True, slots=True)
class Deletion:
    """A row that is gone, as it last was, and the change that deleted it."""

    change: int
    identifier: UUID
    at: datetime
    actor: str
    row: Image


async def history(
    keeper: Keeper, register: Register, identifier: UUID, newest: int
) -> list[RowChange]:
    """What became of a row, the newest first. Raises as the methods of `Keeper` do."""
    async with keeper.acting(read_only=True) as connection:
        rows = await connection.fetch(_HISTORY, register.id, identifier, newest)
    return [
        RowChange(**{**row, "before": _image(row["before"]), "after": _image(row["after"])})
        for row in rows
    ]


def restorable(register: Register, changes: Sequence[RowChange]) -> list[bool]:
    """Of each change, the newest first: whether a later one changed something that comes back."""
    names = {*register.restored, *_facts(register)}
    found, later = [], False
    for one in changes:
        found.append(later)
        before, after = one.before or {}, one.after or {}
        later |= one.op == "update" and any(
            before.get(name) != after.get(name) for name in names if name in before
        )
    return found


async def restore(
    keeper: Keeper,
    register: Register,
    identifier: UUID,
    change: int,
    reason: str,
    match: int | None,
) -> Kept:
    """Make a row what it was after a change, or before the one that deleted it.

    Args:
        change: the id of the change, of the row's history or of a deletion.
        match: the version that this was decided upon; None: any.

    Raises as the methods of `Keeper` do.
    """
    async with keeper.acting() as connection:
        await keeper.lock(connection, identifier, match, may_be_gone=True)
        told = await connection.fetchval(_RESTORE, register.id, identifier, change, reason)
        facts = {n: v for n, v in orjson.loads(told).items() if n in _facts(register)}
        if facts:
            await keeper.keep_person(connection, identifier, Draft(values=facts))
        return await keeper.kept(connection, identifier)


async def deleted(keeper: Keeper, register: Register, newest: int) -> list[Deletion]:
    """The rows that are gone and may come back, the last first. Raises as `Keeper` does."""
    if not register.revived:
        return []
    async with keeper.acting(read_only=True) as connection:
        rows = await connection.fetch(_DELETED, register.id, newest)
    return [
        Deletion(row["id"], row["row_id"], row["at"], row["actor"], orjson.loads(row["before"]))
        for row in rows
    ]


def _facts(register: Register) -> set[str]:
    """What is known of a person and may be edited here."""
    return {name for name in register.written(creating=False) if register.is_of_person(name)}


def _image(text: str | None) -> Image | None:
    found: Image | None = None if text is None else orjson.loads(text)
    return found
