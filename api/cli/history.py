"""`dieuhanh history` and `dieuhanh restore`: what became of a feature, and taking it back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from rich.console import Console

from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.cli.transfer import LayerName, layer_of
from api.ogc.parameters import typed
from layers.database import Database, DatabaseUnavailable
from layers.editing import exists_sql
from layers.history import (
    MOST,
    Change,
    UnknownState,
    changed_columns,
    describe,
    history_sql,
    own_changes,
    read_changes,
    restore,
)
from layers.layer import Audience, Layer, sql_type

console = Console(highlight=False, soft_wrap=True)
Result = TypeVar("Result")

Feature = Annotated[str, typer.Argument(metavar="ID", help="The feature's id.")]
_OPERATIONS = {
    "insert": "thêm · created",
    "update": "sửa · changed",
    "delete": "xóa · deleted",
    "load": "nạp cả lớp · layer loaded",
    "truncate": "xóa cả lớp · layer emptied",
}


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(name="history")(history_command)
    app.command(name="restore")(restore_command)


def history_command(
    layer: LayerName,
    feature: Feature,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout.")] = False,
) -> None:
    """Who changed a feature, when, and what; the newest first."""
    record = layer_of(layer)
    identifier = _identifier(record, feature)

    async def work(connection: Any) -> list[Change]:
        text, values = history_sql(record, identifier, MOST).render()
        changes = own_changes(read_changes(await connection.fetch(text, *values)))
        if all(change.is_whole_layer for change in changes):
            # A load names no features: it may have brought this one, or not.
            text, values = exists_sql(record, identifier).render()
            return changes if await connection.fetchval(text, *values) else []
        return changes

    changes = _as_owner(work)
    if not changes:
        raise UserError(f"nothing is known of a feature {feature!r} of {layer}")
    if as_json:
        found = [describe(record, change, Audience.COORDINATION) for change in changes]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for change in changes:
        when = f"{change.at.astimezone():%Y-%m-%d %H:%M:%S%z}"
        what = _OPERATIONS[change.op]
        console.print(f"{change.version}  {when}  {change.actor}  {what}", markup=False)
        for line in _lines(record, change):
            console.print(f"    {line}", markup=False)


def _lines(layer: Layer, change: Change) -> list[str]:
    if change.before is None or change.after is None:
        return []
    return [
        f"{name}: {_short(change.before.get(name))} → {_short(change.after.get(name))}"
        for name in changed_columns(layer, change)
    ]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("coordinates")
    text = "–" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def restore_command(
    layer: LayerName,
    feature: Feature,
    version: Annotated[
        int, typer.Option(help="A version that `dieuhanh history` shows.", min=0, max=2**63 - 1)
    ],
) -> None:
    """Take a feature back to what it was at a version, as a new change."""
    record = layer_of(layer)
    identifier = _identifier(record, feature)

    async def work(connection: Any) -> None:
        try:
            await restore(connection, record, None, identifier, version)
        except UnknownState:
            raise UserError(
                f"{feature!r} was not there at version {version} of {layer}, or it is not known"
            ) from None
        except asyncpg.IntegrityConstraintViolationError:
            raise UserError(
                f"{feature!r} as it was at version {version} conflicts with what is in {layer} now"
            ) from None

    _as_owner(work)
    console.print(f"Đã khôi phục · restored: {layer} {feature}")


def _identifier(layer: Layer, text: str) -> Any:
    try:
        return typed(text, sql_type(layer, layer.id_column))
    except ValueError as error:
        raise UserError(f"{text!r} is no id of {layer.id}: {error}") from None


def _as_owner(work: Callable[[Any], Awaitable[Result]]) -> Result:
    """`work(connection)` in a transaction as the owner of the tables."""

    async def run(url: str) -> Result:
        database = Database(
            url, pool_size=1, acting_pool_size=1, statement_timeout=60, acquire_timeout=10
        )
        await database.open()
        try:
            async with database.serving() as connection:
                return await work(connection)
        finally:
            await database.close()

    with use_database() as settings:
        require_migrated(settings)
        try:
            return asyncio.run(run(settings.database_url))
        except DatabaseUnavailable as error:
            raise UserError(f"the database does not answer: {error}") from None
