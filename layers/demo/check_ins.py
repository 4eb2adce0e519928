"""Some days of synthetic check-ins: people who go to work past a checkpoint, and come back."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg2.extras import execute_values

from layers.demo.geography import KM_PER_DEGREE

PEOPLE = 1400
DAYS = 4
WAYS = 60
"""Ways that people take: a checkpoint, and where they go past it."""
DECLARED = 0.94
GOES_OUT = 0.75
NEAR = 4

_SITES = """
SELECT s.site, ST_X(g.geom), ST_Y(g.geom), s.layer FROM private.check_in_site AS s JOIN (
  SELECT 'checkpoints' AS layer, id, geom FROM layer.checkpoints WHERE state <> 'closed'
  UNION ALL SELECT 'control_points', id, geom FROM layer.control_points WHERE state = 'active'
) AS g USING (layer, id) ORDER BY s.site
"""
_HOURS = """
INSERT INTO private.check_in_hour (site, hour, n_in, n_out, declared)
SELECT site, date_trunc('hour', at), count(*) FILTER (WHERE direction = 'in'),
  count(*) FILTER (WHERE direction = 'out'), count(*) FILTER (WHERE declared)
FROM private.check_in GROUP BY 1, 2
"""
_TODAY = """
UPDATE layer.{table} AS t
SET in_today = n.n_in, out_today = n.n_out, updated_at = %s FROM (
  SELECT site, sum(n_in) AS n_in, sum(n_out) AS n_out FROM private.check_in_hour
  WHERE hour >= %s GROUP BY site
) AS n WHERE n.site = t.id * 2 + {odd}
"""


def check_in(cursor: Any, rng: np.random.Generator, until: datetime) -> int:
    """Write the check-ins of the days up to `until`, in place of all there are.

    The sites have just been replaced, so who was at them before is gone.

    Args:
        rng: the only source of chance.
        until: an instant in the province's time zone.

    Returns:
        How many there are.
    """
    cursor.execute("DELETE FROM private.check_in; DELETE FROM private.check_in_hour")
    cursor.execute("DELETE FROM private.check_in_added; DELETE FROM private.check_in_day")
    cursor.execute(_SITES)
    ways = _ways(rng, cursor.fetchall())
    if not len(ways):
        return 0
    people = [_uuid(rng) for _ in range(PEOPLE)]
    execute_values(
        cursor,
        "INSERT INTO private.person (id, name) VALUES %s ON CONFLICT (id) DO NOTHING",
        [(str(one), f"Người dân mô phỏng {n:04d}") for n, one in enumerate(people, 1)],
    )
    # A few ways have most of the people.
    weight = 1 / np.arange(1, len(ways) + 1)
    taken = ways[rng.choice(len(ways), PEOPLE, p=weight / weight.sum())]
    rows = [row for day in range(DAYS) for row in _day(rng, people, taken, until, day)]
    for back in range(DAYS + 1):
        cursor.execute("SELECT private.make_check_in_day(%s)", ((until - timedelta(back)).date(),))
    execute_values(
        cursor,
        "INSERT INTO private.check_in (at, id, site, direction, person_id, how, declared,"
        " recorded_at) VALUES %s",
        rows,
        page_size=5000,
    )
    cursor.execute(_HOURS)
    midnight = datetime.combine(until.date(), time.min, until.tzinfo)
    for odd, table in enumerate(("checkpoints", "control_points")):
        cursor.execute(_TODAY.format(table=table, odd=odd), (until, midnight))
    cursor.execute("SELECT private.settle_check_ins(%s)", (str(until.tzinfo),))
    return len(rows)


def _ways(rng: np.random.Generator, sites: list[tuple[int, float, float, str]]) -> NDArray[Any]:
    """Pairs of a checkpoint and one of the control points that are nearest to it."""
    passed = [site for site in sites if site[3] == "checkpoints"]
    gone_to = [site for site in sites if site[3] == "control_points"]
    if not passed or not gone_to:
        return np.empty((0, 2), np.int64)
    where = np.array([site[1:3] for site in gone_to])
    pairs = []
    for index in rng.permutation(len(passed))[:WAYS]:
        site, lon, lat, _ = passed[index]
        away = np.hypot((where[:, 0] - lon) * np.cos(np.radians(lat)), where[:, 1] - lat)
        near = np.argsort(away * KM_PER_DEGREE, kind="stable")[:NEAR]
        pairs.append((site, gone_to[int(rng.choice(near))][0]))
    return np.array(pairs, np.int64)


def _day(
    rng: np.random.Generator,
    people: list[UUID],
    taken: NDArray[Any],
    until: datetime,
    back: int,
) -> list[tuple[Any, ...]]:
    """The check-ins of one day: in past the checkpoint, in, out, and out past it again."""
    midnight = datetime.combine((until - timedelta(back)).date(), time.min, until.tzinfo)
    goes = rng.random(PEOPLE) < GOES_OUT
    leaves = rng.normal(7 * 60, 45, PEOPLE)
    way = rng.uniform(10, 50, PEOPLE)
    stays = rng.normal(8.5 * 60, 70, PEOPLE).clip(20)
    declared = rng.random(PEOPLE) < DECLARED
    rows = []
    for index in np.flatnonzero(goes):
        minutes = leaves[index] + np.array([0, way[index], way[index] + stays[index]])
        steps = (
            (minutes[0], 0, "in"),
            (minutes[1], 1, "in"),
            (minutes[2], 1, "out"),
            (minutes[2] + way[index], 0, "out"),
        )
        for minute, place, direction in steps:
            one, at = _uuid(rng), midnight + timedelta(seconds=int(minute * 60))
            if at >= until:
                continue
            how = "self_scan" if place else "officer_scan"
            rows.append(
                (at, str(one), int(taken[index, place]), direction, str(people[index]), how,
                 bool(declared[index]), at)
            )  # fmt: skip
    return rows


def _uuid(rng: np.random.Generator) -> UUID:
    return UUID(bytes=rng.bytes(16), version=4)
