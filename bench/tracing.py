"""`python -m bench.tracing`: contacts searched in days of 800,000 check-ins.

The product makes visits of check-ins when somebody searches. `--kept` measures the other shape too:
a table of visits beside the check-ins, with the index that serves it best, and what it costs.
PostgreSQL is durable and has this machine to itself.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import psycopg2
import typer
from rich.console import Console
from rich.table import Table

from api.cli.database import create_database
from api.cluster import Cluster
from api.postgresql import ClusterError
from layers.migrate import migrate

GOAL_S = 2.0
LENGTHS = (1, 7, 14)
"""Days of a search that are measured, as far as there are so many."""

_SITES = """
INSERT INTO layer.control_points (code, name, kind, state, geom)
SELECT 'B' || n, 'Bench ' || n, 'market', 'active',
  ST_SetSRID(ST_MakePoint(107.5 + random(), 15.2 + random() / 2), 4326)
FROM generate_series(1, %(sites)s) AS n
"""
_PEOPLE = """
INSERT INTO private.person (id, name)
SELECT md5('bench ' || n)::uuid, 'Bench ' || n FROM generate_series(1, %(people)s) AS n
"""
# Each person's own workplace, some with thousands and most with few; on a day a market or, for a
# quarter of them, a checkpoint besides; one check-out in ten is missing, and somebody else
# checks in once more for it, so that the day has as many check-ins as it should.
_DAY = """
WITH home AS (
  SELECT md5('bench ' || n)::uuid AS person,
    floor(%(sites)s * 0.95 * power(abs(hashint4(n) %% 10000) / 10000.0, 2))::bigint + 1 AS work,
    random() AS a, random() AS b, random() AS c, random() AS d, n
  FROM generate_series(1, %(people)s) AS n
), step AS (
  SELECT person, work * 2 + 1 AS site, v.direction, midnight + v.hours * interval '1 hour' AS at
  FROM home, (SELECT %(day)s::timestamptz AS midnight) AS m,
    LATERAL (VALUES ('in', 6.5 + a * 2), ('out', 15 + b * 4)) AS v (direction, hours)
  UNION ALL
  SELECT person, CASE WHEN n %% 4 = 0 THEN (1 + floor(40 * c))::bigint * 2
      ELSE floor(%(sites)s * (0.95 + 0.05 * c * c))::bigint * 2 + 1 END,
    CASE WHEN v.direction = 'out' AND d < 0.1 THEN 'in' ELSE v.direction END,
    midnight + v.hours * interval '1 hour'
  FROM home, (SELECT %(day)s::timestamptz AS midnight) AS m,
    LATERAL (VALUES ('in', 19 + d * 2), ('out', 19.1 + d * 2 + a * 0.8)) AS v (direction, hours)
)
INSERT INTO private.check_in (at, id, site, direction, person_id, how, declared)
SELECT at, gen_random_uuid(), site, direction::private.check_in_direction, person, 'self_scan', true
FROM step
"""
# What the product would keep if it kept visits: one row a visit, found by place and time at once. A
# moment at a place is one number, the place's times 2^33 plus the second, so that one range index
# serves both.
_KEPT = """
CREATE TABLE private.bench_visit AS
SELECT v.person_id AS person, v.site, v.from_at, v.to_at,
  int8range(v.site * 8589934592 + extract(epoch FROM v.from_at)::bigint,
    v.site * 8589934592 + extract(epoch FROM v.to_at)::bigint, '[]') AS there
FROM (
  SELECT c.person_id, c.site, c.at AS from_at, CASE WHEN c.site % 2 = 0 THEN c.at
    WHEN lead(c.direction) OVER near = 'out' THEN lead(c.at) OVER near
    ELSE least(c.at + interval '1 hour', lead(c.at) OVER near) END AS to_at, c.direction
  FROM private.check_in AS c
  WINDOW near AS (PARTITION BY c.site, c.person_id ORDER BY c.at, c.id)) AS v
WHERE v.direction = 'in' OR v.site % 2 = 0;
CREATE INDEX ON private.bench_visit USING gist (there);
CREATE INDEX ON private.bench_visit (person, from_at);
ANALYZE private.bench_visit
"""
_KEPT_FIRST = """
SELECT count(DISTINCT v.person) FROM private.bench_visit AS o JOIN private.bench_visit AS v
  ON v.there && int8range(lower(o.there) - 900, upper(o.there) + 900) AND v.person <> o.person
WHERE o.person = %s AND o.from_at BETWEEN %s AND %s
"""
_SOUGHT = """
WITH busy AS (
  SELECT site, count(DISTINCT person_id) AS n FROM private.check_in
  WHERE site %% 2 = 1 AND at >= %(day)s::timestamptz
    AND at < %(day)s::timestamptz + interval '1 day'
  GROUP BY site
), place AS (
  SELECT site, percent_rank() OVER (ORDER BY n) AS share FROM busy)
SELECT DISTINCT ON (k.kind) k.kind, c.person_id
FROM (VALUES ('a place like most', 0.5), ('a busy place', 0.9), ('one of the busiest', 0.995))
  AS k (kind, share)
JOIN LATERAL (SELECT p.site FROM place AS p WHERE p.share >= k.share ORDER BY p.share LIMIT 1) AS p
  ON true
JOIN private.check_in AS c ON c.site = p.site AND c.at >= %(day)s::timestamptz
ORDER BY k.kind, c.person_id
"""
_REQUEST = """
INSERT INTO private.trace_request (person_id, reason, case_ref, since, until, least_s, orders,
  asked_login, departments, districts)
VALUES (%s, 'bench', 'bench', %s, %s, -900, %s, 'bench', '{}', '{}') RETURNING id
"""
_RUN = """
SELECT private.trace_run(r, '14 hours', '1 hour', 1000, 2000, 20)
FROM private.trace_request AS r WHERE r.id = %s
"""


@dataclass(slots=True)
class Took:
    """One search: seconds by the clock, seconds of the processor, and what it found."""

    wall: float
    cpu: float
    first: int
    second: int


class Ground:
    """A database of days of check-ins, and a connection that searches as the server does."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg2.connect(url)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.cursor.execute("SET max_parallel_workers_per_gather = 0; SELECT pg_backend_pid()")
        self._pid = self.cursor.fetchone()[0]

    def fill(self, days: list[datetime], sites: int, people: int) -> float:
        """Make the days, the last first; seconds it took."""
        began = time.monotonic()
        amounts = {"sites": sites, "people": people}
        self.cursor.execute("SELECT setseed(0.35)")
        self.cursor.execute(_SITES, amounts)
        self.cursor.execute(_PEOPLE, amounts)
        for day in days:
            for near in (-1, 0, 1):
                around = (day + timedelta(near)).date()
                self.cursor.execute("SELECT private.make_check_in_day(%s)", (around,))
            self.cursor.execute(_DAY, {**amounts, "day": day})
        self.cursor.execute("VACUUM ANALYZE private.check_in, private.person")
        return time.monotonic() - began

    def sought(self, day: datetime) -> dict[str, str]:
        """Persons who were at places of several sizes."""
        self.cursor.execute(_SOUGHT, {"day": day})
        return dict(self.cursor.fetchall())

    def search(self, person: str, days: int, until: datetime, orders: int) -> Took:
        """One search as the product does it; nothing of it stays."""
        self.connection.autocommit = False
        try:
            values = (person, until - timedelta(days=days), until, orders)
            self.cursor.execute(_REQUEST, values)
            (request,) = self.cursor.fetchone()
            began, cpu = time.monotonic(), self._cpu()
            self.cursor.execute(_RUN, (request,))
            found = self.cursor.fetchone()[0]
            took = time.monotonic() - began
            return Took(took, self._cpu() - cpu, found["first"], found["second"])
        finally:
            self.connection.rollback()
            self.connection.autocommit = True

    def keep(self) -> tuple[float, int]:
        """Make the table of visits; seconds it took, and its bytes with indexes."""
        began = time.monotonic()
        self.cursor.execute(_KEPT)
        took = time.monotonic() - began
        self.cursor.execute("SELECT pg_total_relation_size('private.bench_visit')")
        return took, self.cursor.fetchone()[0]

    def search_kept(self, person: str, days: int, until: datetime) -> Took:
        """The first order, in visits that are kept; who, without what is told of them."""
        began, cpu = time.monotonic(), self._cpu()
        self.cursor.execute(_KEPT_FIRST, (person, until - timedelta(days=days), until))
        first = self.cursor.fetchone()[0]
        return Took(time.monotonic() - began, self._cpu() - cpu, first, 0)

    def _cpu(self) -> float:
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(ground: Ground, lengths: list[int], until: datetime, console: Console) -> bool:
    """Search for each kind of person; whether a day's first and second order are under the goal."""
    table = Table("who", "days", "order", "found", "seconds", "of the processor", box=None)
    met = True
    for kind, person in ground.sought(until - timedelta(days=1)).items():
        for days in lengths:
            for orders in (1, 2):
                took = ground.search(person, days, until, orders)
                found = f"{took.first:,}" + (f" and {took.second:,}" if orders == 2 else "")
                numbers = (f"{took.wall:.2f}", f"{took.cpu:.2f}")
                table.add_row(kind, str(days), str(orders), found, *numbers)
                met = met and (days > 1 or took.wall < GOAL_S)
    console.print(table)
    return met


def compare(ground: Ground, lengths: list[int], until: datetime, console: Console) -> None:
    """The other shape: visits that are kept."""
    seconds, size = ground.keep()
    console.print(f"visits kept: made in {seconds:.0f} s, {size / 1e6:,.0f} MB")
    table = Table("who", "days", "found", "seconds", "of the processor", box=None)
    for kind, person in ground.sought(until - timedelta(days=1)).items():
        for days in lengths:
            took = ground.search_kept(person, days, until)
            table.add_row(kind, str(days), f"{took.first:,}", f"{took.wall:.2f}", f"{took.cpu:.2f}")
    console.print(table)


def main(
    days: Annotated[int, typer.Option(help="Days of check-ins.", min=1, max=21)] = 1,
    people: Annotated[
        int, typer.Option(help="A quarter of a day's check-ins.", min=1000)
    ] = 200_000,
    sites: Annotated[int, typer.Option(help="Control points.", min=100, max=100_000)] = 3_000,
    kept: Annotated[bool, typer.Option(help="Measure visits that are kept, too.")] = False,
    strict: Annotated[bool, typer.Option(help="Exit status 3 if the goal is missed.")] = False,
) -> None:
    """Measure searches for contacts, on this machine alone."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    until = datetime.now(UTC).replace(hour=17, minute=0, second=0, microsecond=0)
    made = [until - timedelta(days=back + 1) for back in range(days)]
    lengths = sorted({one for one in LENGTHS if one < days} | {days})
    try:
        with TemporaryDirectory(prefix="dieuhanh-bench-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            folder.chmod(0o755)
            cluster = Cluster(folder, durable=True, die_with_parent=True)
            try:
                cluster.start()
                url = create_database(cluster, "bench")
                migrate(url, lambda step: None)
                ground = Ground(url)
                console.print(
                    f"{days * people * 4:,} check-ins in {ground.fill(made, sites, people):.0f} s"
                )
                met = measure(ground, lengths, until, console)
                if kept:
                    compare(ground, lengths, until, console)
                ground.connection.close()
            finally:
                cluster.remove()
    except (ClusterError, psycopg2.Error) as error:
        console.print(f"bench: {error}", markup=False, soft_wrap=True)
        sys.exit(1)
    sys.exit(3 if strict and not met else 0)


if __name__ == "__main__":
    typer.run(main)
