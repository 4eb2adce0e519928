"""`dieuhanh epidemic`: levels of risk and estimates computed now."""

from __future__ import annotations

import typer

from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError

_commands = typer.Typer(help="Tình hình dịch. The epidemic.", no_args_is_help=True)


@_commands.callback()
def _group() -> None:
    """One command is a group of one, too."""


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="epidemic")


@_commands.command()
def compute() -> None:
    """Compute levels of risk, growth and reproduction numbers of the days that are over, now.

    The server does the same by itself, within a minute or so after a report or a new day.
    """
    # SciPy, which no other command needs, and the driver of jobs
    import psycopg2

    from layers.outbreaks.computing import compute

    with use_database() as settings:
        require_migrated(settings)
        try:
            connection = psycopg2.connect(settings.database_url)
        except psycopg2.OperationalError as error:
            raise UserError(f"PostgreSQL: {str(error).splitlines()[0]}") from None
        try:
            with connection, connection.cursor() as cursor:
                units = compute(cursor)
        finally:
            connection.close()
    typer.echo(f"computed for {units} units")
