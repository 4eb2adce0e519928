"""`dieuhanh tracing`: contacts of devices from a file; how long requests are kept."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.connected import connected
from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.cli.purging import in_pieces
from api.settings import Settings
from layers.province import load_province
from layers.tracing import keeping

if TYPE_CHECKING:
    from layers.importing.forms import ReadForm
    from layers.tracing.proximity import Meeting

_commands = typer.Typer(help="Truy vết. Contact tracing.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="tracing")


@_commands.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help=".csv or .xlsx")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and write nothing.")
    ] = False,
) -> None:
    """Take contacts of devices of a file: all or nothing, each once however often."""
    # Here, since few commands read sheets.
    from api.cli.transfer import tell_form
    from layers.importing.problems import ImportFailed
    from layers.tracing.proximity import read_file

    with use_database() as settings:
        require_migrated(settings)
        zone = load_province(settings.province_folder).time_zone
        try:
            read = read_file(
                file, zone, most=settings.trace_import, keep_days=settings.check_in_keep_days
            )
            new = 0 if read.bad else asyncio.run(_take(settings, read, dry_run=dry_run))
        except ImportFailed as error:
            raise UserError(f"{error.vi} / {error.en}") from None
        except OSError as error:
            raise UserError(f"{file}: {error.strerror or error}") from None
    tell_form(read, new, dry_run=dry_run)


@_commands.command()
def purge(
    keep_days: Annotated[
        float | None,
        typer.Option(help="Days; DIEUHANH_TRACE_KEEP_DAYS if not given.", min=0.01),
    ] = None,
) -> None:
    """Remove requests that ended long enough ago, with what they found; who looked stays.

    The server does the same by itself, every ten minutes.
    """
    with use_database() as settings:
        require_migrated(settings)
        days = settings.trace_keep_days if keep_days is None else keep_days
        gone = asyncio.run(_purge(settings, days))
    typer.echo(f"purged {gone} requests for tracing")


async def _take(settings: Settings, read: ReadForm[Meeting], *, dry_run: bool) -> int:
    from api.keyed import hashed
    from layers.tracing.proximity import to_json

    async with connected(settings) as connection:
        key = bytes(await connection.fetchval("SELECT key FROM private.sos_key"))
        rows = to_json(read.read, lambda kind, value: hashed(key, kind, value))
        transaction = connection.transaction()
        await transaction.start()
        new: int = await connection.fetchval("SELECT private.take_proximity($1::jsonb)", rows)
        await (transaction.rollback() if dry_run else transaction.commit())
        return new


async def _purge(settings: Settings, days: float) -> int:
    remove = partial(keeping.purge, keep_days=days, proximity_days=settings.check_in_keep_days)
    async with connected(settings) as connection:
        return await in_pieces(connection, remove, keeping.PIECE)
