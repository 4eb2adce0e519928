"""`python -m bench.tracing`: contacts searched in days of check-ins, by two ways of keeping visits.

`events` is the product's: visits are made of check-ins when somebody searches. `kept` is what it
would be with a table of visits beside the check-ins, with the index that serves it best; what that
table costs to make is told too. PostgreSQL has this machine to itself.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from uuid import UUID

import psycopg2
import typer
from psycopg2.extras import register_uuid
from rich.console import Console
from rich.table import Table

from api.cli.database import create_database
from api.cluster import Cluster
from api.postgresql import ClusterError
from bench.live import quantile
from layers.migrate import migrate

GOAL_S = 2.0
WITHIN = "-15 minutes"
STAY = "14 hours"
DWELL = "1 hour"
MOST = 2000

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
_SEARCH = """
SELECT everyone, kept, kept_since FROM private.trace_order(
  jsonb_populate_record(NULL::private.trace_request, jsonb_build_object('id', %(request)s,
    'until', %(until)s::timestamptz, 'least_s', -900)),
  %(nth)s, %(seeds)s::uuid[], %(sinces)s::timestamptz[], %(known)s::uuid[], %(stay)s, %(dwell)s,
  %(most)s, 20)
"""
