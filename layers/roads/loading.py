"""The graph, made in the database from roads: split where they meet, ends snapped together.

Plain PostGIS: pgRouting's own topology functions are deprecated, and are not needed to load. Roads
meet where they share a vertex (as in OpenStreetMap, where a bridge shares none with what is below
it); ends within the tolerance of each other are one node.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
import sqlalchemy as sa

from layers.roads.reading import Road

_MAKE = (
    "CREATE TEMP TABLE vertex ON COMMIT DROP AS"
    " SELECT r.id AS road, p.path[1] AS n, p.geom"
    " FROM new_road AS r, ST_DumpPoints(ST_RemoveRepeatedPoints(r.geom)) AS p",
    # A junction ends one part and begins the next.
    """
    CREATE TEMP TABLE split ON COMMIT DROP AS
      WITH shared AS (
        SELECT geom FROM vertex GROUP BY geom HAVING count(*) > 1
      ), marked AS (
        SELECT v.road, v.n, v.geom, s.geom IS NOT NULL AND v.n > 1 AS is_junction
        FROM vertex AS v LEFT JOIN shared AS s ON s.geom = v.geom
      ), numbered AS (
        SELECT road, n, geom, is_junction,
          count(*) FILTER (WHERE is_junction) OVER (
            PARTITION BY road ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS after
        FROM marked
      ), placed AS (
        SELECT road, n, geom, after AS part FROM numbered
        UNION ALL
        SELECT road, n, geom, after - 1 FROM numbered WHERE is_junction
      ), joined AS (
        SELECT road, part, ST_MakeLine(geom ORDER BY n) AS geom
        FROM placed GROUP BY road, part HAVING count(*) > 1
      )
      SELECT row_number() OVER (ORDER BY j.road, j.part) AS id, r.kmh, r.direction, j.geom,
        ST_Transform(j.geom, {srid}) AS metric
      FROM joined AS j JOIN new_road AS r ON r.id = j.road
    """,
    """
    CREATE TEMP TABLE ending ON COMMIT DROP AS
      SELECT edge, is_start, geom,
        ST_ClusterDBSCAN(geom, {tolerance}, 1) OVER () + 1 AS node
      FROM (SELECT id AS edge, true AS is_start, ST_StartPoint(metric) AS geom FROM split
        UNION ALL SELECT id, false, ST_EndPoint(metric) FROM split) AS both_ends
    """,
    "CREATE INDEX ON ending (edge, is_start)",
    "ANALYZE split",
    "ANALYZE ending",
    "TRUNCATE road.edge, road.node, road.graph",
    "INSERT INTO road.node (id, geom)"
    " SELECT node, ST_Centroid(ST_Collect(geom)) FROM ending GROUP BY node",
    # What comes back to where it began is on no quickest way.
    """
    INSERT INTO road.edge (id, source, target, length_m, cost, reverse_cost, geom)
      SELECT s.id, a.node, b.node, m.metres,
        CASE WHEN s.direction >= 0 THEN m.minutes ELSE -1 END,
        CASE WHEN s.direction <= 0 THEN m.minutes ELSE -1 END, s.geom
      FROM split AS s
      JOIN ending AS a ON a.edge = s.id AND a.is_start
      JOIN ending AS b ON b.edge = s.id AND NOT b.is_start
      CROSS JOIN LATERAL (SELECT ST_Length(s.metric) AS metres,
        ST_Length(s.metric) / 1000 / s.kmh * 60 AS minutes) AS m
      WHERE a.node <> b.node AND m.metres > 0
    """,
    "INSERT INTO road.graph (srid, tolerance_m) VALUES ({srid}, {tolerance})",
    "ANALYZE road.edge",
    "ANALYZE road.node",
)


@dataclass(frozen=True, slots=True)
class Graph:
    """What was made, and whether ways can be found on it."""

    edges: int
    nodes: int
    has_routing: bool


def load(connection: sa.Connection, roads: Sequence[Road], srid: int, tolerance_m: float) -> Graph:
    """Put a new graph in the place of the one before; the caller commits.

    Args:
        connection: a connection that owns the tables.
        srid: the EPSG code of a projected system in metres.
        tolerance_m: metres within which ends of roads are one node.
    """
    _copy(connection, roads)
    for statement in _MAKE:
        text = statement.format(srid=int(srid), tolerance=float(tolerance_m))
        connection.exec_driver_sql(text.replace("%", "%%"))
    counted = "SELECT (SELECT count(*) FROM road.edge), (SELECT count(*) FROM road.node)"
    edges, nodes = connection.exec_driver_sql(counted).one()
    return Graph(edges, nodes, _has_routing(connection))


def _copy(connection: sa.Connection, roads: Sequence[Road]) -> None:
    connection.exec_driver_sql(
        "CREATE TEMP TABLE new_road (id bigint PRIMARY KEY, kmh float8, direction integer,"
        " geom geometry) ON COMMIT DROP"
    )
    lines = shapely.set_srid([road.shape for road in roads], 4326)
    written = shapely.to_wkb(lines, hex=True, include_srid=True)
    text = "".join(
        f"{number}\t{road.kmh!r}\t{road.direction}\t{shape}\n"
        for number, (road, shape) in enumerate(zip(roads, written, strict=True), 1)
    )
    raw = connection.connection.cursor()
    raw.copy_expert("COPY new_road FROM STDIN", io.StringIO(text))
    connection.exec_driver_sql("ANALYZE new_road")


def _has_routing(connection: sa.Connection) -> bool:
    """Whether pgRouting is in the database, after adding it where the server has it."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pgrouting SCHEMA public")
    except sa.exc.DBAPIError:
        # Not installed on the server, or not this account's to add.
        return False
    return True
