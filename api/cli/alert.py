"""`dieuhanh alert`: messages of other systems into the layer of alerts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.database import connection, require_migrated, use_database
from api.cli.errors import UserError

_commands = typer.Typer(help="Alerts of other systems (CAP 1.2).", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="alert")


@_commands.callback()
def _group() -> None:
    """Keeps `import` a command of its own while it is the only one."""


@_commands.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="An XML document of CAP 1.2.")],
) -> None:
    """Take a message into the layer of alerts; one that is known already is left alone."""
    # Here, so that a worker does not load what only this command needs.
    from layers.cap.reading import CapError, read_cap
    from layers.cap.storing import take

    with use_database() as settings:
        require_migrated(settings)
        try:
            incoming = read_cap(_read(file, settings.cap_mb * 1_048_576))
            with connection(settings.database_url) as opened:
                outcome, alert = take(opened, incoming)
                opened.commit()
        except CapError as error:
            raise UserError(f"{file}: {error}") from None
    typer.echo(f"{outcome} {alert}")


def _read(file: Path, most: int) -> bytes:
    """The content of a file of bounded size.

    Raises:
        UserError: it cannot be read, or is larger.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(most + 1)
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from None
    if len(content) > most:
        raise UserError(f"{file}: larger than {most} bytes (DIEUHANH_CAP_MB)")
    return content
