"""Point tiles of WorldCRS84Quad, read by the keys of the WebMercatorQuad grid.

A tile of zoom z spans one column of Mercator tiles of zoom z + 1, and the rows of the grid between
its northern and its southern edge. Each edge is one row number, computed from its latitude alone,
so the tiles of a zoom share out the points without a gap or a double. Points beyond the Mercator
square have no key; the few tiles that reach there look for them by their latitude.
"""

from __future__ import annotations

import math

from spatial.mvt_parts import (
    CELL_BITS,
    EXTENT,
    LEDGER_LEVELS,
    TileSource,
    also,
    by_index,
    counted,
    double,
    integer,
    ledger_level,
    ledger_or_rows,
    long,
    properties,
    rows_or_cells,
)
from spatial.sql import Sql, bind, join, quote, sql
from spatial.tiles import MERCATOR_LATITUDE, WEB_MERCATOR_QUAD, WORLD_CRS84_QUAD, Tile
from spatial.zorder import GRID_BITS, morton

_ROWS = 1 << GRID_BITS
_LATITUDE = f"atand(sinh(pi() * (1 - (y + 0.5) / {_ROWS // 2}.0::float8)))"


def degree_points(source: TileSource, tile: Tile, limit: int, where: Sql | None) -> Sql:
    """The statement of a point tile of WorldCRS84Quad."""
    level = ledger_level(tile.z + 1)
    rows = _rows(source, tile, where)
    point = _place(tile, "x", _LATITUDE)
    if source.ledger is not None and where is None and level is not None:
        spans = _spans(tile, level)
        if spans:
            return ledger_or_rows(source, limit, _known(source, tile, spans), rows, point)
    members = (_counted if by_index(source, where) else _members)(source, tile, where)
    cells = _cells(members)
    return rows_or_cells(source, limit, sql("({}) AS r", rows), rows, cells, point)


def grid_row(latitude: float) -> int:
    """The row of the grid that begins at a latitude, clamped to the grid."""
    _, down = WEB_MERCATOR_QUAD.position(0, latitude)
    return math.floor(min(max(down, 0.0), 1.0) * _ROWS)


def _edges(tile: Tile) -> tuple[int, int]:
    """The first grid row of a tile, and the first one south of it."""
    _, south, _, north = WORLD_CRS84_QUAD.bounds(tile)
    return grid_row(north), grid_row(south)


def _latitude(row: int) -> float:
    """The latitude of a grid row's northern edge."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / _ROWS))))


def _place(tile: Tile, x: str, latitude: str) -> Sql:
    """A point in the tile's units from a place on the grid and a latitude."""
    _, south, _, north = WORLD_CRS84_QUAD.bounds(tile)
    shift = GRID_BITS - tile.z - 1
    return sql(
        f"ST_Point((({x} - {{}})::int8 << 12) >> {{}},"
        f" greatest(0, least(floor(({{}} - {latitude}) * {{}}), {EXTENT - 1})))",
        integer(tile.col << shift),
        integer(shift),
        double(north),
        double(EXTENT / (north - south)),
    )


def _keys(tile: Tile, zoom: int, first: int, end: int, level: int) -> Sql:
    """Ranges of a level's keys: the Mercator tiles of a zoom that cover rows of the tile's column.

    Args:
        first, end: grid rows, the end excluded.
    """
    wide = zoom - tile.z - 1
    columns = range(tile.col << wide, (tile.col + 1) << wide)
    rows = range(first >> (GRID_BITS - zoom), ((end - 1) >> (GRID_BITS - zoom)) + 1)
    keys = sorted(morton(column, row) for row in rows for column in columns)
    shift = 2 * (level - zoom)
    return sql(
        "unnest({}, {}) AS tile_range (tile_low, tile_high)",
        bind([key << shift for key in keys], "int8[]"),
        bind([(key + 1) << shift for key in keys], "int8[]"),
    )


def _held(source: TileSource, tile: Tile, where: Sql | None, columns: str = "") -> Sql | None:
    """FROM of the points on the grid; None where the tile lies beyond it.

    LATERAL and OFFSET 0 leave the planner one way: by the index on the key, range after range.
    """
    first, end = _edges(tile)
    if first >= end:
        return None
    return sql(
        f"FROM {{}}, LATERAL (SELECT tile_key, tile_x, tile_y{columns} FROM {source.table}"
        " WHERE tile_key >= tile_low AND tile_key < tile_high AND tile_y >= {} AND tile_y < {}{}"
        " OFFSET 0) AS held",
        _keys(tile, tile.z + 1, first, end, GRID_BITS),
        integer(first),
        long(end),
        also(where),
    )


def _beyond(source: TileSource, tile: Tile, where: Sql | None) -> Sql | None:
    """FROM and WHERE of the points that have no key; None for a tile within the grid."""
    _, south, _, north = WORLD_CRS84_QUAD.bounds(tile)
    if south > -MERCATOR_LATITUDE and north < MERCATOR_LATITUDE:
        return None
    y, shift = f"ST_Y({quote(source.geometry)})", GRID_BITS - tile.z - 1
    return sql(
        f"FROM {source.table} WHERE tile_key IS NULL AND tile_x >= {{}} AND tile_x < {{}}"
        f" AND {y} > {{}} AND {y} <= {{}}{{}}",
        integer(tile.col << shift),
        long((tile.col + 1) << shift),
        # The last row holds the pole itself.
        double(south if south > -90 else math.nextafter(-90.0, -math.inf)),
        double(north),
        also(where),
    )


def _rows(source: TileSource, tile: Tile, where: Sql | None) -> Sql:
    pieces = []
    columns = properties(source)
    held, beyond = _held(source, tile, where, columns), _beyond(source, tile, where)
    if held is not None:
        place = _place(tile, "tile_x", _LATITUDE.replace("(y ", "(tile_y "))
        names = "".join(f", {quote(name)}" for name, _ in source.properties)
        pieces.append(sql(f"SELECT {{}} AS geom{names} {{}}", place, held))
    if beyond is not None:
        place = _place(tile, "tile_x", f"ST_Y({quote(source.geometry)})")
        pieces.append(sql(f"SELECT {{}} AS geom{columns} {{}}", place, beyond))
    return join(" UNION ALL ", pieces)


def _members(source: TileSource, tile: Tile, where: Sql | None) -> Sql:
    """Rows `key, n, sum_x, sum_y`, one for each point; those without a key have a negative one."""
    shift = GRID_BITS - tile.z - 1 - CELL_BITS
    columns = "1 AS n, tile_x::float8 AS sum_x, tile_y::float8 AS sum_y"
    pieces = []
    held, beyond = _held(source, tile, where), _beyond(source, tile, where)
    if held is not None:
        key = sql("SELECT tile_key >> {} AS key", integer(2 * shift))
        pieces.append(sql(f"{{}}, {columns} {{}}", key, held))
    if beyond is not None:
        pieces.append(_without_key(beyond, shift))
    return join(" UNION ALL ", pieces)


def _counted(source: TileSource, tile: Tile, where: Sql | None) -> Sql:
    """The same, one row for each cell of the grid and each point without a key."""
    shift = GRID_BITS - tile.z - 1 - CELL_BITS
    first, end = _edges(tile)
    pieces = []
    if first < end:
        held = sql(
            "tile_key >= tile_low AND tile_key < tile_high AND tile_y >= {} AND tile_y < {}",
            integer(first),
            long(end),
        )
        pieces.append(
            sql(
                "SELECT tile_low >> {} AS key, n, sum_x, sum_y FROM {}, LATERAL ({}) AS counted",
                integer(2 * shift),
                _keys(tile, tile.z + 1 + CELL_BITS, first, end, GRID_BITS),
                counted(source, held, where),
            )
        )
    beyond = _beyond(source, tile, where)
    if beyond is not None:
        pieces.append(_without_key(beyond, shift))
    return join(" UNION ALL ", pieces)


def _without_key(beyond: Sql, shift: int) -> Sql:
    return sql(
        "SELECT (-1 - (tile_x >> {}))::int8 AS key,"
        " 1 AS n, tile_x::float8 AS sum_x, tile_y::float8 AS sum_y {}",
        integer(shift),
        beyond,
    )


def _cells(members: Sql) -> Sql:
    return sql(
        "SELECT sum(n) AS n, (sum(sum_x) / sum(n))::int4 AS x, sum(sum_y) / sum(n) AS y"
        " FROM ({}) AS member GROUP BY key HAVING sum(n) > 0",
        members,
    )


def _spans(tile: Tile, level: int) -> list[tuple[int, int, int]]:
    """Rows of the tile that whole cells of the ledger cover: `level, first, end`.

    The coarsest cells come first; what the tile's edges cut of them is covered by finer cells.
    """
    first, end = _edges(tile)
    inner: tuple[int, int] | None = None
    spans: list[tuple[int, int, int]] = []
    for finer in (each for each in LEDGER_LEVELS if each >= level):
        height = 1 << (GRID_BITS - finer)
        top, bottom = -(-first // height) * height, end // height * height
        if top >= bottom:
            continue
        if inner is None:
            spans.append((finer, top, bottom))
        else:
            spans += [(finer, top, inner[0]), (finer, inner[1], bottom)]
        inner = (top, bottom)
    return [span for span in spans if span[1] < span[2]]


def _known(source: TileSource, tile: Tile, spans: list[tuple[int, int, int]]) -> Sql:
    """Clusters from the ledger, with the points that the tile's edges cut off the finest cells."""
    pieces = [_span(source, tile, *span, widest=spans[0][0]) for span in spans]
    first, end = _edges(tile)
    top, bottom = min(span[1] for span in spans), max(span[2] for span in spans)
    for begin, until in ((first, top), (bottom, end)):
        if begin < until:
            pieces.append(_strip(source, tile, begin, until))
    beyond = _beyond(source, tile, None)
    if beyond is not None:
        pieces.append(
            sql("SELECT -1 - (tile_x >> 16)::int8, 1, tile_x::float8, tile_y::float8 {}", beyond)
        )
    return _cells(join(" UNION ALL ", pieces))


def _span(source: TileSource, tile: Tile, level: int, first: int, end: int, *, widest: int) -> Sql:
    # A strip of finer cells lies within one row of the next coarser ones: look only there.
    zoom = tile.z + 1
    if level != widest:
        zoom = max(zoom, LEDGER_LEVELS[LEDGER_LEVELS.index(level) - 1])
    return sql(
        "SELECT key >> {} AS key, n, sum_x, sum_y FROM {}, LATERAL (SELECT key,"
        " sum(n)::int4 AS n, sum(sum_x) AS sum_x, sum(sum_y) AS sum_y"
        f" FROM {source.ledger} WHERE level = {{}} AND key >= tile_low AND key < tile_high"
        " GROUP BY key HAVING sum(n) > 0 OFFSET 0) AS cell"
        " WHERE sum_y >= {}::float8 * n AND sum_y < {}::float8 * n",
        integer(2 * (level - tile.z - 1 - CELL_BITS)),
        _keys(tile, zoom, first, end, level),
        bind(level, "int2"),
        long(first),
        long(end),
    )


def _strip(source: TileSource, tile: Tile, first: int, end: int) -> Sql:
    """Points one by one between two rows of the grid, found by the index on the geometry."""
    west, _, east, _ = WORLD_CRS84_QUAD.bounds(tile)
    shift, margin = GRID_BITS - tile.z - 1, 1e-6
    box = (west, _latitude(end) - margin, east, _latitude(first) + margin)
    return sql(
        "SELECT tile_key >> {}, 1, tile_x::float8, tile_y::float8"
        f" FROM {source.table} WHERE {quote(source.geometry)} && ST_MakeEnvelope({{}}, 4326)"
        " AND tile_x >= {} AND tile_x < {} AND tile_y >= {} AND tile_y < {}",
        integer(2 * (shift - CELL_BITS)),
        join(", ", (double(value) for value in box)),
        integer(tile.col << shift),
        long((tile.col + 1) << shift),
        integer(first),
        long(end),
    )
