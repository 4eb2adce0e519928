"""SQL that makes one vector tile: a row with one column, the MVT bytes (or NULL when empty).

Mapbox Vector Tile 2.1, extent 4096. Points are found by a space-filling key: the columns `tile_x`,
`tile_y` hold a point's place on a grid of 2^30 by 2^30 cells over WebMercatorQuad (3.7 cm at the
equator), and `tile_key` interleaves their bits (Morton order). A tile of that set is one range of
keys, so its edges are half-open and exact: every point lies in one tile of a zoom, never in two.
"""

from __future__ import annotations

from spatial.mvt_degrees import degree_points
from spatial.mvt_parts import (
    BUFFER,
    CELL_BITS,
    CLUSTER_LIMIT,
    OVERVIEW_MAX_ZOOM,
    OVERVIEW_REACH,
    SHAPE_LIMIT,
    also,
    as_mvt,
    by_index,
    counted,
    double,
    grid_point,
    integer,
    key_range,
    ledger_level,
    ledger_or_rows,
    long,
    properties,
    rows_or_cells,
)
from spatial.mvt_parts import EXTENT as EXTENT
from spatial.mvt_parts import GRID_BITS as GRID_BITS
from spatial.mvt_parts import LEDGER_LEVELS as LEDGER_LEVELS
from spatial.mvt_parts import TileSource as TileSource
from spatial.mvt_parts import morton as morton
from spatial.sql import Sql, bind, quote, sql
from spatial.tiles import WEB_MERCATOR_QUAD, Tile, TileMatrixSet


def tile_sql(
    source: TileSource,
    tile_matrix_set: TileMatrixSet,
    tile: Tile,
    *,
    limit: int = CLUSTER_LIMIT,
    where: Sql | None = None,
) -> Sql:
    """The statement that renders a tile in one round trip.

    Args:
        limit: more points than this become clusters with the property `n`.
        where: a condition on the table's columns; clusters are then counted on the fly.

    Raises:
        ValueError: the set has no such tile.
    """
    if not tile_matrix_set.holds(tile):
        raise ValueError(f"{tile_matrix_set.id} has no tile {tile.z}/{tile.row}/{tile.col}")
    mercator = tile_matrix_set is WEB_MERCATOR_QUAD
    if source.points:
        return (_mercator_points if mercator else degree_points)(source, tile, limit, where)
    if mercator and source.overview is not None and tile.z <= OVERVIEW_MAX_ZOOM:
        return _overview(source, tile, where)
    return _shapes(source, tile_matrix_set, tile, where)


def _mercator_points(source: TileSource, tile: Tile, limit: int, where: Sql | None) -> Sql:
    if where is not None and by_index(source, where):
        return _filtered_points(source, tile, limit, where)
    held = sql("tile_key >= {} AND tile_key < {}", *key_range(tile, GRID_BITS)) + also(where)
    rows = sql(
        f"SELECT {{}} AS geom{properties(source)} FROM {source.table} WHERE {{}}",
        grid_point(tile, "tile_x", "tile_y"),
        held,
    )
    point = grid_point(tile, "x", "y")
    level = ledger_level(tile.z)
    if source.ledger is not None and where is None and level is not None:
        cells = sql(
            "SELECT sum(n) AS n,"
            " (sum(sum_x) / sum(n))::int4 AS x, (sum(sum_y) / sum(n))::int4 AS y"
            f" FROM {source.ledger} WHERE level = {{}} AND key >= {{}} AND key < {{}}"
            " GROUP BY key >> {} HAVING sum(n) > 0",
            bind(level, "int2"),
            *key_range(tile, level),
            integer(2 * (level - tile.z - CELL_BITS)),
        )
        return ledger_or_rows(source, limit, cells, rows, point)
    if where is None:
        cells = sql(
            "SELECT n, (sum_x / n)::int4 AS x, (sum_y / n)::int4 AS y FROM {} WHERE n > 0",
            _cells(source, tile, None),
        )
    else:
        cells = sql(
            "SELECT count(*) AS n, avg(tile_x)::int4 AS x, avg(tile_y)::int4 AS y"
            f" FROM {source.table} WHERE {{}} GROUP BY tile_key >> {{}}",
            held,
            integer(2 * (GRID_BITS - tile.z - CELL_BITS)),
        )
    return rows_or_cells(source, limit, rows, cells, point)


def _cells(source: TileSource, tile: Tile, where: Sql | None, begin: str = "cell << {}") -> Sql:
    """FROM of a tile's cluster cells, each counted by itself."""
    key, shift = morton(tile.col, tile.row), integer(2 * (GRID_BITS - tile.z - CELL_BITS))
    held = sql(f"tile_key >= {begin} AND tile_key < (cell + 1) << {{}}", shift, shift)
    return sql(
        "generate_series({}, {}) AS cell, LATERAL ({}) AS counted",
        long(key << 2 * CELL_BITS),
        long(((key + 1) << 2 * CELL_BITS) - 1),
        counted(source, held, where),
    )


def _filtered_points(source: TileSource, tile: Tile, limit: int, where: Sql) -> Sql:
    """Points under a condition that the index answers: no entry of it is read twice.

    The first points in the order of their keys are enough, or the clusters are counted from
    where those end.
    """
    mvt = as_mvt(source)
    columns = "".join(f", {quote(name)}" for name, _ in source.properties)
    first = sql(
        f"SELECT tile_key, tile_x, tile_y{properties(source)} FROM {source.table}"
        " WHERE tile_key >= {} AND tile_key < {}{} ORDER BY tile_key LIMIT {}",
        *key_range(tile, GRID_BITS),
        also(where),
        long(limit + 1),
    )
    cells = sql(
        "SELECT sum(n) AS n, (sum(x) / sum(n))::int4 AS x, (sum(y) / sum(n))::int4 AS y FROM"
        " (SELECT tile_key >> {} AS cell, 1 AS n, tile_x::float8 AS x, tile_y::float8 AS y"
        " FROM first WHERE tile_key < final UNION ALL SELECT cell, n, sum_x, sum_y FROM {}) AS c"
        " GROUP BY cell HAVING sum(n) > 0",
        integer(2 * (GRID_BITS - tile.z - CELL_BITS)),
        _cells(source, tile, where, "greatest(cell << {}, final)"),
    )
    return sql(
        "WITH first AS MATERIALIZED ({}),"
        " found AS MATERIALIZED (SELECT count(*) AS total, max(tile_key) AS final FROM first)"
        f" SELECT CASE WHEN total <= {{}} THEN (SELECT {mvt} FROM"
        f" (SELECT {{}} AS geom{columns} FROM first) t)"
        f" ELSE (SELECT {mvt} FROM (SELECT {{}} AS geom, n FROM ({{}}) c) t) END FROM found",
        first,
        integer(limit),
        grid_point(tile, "tile_x", "tile_y"),
        grid_point(tile, "x", "y"),
        cells,
    )


def _overview(source: TileSource, tile: Tile, where: Sql | None) -> Sql:
    """Shapes simplified ahead of time: moved into place, and cut where they reach far out.

    Cutting costs more than all the rest, so a shape that stays within `OVERVIEW_REACH` of the
    tile is carried whole; it also keeps its label in one place.
    """
    left, top = overview_origin(tile)

    def box(reach: int) -> Sql:
        corners = (left - reach, top - reach, left + EXTENT + reach, top + EXTENT + reach)
        return sql("ST_MakeEnvelope({}, {}, {}, {})", *(double(value) for value in corners))

    return sql(
        f"SELECT {as_mvt(source)} FROM (SELECT ST_Translate(CASE WHEN shape @ {{}} THEN shape"
        # The cut turns rings over; exterior ones run clockwise on the screen (MVT 2.1, 4.3.4.4).
        " ELSE ST_ForcePolygonCCW(ST_ClipByBox2D(shape, {})) END, {}, {})"
        f" AS geom{properties(source)}"
        f" FROM {source.overview} JOIN {source.table} ON {quote(source.id_column)} = shape_of"
        " WHERE shape_zoom = {} AND shape && {}{} LIMIT {}) t WHERE NOT ST_IsEmpty(geom)",
        box(OVERVIEW_REACH),
        box(BUFFER),
        double(-left),
        double(-top),
        bind(tile.z, "int2"),
        box(BUFFER),
        also(where),
        integer(SHAPE_LIMIT),
    )


def overview_origin(tile: Tile) -> tuple[int, int]:
    """Where a tile's top left corner lies in the overview's units.

    The units are those of the zoom's tiles, rows downwards. Each zoom lies beside the others,
    as far to the east as it is wide, so that one spatial index serves all zooms.
    """
    return EXTENT * ((1 << tile.z) + tile.col), EXTENT * tile.row


def _shapes(
    source: TileSource, tile_matrix_set: TileMatrixSet, tile: Tile, where: Sql | None
) -> Sql:
    west, south, east, north = tile_matrix_set.bounds(tile)
    mercator = tile_matrix_set is WEB_MERCATOR_QUAD
    column = "geom_3857" if mercator else quote(source.geometry)
    margin = (east - west) * BUFFER / EXTENT

    def envelope(by: float) -> Sql:
        corners = (west - by, south - by, east + by, north + by)
        template = f"ST_MakeEnvelope({{}}, {{}}, {{}}, {{}}, {tile_matrix_set.srid})"
        return sql(template, *(double(value) for value in corners))

    return sql(
        f"SELECT {as_mvt(source)} FROM (SELECT ST_AsMVTGeom(ST_ClipByBox2D({column}, {{}}),"
        f" {{}}, {EXTENT}, {BUFFER}) AS geom{properties(source)} FROM {source.table}"
        f" WHERE {column} && {{}}{{}} LIMIT {{}}) t WHERE geom IS NOT NULL",
        # Twice the margin, so that the cut itself stays out of the tile.
        envelope(2 * margin),
        envelope(0),
        envelope(margin),
        also(where),
        integer(SHAPE_LIMIT),
    )
