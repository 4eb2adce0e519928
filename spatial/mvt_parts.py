"""What the statements of all tiles share: their source, the grid of points, clusters."""

from __future__ import annotations

from dataclasses import dataclass

from spatial.sql import Sql, bind, literal, names, quote, raw, sql
from spatial.tiles import Tile
from spatial.zorder import morton

EXTENT = 4096
"""Units along a tile's side."""

BUFFER = 64
"""Units beyond a tile's edge to which lines and areas are cut."""

CLUSTER_LIMIT = 2000
"""A tile with more points than this carries clusters instead."""

FAR_ZOOM = 10
FAR_CLUSTER_LIMIT = 150
"""The same below FAR_ZOOM, where symbols of so many points would hide one another."""

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
        overview: the table of simplified geometry, cut into tiles, quoted.
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


def key_range(tile: Tile, level: int) -> tuple[tuple[int, str], tuple[int, str]]:
    """A tile's first key at a level of the quadtree, and the first after it, with their type."""
    key, shift = morton(tile.col, tile.row), 2 * (level - tile.z)
    return (key << shift, "int8"), ((key + 1) << shift, "int8")


def key_bounds(first: Sql, beyond: Sql) -> Sql:
    """A FROM item `keys (first, beyond)`.

    As columns of a row the bounds are unknown to any plan, so PostgreSQL plans but once.
    """
    return sql("(SELECT {} AS first, {} AS beyond OFFSET 0) AS keys", first, beyond)


def grid_point(x: str, y: str, col: Sql, row: Sql, shift: int) -> Sql:
    """A point in the tile's units from expressions that give a place on the grid.

    Args:
        col, row: the grid's place of the tile's upper left corner.
        shift: the grid's bits below the tile's zoom.
    """
    return sql(
        f"ST_Point((({x} - {{}})::int8 << 12) >> {shift:d}, (({y} - {{}})::int8 << 12)"
        f" >> {shift:d})",
        col,
        row,
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


def cluster_limit(z: int) -> int:
    """How many points a tile of a zoom carries at most before it carries clusters."""
    return CLUSTER_LIMIT if z >= FAR_ZOOM else FAR_CLUSTER_LIMIT


def ledger_level(z: int) -> int | None:
    """The coarsest level kept that is no coarser than the cells of a tile; None beyond the last."""
    return next((level for level in LEDGER_LEVELS if level >= z + CELL_BITS), None)


def rows_or_cells(
    source: TileSource, limit: int, held: Sql, rows: Sql, cells: Sql, point: Sql
) -> Sql:
    """The rows if they are few enough, their clusters if not.

    PostgreSQL runs the subquery of a CASE branch only when it takes that branch; counting first
    costs the index alone.

    Args:
        held: what stands after FROM to give the tile's rows.
    """
    mvt = as_mvt(source)
    return sql(
        f"SELECT CASE WHEN (SELECT count(*) FROM (SELECT FROM {{}} LIMIT {limit + 1:d}) h)"
        f" <= {limit:d} THEN (SELECT {mvt} FROM ({{}}) t)"
        f" ELSE (SELECT {mvt} FROM (SELECT {{}} AS geom, n FROM ({{}}) c) t) END",
        held,
        rows,
        point,
        cells,
    )


def ledger_or_rows(source: TileSource, limit: int, cells: Sql, rows: Sql, point: Sql) -> Sql:
    """Clusters from counts kept ready; the rows where the counts say that they are few enough."""
    mvt = as_mvt(source)
    return sql(
        "WITH c AS MATERIALIZED ({})"
        f" SELECT CASE WHEN (SELECT sum(n) FROM c) <= {limit:d} THEN (SELECT {mvt} FROM ({{}}) t)"
        f" ELSE (SELECT {mvt} FROM (SELECT {{}} AS geom, n FROM c) t) END",
        cells,
        rows,
        point,
    )
