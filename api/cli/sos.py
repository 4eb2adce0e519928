"""`dieuhanh sos`: what is kept of requests for help."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated

import typer

from api.cli.connected import connected
from api.cli.database import require_migrated, use_database
from api.cli.purging import in_pieces
from api.settings import Settings
from api.sos.photos import remove_loose
from layers.sos import keeping

_commands = typer.Typer(help="Yêu cầu cứu trợ. Requests for help.", no_args_is_help=True)


@_commands.callback()
def _group() -> None:
    """One command is a group of one, too."""


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="sos")


@_commands.command()
def purge(
    keep_days: Annotated[
        int | None,
        typer.Option(help="Days after closing; DIEUHANH_SOS_KEEP_DAYS if not given.", min=1),
    ] = None,
) -> None:
    """Remove personal data and photos of requests that were closed long enough ago, now.

    The server does the same by itself, every ten minutes.
    """
    with use_database() as settings:
        require_migrated(settings)
        days = settings.sos_keep_days if keep_days is None else keep_days
        purged, files = asyncio.run(_purge(settings, days))
    typer.echo(f"purged {purged} requests, removed {files} files of photos")


async def _purge(settings: Settings, days: int) -> tuple[int, int]:
    async with connected(settings) as connection:
        requests = await in_pieces(
            connection, partial(keeping.purge, keep_days=days), keeping.PIECE
        )
        files = await in_pieces(
            connection, partial(remove_loose, folder=settings.photos), keeping.PIECE
        )
        return requests, files
