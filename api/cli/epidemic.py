"""`dieuhanh epidemic`: levels of risk and estimates computed now, coverage taken in."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError

_commands = typer.Typer(help="Tình hình dịch. The epidemic.", no_args_is_help=True)

_COLUMNS = ("commune_code", "day", "adults_percent", "elders_percent")
_TAKE = """
INSERT INTO private.coverage AS c (commune_code, day, adults_percent, elders_percent)
SELECT u.code, %s, %s, %s FROM layer.admin_units AS u WHERE u.code = %s AND u.level = 'commune'
ON CONFLICT (commune_code, day) DO UPDATE SET adults_percent = excluded.adults_percent,
  elders_percent = excluded.elders_percent
"""


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


@_commands.command()
def coverage(
    file: Annotated[Path, typer.Argument(help=".csv", exists=True, dir_okay=False)],
) -> None:
    """Take the vaccination coverage of communes, which levels of risk follow from.

    A CSV with the columns commune_code, day, adults_percent and elders_percent; an empty number
    is not known. All of it is taken, or nothing.
    """
    import psycopg2

    with use_database() as settings:
        require_migrated(settings)
        try:
            connection = psycopg2.connect(settings.database_url)
        except psycopg2.OperationalError as error:
            raise UserError(f"PostgreSQL: {str(error).splitlines()[0]}") from None
        try:
            with connection, connection.cursor() as cursor:
                taken = _take(cursor, file)
        finally:
            connection.close()
    typer.echo(f"took the coverage of {taken} communes and days")


def _take(cursor: Any, file: Path) -> int:
    try:
        rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    except UnicodeDecodeError:
        raise UserError(f"{file.name}: không phải UTF-8 / is not UTF-8") from None
    for line, row in enumerate(rows, 2):
        if set(_COLUMNS) - row.keys():
            names = ", ".join(_COLUMNS)
            raise UserError(f"{file.name}: cần các cột {names} / needs the columns {names}")
        try:
            day = date.fromisoformat(row["day"] or "")
            percents = [_percent(row[name]) for name in _COLUMNS[2:]]
        except ValueError:
            raise UserError(
                f"{file.name}, dòng {line}: ngày phải như 2021-08-15, tỷ lệ từ 0 đến 100"
                f" / line {line}: the day must be such as 2021-08-15, percentages from 0 to 100"
            ) from None
        cursor.execute(_TAKE, (day, *percents, row["commune_code"]))
        if cursor.rowcount == 0:
            raise UserError(
                f"{file.name}, dòng {line}: không có xã, phường mang mã này"
                f" / line {line}: there is no commune of this code"
            )
    return len(rows)


def _percent(text: str | None) -> float | None:
    if not text or not text.strip():
        return None
    number = float(text)
    if not 0 <= number <= 100:
        raise ValueError(text)
    return number
