"""`python -m bench.province_day`: a province's day, all departments at once; do the books balance?

The server, PostgreSQL (durable) and everybody who works share this machine, over the loopback
interface. Everything is sent through the API, as its real users do; some of it twice, late, or by
two at once, and some answers are lost. The database is read for the books alone.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from api.cluster import Cluster
from api.postgresql import ClusterError
from bench.departments.checkpoints import Checkpoints
from bench.departments.citizens import Declarations, Requests
from bench.departments.desk import Book, Day, Department, connect
from bench.departments.districts import Flags, Papers
from bench.departments.epidemic import Cases, Samples
from bench.departments.facilities import Facilities
from bench.departments.network import Network
from bench.departments.quarantine import Quarantine
from bench.departments.readers import Readers
from bench.departments.reports import Reports
from bench.departments.rescue import Rescue
from bench.departments.tracing import Tracing
from bench.departments.vaccination import Vaccination
from bench.departments.volunteers import Consultations, Volunteers
from bench.live import HOST, quantile, served
from bench.processes import ROOT, BenchError
from bench.report import markdown, terminal, write_page

DEPARTMENTS: tuple[type[Department], ...] = (
    Declarations,
    Checkpoints,
    Requests,
    Rescue,
    Flags,
    Papers,
    Quarantine,
    Facilities,
    Samples,
    Cases,
    Vaccination,
    Consultations,
    Volunteers,
    Network,
    Tracing,
)
CONNECTIONS, TIMEOUT = 64, 120
LONGEST_S = 1800
"""Seconds that a whole day may take; it ends on the day on which it began."""
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- day:begin -->", "<!-- day:end -->"
Row = tuple[str, ...]


@dataclass(slots=True)
class Outcome:
    """The books of a day, how long it took, and how long the kinds of requests did."""

    books: list[Book]
    seconds: float
    cut: int
    took_ms: dict[str, list[float]] = field(default_factory=dict)
    answers: dict[str, dict[int, int]] = field(default_factory=dict)

    @property
    def balances(self) -> bool:
        """Whether every book does."""
        return all(book.balances for book in self.books)

    @property
    def requests(self) -> int:
        """How many were answered."""
        return sum(len(one) for one in self.took_ms.values())


async def live_through(address: str, url: str, scale: float, console: Console) -> Outcome:
    """A day of a scale, and its books.

    Args:
        address: of the server.
        url: of its database.
    """
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    sql = await connect(url)
    try:
        async with httpx.AsyncClient(base_url=address, limits=limits, timeout=TIMEOUT) as client:
            day = Day(client, sql, scale, random.Random(2021))
            await _begin(day, console)
            readers = Readers(day)
            departments = [one(day) for one in DEPARTMENTS]
            departments.append(Reports(day, departments[:]))
            for one in (*departments, readers):
                await one.open()
            seconds = await _work(day, departments, readers, console)
            counted = await _faults(day)
            books = [book for one in (*departments, readers) for book in await one.close()]
    finally:
        await sql.close()
    answers: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for (kind, status), count in sorted(day.statuses.items()):
        answers[kind][status] = count
    broken = {f"{kind}: {status}" for kind, status in day.statuses if status >= 500}
    books += [
        Book("answers of 5xx", [], sorted(broken)),
        Book("answers of 5xx, as the server counts them", [], counted),
    ]
    return Outcome(books, seconds, day.cut, dict(day.took_ms), dict(answers))


async def _begin(day: Day, console: Console) -> None:
    """Begin the day; daily reports need one that no midnight of the province divides."""
    wait = await day.begin(60 + LONGEST_S * day.scale)
    if wait:
        console.print(f"it is late: the day begins at midnight, in {wait / 60:.0f} min")
        await asyncio.sleep(wait)
        await day.begin(0)


async def _through(one: Department) -> None:
    await one.work()
    one.ended.set()


async def _faults(day: Day) -> list[str]:
    """What the server's own figures tell of answers of 5xx, those that nobody waited for too."""
    told = await day.ask("figures", "GET", "/metrics")
    return [line for line in str(told.body).splitlines() if 'status="5' in line]


async def _work(
    day: Day, departments: list[Department], readers: Readers, console: Console
) -> float:
    """Everybody at once; seconds that it took."""
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
    )
    with bars:
        tasks = {one.name: bars.add_task(one.name, total=one.pieces) for one in departments}

        def told(name: str, done: int) -> None:
            bars.advance(tasks[name], done)

        day.told = told
        began = time.monotonic()
        reading = asyncio.create_task(readers.work())
        await asyncio.gather(*(_through(one) for one in departments))
        seconds = time.monotonic() - began
        day.is_over = True
        await reading
    return seconds


def tables(outcome: Outcome) -> tuple[list[Row], list[Row], str]:
    """The requests by kind, the books, and a sentence on the whole."""
    kinds: list[Row] = [("kind of request", "answered", "p50, ms", "p99, ms", "answers")]
    for kind, took in sorted(outcome.took_ms.items(), key=lambda one: -len(one[1])):
        answers = ", ".join(f"{status}: {n}" for status, n in outcome.answers[kind].items())
        middle, most = quantile(took, 0.5), quantile(took, 0.99)
        kinds.append((kind, f"{len(took):,}", f"{middle:.0f}", f"{most:.0f}", answers))
    books: list[Row] = [("book", "entered", "found", "balances")]
    for one in outcome.books:
        said = "yes" if one.balances else "NO"
        books.append((one.name, _shown(one.expected), _shown(one.found), said))
    rate = outcome.requests / outcome.seconds
    whole = (
        f"the day took {outcome.seconds:.0f} s: {outcome.requests:,} requests, {rate:.0f} a second;"
        f" {outcome.cut} cut off; the books {'balance' if outcome.balances else 'do NOT balance'}"
    )
    return kinds, books, whole


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:,}" for name, number in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value) if value else "none"


def main(
    scale: Annotated[float, typer.Option(help="Share of a whole day.", min=0.001, max=1)] = 1.0,
    workers: Annotated[int, typer.Option(help="The server's processes.", min=1, max=16)] = 2,
    strict: Annotated[bool, typer.Option(help="Exit status 3 if a book does not balance.")] = False,
    write: Annotated[bool, typer.Option(help="Write the figures into the page.")] = False,
) -> None:
    """Live through a day of the province, on this machine alone, and balance its books."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    try:
        with TemporaryDirectory(prefix="dieuhanh-bench-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            folder.chmod(0o755)
            cluster = Cluster(folder, durable=True, die_with_parent=True)
            try:
                with served(cluster, folder, 200, workers) as port:
                    address, url = f"http://{HOST}:{port}", cluster.url("bench")
                    outcome = asyncio.run(live_through(address, url, scale, console))
            finally:
                cluster.remove()
    except (BenchError, ClusterError, subprocess.CalledProcessError) as error:
        console.print(f"bench: {error}", markup=False, soft_wrap=True)
        sys.exit(1)
    kinds, books, whole = tables(outcome)
    console.print(terminal(kinds), terminal(books), whole)
    if write:
        parts = (f"A day at scale {scale:g}: {whole}.", markdown(books), markdown(kinds))
        write_page(PAGE, "\n\n".join(parts), BEGIN, END)
    sys.exit(3 if strict and not outcome.balances else 0)


if __name__ == "__main__":
    typer.run(main)
