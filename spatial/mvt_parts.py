"""What the statements of all tiles share: their source, the grid of points, clusters."""

from __future__ import annotations

from dataclasses import dataclass

from spatial.sql import Sql, bind, literal, names, quote, raw, sql
from spatial.tiles import Tile

EXTENT = 4096
"""Units along a tile's side."""

BUFFER = 64
"""Units beyond a tile's edge to which lines and areas are cut."""

OVERVIEW_REACH = 2048
"""Units beyond a tile's edge within which a simplified shape is not worth cutting."""

CLUSTER_LIMIT = 2000
"""A tile with more points than this carries clusters instead."""

GRID_BITS = 30
CELL_BITS = 4
"""A tile has 2^4 by 2^4 cluster cells."""

LEDGER_LEVELS = (8, 12, 16)
"""The levels of the quadtree at which counts are kept ready."""

OVERVIEW_MAX_ZOOM = 12
"""The last zoom that has geometry simplified ahead of time."""

SHAPE_LIMIT = 5000
"""A tile carries no more lines or areas than this."""


@dataclass(frozen=True, slots=True)
class TileSource:
    """What the tiles of one layer are made from.

    Attributes:
        name: the name of the layer inside the tile.
        table: the table, quoted.
        properties: names and trusted SQL expressions over the table's columns.
        points: the table has `tile_key`, `tile_x` and `tile_y`.
        geometry: the geometry column in EPSG:4326; `geom_3857` stands beside it.
        id_column: the key that joins the table and its overview.
        ledger: the table of counts by cell, quoted.
        overview: the table of simplified geometry, quoted.
        covered: the columns that the index on the key holds.
    """

    name: str
    table: str
    properties: tuple[tuple[str, str], ...]
    points: bool
    geometry: str = "geom"
    id_column: str = "id"
    ledger: str | None = None
    overview: str | None = None
    covered: frozenset[str] = frozenset()


def morton(col: int, row: int) -> int:
    """The bits of a column and a row interleaved, the column's first."""
    key = 0
    for bit in range(GRID_BITS):
        key |= (col >> bit & 1) << (2 * bit) | (row >> bit & 1) << (2 * bit + 1)
    return key


def properties(source: TileSource) -> str:
    """The select list of a tile's properties, with a comma before each."""
    return "".join(f", {text} AS {quote(name)}" for name, text in source.properties)


def as_mvt(source: TileSource) -> str:
    """The aggregate that makes the tile from rows `t` with a column `geom`."""
    return f"ST_AsMVT(t, {literal(source.name)}, {EXTENT}, 'geom')"


def integer(value: int) -> Sql:
    """A bound int4."""
    return bind(value, "int4")


def long(value: int) -> Sql:
    """A bound int8."""
    return bind(value, "int8")


def key_range(tile: Tile, level: int) -> tuple[Sql, Sql]:
    """The first key of a tile at a level of the quadtree, and the first after it."""
    key, shift = morton(tile.col, tile.row), 2 * (level - tile.z)
    return long(key << shift), long((key + 1) << shift)


def grid_point(tile: Tile, x: str, y: str) -> Sql:
    """A point in the tile's units from expressions that give a place on the grid."""
    shift = GRID_BITS - tile.z
    return sql(
        f"ST_Point((({x} - {{}})::int8 << 12) >> {{}}, (({y} - {{}})::int8 << 12) >> {{}})",
        integer(tile.col << shift),
        integer(shift),
        integer(tile.row << shift),
        integer(shift),
    )


def also(where: Sql | None) -> Sql:
    """A further condition, or nothing."""
    return raw("") if where is None else sql(" AND ({})", where)


def double(value: float) -> Sql:
    """A bound float8."""
    return bind(float(value), "float8")


def by_index(source: TileSource, where: Sql | None) -> bool:
    """Whether the index on the key answers a condition without the table."""
    return where is None or names(where) <= source.covered


def counted(source: TileSource, held: Sql, where: Sql | None) -> Sql:
    """One row `n, sum_x, sum_y` of the points that hold, for a cell that is a range of keys.

    Without groups a sum costs half. A test of truth hides the condition from other indexes: it
    would be weighed against them for each of many short ranges, and far from rightly.
    """
    kept = raw("") if where is None else sql(" AND ({}) IS TRUE", where)
    return sql(
        "SELECT count(*)::int4 AS n, sum(tile_x)::float8 AS sum_x, sum(tile_y)::float8 AS sum_y"
        f" FROM {source.table} WHERE {{}}{{}}",
        held,
        kept,
    )


def ledger_level(z: int) -> int | None:
    """The coarsest level kept that is no coarser than the cells of a tile; None beyond the last."""
    return next((level for level in LEDGER_LEVELS if level >= z + CELL_BITS), None)


def rows_or_cells(source: TileSource, limit: int, rows: Sql, cells: Sql, point: Sql) -> Sql:
    """The rows if they are few enough; their clusters, counted only then, if not.

    PostgreSQL runs the subquery of a CASE branch only when it takes that branch.
    """
    mvt = as_mvt(source)
    return sql(
        f"SELECT CASE WHEN n <= {{}} THEN mvt ELSE (SELECT {mvt} FROM"
        " (SELECT {} AS geom, n FROM ({}) c) t) END"
        f" FROM (SELECT count(*) AS n, {mvt} AS mvt FROM ({{}} LIMIT {{}}) t) s",
        integer(limit),
        point,
        cells,
        rows,
        long(limit + 1),
    )


def ledger_or_rows(source: TileSource, limit: int, cells: Sql, rows: Sql, point: Sql) -> Sql:
    """Clusters from counts kept ready; the rows where the counts say that they are few enough."""
    mvt = as_mvt(source)
    return sql(
        "WITH c AS MATERIALIZED ({})"
        f" SELECT CASE WHEN (SELECT sum(n) FROM c) <= {{}} THEN (SELECT {mvt} FROM ({{}}) t)"
        f" ELSE (SELECT {mvt} FROM (SELECT {{}} AS geom, n FROM c) t) END",
        cells,
        integer(limit),
        rows,
        point,
    )
