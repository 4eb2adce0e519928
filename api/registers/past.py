"""`/api/registers/{register}/deleted`, `…/{row}/history`, `…/history/restore`: the past of rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from api.ogc.operations import read
from api.registers.desk import answered, changed, keeper, match_of, row_named, staff, told, told_row
from api.sos import given
from layers.registers import past
from layers.registers.past import Deletion, RowChange
from layers.registers.record import Register

HISTORY = 200
"""Changes of a row that are told."""
DELETED = 100
"""Deleted rows that are told."""

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$"),
]


class Restoring(given.Given):
    """Which state is brought back, and why."""

    change: Annotated[int, Field(ge=1, le=2**63 - 1)]
    reason: Reason


async def history(request: Request) -> Response:
    """`GET /api/registers/{register}/{row}/history`: its changes, the newest first."""
    at_register, register = await keeper(request)
    read(request, {})
    changes = await answered(past.history(at_register, register, row_named(request), HISTORY))
    may = not staff(request).read_only
    flags = past.restorable(register, changes)
    listed = [
        _change(register, one, may and flag) for one, flag in zip(changes, flags, strict=True)
    ]
    return told({"changes": listed})


async def restore(request: Request) -> Response:
    """`POST /api/registers/{register}/{row}/history/restore`: the row as it was, as a new change.

    Raises:
        Problem: 403, 404 (no such row or change), 409 (a rule forbids it now), 412, 422.
    """
    at_register, register = await keeper(request)
    asked = await given.read(request, Restoring)
    row, match = row_named(request), match_of(request)
    work = past.restore(at_register, register, row, asked.change, asked.reason, match)
    return told_row(await changed(request, register, work))


async def deleted(request: Request) -> Response:
    """`GET /api/registers/{register}/deleted`: rows that are gone and may come back."""
    at_register, register = await keeper(request)
    read(request, {})
    found = await answered(past.deleted(at_register, register, DELETED))
    return told({"deleted": [_deletion(register, one) for one in found]})


def _change(register: Register, change: RowChange, may_restore: bool) -> dict[str, Any]:
    before, after = change.before or {}, change.after or {}
    names = [column.name for column in register.told if column.name not in ("id", "updated_at")]
    return {
        "id": change.id,
        "at": _instant(change.at),
        "actor": change.actor,
        "operation": change.op,
        "reason": change.reason,
        "restores": None if change.restores is None else _instant(change.restores),
        "mayRestore": may_restore,
        "changes": [
            {"column": name, "before": before.get(name), "after": after.get(name)}
            for name in names
            if change.op == "update" and before.get(name) != after.get(name)
        ],
    }


def _deletion(register: Register, one: Deletion) -> dict[str, Any]:
    names = [column.name for column in register.told if column.name in one.row]
    return {
        "change": one.change,
        "id": str(one.identifier),
        "at": _instant(one.at),
        "actor": one.actor,
        "row": {name: one.row[name] for name in names},
    }


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
