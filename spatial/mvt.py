"""SQL that makes one vector tile: a row with one column, the MVT bytes (or NULL when empty).

Mapbox Vector Tile 2.1, extent 4096. Points are found by a space-filling key: the columns `tile_x`,
`tile_y` hold a point's place on a grid of 2^30 by 2^30 cells over WebMercatorQuad (3.7 cm at the
equator), and `tile_key` interleaves their bits (Morton order). A tile of that set is one range of
keys, so its edges are half-open and exact: every point lies in one tile of a zoom, never in two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from spatial.mvt_degrees import degree_points
from spatial.mvt_parts import (
    BUFFER,
    CELL_BITS,
    OVERVIEW_MAX_ZOOM,
    SHAPE_LIMIT,
    also,
    as_mvt,
    by_index,
    cluster_limit,
    counted,
    double,
    grid_point,
    integer,
    key_bounds,
    key_range,
    ledger_level,
    ledger_or_rows,
    properties,
    rows_or_cells,
)
from spatial.mvt_parts import EXTENT as EXTENT
from spatial.mvt_parts import LEDGER_LEVELS as LEDGER_LEVELS
from spatial.mvt_parts import TileSource as TileSource
from spatial.sql import Sql, bind, quote, raw, sql
from spatial.tiles import WEB_MERCATOR_QUAD, Tile, TileMatrixSet
from spatial.zorder import GRID_BITS

Numbers = tuple[tuple[int | float, str], ...]
"""What tells one tile of a zoom from another: values and their PostgreSQL types."""


def tile_sql(
    source: TileSource,
    tile_matrix_set: TileMatrixSet,
    tile: Tile,
    *,
    limit: int | None = None,
    where: Sql | None = None,
) -> Sql:
    """The statement that renders a tile in one round trip.

    Args:
        limit: more points than this become clusters with the property `n`; by default it
            depends on the zoom.
        where: a condition on the table's columns; clusters are then counted on the fly.

    Raises:
        ValueError: the set has no such tile.
    """
    if not tile_matrix_set.holds(tile):
        raise ValueError(f"{tile_matrix_set.id} has no tile {tile.z}/{tile.row}/{tile.col}")
    limit = cluster_limit(tile.z) if limit is None else limit
    made = _numbered(source, tile_matrix_set, tile)
    if made is not None:
        make, numbers = made
        return make(source, tile.z, tuple(bind(*number) for number in numbers), limit, where)
    if source.points:
        return degree_points(source, tile, limit, where)
    return _shapes(source, tile_matrix_set, tile, where)


def tile_statement(
    source: TileSource, tile_matrix_set: TileMatrixSet, tile: Tile
) -> tuple[str, list[object]]:
    """The text and values of `tile_sql` without a condition.

    In WebMercatorQuad the text is one for all tiles of a zoom, and is composed once.
    """
    made = _numbered(source, tile_matrix_set, tile)
    if made is None:
        return tile_sql(source, tile_matrix_set, tile).render()
    make, numbers = made
    types = tuple(kind for _, kind in numbers)
    return _text(make, source, tile.z, types), [value for value, _ in numbers]


Make = Callable[[TileSource, int, Sequence[Sql], int, Sql | None], Sql]


@lru_cache(maxsize=1024)
def _text(make: Make, source: TileSource, z: int, types: tuple[str, ...]) -> str:
    places = [raw(f"${number}::{kind}") for number, kind in enumerate(types, 1)]
    return make(source, z, places, cluster_limit(z), None).render()[0]


def _numbered(
    source: TileSource, tile_matrix_set: TileMatrixSet, tile: Tile
) -> tuple[Make, Numbers] | None:
    """How a tile is made whose statement differs from others of its zoom in numbers only."""
    if tile_matrix_set is not WEB_MERCATOR_QUAD:
        return None
    if source.points:
        return _mercator_points, _point_numbers(source, tile)
    if source.overview is not None and tile.z <= OVERVIEW_MAX_ZOOM:
        return _overview, ((tile.col, "int4"), (tile.row, "int4"))
    return None


def _point_numbers(source: TileSource, tile: Tile) -> Numbers:
    shift = GRID_BITS - tile.z
    level = ledger_level(tile.z)
    numbers: Numbers = ((tile.col << shift, "int4"), (tile.row << shift, "int4"))
    numbers += key_range(tile, GRID_BITS)
    if source.ledger is not None and level is not None:
        numbers += key_range(tile, level)
    return numbers


def _mercator_points(
    source: TileSource, z: int, places: Sequence[Sql], limit: int, where: Sql | None
) -> Sql:
    col, row, first, beyond, *coarse = places
    if where is not None and by_index(source, where):
        return _filtered_points(source, z, places, limit, where)
    shift = GRID_BITS - z
    held = sql(
        f"{{}} JOIN {source.table} ON tile_key >= keys.first AND tile_key < keys.beyond{{}}",
        key_bounds(first, beyond),
        also(where),
    )
    rows = sql(
        f"SELECT {{}} AS geom{properties(source)} FROM {{}}",
        grid_point("tile_x", "tile_y", col, row, shift),
        held,
    )
    point = grid_point("x", "y", col, row, shift)
    level = ledger_level(z)
    if source.ledger is not None and where is None and level is not None:
        cells = sql(
            "SELECT sum(n) AS n,"
            " (sum(sum_x) / sum(n))::int4 AS x, (sum(sum_y) / sum(n))::int4 AS y"
            f" FROM {{}} JOIN {source.ledger} ON level = {level:d} AND key >= keys.first"
            f" AND key < keys.beyond GROUP BY key >> {2 * (level - z - CELL_BITS):d}"
            " HAVING sum(n) > 0",
            key_bounds(*coarse),
        )
        return ledger_or_rows(source, limit, cells, rows, point)
    if where is None:
        cells = sql(
            "SELECT n, (sum_x / n)::int4 AS x, (sum_y / n)::int4 AS y FROM {} WHERE n > 0",
            _cells(source, z, first, beyond, None),
        )
    else:
        cells = sql(
            "SELECT count(*) AS n, avg(tile_x)::int4 AS x, avg(tile_y)::int4 AS y"
            f" FROM {{}} GROUP BY tile_key >> {_cell_shift(z):d}",
            held,
        )
    return rows_or_cells(source, limit, held, rows, cells, point)


def _cell_shift(z: int) -> int:
    """The bits of a key below the cluster cells of a zoom."""
    return 2 * (GRID_BITS - z - CELL_BITS)


def _cells(
    source: TileSource, z: int, first: Sql, beyond: Sql, where: Sql | None, after: str = ""
) -> Sql:
    """FROM of a tile's cluster cells, each counted by itself.

    Args:
        after: an SQL name for a key; only keys from there on are counted.
    """
    shift = _cell_shift(z)
    begin = f"greatest(cell << {shift:d}, {after})" if after else f"cell << {shift:d}"
    held = raw(f"tile_key >= {begin} AND tile_key < (cell + 1) << {shift:d}")
    return sql(
        f"{{}}, generate_series(keys.first >> {shift:d}, (keys.beyond - 1) >> {shift:d}) AS cell,"
        " LATERAL ({}) AS counted",
        key_bounds(first, beyond),
        counted(source, held, where),
    )


def _filtered_points(
    source: TileSource, z: int, places: Sequence[Sql], limit: int, where: Sql
) -> Sql:
    """Points under a condition that the index answers: no entry of it is read twice.

    The first points in the order of their keys are enough, or the clusters are counted from
    where those end.
    """
    col, row, first, beyond, *_ = places
    mvt, shift = as_mvt(source), GRID_BITS - z
    columns = "".join(f", {quote(name)}" for name, _ in source.properties)
    begin = sql(
        f"SELECT tile_key, tile_x, tile_y{properties(source)} FROM {source.table}"
        f" WHERE tile_key >= {{}} AND tile_key < {{}}{{}} ORDER BY tile_key LIMIT {limit + 1:d}",
        first,
        beyond,
        also(where),
    )
    cells = sql(
        "SELECT sum(n) AS n, (sum(x) / sum(n))::int4 AS x, (sum(y) / sum(n))::int4 AS y FROM"
        f" (SELECT tile_key >> {_cell_shift(z):d} AS cell, 1 AS n,"
        " tile_x::float8 AS x, tile_y::float8 AS y"
        " FROM first WHERE tile_key < final UNION ALL SELECT cell, n, sum_x, sum_y FROM {}) AS c"
        " GROUP BY cell HAVING sum(n) > 0",
        _cells(source, z, first, beyond, where, "final"),
    )
    return sql(
        "WITH first AS MATERIALIZED ({}),"
        " found AS MATERIALIZED (SELECT count(*) AS total, max(tile_key) AS final FROM first)"
        f" SELECT CASE WHEN total <= {limit:d} THEN (SELECT {mvt} FROM"
        f" (SELECT {{}} AS geom{columns} FROM first) t)"
        f" ELSE (SELECT {mvt} FROM (SELECT {{}} AS geom, n FROM ({{}}) c) t) END FROM found",
        begin,
        grid_point("tile_x", "tile_y", col, row, shift),
        grid_point("x", "y", col, row, shift),
        cells,
    )


def _overview(
    source: TileSource, z: int, places: Sequence[Sql], limit: int, where: Sql | None
) -> Sql:
    """Shapes simplified and cut ahead of time; the few that are too large for it are cut now."""
    col, row = places
    x, y = sql(f"{EXTENT}.0 * {{}}", col), sql(f"{EXTENT}.0 * {{}}", row)
    far = EXTENT + BUFFER
    held = sql(
        f"ST_MakeEnvelope({{}} - {BUFFER}, {{}} - {BUFFER}, {{}} + {far}, {{}} + {far})", x, y, x, y
    )
    return sql(
        f"SELECT {as_mvt(source)} FROM (SELECT shape AS geom{properties(source)} FROM"
        f" (SELECT shape_of, shape FROM {source.overview}"
        f" WHERE shape_zoom = {z:d} AND tile_col = {{}} AND tile_row = {{}} UNION ALL"
        # The cut turns rings over; exterior ones run clockwise on the screen (MVT 2.1, 4.3.4.4).
        " SELECT shape_of, ST_Translate(ST_ForcePolygonCCW(ST_ClipByBox2D(shape, {})), -{}, -{})"
        f" FROM {source.overview} WHERE tile_col IS NULL AND shape_zoom = {z:d} AND shape && {{}})"
        f" AS pieces JOIN {source.table} ON {quote(source.id_column)} = shape_of"
        f" WHERE NOT ST_IsEmpty(shape){{}} LIMIT {SHAPE_LIMIT:d}) t",
        col,
        row,
        held,
        x,
        y,
        held,
        also(where),
    )


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
