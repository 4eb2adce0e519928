"""`python -m bench.imports`: sheets of doses and of samples taken into their registers.

Each row has a person of its own. A sheet is checked (a trial, by the database's rules too), with
and without faulty rows, and then written. Seconds of the processor are those of who reads the sheet
and of PostgreSQL together.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import openpyxl
import psutil
import typer
from rich.console import Console
from rich.table import Table

from api.cluster import Cluster
from api.postgresql import ClusterError
from api.registers.numbers import load_numbers
from bench.live import with_demo
from layers import accounts
from layers.accounts import Post
from layers.database import Database
from layers.province import Province, load_province
from layers.registers.catalogue import registers_of
from layers.registers.files import template_columns
from layers.registers.keeping import Keeper
from layers.registers.sheets import take_sheet
from layers.roles import Role

GOALS_S = {"vaccinations": 30.0, "samples": 10.0}
"""Seconds of the processor in which a sheet is written."""
FAULTY = 200
"""Of so many rows of the sheet with faults, one is faulty."""
KINDS = (
    ("checked, with faults", FAULTY, True),
    ("checked", 0, True),
    ("written", 0, False),
)
"""What is done with a sheet: one of how many rows is faulty, whether it is a trial."""
_LOT = "BENCH"
_STOCK = (
    f"INSERT INTO register.vaccine_lots (lot, vaccine, expires_on)"
    f" VALUES ('{_LOT}', 'pfizer', now()::date + 90)",
    f"INSERT INTO register.stock_movements (place, lot, kind, doses)"
    f" SELECT p, '{_LOT}', 'received', $2 FROM unnest($1::text[]) AS p",
)
Cells = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ground:
    """What rows name: places of both kinds, and communes."""

    points: list[str]
    sites: list[str]
    communes: list[str]


@dataclass(frozen=True, slots=True)
class Took:
    """What came of a sheet: bad rows, seconds by the clock, seconds of the processor."""

    bad: int
    wall: float
    cpu: float


async def prepare(database: Database, doses: int, points: int) -> Ground:
    """Points with stock, testing sites, communes."""
    async with database.serving() as connection:
        found = {
            layer: [
                f"{layer}/{row['id']}"
                for row in await connection.fetch(
                    f"SELECT id FROM layer.{layer} WHERE commune_code IS NOT NULL"
                    " ORDER BY id LIMIT $1",
                    most,
                )
            ]
            for layer, most in (("vaccination_points", points), ("testing_sites", 50))
        }
        communes = await connection.fetch(
            "SELECT code FROM layer.admin_units WHERE level = 'commune' AND parent_code <> ''"
        )
        lot, stock = _STOCK
        await connection.execute(lot)
        await connection.execute(stock, found["vaccination_points"], doses)
    places = found["vaccination_points"], found["testing_sites"]
    return Ground(*places, [row["code"] for row in communes])


def _person(number: int, ground: Ground) -> Cells:
    return {
        "name": f"Nguyễn Thị Bảng {number}",
        "birth_year": 1940 + number % 60,
        "sex": "female",
        "phone": f"095{number:07d}",
        "identity": f"048{number:09d}",
        "home_commune": ground.communes[number % len(ground.communes)],
    }


def _doses(count: int, faulty: int, ground: Ground) -> Iterator[Cells]:
    """First doses of yesterday and today; faulty ones are of a lot that there is not."""
    at = datetime.now() - timedelta(days=1)
    for number in range(count):
        yield {
            **_person(number, ground),
            "place": ground.points[number % len(ground.points)],
            "priority_group": "others",
            "number": 1,
            "lot": "NONE" if faulty and number % faulty == 0 else _LOT,
            "given_at": at + timedelta(seconds=number),
        }


def _samples(count: int, faulty: int, ground: Ground) -> Iterator[Cells]:
    """Samples with their results; faulty ones have their result before they were taken."""
    at = datetime.now() - timedelta(days=1)
    for number in range(count):
        taken = at + timedelta(seconds=number)
        late = -1 if faulty and number % faulty == 0 else 5
        yield {
            **_person(1_000_000 + number, ground),
            "code": f"BENCH-{number:06d}",
            "place": ground.sites[number % len(ground.sites)],
            "method": "pcr",
            "taken_at": taken,
            "result": "negative",
            "resulted_at": taken + timedelta(hours=late),
        }


SHEETS = {"vaccinations": _doses, "samples": _samples}


def write_sheet(path: Path, titles: dict[str, str], rows: Iterator[Cells]) -> None:
    """A workbook as the register's form has it."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(titles.values()))
    for row in rows:
        sheet.append([row.get(name) for name in titles])
    book.save(path)


async def measure(
    url: str, province: Province, counts: dict[str, int], points: int, folder: Path
) -> dict[str, dict[str, Took]]:
    """Check a sheet with faults, check one without, write it: for each register."""
    database = Database(url, pool_size=1, statement_timeout=600, acquire_timeout=60)
    await database.open()
    try:
        ground = await prepare(database, counts["vaccinations"], points)
        async with database.serving() as connection:
            await accounts.add(connection, "bench", Post(Role.OFFICER, ("health",)))
            account = await accounts.find(connection, "bench")
        numbers = await load_numbers(database)
        took: dict[str, dict[str, Took]] = {}
        for name, count in counts.items():
            register = registers_of(province)[name]
            keeper = Keeper(database, register, account.caller(), numbers)
            titles = {one.name: one.title.vi for one in template_columns(register)}
            took[name] = {}
            for kind, faulty, dry_run in KINDS:
                path = folder / f"{name}.xlsx"
                write_sheet(path, titles, SHEETS[name](count, faulty, ground))
                async with keeper.acting() as connection:
                    pid = await connection.fetchval("SELECT pg_backend_pid()")
                began, cpu = time.monotonic(), _cpu(pid)
                taken = await take_sheet(
                    keeper, register, province, path, most=count, dry_run=dry_run
                )
                wall, used = time.monotonic() - began, _cpu(pid) - cpu
                took[name][kind] = Took(taken.bad, wall, used)
        return took
    finally:
        await database.close()


def _cpu(pid: int) -> float:
    """Seconds of the processor that this process and PostgreSQL's have had."""
    times = psutil.Process(pid).cpu_times()
    return time.process_time() + float(times.user + times.system)


def report(took: dict[str, dict[str, Took]], counts: dict[str, int], console: Console) -> bool:
    """Print what was measured; whether the goals are met and the faults, and no others, found."""
    table = Table("sheet", "rows", "", "bad", "seconds", "of the processor", "goal", box=None)
    met = True
    for name, kinds in took.items():
        for kind, one in kinds.items():
            expected = -(-counts[name] // FAULTY) if "faults" in kind else 0
            goal = GOALS_S[name] if kind == "written" else None
            met = met and one.bad == expected and (goal is None or one.cpu < goal)
            told = "" if goal is None else f"{goal:.0f}"
            numbers = (str(one.bad), f"{one.wall:.1f}", f"{one.cpu:.1f}", told)
            table.add_row(name, f"{counts[name]:,}", kind, *numbers)
    console.print(table)
    return met


def main(
    doses: Annotated[int, typer.Option(help="Rows of doses.", min=1, max=100_000)] = 10_000,
    samples: Annotated[int, typer.Option(help="Rows of samples.", min=1, max=100_000)] = 6_500,
    points: Annotated[int, typer.Option(help="Points where doses were given.", min=1)] = 1,
    strict: Annotated[bool, typer.Option(help="Exit status 3 if a goal is missed.")] = False,
) -> None:
    """Measure taking sheets into registers, on this machine alone."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    counts = {"vaccinations": doses, "samples": samples}
    try:
        with TemporaryDirectory(prefix="dieuhanh-bench-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            folder.chmod(0o755)
            cluster = Cluster(folder, durable=True, die_with_parent=True)
            try:
                cluster.start()
                url = with_demo(cluster, 200)["DIEUHANH_DATABASE_URL"]
                province = load_province("quang-nam")
                took = asyncio.run(measure(url, province, counts, points, folder))
            finally:
                cluster.remove()
    except (ClusterError, subprocess.CalledProcessError) as error:
        console.print(f"bench: {error}", markup=False, soft_wrap=True)
        sys.exit(1)
    met = report(took, counts, console)
    sys.exit(3 if strict and not met else 0)


if __name__ == "__main__":
    typer.run(main)
