"""`dieuhanh declarations`: from the form that officers fill in; what is kept, and for how long."""

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
from layers.declarations import keeping, posting
from layers.province import Province, load_province

if TYPE_CHECKING:
    from api.declarations.given import Declaration
    from layers.importing.forms import ReadForm

_commands = typer.Typer(help="Khai báo y tế. Health declarations.", no_args_is_help=True)
_COMMUNES = "SELECT code, name FROM layer.admin_units WHERE level = 'commune' ORDER BY name, code"


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="declarations")


@_commands.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help=".xlsx or .csv")],
    template: Annotated[
        bool, typer.Option("--template", help="Write an empty form to the file instead.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and write nothing.")
    ] = False,
) -> None:
    """Take the declarations of a file: all or nothing, each once however often it is imported."""
    # Here, since few commands read workbooks.
    from api.cli.transfer import console, tell_form
    from layers.importing.problems import ImportFailed

    with use_database() as settings:
        require_migrated(settings)
        province = load_province(settings.province_folder)
        try:
            if template:
                asyncio.run(_template(settings, file))
                console.print(f"{file}: biểu mẫu trống · an empty form")
                return
            read, written = asyncio.run(_import(settings, province, file, dry_run=dry_run))
        except ImportFailed as error:
            raise UserError(f"{error.vi} / {error.en}") from None
        except OSError as error:
            raise UserError(f"{file}: {error.strerror or error}") from None
    tell_form(read, written, dry_run=dry_run)


@_commands.command()
def purge(
    keep_days: Annotated[
        float | None,
        typer.Option(help="Days; DIEUHANH_DECLARATION_KEEP_DAYS if not given.", min=0.01),
    ] = None,
) -> None:
    """Remove declarations and flags that came long enough ago, now; counts stay.

    The server does the same by itself, every ten minutes.
    """
    with use_database() as settings:
        require_migrated(settings)
        days = settings.declaration_keep_days if keep_days is None else keep_days
        gone = asyncio.run(_purge(settings, days))
    typer.echo(f"purged {gone} declarations")


async def _purge(settings: Settings, days: float) -> int:
    async with connected(settings) as connection:
        return await in_pieces(connection, partial(keeping.purge, keep_days=days), keeping.PIECE)


async def _template(settings: Settings, file: Path) -> None:
    from api.declarations.importing import write_template

    async with connected(settings) as connection:
        communes = [(row["code"], row["name"]) for row in await connection.fetch(_COMMUNES)]
    write_template(file, communes)


async def _import(
    settings: Settings, province: Province, file: Path, *, dry_run: bool
) -> tuple[ReadForm[Declaration], int]:
    """What was read, and how many of it were new; nothing is written if a row has a problem."""
    from api.declarations.importing import read_form
    from api.declarations.post import statement
    from api.keyed import hashed

    async with connected(settings) as connection:
        communes = [(row["code"], row["name"]) for row in await connection.fetch(_COMMUNES)]
        read = read_form(file, communes, province.time_zone, settings.declaration_import)
        if read.bad:
            return read, 0
        key = bytes(await connection.fetchval("SELECT key FROM private.sos_key"))
        sender = posting.Sender(hashed(key, "declare", "import"), trusted=True)
        terms = posting.Terms(
            settings.card_days, settings.declaration_hours, str(province.time_zone)
        )
        transaction = connection.transaction()
        await transaction.start()
        written = 0
        for declaration in read.read:
            values = statement(declaration, key, sender, settings.declaration_limits, terms)
            row = await connection.fetchrow(posting.POST, *values)
            written += row["outcome"] == "created"
        if dry_run:
            await transaction.rollback()
        else:
            await transaction.commit()
        return read, written
