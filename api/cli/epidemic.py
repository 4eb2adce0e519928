"""`dieuhanh epidemic`: levels of risk and estimates computed now, coverage taken in."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError

_commands = typer.Typer(help="Tình hình dịch. The epidemic.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A CSV of numbers of communes from a day on, and the table that takes it.

    Attributes:
        numbers: its columns beside `commune_code` and `day`; an empty one is not known.
        read: a number of a text.
        rule: what a number must be, in Vietnamese and English.
    """

    table: str
    numbers: tuple[str, str]
    read: Callable[[str], float]
    rule: tuple[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        return ("commune_code", "day", *self.numbers)

    @property
    def statement(self) -> str:
        names = ", ".join(self.numbers)
        renewed = ", ".join(f"{name} = excluded.{name}" for name in self.numbers)
        return (
            f"INSERT INTO private.{self.table} (commune_code, day, {names})"
            " SELECT u.code, %s, %s, %s FROM layer.admin_units AS u"
            " WHERE u.code = %s AND u.level = 'commune'"
            f" ON CONFLICT (commune_code, day) DO UPDATE SET {renewed}"
        )


def _percent(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 100:
        raise ValueError(text)
    return number


def _people(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 10_000_000:
        raise ValueError(text)
    return number


_REPORTED = _Sheet(
    "reported_coverage",
    ("adults_percent", "elders_percent"),
    _percent,
    ("tỷ lệ từ 0 đến 100", "percentages from 0 to 100"),
)
_RESIDENTS = _Sheet(
    "counted_resident",
    ("adults", "elders"),
    _people,
    ("số người từ 1 đến 10.000.000", "people from 1 to 10,000,000"),
)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="epidemic")


@_commands.command()
def compute() -> None:
    """Compute levels of risk, growth and reproduction numbers of the days that are over, now.

    The server does the same by itself, within a minute or so after a report or a new day.
    """
    # SciPy, which no other command needs
    from layers.outbreaks.computing import compute

    with _owner() as cursor:
        units = compute(cursor)
    typer.echo(f"computed for {units} units")


@_commands.command()
def coverage(
    file: Annotated[Path, typer.Argument(help=".csv", exists=True, dir_okay=False)],
) -> None:
    """Take the vaccination coverage of communes as the health department reports it.

    A CSV with the columns commune_code, day, adults_percent and elders_percent; an empty number
    is not known. All of it is taken, or nothing. Levels of risk follow from it where coverage is
    not counted from the doses (`dieuhanh epidemic residents`).
    """
    with _owner() as cursor:
        taken = _take(cursor, file, _REPORTED)
    typer.echo(f"took the coverage of {taken} communes and days")


@_commands.command()
def residents(
    file: Annotated[Path, typer.Argument(help=".csv", exists=True, dir_okay=False)],
) -> None:
    """Take how many people live in communes whose doses are all in the registers.

    From then on their coverage is counted from the doses. A CSV with the columns commune_code,
    day, adults and elders; a row without adults: not all doses of the commune are here any more,
    from that day on. All of it is taken, or nothing.
    """
    with _owner() as cursor:
        taken = _take(cursor, file, _RESIDENTS)
    typer.echo(f"took the residents of {taken} communes and days")


@contextmanager
def _owner() -> Iterator[Any]:
    """A cursor of the database's owner, in a transaction that commits."""
    # The driver of jobs, which most commands do without
    import psycopg2

    with use_database() as settings:
        require_migrated(settings)
        try:
            connection = psycopg2.connect(settings.database_url)
        except psycopg2.OperationalError as error:
            raise UserError(f"PostgreSQL: {str(error).splitlines()[0]}") from None
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


def _take(cursor: Any, file: Path, sheet: _Sheet) -> int:
    try:
        rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    except UnicodeDecodeError:
        raise UserError(f"{file.name}: không phải UTF-8 / is not UTF-8") from None
    vi, en = sheet.rule
    for line, row in enumerate(rows, 2):
        if set(sheet.columns) - row.keys():
            names = ", ".join(sheet.columns)
            raise UserError(f"{file.name}: cần các cột {names} / needs the columns {names}")
        try:
            day = date.fromisoformat(row["day"] or "")
            given = ((row[name] or "").strip() for name in sheet.numbers)
            numbers = [sheet.read(text) if text else None for text in given]
        except ValueError:
            raise UserError(
                f"{file.name}, dòng {line}: ngày phải như 2021-08-15, {vi}"
                f" / line {line}: the day must be such as 2021-08-15, {en}"
            ) from None
        cursor.execute(sheet.statement, (day, *numbers, row["commune_code"]))
        if cursor.rowcount == 0:
            raise UserError(
                f"{file.name}, dòng {line}: không có xã, phường mang mã này"
                f" / line {line}: there is no commune of this code"
            )
    return len(rows)
