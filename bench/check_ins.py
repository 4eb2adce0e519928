"""`python -m bench.check_ins`: scans at checkpoints, one by one at a steady rate, then a whole day.

The server, PostgreSQL (durable) and the devices share this machine, over the loopback interface.
Every card is signed, so every scan costs the server a verification.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from api.cards import load_keys, write_token
from api.cluster import Cluster
from api.postgresql import ClusterError
from bench.live import HOST, quantile, served
from bench.processes import BenchError
from layers import accounts, credentials
from layers.accounts import Post
from layers.database import Database
from layers.roles import Role

GOAL_MS = 150.0
BATCH = 200
SENDERS = 4
_CARDS = """
WITH made AS (
  INSERT INTO private.person (name) SELECT 'Bench ' || n FROM generate_series(1, $1) AS n
  RETURNING id
)
INSERT INTO private.card (person_id, expires_at) SELECT id, now() + interval '9 days' FROM made
RETURNING id
"""


@dataclass(slots=True)
class Ready:
    """What devices need: a key of an officer, signed cards, and the codes of the sites."""

    key: str
    tokens: list[str]
    sites: list[str]


@dataclass(slots=True)
class Measured:
    """What came of the scans, how long each took, and how long the day."""

    outcomes: Counter[str] = field(default_factory=Counter)
    took_ms: list[float] = field(default_factory=list)
    day_s: float = 0.0
    counted: int = 0
    rows: int = 0


async def prepare(url: str, people: int) -> Ready:
    """An officer, and cards of so many people."""
    database = Database(url, pool_size=1, statement_timeout=120, acquire_timeout=60)
    await database.open()
    try:
        keys = await load_keys(database)
        async with database.serving() as connection:
            post = Post(Role.OFFICER, ("it",), (), ())
            account = await accounts.add(connection, "bench", post, password=None)
            _, key = await credentials.add_key(connection, account, "bench", "write", 1)
            cards = await connection.fetch(_CARDS, people)
            sites = await connection.fetch("SELECT code FROM private.check_in_site")
    finally:
        await database.close()
    expires = datetime.now(UTC) + timedelta(days=9)
    tokens = [write_token(keys, row["id"], expires) for row in cards]
    return Ready(key, tokens, [row["code"] for row in sites])


def events(ready: Ready, chance: random.Random, spread_s: float) -> Iterator[dict[str, Any]]:
    """Scans without end, of the last seconds."""
    for number in itertools.count():
        at = datetime.now(UTC) - timedelta(seconds=chance.uniform(0, spread_s))
        yield {
            "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "at": at.isoformat(),
            "site": chance.choice(ready.sites),
            "direction": "out" if number % 2 else "in",
            "token": chance.choice(ready.tokens),
        }


async def scan(client: httpx.AsyncClient, batch: list[Any], measured: Measured) -> None:
    """Send a batch, and note what came of it."""
    began = time.perf_counter()
    try:
        answer = await client.post("/api/check-ins", json={"events": batch})
        results = answer.json().get("results", [{"outcome": str(answer.status_code)}])
        measured.outcomes.update(one["outcome"] for one in results)
    except httpx.HTTPError as error:
        measured.outcomes[type(error).__name__] += 1
    measured.took_ms.append((time.perf_counter() - began) * 1000)


async def steady(client: httpx.AsyncClient, ready: Ready, rate: float, seconds: float) -> Measured:
    """Scans one by one, at a steady rate whether earlier ones have been answered or not."""
    measured = Measured()
    source = events(ready, random.Random(24), 2)
    start = time.monotonic()
    tasks = []
    for number in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
        tasks.append(asyncio.create_task(scan(client, [next(source)], measured)))
    await asyncio.gather(*tasks)
    return measured


async def whole_day(client: httpx.AsyncClient, ready: Ready, count: int) -> Measured:
    """As many scans as a day has, in batches of what devices kept, as fast as they are taken."""
    measured = Measured()
    source = events(ready, random.Random(25), 86_400)
    left = iter(range(0, count, BATCH))

    async def send() -> None:
        for begun in left:
            batch = list(itertools.islice(source, min(BATCH, count - begun)))
            await scan(client, batch, measured)

    began = time.monotonic()
    await asyncio.gather(*(send() for _ in range(SENDERS)))
    measured.day_s = time.monotonic() - began
    return measured


async def balance(url: str) -> tuple[int, int]:
    """The check-ins that the hours count, and the rows there are."""
    database = Database(url, pool_size=1, statement_timeout=120, acquire_timeout=60)
    await database.open()
    try:
        row = await database.call(
            "SELECT (SELECT sum(n_in + n_out) FROM private.check_in_hours)::bigint AS counted,"
            " (SELECT count(*) FROM private.check_in) AS rows"
        )
    finally:
        await database.close()
    return row["counted"], row["rows"]


async def measure(
    url: str, port: int, rate: float, seconds: float, day: int, people: int
) -> tuple[Measured, Measured]:
    """The steady scans, then the day."""
    ready = await prepare(url, people)
    headers = {"Authorization": f"Bearer {ready.key}"}
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(
        base_url=f"http://{HOST}:{port}", headers=headers, limits=limits, timeout=60
    ) as client:
        singly = await steady(client, ready, rate, seconds)
        together = await whole_day(client, ready, day)
    together.counted, together.rows = await balance(url)
    return singly, together


def report(singly: Measured, together: Measured, console: Console) -> bool:
    """Print what was measured; whether the goals are met."""
    table = Table("measured", "value", "goal", box=None)
    p99 = quantile(singly.took_ms, 0.99)
    table.add_row("scans one by one", str(dict(singly.outcomes)), "all taken")
    table.add_row("scan, p50", f"{quantile(singly.took_ms, 0.5):.0f} ms", "")
    table.add_row("scan, p99", f"{p99:.0f} ms", f"< {GOAL_MS:.0f} ms")
    table.add_row("scan, longest", f"{max(singly.took_ms):.0f} ms", "")
    count = sum(together.outcomes.values())
    rate = count / together.day_s if together.day_s else 0.0
    table.add_row("a day in batches", str(dict(together.outcomes)), "all taken")
    table.add_row("the day took", f"{together.day_s:.0f} s ({rate:.0f} a second)", "")
    table.add_row("batch, p50", f"{quantile(together.took_ms, 0.5):.0f} ms", "")
    table.add_row("batch, p99", f"{quantile(together.took_ms, 0.99):.0f} ms", "")
    table.add_row("counted, rows", f"{together.counted}, {together.rows}", "the same")
    console.print(table)
    taken = set(singly.outcomes) | set(together.outcomes)
    return taken == {"taken"} and p99 < GOAL_MS and together.counted == together.rows


def main(
    rate: Annotated[float, typer.Option(help="Scans a second.", min=1, max=1000)] = 100,
    seconds: Annotated[float, typer.Option(help="How long.", min=1, max=600)] = 60,
    day: Annotated[int, typer.Option(help="Scans of the day.", min=1, max=10_000_000)] = 800_000,
    people: Annotated[int, typer.Option(help="Cards.", min=1, max=1_000_000)] = 20_000,
    strict: Annotated[bool, typer.Option(help="Exit status 3 if a goal is missed.")] = False,
) -> None:
    """Measure recording check-ins, on this machine alone."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    try:
        with TemporaryDirectory(prefix="dieuhanh-bench-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            folder.chmod(0o755)
            cluster = Cluster(folder, durable=True, die_with_parent=True)
            try:
                with served(cluster, folder, 200, 2) as port:
                    url = cluster.url("bench")
                    singly, together = asyncio.run(measure(url, port, rate, seconds, day, people))
            finally:
                cluster.remove()
    except (BenchError, ClusterError, subprocess.CalledProcessError) as error:
        console.print(f"bench: {error}", markup=False, soft_wrap=True)
        sys.exit(1)
    met = report(singly, together, console)
    sys.exit(3 if strict and not met else 0)


if __name__ == "__main__":
    typer.run(main)
